"""Deleting what nobody needs any more: bookkeeping of machines, never records of people.

Rotas, leave, hours and the audit stay: the law wants them kept for years, and erasing a
leaver is a decision of a person.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists

from rota.access import sessions
from rota.database import UnitOfWork
from rota.jobs.runner import JobContext
from rota.models import Job, JobFile, JobState, LoginAttempt, Scenario, WorkerHeartbeat, utc_now

#: how long a finished job can be looked up
JOB_LIFE = timedelta(days=90)
#: how long a file that a job made can be fetched
FILE_LIFE = timedelta(days=3)
#: a worker that was silent for so long has another name now
HEARTBEAT_LIFE = timedelta(days=7)
_OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


def delete_expired(uow: UnitOfWork) -> dict[str, int]:
    """Delete old jobs (not those of a scenario), their files, silent workers, sessions that are
    over and old attempts to log in; gives how many of each."""
    now = utc_now()
    files = uow.session.execute(
        delete(JobFile)
        .where(JobFile.made_at < now - FILE_LIFE)
        .execution_options(synchronize_session=False)
    )
    used = exists().where(Scenario.job_id == Job.id)
    jobs = uow.session.execute(
        delete(Job)
        .where(Job.state.in_(_OVER), Job.finished_at < now - JOB_LIFE, ~used)
        .execution_options(synchronize_session=False)
    )
    workers = uow.session.execute(
        delete(WorkerHeartbeat)
        .where(WorkerHeartbeat.at < now - HEARTBEAT_LIFE)
        .execution_options(synchronize_session=False)
    )
    attempts = uow.session.execute(
        delete(LoginAttempt)
        .where(LoginAttempt.at < now - sessions.KEPT)
        .execution_options(synchronize_session=False)
    )
    return {
        "files": files.rowcount,  # type: ignore[attr-defined]
        "jobs": jobs.rowcount,  # type: ignore[attr-defined]
        "workers": workers.rowcount,  # type: ignore[attr-defined]
        "sessions": sessions.prune(uow),
        "logins": attempts.rowcount,  # type: ignore[attr-defined]
    }


def run_retention(context: JobContext) -> dict[str, Any]:
    """The nightly job."""
    with UnitOfWork(context.actor, source="job", engine=context.engine) as uow:
        deleted = delete_expired(uow)
        uow.audit("retention", "installation", after=deleted)
        uow.commit()
    return dict(deleted)
