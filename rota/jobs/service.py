"""Asking for background work, following it, and stopping it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import NotAllowed, NotFound, Unavailable
from rota.jobs.kinds import KINDS
from rota.models import Job, JobState, User, utc_now

ACTIVE = (JobState.QUEUED, JobState.RUNNING)
#: a running job whose worker has been silent for this long is taken for dead
SILENCE = timedelta(seconds=60)
#: a running job says that it lives this often
HEARTBEAT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as a screen shows it."""

    id: int
    kind: str
    title: str
    home_id: int | None
    state: JobState
    progress: float
    message: str
    detail: dict[str, Any]
    result: dict[str, Any]
    error: str
    inputs: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None
    requested_by: str

    @property
    def is_active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ACTIVE

    @property
    def is_waiting(self) -> bool:
        """Whether no worker has taken it yet."""
        return self.state is JobState.QUEUED

    @property
    def has_failed(self) -> bool:
        """Whether it ended without a result."""
        return self.state is JobState.FAILED


def submit(
    uow: UnitOfWork, kind: str, inputs: dict[str, Any], *, key: str, home_id: int | None = None
) -> Job:
    """Write down the wish for a job; the same key while it is active gives the same job.

    Commit, then :func:`dispatch`. Raises :class:`NotAllowed`.
    """
    uow.actor.require(KINDS[kind].permission, home_id)
    active = uow.session.scalar(
        select(Job).where(Job.key == f"{kind}:{key}", Job.state.in_(ACTIVE)).limit(1)
    )
    if active is not None:
        return active
    job = Job(
        kind=kind,
        key=f"{kind}:{key}",
        home_id=home_id,
        requested_by_id=uow.actor.user_id,
        inputs=inputs,
        message="Waiting for a worker",
    )
    uow.session.add(job)
    uow.session.flush()
    uow.audit("start", "job", job.id, home_id=home_id, after={"kind": kind, **inputs})
    return job


def dispatch(job_id: int) -> None:
    """Hand a committed job to the workers.

    Raises :class:`Unavailable` when the queue cannot be reached; the job stays queued and
    is handed over again by the next worker that starts or by the minute's sweep.
    """
    from rota.jobs.celery_app import run_job_task

    try:
        run_job_task.apply_async(args=[job_id], task_id=f"job-{job_id}", retry=False)
    except Exception as error:  # kombu raises each transport's own kinds
        raise Unavailable(
            "The job is saved, but the queue cannot be reached just now.",
            hint="It will start as soon as the worker is back.",
        ) from error


def cancel(uow: UnitOfWork, job_id: int) -> Job:
    """Ask a job to stop: at once if it waits, within a second if it runs."""
    job = _visible(uow.session, uow.actor, job_id)
    if job.requested_by_id != uow.actor.user_id:
        uow.actor.require(KINDS[job.kind].permission, job.home_id)
    if job.state == JobState.QUEUED:
        _finish(job, JobState.CANCELLED, "Cancelled before it started")
    elif job.state == JobState.RUNNING:
        job.cancel_requested = True
        job.message = "Stopping"
    uow.audit("cancel", "job", job.id, home_id=job.home_id)
    return job


def _finish(job: Job, state: JobState, message: str) -> None:
    job.state, job.message, job.finished_at = state, message, utc_now()


def _visible(session: Session, actor: Actor, job_id: int) -> Job:
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound("There is no such job.")
    if job.home_id is not None and job.home_id not in actor.home_ids:
        raise NotAllowed("This job belongs to a home you do not work with.")
    if job.home_id is None and job.requested_by_id != actor.user_id:
        actor.require(Permission.ADMINISTER)
    return job


def view(session: Session, actor: Actor, job_id: int) -> JobView:
    """One job, if the actor may see it."""
    actor.require(Permission.VIEW_JOBS)
    job = _visible(session, actor, job_id)
    name = session.scalar(select(User.name).where(User.id == job.requested_by_id))
    return _as_view(job, name)


def recent(session: Session, actor: Actor, *, limit: int = 20) -> list[JobView]:
    """The newest jobs of the actor's homes and of the actor, newest first."""
    actor.require(Permission.VIEW_JOBS)
    rows = session.execute(
        select(Job, User.name)
        .outerjoin(User, User.id == Job.requested_by_id)
        .where(
            or_(
                Job.home_id.in_(sorted(actor.home_ids)),
                Job.home_id.is_(None) & (Job.requested_by_id == (actor.user_id or 0)),
            )
        )
        .order_by(Job.id.desc())
        .limit(limit)
    )
    return [_as_view(job, name) for job, name in rows]


def _as_view(job: Job, name: str | None) -> JobView:
    return JobView(
        id=job.id, kind=job.kind, title=KINDS[job.kind].title if job.kind in KINDS else job.kind,
        home_id=job.home_id, state=job.state, progress=job.progress, message=job.message,
        detail=job.detail, result=job.result, error=job.error, inputs=job.inputs,
        created_at=job.created_at, finished_at=job.finished_at,
        requested_by=name or "The installation",
    )  # fmt: skip


_LOST = "The worker stopped while this was running. Nothing was changed; start it again."


def fail_lost(engine: Engine, job_id: int) -> None:
    """Fail a running job whose process is known to be dead."""
    with engine.execution_options(rota_writes=True).begin() as connection:
        connection.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.RUNNING)
            .values(state=JobState.FAILED, finished_at=utc_now(), error=_LOST, message="Failed")
        )


def _until_it_would_beat() -> None:
    time.sleep(2 * HEARTBEAT_SECONDS)


def sweep(session: Session, wait: Callable[[], None] = _until_it_would_beat) -> list[int]:
    """Fail jobs whose worker died; gives the ids of queued jobs to hand over again.

    A job that seems silent is looked at once more after ``wait``: when the clock was set, every
    running job seems silent, or ahead, until it says again that it lives.
    """
    silent = session.execute(
        select(Job.id, Job.heartbeat_at).where(
            Job.state == JobState.RUNNING, _away_from(Job.heartbeat_at, SILENCE)
        )
    ).all()
    session.rollback()  # nothing is held meanwhile
    if silent:
        wait()
    for job_id, beat in silent:
        session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.RUNNING, Job.heartbeat_at == beat)
            .values(state=JobState.FAILED, finished_at=utc_now(), error=_LOST, message="Failed")
            .execution_options(synchronize_session=False)
        )
    waiting = session.scalars(
        select(Job.id).where(
            Job.state == JobState.QUEUED, _away_from(Job.created_at, timedelta(seconds=30))
        )
    ).all()
    session.commit()
    return list(waiting)


def _away_from(moment: InstrumentedAttribute[Any], span: timedelta) -> ColumnElement[bool]:
    """Longer ago than ``span``, or as far ahead: from before a clock was put back."""
    now = utc_now()
    return or_(moment < now - span, moment > now + SILENCE)
