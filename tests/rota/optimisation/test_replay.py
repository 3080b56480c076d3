"""Replay of a month: its two parts add up, and knowing the absences is never dearer by design."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed
from rota.jobs.runner import run_job
from rota.models import AbsenceSpell, Classification, JobState, Staff, UserRole
from rota.optimisation import replay
from rota.optimisation.draft import DraftShift
from rota.optimisation.replay import Rota, ask_replay, newest_replay, replayed, with_absences
from tests import factories as make
from tests.factories import administrator
from tests.rota.optimisation.homes import make_small_home

FEBRUARY = date(2026, 2, 1)
TODAY = date(2026, 3, 4)
COVER = Fraction(3_000)
rotas = st.builds(Rota, st.integers(0, 10**8), st.integers(0, 10**6))


@settings(max_examples=40, deadline=None)
@given(rotas, rotas, rotas, st.integers(1, 10_000))
def test_assignment_and_forecasts_add_up_to_the_saving(
    actual: Rota, assigned: Rota, foreseen: Rota, price: int
) -> None:
    found = replayed(actual, assigned, foreseen, 0, Fraction(price, 7))
    assert found.assignment_pence + found.forecast_pence == found.saving_pence
    assert found.saving_pence == found.actual_pence - found.foreseen_pence


def test_a_gap_costs_what_cover_costs() -> None:
    gap, full = Rota(10_000, 120), Rota(16_000, 0)
    found = replayed(full, gap, full, 0, COVER)
    assert found.assigned_pence == 16_000, "two hours at £30 make the cheaper rota as dear"
    assert found.assignment_pence == 0


def test_who_fails_to_come_is_covered_at_the_price_of_cover() -> None:
    moment = datetime(2026, 2, 3, tzinfo=UTC)
    shifts = [
        DraftShift(
            1, FEBRUARY, 1, staff, None, 1, Classification.REGULAR, moment, moment, 600, 9_000
        )
        for staff in (1, 2, None)
    ]
    pence, count = with_absences(shifts, frozenset({(1, FEBRUARY), (3, FEBRUARY)}), COVER)
    assert (pence, count) == (30_000 + 9_000 + 9_000, 1)


def test_a_month_of_a_small_home_is_replayed(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "SECONDS", 0.4)
    small = make_small_home(sqlite_engine)
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        people = list(uow.session.scalars(select(Staff).order_by(Staff.id)))
        for offset in range(28):
            day = FEBRUARY + timedelta(days=offset)
            # worked badly: always the same two, and at the price of overtime
            for person in people[:2]:
                make.make_shift(uow.session, small.unit, person, day, cost_pence=40_000,
                                classification=Classification.OVERTIME)  # fmt: skip
        uow.session.add(
            AbsenceSpell(staff_id=people[2].id, home_id=small.home.id,
                         started_on=FEBRUARY + timedelta(days=3),
                         ended_on=FEBRUARY + timedelta(days=20))
        )  # fmt: skip
        with pytest.raises(InvalidInput):
            ask_replay(uow, small.home.id, TODAY, TODAY)
        job_id = ask_replay(uow, small.home.id, FEBRUARY, TODAY)
        assert ask_replay(uow, small.home.id, FEBRUARY, TODAY) == job_id, "asked twice, one job"
        uow.commit()
    assert run_job(job_id, sqlite_engine) is JobState.DONE
    with reading(sqlite_engine) as session:
        job, found = newest_replay(session, administrator(), small.home.id, FEBRUARY)
        stranger = make.actor(UserRole.SENIOR_MANAGER)
        with pytest.raises(NotAllowed):
            newest_replay(session, stranger, small.home.id, FEBRUARY)
    assert job is not None and found is not None
    assert found.assignment_pence + found.forecast_pence == found.saving_pence
    assert found.assignment_pence > 0, "nobody needed so much overtime"
    assert found.actual_unfilled_minutes > 0, "no night was worked"
