"""A job in a process of its own, so that a solver that eats memory, hangs or is killed takes
nobody with it.

The worker starts ``python -m rota.jobs.apart`` and watches it: memory, time, and whether
somebody asked to stop. The process writes progress and outcome on the job's row like any
other job; what it could not write (it was killed) the worker writes for it. Nothing of a
rota is changed by a job that did not end by itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import structlog

from rota.database import make_engine, reading, use_engine
from rota.jobs import runner
from rota.jobs.runner import CANCELLED, JobContext, Outcome
from rota.logs import configure_logging
from rota.models import Job, JobState
from rota.settings import get_settings

log = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parents[2]
#: how often the worker looks at its process (seconds)
LOOK_SECONDS = 0.1
#: what a process asked to stop is given before it is killed
GRACE_SECONDS = 0.5
#: reading, checking and saving, beside the time that the inputs allow the solver
SPARE_SECONDS = 180.0
#: a study solves several times within its seconds and proves every answer
SOLVES = 4
_MEGABYTE = 1024 * 1024
#: the exit code of a process that stopped because it was told to, as a shell gives it
_STOPPED = 128 + signal.SIGTERM


def run_apart(context: JobContext, function: str) -> Outcome | None:
    """Do the job of ``context`` by ``function`` (``module:name``) in a new process.

    Gives the outcome when the process could not write it itself, else null."""
    order = {
        "job_id": context.job_id,
        "function": function,
        "database_url": context.engine.url.render_as_string(hide_password=False),
        "memory_mb": get_settings().solver_memory_mb,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "rota.jobs.apart"], stdin=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None
    try:
        # what it shall do goes through the pipe: an address with a password belongs neither
        # on a command line nor in an environment. The pipe stays open as its life line.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
        return _watch(process, context, time_limit(context.inputs))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def time_limit(inputs: dict[str, Any]) -> float:
    """Seconds after which a job that the inputs give ``seconds`` to solve is taken for stuck."""
    return SPARE_SECONDS + SOLVES * float(inputs.get("seconds", 30))


def _watch(process: subprocess.Popen[bytes], context: JobContext, seconds: float) -> Outcome | None:
    limit = get_settings().solver_memory_mb
    deadline = time.monotonic() + seconds
    most = 0.0
    while True:
        try:
            process.wait(LOOK_SECONDS)
            break
        except subprocess.TimeoutExpired:
            pass
        most = max(most, memory_mb(process.pid))
        if context.cancelled():
            _end(process)
            return CANCELLED
        if most > limit:
            _end(process)
            return _failed(
                f"It needed more than {limit:,} MB of memory and was stopped.",
                "Nothing was changed. Choose fewer days, or raise SOLVER_MEMORY_MB.",
            )
        if time.monotonic() > deadline:
            _end(process)
            return _failed(
                f"It had not ended after {seconds:.0f} seconds and was stopped.",
                "Nothing was changed; start it again.",
            )
    log.info("job process ended", job=context.job_id, code=process.returncode, mb=round(most))
    if process.returncode == 0:
        return None
    what = (
        f"was killed (signal {-process.returncode})"
        if process.returncode < 0
        else f"ended with code {process.returncode}"
    )
    return _failed(f"The process that did this {what}.", "Nothing was changed; start it again.")


def _failed(happened: str, hint: str) -> Outcome:
    return {"state": JobState.FAILED, "message": "Failed", "error": f"{happened} {hint}"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask to stop, then make it."""
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def memory_mb(pid: int) -> float:
    """Resident memory of a process in MB (Linux; elsewhere 0: not watched)."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE
    except (OSError, IndexError, ValueError):
        return 0.0


# -- in the new process --------------------------------------------------------------------


def main() -> None:
    """Read what to do from standard input, do it, write the outcome on the job's row."""
    line = sys.stdin.buffer.readline()
    if not line:
        return  # the worker died before it said what to do
    order = json.loads(line)
    configure_logging(get_settings().log_level)
    _limit_memory(int(order["memory_mb"]))
    engine = make_engine(order["database_url"])
    use_engine(engine)
    with reading(engine) as session:
        job = session.get_one(Job, order["job_id"])
        context = JobContext(job.id, job.inputs, runner.actor_of_job(session, job), engine)
    signal.signal(signal.SIGTERM, lambda *_: context.stop())
    threading.Thread(target=_live_with, args=(sys.stdin.fileno(),), daemon=True).start()
    outcome = runner.outcome_of(context, order["function"])
    if outcome is CANCELLED:
        os._exit(_STOPPED)  # whoever told it to stop knows why, and writes that
    runner.finish(engine, context.job_id, outcome)
    sys.stdout.flush()
    sys.stderr.flush()
    # a helper may still be inside a solver; the outcome is written, so leave at once
    os._exit(0)


def _limit_memory(megabytes: int) -> None:
    """The kernel's own limit behind the worker's: what grows faster than it looks.

    A service may be forbidden to set limits; then the worker's look alone counts."""
    size = 2 * megabytes * _MEGABYTE
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _live_with(pipe: int) -> None:
    """The pipe ends when the worker does, however it dies; so does this process then."""
    while os.read(pipe, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
