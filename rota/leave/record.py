"""A request as every use case of leave loads, checks and records it."""

from __future__ import annotations

from sqlalchemy import select

from rota.database import UnitOfWork
from rota.errors import Conflict, NotFound
from rota.leave.guard import locked_person
from rota.models import LeaveRequest, Staff


def loaded_request(uow: UnitOfWork, request_id: int) -> tuple[LeaveRequest, Staff]:
    """A request and its person, both as they are now, the person locked; :class:`NotFound`."""
    staff_id = uow.session.scalar(
        select(LeaveRequest.staff_id).where(LeaveRequest.id == request_id)
    )
    if staff_id is None:
        raise NotFound("There is no such request.")
    person = locked_person(uow.session, staff_id)
    return uow.session.get_one(LeaveRequest, request_id, populate_existing=True), person


def check_version(request: LeaveRequest, version: int) -> None:
    """Raise :class:`Conflict` when the request is not as the actor saw it."""
    if request.version != version:
        raise Conflict(
            "This request has changed since you opened it; nothing was changed.",
            hint="Look at it again, then decide.",
        )


def request_state(request: LeaveRequest) -> dict[str, object]:
    """What the audit keeps of a request."""
    return {
        "staff_id": request.staff_id,
        "start": request.start_date.isoformat(),
        "end": request.end_date.isoformat(),
        "type": request.leave_type.value,
        "status": request.status.value,
        "minutes": request.minutes,
    }
