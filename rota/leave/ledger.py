"""The entitlement ledger: lines in minutes that are added and never changed.

Every line belongs to a leave year. What somebody has left is the sum of the lines; what is
waiting for a decision is not in the ledger until it is approved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.leave.hours import LeaveHours
from rota.leave.policy import LeavePolicy, policy_for
from rota.models import (
    LeaveEntry,
    LeaveRequest,
    LeaveStatus,
    LeaveType,
    Staff,
)

#: a correction beyond this is a typing mistake
LARGEST_CORRECTION_MINUTES = 52 * 7 * 24 * 60


class EntryKind(StrEnum):
    """Why a line was written. Minutes taken are negative, minutes given positive."""

    ENTITLEMENT = "entitlement"
    CARRY_OVER = "carry_over"
    ACCRUAL = "accrual"
    TAKEN = "taken"
    RETURNED = "returned"
    CORRECTION = "correction"
    TOIL = "toil"


#: kinds of leave that are paid for by the entitlement, or by time off in lieu
LEDGER_OF: dict[LeaveType, EntryKind] = {
    LeaveType.ANNUAL: EntryKind.TAKEN,
    LeaveType.TOIL: EntryKind.TOIL,
}


@dataclass(frozen=True, slots=True)
class Balance:
    """Somebody's leave in a leave year, in minutes, all positive but corrections and what is
    left.

    ``taken`` lies before or on the day asked about, ``booked`` after it; ``waiting`` is asked
    for and not decided; ``toil`` is time off in lieu still owed, over all years.
    """

    staff_id: int
    year: Period
    granted: int = 0
    carried: int = 0
    accrued: int = 0
    corrections: int = 0
    taken: int = 0
    booked: int = 0
    waiting: int = 0
    toil: int = 0

    @property
    def entitlement(self) -> int:
        """Everything given for the year."""
        return self.granted + self.carried + self.accrued + self.corrections

    @property
    def used(self) -> int:
        """Taken and booked."""
        return self.taken + self.booked

    @property
    def remaining(self) -> int:
        """Left to book; negative when more was used than given."""
        return self.entitlement - self.used

    @property
    def after_waiting(self) -> int:
        """Left once everything that waits is approved."""
        return self.remaining - self.waiting


def post(
    uow: UnitOfWork,
    person: Staff,
    kind: EntryKind,
    year: Period,
    minutes: int,
    *,
    on: date,
    reason: str = "",
    request_id: int | None = None,
) -> LeaveEntry:
    """Add one line. The caller has checked the actor."""
    entry = LeaveEntry(
        staff_id=person.id, leave_year=year.start, kind=kind.value, minutes=minutes, on_date=on,
        request_id=request_id, reason=reason[:300], recorded_by_id=uow.actor.user_id,
    )  # fmt: skip
    uow.session.add(entry)
    uow.session.flush()
    uow.touch(person.home_id)
    return entry


def post_leave(
    uow: UnitOfWork, person: Staff, request: LeaveRequest, hours: LeaveHours, policy: LeavePolicy
) -> int:
    """Take an approved request from the ledger, one line for each leave year it touches.

    Gives the minutes taken; none for kinds of leave that no ledger pays for.
    """
    kind = LEDGER_OF.get(request.leave_type)
    if kind is None:
        return 0
    total = 0
    period = Period(request.start_date, request.end_date)
    for year in leave_years(period, policy):
        days = period.overlap(year)
        minutes = hours.within(days) if days else 0
        if days and minutes:
            post(
                uow, person, kind, year, -minutes, on=days.start, request_id=request.id,
                reason=f"{request.leave_type.value} leave",
            )  # fmt: skip
            total += minutes
    return total


def return_leave(uow: UnitOfWork, person: Staff, request: LeaveRequest, reason: str) -> int:
    """Give back what a request took and has not been given back yet; gives the minutes."""
    taken = uow.session.execute(
        select(LeaveEntry.leave_year, func.sum(LeaveEntry.minutes))
        .where(LeaveEntry.request_id == request.id)
        .group_by(LeaveEntry.leave_year)
        .order_by(LeaveEntry.leave_year)
    ).all()
    policy = policy_for(uow.session, request.start_date, person.home_id, person.role_id)
    kind = EntryKind.TOIL if request.leave_type is LeaveType.TOIL else EntryKind.RETURNED
    total = 0
    for year_start, minutes in taken:
        if minutes:
            year = policy.year_of(year_start)
            on = max(request.start_date, year.start)
            post(
                uow, person, kind, year, -minutes, on=on, request_id=request.id, reason=reason
            )  # fmt: skip
            total -= minutes
    return total


def leave_years(period: Period, policy: LeavePolicy) -> list[Period]:
    """The leave years a period touches, in order."""
    years = [policy.year_of(period.start)]
    while years[-1].end < period.end:
        years.append(policy.year_of(years[-1].end + (date.resolution)))
    return years


def balance(session: Session, person: Staff, on: date) -> Balance:
    """Somebody's balance in the leave year of a day, split at that day."""
    policy = policy_for(session, on, person.home_id, person.role_id)
    return balances(session, [person.id], policy.year_of(on), on)[person.id]


def balances(
    session: Session, staff_ids: Iterable[int], year: Period, on: date
) -> dict[int, Balance]:
    """The balances of many people in two statements; somebody without lines has zeros."""
    wanted = sorted(set(staff_ids))
    lines = _sums(session, wanted, year, on)
    waiting = _waiting(session, wanted, year)
    found = {}
    for staff_id in wanted:
        by_kind = lines.get(staff_id, {})
        used = -(by_kind.get((EntryKind.TAKEN, False), 0))
        used -= by_kind.get((EntryKind.RETURNED, False), 0)
        booked = -(by_kind.get((EntryKind.TAKEN, True), 0))
        booked -= by_kind.get((EntryKind.RETURNED, True), 0)
        found[staff_id] = Balance(
            staff_id=staff_id,
            year=year,
            granted=_both(by_kind, EntryKind.ENTITLEMENT),
            carried=_both(by_kind, EntryKind.CARRY_OVER),
            accrued=_both(by_kind, EntryKind.ACCRUAL),
            corrections=_both(by_kind, EntryKind.CORRECTION),
            taken=used,
            booked=booked,
            waiting=waiting.get(staff_id, 0),
            toil=_both(by_kind, EntryKind.TOIL),
        )
    return found


def _both(by_kind: dict[tuple[str, bool], int], kind: EntryKind) -> int:
    return by_kind.get((kind, False), 0) + by_kind.get((kind, True), 0)


def _sums(
    session: Session, staff_ids: list[int], year: Period, on: date
) -> dict[int, dict[tuple[str, bool], int]]:
    later = case((LeaveEntry.on_date > on, 1), else_=0).label("later")
    rows = session.execute(
        select(LeaveEntry.staff_id, LeaveEntry.kind, later, func.sum(LeaveEntry.minutes))
        .where(
            LeaveEntry.staff_id.in_(staff_ids),
            (LeaveEntry.leave_year == year.start) | (LeaveEntry.kind == EntryKind.TOIL.value),
        )
        .group_by(LeaveEntry.staff_id, LeaveEntry.kind, later)
    )
    found: dict[int, dict[tuple[str, bool], int]] = {}
    for staff_id, kind, is_later, minutes in rows:
        found.setdefault(staff_id, {})[kind, bool(is_later)] = int(minutes)
    return found


def _waiting(session: Session, staff_ids: list[int], year: Period) -> dict[int, int]:
    rows = session.execute(
        select(LeaveRequest.staff_id, func.sum(LeaveRequest.minutes))
        .where(
            LeaveRequest.staff_id.in_(staff_ids),
            LeaveRequest.status == LeaveStatus.PENDING,
            LeaveRequest.leave_type == LeaveType.ANNUAL,
            LeaveRequest.start_date.between(year.start, year.end),
        )
        .group_by(LeaveRequest.staff_id)
    )
    return {staff_id: int(minutes) for staff_id, minutes in rows}


def checked_reason(reason: str) -> str:
    """A reason somebody gave. Raises :class:`InvalidInput` when there is none."""
    text = reason.strip()
    if not text:
        raise InvalidInput("Give a reason; it stays on the record.")
    return text
