"""The pattern explorer: one measure, split by one dimension or two, of some shifts.

It asks :func:`rota.costs.queries.cost_by`, as the cost screens do, so a figure here is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice
from rota.costs.explorer import BAND_NAMES, SOURCE_NAMES
from rota.costs.queries import cost_by, role_names, shift_type_names
from rota.costs.values import CostScope, CostTotals, Dimension, Key
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.models import SavedView

MOST_VIEWS = 100
#: where saved views lead; nothing else may be saved
ADDRESS = "/costs/explore/?"


class PatternMeasure(StrEnum):
    """What is counted. Money is pence, hours are minutes."""

    COST = "cost"
    HOURS = "hours"
    SHIFTS = "shifts"
    COST_PER_HOUR = "rate"
    MISSING = "missing"


MEASURE_NAMES = {
    PatternMeasure.COST: "Cost",
    PatternMeasure.HOURS: "Hours",
    PatternMeasure.SHIFTS: "Shifts",
    PatternMeasure.COST_PER_HOUR: "Cost per hour",
    PatternMeasure.MISSING: "Shifts without a rate",
}


def _per_hour(totals: CostTotals) -> float | None:
    minutes = totals.minutes - totals.missing_minutes
    return totals.pence * 60 / minutes if minutes > 0 else None


_OF: Mapping[PatternMeasure, Callable[[CostTotals], float | None]] = {
    PatternMeasure.COST: lambda t: t.pence,
    PatternMeasure.HOURS: lambda t: t.minutes,
    PatternMeasure.SHIFTS: lambda t: t.shifts,
    PatternMeasure.COST_PER_HOUR: _per_hour,
    PatternMeasure.MISSING: lambda t: t.missing_rates,
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is asked: a measure by a dimension, perhaps within a second one."""

    measure: PatternMeasure
    by: Dimension
    within: Dimension | None = None

    def __post_init__(self) -> None:
        if self.by is self.within:
            raise InvalidInput("Split by two different things.", hint="Choose another one.")


@dataclass(frozen=True, slots=True)
class PatternRow:
    """One value under its keys; the totals it comes from lead to the shifts."""

    key: Key
    label: str
    second: Key
    second_label: str
    totals: CostTotals
    value: float | None


@dataclass(frozen=True, slots=True)
class PatternAnswer:
    """The rows in order, and the measure of everything together."""

    pattern: Pattern
    scope: CostScope
    rows: tuple[PatternRow, ...]
    total: CostTotals
    total_value: float | None

    def grouped(self) -> dict[str, dict[str, float | None]]:
        """Values by first and second label, in order."""
        found: dict[str, dict[str, float | None]] = {}
        for row in self.rows:
            found.setdefault(row.label, {})[row.second_label] = row.value
        return found


def explore(
    session: Session,
    actor: Actor,
    homes: Sequence[HomeChoice],
    scope: CostScope,
    pattern: Pattern,
) -> PatternAnswer:
    """The measure by its dimensions. One statement, and two for names."""
    dimensions = [pattern.by, *([pattern.within] if pattern.within else [])]
    rows = cost_by(session, actor, scope, *dimensions)
    names = {d: names_of(session, homes, d) for d in dimensions}
    measure = _OF[pattern.measure]
    found = tuple(
        PatternRow(
            key=row.keys[0],
            label=label_of(pattern.by, row.keys[0], names[pattern.by]),
            second=row.keys[1] if pattern.within else None,
            second_label=label_of(pattern.within, row.keys[1], names[pattern.within])
            if pattern.within
            else "",
            totals=row.totals,
            value=measure(row.totals),
        )
        for row in rows
    )
    total = sum((row.totals for row in found), CostTotals())
    return PatternAnswer(pattern, scope, found, total, measure(total))


def names_of(
    session: Session, homes: Sequence[HomeChoice], dimension: Dimension
) -> Mapping[Key, str]:
    """What the keys of a dimension are called; months and days need no names."""
    match dimension:
        case Dimension.HOME:
            return {home.id: home.name for home in homes}
        case Dimension.UNIT:
            return {unit.id: unit.name for home in homes for unit in home.units}
        case Dimension.ROLE:
            return dict([(None, "No role given"), *role_names(session).items()])
        case Dimension.SHIFT_TYPE:
            return dict(shift_type_names(session).items())
        case Dimension.SOURCE:
            return {source.value: name for source, name in SOURCE_NAMES.items()}
        case Dimension.WEEKDAY:
            words = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
            return dict(enumerate(words))
        case Dimension.BAND:
            return {band.value: name for band, name in BAND_NAMES.items()}
        case _:
            return {}


def label_of(dimension: Dimension, key: Key, names: Mapping[Key, str]) -> str:
    """A key in words."""
    if isinstance(key, date):
        return f"{key:%b %Y}" if dimension is Dimension.MONTH else f"{key.day} {key:%b %Y}"
    return names.get(key, "Not known")


@dataclass(frozen=True, slots=True)
class View:
    """A saved pattern: its name and where it leads."""

    id: int
    name: str
    address: str


def saved_views(session: Session, actor: Actor) -> list[View]:
    """The actor's saved patterns, by name."""
    actor.require(Permission.VIEW_COSTS)
    rows = session.scalars(
        select(SavedView).where(SavedView.user_id == (actor.user_id or 0)).order_by(SavedView.name)
    )
    return [View(row.id, row.name, row.address) for row in rows]


def save_view(uow: UnitOfWork, name: str, address: str) -> View:
    """Keep a pattern under a name; the same name again keeps the new one.

    Raises :class:`InvalidInput` for a name, or an address that is not the explorer's.
    """
    uow.actor.require(Permission.VIEW_COSTS)
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise InvalidInput("A view needs a name of at most 80 characters.")
    if not address.startswith(ADDRESS) or len(address) > 500 or not address.isprintable():
        raise InvalidInput("Only views of this page can be kept.")
    if uow.actor.user_id is None:
        raise InvalidInput("A view belongs to an account.")
    row = uow.session.scalar(
        select(SavedView).where(SavedView.user_id == uow.actor.user_id, SavedView.name == name)
    )
    if row is None:
        if len(saved_views(uow.session, uow.actor)) >= MOST_VIEWS:
            raise InvalidInput(f"You keep {MOST_VIEWS} views.", hint="Remove one first.")
        row = SavedView(user_id=uow.actor.user_id, name=name, address=address)
        uow.session.add(row)
    row.address = address
    uow.session.flush()
    uow.audit("keep view", "saved view", row.id, after={"name": name, "address": address})
    return View(row.id, row.name, row.address)


def remove_view(uow: UnitOfWork, view_id: int) -> None:
    """Forget one of the actor's own views. Raises :class:`NotFound` for any other."""
    uow.actor.require(Permission.VIEW_COSTS)
    row = uow.session.get(SavedView, view_id)
    if row is None or row.user_id != uow.actor.user_id:
        raise NotFound("There is no such view.")
    uow.audit(
        "remove view", "saved view", row.id, before={"name": row.name, "address": row.address}
    )
    uow.session.delete(row)
