"""Spans of rota days: weeks from Monday, leave years, reference periods, whole months.

A :class:`Period` includes both its ends.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rota.errors import InvalidInput

DAYS_PER_WEEK = 7
#: from Monday on, as :meth:`datetime.date.weekday` counts
WEEKDAY_NAMES = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Rota days from ``start`` to ``end``, both included.

    Raises :class:`InvalidInput` when it would end before it starts.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidInput(
                f"A period cannot end on {self.end:%d/%m/%Y}, before it starts "
                f"on {self.start:%d/%m/%Y}."
            )

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=offset) for offset in range(self.days))

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1

    @property
    def whole_weeks(self) -> Period:
        """The Monday-to-Sunday weeks this period touches."""
        return Period(monday(self.start), sunday(self.end))

    def weeks(self) -> list[Period]:
        """The Monday-to-Sunday weeks this period touches, oldest first."""
        first = monday(self.start)
        count = (monday(self.end) - first).days // DAYS_PER_WEEK + 1
        return [week_of(first + timedelta(days=DAYS_PER_WEEK * index)) for index in range(count)]

    def overlap(self, other: Period) -> Period | None:
        """The days in both periods, or nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start <= end else None

    def widened(self, before: int, after: int) -> Period:
        """The period with whole days added before and after it."""
        return Period(self.start - timedelta(days=before), self.end + timedelta(days=after))


def monday(day: date) -> date:
    """The Monday on or before a day."""
    return day - timedelta(days=day.weekday())


def sunday(day: date) -> date:
    """The Sunday on or after a day."""
    return day + timedelta(days=6 - day.weekday())


def week_of(day: date) -> Period:
    """The Monday-to-Sunday week that holds a day."""
    return Period(monday(day), sunday(day))


def weeks_from(day: date, count: int) -> Period:
    """``count`` whole weeks beginning with the Monday on or before ``day``.

    Raises :class:`InvalidInput` when ``count`` is below one.
    """
    if count < 1:
        raise InvalidInput("A rota shows at least one week.")
    first = monday(day)
    return Period(first, first + timedelta(days=DAYS_PER_WEEK * count - 1))


def months_after(day: date, count: int) -> date:
    """The same day ``count`` months later, or the last day of a shorter month."""
    index = day.month - 1 + count
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, months.monthrange(year, month)[1]))


def years_after(day: date, count: int) -> date:
    """The same day ``count`` years later; 29 February becomes 28 February."""
    return months_after(day, 12 * count)


def age_on(born: date, day: date) -> int:
    """Completed years of age on a day; someone born on 29 February turns on 28 February."""
    years = day.year - born.year
    return years if day >= years_after(born, years) else years - 1


def leave_year(day: date, *, start_month: int = 4, start_day: int = 1) -> Period:
    """The leave year that holds a day; by default 1 April to 31 March."""
    this_year = date(day.year, start_month, start_day)
    begins = this_year if day >= this_year else date(day.year - 1, start_month, start_day)
    next_begins = date(begins.year + 1, start_month, start_day)
    return Period(begins, next_begins - timedelta(days=1))


def month_of(day: date) -> Period:
    """The calendar month that holds a day."""
    last = months.monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last))


def reference_period(ending: date, weeks: int, *, started_on: date | None = None) -> Period:
    """The averaging period that ends with a day: ``weeks`` weeks, or since the start date.

    Source: Working Time Regulations 1998, regulation 4(3) to (5): 17 weeks, 26 for work
    under regulation 21, and for a worker with less service the time since they started.
    """
    start = ending - timedelta(days=DAYS_PER_WEEK * weeks - 1)
    if started_on is not None and start < started_on <= ending:
        start = started_on
    return Period(start, ending)
