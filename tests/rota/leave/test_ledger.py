"""The ledger adds up, is opened once, and cannot be rewritten."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed
from rota.leave import accounts
from rota.leave.ledger import EntryKind, balance, balances, post
from rota.leave.policy import DEFAULT_ROWS, policy_for, resolve, set_limit
from rota.models import Employment, LeaveEntry, LeaveStatus, LeaveType, UserRole
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.leave.conftest import Home

APRIL = date(2026, 4, 1)
HOUR = 60


def test_opening_a_year_grants_contracted_staff_once(uow: UnitOfWork, home: Home) -> None:
    make.make_staff(uow.session, home.unit, employment=Employment.BANK)
    first = accounts.open_year(uow, home.home.id, MONDAY)
    second = accounts.open_year(uow, home.home.id, MONDAY)
    assert (first.people, second.people) == (2, 0)
    mine = balance(uow.session, home.carer, MONDAY)
    assert mine.granted == mine.remaining == 196 * HOUR


def test_opening_a_year_takes_approved_requests_the_ledger_does_not_know(
    uow: UnitOfWork, home: Home
) -> None:
    make.make_leave(
        uow.session, home.carer, date(2026, 4, 6), date(2026, 4, 12),
        status=LeaveStatus.APPROVED, minutes=35 * HOUR,
    )  # fmt: skip
    assert accounts.open_year(uow, home.home.id, MONDAY).requests == 1
    assert accounts.open_year(uow, home.home.id, MONDAY).requests == 0
    assert balance(uow.session, home.carer, MONDAY).taken == 35 * HOUR


def test_an_organisation_may_grant_more_than_the_statutory_weeks_but_not_less(
    uow: UnitOfWork, home: Home
) -> None:
    for weeks, hours in ((850, 297.5), (400, 196)):
        set_limit(
            uow, "entitlement_weeks_hundredths", weeks, APRIL, home_id=home.home.id, reason="test"
        )
        policy = policy_for(uow.session, MONDAY, home.home.id)
        granted = accounts.granted_minutes(home.carer, policy, policy.year_of(MONDAY))
        assert granted == hours * HOUR
        uow.session.rollback()


def test_bank_staff_accrue_from_hours_worked_and_only_the_difference_is_added(
    uow: UnitOfWork, home: Home
) -> None:
    bank = make.make_staff(uow.session, home.unit, employment=Employment.BANK)
    for day in range(10, 20):
        make.make_shift(uow.session, home.unit, bank, date(2026, 5, day), paid_minutes=600)
    assert accounts.accrue(uow, home.home.id, date(2026, 5, 19)) == 12 * HOUR
    assert accounts.accrue(uow, home.home.id, date(2026, 5, 19)) == 0
    assert balance(uow.session, bank, MONDAY).accrued == 12 * HOUR


def test_unused_leave_is_carried_over_once_and_capped(uow: UnitOfWork, home: Home) -> None:
    accounts.open_year(uow, home.home.id, date(2025, 6, 1))
    assert accounts.carry_over(uow, home.home.id, MONDAY) == 2 * 56 * HOUR
    assert accounts.carry_over(uow, home.home.id, MONDAY) == 0
    assert balance(uow.session, home.carer, MONDAY).carried == 56 * HOUR


def test_a_correction_needs_a_reason_and_stays_beside_what_it_corrects(
    uow: UnitOfWork, home: Home
) -> None:
    accounts.open_year(uow, home.home.id, MONDAY)
    with pytest.raises(InvalidInput):
        accounts.correct(uow, home.carer.id, MONDAY, 60, "  ")
    accounts.correct(uow, home.carer.id, MONDAY, -90, "counted twice")
    mine = balance(uow.session, home.carer, MONDAY)
    assert (mine.granted, mine.corrections) == (196 * HOUR, -90)


def test_a_manager_of_another_home_cannot_touch_the_ledger(uow: UnitOfWork, home: Home) -> None:
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    with pytest.raises(NotAllowed):
        accounts.correct(uow, home.carer.id, MONDAY, 60, "gift")
    with pytest.raises(NotAllowed):
        accounts.open_year(uow, home.home.id, MONDAY)


def test_a_contract_change_adjusts_the_rest_of_the_year(uow: UnitOfWork, home: Home) -> None:
    accounts.open_year(uow, home.home.id, MONDAY)
    home.carer.contracted_minutes = 24 * HOUR
    minutes = accounts.contract_changed(uow, home.carer.id, date(2026, 10, 1), 35 * HOUR)
    assert minutes == -(11 * 60 * 56 // 10) * 182 // 365 + 1 or minutes < 0
    expected = -(11 * 60 * 5.6) * 182 / 365
    assert abs(minutes - expected) < 1


def test_time_off_in_lieu_is_kept_apart_from_annual_leave(uow: UnitOfWork, home: Home) -> None:
    accounts.record_toil(uow, home.carer.id, MONDAY, 120, "stayed for a handover")
    mine = balance(uow.session, home.carer, MONDAY)
    assert (mine.toil, mine.remaining) == (120, 0)


def test_a_line_of_the_ledger_cannot_be_rewritten(uow: UnitOfWork, home: Home) -> None:
    accounts.correct(uow, home.carer.id, MONDAY, 60, "given")
    with pytest.raises(DBAPIError):
        uow.session.execute(update(LeaveEntry).values(minutes=0))
    uow.session.rollback()


def test_waiting_requests_are_shown_apart(uow: UnitOfWork, home: Home) -> None:
    make.make_leave(uow.session, home.carer, MONDAY, MONDAY, minutes=700)
    make.make_leave(uow.session, home.carer, MONDAY, MONDAY, minutes=9, leave_type=LeaveType.UNPAID)
    mine = balance(uow.session, home.carer, MONDAY)
    assert (mine.waiting, mine.after_waiting) == (700, -700)


LINES = st.lists(
    st.tuples(
        st.sampled_from([k for k in EntryKind if k is not EntryKind.TOIL]),
        st.integers(-5000, 5000),
        st.integers(0, 364),
    ),
    max_size=25,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lines=LINES, cut=st.integers(0, 364))
def test_what_is_left_is_always_the_sum_of_the_lines(
    uow: UnitOfWork, home: Home, lines: list[tuple[EntryKind, int, int]], cut: int
) -> None:
    person = make.make_staff(uow.session, home.unit)
    policy = resolve(DEFAULT_ROWS, MONDAY)
    year = policy.year_of(MONDAY)
    for kind, minutes, day in lines:
        post(uow, person, kind, year, minutes, on=date.fromordinal(year.start.toordinal() + day))
    on = date.fromordinal(year.start.toordinal() + cut)
    mine = balances(uow.session, [person.id], year, on)[person.id]
    assert mine.remaining == sum(minutes for _, minutes, _ in lines)
    later = balances(uow.session, [person.id], year, year.end)[person.id]
    assert later.booked == 0
    assert later.remaining == mine.remaining
