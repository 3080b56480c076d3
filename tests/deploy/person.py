"""Somebody with a browser: one kept-alive connection through nginx, cookies, Dash's protocol;
and a stream of people who save, of which every acknowledged save is written down."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from deploy.load_people import ROUTER, login_token
from deploy.postgres import Database
from tests.deploy.servers import Installation

JSON = "application/json"
#: refusals that say nothing about the shift itself
UNAVAILABLE = ("no room left", "does not answer")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: http.client.HTTPMessage


class Person:
    """Logged in, with the token that Dash's renderer would send."""

    def __init__(
        self, here: Installation, sap_number: str, password: str, timeout: float = 30
    ) -> None:
        self.here, self.sap_number, self.password = here, sap_number, password
        self.timeout = timeout
        self.cookies: dict[str, str] = {}
        self._connection: http.client.HTTPSConnection | None = None
        self.log_in()

    def log_in(self) -> None:
        """Through the login form. Raises ``AssertionError`` when it is refused."""
        self.cookies.clear()
        token = login_token(self.ask("GET", "/accounts/login/")[1].decode())
        form = f"sap_number={self.sap_number}&password={self.password}&csrf_token={token}"
        status, body = self.ask(
            "POST", "/accounts/login/", form.encode(), "application/x-www-form-urlencoded"
        )
        assert status == 303, (status, body[:300])
        self.ask("GET", "/dashboard/")

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = ""
    ) -> tuple[int, bytes]:
        """One request: status and body."""
        answer = self.answer(method, path, body, {"Content-Type": kind} if kind else {})
        return answer.status, answer.body

    def answer(
        self, method: str, path: str, body: bytes | None = None, more: dict[str, str] | None = None
    ) -> Answer:
        """One request; a broken connection raises ``OSError``, and the next one is new."""
        if self._connection is None:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self._connection = http.client.HTTPSConnection(
                "localhost", self.here.https_port, context=context, timeout=self.timeout
            )
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.cookies.get("_csrf_token", ""), "Accept-Encoding": "identity",
            "Referer": "https://localhost/", **(more or {}),
        }  # fmt: skip
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self._connection = None
            raise ConnectionError(str(error)) from error
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return Answer(answer.status, data, answer.headers)

    def call(self, body: dict[str, Any]) -> tuple[int, bytes]:
        """A callback."""
        return self.ask("POST", "/_dash-update-component", json.dumps(body).encode(), JSON)

    def open(self, path: str, search: str = "") -> bytes:
        """A page's content by the router."""
        outputs = [{"id": "_pages_content", "property": "children"},
                   {"id": "_pages_store", "property": "data"}]  # fmt: skip
        inputs = [{"id": "_pages_location", "property": "pathname", "value": path},
                  {"id": "_pages_location", "property": "search", "value": search}]  # fmt: skip
        status, data = self.call(
            {
                "output": ROUTER,
                "outputs": outputs,
                "inputs": inputs,
                "state": [],
                "changedPropIds": [],
            }
        )
        assert status == 200, (status, data[:200])
        return data


def said_in(data: bytes) -> str:
    """The words of a refusal, out of the components or the page around them."""
    text = data.decode(errors="replace")
    return " / ".join(re.findall(r'"(?:children|message|hint)":"([^"]+)"', text)) or text[:300]


@dataclass(frozen=True, slots=True)
class Save:
    """One attempt: what was to be saved, whether it was acknowledged, and how long it took."""

    staff_id: int
    day: date
    status: int
    acknowledged: bool
    at: float
    seconds: float
    #: what a refusal said
    words: str = ""


@dataclass
class Stream:
    """People who give shifts to people, one after another, each on a cell of its own."""

    here: Installation
    people: list[Person]
    home_id: int
    start: date
    staff: list[int]
    saves: list[Save] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        #: cells a week apart: no rule of rest or hours stands in the way
        self._cells = iter(
            [
                (person, self.start + timedelta(days=7 * week))
                for week in range(40)
                for person in self.staff
            ]
        )
        status, data = self.people[0].ask("GET", "/_dash-dependencies")
        assert status == 200
        # by what it listens to: the outputs are the page's own business
        self._shape = next(
            one for one in json.loads(data)
            if one["inputs"] and one["inputs"][0]["id"] == "rota-grid-intent"
            and "rota-history" in one["output"]
        )  # fmt: skip

    def __enter__(self) -> Stream:
        for person in self.people:
            thread = threading.Thread(target=self._work, args=(person,))
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, person: Person) -> None:
        cell = None
        while not self._stop.is_set():
            with self._lock:
                staff_id, day = cell or next(self._cells)
            begun = time.monotonic()
            try:
                status, data = person.call(self._body(staff_id, day))
            except ConnectionError:
                status, data = 0, b""
            acknowledged = status == 200 and b"rota-history" in data
            words = "" if acknowledged else said_in(data)
            save = Save(staff_id, day, status, acknowledged, begun, time.monotonic() - begun, words)
            with self._lock:
                self.saves.append(save)
            # what could not be tried is tried again, as a person does, and not at once: there
            # are only so many cells, and errors come fast
            decided = status == 200 and not any(words in save.words for words in UNAVAILABLE)
            cell = None if decided else (staff_id, day)
            self._stop.wait(0.05 if decided else 0.5)

    def _body(self, staff_id: int, day: date) -> dict[str, Any]:
        from tests.server.conftest import outputs_of

        intent = {
            "n": 1,
            "action": "assign",
            "row": f"p{staff_id}",
            "day": day.isoformat(),
            "code": "D",
        }
        monday = day - timedelta(days=day.weekday())
        values: dict[str, Any] = {
            "rota-grid-intent": intent,
            "rota-context": {"home": self.home_id, "unit": None, "start": monday.isoformat(), "weeks": 1},
            "rota-seen": {"version": 0, "change": 0}, "rota-history": {"undo": [], "redo": []},
        }  # fmt: skip

        def filled(dependency: dict[str, Any]) -> Any:
            if str(dependency["id"]).startswith("{"):
                return []
            return {
                "id": dependency["id"], "property": dependency["property"],
                "value": values.get(dependency["id"]),
            }  # fmt: skip

        return {
            "output": self._shape["output"],
            "outputs": outputs_of(self._shape["output"]),
            "inputs": [filled(each) for each in self._shape["inputs"]],
            "state": [filled(each) for each in self._shape["state"]],
            "changedPropIds": ["rota-grid-intent.data"],
        }

    # -- what came of it -------------------------------------------------------------------

    def lost(self) -> list[Save]:
        """Acknowledged saves that the database does not have."""
        database = Database(self.here.database, self.here.postgres.url)
        rows = database.sql(
            f"SELECT user_id, date FROM shifts WHERE date >= '{self.start}' AND user_id IS NOT NULL"
        )
        kept = {(int(user), date.fromisoformat(day)) for user, day in rows}
        return [
            save
            for save in self.saves
            if save.acknowledged and (save.staff_id, save.day) not in kept
        ]

    def doubled(self) -> int:
        """Cells that were saved twice."""
        database = Database(self.here.database, self.here.postgres.url)
        return len(database.sql(
            f"SELECT user_id, date FROM shifts WHERE date >= '{self.start}' AND user_id IS NOT NULL "
            "GROUP BY 1, 2 HAVING count(*) > 1"
        ))  # fmt: skip

    def acknowledged(self, since: float = 0.0) -> list[Save]:
        """Those that were said to be saved."""
        return [save for save in self.saves if save.acknowledged and save.at >= since]

    def failed(self) -> list[Save]:
        """Those that were answered with an error, or not at all."""
        return [save for save in self.saves if not save.acknowledged]

    def summary(self) -> str:
        """In one line."""
        seconds = sorted(save.seconds for save in self.saves) or [0.0]
        statuses: dict[int, int] = {}
        for save in self.saves:
            statuses[save.status] = statuses.get(save.status, 0) + 1
        refusals = Counter(save.words.split(":")[0][:60] for save in self.saves if save.words)
        return (
            f"{len(self.saves)} saves, {len(self.acknowledged())} acknowledged, {len(self.lost())} "
            f"lost, answers {statuses}, p99 {seconds[int(0.99 * (len(seconds) - 1))]:.2f} s, "
            f"longest {seconds[-1]:.2f} s; refusals: {dict(refusals.most_common(4))}"
        )
