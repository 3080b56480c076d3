"""Reporting sick, coming back, and the Bradford factor."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed
from rota.leave.guard import away_on
from rota.leave.sickness import (
    bradford,
    bradford_of_home,
    bradford_score,
    extend,
    report_sick,
    return_to_work,
    undo_report,
)
from rota.models import AbsenceSpell, LostShift, Shift, UserRole
from tests import factories as make
from tests.rota.leave.conftest import Home

TODAY = date(2026, 5, 20)


def shifts(uow: UnitOfWork, home: Home, *offsets: int) -> list[Shift]:
    """Day shifts of the carer so many days from today."""
    rows = [
        make.make_shift(uow.session, home.unit, home.carer, TODAY + timedelta(days=n))
        for n in offsets
    ]
    uow.commit()
    return rows


def test_reporting_sick_leaves_vacancies_for_a_week_and_notes_what_was_lost(
    uow: UnitOfWork, home: Home
) -> None:
    today, soon, later = shifts(uow, home, 0, 6, 7)
    uow.actor = home.manager
    done = report_sick(uow, home.carer.id, TODAY, note="flu")
    uow.commit()
    assert done.released.vacancy_ids == (today.id, soon.id)
    assert {today.vacancy_reason, soon.vacancy_reason} == {"sickness"}
    assert later.user_id == home.carer.id
    lost = uow.session.scalars(select(LostShift).order_by(LostShift.date)).all()
    assert [(row.date, row.band, row.minutes) for row in lost] == [
        (today.date, "day", 720),
        (soon.date, "day", 720),
    ]


def test_a_known_last_day_takes_off_just_those_days(uow: UnitOfWork, home: Home) -> None:
    first, second = shifts(uow, home, 0, 1)
    report_sick(uow, home.carer.id, TODAY, TODAY)
    assert (first.is_vacant, second.is_vacant) == (True, False)


def test_a_spell_is_extended_and_closed(uow: UnitOfWork, home: Home) -> None:
    rows = shifts(uow, home, 0, 9)
    spell = report_sick(uow, home.carer.id, TODAY).spell_id
    extend(uow, spell, TODAY + timedelta(days=9))
    assert all(row.is_vacant for row in rows)
    closed = return_to_work(uow, spell, TODAY)
    uow.commit()
    assert closed.ended_on == TODAY
    assert [lost.date for lost in uow.session.scalars(select(LostShift))] == [TODAY]
    with pytest.raises(Conflict):
        return_to_work(uow, spell, TODAY)


def test_an_open_spell_keeps_somebody_away_for_a_week_from_today(
    uow: UnitOfWork, home: Home
) -> None:
    report_sick(uow, home.carer.id, TODAY)
    days = [TODAY + timedelta(days=n) for n in (-1, 0, 6, 7)]
    assert sorted(away_on(uow.session, home.carer.id, days)) == days[1:3]


def test_a_mistaken_report_is_undone(uow: UnitOfWork, home: Home) -> None:
    (shift,) = shifts(uow, home, 0)
    spell = report_sick(uow, home.carer.id, TODAY).spell_id
    uow.commit()
    undo_report(uow, spell)
    uow.commit()
    assert shift.user_id == home.carer.id
    assert uow.session.scalars(select(AbsenceSpell)).all() == []
    assert uow.session.scalars(select(LostShift)).all() == []


def test_a_second_report_and_impossible_days_are_refused(uow: UnitOfWork, home: Home) -> None:
    report_sick(uow, home.carer.id, TODAY)
    with pytest.raises(Conflict, match="on record"):
        report_sick(uow, home.carer.id, TODAY + timedelta(days=1))
    for first, last in (
        (TODAY, TODAY - timedelta(days=1)),
        (TODAY - timedelta(days=40), None),
        (TODAY + timedelta(days=40), None),
    ):
        with pytest.raises(InvalidInput):
            report_sick(uow, home.colleague.id, first, last)


def test_only_a_manager_of_the_home_reports_and_sees_bradford(uow: UnitOfWork, home: Home) -> None:
    stranger = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    for actor in (stranger, home.carer_actor(), make.actor(UserRole.SENIOR_MANAGER, home.home)):
        uow.actor = actor
        with pytest.raises(NotAllowed):
            report_sick(uow, home.carer.id, TODAY)
        with pytest.raises(NotAllowed):
            bradford(uow.session, actor, home.carer.id)


def test_bradford_is_spells_squared_times_days_over_a_year(uow: UnitOfWork, home: Home) -> None:
    for start, end in (
        (date(2025, 5, 15), date(2025, 5, 23)),  # two of its days lie in the window
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 5, 19), None),
    ):
        uow.session.add(
            AbsenceSpell(
                staff_id=home.carer.id, home_id=home.home.id, started_on=start, ended_on=end
            )
        )
    uow.session.flush()
    factor = bradford(uow.session, home.manager, home.carer.id)
    assert (factor.spells, factor.days, factor.score) == (3, 2 + 3 + 2, 63)
    assert (factor.step, factor.steps) == (1, (51, 201, 401, 601))
    assert bradford_score(10, 10) == 1000
    assert bradford_of_home(uow.session, home.manager, home.home.id) == {home.carer.id: factor}
    with pytest.raises(NotAllowed):
        bradford_of_home(uow.session, home.carer_actor(), home.home.id)
