"""A worker that is told to stop: what it is doing is finished if that is soon, else handed back.

The signal reaches the worker's main process only; the processes that do the work share a byte
of memory with it. A job that is handed back waits again, as if nobody had taken it: what asks
whether it shall stop has changed nothing by then, and the next worker begins it anew.
"""

from __future__ import annotations

import mmap
import time

#: how long a running job is given to finish; systemd kills after sixty (seconds)
FINISH_SECONDS = 25.0

_told = mmap.mmap(-1, 1)  # shared with the processes that this one forks
_since: float | None = None


def tell() -> None:
    """This worker is told to stop."""
    _told[0] = 1


def is_due() -> bool:
    """Whether a job that still runs is to be handed back now."""
    global _since
    if not _told[0]:
        return False
    if _since is None:
        _since = time.monotonic()
    return time.monotonic() - _since >= FINISH_SECONDS
