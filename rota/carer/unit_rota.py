"""The unit's published rota as a colleague may see it: names and shifts, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period
from rota.carer.own import myself
from rota.models import Shift, ShiftType, Staff, Unit


@dataclass(frozen=True, slots=True)
class UnitShift:
    """A shift type of a day on the unit, with the names of who works it."""

    date: date
    code: str
    name: str
    category: str
    starts_at: datetime
    ends_at: datetime
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitRota:
    """What is published of a unit in a period. ``unit`` is empty for somebody without one."""

    unit: str
    period: Period
    shifts: tuple[UnitShift, ...]

    def on(self, day: date) -> list[UnitShift]:
        """The shifts of a day, earliest first."""
        return [shift for shift in self.shifts if shift.date == day]


def my_unit_rota(session: Session, actor: Actor, period: Period) -> UnitRota:
    """The rota of the actor's own unit: who is on which shift, and never why somebody is not."""
    actor.require(Permission.VIEW_OWN_ROTA)
    person = myself(session, actor)
    if person.unit_id is None:
        return UnitRota("", period, ())
    unit = session.scalar(select(Unit.name).where(Unit.id == person.unit_id)) or ""
    rows = session.execute(
        select(
            Shift.date, ShiftType.code, ShiftType.name, ShiftType.category, Shift.starts_at,
            Shift.ends_at, Staff.first_name, Staff.last_name, Shift.agency_id,
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .outerjoin(Staff, Staff.id == Shift.user_id)
        .where(
            Shift.unit_id == person.unit_id,
            Shift.is_published,
            Shift.is_vacant.is_(False),
            Shift.date.between(period.start, period.end),
        )
        .order_by(Shift.starts_at, ShiftType.code, Staff.first_name, Staff.last_name)
    ).all()  # fmt: skip
    groups: dict[tuple[date, str, str, str, datetime, datetime], list[str]] = {}
    for day, code, name, category, starts, ends, first, last, agency in rows:
        who = "Agency" if agency is not None else f"{first} {last}".strip()
        groups.setdefault((day, code, name, category, starts, ends), []).append(who)
    shifts = tuple(UnitShift(*key, tuple(names)) for key, names in groups.items())
    return UnitRota(unit, period, shifts)
