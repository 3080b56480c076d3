"""The application under a clock on the wall that jumps: ``CLOCK_FILE`` says by how many seconds.

Only the wall's clock, as when somebody sets it; what counts on (``time.monotonic``) counts on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import time_machine

import app

_FILE = Path(os.environ["CLOCK_FILE"])
_lock = threading.Lock()
_now: list[Any] = [0.0, None]


def _follow() -> None:
    """Set this process's clock by what the file says now."""
    offset = float(_FILE.read_text() or 0)
    with _lock:
        if offset == _now[0]:
            return
        if _now[1] is not None:
            _now[1].stop()
        there = time_machine.escape_hatch.time.time() + offset
        _now[:] = [offset, time_machine.travel(there, tick=True)]
        _now[1].start()


def _jumping(application: Any) -> Any:
    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        _follow()
        found: Iterable[bytes] = application(environ, start)
        return found

    return answer


server: Any = app.server
server.wsgi_app = _jumping(server.wsgi_app)
