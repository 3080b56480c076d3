"""Reading leave: requests, the team's calendar, absence, one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period
from rota.leave.absence import spells_away
from rota.leave.policy import policy_for
from rota.models import (
    AbsenceSpell,
    LeaveRequest,
    LeaveStatus,
    LeaveType,
    Role,
    Staff,
    Unit,
)

MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A leave request in a list."""

    id: int
    version: int
    staff_id: int
    name: str
    role: str
    unit: str
    period: Period
    leave_type: LeaveType
    status: LeaveStatus
    minutes: int
    reason: str
    requested_at: datetime
    decision_reason: str


@dataclass(frozen=True, slots=True)
class SpellRow:
    """A spell of absence; open while ``ended_on`` is null."""

    id: int
    staff_id: int
    name: str
    role: str
    unit: str
    kind: str
    started_on: date
    ended_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class TeamRow:
    """Somebody of the team with the days they are away; also who is never away."""

    staff_id: int
    name: str
    role: str
    away: dict[date, tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class TeamCalendar:
    """The team over a period. ``away`` of a row gives, by day, why and whether it is decided.

    ``off`` counts who is away by day, waiting requests left out; ``limit`` is how many may be.
    """

    period: Period
    rows: tuple[TeamRow, ...]
    off: dict[date, int]
    limit: int


REQUEST_COLUMNS = (
    LeaveRequest.id, LeaveRequest.version, LeaveRequest.staff_id, Staff.first_name,
    Staff.last_name, Role.name.label("role"), Unit.name.label("unit"), LeaveRequest.start_date,
    LeaveRequest.end_date, LeaveRequest.leave_type, LeaveRequest.status, LeaveRequest.minutes,
    LeaveRequest.reason, LeaveRequest.requested_at, LeaveRequest.decision_reason,
)  # fmt: skip


def requests(
    session: Session,
    actor: Actor,
    home_id: int,
    *,
    status: LeaveStatus = LeaveStatus.PENDING,
    unit_id: int | None = None,
) -> list[RequestRow]:
    """The requests of a home in one state: waiting ones by first day, others newest first."""
    actor.require(Permission.VIEW_LEAVE, home_id)
    statement = (
        select(*REQUEST_COLUMNS)
        .join(Staff, Staff.id == LeaveRequest.staff_id)
        .join(Role, Role.id == Staff.role_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(Staff.home_id == home_id, LeaveRequest.status == status)
        .limit(MOST_ROWS)
    )
    if unit_id is not None:
        statement = statement.where(Staff.unit_id == unit_id)
    if status is LeaveStatus.PENDING:
        statement = statement.order_by(LeaveRequest.start_date, LeaveRequest.id)
    else:
        statement = statement.order_by(LeaveRequest.start_date.desc(), LeaveRequest.id.desc())
    return [request_row(row) for row in session.execute(statement)]


def spells(
    session: Session, actor: Actor, home_id: int, *, since: date, unit_id: int | None = None
) -> list[SpellRow]:
    """Spells of absence of a home that are open or ended on or after a day, open ones first."""
    actor.require(Permission.VIEW_LEAVE, home_id)
    statement = (
        select(AbsenceSpell, Staff.first_name, Staff.last_name, Role.name, Unit.name)
        .join(Staff, Staff.id == AbsenceSpell.staff_id)
        .join(Role, Role.id == Staff.role_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(
            Staff.home_id == home_id,
            or_(AbsenceSpell.ended_on.is_(None), AbsenceSpell.ended_on >= since),
        )
        .order_by(
            AbsenceSpell.ended_on.is_not(None), AbsenceSpell.started_on.desc(), AbsenceSpell.id
        )
        .limit(MOST_ROWS)
    )
    if unit_id is not None:
        statement = statement.where(Staff.unit_id == unit_id)
    return [
        SpellRow(
            spell.id, spell.staff_id, f"{first} {last}".strip(), role, unit or "", spell.kind,
            spell.started_on, spell.ended_on, spell.note,
        )
        for spell, first, last, role, unit in session.execute(statement)
    ]  # fmt: skip


def team_calendar(
    session: Session, actor: Actor, home_id: int, period: Period, unit_id: int | None = None
) -> TeamCalendar:
    """Everybody of a unit (or home) with the days they are away. Three statements.

    People who are never away are in it too: the question is who is left.
    """
    actor.require(Permission.VIEW_LEAVE, home_id)
    people = _people(session, home_id, unit_id)
    away: dict[int, dict[date, tuple[str, bool]]] = {row[0]: {} for row in people}
    for staff_id, start, end, kind, status in leave_between(session, list(away), period):
        decided = status is LeaveStatus.APPROVED
        for day in Period(start, end).overlap(period) or ():
            away[staff_id].setdefault(day, (kind.value, decided))
    for spell in spells_away(session, list(away), period):
        for day in spell.period.overlap(period) or ():
            away[spell.staff_id][day] = (spell.kind, True)
    off = {day: sum(1 for days in away.values() if days.get(day, ("", False))[1]) for day in period}
    limit = most_off(len(people), policy_for(session, period.start, home_id).team_off_percent)
    rows = tuple(TeamRow(row[0], row[1], row[2], away[row[0]]) for row in people)
    return TeamCalendar(period, rows, off, limit)


def most_off(team: int, percent: int) -> int:
    """How many of a team may be off at once: a share of it, and one person always."""
    return max(1, team * percent // 100)


def people_of(
    session: Session, actor: Actor, home_id: int, unit_id: int | None = None
) -> list[tuple[int, str]]:
    """Id and name of the active people of a home, by last name: for choosing somebody."""
    actor.require(Permission.VIEW_LEAVE, home_id)
    rows = sorted(_people(session, home_id, unit_id), key=lambda row: row[3])
    return [(staff_id, f"{name}, {role}") for staff_id, name, role, _ in rows]


def leave_between(
    session: Session, ids: list[int], period: Period
) -> list[tuple[int, date, date, LeaveType, LeaveStatus]]:
    """Waiting and approved leave of people that touches a period: person, days, kind, status."""
    rows = session.execute(
        select(
            LeaveRequest.staff_id, LeaveRequest.start_date, LeaveRequest.end_date,
            LeaveRequest.leave_type, LeaveRequest.status,
        )
        .where(
            LeaveRequest.staff_id.in_(ids),
            LeaveRequest.status.in_((LeaveStatus.PENDING, LeaveStatus.APPROVED)),
            LeaveRequest.start_date <= period.end,
            LeaveRequest.end_date >= period.start,
        )
        .order_by(LeaveRequest.start_date)
    )  # fmt: skip
    return [(r.staff_id, r.start_date, r.end_date, r.leave_type, r.status) for r in rows]


def _people(session: Session, home_id: int, unit_id: int | None) -> list[tuple[int, str, str, str]]:
    statement = (
        select(Staff.id, Staff.first_name, Staff.last_name, Role.name)
        .join(Role, Role.id == Staff.role_id)
        .where(Staff.home_id == home_id, Staff.is_active)
        .where(or_(Staff.left_on.is_(None), Staff.left_on >= func.current_date()))
        .order_by(Role.name, Staff.last_name, Staff.first_name)
    )
    if unit_id is not None:
        statement = statement.where(Staff.unit_id == unit_id)
    return [
        (staff_id, f"{first} {last}".strip(), role, last.casefold())
        for staff_id, first, last, role in session.execute(statement)
    ]


def request_row(row: Any) -> RequestRow:
    """A selection of :data:`REQUEST_COLUMNS` as a value."""
    (
        request_id, version, staff_id, first, last, role, unit, start, end, kind, status, minutes,
        reason, at, decision,
    ) = row  # fmt: skip
    return RequestRow(
        request_id, version, staff_id, f"{first} {last}".strip(), role, unit or "",
        Period(start, end), kind, status, minutes, reason, at, decision,
    )  # fmt: skip
