"""How many minutes of leave a period costs somebody: by the rota, else the pattern, else the
contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.calendar import DAYS_PER_WEEK, Period, monday, shift_instants, worked_minutes
from rota.models import Shift, ShiftPattern, ShiftType, Staff


class HoursSource(StrEnum):
    """What the minutes of a day of leave were taken from."""

    ROTA = "rota"
    PATTERN = "pattern"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class LeaveDay:
    """One day of a request: the paid minutes it costs and where they come from."""

    day: date
    minutes: int
    source: HoursSource


@dataclass(frozen=True, slots=True)
class LeaveHours:
    """The days of a request with their minutes, in order."""

    days: tuple[LeaveDay, ...]

    @property
    def minutes(self) -> int:
        """The whole cost in minutes."""
        return sum(day.minutes for day in self.days)

    @property
    def working_days(self) -> int:
        """Days that cost anything."""
        return sum(1 for day in self.days if day.minutes)

    def within(self, period: Period) -> int:
        """Minutes on the days of a period."""
        return sum(day.minutes for day in self.days if day.day in period)


def leave_hours(session: Session, person: Staff, period: Period) -> LeaveHours:
    """What a period of leave costs a person.

    In a week with rostered shifts the rota decides (a rest day costs nothing). In a week not
    yet rostered the rolling pattern does; for somebody without one, each day costs a seventh
    of the contracted week, so that a whole week costs exactly the contract.
    """
    rostered = _rostered(session, person.id, period.whole_weeks)
    weeks = {monday(day) for day in rostered}
    pattern = session.get(ShiftPattern, person.pattern_id) if person.pattern_id else None
    lengths = _lengths(session) if pattern else {}
    days = []
    for day in period:
        if monday(day) in weeks:
            days.append(LeaveDay(day, rostered.get(day, 0), HoursSource.ROTA))
        elif pattern is not None and person.pattern_anchor is not None:
            code = pattern_code(pattern, person.pattern_anchor, day)
            days.append(LeaveDay(day, lengths.get(code, 0), HoursSource.PATTERN))
        else:
            minutes = _share_of_week(person.contracted_minutes, day)
            days.append(LeaveDay(day, minutes, HoursSource.CONTRACT))
    return LeaveHours(tuple(days))


def spread(period: Period, minutes: int) -> LeaveHours:
    """Minutes known only as a whole (from an import), evenly over the days of a period."""
    days = [
        LeaveDay(
            day,
            minutes * (number + 1) // period.days - minutes * number // period.days,
            HoursSource.CONTRACT,
        )
        for number, day in enumerate(period)
    ]
    return LeaveHours(tuple(days))


def pattern_code(pattern: ShiftPattern, anchor: date, day: date) -> str:
    """The shift type's code that a rolling pattern gives for a day; empty for rest."""
    if not pattern.days:
        return ""
    return pattern.days[(day - anchor).days % len(pattern.days)]


def _share_of_week(contracted_minutes: int, day: date) -> int:
    """A seventh of the week, whole minutes, so that Monday to Sunday add up exactly."""
    number = day.weekday()
    share = Fraction(contracted_minutes, DAYS_PER_WEEK)
    return int(share * (number + 1)) - int(share * number)


def _rostered(session: Session, staff_id: int, period: Period) -> dict[date, int]:
    minutes: dict[date, int] = {}
    for day, paid in session.execute(
        select(Shift.date, Shift.paid_minutes).where(
            Shift.user_id == staff_id, Shift.date.between(period.start, period.end)
        )
    ):
        minutes[day] = minutes.get(day, 0) + paid
    return minutes


def _lengths(session: Session) -> Mapping[str, int]:
    """Paid minutes of each shift type on an ordinary day, by code."""
    a_day = date(2024, 6, 3)  # no clock change near it
    lengths = {}
    for kind in session.scalars(select(ShiftType)):
        start, end = shift_instants(a_day, kind.start_time, kind.end_time)
        unpaid = 0 if kind.break_is_paid else kind.break_minutes
        lengths[kind.code] = worked_minutes(start, end, unpaid)
    return lengths
