"""What the cost queries are asked and what they answer. Money is integer pence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from rota.calendar import month_of
from rota.errors import InvalidInput
from rota.models import Band, Classification

#: a change of a published shift that begins sooner than this comes at short notice
SHORT_NOTICE = timedelta(days=7)
#: one value of a dimension; null where it is not known (an agency worker without a role)
Key = date | int | str | None


class Dimension(StrEnum):
    """What costs can be split by."""

    MONTH = "month"
    DAY = "day"
    SOURCE = "source"
    HOME = "home"
    UNIT = "unit"
    ROLE = "role"
    BAND = "band"
    WEEKDAY = "weekday"
    SHIFT_TYPE = "shift type"


@dataclass(frozen=True, slots=True)
class CostScope:
    """Which shifts are summed: homes, rota days (both included) and what narrows them."""

    home_ids: frozenset[int]
    start: date
    end: date
    unit_id: int | None = None
    source: Classification | None = None
    role_id: int | None = None
    band: Band | None = None
    weekday: int | None = None
    shift_type_id: int | None = None
    role_is_unknown: bool = False
    only_missing_rates: bool = False

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidInput("The period ends before it begins.", hint="Choose it again.")

    def within(self, dimension: Dimension, key: Key) -> CostScope:
        """The part of this scope that a figure split by ``dimension`` sums under ``key``.

        Raises :class:`InvalidInput` for a key that is not one of the dimension.
        """
        match dimension, key:
            case Dimension.MONTH, date():
                whole = month_of(key)
                return replace(
                    self, start=max(self.start, whole.start), end=min(self.end, whole.end)
                )
            case Dimension.DAY, date():
                return replace(self, start=max(self.start, key), end=min(self.end, key))
            case Dimension.SOURCE, str():
                return replace(self, source=Classification(key))
            case Dimension.BAND, str():
                return replace(self, band=Band(key))
            case Dimension.HOME, int():
                return replace(self, home_ids=self.home_ids & {key})
            case Dimension.UNIT, int():
                return replace(self, unit_id=key)
            case Dimension.ROLE, int():
                return replace(self, role_id=key)
            case Dimension.ROLE, None:
                return replace(self, role_is_unknown=True)
            case Dimension.WEEKDAY, int():
                return replace(self, weekday=key)
            case Dimension.SHIFT_TYPE, int():
                return replace(self, shift_type_id=key)
        raise InvalidInput(f"{key!r} is not a {dimension.value}.")

    @property
    def is_whole(self) -> bool:
        """Whether it takes in everything its homes spend, so that budgets compare with it."""
        return (
            all(
                value is None
                for value in (
                    self.unit_id,
                    self.role_id,
                    self.band,
                    self.weekday,
                    self.shift_type_id,
                )
            )
            and not self.only_missing_rates
        )


@dataclass(frozen=True, slots=True)
class CostTotals:
    """The sum of some worked or planned shifts.

    ``pence`` is the loaded cost of the shifts that have one; ``missing_rates`` shifts have
    none because a rate is missing, and their ``missing_minutes`` are within ``minutes``.
    """

    shifts: int = 0
    minutes: int = 0
    pence: int = 0
    missing_rates: int = 0
    missing_minutes: int = 0

    def __add__(self, other: CostTotals) -> CostTotals:
        return CostTotals(
            self.shifts + other.shifts,
            self.minutes + other.minutes,
            self.pence + other.pence,
            self.missing_rates + other.missing_rates,
            self.missing_minutes + other.missing_minutes,
        )


@dataclass(frozen=True, slots=True)
class CostRow:
    """The totals under one combination of keys, in the order of the dimensions asked for."""

    keys: tuple[Key, ...]
    totals: CostTotals


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """One shift behind a figure. ``pence`` null: a rate is missing."""

    id: int
    date: date
    home: str
    unit: str
    shift_type: str
    starts_at: datetime
    ends_at: datetime
    worker: str
    role: str
    source: Classification
    minutes: int
    pence: int | None
    is_published: bool


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What a home may spend in a month on a source of hours, in pence."""

    home_id: int
    month: date
    source: Classification
    pence: int
