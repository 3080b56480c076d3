"""Time, work and cancellation: asked often, answered cheaply."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


def process_age() -> float:
    """Seconds since this process started, so that a limit counts imports too (Linux; else 0)."""
    try:
        with open("/proc/self/stat", encoding="ascii") as stream:
            started = int(stream.read().rsplit(")", 1)[1].split()[19]) / 100.0
        with open("/proc/uptime", encoding="ascii") as stream:
            return max(0.0, float(stream.read().split()[0]) - started)
    except (OSError, IndexError, ValueError):
        return 0.0


@dataclass(slots=True)
class Clock:
    """A deadline ``seconds`` after ``started``, and a question whether to stop before.

    ``now`` may be another clock: benches on a busy machine count CPU seconds."""

    seconds: float
    cancelled: Callable[[], bool] = lambda: False
    started: float | None = None
    now: Callable[[], float] = time.monotonic
    stopped: bool = False

    def __post_init__(self) -> None:
        if self.started is None:
            self.started = self.now()

    def elapsed(self) -> float:
        return self.now() - (self.started or 0.0)

    def left(self) -> float:
        """Seconds left, never below 0; 0 once cancelled."""
        return 0.0 if self.over() else max(0.0, self.seconds - self.elapsed())

    def over(self) -> bool:
        """True when the time is up or somebody cancelled."""
        if not self.stopped and (self.elapsed() >= self.seconds or self.cancelled()):
            self.stopped = True
        return self.stopped

    def within(self, seconds: float) -> Clock:
        """A clock of at most ``seconds`` that also ends with this one."""
        return Clock(min(seconds, self.left()), self.over, now=self.now)
