"""Reading the entitlement ledger: the balances of a team, and the lines behind one person's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period
from rota.errors import NotFound
from rota.leave.checks import pace_of
from rota.leave.facts import Pace
from rota.leave.guard import require_on
from rota.leave.ledger import Balance, EntryKind, balances
from rota.leave.policy import policy_for
from rota.models import LeaveEntry, Role, Staff, Unit, User

#: what a line is called on screen
KIND_WORDS: dict[str, str] = {
    EntryKind.ENTITLEMENT: "Entitlement",
    EntryKind.CARRY_OVER: "Carried over",
    EntryKind.ACCRUAL: "Accrued",
    EntryKind.TAKEN: "Leave",
    EntryKind.RETURNED: "Given back",
    EntryKind.CORRECTION: "Correction",
    EntryKind.TOIL: "Time off in lieu",
}


@dataclass(frozen=True, slots=True)
class TeamBalance:
    """Somebody's leave year beside their pace."""

    staff_id: int
    name: str
    role: str
    unit: str
    balance: Balance
    pace: Pace


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger; ``minutes`` is negative when leave was taken."""

    on: date
    kind: str
    minutes: int
    reason: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person's ledger of a leave year, oldest line first."""

    staff_id: int
    name: str
    balance: Balance
    lines: tuple[Line, ...]


def team_balances(
    session: Session, actor: Actor, home_id: int, on: date, unit_id: int | None = None
) -> list[TeamBalance]:
    """The balances of everybody of a home (or unit) in the leave year of a day, by name."""
    actor.require(Permission.VIEW_LEAVE, home_id)
    statement = (
        select(Staff.id, Staff.first_name, Staff.last_name, Role.name, Unit.name, Staff.role_id)
        .join(Role, Role.id == Staff.role_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(Staff.home_id == home_id, Staff.is_active)
        .where(or_(Staff.left_on.is_(None), Staff.left_on >= on))
        .order_by(Staff.last_name, Staff.first_name)
    )
    if unit_id is not None:
        statement = statement.where(Staff.unit_id == unit_id)
    people = session.execute(statement).all()
    policy = policy_for(session, on, home_id)
    found = balances(session, [row[0] for row in people], policy.year_of(on), on)
    return [
        TeamBalance(
            staff_id, f"{first} {last}".strip(), role, unit or "", found[staff_id],
            pace_of(found[staff_id], 0, policy, on),
        )
        for staff_id, first, last, role, unit, _ in people
    ]  # fmt: skip


def ledger_of(session: Session, actor: Actor, staff_id: int, on: date) -> Account:
    """Every line of somebody's leave year, with who wrote it. Raises :class:`NotFound`."""
    person = session.get(Staff, staff_id)
    if person is None:
        raise NotFound("There is no such person.")
    require_on(actor, Permission.VIEW_LEAVE, person.home_id)
    policy = policy_for(session, on, person.home_id, person.role_id)
    year: Period = policy.year_of(on)
    rows = session.execute(
        select(LeaveEntry, User.name)
        .outerjoin(User, User.id == LeaveEntry.recorded_by_id)
        .where(LeaveEntry.staff_id == staff_id, LeaveEntry.leave_year == year.start)
        .order_by(LeaveEntry.on_date, LeaveEntry.id)
    )
    lines = tuple(
        Line(
            entry.on_date, KIND_WORDS.get(entry.kind, entry.kind), entry.minutes, entry.reason,
            entry.recorded_at, name or "",
        )
        for entry, name in rows
    )  # fmt: skip
    account = balances(session, [staff_id], year, on)[staff_id]
    return Account(person.id, person.name, account, lines)
