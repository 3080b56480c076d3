"""Colleagues see names and shifts of their own unit, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from rota.calendar import Period
from rota.carer.unit_rota import my_unit_rota
from rota.database import UnitOfWork
from rota.leave.sickness import report_sick
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.leave.conftest import Home

WEEK = Period(MONDAY, MONDAY + timedelta(days=6))


def test_only_published_shifts_of_the_own_unit_with_names_only(uow: UnitOfWork, home: Home) -> None:
    session = uow.session
    make.make_shift(session, home.unit, home.carer, MONDAY, is_published=True, note="Keys")
    make.make_shift(session, home.unit, home.colleague, MONDAY, is_published=True)
    make.make_shift(session, home.unit, home.colleague, MONDAY + timedelta(days=1))  # a draft
    make.make_shift(session, home.unit, None, MONDAY, is_published=True)
    elsewhere = make.make_unit(session, home.home)
    make.make_shift(
        session, elsewhere, make.make_staff(session, elsewhere), MONDAY, is_published=True
    )
    found = my_unit_rota(session, home.carer_actor(), WEEK)
    assert found.unit == home.unit.name
    (shift,) = found.shifts
    assert shift.names == tuple(sorted([home.carer.name, home.colleague.name]))
    assert "Keys" not in repr(found)


def test_somebody_who_is_ill_is_simply_not_there(uow: UnitOfWork, home: Home) -> None:
    make.make_shift(uow.session, home.unit, home.colleague, MONDAY, is_published=True)
    report_sick(uow, home.colleague.id, MONDAY, MONDAY, note="back")
    found = my_unit_rota(uow.session, home.carer_actor(), WEEK)
    assert found.shifts == ()
    assert "sick" not in repr(found)
