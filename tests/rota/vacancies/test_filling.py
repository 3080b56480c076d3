"""Filling a vacancy: rules, versions, other homes, agencies, undo."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBreach
from rota.models import (
    Agency,
    AgencyRate,
    AuditEvent,
    Classification,
    Employment,
    LeaveStatus,
    Shift,
    UserRole,
)
from rota.roster import changes
from rota.vacancies.service import assign, assign_agency
from tests import factories as make
from tests.factories import MONDAY, administrator
from tests.rota.vacancies.conftest import Open

DAY = timedelta(days=1)


def agency(uow: UnitOfWork, gap: Open, pence: int = 2000, cap: int | None = None) -> Agency:
    """An agency with a rate for the role of the gap."""
    row = Agency(name="Helping Hands", weekly_cap_minutes=cap)
    uow.session.add(row)
    uow.session.flush()
    uow.session.add(
        AgencyRate(
            agency_id=row.id, role_id=gap.role.id, effective_from=date(2020, 1, 1),
            day_pence=pence, night_pence=pence, weekend_pence=pence, holiday_pence=pence,
        )
    )  # fmt: skip
    uow.commit()
    return row


def test_somebody_free_takes_it_with_price_and_source(uow: UnitOfWork, gap: Open) -> None:
    person = make.make_staff(uow.session, gap.unit)
    uow.actor = gap.manager
    done = assign(uow, gap.shift.id, person.id, gap.shift.version)
    uow.commit()
    assert (gap.shift.user_id, gap.shift.is_vacant) == (person.id, False)
    assert (gap.shift.vacancy_reason, gap.shift.vacant_since) == ("", None)
    assert (gap.shift.classification, gap.shift.cost_pence) == (Classification.REGULAR, 11_000)
    assert (done.cost_pence, done.warnings) == (11_000, ())
    line = uow.session.scalars(select(AuditEvent).where(AuditEvent.entity == "shift")).one()
    assert line.before is not None and line.before["is_vacant"] is True


def test_beyond_the_contract_it_is_overtime_and_bank_stays_bank(uow: UnitOfWork, gap: Open) -> None:
    part_time = make.make_staff(uow.session, gap.unit, contracted_minutes=600)
    bank = make.make_staff(uow.session, gap.unit, employment=Employment.BANK, contracted_minutes=0)
    done = assign(uow, gap.shift.id, part_time.id, gap.shift.version)
    assert (done.classification, done.cost_pence) == (Classification.OVERTIME, 22_000)
    other = make.make_shift(uow.session, gap.unit, day=MONDAY + DAY, role_id=gap.role.id)
    assert assign(uow, other.id, bank.id, other.version).classification is Classification.BANK


def test_filling_is_undone_as_a_whole(uow: UnitOfWork, gap: Open) -> None:
    before = changes.shift_state(gap.shift)
    person = make.make_staff(uow.session, gap.unit)
    done = assign(uow, gap.shift.id, person.id, gap.shift.version)
    uow.commit()
    changes.undo(uow, done.change_set_id)
    uow.commit()
    assert changes.shift_state(gap.shift) == before


def test_a_breach_is_refused_with_the_rules_name(uow: UnitOfWork, gap: Open) -> None:
    person = make.make_staff(uow.session, gap.unit)
    make.make_shift(uow.session, gap.unit, person, MONDAY - DAY, "N")
    with pytest.raises(RuleBreach, match="Daily rest"):
        assign(uow, gap.shift.id, person.id, gap.shift.version)
    assert gap.shift.is_vacant


def test_a_rule_that_yields_is_overruled_with_a_reason_on_record(
    uow: UnitOfWork, gap: Open
) -> None:
    clerk = make.make_staff(
        uow.session, gap.unit, make.make_role(uow.session, "CLERK", grade="other")
    )
    with pytest.raises(RuleBreach, match="Grade") as refusal:
        assign(uow, gap.shift.id, clerk.id, gap.shift.version)
    assert "overrule" in refusal.value.hint
    assign(uow, gap.shift.id, clerk.id, gap.shift.version, overrule="Shadowed by a senior")
    uow.commit()
    line = uow.session.scalars(select(AuditEvent).where(AuditEvent.action == "overrule")).one()
    assert line.reason == "Shadowed by a senior"


def test_no_reason_overrules_a_working_time_rule(uow: UnitOfWork, gap: Open) -> None:
    person = make.make_staff(uow.session, gap.unit)
    make.make_shift(uow.session, gap.unit, person, MONDAY, "L")
    with pytest.raises(RuleBreach, match="Double booking"):
        assign(uow, gap.shift.id, person.id, gap.shift.version, overrule="please")


def test_nobody_on_leave_is_put_on_shift(uow: UnitOfWork, gap: Open) -> None:
    person = make.make_staff(uow.session, gap.unit)
    make.make_leave(uow.session, person, MONDAY, MONDAY, status=LeaveStatus.APPROVED)
    with pytest.raises(Conflict, match="away"):
        assign(uow, gap.shift.id, person.id, gap.shift.version)


def test_the_second_manager_and_the_double_click_are_told(
    database: Engine, uow: UnitOfWork, gap: Open
) -> None:
    first, second = (make.make_staff(uow.session, gap.unit) for _ in range(2))
    uow.commit()
    shift_id, seen, ids = gap.shift.id, gap.shift.version, (first.id, second.id)
    uow.session.rollback()
    with UnitOfWork(administrator(), engine=database) as quick:
        assign(quick, shift_id, ids[0], seen)
        quick.commit()
    for staff_id in ids:
        with (
            UnitOfWork(administrator(), engine=database) as slow,
            pytest.raises(Conflict, match="filled"),
        ):
            assign(slow, shift_id, staff_id, seen)


def test_a_vacancy_that_changed_is_looked_at_again(uow: UnitOfWork, gap: Open) -> None:
    person = make.make_staff(uow.session, gap.unit)
    seen = gap.shift.version
    gap.shift.note = "hoist training needed"
    uow.commit()
    with pytest.raises(Conflict, match="changed"):
        assign(uow, gap.shift.id, person.id, seen)


def test_other_homes_vacancies_and_people_are_refused(uow: UnitOfWork, gap: Open) -> None:
    elsewhere = make.make_unit(uow.session, make.make_home(uow.session))
    stranger = make.make_staff(uow.session, elsewhere)
    mine = make.make_staff(uow.session, gap.unit)
    uow.commit()
    with pytest.raises(NotAllowed, match="another home"):
        assign(uow, gap.shift.id, stranger.id, gap.shift.version)
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, elsewhere.home)
    with pytest.raises(NotAllowed):
        assign(uow, gap.shift.id, mine.id, gap.shift.version)
    with pytest.raises(NotAllowed):
        assign_agency(uow, gap.shift.id, 1, gap.shift.version)


@pytest.mark.parametrize("role", [UserRole.CARE_STAFF, UserRole.ANALYST, UserRole.SENIOR_MANAGER])
def test_only_operational_managers_fill(uow: UnitOfWork, gap: Open, role: UserRole) -> None:
    person = make.make_staff(uow.session, gap.unit)
    uow.actor = make.actor(role, gap.home, staff_id=person.id)
    with pytest.raises(NotAllowed):
        assign(uow, gap.shift.id, person.id, gap.shift.version)


def test_a_shift_that_is_over_cannot_be_filled(uow: UnitOfWork, gap: Open) -> None:
    person = make.make_staff(uow.session, gap.unit)
    gone = make.make_shift(uow.session, gap.unit, day=date(2026, 5, 18))
    with pytest.raises(InvalidInput, match="over"):
        assign(uow, gone.id, person.id, gone.version)


def test_people_who_left_and_vacancies_that_never_were(uow: UnitOfWork, gap: Open) -> None:
    left = make.make_staff(uow.session, gap.unit, left_on=MONDAY - DAY)
    with pytest.raises(InvalidInput, match="not employed"):
        assign(uow, gap.shift.id, left.id, gap.shift.version)
    with pytest.raises(NotFound):
        assign(uow, gap.shift.id, 98765, gap.shift.version)
    with pytest.raises(NotFound):
        assign(uow, 98765, left.id, 1)


def test_an_agency_takes_it_at_its_rate(uow: UnitOfWork, gap: Open) -> None:
    row = agency(uow, gap)
    uow.actor = gap.manager
    done = assign_agency(uow, gap.shift.id, row.id, gap.shift.version, worker="J. Doe")
    uow.commit()
    shift = uow.session.get_one(Shift, done.shift_id)
    assert (shift.agency_id, shift.agency_worker, shift.is_vacant) == (row.id, "J. Doe", False)
    assert (shift.classification, shift.cost_pence) == (Classification.AGENCY, 22_000)


def test_an_agency_over_its_cap_or_above_the_limit_is_refused(uow: UnitOfWork, gap: Open) -> None:
    capped = agency(uow, gap, cap=600)
    uow.actor = gap.manager
    with pytest.raises(RuleBreach, match="cap leaves 10 h"):
        assign_agency(uow, gap.shift.id, capped.id, gap.shift.version)
    capped.weekly_cap_minutes = None
    rate = uow.session.scalars(select(AgencyRate)).one()
    rate.day_pence = 9000
    uow.session.flush()
    with pytest.raises(NotAllowed, match="£500"):
        assign_agency(uow, gap.shift.id, capped.id, gap.shift.version)
    uow.actor = administrator()
    assert assign_agency(uow, gap.shift.id, capped.id, gap.shift.version).cost_pence == 99_000


def test_an_agency_needs_a_role_and_must_exist(uow: UnitOfWork, gap: Open) -> None:
    row = agency(uow, gap)
    open_to_all = make.make_shift(uow.session, gap.unit, day=MONDAY + DAY)
    with pytest.raises(InvalidInput, match="no role"):
        assign_agency(uow, open_to_all.id, row.id, open_to_all.version)
    with pytest.raises(NotFound):
        assign_agency(uow, gap.shift.id, 4711, gap.shift.version)
