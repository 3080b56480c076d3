"""Reading what is one's own: shifts, absences, balance, requests, and who works beside one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, london_today
from rota.carer.own import myself
from rota.leave.absence import spells_away
from rota.leave.checks import pace_of
from rota.leave.facts import Pace
from rota.leave.hours import leave_hours
from rota.leave.ledger import Balance, balance
from rota.leave.policy import policy_for
from rota.leave.queries import (
    MOST_ROWS,
    REQUEST_COLUMNS,
    RequestRow,
    leave_between,
    request_row,
)
from rota.models import CareHome, LeaveRequest, LeaveStatus, Role, Shift, ShiftType, Staff, Unit


@dataclass(frozen=True, slots=True)
class MyShift:
    """A shift of one's own; ``with_names`` are the colleagues on the unit at that time."""

    shift_id: int
    date: date
    code: str
    name: str
    category: str
    starts_at: datetime
    ends_at: datetime
    paid_minutes: int
    home: str
    unit: str
    is_published: bool
    note: str
    with_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MyPage:
    """What a carer sees of their own: shifts, absences, balance, requests."""

    staff_id: int
    name: str
    contracted_minutes: int
    period: Period
    shifts: tuple[MyShift, ...]
    away: dict[date, str]
    balance: Balance
    pace: Pace
    requests: tuple[RequestRow, ...]

    def minutes_in(self, period: Period) -> int:
        """Paid minutes rostered in a part of the period."""
        return sum(shift.paid_minutes for shift in self.shifts if shift.date in period)


def my_page(session: Session, actor: Actor, period: Period) -> MyPage:
    """The actor's own shifts of a period, absences, balance and requests.

    Raises :class:`NotAllowed` for an account that belongs to nobody on the payroll.
    """
    actor.require(Permission.VIEW_OWN_ROTA)
    person = myself(session, actor)
    now = london_today()
    account = balance(session, person, now)
    policy = policy_for(session, now, person.home_id, person.role_id)
    return MyPage(
        staff_id=person.id,
        name=person.name,
        contracted_minutes=person.contracted_minutes,
        period=period,
        shifts=_my_shifts(session, person, period),
        away=_my_away(session, person.id, period),
        balance=account,
        pace=pace_of(account, 0, policy),
        requests=_my_requests(session, person.id, account.year),
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a request for some days would cost and leave, in minutes; ``working_days`` of it."""

    minutes: int
    working_days: int
    left_after: int


def estimate(session: Session, actor: Actor, period: Period) -> Estimate:
    """What asking for a period would cost the actor, before asking."""
    actor.require(Permission.REQUEST_LEAVE)
    person = myself(session, actor)
    hours = leave_hours(session, person, period)
    account = balance(session, person, period.start)
    return Estimate(hours.minutes, hours.working_days, account.after_waiting - hours.minutes)


def _my_requests(session: Session, staff_id: int, year: Period) -> tuple[RequestRow, ...]:
    rows = session.execute(
        select(*REQUEST_COLUMNS)
        .join(Staff, Staff.id == LeaveRequest.staff_id)
        .join(Role, Role.id == Staff.role_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(LeaveRequest.staff_id == staff_id, LeaveRequest.end_date >= year.start)
        .order_by(LeaveRequest.start_date.desc(), LeaveRequest.id.desc())
        .limit(MOST_ROWS)
    )
    return tuple(request_row(row) for row in rows)


def _my_shifts(session: Session, person: Staff, period: Period) -> tuple[MyShift, ...]:
    rows = session.execute(
        select(Shift, ShiftType, CareHome.name, Unit.name)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(CareHome, CareHome.id == Shift.home_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .where(
            Shift.user_id == person.id,
            Shift.is_published,  # a draft is the manager's business until it is published
            Shift.date.between(period.start, period.end),
        )
        .order_by(Shift.starts_at)
    ).all()
    together = _together(session, person.id, [row[0] for row in rows])
    return tuple(
        MyShift(
            shift.id, shift.date, kind.code, kind.name, kind.category, shift.starts_at,
            shift.ends_at, shift.paid_minutes, home, unit, shift.is_published, shift.note,
            together.get(shift.id, ()),
        )
        for shift, kind, home, unit in rows
    )  # fmt: skip


def _together(
    session: Session, staff_id: int, shifts: Sequence[Shift]
) -> dict[int, tuple[str, ...]]:
    """Who else works on the unit during each shift: names only."""
    if not shifts:
        return {}
    rows = session.execute(
        select(Shift.unit_id, Shift.starts_at, Shift.ends_at, Staff.first_name, Staff.last_name)
        .join(Staff, Staff.id == Shift.user_id)
        .where(
            Shift.unit_id.in_({shift.unit_id for shift in shifts}),
            Shift.date.in_({shift.date for shift in shifts}),
            Shift.user_id != staff_id,
        )
        .order_by(Staff.first_name)
    ).all()
    found: dict[int, tuple[str, ...]] = {}
    for shift in shifts:
        found[shift.id] = tuple(
            f"{row.first_name} {row.last_name}".strip()
            for row in rows
            if row.unit_id == shift.unit_id
            and row.starts_at < shift.ends_at
            and row.ends_at > shift.starts_at
        )
    return found


def _my_away(session: Session, staff_id: int, period: Period) -> dict[date, str]:
    found: dict[date, str] = {}
    for _, start, end, kind, status in leave_between(session, [staff_id], period):
        words = f"{kind.value} leave" if status is LeaveStatus.APPROVED else "leave asked for"
        for day in Period(start, end).overlap(period) or ():
            found.setdefault(day, words)
    for spell in spells_away(session, [staff_id], period):
        for day in spell.period.overlap(period) or ():
            found[day] = spell.kind
    return found
