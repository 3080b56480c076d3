"""How near everybody is to the 48-hour average (Working Time Regulations 1998, reg 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rota.calendar import sunday
from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.models import UserRole, WorkingTimeOptOut
from rota.roster.headroom import weekly_headroom
from tests import factories as make
from tests.factories import MONDAY

DAY = timedelta(days=1)


def test_the_tightest_comes_first_projected_over_the_planned_rota(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    unit = make.make_unit(uow.session, home)
    # both began this Monday: their averages run since then (reg 4(4))
    busy, calm, free = (
        make.make_staff(uow.session, unit, started_on=MONDAY, last_name=name)
        for name in ("Busy", "Calm", "Free")
    )
    for week, days in ((0, 3), (1, 6)):
        for offset in range(days):
            make.make_shift(uow.session, unit, busy, MONDAY + (7 * week + offset) * DAY)
    for offset in range(2):
        make.make_shift(uow.session, unit, calm, MONDAY + offset * DAY)
    uow.session.add(WorkingTimeOptOut(staff_id=free.id, signed_on=MONDAY - DAY))
    uow.commit()
    manager = make.actor(UserRole.OPERATIONAL_MANAGER, home)
    first, second, third = weekly_headroom(uow.session, manager, home.id, MONDAY)
    # eleven working hours a shift: 33 h in the first week, 99 h in the two together
    assert (first.name, first.now, first.highest) == (busy.name, 33 * 60, 99 * 30)
    assert first.highest_on == sunday(MONDAY + 7 * DAY)
    assert first.left == (2 * 48 - 99) * 60, "three hours too many"
    assert first.course == (33 * 60, 99 * 30)
    assert (second.name, second.now, second.left) == (calm.name, 22 * 60, 26 * 60)
    assert (third.name, third.highest, third.course) == (free.name, None, ())


def test_names_and_homes_are_for_those_who_may(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    person = make.make_staff(uow.session, make.make_unit(uow.session, home))
    uow.commit()
    (row,) = weekly_headroom(uow.session, make.actor(UserRole.ANALYST, home), home.id, MONDAY)
    assert row.name == f"Person {person.id}"
    stranger = make.actor(UserRole.ANALYST, make.make_home(uow.session))
    with pytest.raises(NotAllowed):
        weekly_headroom(uow.session, stranger, home.id, MONDAY)
