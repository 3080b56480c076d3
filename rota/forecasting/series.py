"""A regular series of one measured quantity, checked before anything is fitted to it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rota.errors import InvalidInput
from rota.forecasting.occupancy import Occupancy

FloatArray = NDArray[np.float64]
DayArray = NDArray[np.datetime64]

#: fewer rows than this say nothing about any rhythm
MIN_ROWS = 3
#: a longer series than this is a mistake in the dates (200 years of days)
MAX_STEPS = 73_000
#: more empty steps than this share: the file does not have one frequency
_MAX_MISSING_SHARE = 0.6
#: this many equal wider steps in a row are another frequency, not gaps
_FOREIGN_STEPS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One observation as it was read: where from, which day, what value, how many residents."""

    number: int
    ds: object
    y: object
    occupancy: object = None


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values at equal steps of whole days.

    ``values`` (T,) float64, NaN where a value is missing; ``start`` the first day,
    ``step_days`` 1 for daily and 7 for weekly data. ``notes`` say in plain words what
    was found while reading (gaps, time zones); ``occupancy`` the residents, where known.
    """

    name: str
    start: date
    step_days: int
    values: FloatArray
    notes: tuple[str, ...] = ()
    occupancy: Occupancy | None = None

    def __post_init__(self) -> None:
        self.values.setflags(write=False)

    def __len__(self) -> int:
        return int(self.values.size)

    @property
    def days(self) -> DayArray:
        """The day of each value, (T,) datetime64[D]."""
        return self.days_until(len(self))

    @property
    def end(self) -> date:
        """The last day with a value or a gap."""
        return self.start + timedelta(days=self.step_days * (len(self) - 1))

    def days_until(self, steps: int) -> DayArray:
        """The first ``steps`` days from the start on, also beyond the end."""
        return np.datetime64(self.start, "D") + np.arange(steps) * self.step_days

    def until(self, count: int) -> Series:
        """The first ``count`` values: what was known then."""
        residents = self.occupancy.until(count) if self.occupancy else None
        return replace(self, values=self.values[:count].copy(), occupancy=residents)

    def last(self, count: int) -> Series:
        """The last ``count`` values."""
        skipped = max(len(self) - count, 0)
        return replace(
            self,
            start=self.start + timedelta(days=self.step_days * skipped),
            values=self.values[skipped:].copy(),
            occupancy=self.occupancy.last(count) if self.occupancy else None,
        )

    @staticmethod
    def of(
        name: str, start: date, values: Sequence[float] | FloatArray, step_days: int = 1
    ) -> Series:
        """A series from values already known to be regular; NaN marks a gap."""
        return Series(name, start, step_days, np.array(values, dtype=np.float64))


def window_of(series: Series) -> int:
    """The steps of four periods (weeks, for daily data): how long a past window is."""
    return 4 * 7 if series.step_days == 1 else 4


def series_from_rows(name: str, rows: Iterable[Row]) -> Series:
    """Check rows and lay them on a regular grid.

    Days may come in any order; blank values and NaN are gaps. Raises
    :class:`InvalidInput` naming the row for text, infinities, unreadable or repeated
    days, more than one frequency, and for fewer than three rows. Rows after the last value
    that only give the occupancy are what is booked, not gaps.
    """
    label = f"Series {name!r}"
    numbered = [(_day(row, label), _value(row, row.y, "y", label), row) for row in rows]
    if not numbered:
        raise InvalidInput(f"{label} is empty.", hint="Give at least three rows.")
    if len(numbered) < MIN_ROWS:
        raise InvalidInput(
            f"{label} has only {len(numbered)} row{'s' if len(numbered) > 1 else ''}"
            f" (row {numbered[-1][2].number} is its last).",
            hint=f"At least {MIN_ROWS} are needed, and 14 for a weekly rhythm.",
        )
    zoned = any(isinstance(row.ds, datetime) and row.ds.tzinfo for _, _, row in numbered)
    numbered.sort(key=lambda item: item[0])
    _refuse_repeats(numbered, label)
    step = _step_days(numbered, label)
    first = numbered[0][0]
    values = np.full((numbered[-1][0] - first).days // step + 1, np.nan)
    residents = np.full(values.size, np.nan)
    for day, value, row in numbered:
        at = (day - first).days // step
        values[at] = value
        residents[at] = _value(row, row.occupancy, "occupancy", label)
        if residents[at] < 0:
            raise InvalidInput(f"{label}, row {row.number}: occupancy is below zero.")
    if np.isnan(values).all():
        raise InvalidInput(f"{label} has no value in any of its rows.")
    occupancy = None
    if not np.isnan(residents).all():
        size = int(np.flatnonzero(~np.isnan(values))[-1]) + 1
        occupancy = Occupancy(residents[:size].copy(), booked=residents[size:].copy())
        values = values[:size]
    notes = []
    missing = int(np.isnan(values).sum())
    if missing:
        notes.append(f"{missing} of {values.size} days have no value")
    if zoned:
        notes.append("times with a zone were read as the local day they name")
    return Series(name, first, step, values, tuple(notes), occupancy)


def _day(row: Row, label: str) -> date:
    raw = row.ds
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = str(raw).strip() if raw is not None else ""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        what = f"ds is {text!r}, not a date" if text else "ds is empty"
        raise InvalidInput(
            f"{label}, row {row.number}: {what}.", hint="Write dates as YYYY-MM-DD."
        ) from None


def _value(row: Row, raw: object, what: str, label: str) -> float:
    if raw is None:
        return math.nan
    if isinstance(raw, str):
        text = raw.strip()
        if text == "" or text.lower() in {"nan", "na", "n/a", "null"}:
            return math.nan
        raw = text
    if not isinstance(raw, (str, int, float, Decimal, np.integer, np.floating)):
        raise InvalidInput(f"{label}, row {row.number}: {what} is {raw!r}, not a number.")
    try:
        value = float(raw)
    except ValueError:
        hint = "Write decimals with a point and no thousands separator." if "," in text else ""
        raise InvalidInput(
            f"{label}, row {row.number}: {what} is {raw!r}, not a number.", hint=hint
        ) from None
    if math.isinf(value):
        raise InvalidInput(f"{label}, row {row.number}: {what} is infinite.")
    return value


_Numbered = tuple[date, float, Row]


def _refuse_repeats(numbered: list[_Numbered], label: str) -> None:
    for before, after in pairwise(numbered):
        if before[0] == after[0]:
            first, second = sorted((before[2].number, after[2].number))
            raise InvalidInput(
                f"{label}, row {second}: {after[0]} was already given in row {first}.",
                hint="Give each date once per series; add up hourly values first.",
            )


def _step_days(numbered: list[_Numbered], label: str) -> int:
    """The one frequency of sorted days, in days; wider steps are gaps only if they fit."""
    steps = np.array([(b[0] - a[0]).days for a, b in pairwise(numbered)], dtype=int)
    sizes, counts = np.unique(steps, return_counts=True)
    step = int(sizes[np.argmax(counts)])
    if 28 <= step <= 31 and set(sizes.tolist()) <= {28, 29, 30, 31}:
        raise InvalidInput(
            f"{label} is monthly.", hint="Give daily or weekly values; months have no equal step."
        )
    run = 0
    for index, size in enumerate(steps.tolist()):
        row = numbered[index + 1][2].number
        if size % step:
            raise InvalidInput(
                f"{label}, row {row}: mixed frequencies, a step of {_days(size)} where"
                f" the series goes by {_days(step)}."
            )
        run = run + 1 if size > step and index and size == steps[index - 1] else int(size > step)
        if run >= _FOREIGN_STEPS:
            raise InvalidInput(
                f"{label}, row {row}: mixed frequencies, {run} steps of {_days(size)} in a row"
                f" where the series goes by {_days(step)}."
            )
    grid = int(steps.sum()) // step + 1
    if grid > MAX_STEPS:
        raise InvalidInput(
            f"{label} spans {grid} steps from {numbered[0][0]} to {numbered[-1][0]}.",
            hint="One of the dates is probably mistyped.",
        )
    if 1 - len(numbered) / grid > _MAX_MISSING_SHARE:
        wide = int(np.argmax(steps))
        raise InvalidInput(
            f"{label}, row {numbered[wide + 1][2].number}: mixed frequencies or mostly gaps,"
            f" {len(numbered)} values for {grid} steps of {_days(step)}."
        )
    return step


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
