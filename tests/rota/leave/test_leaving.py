"""Somebody leaves: their shifts become vacancies that know why, and it can be undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed
from rota.leave.leaving import record_leaver, undo_leaver
from rota.models import AuditEvent, LeaveStatus, Staff, UserRole
from rota.vacancies.queries import vacancies
from tests import factories as make
from tests.rota.leave.conftest import Home

TODAY = date(2026, 5, 20)
DAY = timedelta(days=1)


def test_shifts_after_the_last_day_become_vacancies_that_know_why(
    uow: UnitOfWork, home: Home
) -> None:
    before, after = (
        make.make_shift(uow.session, home.unit, home.carer, TODAY + n * DAY) for n in (5, 6)
    )
    make.make_leave(
        uow.session, home.carer, TODAY + 5 * DAY, TODAY + 9 * DAY, status=LeaveStatus.PENDING
    )
    uow.commit()
    uow.actor = home.manager
    done = record_leaver(uow, home.carer.id, TODAY + 5 * DAY)
    uow.commit()
    assert done.released.vacancy_ids == (after.id,) and done.leave_after == 1
    assert before.user_id == home.carer.id
    assert uow.session.get_one(Staff, home.carer.id).left_on == TODAY + 5 * DAY
    (vacancy,) = vacancies(uow.session, home.manager, home.home.id)
    assert (vacancy.shift_id, vacancy.why) == (after.id, "Leaver")
    line = uow.session.scalars(select(AuditEvent).where(AuditEvent.action == "record leaver")).one()
    assert line.after == {"left_on": "2026-05-25", "shifts": 1}


def test_who_stays_after_all_gets_the_shifts_back(uow: UnitOfWork, home: Home) -> None:
    shift = make.make_shift(uow.session, home.unit, home.carer, TODAY + 6 * DAY)
    uow.commit()
    uow.actor = home.manager
    done = record_leaver(uow, home.carer.id, TODAY)
    uow.commit()
    undo_leaver(uow, home.carer.id, done.released.change_set_id)
    uow.commit()
    assert shift.user_id == home.carer.id
    assert uow.session.get_one(Staff, home.carer.id).left_on is None
    with pytest.raises(Conflict, match="No last day"):
        undo_leaver(uow, home.carer.id, done.released.change_set_id)


def test_a_second_time_and_days_that_make_no_sense_are_refused(uow: UnitOfWork, home: Home) -> None:
    uow.actor = home.manager
    for day in (TODAY - 93 * DAY, TODAY + 367 * DAY):
        with pytest.raises(InvalidInput, match="Check the year"):
            record_leaver(uow, home.carer.id, day)
    home.colleague.started_on = TODAY
    with pytest.raises(InvalidInput, match="only started"):
        record_leaver(uow, home.colleague.id, TODAY - DAY)
    record_leaver(uow, home.carer.id, TODAY)
    with pytest.raises(Conflict, match="on record already"):
        record_leaver(uow, home.carer.id, TODAY + DAY)


def test_it_is_for_the_managers_of_the_home(uow: UnitOfWork, home: Home) -> None:
    stranger = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    for actor in (stranger, make.actor(UserRole.SENIOR_MANAGER, home.home), home.carer_actor()):
        uow.actor = actor
        with pytest.raises(NotAllowed):
            record_leaver(uow, home.carer.id, TODAY)
        with pytest.raises(NotAllowed):
            undo_leaver(uow, home.carer.id, None)
