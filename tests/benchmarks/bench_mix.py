"""CPU of one web process for the load test's mixture: ``python -m tests.benchmarks.bench_mix``.

The people of ``deploy/loadtest`` act in this very process, without sockets and without
thinking, so the figures are CPU milliseconds a request and not times: they repeat on a busy
machine. DATABASE_URL, REDIS_URL and SECRET_KEY say what it runs on; ACCOUNTS is the file that
``python -m rota load-accounts`` printed. ``--profile`` shows where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import pstats
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from deploy import load_people as people

HOST = "localhost"


@dataclass
class Caller:
    """Somebody logged in who calls the WSGI application itself."""

    application: Any
    sap: str
    password: str
    kind: str
    cookies: dict[str, str] = field(default_factory=dict)
    rota_open: bool = False
    place: Any = None
    seen: Any = None

    def __post_init__(self) -> None:
        pages = people.CARE_PAGES if self.kind == "care" else people.MANAGER_PAGES
        self.choice = people.Choice(pages, random.Random(self.sap))
        page = self.ask("GET", "/accounts/login/").decode()
        form = {
            "sap_number": self.sap,
            "password": self.password,
            "csrf_token": people.login_token(page),
        }
        self.ask(
            "POST",
            "/accounts/login/",
            urlencode(form).encode(),
            "application/x-www-form-urlencoded",
        )
        self.ask("GET", "/my/" if self.kind == "care" else "/dashboard/")
        self.shapes = people.shapes(json.loads(self.ask("GET", "/_dash-dependencies")))

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> bytes:
        """One request. Raises ``AssertionError`` for an answer that is an error."""
        answered: list[Any] = []
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SCRIPT_NAME": "",
            "SERVER_NAME": HOST, "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": HOST, "HTTP_REFERER": f"https://{HOST}/", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "127.0.0.1",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "HTTP_X_CSRFTOKEN": self.cookies.get("_csrf_token", ""),
            "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.multithread": True,
            "wsgi.multiprocess": True, "wsgi.run_once": False, "wsgi.url_scheme": "http",
        }  # fmt: skip
        chunks: Iterable[bytes] = self.application(environ, lambda *given: answered.append(given))
        data = b"".join(chunks)
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        status, headers = answered[0][:2]
        assert int(status.split()[0]) < 400, (path, status, data[:300])
        for name, value in headers:
            if name.lower() == "set-cookie":
                for morsel in SimpleCookie(value).values():
                    self.cookies[morsel.key] = morsel.value
        self.cookies = {name: value for name, value in self.cookies.items() if value}
        return data

    def act(self) -> str:
        """The next act, as ``deploy/loadtest`` does it; gives its name."""
        if self.rota_open and self.place and self.choice.random.random() < 0.5:
            self._call("poll", [1], [self.place, self.seen])
            return "rota asks for changes"
        path, wanted = self.choice.next()
        data = self._call("router", [path, ""], [])
        assert wanted.encode() in data, (path, wanted)
        self.rota_open = path == "/rota/"
        if self.rota_open and not self.place:
            tree = json.loads(data)
            self.place = people.find_store(tree, "rota-context")
            self.seen = people.find_store(tree, "rota-seen")
        return f"open {path}"

    def _call(self, shape: str, inputs: list[Any], state: list[Any]) -> bytes:
        body = json.dumps(self.shapes[shape].body(inputs, state)).encode()
        return self.ask("POST", "/_dash-update-component", body, "application/json")


def main() -> None:
    """Log people in, let them act, print CPU a request by kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("accounts", type=Path)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--acts", type=int, default=40, help="of each person")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    import app

    lines = [line.split("\t") for line in given.accounts.read_text().splitlines()[: given.people]]
    crowd = [Caller(app.server.wsgi_app, *line) for line in lines]  # type: ignore[attr-defined]
    for person in crowd:  # whatever is remembered between requests is
        for _ in range(4):
            person.act()
    spent: dict[str, list[float]] = defaultdict(list)
    profile = cProfile.Profile(time.thread_time) if given.profile else None
    if profile:
        profile.enable()
    for _ in range(given.acts):
        for person in crowd:
            begun = time.process_time()
            name = person.act()
            spent[name].append(1000 * (time.process_time() - begun))
    if profile:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(90)
    _print(spent)


def _print(spent: dict[str, list[float]]) -> None:
    every = [value for values in spent.values() for value in values]
    print(f"{'':<26}{'requests':>9}{'mean':>8}{'median':>8}{'share':>8}   CPU ms a request")
    for name, values in sorted(spent.items(), key=lambda item: -sum(item[1])):
        median = sorted(values)[len(values) // 2]
        share = sum(values) / sum(every)
        mean = sum(values) / len(values)
        print(f"{name:<26}{len(values):>9}{mean:>8.2f}{median:>8.2f}{share:>8.0%}")
    print(f"{'together':<26}{len(every):>9}{sum(every) / len(every):>8.2f}")


if __name__ == "__main__":
    main()
