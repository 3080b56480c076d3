"""How much of each unit is off on each day of a quarter or a leave year, and who that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period
from rota.errors import InvalidInput
from rota.leave.absence import spells_away
from rota.leave.policy import policy_for
from rota.leave.queries import leave_between, most_off
from rota.models import LeaveStatus, Role, Staff, Unit

#: a leave year with a little to spare: longer periods are not read
MOST_DAYS = 371


@dataclass(frozen=True, slots=True)
class UnitDays:
    """A unit's people by day: ``off`` are away for certain (granted leave, sickness), ``asked``
    wait for a decision; ``limit`` is how many of the ``team`` may be off at once."""

    unit_id: int
    unit: str
    team: int
    limit: int
    off: dict[date, int]
    asked: dict[date, int]

    def share(self, day: date) -> float:
        """The share of the unit that is off on a day, 0 to 1."""
        return self.off.get(day, 0) / self.team if self.team else 0.0

    def is_over(self, day: date) -> bool:
        """Whether more are off than the policy wants."""
        return self.off.get(day, 0) > self.limit


@dataclass(frozen=True, slots=True)
class LeaveHeat:
    """Every unit over a period. ``off_percent`` is the policy's limit."""

    period: Period
    off_percent: int
    units: tuple[UnitDays, ...]

    def over(self) -> Iterator[tuple[UnitDays, date]]:
        """The days of units above the limit, in order of days."""
        for day in self.period:
            for unit in self.units:
                if unit.is_over(day):
                    yield unit, day


@dataclass(frozen=True, slots=True)
class OffRow:
    """Somebody off on a day: why, whether that is decided, and from when to when."""

    staff_id: int
    name: str
    role: str
    unit: str
    why: str
    decided: bool
    period: Period


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody of a unit."""

    id: int
    first_name: str
    last_name: str
    role: str
    unit_id: int
    unit: str


def leave_heat(
    session: Session, actor: Actor, home_id: int, period: Period, unit_id: int | None = None
) -> LeaveHeat:
    """How many of each unit are off on each day. Four statements, five with an open spell.

    The same people and reasons as the team's calendar; a person away for two reasons counts
    once.
    """
    actor.require(Permission.VIEW_LEAVE, home_id)
    if period.days > MOST_DAYS:
        raise InvalidInput("A heat map shows a leave year at most.")
    people = _people(session, home_id, unit_id)
    unit_of = {row.id: (row.unit_id, row.unit) for row in people}
    off: dict[int, dict[date, set[int]]] = defaultdict(lambda: defaultdict(set))
    asked: dict[int, dict[date, set[int]]] = defaultdict(lambda: defaultdict(set))
    for away in _away(session, list(unit_of), period):
        staff_id, days, _, decided = away
        place = (off if decided else asked)[unit_of[staff_id][0]]
        for day in days.overlap(period) or ():
            place[day].add(staff_id)
    percent = policy_for(session, period.start, home_id).team_off_percent
    teams: dict[tuple[int, str], int] = defaultdict(int)
    for key in unit_of.values():
        teams[key] += 1
    units = tuple(
        UnitDays(
            unit, name, team, most_off(team, percent),
            {day: len(who) for day, who in off[unit].items()},
            {day: len(who - off[unit].get(day, set())) for day, who in asked[unit].items()},
        )
        for (unit, name), team in sorted(teams.items(), key=lambda item: item[0][1])
    )  # fmt: skip
    return LeaveHeat(period, percent, units)


def off_on(
    session: Session, actor: Actor, home_id: int, day: date, unit_id: int | None = None
) -> list[OffRow]:
    """Who of a home or unit is off on a day, or has asked to be; the decided ones first."""
    actor.require(Permission.VIEW_LEAVE, home_id)
    people = {row.id: row for row in _people(session, home_id, unit_id)}
    found: dict[int, OffRow] = {}
    for staff_id, days, why, decided in _away(session, list(people), Period(day, day)):
        if staff_id in found and (found[staff_id].decided or not decided):
            continue
        who = people[staff_id]
        name = f"{who.first_name} {who.last_name}".strip()
        found[staff_id] = OffRow(staff_id, name, who.role, who.unit, why, decided, days)
    return sorted(found.values(), key=lambda row: (not row.decided, row.unit, row.name))


def _people(session: Session, home_id: int, unit_id: int | None) -> list[_Person]:
    """The active people of a home's units, as the calendar lists them."""
    statement = (
        select(
            Staff.id, Staff.first_name, Staff.last_name, Role.name.label("role"),
            Unit.id.label("unit_id"), Unit.name.label("unit"),
        )
        .join(Role, Role.id == Staff.role_id)
        .join(Unit, Unit.id == Staff.unit_id)
        .where(Staff.home_id == home_id, Staff.is_active)
        .where(or_(Staff.left_on.is_(None), Staff.left_on >= func.current_date()))
        .order_by(Staff.last_name, Staff.first_name)
    )  # fmt: skip
    if unit_id is not None:
        statement = statement.where(Staff.unit_id == unit_id)
    return [_Person(*row) for row in session.execute(statement)]


def _away(
    session: Session, ids: list[int], period: Period
) -> Iterator[tuple[int, Period, str, bool]]:
    """Leave and sickness of people that touch a period: who, when, why, whether decided."""
    for spell in spells_away(session, ids, period):
        yield spell.staff_id, spell.period, spell.kind, True
    for staff_id, start, end, kind, status in leave_between(session, ids, period):
        yield staff_id, Period(start, end), kind.value, status is LeaveStatus.APPROVED
