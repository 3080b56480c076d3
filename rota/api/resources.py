"""What the data interface gives: the rows of the screens' own queries, with their description.

Money is whole pence, time whole minutes, a day ``YYYY-MM-DD``, an instant ISO 8601 in UTC. A
field is null where there is no answer, for instance a cost whose rate is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.scope import HomeChoice
from rota.costs.facts import Place, facts_by_home_and_month, with_continuity
from rota.costs.measures import MEASURES, Facts
from rota.costs.months import months_between
from rota.costs.queries import budgets, cost_by, shifts_behind
from rota.costs.values import CostScope, Dimension
from rota.overview.queries import fortnight

Row = dict[str, Any]


class FieldType(StrEnum):
    """A field's type in the description."""

    TEXT = "string"
    WHOLE = "integer"
    NUMBER = "number"
    FLAG = "boolean"
    DAY = "date"
    INSTANT = "date-time"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a row."""

    name: str
    type: FieldType
    description: str
    may_be_null: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A request, parsed and already cut to the homes of the token."""

    homes: tuple[HomeChoice, ...]
    start: date
    end: date
    by: tuple[Dimension, ...]
    limit: int
    offset: int

    @property
    def scope(self) -> CostScope:
        """The shifts asked about."""
        return CostScope(frozenset(home.id for home in self.homes), self.start, self.end)


@dataclass(frozen=True, slots=True)
class Resource:
    """One address: what it gives, which days it takes at most, and what reads it.

    ``read`` gives one row more than the limit when there are more.
    """

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    read: Callable[[Session, Actor, Question], Sequence[Row]]
    most_days: int = 366
    has_period: bool = True
    has_dimensions: bool = False


def _page(rows: Sequence[Row], question: Question) -> Sequence[Row]:
    return rows[question.offset : question.offset + question.limit + 1]


def _homes(session: Session, actor: Actor, question: Question) -> Sequence[Row]:
    rows = [
        {"home_id": home.id, "home": home.name, "data_version": home.data_version,
         "unit_id": unit.id, "unit": unit.name, "is_management": unit.is_management}
        for home in question.homes
        for unit in home.units
    ]  # fmt: skip
    return _page(rows, question)


def _measures(session: Session, actor: Actor, question: Question) -> Sequence[Row]:
    months = months_between(question.start, question.end)
    found = _facts_of(session, actor, question, months)
    rows = [
        {"home_id": home.id, "month": month, "measure": measure.key,
         "value": measure.of(found[home.id, month]), "unit": measure.kind.value}
        for home in question.homes
        for month in months
        for measure in MEASURES
    ]  # fmt: skip
    return _page(rows, question)


def _facts_of(
    session: Session, actor: Actor, question: Question, months: Sequence[date]
) -> dict[Place, Facts]:
    found = facts_by_home_and_month(session, actor, question.homes, months)
    return with_continuity(session, actor, found)


def _facts(session: Session, actor: Actor, question: Question) -> Sequence[Row]:
    months = months_between(question.start, question.end)
    found = _facts_of(session, actor, question, months)
    names = [field.name for field in fields(Facts)]
    rows = [
        {"home_id": home.id, "month": month,
         **{name: getattr(found[home.id, month], name) for name in names}}
        for home in question.homes
        for month in months
    ]  # fmt: skip
    return _page(rows, question)


def _costs(session: Session, actor: Actor, question: Question) -> Sequence[Row]:
    by = question.by or (Dimension.HOME, Dimension.MONTH, Dimension.SOURCE)
    rows = []
    for row in cost_by(session, actor, question.scope, *by):
        keys = dict(zip(by, row.keys, strict=True))
        rows.append(
            {
                **{_name(dimension): keys.get(dimension) for dimension in Dimension},
                "shifts": row.totals.shifts, "minutes": row.totals.minutes,
                "cost_pence": row.totals.pence, "missing_rates": row.totals.missing_rates,
                "missing_minutes": row.totals.missing_minutes,
            }
        )  # fmt: skip
    return _page(rows, question)


def _name(dimension: Dimension) -> str:
    ids = (Dimension.HOME, Dimension.UNIT, Dimension.ROLE, Dimension.SHIFT_TYPE)
    return dimension.value.replace(" ", "_") + ("_id" if dimension in ids else "")


def _budgets(session: Session, actor: Actor, question: Question) -> Sequence[Row]:
    rows = [
        {"home_id": line.home_id, "month": line.month, "source": line.source.value,
         "budget_pence": line.pence}
        for line in budgets(session, actor, question.scope)
    ]  # fmt: skip
    return _page(rows, question)


def _shifts(session: Session, actor: Actor, question: Question) -> Sequence[Row]:
    lines = shifts_behind(
        session, actor, question.scope, limit=question.limit + 1, offset=question.offset
    )
    return [
        {"id": line.id, "date": line.date, "home": line.home, "unit": line.unit,
         "shift_type": line.shift_type, "starts_at": line.starts_at, "ends_at": line.ends_at,
         "worker": line.worker, "role": line.role, "source": line.source.value,
         "minutes": line.minutes, "cost_pence": line.pence, "is_published": line.is_published}
        for line in lines
    ]  # fmt: skip


def _cover(session: Session, actor: Actor, question: Question) -> Sequence[Row]:
    units = [unit for home in question.homes for unit in home.units]
    rows = [
        {"home_id": cell.home_id, "unit_id": cell.unit_id, "date": cell.date,
         "band": cell.band.value, "required": cell.minimum, "planned": cell.planned,
         "short": cell.short, "seniors": cell.seniors, "vacant": cell.vacant}
        for cell in fortnight(session, units, question.start, question.end)
    ]  # fmt: skip
    return _page(rows, question)


_T = FieldType
_HOME = Field("home_id", _T.WHOLE, "The home.")
_MONTH = Field("month", _T.DAY, "The month, by its first day.")

RESOURCES: tuple[Resource, ...] = (
    Resource(
        "homes", "Homes and units", "The homes of the token with their units.",
        (_HOME, Field("home", _T.TEXT, "Its name."),
         Field("data_version", _T.WHOLE, "Grows with every change of the home's rota."),
         Field("unit_id", _T.WHOLE, "The unit."), Field("unit", _T.TEXT, "Its name."),
         Field("is_management", _T.FLAG, "Whether it has no residents.")),
        _homes, has_period=False,
    ),
    Resource(
        "measures", "Measures", "Every measure of each home and month, as homes are compared.",
        (_HOME, _MONTH, Field("measure", _T.TEXT, "The measure's key."),
         Field("value", _T.NUMBER, "In its unit; null where there is nothing to divide by.", True),
         Field("unit", _T.TEXT, "pence, share (of one), days or number.")),
        _measures,
    ),
    Resource(
        "facts", "Facts", "The sums that measures are quotients of, by home and month.",
        (_HOME, _MONTH, *(Field(f.name, _T.WHOLE, f"{f.name.replace('_', ' ')}.")
                          for f in fields(Facts))),
        _facts,
    ),
    Resource(
        "costs", "Costs", "Loaded cost and hours, split by the dimensions asked for.",
        (Field("month", _T.DAY, "Set when split by month.", True),
         Field("day", _T.DAY, "Set when split by day.", True),
         Field("source", _T.TEXT, "regular, overtime, bank or agency.", True),
         Field("home_id", _T.WHOLE, "Set when split by home.", True),
         Field("unit_id", _T.WHOLE, "Set when split by unit.", True),
         Field("role_id", _T.WHOLE, "Set when split by role.", True),
         Field("band", _T.TEXT, "day, night or office.", True),
         Field("weekday", _T.WHOLE, "Monday is 0.", True),
         Field("shift_type_id", _T.WHOLE, "Set when split by shift type.", True),
         Field("shifts", _T.WHOLE, "Worked or planned shifts."),
         Field("minutes", _T.WHOLE, "Paid minutes."),
         Field("cost_pence", _T.WHOLE, "Loaded cost of the shifts that have a rate."),
         Field("missing_rates", _T.WHOLE, "Shifts without a rate: in no cost."),
         Field("missing_minutes", _T.WHOLE, "Their minutes.")),
        _costs, has_dimensions=True,
    ),
    Resource(
        "budgets", "Budgets", "What a home may spend in a month on a source of hours.",
        (_HOME, _MONTH, Field("source", _T.TEXT, "regular, overtime, bank or agency."),
         Field("budget_pence", _T.WHOLE, "Pence.")),
        _budgets,
    ),
    Resource(
        "shifts", "Shifts", "Every worked or planned shift with its hours, source and cost.",
        (Field("id", _T.WHOLE, "The shift."), Field("date", _T.DAY, "The day it starts."),
         Field("home", _T.TEXT, "The home."), Field("unit", _T.TEXT, "The unit."),
         Field("shift_type", _T.TEXT, "Its code."), Field("starts_at", _T.INSTANT, "In UTC."),
         Field("ends_at", _T.INSTANT, "In UTC."),
         Field("worker", _T.TEXT, "Agency, or Own staff unless the token shows people."),
         Field("role", _T.TEXT, "The role that is paid."),
         Field("source", _T.TEXT, "regular, overtime, bank or agency."),
         Field("minutes", _T.WHOLE, "Paid minutes."),
         Field("cost_pence", _T.WHOLE, "Loaded cost; null: a rate is missing.", True),
         Field("is_published", _T.FLAG, "Whether people have been told.")),
        _shifts, most_days=92,
    ),
    Resource(
        "cover", "Cover", "People planned against people required by unit, day and band.",
        (_HOME, Field("unit_id", _T.WHOLE, "The unit."), Field("date", _T.DAY, "The day."),
         Field("band", _T.TEXT, "day, night or office."),
         Field("required", _T.WHOLE, "The minimum; null: none is stored.", True),
         Field("planned", _T.WHOLE, "People who count to cover."),
         Field("short", _T.WHOLE, "People missing to the minimum."),
         Field("seniors", _T.WHOLE, "Seniors among them."),
         Field("vacant", _T.WHOLE, "Shifts with nobody on them.")),
        _cover, most_days=92,
    ),
)  # fmt: skip
BY_NAME = {resource.name: resource for resource in RESOURCES}
