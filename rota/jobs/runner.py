"""Doing a job: in the worker's process, with its row as the only channel to the screen."""

from __future__ import annotations

import importlib
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.service import actor_of, installation_actor
from rota.database import get_engine, reading
from rota.errors import RotaError
from rota.jobs import leaving
from rota.jobs.kinds import KINDS
from rota.jobs.service import HEARTBEAT_SECONDS
from rota.models import Job, JobState, User, utc_now

log = structlog.get_logger(__name__)

#: the columns of a job's row that say how it ended
Outcome = dict[str, Any]

#: how often a running job looks whether it shall stop
POLL_SECONDS = 0.4


CANCELLED: Outcome = {
    "state": JobState.CANCELLED,
    "message": "Cancelled; nothing was changed",
}


#: the worker was told to stop before it was done: it waits for the next one
HANDED_BACK: Outcome = {
    "state": JobState.QUEUED,
    "message": "Waiting for a worker",
    "progress": 0.0,
    "detail": {},
    "started_at": None,
    "heartbeat_at": None,
    "finished_at": None,
}


class Cancelled(Exception):
    """Raised inside a job's function when it shall stop: the person asked, or the worker must."""


@dataclass(slots=True)
class JobContext:
    """What a job's function gets: its inputs, who asked, and the way to report."""

    job_id: int
    inputs: dict[str, Any]
    actor: Actor
    engine: Engine
    #: it stops because its worker does, not because somebody asked
    handed_back: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    def cancelled(self) -> bool:
        """Whether the job shall stop; cheap, may be asked in an inner loop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Make :meth:`cancelled` true from now on."""
        self._stop.set()

    def check(self) -> None:
        """Raise :class:`Cancelled` if the job shall stop."""
        if self._stop.is_set():
            raise Cancelled

    def report(self, progress: float, message: str, detail: dict[str, Any] | None = None) -> None:
        """Write how far it is (0 … 1), in words, and what the page may draw."""
        values: dict[str, Any] = {
            "progress": min(max(progress, 0.0), 1.0),
            "message": message[:300],
            "heartbeat_at": utc_now(),
        }
        if detail is not None:
            values["detail"] = detail
        self._write(values)

    def _write(self, values: dict[str, Any]) -> None:
        with self.engine.execution_options(rota_writes=True).begin() as connection:
            connection.execute(
                update(Job)
                .where(Job.id == self.job_id, Job.state == JobState.RUNNING)
                .values(**values)
            )

    def watch(self) -> None:
        """Look at the row until the job is over (run in a thread)."""
        last_heartbeat = time.monotonic()
        while not self._stop.wait(POLL_SECONDS):
            try:
                with reading(self.engine) as session:
                    asked = session.scalar(
                        select(Job.cancel_requested).where(Job.id == self.job_id)
                    )
                if asked:
                    self._stop.set()
                elif leaving.is_due():
                    self.handed_back = True
                    self._stop.set()
                elif time.monotonic() - last_heartbeat > HEARTBEAT_SECONDS:
                    self._write({"heartbeat_at": utc_now()})
                    last_heartbeat = time.monotonic()
            except RotaError:
                continue  # the database is away for a moment; the work goes on


def run_job(job_id: int, engine: Engine | None = None, *, apart: bool = False) -> JobState | None:
    """Do a queued job; gives its final state, or null when it was not ours to do.

    Claiming is one conditional update, so a job delivered twice runs once. ``apart`` lets a
    kind that is heavy have a process of its own (the worker does; a test need not).
    """
    engine = engine or get_engine()
    context = _claim(engine, job_id)
    if context is None:
        return None
    watcher = threading.Thread(target=context.watch, name=f"job-{job_id}", daemon=True)
    watcher.start()
    kind = KINDS[_kind_of(engine, job_id)]
    outcome: Outcome | None
    if apart and kind.apart:
        from rota.jobs.apart import run_apart

        outcome = run_apart(context, kind.function)
    else:
        outcome = outcome_of(context, kind.function)
    context.stop()
    watcher.join(timeout=5)
    if outcome is CANCELLED and context.handed_back:
        log.info("job handed back", job=job_id)
        finish(engine, job_id, HANDED_BACK)
    elif outcome is not None:
        finish(engine, job_id, outcome)
    with reading(engine) as session:
        return session.scalars(select(Job.state).where(Job.id == job_id)).one()


def finish(engine: Engine, job_id: int, outcome: Outcome) -> None:
    """Write what became of a running job."""
    with engine.execution_options(rota_writes=True).begin() as connection:
        connection.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.RUNNING)
            .values(**{"finished_at": utc_now(), **outcome})
        )


def _claim(engine: Engine, job_id: int) -> JobContext | None:
    with engine.execution_options(rota_writes=True).begin() as connection:
        now = utc_now()
        claimed = connection.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.QUEUED)
            .values(state=JobState.RUNNING, started_at=now, heartbeat_at=now, message="Starting")
        )
        if claimed.rowcount != 1:
            return None
    with reading(engine) as session:
        job = session.get_one(Job, job_id)
        return JobContext(job_id, job.inputs, actor_of_job(session, job), engine)


def actor_of_job(session: Session, job: Job) -> Actor:
    """The job acts as the person who asked, with what they may do now."""
    user = session.get(User, job.requested_by_id) if job.requested_by_id else None
    return actor_of(session, user) if user is not None else installation_actor(session)


def _kind_of(engine: Engine, job_id: int) -> str:
    with reading(engine) as session:
        return session.scalars(select(Job.kind).where(Job.id == job_id)).one()


def outcome_of(context: JobContext, function: str) -> Outcome:
    """Run ``function`` (``module:name``); gives the columns of the outcome."""
    try:
        result = _load(function)(context)
    except Cancelled:
        return CANCELLED
    except MemoryError:
        text = "There was not enough memory. Nothing was changed; choose fewer days."
        return {"state": JobState.FAILED, "message": "Failed", "error": text}
    except RotaError as error:
        return {"state": JobState.FAILED, "message": "Failed", "error": str(error)[:1000]}
    except Exception as error:
        log.error("job failed", job=context.job_id, function=function, trace=traceback.format_exc())
        text = f"It failed unexpectedly ({type(error).__name__}). Nothing was changed."
        return {"state": JobState.FAILED, "message": "Failed", "error": text}
    return {"state": JobState.DONE, "message": "Done", "progress": 1.0, "result": result or {}}


def _load(function: str) -> Callable[[JobContext], dict[str, Any] | None]:
    module, name = function.split(":")
    return cast(
        Callable[[JobContext], dict[str, Any] | None],
        getattr(importlib.import_module(module), name),
    )
