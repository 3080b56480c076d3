"""Asking for leave and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import Period, london_today, period_text
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed
from rota.leave.guard import locked_person, refuse_overlap, require_on
from rota.leave.hours import leave_hours
from rota.leave.ledger import return_leave
from rota.leave.record import check_version, loaded_request, request_state
from rota.leave.release import give_back
from rota.models import LeaveRequest, LeaveStatus, LeaveType, Staff, utc_now

LONGEST_REQUEST_DAYS = 366
FURTHEST_AHEAD_DAYS = 2 * 366
#: the same request again within this time is the same request
SENT_TWICE_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request as it was recorded. ``notes`` are plain sentences worth showing."""

    request_id: int
    status: LeaveStatus
    minutes: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a withdrawal gave back: ledger minutes, shifts, and shifts others hold by now."""

    request_id: int
    minutes: int
    shifts_back: int
    shifts_kept_by_others: int


def request_leave(
    uow: UnitOfWork,
    staff_id: int,
    start: date,
    end: date,
    leave_type: LeaveType = LeaveType.ANNUAL,
    reason: str = "",
) -> Receipt:
    """Record a request by the person themselves or by a manager of their home.

    The same request again a moment later, still waiting, is the same request. Raises
    :class:`InvalidInput` for an end before the start, days gone or too far ahead,
    sickness (which is reported, not asked for); :class:`Conflict` for an overlap with a
    waiting or approved request.
    """
    person = locked_person(uow.session, staff_id)
    _may_ask_for(uow, person)
    period = _checked_period(person, start, end)
    if leave_type is LeaveType.SICK:
        raise InvalidInput("Sickness is reported, not asked for.", hint="Use “Report sickness”.")
    again = _sent_twice(uow, person, period, leave_type)
    if again is not None:
        return Receipt(again.id, again.status, again.minutes)
    refuse_overlap(uow.session, staff_id, period)
    hours = leave_hours(uow.session, person, period)
    request = LeaveRequest(
        staff_id=person.id, home_id=person.home_id, start_date=start, end_date=end,
        leave_type=leave_type, minutes=hours.minutes, reason=reason.strip()[:500], legacy={},
        requested_by_id=uow.actor.user_id,
    )  # fmt: skip
    uow.session.add(request)
    uow.session.flush()
    uow.audit(
        "request leave", "leave_request", request.id, home_id=person.home_id,
        after=request_state(request), reason=request.reason,
    )  # fmt: skip
    uow.touch(person.home_id)
    return Receipt(request.id, request.status, hours.minutes)


def withdraw(uow: UnitOfWork, request_id: int, version: int) -> Withdrawn:
    """Take back a waiting or approved request: one's own before it begins, or any of the home.

    The ledger is given back and the person returns to the shifts nobody has taken since.
    """
    request, person = loaded_request(uow, request_id)
    own = uow.actor.staff_id == person.id
    if own:
        uow.actor.require(Permission.REQUEST_LEAVE)
    else:
        require_on(uow.actor, Permission.DECIDE_LEAVE, person.home_id)
    check_version(request, version)
    if request.status not in (LeaveStatus.PENDING, LeaveStatus.APPROVED):
        raise Conflict(f"This request is {request.status.value} already.")
    was_approved = request.status is LeaveStatus.APPROVED
    if was_approved and request.start_date <= london_today():
        raise InvalidInput(
            "This leave has begun; it can no longer be withdrawn.",
            hint="A manager can correct the hours in the ledger.",
        )
    before = request_state(request)
    request.status = LeaveStatus.WITHDRAWN
    uow.session.flush()  # no longer away, so that the shifts may be given back
    minutes = back = kept = 0
    if was_approved:
        minutes = return_leave(uow, person, request, "withdrawn")
        period = Period(request.start_date, request.end_date)
        label = f"{person.name}: leave withdrawn {period_text(period)}"
        back, kept = give_back(uow, person, request.change_set_id, list(period), label)
    uow.audit(
        "withdraw leave", "leave_request", request.id, home_id=person.home_id, before=before,
        after=request_state(request),
    )  # fmt: skip
    uow.touch(person.home_id)
    return Withdrawn(request.id, minutes, back, kept)


def _sent_twice(
    uow: UnitOfWork, person: Staff, period: Period, leave_type: LeaveType
) -> LeaveRequest | None:
    """The very same request by the same account a moment ago: a double click, or a save whose
    answer was lost on the way."""
    return uow.session.scalars(
        select(LeaveRequest).where(
            LeaveRequest.staff_id == person.id,
            LeaveRequest.start_date == period.start,
            LeaveRequest.end_date == period.end,
            LeaveRequest.leave_type == leave_type,
            LeaveRequest.status.in_((LeaveStatus.PENDING, LeaveStatus.APPROVED)),
            LeaveRequest.requested_by_id.is_not_distinct_from(uow.actor.user_id),
            LeaveRequest.requested_at > utc_now() - SENT_TWICE_WITHIN,
        )
    ).first()


def _may_ask_for(uow: UnitOfWork, person: Staff) -> None:
    if uow.actor.staff_id == person.id:
        uow.actor.require(Permission.REQUEST_LEAVE)
    elif uow.actor.may(Permission.DECIDE_LEAVE):
        require_on(uow.actor, Permission.DECIDE_LEAVE, person.home_id)
    else:
        uow.actor.require(Permission.REQUEST_LEAVE)
        raise NotAllowed("You may ask for your own leave only.", hint="Ask your manager.")


def _checked_period(person: Staff, start: date, end: date) -> Period:
    if end < start:
        raise InvalidInput(f"The last day ({end:%d/%m/%Y}) is before the first ({start:%d/%m/%Y}).")
    now = london_today()
    if start < now:
        raise InvalidInput("The first day has passed already.", hint="Choose a day from today on.")
    if start > now + timedelta(days=FURTHEST_AHEAD_DAYS):
        raise InvalidInput("That is more than two years ahead.", hint="Check the year.")
    period = Period(start, end)
    if period.days > LONGEST_REQUEST_DAYS:
        raise InvalidInput("A request covers a year at most.", hint="Check the last day.")
    if not person.is_active or (person.left_on is not None and end > person.left_on):
        raise InvalidInput("This person is not employed then.")
    if person.started_on is not None and start < person.started_on:
        raise InvalidInput("This person has not started by then.")
    return period
