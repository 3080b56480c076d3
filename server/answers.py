"""Whole answers remembered as bytes, so that a page is built once for all who see the same.

Building a page's components and writing them as JSON costs tens of milliseconds of CPU, even
when its figures are remembered. A page says when it registers what its answer follows from
besides role, homes, day and address (``remembered=SHARED``, ``OWN_RECORD`` or ``PERSONAL``); it
is kept under exactly these and the data versions. Whoever asks has been let in by the gate
before anything is looked up, and people of another scope have another key.

Two stores: the process's own memory, then the shared cache. Both may vanish at any moment.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g, has_request_context, request

from rota.access.actor import Actor
from rota.access.service import LoggedIn
from rota.calendar import london_today
from server import gate
from server.cache import cache

log = structlog.get_logger(__name__)

ROUTER = ".._pages_content.children..._pages_store.data.."
DEPENDENCIES = "/_dash-dependencies"
#: kept in a process (bytes), and how long (seconds); the shared cache has its own lifetime
MEMORY = 48 * 1024 * 1024
LIFETIME = 600
#: a larger answer is not worth moving to and from the shared cache
LARGEST = 2 * 1024 * 1024
#: how long a request waits for another that builds the same answer (seconds)
PATIENCE = 5.0


def now() -> float:
    """Seconds of the clock on the wall."""
    return time.time()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a page's answer follows from, besides role, homes, day and address.

    ``of`` is what it takes from the actor: what belongs to one person is kept in this process
    only, never in the shared cache. ``organisation``: it shows what lies in other homes too (a
    carer's shifts there), so a change anywhere makes it another one. ``seconds``: what it says
    changes with the hour (an offer runs out), so it is built anew after that long.
    """

    of: Callable[[Actor], Hashable] | None = None
    organisation: bool = False
    seconds: int = 0

    def key(self, login: LoggedIn) -> tuple[Hashable, ...]:
        """The part of the answer's key that these are."""
        whose = self.of(login.actor) if self.of else None
        version = login.organisation_version if self.organisation else 0
        # not everybody's at the same moment
        moment = (now() + hash(whose) % self.seconds) // self.seconds if self.seconds else 0
        return login.data_versions, version, whose, moment


#: the same for everybody of a role who works with the same homes
SHARED = Remembered()
#: differs by what belongs to one's own record (nobody decides their own leave)
OWN_RECORD = Remembered(of=lambda actor: actor.staff_id, organisation=True, seconds=120)
#: nobody else's
PERSONAL = Remembered(
    of=lambda actor: (actor.user_id, actor.staff_id), organisation=True, seconds=120
)


class Memory:
    """Answers in this process, the longest unused of them dropped first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """What is kept under ``key`` and is not too old."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if time.monotonic() - found[0] > LIFETIME:
                self._drop(key)
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: str, data: bytes) -> None:
        """Keep ``data``."""
        with self._lock:
            if key in self._kept:
                self._drop(key)
            self._kept[key] = (time.monotonic(), data)
            self._size += len(data)
            while self._size > self._limit:
                self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._size = 0

    def _drop(self, key: str) -> None:
        self._size -= len(self._kept.pop(key)[1])


class Builders:
    """Who builds which answer just now, so that a crowd after a flush builds each once."""

    def __init__(self) -> None:
        self._busy: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def begin(self, key: str) -> threading.Event | None:
        """Null when it is ours to build, otherwise what to wait for."""
        with self._lock:
            event = self._busy.get(key)
            if event is None:
                self._busy[key] = threading.Event()
            return event

    def end(self, key: str) -> None:
        """Built, or given up: let the others go on."""
        with self._lock:
            event = self._busy.pop(key, None)
        if event is not None:
            event.set()


memory = Memory(MEMORY)
_builders = Builders()


def install(server: Flask) -> None:
    """Answer from what is remembered; remember what was built."""
    release = _release()

    @server.before_request
    def look_up() -> Response | None:
        key, is_shared = None, True
        if request.path == DEPENDENCIES:
            # which callbacks there are: the same for everybody who is let in
            key = f"dependencies {release}"
        elif request.path == "/_dash-update-component":
            login = getattr(g, "rota_login", None)
            key, is_shared = _key(release, request.get_json(silent=True), login)
        if key is None:
            return None
        data = _find(key, is_shared)
        if data is None and (event := _builders.begin(key)) is not None:
            event.wait(PATIENCE)
            data = memory.get(key)
            if data is None:
                _builders.begin(key)  # the other gave up: build it, whoever else does too
        if data is not None:
            return Response(data, mimetype="application/json")
        g.rota_answer_key, g.rota_answer_is_shared = key, is_shared
        return None

    @server.after_request
    def keep(response: Response) -> Response:
        key = getattr(g, "rota_answer_key", None)
        if key is None or response.status_code != 200 or getattr(g, "rota_answer_is_odd", False):
            return response
        data = response.get_data()
        if response.mimetype == "application/json" and len(data) <= LARGEST:
            memory.put(key, data)
            if g.rota_answer_is_shared:
                _share(key, data)
        return response

    @server.teardown_request
    def let_go(_error: BaseException | None) -> None:
        key = getattr(g, "rota_answer_key", None)
        if key is not None:
            _builders.end(key)


def forget() -> None:
    """What is being answered is a refusal or an accident: it must not be remembered."""
    if has_request_context():
        g.rota_answer_is_odd = True


def _share(key: str, data: bytes) -> None:
    try:
        cache.set(f"answer:{key}", data)
    except Exception:
        log.warning("cache not written")


def _find(key: str, is_shared: bool) -> bytes | None:
    data = memory.get(key)
    if data is not None or not is_shared:
        return data
    try:
        found = cache.get(f"answer:{key}")
    except Exception:  # a cache that is away or damaged is a miss
        log.warning("cache not read")
        return None
    if not isinstance(found, bytes):
        return None
    memory.put(key, found)
    return found


def _key(release: str, body: Any, login: LoggedIn | None) -> tuple[str | None, bool]:
    """What the answer follows from, as one word, and whether others may have it; no word when
    it is not to be remembered.

    The gate has checked that the body has the router's shape.
    """
    if login is None or not isinstance(body, dict) or body.get("output") != ROUTER:
        return None, False
    path, search = (str(value.get("value") or "") for value in body["inputs"][:2])
    page = gate.page_at(path)
    if page is None or not login.actor.may(page["permission"]):
        return None, False
    how = page.get("remembered")
    if not isinstance(how, Remembered):
        return None, False
    role, today = login.actor.role.value, london_today()
    parts = (release, role, how.key(login), today, page["path"], search)
    return hashlib.blake2b(repr(parts).encode(), digest_size=20).hexdigest(), how.of is None


def _release() -> str:
    """Changes with the code: what an older release built is not shown by a newer one."""
    root = Path(__file__).resolve().parent.parent
    mark = root / "RELEASE"
    if mark.exists():
        return mark.read_text(encoding="utf-8")
    newest = max(
        path.stat().st_mtime_ns
        for folder in ("components", "pages", "rota", "server")
        for path in (root / folder).rglob("*.py")
    )
    return str(newest)
