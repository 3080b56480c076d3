"""Training in a process of its own, for a job whose process must not fork.

A worker of Celery has threads and may not have children of its own kind; a pool forked
from it could inherit a held lock. So the job starts ``python -m rota.forecasting.apart``,
which forks its pool before any thread exists, and reads one line per finished unit from
it. To cancel it, its whole process group is ended: units that were done are stored, the
others keep their last good model.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from sqlalchemy import Engine

from rota.errors import RotaError

#: fewer units than this are trained faster than a process starts
WORTH_IT = 4
_POLL_SECONDS = 0.3

Progress = Callable[[int, int, str], None]


def train_apart(
    engine: Engine,
    unit_ids: Sequence[int],
    days: int,
    user_id: int | None,
    *,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> list[str]:
    """Train units in parallel processes; gives a sentence per unit that was not trained.

    ``user_id`` is who asked: permissions are checked again there. Raises
    :class:`RotaError` when the process ended before its time.
    """
    order = json.dumps({"units": list(unit_ids), "days": days, "user": user_id})
    url = engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "rota.forecasting.apart"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "DATABASE_URL": url},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    problems: list[str] | None = None
    try:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(order)
            process.stdin.close()
        for line in _lines(process.stdout, cancelled):
            told = json.loads(line)
            if "problems" in told:
                problems = told["problems"]
            elif "error" in told:
                raise RotaError(told["error"])
            else:
                progress(told["done"], told["total"], told["name"])
        if problems is None and not cancelled():
            raise RotaError("The training ended early.", hint="What was finished is kept.")
        return problems or []
    finally:
        _end(process)


def _lines(output: IO[str], cancelled: Callable[[], bool]) -> Iterator[str]:
    """Lines as they come, until the end or until cancelled."""
    waiting = ""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while not cancelled():
            if not selector.select(_POLL_SECONDS):
                continue
            part = os.read(output.fileno(), 65536).decode()
            if not part:
                return
            *whole, waiting = (waiting + part).split("\n")
            yield from (line for line in whole if line)


def _end(process: subprocess.Popen[str]) -> None:
    """End the process and its workers, if they are still there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def main() -> None:
    """The child: an order on standard input, a JSON line per unit on standard output."""
    from rota.forecasting.pool import one_thread_each

    one_thread_each()
    from rota.access.service import actor_of, installation_actor
    from rota.database import get_engine, reading
    from rota.forecasting.train import train_all
    from rota.models import User

    given = json.loads(sys.stdin.read())

    def tell(**what: object) -> None:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()

    try:
        with reading(get_engine()) as session:
            user = session.get(User, given["user"]) if given["user"] is not None else None
            actor = actor_of(session, user) if user else installation_actor(session, "Training")
        summaries = train_all(
            given["units"], days=given["days"], actor=actor,
            progress=lambda done, total, name: tell(done=done, total=total, name=name),
        )  # fmt: skip
        tell(problems=[f"{each.place.name}: {each.problem}" for each in summaries if each.problem])
    except RotaError as error:
        tell(error=str(error))


if __name__ == "__main__":
    main()
