"""The application under a clock on the wall that jumps: ``CLOCK_FILE`` says by how many seconds.

Only the wall's clock, as when somebody sets it; what counts on (``time.monotonic``) counts on.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import time_machine

import app

_FILE = Path(os.environ["CLOCK_FILE"])
_lock = threading.Lock()
#: travelling from the start, and moved from then on: a clock that is taken away and put back
#: would be missing for a moment under the other threads
_clock = time_machine.travel(time.time(), tick=True).start()
_offset = [0.0]


def _follow() -> None:
    """Set this process's clock by what the file says now."""
    offset = float(_FILE.read_text() or 0)
    with _lock:
        _clock.shift(offset - _offset[0])
        _offset[0] = offset


def _jumping(application: Any) -> Any:
    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        _follow()
        found: Iterable[bytes] = application(environ, start)
        return found

    return answer


server: Any = app.server
server.wsgi_app = _jumping(server.wsgi_app)
