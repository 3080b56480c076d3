"""How many people a unit needs on a day: the one place that resolves the requirements.

Rows of :class:`~rota.models.CoverRequirement` overlap on purpose (a normal week, a
different Sunday, one day accepted from a forecast). Everybody who counts cover asks here,
so that the grid, the vacancies, the overview and the optimiser mean the same number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.models import Band, CoverRequirement


@dataclass(frozen=True, slots=True)
class Need:
    """People needed in one unit, band and day: at least, ideally, and of them seniors."""

    minimum: int
    ideal: int
    senior_minimum: int = 0

    def short(self, on_duty: int) -> int:
        """How many are missing to the minimum; never negative."""
        return max(0, self.minimum - on_duty)


class RequirementRow(NamedTuple):
    """What the resolution needs of a requirement; ``weekday`` Monday is 0."""

    id: int
    unit_id: int
    band: Band
    weekday: int | None
    on_date: date | None
    minimum: int
    ideal: int
    senior_minimum: int
    effective_from: date
    effective_to: date | None

    def in_force(self, day: date) -> bool:
        """Whether it holds on this day (both ends included)."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )


def requirements(
    session: Session, unit_ids: Collection[int], start: date, end: date
) -> dict[tuple[int, date, Band], Need]:
    """What these units need on each day from ``start`` to ``end``, both included.

    One SQL statement. A unit, day and band for which nothing is stored has no entry: nothing
    is *known* to be needed, which is not the same as a need of 0.
    """
    return resolve(requirement_rows(session, unit_ids, start, end), start, end)


def requirement_rows(
    session: Session, unit_ids: Collection[int], start: date, end: date
) -> list[RequirementRow]:
    """Every stored row that may hold on some day of a period, for :func:`resolve`."""
    if not unit_ids or end < start:
        return []
    columns = [getattr(CoverRequirement, name) for name in RequirementRow._fields]
    rows = session.execute(
        select(*columns).where(
            CoverRequirement.unit_id.in_(sorted(set(unit_ids))),
            CoverRequirement.effective_from <= end,
            or_(CoverRequirement.effective_to.is_(None), CoverRequirement.effective_to >= start),
            or_(CoverRequirement.on_date.is_(None), CoverRequirement.on_date.between(start, end)),
        )
    )
    return [RequirementRow(*row) for row in rows]


def resolve(
    rows: Iterable[RequirementRow], start: date, end: date
) -> dict[tuple[int, date, Band], Need]:
    """Choose the row that holds for each unit, day and band.

    The most particular row wins (a single date before a weekday before every day), then the
    latest ``effective_from``, then the one stored last.
    """
    series: dict[tuple[int, Band], _Series] = {}
    for row in rows:
        series.setdefault((row.unit_id, row.band), _Series()).add(row)
    days = [start + timedelta(days=offset) for offset in range((end - start).days + 1)]
    resolved: dict[tuple[int, date, Band], Need] = {}
    for (unit_id, band), candidates in series.items():
        candidates.sort()
        for day in days:
            chosen = candidates.on(day)
            if chosen is not None:
                resolved[unit_id, day, band] = chosen
    return resolved


class _Series:
    """The requirements of one unit and band, by how particular they are."""

    __slots__ = ("_by_date", "_by_weekday", "_every_day")

    def __init__(self) -> None:
        self._by_date: dict[date, list[RequirementRow]] = {}
        self._by_weekday: dict[int, list[RequirementRow]] = {}
        self._every_day: list[RequirementRow] = []

    def add(self, row: RequirementRow) -> None:
        if row.on_date is not None:
            self._by_date.setdefault(row.on_date, []).append(row)
        elif row.weekday is not None:
            self._by_weekday.setdefault(row.weekday, []).append(row)
        else:
            self._every_day.append(row)

    def sort(self) -> None:
        """Put the newest first in every list."""
        for rows in (*self._by_date.values(), *self._by_weekday.values(), self._every_day):
            rows.sort(key=lambda row: (row.effective_from, row.id), reverse=True)

    def on(self, day: date) -> Need | None:
        for rows in (
            self._by_date.get(day, ()),
            self._by_weekday.get(day.weekday(), ()),
            self._every_day,
        ):
            for row in rows:
                if row.in_force(day):
                    return Need(row.minimum, row.ideal, row.senior_minimum)
        return None
