"""Figures of a running installation that lie in the database and the data folder.

One definition for the metrics, the doctor and the checklists.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from rota.access import throttle
from rota.database import get_engine, reading
from rota.models import (
    ForecastModel,
    Job,
    JobState,
    LoginAttempt,
    LoginOutcome,
    MailState,
    OutboxMessage,
    UserSession,
    WorkerHeartbeat,
    utc_now,
)
from rota.operations.backups import last_backup
from rota.settings import get_settings


@dataclass(frozen=True, slots=True)
class Measurement:
    """One metric: its name, what it says, and its values by label values."""

    name: str
    about: str
    values: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = field(default=())


def _one(name: str, about: str, value: float | None) -> Measurement:
    return Measurement(name, about, {} if value is None else {(): value})


def measure(engine: Engine | None = None) -> list[Measurement]:
    """Every figure; without a database only that it is down. Never raises for that."""
    backup = last_backup(get_settings().data_dir)
    age = backup.age()
    found = [
        _one("rota_backup_age_seconds", "Age of the last good backup",
             age.total_seconds() if age is not None else None),
        _one("rota_backup_failed", "1 when the last backup went wrong", float(bool(backup.failure))),
    ]  # fmt: skip
    try:
        with reading(engine or get_engine()) as session:
            found += _stored(session)
            up = 1.0
    except Exception:  # whatever keeps the database from answering, the answer is "down"
        up = 0.0
    return [*found, _one("rota_database_up", "1 when the database answers", up)]


def _stored(session: Session) -> list[Measurement]:
    now = utc_now()
    jobs: dict[tuple[str, ...], float] = {(state.value,): 0.0 for state in JobState}
    for state, count in session.execute(select(Job.state, func.count()).group_by(Job.state)):
        jobs[state.value,] = float(count)
    mails: dict[tuple[str, ...], float] = {(state.value,): 0.0 for state in MailState}
    for mail, count in session.execute(
        select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
    ):
        mails[mail.value,] = float(count)
    oldest = session.scalar(select(func.min(Job.created_at)).where(Job.state == JobState.QUEUED))
    waiting = session.scalar(
        select(func.min(OutboxMessage.created_at)).where(OutboxMessage.state == MailState.QUEUED)
    )
    trained = session.scalar(select(func.max(ForecastModel.trained_at)))
    seen = session.scalar(select(func.max(WorkerHeartbeat.at)))
    failed = session.scalar(
        select(func.count(LoginAttempt.id)).where(
            LoginAttempt.at > now - throttle.WINDOW, LoginAttempt.outcome != LoginOutcome.OK
        )
    )
    living = session.scalar(
        select(func.count(UserSession.id)).where(
            UserSession.ended_at.is_(None), UserSession.seen_at > now - 3 * throttle.WINDOW
        )
    )
    sprayed = float(throttle.is_sprayed(session, now))
    return [
        Measurement("rota_jobs", "Background jobs by state", jobs, ("state",)),
        Measurement("rota_mail_messages", "Messages of the outbox by state", mails, ("state",)),
        _one("rota_queue_age_seconds", "Age of the oldest job that waits", _age(oldest, now) or 0.0),
        _one("rota_mail_age_seconds", "Age of the oldest message that waits",
             _age(waiting, now) or 0.0),
        _one("rota_training_age_seconds", "Age of the newest forecast model", _age(trained, now)),
        _one("rota_worker_silence_seconds", "Since a worker was last heard of", _age(seen, now)),
        _one("rota_failed_logins", "Failed logins of the last ten minutes", float(failed or 0)),
        _one("rota_login_spraying", "1 while many different names fail to log in", sprayed),
        _one("rota_disk_free_ratio", "Free part of the disk of the data folder", _disk_free()),
        _one("rota_active_sessions", "Sessions used in the last half hour", float(living or 0)),
    ]  # fmt: skip


def _disk_free() -> float | None:
    try:
        usage = shutil.disk_usage(get_settings().data_dir)
    except OSError:
        return None
    return usage.free / usage.total


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())
