"""How dates, money, hours and numbers are written, in British English, in one place."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rota.calendar import WEEKDAY_NAMES

LONDON = ZoneInfo("Europe/London")
MINUS = "−"
NONE = "–"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LONG_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def weekday(value: date) -> str:
    """``Tue``; names are ours so that the server's locale never matters."""
    return _DAYS[value.weekday()]


def day(value: date | None) -> str:
    """``Tue 3 Mar``; a dash for none."""
    if value is None:
        return NONE
    return f"{weekday(value)} {value.day} {_MONTHS[value.month - 1]}"


def day_year(value: date | None) -> str:
    """``Tue 3 Mar 2026``."""
    return NONE if value is None else f"{day(value)} {value.year}"


def day_long(value: date) -> str:
    """``Tuesday 3 March 2026``."""
    return (
        f"{WEEKDAY_NAMES[value.weekday()]} {value.day} {_LONG_MONTHS[value.month - 1]} {value.year}"
    )


def month(value: date) -> str:
    """``March 2026``."""
    return f"{_LONG_MONTHS[value.month - 1]} {value.year}"


def month_short(value: date) -> str:
    """``Mar 26``, for an axis."""
    return f"{_MONTHS[value.month - 1]} {value.year % 100:02d}"


def period(start: date, end: date) -> str:
    """``2 – 29 Mar``, ``30 Mar – 26 Apr``, with years only where they differ; ``end`` included."""
    last = f"{end.day} {_MONTHS[end.month - 1]}"
    if start == end:
        return last
    if start.year != end.year:
        return f"{start.day} {_MONTHS[start.month - 1]} {start.year} – {last} {end.year}"
    if start.month != end.month:
        return f"{start.day} {_MONTHS[start.month - 1]} – {last}"
    return f"{start.day} – {last}"


def clock(value: time | datetime) -> str:
    """``08:00``; an instant is shown in Europe/London."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(LONDON)
    return f"{value.hour:02d}:{value.minute:02d}"


def moment(value: datetime) -> str:
    """``Tue 3 Mar, 14:05`` in Europe/London."""
    local = value.astimezone(LONDON) if value.tzinfo is not None else value
    return f"{day(local.date())}, {clock(local)}"


def number(value: float | None, places: int = 0) -> str:
    """``12,345``, with a true minus sign; a dash for none."""
    if value is None:
        return NONE
    text = f"{abs(value):,.{places}f}"
    negative = value < 0 and any(c in "123456789" for c in text)
    return f"{MINUS}{text}" if negative else text


def trimmed(value: float | None, places: int = 1) -> str:
    """``7.5`` and ``12``: at most ``places`` decimals and no trailing zeros."""
    text = number(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def hours(value: float | None) -> str:
    """``7.5 h``; from a thousand on without decimals."""
    if value is None:
        return NONE
    return f"{trimmed(value, 0 if abs(value) >= 999.5 else 1)}\u00a0h"


def hours_from_minutes(minutes: int | None) -> str:
    """Minutes written as hours, ``7.5 h``."""
    return NONE if minutes is None else hours(minutes / 60)


def money(pence: int | None) -> str:
    """``£12,345``: whole pounds from pence."""
    if pence is None:
        return NONE
    sign = MINUS if pence <= -50 else ""
    return f"{sign}£{(abs(pence) + 50) // 100:,}"


def money_exact(pence: int | None) -> str:
    """``£12,345.60``: pounds and pence."""
    if pence is None:
        return NONE
    sign = MINUS if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def money_short(pence: int | None) -> str:
    """``£950``, ``£12.3k``, ``£1.2m``: for cards and axes."""
    if pence is None:
        return NONE
    pounds = abs(pence) / 100
    sign = MINUS if pence <= -50 else ""
    if pounds < 9_999.5:
        return f"{sign}£{pounds:,.0f}"
    if pounds < 999_950:
        return f"{sign}£{trimmed(pounds / 1000)}k"
    return f"{sign}£{trimmed(pounds / 1_000_000)}m"


def percent(share: float | None, places: int = 0) -> str:
    """``6%`` from 0.06."""
    return NONE if share is None else f"{number(share * 100, places)}%"


def change(value: float | None, places: int = 0) -> str:
    """``+3``, ``−2`` or ``±0``."""
    if value is None:
        return NONE
    text = number(value, places)
    if text.startswith(MINUS):
        return text
    return f"±{text}" if not any(c in "123456789" for c in text) else f"+{text}"


def change_money(pence: int | None) -> str:
    """``+£1,200``, ``−£80`` or ``±£0``."""
    if pence is None:
        return NONE
    text = money(pence)
    if text.startswith(MINUS):
        return text
    return f"±{text}" if not any(c in "123456789" for c in text) else f"+{text}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 shift``, ``3 shifts``; ``many`` where adding an s is wrong."""
    word = one if count == 1 else (many or f"{one}s")
    return f"{number(count)} {word}"


def relative_day(value: date, today: date) -> str:
    """``today``, ``tomorrow``, ``yesterday``, ``in 5 days``, else the date."""
    distance = (value - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if distance in near:
        return near[distance]
    if 1 < distance <= 14:
        return f"in {distance} days"
    if -14 <= distance < -1:
        return f"{-distance} days ago"
    return day(value) if value.year == today.year else day_year(value)


def duration(length: timedelta) -> str:
    """``45 s``, ``3 min``, ``1 h 20 min``: how long a job took."""
    seconds = round(length.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    rest = f" {minutes % 60} min" if minutes % 60 else ""
    return f"{minutes // 60} h{rest}"
