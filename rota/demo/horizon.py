"""The days the demo speaks of, around "today", and what is particular about each."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from rota.calendar import bank_holidays_of, leave_year, monday, months_after, shift_instants, sunday
from rota.demo.kinds import SPEC_OF

FUTURE_WEEKS = 8
PUBLISHED_WEEKS = 4
#: a Sunday; the cycles of teams A, B and C begin on it, one and two weeks later
CYCLE_SUNDAY = date(2024, 1, 7)


@dataclass(frozen=True, slots=True)
class Clocked:
    """A shift type on one day, ready to store: UTC instants as text and paid minutes."""

    starts_at: str
    ends_at: str
    paid_minutes: int


@dataclass(frozen=True, slots=True)
class Horizon:
    """Every day from the first of the history to the last of the future rota.

    Days are counted from ``start``; ``today_index`` splits worked from planned, and days
    before ``published_until`` are published.
    """

    today: date
    months: int = 24
    start: date = field(init=False)
    end: date = field(init=False)
    days: tuple[date, ...] = field(init=False)
    iso: tuple[str, ...] = field(init=False)
    weekday: tuple[int, ...] = field(init=False)
    is_holiday: tuple[bool, ...] = field(init=False)
    today_index: int = field(init=False)
    published_until: int = field(init=False)
    _clocked: dict[tuple[int, int], Clocked] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        start = monday(months_after(self.today, -self.months))
        end = sunday(self.today + timedelta(weeks=FUTURE_WEEKS))
        days = tuple(start + timedelta(days=n) for n in range((end - start).days + 1))
        holidays = {
            day for year in range(start.year, end.year + 1) for day in bank_holidays_of(year)
        }
        published = sunday(self.today + timedelta(weeks=PUBLISHED_WEEKS))
        for name, value in {
            "start": start,
            "end": end,
            "days": days,
            "iso": tuple(day.isoformat() for day in days),
            "weekday": tuple(day.weekday() for day in days),
            "is_holiday": tuple(day in holidays for day in days),
            "today_index": (self.today - start).days,
            "published_until": (published - start).days + 1,
        }.items():
            object.__setattr__(self, name, value)

    def index(self, day: date) -> int:
        """Days from the start; may lie outside the horizon."""
        return (day - self.start).days

    def clocked(self, day: int, kind: int) -> Clocked:
        """The instants and paid minutes of a kind of shift on a day of the horizon."""
        found = self._clocked.get((day, kind))
        if found is None:
            spec = SPEC_OF[kind]
            starts_at, ends_at = shift_instants(self.days[day], spec.starts, spec.ends)
            minutes = int((ends_at - starts_at).total_seconds()) // 60
            found = Clocked(stamp(starts_at), stamp(ends_at), minutes - spec.unpaid_minutes)
            self._clocked[day, kind] = found
        return found

    def leave_years(self) -> list[tuple[date, date]]:
        """First and last day of every leave year that touches the horizon."""
        years = []
        first = leave_year(self.start).start
        while first <= self.end:
            year = leave_year(first)
            years.append((year.start, year.end))
            first = year.end + timedelta(days=1)
        return years


def stamp(moment: datetime) -> str:
    """An aware instant as both databases read it back: UTC, without its zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An aware instant on a day (UTC)."""
    return datetime.combine(day, time(hour, minute), UTC)


def winter(day: date) -> float:
    """0 in high summer to 1 in mid-January: the season of illness and of need."""
    return 0.5 + 0.5 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 15) / 365.25)
