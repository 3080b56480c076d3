"""Deciding requests: approve in whole or in part, reject, undo an approval.

Approving takes the person off their shifts, writes the ledger and the audit in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import Period, london_today, period_text
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed
from rota.leave.guard import require_on
from rota.leave.hours import leave_hours
from rota.leave.ledger import checked_reason, post_leave, return_leave
from rota.leave.policy import policy_for
from rota.leave.record import check_version, loaded_request, request_state
from rota.leave.release import Released, release_shifts, runs
from rota.models import LeaveRequest, LeaveStatus, Staff, utc_now
from rota.roster import changes


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval did; ``minutes`` is what the ledger paid."""

    request_id: int
    period: Period
    minutes: int
    released: Released
    refused_days: tuple[date, ...] = ()


def approve(
    uow: UnitOfWork,
    request_id: int,
    version: int,
    *,
    days: Collection[date] | None = None,
    reason: str = "",
) -> Approved:
    """Approve a waiting request, or only some of its days; the rest is refused with ``reason``.

    Raises :class:`Conflict` when it was decided or changed meanwhile, :class:`NotAllowed` for
    another home or one's own request, :class:`InvalidInput` for days gone or outside the
    request, or a refusal of some days without a reason.
    """
    request, person = _decidable(uow, request_id, version)
    return grant(uow, request, person, days=days, reason=reason)


def grant(
    uow: UnitOfWork,
    request: LeaveRequest,
    person: Staff,
    *,
    days: Collection[date] | None = None,
    reason: str = "",
    action: str = "approve leave",
) -> Approved:
    """Approve without asking who acts; for :func:`approve` and automatic approval only."""
    asked = Period(request.start_date, request.end_date)
    granted = sorted(set(asked if days is None else days))
    refused = tuple(day for day in asked if day not in set(granted))
    _check_days(asked, granted, refused, reason)
    policy = policy_for(uow.session, asked.start, person.home_id, person.role_id)
    hours = leave_hours(uow.session, person, asked)  # before the shifts go
    before = request_state(request)
    label = f"{person.name}: leave {period_text(Period(granted[0], granted[-1]))}"
    released = release_shifts(uow, person, granted, "leave", "leave", label)
    now = utc_now()  # one instant, by which an undo finds the parts again
    parts = _split(uow, request, granted, refused, reason, now)
    taken = 0
    for part in parts:
        part.minutes = hours.within(Period(part.start_date, part.end_date))
        _decide(uow, part, LeaveStatus.APPROVED, reason, now)
        part.change_set_id = released.change_set_id
        uow.session.flush()
        taken += post_leave(uow, person, part, hours, policy)
    uow.audit(
        action, "leave_request", request.id, home_id=person.home_id, before=before,
        after=request_state(request) | {"released": len(released.vacancy_ids)}, reason=reason,
    )  # fmt: skip
    uow.touch(person.home_id)
    return Approved(request.id, Period(granted[0], granted[-1]), taken, released, refused)


def reject(uow: UnitOfWork, request_id: int, version: int, reason: str) -> LeaveRequest:
    """Reject a waiting request with a reason, which the person sees."""
    text = checked_reason(reason)
    request, person = _decidable(uow, request_id, version)
    before = request_state(request)
    _decide(uow, request, LeaveStatus.REJECTED, text, utc_now())
    uow.session.flush()
    uow.audit(
        "reject leave", "leave_request", request.id, home_id=person.home_id, before=before,
        after=request_state(request), reason=text,
    )  # fmt: skip
    uow.touch(person.home_id)
    return request


def undo_approval(uow: UnitOfWork, request_id: int) -> LeaveRequest:
    """Undo an approval as a whole: waiting again, ledger given back, shifts as they were.

    Raises :class:`Conflict` when one of the shifts was changed since; then nothing changes.
    """
    request, person = loaded_request(uow, request_id)
    require_on(uow.actor, Permission.DECIDE_LEAVE, person.home_id)
    if request.status is not LeaveStatus.APPROVED:
        raise Conflict(f"This request is {request.status.value}, not approved.")
    before = request_state(request)
    parts = _decided_together(uow, request)
    for part in parts:
        return_leave(uow, person, part, "approval undone")
        part.status = LeaveStatus.WITHDRAWN
        part.decision_reason = "approval undone"
    request.start_date = min(part.start_date for part in parts)
    request.end_date = max(part.end_date for part in parts)
    request.minutes = sum(part.minutes for part in parts)
    change_set_id, request.change_set_id = request.change_set_id, None
    request.status, request.decision_reason = LeaveStatus.PENDING, ""
    request.decided_at = request.decided_by_id = None
    uow.session.flush()
    if change_set_id is not None:
        changes.undo(uow, change_set_id)
    uow.audit(
        "undo approval", "leave_request", request.id, home_id=person.home_id, before=before,
        after=request_state(request),
    )  # fmt: skip
    uow.touch(person.home_id)
    return request


def _decided_together(uow: UnitOfWork, request: LeaveRequest) -> list[LeaveRequest]:
    """The request and the rows a decision in part split from it."""
    return list(
        uow.session.scalars(
            select(LeaveRequest).where(
                LeaveRequest.staff_id == request.staff_id,
                LeaveRequest.requested_at == request.requested_at,
                LeaveRequest.decided_at == request.decided_at,
            )
        )
    )


def _decidable(uow: UnitOfWork, request_id: int, version: int) -> tuple[LeaveRequest, Staff]:
    request, person = loaded_request(uow, request_id)
    require_on(uow.actor, Permission.DECIDE_LEAVE, person.home_id)
    if uow.actor.staff_id == person.id:
        raise NotAllowed("Nobody decides their own leave.", hint="Ask another manager.")
    if request.status is not LeaveStatus.PENDING:
        raise Conflict(
            f"This request is {request.status.value} already; nothing was changed.",
            hint="Somebody was faster, or it was clicked twice.",
        )
    check_version(request, version)
    return request, person


def _check_days(asked: Period, granted: list[date], refused: tuple[date, ...], reason: str) -> None:
    if not granted:
        raise InvalidInput("No day is left to approve.", hint="Reject the request instead.")
    outside = [day for day in granted if day not in asked]
    if outside:
        raise InvalidInput(f"{outside[0]:%d/%m/%Y} is not part of this request.")
    if granted[0] < london_today():
        raise InvalidInput(
            "Days that have passed cannot be approved.",
            hint="Approve the days still to come, or reject the request.",
        )
    if refused and not reason.strip():
        raise InvalidInput("Say why some days are refused; the person will see it.")


def _split(
    uow: UnitOfWork,
    request: LeaveRequest,
    granted: list[date],
    refused: tuple[date, ...],
    reason: str,
    now: datetime,
) -> list[LeaveRequest]:
    """Turn a request into its approved stretches, the first being the row itself.

    Refused stretches become rejected rows of their own, so that both sides stay on record.
    """
    stretches = runs(granted)
    parts = [request]
    for start, end in stretches[1:]:
        parts.append(_sibling(uow, request, start, end))
    for start, end in runs(refused):
        _decide(uow, _sibling(uow, request, start, end), LeaveStatus.REJECTED, reason, now)
    request.start_date, request.end_date = stretches[0]
    return parts


def _sibling(uow: UnitOfWork, request: LeaveRequest, start: date, end: date) -> LeaveRequest:
    sibling = LeaveRequest(
        staff_id=request.staff_id, home_id=request.home_id, start_date=start, end_date=end,
        leave_type=request.leave_type, reason=request.reason, requested_at=request.requested_at,
        requested_by_id=request.requested_by_id, legacy={},
    )  # fmt: skip
    uow.session.add(sibling)
    return sibling


def _decide(
    uow: UnitOfWork, request: LeaveRequest, status: LeaveStatus, reason: str, at: datetime
) -> None:
    request.status = status
    request.decided_at = at
    request.decided_by_id = uow.actor.user_id
    request.decision_reason = reason.strip()[:500]
