"""Dates and durations as people in a British care home write them."""

from __future__ import annotations

from datetime import date, datetime

from rota.calendar.clock import LONDON
from rota.calendar.periods import Period

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FULL_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def weekday_text(day: date) -> str:
    """``Tue``."""
    return _DAYS[day.weekday()]


def day_text(day: date) -> str:
    """``Tue 3 Mar``."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def short_day_text(day: date) -> str:
    """``3 Mar``."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def date_text(day: date) -> str:
    """``3 March 2026``."""
    return f"{day.day} {_FULL_MONTHS[day.month - 1]} {day.year}"


def period_text(period: Period) -> str:
    """``2 – 29 Mar 2026``, ``30 Mar – 26 Apr 2026`` or ``28 Dec 2026 – 24 Jan 2027``."""
    start, end = period.start, period.end
    if start == end:
        return f"{short_day_text(end)} {end.year}"
    if start.year != end.year:
        return f"{short_day_text(start)} {start.year} – {short_day_text(end)} {end.year}"
    first = str(start.day) if start.month == end.month else short_day_text(start)
    return f"{first} – {short_day_text(end)} {end.year}"


def time_text(moment: datetime) -> str:
    """The London wall-clock time of an aware instant: ``07:45``."""
    return f"{moment.astimezone(LONDON):%H:%M}"


def hours_text(minutes: float) -> str:
    """Hours with at most one decimal: ``7.5 h``, ``12 h``."""
    hours = round(minutes / 60, 1)
    amount = f"{abs(hours):,.1f}".removesuffix(".0")
    return f"{'−' if hours < 0 else ''}{amount} h"


def duration_text(minutes: int) -> str:
    """Hours and minutes as spoken: ``10 h 15``, ``12 h``, ``45 min``."""
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else ""
    if not hours:
        return f"{sign}{rest} min"
    return f"{sign}{hours} h {rest:02d}" if rest else f"{sign}{hours} h"
