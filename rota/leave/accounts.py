"""Use cases of the entitlement ledger: opening a year, accrual, carry-over, corrections, TOIL.

Each may be run again and adds only what is missing, so a nightly job can call them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from rota.access.permissions import Permission
from rota.calendar import Period, bank_holidays, hours_text
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.leave import entitlement
from rota.leave.guard import locked_person, require_on
from rota.leave.hours import leave_hours, spread
from rota.leave.ledger import (
    LARGEST_CORRECTION_MINUTES,
    LEDGER_OF,
    EntryKind,
    balances,
    checked_reason,
    post,
    post_leave,
)
from rota.leave.policy import LeavePolicy, resolve, setting_rows
from rota.models import (
    Employment,
    LeaveEntry,
    LeaveRequest,
    LeaveStatus,
    Shift,
    Staff,
    utc_now,
)

#: the same line again within this time is the same line
SENT_TWICE_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class YearOpened:
    """What opening a leave year added: people granted, approved requests caught up."""

    people: int
    granted_minutes: int
    requests: int


def open_year(uow: UnitOfWork, home_id: int, day: date) -> YearOpened:
    """Grant the leave year that holds a day to a home's contracted staff, where it is missing.

    Approved requests of the year that the ledger does not know (from an import) are taken
    too. Bank staff get nothing here: they accrue.
    """
    require_on(uow.actor, Permission.DECIDE_LEAVE, home_id)
    session = uow.session
    people = list(session.scalars(select(Staff).where(Staff.home_id == home_id).order_by(Staff.id)))
    policies = _policies(uow, home_id, people, day)
    known = _known(uow, [p.id for p in people], EntryKind.ENTITLEMENT)
    granted = count = 0
    for person in people:
        policy = policies[person.role_id]
        year = policy.year_of(day)
        if person.employment is not Employment.PERMANENT or (person.id, year.start) in known:
            continue
        minutes = granted_minutes(person, policy, year)
        if minutes:
            post(uow, person, EntryKind.ENTITLEMENT, year, minutes, on=_first_day(person, year))
            granted, count = granted + minutes, count + 1
    caught_up = _catch_up(uow, people, policies, day)
    if count or caught_up:
        uow.audit(
            "open leave year", "home", home_id, home_id=home_id,
            after={"people": count, "minutes": granted, "requests": caught_up},
        )  # fmt: skip
    return YearOpened(count, granted, caught_up)


def granted_minutes(person: Staff, policy: LeavePolicy, year: Period) -> int:
    """What a contracted person is granted for a leave year; never below the statutory weeks."""
    weeks = max(policy.entitlement_weeks_hundredths, policy.statutory_weeks_hundredths)
    minutes = entitlement.contract_entitlement(
        person.contracted_minutes, weeks, year,
        started_on=person.started_on, left_on=person.left_on,
    )  # fmt: skip
    if policy.bank_holidays_added:
        # a substitute Monday is the same holiday as the Saturday it stands for
        served = {
            (day.year, name.partition(" (")[0])
            for day, name in bank_holidays(year).items()
            if (person.started_on or year.start) <= day <= (person.left_on or year.end)
        }
        minutes += entitlement.bank_holiday_entitlement(person.contracted_minutes, len(served))
    return minutes


def accrue(uow: UnitOfWork, home_id: int, through: date) -> int:
    """Accrue bank staff's leave for hours worked in the leave year up to a day; minutes added.

    Computed from the whole year so far, so that roundings never add up to an hour lost.
    """
    require_on(uow.actor, Permission.DECIDE_LEAVE, home_id)
    people = list(
        uow.session.scalars(
            select(Staff)
            .where(Staff.home_id == home_id, Staff.employment == Employment.BANK)
            .order_by(Staff.id)
        )
    )
    if not people:
        return 0
    policies = _policies(uow, home_id, people, through)
    year = next(iter(policies.values())).year_of(through)
    ids = [person.id for person in people]
    worked = _sum_by_person(
        uow, select(Shift.user_id, func.sum(Shift.paid_minutes))
        .where(Shift.user_id.in_(ids), Shift.date.between(year.start, through))
        .group_by(Shift.user_id),
    )  # fmt: skip
    accrued = _sum_by_person(
        uow, select(LeaveEntry.staff_id, func.sum(LeaveEntry.minutes))
        .where(
            LeaveEntry.staff_id.in_(ids), LeaveEntry.leave_year == year.start,
            LeaveEntry.kind == EntryKind.ACCRUAL.value,
        )
        .group_by(LeaveEntry.staff_id),
    )  # fmt: skip
    added = 0
    for person in people:
        policy = policies[person.role_id]
        hours = worked.get(person.id, 0)
        due = entitlement.worked_accrual(
            hours, policy.accrual_basis_points, policy.accrual_rounding_minutes
        )
        missing = due - accrued.get(person.id, 0)
        if missing:
            post(
                uow, person, EntryKind.ACCRUAL, year, missing, on=through,
                reason=f"{policy.accrual_basis_points / 100:g} % of {hours_text(hours)} worked",
            )  # fmt: skip
            added += missing
    if added:
        uow.audit(
            "accrue leave", "home", home_id, home_id=home_id,
            after={"through": through.isoformat(), "minutes": added},
        )  # fmt: skip
    return added


def carry_over(uow: UnitOfWork, home_id: int, day: date) -> int:
    """Carry unused leave of the year before the one that holds ``day`` into it; minutes added."""
    require_on(uow.actor, Permission.DECIDE_LEAVE, home_id)
    people = list(
        uow.session.scalars(select(Staff).where(Staff.home_id == home_id).order_by(Staff.id))
    )
    if not people:
        return 0
    policies = _policies(uow, home_id, people, day)
    year = next(iter(policies.values())).year_of(day)
    before = next(iter(policies.values())).year_of(year.start - timedelta(days=1))
    left = balances(uow.session, [person.id for person in people], before, before.end)
    known = _known(uow, [person.id for person in people], EntryKind.CARRY_OVER)
    added = 0
    for person in people:
        if (person.id, year.start) in known:
            continue
        minutes = entitlement.carry_over(
            left[person.id].remaining, person.contracted_minutes,
            policies[person.role_id].carry_over_weeks_hundredths,
        )  # fmt: skip
        if minutes:
            reason = f"of {hours_text(left[person.id].remaining)} left"
            post(uow, person, EntryKind.CARRY_OVER, year, minutes, on=year.start, reason=reason)
            added += minutes
    if added:
        uow.audit(
            "carry leave over", "home", home_id, home_id=home_id,
            after={"leave_year": year.start.isoformat(), "minutes": added},
        )  # fmt: skip
    return added


def correct(uow: UnitOfWork, staff_id: int, day: date, minutes: int, reason: str) -> LeaveEntry:
    """Correct somebody's entitlement in the leave year of a day, up or down, with a reason."""
    text = checked_reason(reason)
    if not minutes or abs(minutes) > LARGEST_CORRECTION_MINUTES:
        raise InvalidInput("A correction is some minutes up or down, at most a year's worth.")
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.DECIDE_LEAVE, person.home_id)
    year = _policy(uow, person, day).year_of(day)
    again = _sent_twice(uow, person, EntryKind.CORRECTION, minutes, day, text)
    if again is not None:
        return again
    entry = post(uow, person, EntryKind.CORRECTION, year, minutes, on=day, reason=text)
    uow.audit(
        "correct leave", "staff", staff_id, home_id=person.home_id,
        after={"minutes": minutes, "leave_year": year.start.isoformat()}, reason=text,
    )  # fmt: skip
    return entry


def contract_changed(uow: UnitOfWork, staff_id: int, on: date, before_minutes: int) -> int:
    """Adjust a granted year after contracted hours changed on a day; minutes added."""
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.DECIDE_LEAVE, person.home_id)
    policy = _policy(uow, person, on)
    year = policy.year_of(on)
    minutes = entitlement.contract_change(
        before_minutes, person.contracted_minutes, policy.entitlement_weeks_hundredths, year, on
    )
    if minutes:
        reason = f"contract {hours_text(before_minutes)} to {hours_text(person.contracted_minutes)}"
        post(uow, person, EntryKind.CORRECTION, year, minutes, on=on, reason=reason)
        uow.audit(
            "correct leave", "staff", staff_id, home_id=person.home_id,
            after={"minutes": minutes, "leave_year": year.start.isoformat()}, reason=reason,
        )  # fmt: skip
    return minutes


def record_toil(uow: UnitOfWork, staff_id: int, day: date, minutes: int, reason: str) -> LeaveEntry:
    """Record time off in lieu earned (positive) or paid out (negative) on a day."""
    text = checked_reason(reason)
    if not minutes or abs(minutes) > LARGEST_CORRECTION_MINUTES:
        raise InvalidInput("Time off in lieu is some minutes, at most a year's worth.")
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.DECIDE_LEAVE, person.home_id)
    year = _policy(uow, person, day).year_of(day)
    again = _sent_twice(uow, person, EntryKind.TOIL, minutes, day, text)
    if again is not None:
        return again
    uow.audit(
        "record time off in lieu", "staff", staff_id, home_id=person.home_id,
        after={"minutes": minutes}, reason=text,
    )  # fmt: skip
    return post(uow, person, EntryKind.TOIL, year, minutes, on=day, reason=text)


def _sent_twice(
    uow: UnitOfWork, person: Staff, kind: EntryKind, minutes: int, day: date, reason: str
) -> LeaveEntry | None:
    """The very same line by the same actor a moment ago: a double click, or a save whose answer
    was lost on the way. Two honest corrections differ in their reason."""
    return uow.session.scalars(
        select(LeaveEntry).where(
            LeaveEntry.staff_id == person.id,
            LeaveEntry.kind == kind.value,
            LeaveEntry.minutes == minutes,
            LeaveEntry.on_date == day,
            LeaveEntry.reason == reason[:300],
            LeaveEntry.recorded_by_id.is_not_distinct_from(uow.actor.user_id),
            LeaveEntry.recorded_at > utc_now() - SENT_TWICE_WITHIN,
        )
    ).first()


def _policy(uow: UnitOfWork, person: Staff, day: date) -> LeavePolicy:
    return resolve(setting_rows(uow.session, person.home_id, person.role_id), day)


def _policies(
    uow: UnitOfWork, home_id: int, people: Iterable[Staff], day: date
) -> dict[int, LeavePolicy]:
    roles = {person.role_id for person in people}
    return {role: resolve(setting_rows(uow.session, home_id, role), day) for role in roles}


def _first_day(person: Staff, year: Period) -> date:
    return max(year.start, person.started_on or year.start)


def _known(uow: UnitOfWork, ids: list[int], kind: EntryKind) -> set[tuple[int, date]]:
    rows = uow.session.execute(
        select(LeaveEntry.staff_id, LeaveEntry.leave_year).where(
            LeaveEntry.staff_id.in_(ids), LeaveEntry.kind == kind.value
        )
    )
    return {(staff_id, year) for staff_id, year in rows}


def _sum_by_person(uow: UnitOfWork, statement: object) -> dict[int, int]:
    totals: dict[int, int] = defaultdict(int)
    for staff_id, minutes in uow.session.execute(statement):  # type: ignore[call-overload]
        totals[staff_id] += int(minutes)
    return totals


def _catch_up(
    uow: UnitOfWork, people: list[Staff], policies: dict[int, LeavePolicy], day: date
) -> int:
    by_id = {person.id: person for person in people}
    booked = select(LeaveEntry.request_id).where(LeaveEntry.request_id.is_not(None))
    count = 0
    for request in uow.session.scalars(
        select(LeaveRequest)
        .where(
            LeaveRequest.staff_id.in_(list(by_id)),
            LeaveRequest.status == LeaveStatus.APPROVED,
            LeaveRequest.leave_type.in_(list(LEDGER_OF)),
            LeaveRequest.id.not_in(booked),
        )
        .order_by(LeaveRequest.start_date, LeaveRequest.id)
    ):
        person = by_id[request.staff_id]
        policy = policies[person.role_id]
        if request.start_date not in policy.year_of(day):
            continue
        period = Period(request.start_date, request.end_date)
        # the shifts are gone by now, so what the request says outweighs what the rota shows
        hours = (
            spread(period, request.minutes)
            if request.minutes
            else leave_hours(uow.session, person, period)
        )
        count += bool(post_leave(uow, person, request, hours, policy))
    return count
