"""The heat map: the share of a unit that is off by day, and who that is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rota.calendar import Period
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed
from rota.leave.heat import leave_heat, off_on
from rota.leave.policy import set_limit
from rota.leave.queries import team_calendar
from rota.leave.sickness import report_sick
from rota.models import LeaveStatus, UserRole
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.leave.conftest import Home

QUARTER = Period(MONDAY - timedelta(weeks=4), MONDAY + timedelta(weeks=9, days=-1))


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


def test_each_unit_counts_its_own_and_nobody_twice(uow: UnitOfWork, home: Home) -> None:
    other = make.make_unit(uow.session, home.home, "Another unit")
    elsewhere = make.make_staff(uow.session, other)
    make.make_leave(uow.session, home.carer, day(0), day(2), status=LeaveStatus.APPROVED)
    make.make_leave(uow.session, elsewhere, day(1), day(1), status=LeaveStatus.APPROVED)
    make.make_leave(uow.session, home.colleague, day(2), day(3))  # waits
    make.make_leave(uow.session, home.colleague, day(9), day(9), status=LeaveStatus.REJECTED)
    report_sick(uow, home.carer.id, date(2026, 5, 20), date(2026, 5, 21))
    heat = leave_heat(uow.session, home.manager, home.home.id, QUARTER)
    first, second = heat.units if heat.units[0].unit == "Another unit" else heat.units[::-1]
    assert (first.unit, first.team, first.off) == ("Another unit", 1, {day(1): 1})
    assert second.team == 2
    assert second.off == {
        day(0): 1, day(1): 1, day(2): 1, date(2026, 5, 20): 1, date(2026, 5, 21): 1,
    }  # fmt: skip
    assert second.asked == {day(2): 1, day(3): 1}
    assert second.share(day(0)) == 0.5 and second.share(day(5)) == 0


def test_the_limit_is_the_policys_and_one_is_never_too_many(uow: UnitOfWork, home: Home) -> None:
    make.make_leave(uow.session, home.carer, day(0), day(0), status=LeaveStatus.APPROVED)
    heat = leave_heat(uow.session, home.manager, home.home.id, QUARTER)
    assert heat.off_percent == 20 and heat.units[0].limit == 1
    assert list(heat.over()) == []
    make.make_leave(uow.session, home.colleague, day(0), day(0), status=LeaveStatus.APPROVED)
    heat = leave_heat(uow.session, home.manager, home.home.id, QUARTER)
    assert [(unit.unit_id, when) for unit, when in heat.over()] == [(home.unit.id, day(0))]
    set_limit(uow, "team_off_percent", 100, date(2026, 1, 1), home_id=home.home.id, reason="Small")
    heat = leave_heat(uow.session, home.manager, home.home.id, QUARTER)
    assert list(heat.over()) == []


def test_it_says_the_same_as_the_calendar(uow: UnitOfWork, home: Home) -> None:
    make.make_leave(uow.session, home.carer, day(0), day(4), status=LeaveStatus.APPROVED)
    make.make_leave(uow.session, home.colleague, day(3), day(5), status=LeaveStatus.APPROVED)
    report_sick(uow, home.colleague.id, date(2026, 5, 20))  # open: its days are an assumption
    period = Period(date(2026, 5, 18), day(6))
    heat = leave_heat(uow.session, home.manager, home.home.id, period, home.unit.id)
    calendar = team_calendar(uow.session, home.manager, home.home.id, period, home.unit.id)
    assert {d: n for d, n in calendar.off.items() if n} == heat.units[0].off
    assert calendar.limit == heat.units[0].limit


def test_a_day_opens_to_its_names(uow: UnitOfWork, home: Home) -> None:
    make.make_leave(uow.session, home.carer, day(0), day(2), status=LeaveStatus.APPROVED)
    make.make_leave(uow.session, home.colleague, day(1), day(3))
    rows = off_on(uow.session, home.manager, home.home.id, day(1), home.unit.id)
    assert [(row.name, row.why, row.decided) for row in rows] == [
        (home.carer.name, "annual", True), (home.colleague.name, "annual", False),
    ]  # fmt: skip
    assert rows[0].period == Period(day(0), day(2))
    assert off_on(uow.session, home.manager, home.home.id, day(6)) == []


def test_other_homes_are_closed_and_a_period_has_an_end(uow: UnitOfWork, home: Home) -> None:
    stranger = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    with pytest.raises(NotAllowed):
        leave_heat(uow.session, stranger, home.home.id, QUARTER)
    with pytest.raises(NotAllowed):
        off_on(uow.session, home.carer_actor(), home.home.id, day(0))
    with pytest.raises(InvalidInput, match="leave year at most"):
        leave_heat(uow.session, home.manager, home.home.id, Period(day(0), day(400)))
