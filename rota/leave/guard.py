"""Nobody is both on leave and on shift: the checks every writer of shifts or leave calls.

Two people deciding about the same person at once would each see a rota without the other's
change, so whoever gives somebody a shift or grants leave first locks the person's row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, date_text, period_text
from rota.errors import Conflict, NotAllowed, NotFound
from rota.leave.absence import spells_away
from rota.models import LeaveRequest, LeaveStatus, Staff, UserRole


def locked_person(session: Session, staff_id: int) -> Staff:
    """The person, with the row locked until the transaction ends.

    Raises :class:`NotFound`. (SQLite locks the whole database when a unit of work begins.)
    """
    found = session.scalar(select(Staff.id).where(Staff.id == staff_id).with_for_update())
    if found is None:
        raise NotFound("There is no such person.")
    return session.get_one(Staff, staff_id, populate_existing=True)


def require_on(actor: Actor, permission: Permission, home_id: int | None) -> None:
    """The actor may do this to something of this home; what belongs to no home is the
    administrator's."""
    actor.require(permission, home_id)
    if home_id is None and actor.role is not UserRole.ADMINISTRATOR:
        raise NotAllowed("This belongs to no home yet.", hint="Ask an administrator.")


def away_on(session: Session, staff_id: int, days: Iterable[date]) -> dict[date, str]:
    """The days on which somebody is away (approved leave, sickness), each with why.

    How long an open spell lasts is said in :mod:`rota.leave.absence`.
    """
    wanted = sorted(set(days))
    if not wanted:
        return {}
    absences = absences_of(session, [staff_id], Period(wanted[0], wanted[-1])).get(staff_id, [])
    return {day: why for period, why in absences for day in wanted if day in period}


def absences_of(
    session: Session, staff_ids: Iterable[int], period: Period
) -> dict[int, list[tuple[Period, str]]]:
    """Approved leave and sickness of many people that touch a period, with why, by person."""
    ids = sorted(set(staff_ids))
    found: dict[int, list[tuple[Period, str]]] = {}
    leave = session.execute(
        select(
            LeaveRequest.staff_id,
            LeaveRequest.start_date,
            LeaveRequest.end_date,
            LeaveRequest.leave_type,
        ).where(
            LeaveRequest.staff_id.in_(ids),
            LeaveRequest.status == LeaveStatus.APPROVED,
            LeaveRequest.start_date <= period.end,
            LeaveRequest.end_date >= period.start,
        )
    ).all()
    for staff_id, start, end, kind in leave:
        found.setdefault(staff_id, []).append((Period(start, end), f"{kind.value} leave"))
    for spell in spells_away(session, ids, period):
        found.setdefault(spell.staff_id, []).append((spell.period, spell.kind))
    return found


def refuse_if_away(session: Session, staff_id: int, days: Iterable[date]) -> None:
    """Raise :class:`Conflict` naming the first day on which somebody is away."""
    refuse_away(away_on(session, staff_id, days))


def refuse_away(away: Mapping[date, str]) -> None:
    """Raise :class:`Conflict` naming the first of some days away, each with why."""
    if away:
        day = min(away)
        raise Conflict(
            f"This person is away on {date_text(day)} ({away[day]}).",
            hint="Choose somebody else, or change the leave first.",
        )


def refuse_overlap(
    session: Session, staff_id: int, period: Period, *, but: int | None = None
) -> None:
    """Raise :class:`Conflict` when a waiting or approved request covers a day of the period."""
    other = session.scalars(
        select(LeaveRequest)
        .where(
            LeaveRequest.staff_id == staff_id,
            LeaveRequest.status.in_((LeaveStatus.PENDING, LeaveStatus.APPROVED)),
            and_(LeaveRequest.start_date <= period.end, LeaveRequest.end_date >= period.start),
            LeaveRequest.id != (but if but is not None else -1),
        )
        .order_by(LeaveRequest.start_date)
        .limit(1)
    ).first()
    if other is not None:
        there = period_text(Period(other.start_date, other.end_date))
        raise Conflict(
            f"There is already a request for {there} ({other.status.value}).",
            hint="Withdraw that one first, or choose other days.",
        )
