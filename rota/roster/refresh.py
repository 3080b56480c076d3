"""What an open screen must redraw after a change: few lines, few days, few statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.models import Band, ChangeItem, ChangeSet, Shift, Unit, User
from rota.portable_sql import as_number
from rota.roster.grid import GridPerson, GridShift, Totals
from rota.roster.queries import (
    COVER_BANDS,
    absences_in,
    lines,
    people_by_id,
    shift_columns,
    shifts_from,
    units_of,
)
from rota.roster.shift_types import load_shift_kinds
from rota.roster.slots import SlotCover, cover_table


@dataclass(frozen=True, slots=True)
class GridPart:
    """Some lines of a grid, its open shifts, and the cover of some days."""

    people: tuple[GridPerson, ...]
    vacancies: tuple[GridShift, ...]
    agency: tuple[GridShift, ...]
    cover: Mapping[tuple[date, Band], SlotCover]


@dataclass(frozen=True, slots=True)
class Since:
    """Whom, which days and which units' open shifts the changes since a change set concern.

    ``latest`` is the newest of the ``count`` change sets, ``labels`` what was done by others
    than the reader.
    """

    latest: int
    count: int
    staff_ids: frozenset[int]
    days: frozenset[date]
    open_units: frozenset[int]
    labels: tuple[str, ...] = ()


def part_of_grid(
    session: Session,
    home_id: int,
    unit_id: int | None,
    period: Period,
    staff_ids: Collection[int],
    days: Collection[date],
) -> GridPart:
    """The lines of some people and the cover of some days, as the week grid would have them."""
    kinds = load_shift_kinds(session)
    units = [unit_id] if unit_id is not None else list(units_of(session, home_id))
    people = people_by_id(session, home_id, staff_ids)
    own, _ = shifts_from(
        session,
        shift_columns().where(
            Shift.user_id.in_(sorted(staff_ids)), Shift.date.between(period.start, period.end)
        ),
        kinds,
    )
    open_shifts, _ = shifts_from(
        session,
        shift_columns().where(
            Shift.unit_id.in_(units),
            Shift.user_id.is_(None),
            Shift.date.between(period.start, period.end),
        ),
        kinds,
    )
    absences = absences_in(session, [row.id for row in people], period)
    shown = [day for day in days if day in period]
    cover: dict[tuple[date, Band], SlotCover] = {}
    if shown:
        table = cover_table(session, units, Period(min(shown), max(shown)))
        cover = {
            (day, band): table.covered(units, day, band) for day in shown for band in COVER_BANDS
        }
    return GridPart(
        people=lines(people, own, absences, period),
        vacancies=tuple(shift for shift in open_shifts if shift.is_vacant),
        agency=tuple(shift for shift in open_shifts if shift.agency_id is not None),
        cover=cover,
    )


def totals_of(session: Session, home_id: int, unit_id: int | None, period: Period) -> Totals:
    """The head of a rota as its week grid has it, in one aggregate."""
    place = Shift.unit_id == unit_id if unit_id is not None else Shift.home_id == home_id
    filled = Shift.is_vacant.is_(False)
    row = session.execute(
        select(
            func.sum(case((filled, Shift.paid_minutes), else_=0)),
            func.sum(case((filled, func.coalesce(Shift.cost_pence, 0)), else_=0)),
            func.sum(as_number(Shift.is_published.is_(False))),
            func.sum(as_number(Shift.is_vacant)),
        )
        .join(Unit, Unit.id == Shift.unit_id)
        .where(place, Unit.is_active, Shift.date.between(period.start, period.end))
    ).one()
    return Totals(*(int(value or 0) for value in row))


def latest_change(session: Session, home_id: int) -> int:
    """The id of the newest change set of a home; 0 before the first."""
    newest = select(func.max(ChangeSet.id)).where(ChangeSet.home_id == home_id)
    return session.scalar(newest) or 0


def changes_since(
    session: Session, home_id: int, change_set_id: int, reader_id: int | None = None
) -> Since:
    """Whom and which days the newer changes of a home concern. One statement."""
    rows = session.execute(
        select(
            ChangeSet.id, ChangeSet.label, ChangeSet.user_id, User.name,
            ChangeItem.before, ChangeItem.after,
        )
        .join(ChangeItem, ChangeItem.change_set_id == ChangeSet.id)
        .outerjoin(User, User.id == ChangeSet.user_id)
        .where(ChangeSet.home_id == home_id, ChangeSet.id > change_set_id)
        .order_by(ChangeSet.id)
    ).all()  # fmt: skip
    states = [state for row in rows for state in (row.before, row.after) if state]
    others = (row for row in rows if reader_id is None or row.user_id != reader_id)
    return Since(
        latest=max((row.id for row in rows), default=change_set_id),
        count=len({row.id for row in rows}),
        staff_ids=frozenset(s["user_id"] for s in states if s["user_id"] is not None),
        days=frozenset(date.fromisoformat(s["date"]) for s in states),
        open_units=frozenset(s["unit_id"] for s in states if s["user_id"] is None),
        labels=tuple(dict.fromkeys(f"{row.name or 'Somebody'}: {row.label}" for row in others)),
    )
