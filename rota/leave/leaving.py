"""Somebody leaves: the last day, and what it does to the rota beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from rota.access.permissions import Permission
from rota.calendar import date_text, london_today
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput
from rota.leave.guard import locked_person, require_on
from rota.leave.release import Released, release_shifts
from rota.models import LeaveRequest, LeaveStatus, Shift, utc_now
from rota.roster import changes

#: how far back a last day can still be entered, and how far ahead
BACK_DAYS, AHEAD_DAYS = 92, 366
REASON = "leaver"


@dataclass(frozen=True, slots=True)
class Leaver:
    """Who leaves after which day, the shifts that became vacancies, and how many leave requests
    lie (partly) after it and have to be looked at."""

    staff_id: int
    name: str
    last_day: date
    released: Released
    leave_after: int


def record_leaver(uow: UnitOfWork, staff_id: int, last_day: date) -> Leaver:
    """Enter somebody's last day; their shifts after it become vacancies with that reason.

    Leave earned follows by itself: entitlement is counted to the last day. Raises
    :class:`InvalidInput` for a day out of range, :class:`Conflict` when one is on record.
    """
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.EDIT_ROTA, person.home_id)
    today = london_today()
    if person.left_on is not None or not person.is_active:
        when = f" after {date_text(person.left_on)}" if person.left_on else ""
        raise Conflict(f"It is on record already that {person.name} leaves{when}.")
    if not today - timedelta(days=BACK_DAYS) <= last_day <= today + timedelta(days=AHEAD_DAYS):
        raise InvalidInput(
            f"The last day lies at most {BACK_DAYS} days back and {AHEAD_DAYS} ahead.",
            hint="Check the year.",
        )
    if person.started_on is not None and last_day < person.started_on:
        raise InvalidInput(f"{person.name} only started on {date_text(person.started_on)}.")
    days = uow.session.scalars(
        select(Shift.date)
        .where(Shift.user_id == staff_id, Shift.date > last_day, Shift.starts_at > utc_now())
        .distinct()
    ).all()
    label = f"{person.name} leaves after {date_text(last_day)}"
    released = release_shifts(uow, person, days, REASON, REASON, label)
    person.left_on = last_day
    uow.session.flush()
    after = uow.session.scalar(
        select(func.count())
        .select_from(LeaveRequest)
        .where(
            LeaveRequest.staff_id == staff_id,
            LeaveRequest.end_date > last_day,
            LeaveRequest.status.in_((LeaveStatus.PENDING, LeaveStatus.APPROVED)),
        )
    )
    uow.audit(
        "record leaver", "staff", staff_id, home_id=person.home_id, before={"left_on": None},
        after={"left_on": last_day.isoformat(), "shifts": released.count},
    )  # fmt: skip
    uow.touch(person.home_id)
    return Leaver(staff_id, person.name, last_day, released, int(after or 0))


def undo_leaver(uow: UnitOfWork, staff_id: int, change_set_id: int | None) -> str:
    """Somebody stays after all: no last day, and the shifts of that change are theirs again.

    Raises :class:`Conflict` when one of the shifts was changed since; then nothing changes.
    """
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.EDIT_ROTA, person.home_id)
    if person.left_on is None:
        raise Conflict(f"No last day of {person.name} is on record.")
    before = person.left_on
    person.left_on = None
    uow.session.flush()
    if change_set_id is not None:
        changes.undo(uow, change_set_id)
    uow.audit(
        "undo leaver", "staff", staff_id, home_id=person.home_id,
        before={"left_on": before.isoformat()}, after={"left_on": None},
    )  # fmt: skip
    uow.touch(person.home_id)
    return person.name
