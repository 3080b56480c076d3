"""How often something may be asked, for what needs no login: counted in this process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque


class RateLimit:
    """At most ``most`` asks by one key within ``seconds``; older keys are forgotten.

    Each process counts for itself: the limit keeps a broken client or a guesser from costing
    anything, it is no quota.
    """

    def __init__(self, most: int, seconds: float, *, keys: int = 5_000) -> None:
        self._most, self._seconds, self._keys = most, seconds, keys
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str) -> int:
        """Count an ask. 0 when it is within the limit, else the seconds until the next one is."""
        now = time.monotonic()
        with self._lock:
            times = self._asked.setdefault(key, deque())
            self._asked.move_to_end(key)
            while len(self._asked) > self._keys:
                self._asked.popitem(last=False)
            while times and now - times[0] >= self._seconds:
                times.popleft()
            if len(times) >= self._most:
                return int(self._seconds - (now - times[0])) + 1
            times.append(now)
            return 0

    def clear(self) -> None:
        """Forget who asked."""
        with self._lock:
            self._asked.clear()
