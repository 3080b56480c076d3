"""Instants and durations: local wall-clock times in, aware UTC and whole minutes out.

A rota day is the date on which a shift starts in Europe/London. A shift that ends at or
before the time it starts ends on the next day. Everything is computed on UTC instants, so
a 20:00–08:00 night lasts 11 hours when the clocks go forward and 13 when they go back.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rota.errors import InvalidInput

LONDON = ZoneInfo("Europe/London")
MINUTES_PER_DAY = 24 * 60

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=8192)
def instant(day: date, at: time) -> datetime:
    """The aware UTC instant at which London clocks show ``at`` on ``day``.

    A time shown twice (autumn) means its first occurrence, so that one shift's end and
    the next one's start at the same wall-clock time are the same instant; a time that is
    skipped (spring) is read as winter time, one hour later on the clock.
    """
    return datetime.combine(day, at, LONDON).astimezone(UTC)


@lru_cache(maxsize=8192)
def shift_instants(day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """Start and end of a shift of the rota day ``day``, as aware UTC instants.

    Raises :class:`InvalidInput` when both times are equal: a shift of no length, or of a
    whole day, is never what was meant.
    """
    if starts == ends:
        raise InvalidInput(
            f"A shift cannot start and end at {starts:%H:%M}.", hint="Give it an end time."
        )
    last_day = day if ends > starts else day + _ONE_DAY
    return instant(day, starts), instant(last_day, ends)


def minute_of(moment: datetime) -> int:
    """Whole minutes from 1 January 1970 00:00 UTC to an aware instant (rounded down).

    Raises :class:`InvalidInput` for an instant without a time zone.
    """
    if moment.tzinfo is None:
        raise InvalidInput("An instant without a time zone cannot be placed on the rota.")
    since = moment - _EPOCH
    return since.days * MINUTES_PER_DAY + since.seconds // 60


def moment_of(minute: int) -> datetime:
    """The aware UTC instant of a whole minute; the inverse of :func:`minute_of`."""
    return _EPOCH + timedelta(minutes=minute)


@lru_cache(maxsize=8192)
def day_start_minute(day: date) -> int:
    """The minute at which a day begins in London (its local midnight)."""
    return minute_of(instant(day, time(0)))


def local_day(moment: datetime) -> date:
    """The date London clocks show at an aware instant."""
    return moment.astimezone(LONDON).date()


def london_today() -> date:
    """Today's date on London clocks."""
    return local_day(datetime.now(UTC))


def duration_minutes(starts_at: datetime, ends_at: datetime) -> int:
    """Whole minutes of real time between two aware instants."""
    return minute_of(ends_at) - minute_of(starts_at)


def worked_minutes(starts_at: datetime, ends_at: datetime, break_minutes: int = 0) -> int:
    """Real minutes between two instants less the break; never below zero."""
    return max(0, duration_minutes(starts_at, ends_at) - break_minutes)


@lru_cache(maxsize=65536)
def window_overlap(start: int, end: int, window_from: int, window_to: int) -> int:
    """Minutes of ``start``–``end`` that lie inside a daily London clock window.

    ``start`` and ``end`` are minutes of :func:`minute_of`; the window is given in minutes
    after midnight (1380 to 360 is 23:00–06:00, which crosses midnight). Both clock changes
    are exact: the night the clocks go back has eight hours between 23:00 and 06:00.
    """
    day = local_day(moment_of(start)) - _ONE_DAY
    last = local_day(moment_of(end))
    crosses = window_to <= window_from
    total = 0
    while day <= last:
        opens = minute_of(instant(day, _clock(window_from)))
        closes = minute_of(instant(day + _ONE_DAY if crosses else day, _clock(window_to)))
        total += max(0, min(end, closes) - max(start, opens))
        day += _ONE_DAY
    return total


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
