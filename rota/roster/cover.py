"""Who is on duty, counted for cover: the one place that says which shifts count.

A shift counts when its type and its worker's role count to cover and it is not
supernumerary. A vacancy counts as a gap, never as a person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from rota.models import Band, Grade, Role, Shift, ShiftType, Staff
from rota.portable_sql import as_number

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Cover:
    """People planned in one unit, band and day, of them seniors, and open vacancies."""

    on_duty: int = 0
    seniors: int = 0
    vacant: int = 0


#: the role that works the shift: the person's own, or the one an agency worker fills
WORKED_ROLE_ID = func.coalesce(Staff.role_id, Shift.role_id)

COUNTS: ColumnElement[bool] = and_(
    ShiftType.counts_to_cover,
    Shift.is_supernumerary.is_(False),
    or_(Role.id.is_(None), Role.counts_to_cover),
)

#: a senior by grade; where no role is known, by the type of shift
IS_SENIOR: ColumnElement[bool] = case(
    (Role.id.is_not(None), Role.grade == Grade.SENIOR), else_=ShiftType.is_senior
)


def with_worker(statement: S) -> S:
    """Join a selection from shifts to its type, person and role (the last two may be absent)."""
    return (
        statement.join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Staff, Staff.id == Shift.user_id, isouter=True)
        .join(Role, Role.id == WORKED_ROLE_ID, isouter=True)
    )


def cover(
    session: Session, home_ids: Collection[int], start: date, end: date
) -> dict[tuple[int, date, Band], Cover]:
    """The cover of each unit, day and band of these homes, both days included.

    One SQL aggregate. A cell with neither shift nor vacancy has no entry.
    """
    if not home_ids or end < start:
        return {}
    filled = Shift.is_vacant.is_(False)
    statement = (
        with_worker(
            select(
                Shift.unit_id,
                Shift.date,
                ShiftType.band,
                func.sum(as_number(filled)),
                func.sum(as_number(and_(filled, IS_SENIOR))),
                func.sum(as_number(Shift.is_vacant)),
            ).select_from(Shift)
        )
        .where(Shift.home_id.in_(sorted(set(home_ids))), Shift.date.between(start, end), COUNTS)
        .group_by(Shift.unit_id, Shift.date, ShiftType.band)
    )
    return {
        (unit_id, day, band): Cover(int(on_duty), int(seniors), int(vacant))
        for unit_id, day, band, on_duty, seniors, vacant in session.execute(statement)
    }
