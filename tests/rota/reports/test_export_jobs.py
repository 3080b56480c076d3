"""A large workbook is written by the worker and fetched by the person who asked, nobody else."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, update

from rota.access.service import actor_of
from rota.costs.values import CostScope, Dimension
from rota.database import UnitOfWork, reading
from rota.errors import NotAllowed, NotFound
from rota.jobs import service as jobs
from rota.jobs.runner import run_job
from rota.models import HomeGrant, Job, JobFile, JobState, UserRole, utc_now
from rota.operations.retention import FILE_LIFE, delete_expired
from rota.reports.export_jobs import ask_workbook, file_of, newest_workbook
from tests import factories as make
from tests.factories import administrator
from tests.rota.costs.test_cost_queries import END, START, random_home


def test_a_workbook_is_asked_for_made_fetched_and_forgotten(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        home = random_home(uow.session, 5, shifts=40)
        user, other = (make.make_user(uow.session, UserRole.ANALYST) for _ in range(2))
        for one in (user, other):
            uow.session.add(HomeGrant(user_id=one.id, home_id=home.id))
        uow.commit()
    with reading(database) as session:
        who, stranger = actor_of(session, user), actor_of(session, other)
    scope = CostScope(frozenset({home.id}), START, END).within(Dimension.BAND, "day")
    with UnitOfWork(who, engine=database) as uow:
        assert newest_workbook(uow.session, who, scope) is None
        job_id = ask_workbook(uow, scope)
        assert ask_workbook(uow, scope) == job_id, "asked twice, one job"
        uow.commit()
    assert run_job(job_id, database) is JobState.DONE
    with reading(database) as session:
        view = newest_workbook(session, who, scope)
        assert view is not None and view.id == job_id
        made = file_of(session, who, job_id)
        rows = list(load_workbook(io.BytesIO(made.content))["Shifts"].iter_rows(values_only=True))
        assert len(rows) - 2 == view.result["rows"] > 0, "a head, and a line of totals"
        assert newest_workbook(session, stranger, scope) is None
        with pytest.raises(NotAllowed):
            file_of(session, stranger, job_id)
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.session.execute(
            update(JobFile).values(made_at=utc_now() - FILE_LIFE - timedelta(hours=1))
        )
        assert delete_expired(uow)["files"] == 1
        uow.commit()
    with reading(database) as session:
        assert newest_workbook(session, who, scope) is None
        with pytest.raises(NotFound):
            file_of(session, who, job_id)


def test_another_home_is_not_asked_for(uow: UnitOfWork) -> None:
    mine, theirs = make.make_home(uow.session), make.make_home(uow.session)
    day = date(2026, 6, 1)
    uow.actor = make.actor(UserRole.ANALYST, mine)
    with pytest.raises(NotAllowed):
        ask_workbook(uow, CostScope(frozenset({theirs.id}), day, day))


@pytest.mark.parametrize("inputs", [{}, {"home_ids": ["x"]}, {"home_ids": [], "start": "x"}])
def test_a_job_with_inputs_that_make_no_sense_fails_in_words(
    sqlite_engine: Engine, inputs: dict[str, object]
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        job_id = jobs.submit(uow, "workbook", inputs, key="x").id
        uow.commit()
    assert run_job(job_id, sqlite_engine) is JobState.FAILED
    with reading(sqlite_engine) as session:
        assert session.get_one(Job, job_id).error.startswith("The workbook asked for")
