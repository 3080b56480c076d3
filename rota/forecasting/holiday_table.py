"""Public holidays of a country or a part of it, as the forecasters see them.

The dates come from the ``holidays`` package. Substitute days carry the name of the
holiday they stand in for (the "(observed)" of its names is dropped), and the eves of
Christmas and of New Year are added, since work changes on them too. Dated events, such as
school holidays, mark the days that no public holiday has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rota.errors import InvalidInput
from rota.forecasting.events import Event
from rota.forecasting.series import DayArray, FloatArray

CHRISTMAS_EVE = "Christmas Eve"
NEW_YEARS_EVE = "New Year's Eve"
_OBSERVED = re.compile(r"\s*\((?:observed|substitute|in lieu|estimated)[^)]*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HolidayTable:
    """Which country or part of it counts, and dated events; ``NO_HOLIDAYS`` for none."""

    country: str = ""
    subdivision: str = ""
    events: tuple[Event, ...] = ()

    @staticmethod
    def parse(text: str) -> HolidayTable:
        """``GB-SCT``, ``US`` or ``none``, in any case.

        Raises :class:`InvalidInput` for a place the holidays package does not know.
        """
        code = text.strip()
        if code.lower() in {"", "none", "no"}:
            return NO_HOLIDAYS
        country, _, subdivision = code.partition("-")
        table = HolidayTable(country.upper(), subdivision)
        if subdivision and not _known(table):
            table = HolidayTable(country.upper(), subdivision.upper())
        if not _known(table):
            raise InvalidInput(
                f"No holidays are known for {text!r}.",
                hint="Give a country (US), a country with its part (GB-SCT), or none.",
            )
        return table

    @property
    def code(self) -> str:
        """The text that :meth:`parse` reads back."""
        parts = [self.country, self.subdivision] if self.subdivision else [self.country]
        return "-".join(parts) or "none"

    def with_events(self, events: tuple[Event, ...]) -> HolidayTable:
        """The same with these events."""
        return replace(self, events=events)

    def said(self, last: date) -> str:
        """Everything it marks until ``last``, for a fingerprint."""
        known = [f"{e.name} {e.first} {e.last}" for e in self.events if e.first <= last]
        return " ".join([self.code, *known])

    def names_by_day(self, first: np.datetime64, last: np.datetime64) -> dict[np.datetime64, str]:
        """Each holiday, eve and event from ``first`` to ``last``, both included.

        A day has one name: that of its public holiday, else of the first event.
        """
        years = range(_year(first), _year(last) + 1)
        found = {
            day: name
            for year in years
            for day, name in _year_of(self.country, self.subdivision, year)
            if first <= day <= last
        }
        for event in self.events:
            begin = max(np.datetime64(event.first, "D"), first)
            end = min(np.datetime64(event.last, "D"), last)
            for day in np.arange(begin, end + 1) if begin <= end else ():
                found.setdefault(day, event.name)
        return found


NO_HOLIDAYS = HolidayTable()


@dataclass(frozen=True, slots=True, eq=False)
class HolidayColumns:
    """One 0/1 column per holiday name: ``names`` (K,), ``marks`` (T, K)."""

    names: tuple[str, ...]
    marks: FloatArray

    def seen_in(self, training: slice) -> NDArray[np.intp]:
        """The columns that occur in the training rows; the others teach nothing."""
        return np.flatnonzero(self.marks[training].any(axis=0))


def holiday_columns(table: HolidayTable, days: DayArray, step_days: int = 1) -> HolidayColumns:
    """The holidays of ``days`` (T,), each step of ``step_days`` marked by what falls in it."""
    if not (table.country or table.events) or days.size == 0:
        return HolidayColumns((), np.zeros((days.size, 0)))
    last = days[-1] + np.timedelta64(step_days - 1, "D")
    by_day = table.names_by_day(days[0], last)
    names = tuple(sorted(set(by_day.values())))
    position = {name: index for index, name in enumerate(names)}
    marks = np.zeros((days.size, len(names)))
    for day, name in by_day.items():
        marks[int((day - days[0]).astype(int)) // step_days, position[name]] = 1.0
    return HolidayColumns(names, marks)


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(int)) + 1970


def _known(table: HolidayTable) -> bool:
    import holidays

    try:
        holidays.country_holidays(table.country, subdiv=table.subdivision or None, years=2024)
    except (NotImplementedError, KeyError, AttributeError):
        return False
    return True


@lru_cache(maxsize=512)
def _year_of(country: str, subdivision: str, year: int) -> tuple[tuple[np.datetime64, str], ...]:
    if not country:
        return ()
    import holidays

    days = holidays.country_holidays(
        country, subdiv=subdivision or None, years=year, language="en_US"
    )
    if not days:
        days = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    named = {
        np.datetime64(day, "D"): _folded(str(name))
        for day, name in days.items()
        if day.year == year
    }
    named.setdefault(np.datetime64(f"{year}-12-24", "D"), CHRISTMAS_EVE)
    named.setdefault(np.datetime64(f"{year}-12-31", "D"), NEW_YEARS_EVE)
    return tuple(sorted(named.items()))


def _folded(name: str) -> str:
    """Without "(observed)" and the like; of several names on a day the first."""
    return _OBSERVED.sub("", name).split(";")[0].strip()
