"""What absences have left open: for repairing each with one plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.models import AbsenceSpell, ChangeItem, Shift, Staff, utc_now


@dataclass(frozen=True, slots=True)
class BrokenSpell:
    """A spell of absence that left shifts open: whose, since when, and how many from now on."""

    spell_id: int
    name: str
    started_on: date
    shifts: int
    first_shift: date


def broken_spells(
    session: Session, actor: Actor, home_id: int, unit_id: int | None = None
) -> list[BrokenSpell]:
    """The absences of a home whose shifts are still vacant, the next shift first. One statement.

    Only for who may fill vacancies: it says who is ill.
    """
    actor.require(Permission.FILL_VACANCY, home_id)
    statement = (
        select(
            AbsenceSpell.id, Staff.first_name, Staff.last_name, AbsenceSpell.started_on, Shift.date
        )
        .join(Staff, Staff.id == AbsenceSpell.staff_id)
        .join(ChangeItem, ChangeItem.change_set_id == AbsenceSpell.change_set_id)
        .join(Shift, Shift.id == ChangeItem.shift_id)
        .where(
            Shift.home_id == home_id,
            Shift.is_vacant,
            Shift.ends_at > utc_now(),
        )
        .order_by(Shift.starts_at, AbsenceSpell.id)
    )
    if unit_id is not None:
        statement = statement.where(Shift.unit_id == unit_id)
    found: dict[int, BrokenSpell] = {}
    for spell_id, first, last, started_on, day in session.execute(statement):
        known = found.get(spell_id)
        count = 1 + (known.shifts if known else 0)
        found[spell_id] = BrokenSpell(
            spell_id, f"{first} {last}".strip(), started_on, count,
            known.first_shift if known else day,
        )  # fmt: skip
    return list(found.values())
