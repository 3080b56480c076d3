"""Closed months keep what was reported; a changed rate prices what is open."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from rota.costs.closing import close_months, closed_through, first_open_day
from rota.costs.repricing import reprice
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed
from rota.models import AuditEvent, OnCost, PayRate, PolicySetting, Shift, UserRole
from tests import factories as make
from tests.factories import actor

TODAY = date(2026, 6, 10)
MAY, JUNE = date(2026, 5, 20), date(2026, 6, 8)


@pytest.fixture
def shifts(uow: UnitOfWork) -> list[Shift]:
    """A shift of May and one of June, priced before their rate was corrected."""
    session = uow.session
    unit = make.make_unit(session, make.make_home(session))
    role = make.make_role(session)
    session.add(PayRate(role_id=role.id, effective_from=date(2020, 1, 1), day_pence=1000,
                        night_pence=1000, weekend_pence=1000, holiday_pence=1000))  # fmt: skip
    session.add(OnCost(effective_from=date(2020, 1, 1), national_insurance_percent=0,
                       national_insurance_threshold_pence=0, pension_percent=0))  # fmt: skip
    person = make.make_staff(session, unit, role)
    return [make.make_shift(session, unit, person, day, cost_pence=1) for day in (MAY, JUNE)]


def costs(uow: UnitOfWork) -> list[int | None]:
    uow.session.expire_all()
    return list(uow.session.scalars(select(Shift.cost_pence).order_by(Shift.date)))


def test_a_closed_month_is_restated_only_when_asked(uow: UnitOfWork, shifts: list[Shift]) -> None:
    close_months(uow, MAY, TODAY, "Reported")
    assert closed_through(uow.session) == date(2026, 5, 31)
    assert reprice(uow, date(2026, 1, 1)) == 1
    assert costs(uow) == [1, 12_000]
    assert reprice(uow, date(2026, 1, 1), restates_closed=True) == 1
    assert costs(uow) == [12_000, 12_000]


def test_opening_again_is_a_row_of_its_own(uow: UnitOfWork, shifts: list[Shift]) -> None:
    close_months(uow, MAY, TODAY, "Reported")
    close_months(uow, None, TODAY, "An invoice came late")
    assert closed_through(uow.session) is None
    assert first_open_day(uow.session, MAY) == MAY
    assert reprice(uow, date(2026, 1, 1)) == 2
    assert len(uow.session.scalars(select(PolicySetting)).all()) == 2
    lines = uow.session.execute(
        select(AuditEvent.action, AuditEvent.reason).order_by(AuditEvent.id)
    ).all()
    assert [reason for _, reason in lines[:2]] == ["Reported", "An invoice came late"]
    assert [action for action, _ in lines[2:]] == ["reprice"]


@pytest.mark.parametrize(("day", "reason"), [(JUNE, "x"), (date(2030, 1, 1), "x"), (MAY, " ")])
def test_what_is_not_over_or_has_no_reason_stays_open(
    uow: UnitOfWork, day: date, reason: str
) -> None:
    with pytest.raises(InvalidInput):
        close_months(uow, day, TODAY, reason)
    assert closed_through(uow.session) is None


def test_only_those_who_edit_rates_close_months(uow: UnitOfWork) -> None:
    uow.actor = actor(UserRole.SENIOR_MANAGER)
    with pytest.raises(NotAllowed):
        close_months(uow, MAY, TODAY, "x")
