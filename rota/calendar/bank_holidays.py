"""Bank holidays of Scotland, with their names.

The library behind them is imported on first use only: a process that never asks pays
nothing for it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from rota.calendar.periods import Period

if TYPE_CHECKING:
    from collections.abc import Mapping


@lru_cache(maxsize=64)
def bank_holidays_of(year: int) -> Mapping[date, str]:
    """Date and name of every bank holiday of a calendar year in Scotland, in order."""
    from holidays.countries.united_kingdom import UnitedKingdom

    found = UnitedKingdom(subdiv="SCT", years=year)
    return MappingProxyType({day: str(found[day]) for day in sorted(found)})


def bank_holiday(day: date) -> str | None:
    """The name of the bank holiday on a day, or nothing."""
    return bank_holidays_of(day.year).get(day)


def bank_holidays(period: Period) -> dict[date, str]:
    """Date and name of the bank holidays in a period, in order."""
    years = range(period.start.year, period.end.year + 1)
    return {
        day: name for year in years for day, name in bank_holidays_of(year).items() if day in period
    }
