"""Residents by unit, day and dependency group: loaded from a file, turned into care hours.

The hours a resident of a group needs a day are the organisation's own dated table; when it is
changed, the need of the days it holds for is counted anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.forecasting import queries
from rota.forecasting.csv_text import named_rows
from rota.models import Census, DependencyGroup

COLUMNS = ("home", "unit", "date", "group", "residents")
_MOST = 500


@dataclass(frozen=True, slots=True)
class CensusRow:
    """Residents of one dependency group in a unit on a day, from row ``number`` of a file."""

    number: int
    home: str
    unit: str
    day: date
    group: str
    residents: int


class HoursTable:
    """The hours of each group by day, from the dated table."""

    def __init__(self, session: Session) -> None:
        self._by_code: dict[str, list[tuple[date, float]]] = {}
        rows = session.execute(
            select(
                DependencyGroup.code, DependencyGroup.effective_from, DependencyGroup.hours_per_day
            ).order_by(DependencyGroup.code, DependencyGroup.effective_from)
        )
        for code, begin, hours in rows:
            self._by_code.setdefault(code, []).append((begin, float(hours)))

    def hours(self, code: str, day: date) -> float | None:
        """Care hours a day in force on ``day``; null where the group has none."""
        found = None
        for begin, hours in self._by_code.get(code, ()):
            if begin <= day:
                found = hours
        return found

    def need(self, by_group: dict[str, int], day: date) -> float | None:
        """Care hours of all residents; null where a group has no hours on that day."""
        total = 0.0
        for code, count in by_group.items():
            hours = self.hours(code, day)
            if hours is None:
                return None
            total += count * hours
        return round(total, 2)


def load_census(uow: UnitOfWork, rows: Sequence[CensusRow]) -> int:
    """Store the census of a file; a unit's day that was there is replaced. Gives unit days.

    All or nothing: raises :class:`InvalidInput` naming the row for an unknown home, unit or
    group, a group given twice and a day that is not over (those are bookings), and
    :class:`NotAllowed` for another's home.
    """
    places = {(place.home, place.name): place for place in queries.care_units(uow.session)}
    table, today = HoursTable(uow.session), london_today()
    counted: dict[tuple[int, date], dict[str, int]] = {}
    homes: dict[int, int] = {}
    for row in rows:
        where = f"Row {row.number}"
        place = places.get((row.home, row.unit))
        if place is None:
            raise InvalidInput(f"{where}: there is no care unit {row.unit!r} in {row.home!r}.")
        uow.actor.require(Permission.SET_REQUIREMENT, place.home_id)
        if row.day > today:
            raise InvalidInput(
                f"{where}: {row.day} is not over.", hint="Book residents on the unit's forecast."
            )
        if table.hours(row.group, row.day) is None:
            raise InvalidInput(
                f"{where}: dependency group {row.group!r} has no hours on {row.day}.",
                hint="Give them in Reference data, Dependency groups.",
            )
        groups = counted.setdefault((place.id, row.day), {})
        if row.group in groups:
            raise InvalidInput(f"{where}: group {row.group} of that day was given before.")
        groups[row.group] = row.residents
        homes[place.id] = place.home_id
    if not counted:
        raise InvalidInput("There is nothing to load.")
    _store(uow.session, counted, table)
    for home_id in sorted(set(homes.values())):
        days = sorted(day for unit, day in counted if homes[unit] == home_id)
        uow.audit(
            "load", "census", home_id, home_id=home_id,
            after={"unit_days": len(days), "from": days[0].isoformat(),
                   "to": days[-1].isoformat()},
        )  # fmt: skip
        uow.touch(home_id)
    return len(counted)


def _store(
    session: Session, counted: dict[tuple[int, date], dict[str, int]], table: HoursTable
) -> None:
    days = [day for _, day in counted]
    stored = {
        (row.unit_id, row.date): row
        for row in session.scalars(
            select(Census).where(
                Census.unit_id.in_(sorted({unit for unit, _ in counted})),
                Census.date.between(min(days), max(days)),
            )
        )
    }
    for (unit, day), groups in counted.items():
        row = stored.get((unit, day))
        if row is None:
            row = Census(unit_id=unit, date=day)
            session.add(row)
        row.by_group = {code: count for code, count in sorted(groups.items()) if count}
        row.residents = sum(groups.values())
        row.care_hours = table.need(row.by_group, day) or 0.0
    session.flush()


def count_need_anew(session: Session, code: str, start: date) -> int:
    """Count the need of every day from ``start`` on with residents of a group again.

    Gives how many unit days changed; days of which another group has no hours stay.
    """
    session.flush()
    table = HoursTable(session)
    changed = 0
    for row in session.scalars(select(Census).where(Census.date >= start)):
        if not row.by_group.get(code):
            continue
        hours = table.need(row.by_group, row.date)
        if hours is not None and hours != row.care_hours:
            row.care_hours = hours
            changed += 1
    session.flush()
    return changed


def read_census(path: Path) -> tuple[CensusRow, ...]:
    """The rows of a CSV with home, unit, date, group and residents.

    Raises :class:`InvalidInput` naming the row (the header is row 1) and why.
    """
    return tuple(_row(path, number, cells) for number, cells in named_rows(path, COLUMNS))


def _row(path: Path, number: int, cells: dict[str, str]) -> CensusRow:
    where = f"{path}, row {number}"
    home, unit, day, group, people = (cells[name] for name in COLUMNS)
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise InvalidInput(
            f"{where}: date is {day!r}.", hint="Write dates as YYYY-MM-DD."
        ) from None
    if not people.isascii() or not people.isdigit() or int(people) > _MOST:
        raise InvalidInput(f"{where}: residents is {people!r}, not 0 to {_MOST}.")
    return CensusRow(number, home, unit, when, group, int(people))
