"""The open shifts somebody may lawfully take: released to them, and no rule forbids it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, london_today
from rota.models import CareHome, Role, Shift, ShiftType, Staff, Unit, utc_now
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import load_shift_kinds
from rota.roster.timelines import load_timelines, worked_shift
from rota.rules import Change, check_change
from rota.vacancies.policy import fill_policy
from rota.vacancies.pool import roles_able
from rota.vacancies.release import is_released_to

#: how far ahead a person is shown open shifts, and how many at most
AHEAD_DAYS = 28
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Opening:
    """An open shift that somebody may take; ``warnings`` are what the rules have to say."""

    shift_id: int
    date: date
    code: str
    shift_name: str
    category: str
    home: str
    unit: str
    starts_at: datetime
    ends_at: datetime
    paid_minutes: int
    warnings: tuple[str, ...]


def openings(session: Session, actor: Actor) -> list[Opening]:
    """What the actor may take in the next four weeks, soonest first. Fifteen statements."""
    actor.require(Permission.VIEW_OWN_ROTA)
    person = session.get(Staff, actor.staff_id) if actor.staff_id is not None else None
    if person is None or person.home_id is None or not person.is_active:
        return []
    now, day = utc_now(), london_today()
    until = day + timedelta(days=AHEAD_DAYS)
    rows = session.execute(
        select(Shift, ShiftType, CareHome.name, Unit.name, Role.code)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(CareHome, CareHome.id == Shift.home_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .outerjoin(Role, Role.id == Shift.role_id)
        .where(
            Shift.is_vacant,
            Shift.starts_at > now,
            Shift.date.between(day, until),
            true() if person.works_other_homes else Shift.home_id == person.home_id,
        )
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    if not rows:
        return []
    kinds, rulebook = load_shift_kinds(session), load_rulebook(session)
    timeline = load_timelines(session, [person.id], Period(day, until), kinds=kinds)[person.id]
    policies = {row[0].home_id: fill_policy(session, day, row[0].home_id) for row in rows}
    found: list[Opening] = []
    for shift, kind, home, unit, role_code in rows:
        released = is_released_to(
            shift.date, policies[shift.home_id], day, same_unit=shift.unit_id == person.unit_id,
            same_home=shift.home_id == person.home_id, employment=person.employment,
        )  # fmt: skip
        worked = worked_shift(kinds[kind.id], shift.id, shift, role_code=role_code)
        if not released or not roles_able(rulebook, worked, {person.role.code}):
            continue
        said = check_change(timeline, Change.add(worked), rulebook)
        if said.is_barred:
            continue
        found.append(
            Opening(
                shift.id, shift.date, kind.code, kind.name, kind.category, home, unit,
                shift.starts_at, shift.ends_at, shift.paid_minutes,
                # that it is beyond the contract is the point of an extra shift
                tuple(v.message for v in said.verdicts if v.rule != "contracted_hours"),
            )
        )  # fmt: skip
        if len(found) == MOST_SHOWN:
            break
    return found
