"""Work for the tests of jobs in a process of their own: that process imports it by name."""

from __future__ import annotations

import signal
import time
from typing import Any

from rota.jobs.runner import JobContext


def answer(context: JobContext) -> dict[str, Any]:
    """Say who did it and as whom."""
    import os

    context.report(0.5, "Half way", {"cost": [3, 2]})
    return {"pid": os.getpid(), "actor": context.actor.name, "inputs": context.inputs}


def wait(context: JobContext) -> None:
    """Work until asked to stop."""
    context.report(0.1, "Working")
    while True:
        context.check()
        time.sleep(0.1)  # slower than the worker looks


def deaf(context: JobContext) -> None:
    """Work without ever asking whether to stop, and ignore the signal."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    context.report(0.1, "Working")
    time.sleep(600)


def hungry(context: JobContext) -> None:
    """Take more memory than any limit of a test."""
    taken = []
    while True:
        taken.append(b"x" * 20_000_000)
        time.sleep(0.01)
