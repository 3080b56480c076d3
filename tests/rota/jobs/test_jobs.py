"""Background work: asked for once, claimed once, reported, cancelled, never left hanging."""

from __future__ import annotations

import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed
from rota.jobs import kinds, leaving, runner, service
from rota.jobs.kinds import JobKind
from rota.models import Job, JobState, UserRole, utc_now
from tests import factories as make
from tests.factories import administrator

Work = Callable[[runner.JobContext], Any]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.SimpleNamespace]:
    """A kind of job whose function the test sets as ``work.do``."""
    module = types.ModuleType("jobs_of_the_test")
    holder = types.SimpleNamespace(do=lambda context: {"answer": 42})
    module.do = lambda context: holder.do(context)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jobs_of_the_test", module)
    monkeypatch.setitem(
        kinds.KINDS, "test", JobKind("Test", Permission.RUN_OPTIMISATION, "jobs_of_the_test:do")
    )
    yield holder


def submit(engine: Engine, key: str = "k", **inputs: Any) -> int:
    with UnitOfWork(administrator(), engine=engine) as uow:
        job = service.submit(uow, "test", inputs, key=key)
        uow.commit()
        return job.id


def state_of(engine: Engine, job_id: int) -> Job:
    with reading(engine) as session:
        return session.get_one(Job, job_id)


def test_a_job_runs_once_and_keeps_its_result(database: Engine, work: Any) -> None:
    job_id = submit(database, horizon=7)
    assert runner.run_job(job_id, database) == JobState.DONE
    assert runner.run_job(job_id, database) is None, "delivered twice, run twice"
    job = state_of(database, job_id)
    assert (job.state, job.result, job.progress) == (JobState.DONE, {"answer": 42}, 1.0)


def test_two_workers_claim_a_job_once(database: Engine, work: Any) -> None:
    started = []

    def slow(context: runner.JobContext) -> None:
        started.append(context.job_id)
        time.sleep(0.3)

    work.do = slow
    job_id = submit(database)
    threads = [threading.Thread(target=runner.run_job, args=(job_id, database)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert started == [job_id]


def test_asking_twice_gives_the_same_job(database: Engine, work: Any) -> None:
    assert submit(database) == submit(database)
    assert submit(database, key="other") != submit(database)


def test_the_function_gets_its_inputs_and_reports(database: Engine, work: Any) -> None:
    seen: dict[str, Any] = {}

    def do(context: runner.JobContext) -> None:
        seen.update(context.inputs)
        context.report(0.5, "Half way", {"cost": [3, 2]})
        seen["row"] = state_of(database, context.job_id)

    work.do = do
    runner.run_job(submit(database, days=14), database)
    assert seen["days"] == 14
    assert (seen["row"].progress, seen["row"].message) == (0.5, "Half way")
    assert seen["row"].detail == {"cost": [3, 2]}


def test_a_running_job_is_cancelled_within_a_second(database: Engine, work: Any) -> None:
    running = threading.Event()

    def endless(context: runner.JobContext) -> None:
        running.set()
        while True:
            context.check()
            time.sleep(0.01)

    work.do = endless
    job_id = submit(database)
    thread = threading.Thread(target=runner.run_job, args=(job_id, database))
    thread.start()
    assert running.wait(5)
    with UnitOfWork(administrator(), engine=database) as uow:
        service.cancel(uow, job_id)
        uow.commit()
    thread.join(timeout=10)
    assert not thread.is_alive()
    job = state_of(database, job_id)
    assert job.state == JobState.CANCELLED
    assert "nothing was changed" in job.message


def test_a_waiting_job_is_cancelled_at_once(database: Engine, work: Any) -> None:
    job_id = submit(database)
    with UnitOfWork(administrator(), engine=database) as uow:
        service.cancel(uow, job_id)
        uow.commit()
    assert runner.run_job(job_id, database) is None
    assert state_of(database, job_id).state == JobState.CANCELLED


@pytest.mark.parametrize(
    ("error", "words"),
    [(InvalidInput("The period is empty."), "The period is empty."), (KeyError("x"), "KeyError")],
)
def test_a_failure_is_said_and_not_a_traceback(
    sqlite_engine: Engine, work: Any, error: Exception, words: str
) -> None:
    def fail(context: runner.JobContext) -> None:
        raise error

    work.do = fail
    job_id = submit(sqlite_engine)
    assert runner.run_job(job_id, sqlite_engine) == JobState.FAILED
    job = state_of(sqlite_engine, job_id)
    assert words in job.error and "Traceback" not in job.error


def test_the_sweep_fails_jobs_of_dead_workers_and_finds_lost_ones(
    database: Engine, work: Any
) -> None:
    dead, lost, fresh = (submit(database, key=key) for key in ("dead", "lost", "fresh"))
    with Session(database) as session:
        job = session.get_one(Job, dead)
        job.state = JobState.RUNNING
        job.heartbeat_at = utc_now() - service.SILENCE - timedelta(seconds=1)
        session.get_one(Job, lost).created_at = utc_now() - timedelta(minutes=2)
        session.commit()
        assert service.sweep(session, wait=lambda: None) == [lost]
    assert state_of(database, dead).state == JobState.FAILED
    assert state_of(database, fresh).state == JobState.QUEUED


def test_a_worker_that_leaves_hands_its_job_back(
    database: Engine, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits again as if nobody had taken it, and the next worker does all of it."""
    job_id = submit(database)

    def endless(context: runner.JobContext) -> None:
        context.report(0.5, "Half of it")
        while True:
            context.check()
            time.sleep(0.01)

    work.do = endless
    monkeypatch.setattr(leaving, "is_due", lambda: True)
    assert runner.run_job(job_id, database) == JobState.QUEUED
    job = state_of(database, job_id)
    assert (job.progress, job.started_at, job.finished_at, job.error) == (0.0, None, None, "")
    monkeypatch.setattr(leaving, "is_due", lambda: False)
    work.do = lambda context: {}
    assert runner.run_job(job_id, database) == JobState.DONE


def test_a_job_is_given_time_before_it_is_handed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [100.0]
    monkeypatch.setattr(leaving, "_told", bytearray(1))
    monkeypatch.setattr(leaving, "_since", None)
    monkeypatch.setattr(leaving.time, "monotonic", lambda: moment[0])
    assert not leaving.is_due()
    leaving.tell()
    assert not leaving.is_due()
    moment[0] += leaving.FINISH_SECONDS
    assert leaving.is_due()


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_is_set_fails_no_job_that_lives(
    database: Engine, work: Any, hours: float
) -> None:
    """Every heartbeat is hours old, or hours ahead: who beats meanwhile is alive."""
    alive, dead = submit(database, key="alive"), submit(database, key="dead")
    with Session(database) as session:
        for job in session.scalars(select(Job)):
            job.state = JobState.RUNNING
            job.heartbeat_at = utc_now() + timedelta(hours=hours)
        session.commit()

        def beats() -> None:
            with database.begin() as connection:
                connection.execute(
                    update(Job).where(Job.id == alive).values(heartbeat_at=utc_now())
                )

        service.sweep(session, wait=beats)
    assert state_of(database, alive).state == JobState.RUNNING
    assert state_of(database, dead).state == JobState.FAILED


def test_another_homes_job_is_neither_seen_nor_cancelled(database: Engine, work: Any) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        mine, other = make.make_home(uow.session), make.make_home(uow.session)
        job_id = service.submit(uow, "test", {}, key="h", home_id=other.id).id
        uow.commit()
    actor = make.actor(UserRole.OPERATIONAL_MANAGER, mine)
    with UnitOfWork(actor, engine=database) as uow:
        with pytest.raises(NotAllowed):
            service.cancel(uow, job_id)
        with pytest.raises(NotAllowed):
            service.view(uow.session, actor, job_id)
        with pytest.raises(NotAllowed):
            service.submit(uow, "test", {}, key="x", home_id=other.id)
        assert service.recent(uow.session, actor) == []
