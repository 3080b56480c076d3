"""What the clock starts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from rota.access.sessions import KEPT
from rota.database import UnitOfWork
from rota.jobs.celery_app import app
from rota.jobs.kinds import KINDS
from rota.jobs.runner import run_job
from rota.jobs.schedules import SCHEDULES, start_scheduled
from rota.models import (
    AuditEvent,
    Job,
    JobState,
    LoginAttempt,
    LoginOutcome,
    UserRole,
    UserSession,
    WorkerHeartbeat,
    utc_now,
)
from rota.operations.retention import HEARTBEAT_LIFE, JOB_LIFE
from tests import factories as make
from tests.factories import administrator


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_line_names_a_kind_and_is_in_beat(name: str) -> None:
    line = SCHEDULES[name]
    assert line.kind in KINDS
    entry = app.conf.beat_schedule[name]
    assert entry["task"] in app.tasks
    assert entry["schedule"].hour == {line.hour}
    assert entry["schedule"].minute == {line.minute}


def test_the_plans_times() -> None:
    assert SCHEDULES["retrain"].words() == "Sunday 02:00"
    assert app.conf.timezone == "Europe/London"
    assert app.conf.beat_schedule["retrain"]["schedule"].day_of_week == {0}


def test_two_beats_start_one_job(database: Engine) -> None:
    first = start_scheduled(database, "retrain")
    assert start_scheduled(database, "retrain") == first
    with UnitOfWork(administrator(), engine=database) as uow:
        job = uow.session.scalars(select(Job)).one()
        assert (job.kind, job.requested_by_id, job.inputs["days"]) == ("train", None, 730)


def test_retention_deletes_old_bookkeeping_and_no_audit(database: Engine) -> None:
    now = utc_now()
    with UnitOfWork(administrator(), engine=database) as uow:
        for age, state in ((JOB_LIFE * 2, JobState.DONE), (timedelta(1), JobState.DONE)):
            uow.session.add(Job(kind="train", key="x", state=state, finished_at=now - age))
        uow.session.add(WorkerHeartbeat(name="old", at=now - HEARTBEAT_LIFE * 2))
        uow.session.add(WorkerHeartbeat(name="new", at=now))
        user = make.make_user(uow.session, UserRole.ANALYST)
        for age in (KEPT + timedelta(1), timedelta(1)):
            uow.session.add(
                UserSession(user_id=user.id, secret_hash="x", epoch=1, seen_at=now - age)
            )
            uow.session.add(LoginAttempt(typed_hash="x", outcome=LoginOutcome.OK, at=now - age))
        uow.audit("look", "test")
        uow.commit()
    job_id = start_scheduled(database, "retention")
    assert run_job(job_id, database) is JobState.DONE
    with UnitOfWork(administrator(), engine=database) as uow:
        assert uow.session.get_one(Job, job_id).result == {
            "jobs": 1, "workers": 1, "sessions": 1, "logins": 1, "files": 0,
        }  # fmt: skip
        assert uow.session.scalars(select(func.count(UserSession.id))).one() == 1
        assert uow.session.scalars(select(func.count(LoginAttempt.id))).one() == 1
        assert uow.session.scalars(select(WorkerHeartbeat.name)).all() == ["new"]
        assert "look" in uow.session.scalars(select(AuditEvent.action)).all()
