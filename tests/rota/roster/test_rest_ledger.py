"""Compensatory rest owed, taken and struck out (Working Time Regulations 1998, reg 24)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from rota.calendar import Period
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.models import AuditEvent, CareHome, CompensatoryRest, Shift, Staff, Unit, UserRole
from rota.roster.edits import Allowance, AssignShift
from rota.roster.rest_ledger import owe, record_rest, strike_out, take_back, take_rest
from rota.roster.rest_queries import home_findings, lacking_rest, rest_ledger
from rota.roster.service import assign_shift
from rota.rules import Severity
from tests import factories as make
from tests.factories import MONDAY

#: a fortnight after the short rest between MONDAY and the day after
TODAY = MONDAY + timedelta(days=12)
WEEK = Period(MONDAY, MONDAY + timedelta(days=6))


@dataclass
class Desk:
    """A home whose carer worked an early nine hours after a late."""

    uow: UnitOfWork
    home: CareHome
    unit: Unit
    carer: Staff

    def lacking(self) -> list[tuple[str, int]]:
        found = home_findings(self.uow.session, self.uow.actor, [self.home.id], None, WEEK)
        return [(f.verdict.rule, f.verdict.owed_minutes) for f in lacking_rest(found)]

    def severity(self) -> Severity:
        found = home_findings(self.uow.session, self.uow.actor, [self.home.id], None, WEEK)
        return next(f.verdict.severity for f in found if f.verdict.rule == "daily_rest")

    def record(self) -> int:
        record_rest(self.uow, self.carer.id, "daily_rest", day(1))
        self.uow.commit()
        return self.uow.session.scalars(select(CompensatoryRest.id)).one()


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


@pytest.fixture
def desk(uow: UnitOfWork) -> Iterator[Desk]:
    home = make.make_home(uow.session, "Orchard Grove")
    unit = make.make_unit(uow.session, home)
    carer = make.make_staff(uow.session, unit)
    make.make_shift(uow.session, unit, carer, day(0), "L")  # until 22:00
    make.make_shift(uow.session, unit, carer, day(1), "E")  # from 07:00
    make.make_shift(uow.session, unit, carer, day(2), "E")  # after 16 hours
    for offset in range(3, 13):
        make.make_shift(uow.session, unit, carer, day(offset), "D")  # twelve hours between
    manager = make.make_user(uow.session, UserRole.OPERATIONAL_MANAGER)
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, home, user_id=manager.id)
    uow.commit()
    with time_machine.travel(
        datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC), tick=False
    ):
        yield Desk(uow, home, unit, carer)


def test_an_exception_already_on_the_rota_turns_amber_only_by_its_entry(desk: Desk) -> None:
    assert desk.severity() is Severity.BARRED
    assert desk.lacking()[0] == ("daily_rest", 120)
    desk.record()
    assert desk.severity() is Severity.WARNED
    assert "daily_rest" not in dict(desk.lacking())
    (row,) = rest_ledger(desk.uow.session, desk.uow.actor, desk.home.id)
    assert (row.name, row.rule, row.owed_minutes) == (desk.carer.name, "Daily rest", 120)
    assert (row.arose_on, row.due_on, row.arises) == (day(1), day(15), True)
    # 15:00 of that early to 07:00 of the next: sixteen hours, five more than are due
    assert row.rest_on == day(1)


def test_rest_is_recorded_once_and_only_where_the_rules_find_an_exception(desk: Desk) -> None:
    desk.record()
    with pytest.raises(Conflict, match="no exception"):
        record_rest(desk.uow, desk.carer.id, "daily_rest", day(1))
    with pytest.raises(Conflict, match="no exception"):
        record_rest(desk.uow, desk.carer.id, "daily_rest", day(2))
    with pytest.raises(NotFound):
        record_rest(desk.uow, desk.carer.id, "no such rule", day(1))
    assert len(desk.uow.session.scalars(select(CompensatoryRest)).all()) == 1


def test_taking_the_rest_needs_a_day_with_rest_enough(desk: Desk) -> None:
    entry = desk.record()
    # between two long days lie twelve hours: one more than is due every day
    with pytest.raises(InvalidInput, match=r"1 h rest on .* 2 h are owed") as refused:
        take_rest(desk.uow, entry, day(6))
    assert "2 Jun" in refused.value.hint
    with pytest.raises(InvalidInput, match="ahead"):
        take_rest(desk.uow, entry, TODAY + timedelta(days=1))
    with pytest.raises(InvalidInput, match="from Tue 2 Jun on"):
        take_rest(desk.uow, entry, day(0))
    take_rest(desk.uow, entry, day(2))
    desk.uow.commit()
    assert rest_ledger(desk.uow.session, desk.uow.actor, desk.home.id) == []
    (row,) = rest_ledger(desk.uow.session, desk.uow.actor, desk.home.id, taken_since=day(2))
    assert row.taken_on == day(2)
    line = desk.uow.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "take compensatory rest")
    ).one()
    assert line.after == {"staff_id": desk.carer.id, "taken_on": day(2).isoformat(), "minutes": 120}


def test_taking_twice_is_told_and_a_mistake_is_taken_back(desk: Desk) -> None:
    entry = desk.record()
    take_rest(desk.uow, entry, day(2))
    with pytest.raises(Conflict, match="taken on Wed 3 Jun already"):
        take_rest(desk.uow, entry, day(2))
    with pytest.raises(Conflict, match="stays on record"):
        strike_out(desk.uow, entry)
    take_back(desk.uow, entry)
    desk.uow.commit()
    assert [r.id for r in rest_ledger(desk.uow.session, desk.uow.actor, desk.home.id)] == [entry]
    with pytest.raises(Conflict, match="owed as it is"):
        take_back(desk.uow, entry)


def test_an_entry_is_struck_out_only_when_its_exception_has_left_the_rota(desk: Desk) -> None:
    entry = desk.record()
    with pytest.raises(Conflict, match="still falls short"):
        strike_out(desk.uow, entry)
    late = next(s for s in desk.uow.session.scalars(select(Shift)) if s.date == day(0))
    desk.uow.session.delete(late)
    desk.uow.session.flush()
    (row,) = rest_ledger(desk.uow.session, desk.uow.actor, desk.home.id)
    assert not row.arises
    strike_out(desk.uow, entry)
    desk.uow.commit()
    assert rest_ledger(desk.uow.session, desk.uow.actor, desk.home.id) == []
    line = desk.uow.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "strike out compensatory rest")
    ).one()
    assert line.before and line.before["minutes"] == 120


def test_the_same_exception_grown_longer_raises_its_entry(desk: Desk) -> None:
    entry = desk.record()
    found = home_findings(desk.uow.session, desk.uow.actor, [desk.home.id], None, WEEK)
    verdict = next(f.verdict for f in found if f.verdict.rule == "daily_rest")
    owe(desk.uow, desk.carer, replace(verdict, owed_minutes=180))
    owe(desk.uow, desk.carer, replace(verdict, owed_minutes=60))
    desk.uow.commit()
    row = desk.uow.session.get_one(CompensatoryRest, entry)
    assert row.owed_minutes == 180
    assert len(desk.uow.session.scalars(select(CompensatoryRest)).all()) == 1


def test_a_shift_assigned_with_its_rest_is_in_the_ledger(desk: Desk) -> None:
    person = make.make_staff(desk.uow.session, desk.unit)
    make.make_shift(desk.uow.session, desk.unit, person, day(14), "L")
    assign_shift(
        desk.uow,
        AssignShift(
            desk.home.id, person.id, day(15), "E", allowance=Allowance(compensatory_rest=True)
        ),
    )
    desk.uow.commit()
    (row,) = rest_ledger(desk.uow.session, desk.uow.actor, desk.home.id, staff_id=person.id)
    assert (row.owed_minutes, row.arose_on, row.taken_on) == (120, day(15), None)
    assert row.rest_on == day(15), "nothing is planned after it"


def test_who_may_only_look_changes_nothing_and_other_homes_are_closed(desk: Desk) -> None:
    entry = desk.record()
    manager = desk.uow.actor
    desk.uow.actor = make.actor(UserRole.ANALYST, desk.home)
    (row,) = rest_ledger(desk.uow.session, desk.uow.actor, desk.home.id)
    assert row.name == f"Person {desk.carer.id}"
    elsewhere = make.make_home(desk.uow.session)
    for actor in (desk.uow.actor, make.actor(UserRole.OPERATIONAL_MANAGER, elsewhere)):
        desk.uow.actor = actor
        for act in (
            lambda: take_rest(desk.uow, entry, day(2)),
            lambda: take_back(desk.uow, entry),
            lambda: strike_out(desk.uow, entry),
            lambda: record_rest(desk.uow, desk.carer.id, "daily_rest", day(1)),
        ):
            with pytest.raises(NotAllowed):
                act()
    with pytest.raises(NotAllowed):
        rest_ledger(desk.uow.session, desk.uow.actor, desk.home.id)
    desk.uow.actor = manager
    with pytest.raises(NotFound):
        take_rest(desk.uow, 10_000, day(2))
