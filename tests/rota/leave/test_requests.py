"""Asking, deciding, taking back: who may, what happens to shifts and ledger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.leave.ledger import balance
from rota.leave.service import approve, reject, request_leave, undo_approval, withdraw
from rota.models import (
    AuditEvent,
    CareHome,
    ChangeSet,
    LeaveEntry,
    LeaveRequest,
    LeaveStatus,
    LeaveType,
    Shift,
    UserRole,
)
from rota.roster import changes
from tests import factories as make
from tests.factories import MONDAY, administrator
from tests.rota.leave.conftest import Home

TUESDAY, SUNDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=6)


def week_of_shifts(uow: UnitOfWork, home: Home) -> list[Shift]:
    """Three long days of the carer, Monday to Wednesday."""
    days = (MONDAY + timedelta(days=n) for n in range(3))
    return [
        make.make_shift(uow.session, home.unit, home.carer, d, paid_minutes=700, cost_pence=900)
        for d in days
    ]


def ask(uow: UnitOfWork, home: Home, start: date = MONDAY, end: date = SUNDAY) -> LeaveRequest:
    """The carer's own request, committed."""
    manager, uow.actor = uow.actor, home.carer_actor()
    receipt = request_leave(uow, home.carer.id, start, end)
    uow.commit()
    uow.actor = manager
    return uow.session.get_one(LeaveRequest, receipt.request_id)


def test_a_request_costs_the_shifts_it_covers(uow: UnitOfWork, home: Home) -> None:
    week_of_shifts(uow, home)
    assert ask(uow, home).minutes == 2100
    line = uow.session.scalars(select(AuditEvent).where(AuditEvent.action == "request leave")).one()
    assert line.after is not None and line.after["minutes"] == 2100


def test_without_a_rota_a_week_costs_the_contract(uow: UnitOfWork, home: Home) -> None:
    assert ask(uow, home).minutes == 35 * 60


def test_without_a_rota_the_pattern_says_what_a_day_costs(uow: UnitOfWork, home: Home) -> None:
    from rota.models import ShiftPattern

    make.make_shift_type(uow.session, "D", break_is_paid=False)
    pattern = ShiftPattern(
        name="Two on", cycle_days=7, days=["D", "D", "", "", "", "", ""], legacy={}
    )
    uow.session.add(pattern)
    uow.session.flush()
    home.carer.pattern_id, home.carer.pattern_anchor = pattern.id, MONDAY - timedelta(days=70)
    assert ask(uow, home).minutes == 2 * 660


def test_approving_turns_the_shifts_into_vacancies_in_one_undoable_change(
    uow: UnitOfWork, home: Home
) -> None:
    shifts = week_of_shifts(uow, home)
    request = ask(uow, home)
    version = uow.session.get_one(CareHome, home.home.id).data_version
    done = approve(uow, request.id, request.version)
    uow.commit()
    uow.session.expire_all()
    assert done.released.vacancy_ids == tuple(shift.id for shift in shifts)
    for shift in uow.session.scalars(select(Shift)):
        assert (shift.user_id, shift.is_vacant, shift.vacancy_reason) == (None, True, "leave")
        assert shift.vacant_since is not None
        assert shift.role_id == home.carer.role_id
        assert shift.change_set_id == done.released.change_set_id
    assert uow.session.get_one(CareHome, home.home.id).data_version > version
    assert balance(uow.session, home.carer, MONDAY).used == done.minutes == 2100


def test_a_shift_nobody_stands_in_for_falls_away(uow: UnitOfWork, home: Home) -> None:
    make.make_shift_type(uow.session, "A", counts_to_cover=False)
    make.make_shift(uow.session, home.unit, home.carer, MONDAY, "A")
    make.make_shift(uow.session, home.unit, home.carer, TUESDAY, "D", is_supernumerary=True)
    request = ask(uow, home)
    done = approve(uow, request.id, request.version)
    assert (len(done.released.vacancy_ids), len(done.released.removed_ids)) == (0, 2)
    assert uow.session.scalars(select(Shift)).all() == []


def test_a_night_that_starts_the_evening_before_is_still_worked(
    uow: UnitOfWork, home: Home
) -> None:
    eve = make.make_shift(uow.session, home.unit, home.carer, MONDAY - timedelta(days=1), "N")
    last = make.make_shift(uow.session, home.unit, home.carer, SUNDAY, "N")
    request = ask(uow, home)
    approve(uow, request.id, request.version)
    assert eve.user_id == home.carer.id
    assert last.is_vacant


def test_approving_in_part_keeps_both_sides_on_record(uow: UnitOfWork, home: Home) -> None:
    shifts = week_of_shifts(uow, home)
    request = ask(uow, home)
    with pytest.raises(InvalidInput):
        approve(uow, request.id, request.version, days=[MONDAY])
    approve(uow, request.id, request.version, days=[MONDAY, SUNDAY], reason="Short on Tuesday")
    uow.commit()
    rows = uow.session.execute(
        select(LeaveRequest.start_date, LeaveRequest.end_date, LeaveRequest.status)
        .order_by(LeaveRequest.start_date)
    ).all()  # fmt: skip
    assert [tuple(row) for row in rows] == [
        (MONDAY, MONDAY, LeaveStatus.APPROVED),
        (TUESDAY, SUNDAY - timedelta(days=1), LeaveStatus.REJECTED),
        (SUNDAY, SUNDAY, LeaveStatus.APPROVED),
    ]
    assert [shift.is_vacant for shift in shifts] == [True, False, False]
    assert balance(uow.session, home.carer, MONDAY).used == 700


def test_undoing_an_approval_in_part_restores_the_request_as_it_was_asked(
    uow: UnitOfWork, home: Home
) -> None:
    shifts = week_of_shifts(uow, home)
    before = [changes.shift_state(shift) for shift in shifts]
    request = ask(uow, home)
    approve(uow, request.id, request.version, days=[TUESDAY, SUNDAY], reason="Short on Monday")
    uow.commit()
    undo_approval(uow, request.id)
    uow.commit()
    assert (request.start_date, request.end_date) == (MONDAY, SUNDAY)
    assert request.status is LeaveStatus.PENDING
    assert [changes.shift_state(shift) for shift in shifts] == before
    assert balance(uow.session, home.carer, MONDAY).used == 0
    assert len(uow.session.scalars(select(LeaveEntry)).all()) == 2  # nothing was erased


def test_undo_is_refused_when_somebody_took_a_shift_meanwhile(uow: UnitOfWork, home: Home) -> None:
    shifts = week_of_shifts(uow, home)
    request = ask(uow, home)
    approve(uow, request.id, request.version)
    shifts[0].user_id, shifts[0].is_vacant = home.colleague.id, False
    uow.commit()
    with pytest.raises(Conflict):
        undo_approval(uow, request.id)
    uow.session.rollback()
    assert uow.session.get_one(LeaveRequest, request.id).status is LeaveStatus.APPROVED


def test_a_plain_undo_of_the_change_never_puts_somebody_on_leave_on_shift(
    uow: UnitOfWork, home: Home
) -> None:
    week_of_shifts(uow, home)
    request = ask(uow, home)
    done = approve(uow, request.id, request.version)
    uow.commit()
    change = uow.session.get_one(ChangeSet, done.released.change_set_id)
    with pytest.raises(Conflict, match="away"):
        changes.undo(uow, change.id)


def test_withdrawing_approved_leave_gives_back_ledger_and_shifts_still_vacant(
    uow: UnitOfWork, home: Home
) -> None:
    shifts = week_of_shifts(uow, home)
    request = ask(uow, home)
    approve(uow, request.id, request.version)
    shifts[1].user_id, shifts[1].is_vacant = home.colleague.id, False
    uow.commit()
    uow.actor = home.carer_actor()
    result = withdraw(uow, request.id, request.version)
    uow.commit()
    assert (result.minutes, result.shifts_back, result.shifts_kept_by_others) == (2100, 2, 1)
    assert [shift.user_id for shift in shifts] == [
        home.carer.id, home.colleague.id, home.carer.id,
    ]  # fmt: skip
    assert shifts[0].cost_pence == 900
    assert balance(uow.session, home.carer, MONDAY).used == 0


def test_leave_that_has_begun_cannot_be_withdrawn(uow: UnitOfWork, home: Home) -> None:
    request = make.make_leave(
        uow.session, home.carer, date(2026, 5, 19), SUNDAY, status=LeaveStatus.APPROVED
    )
    with pytest.raises(InvalidInput, match="begun"):
        withdraw(uow, request.id, request.version)


def test_rejecting_needs_a_reason_and_leaves_the_rota_alone(uow: UnitOfWork, home: Home) -> None:
    shifts = week_of_shifts(uow, home)
    request = ask(uow, home)
    with pytest.raises(InvalidInput):
        reject(uow, request.id, request.version, " ")
    reject(uow, request.id, request.version, "Too many off")
    uow.commit()
    assert (request.status, request.decision_reason) == (LeaveStatus.REJECTED, "Too many off")
    assert all(shift.user_id == home.carer.id for shift in shifts)


def test_the_second_click_and_the_second_manager_are_told(uow: UnitOfWork, home: Home) -> None:
    request = ask(uow, home)
    seen = request.version
    approve(uow, request.id, seen)
    uow.commit()
    with pytest.raises(Conflict, match="approved already"):
        approve(uow, request.id, seen)
    with pytest.raises(Conflict, match="approved already"):
        reject(uow, request.id, seen, "late")
    assert balance(uow.session, home.carer, MONDAY).used == 35 * 60


def test_a_stale_version_changes_nothing(uow: UnitOfWork, home: Home) -> None:
    request = ask(uow, home)
    seen = request.version
    request.reason = "wedding"
    uow.commit()
    with pytest.raises(Conflict, match="changed since"):
        approve(uow, request.id, seen)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (SUNDAY, MONDAY, "before the first"),
        (date(2026, 5, 19), SUNDAY, "passed already"),
        (date(2029, 1, 1), date(2029, 1, 2), "two years"),
        (MONDAY, date(2027, 6, 30), "a year at most"),
    ],
)
def test_impossible_days_are_refused(
    uow: UnitOfWork, home: Home, start: date, end: date, words: str
) -> None:
    uow.actor = home.carer_actor()
    with pytest.raises(InvalidInput, match=words):
        request_leave(uow, home.carer.id, start, end)


@pytest.mark.parametrize("offset", [-3, 0, 3])
def test_an_overlap_with_a_waiting_or_approved_request_is_refused(
    uow: UnitOfWork, home: Home, offset: int
) -> None:
    ask(uow, home)
    start = MONDAY + timedelta(days=offset)
    with pytest.raises(Conflict, match="already a request"):
        request_leave(uow, home.carer.id, start, start + timedelta(days=4))


def test_after_a_rejection_the_same_days_may_be_asked_for_again(
    uow: UnitOfWork, home: Home
) -> None:
    request = ask(uow, home)
    reject(uow, request.id, request.version, "no")
    uow.commit()
    assert ask(uow, home).status is LeaveStatus.PENDING


def test_sickness_and_people_who_have_left_cannot_ask(uow: UnitOfWork, home: Home) -> None:
    with pytest.raises(InvalidInput, match="reported"):
        request_leave(uow, home.carer.id, MONDAY, MONDAY, LeaveType.SICK)
    home.carer.left_on = MONDAY
    with pytest.raises(InvalidInput, match="not employed"):
        request_leave(uow, home.carer.id, MONDAY, TUESDAY)


def test_a_carer_asks_for_herself_only_and_decides_nothing(uow: UnitOfWork, home: Home) -> None:
    request = ask(uow, home)
    uow.actor = home.carer_actor()
    with pytest.raises(NotAllowed, match="own leave only"):
        request_leave(uow, home.colleague.id, MONDAY, SUNDAY)
    with pytest.raises(NotAllowed):
        approve(uow, request.id, request.version)
    other = make.make_leave(uow.session, home.colleague, MONDAY, SUNDAY)
    with pytest.raises(NotAllowed):
        withdraw(uow, other.id, other.version)


def test_a_manager_of_another_home_can_do_nothing(uow: UnitOfWork, home: Home) -> None:
    request = ask(uow, home)
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    for attempt in (
        lambda: request_leave(uow, home.carer.id, date(2026, 8, 3), date(2026, 8, 4)),
        lambda: approve(uow, request.id, request.version),
        lambda: reject(uow, request.id, request.version, "mine"),
        lambda: withdraw(uow, request.id, request.version),
        lambda: undo_approval(uow, request.id),
    ):
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.parametrize("role", [UserRole.ANALYST, UserRole.SENIOR_MANAGER])
def test_readers_cannot_decide(uow: UnitOfWork, home: Home, role: UserRole) -> None:
    request = ask(uow, home)
    uow.actor = make.actor(role, home.home)
    with pytest.raises(NotAllowed):
        approve(uow, request.id, request.version)


def test_a_manager_does_not_decide_her_own_leave(uow: UnitOfWork, home: Home) -> None:
    request = ask(uow, home)
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, home.home, staff_id=home.carer.id)
    with pytest.raises(NotAllowed, match="own leave"):
        approve(uow, request.id, request.version)


def test_somebody_without_a_home_is_the_administrators(uow: UnitOfWork, home: Home) -> None:
    home.carer.home_id = None
    uow.session.flush()
    uow.actor = home.manager
    with pytest.raises(NotAllowed, match="no home"):
        request_leave(uow, home.carer.id, MONDAY, SUNDAY)


def test_an_unknown_request_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        approve(uow, 12345, 1)


def test_leave_across_two_leave_years_is_paid_by_both(uow: UnitOfWork, home: Home) -> None:
    request = ask(uow, home, date(2027, 3, 29), date(2027, 4, 4))
    approve(uow, request.id, request.version)
    years = uow.session.execute(
        select(LeaveEntry.leave_year, LeaveEntry.minutes).order_by(LeaveEntry.leave_year)
    ).all()
    assert [tuple(row) for row in years] == [(date(2026, 4, 1), -900), (date(2027, 4, 1), -1200)]


def test_unpaid_leave_releases_shifts_and_costs_no_entitlement(uow: UnitOfWork, home: Home) -> None:
    week_of_shifts(uow, home)
    receipt = request_leave(uow, home.carer.id, MONDAY, SUNDAY, LeaveType.UNPAID)
    done = approve(uow, receipt.request_id, 1)
    assert done.minutes == 0
    assert done.released.count == 3


def test_two_managers_at_once_approve_once(database: Engine, uow: UnitOfWork, home: Home) -> None:
    week_of_shifts(uow, home)
    request = ask(uow, home)
    request_id, seen = request.id, request.version
    uow.session.rollback()
    with UnitOfWork(administrator(), engine=database) as first:
        approve(first, request_id, seen)
        first.commit()
    with UnitOfWork(administrator(), engine=database) as second, pytest.raises(Conflict):
        approve(second, request_id, seen)
    assert balance(uow.session, home.carer, MONDAY).used == 2100
