"""Short ways to say a shift, a person and a timeline in the tests of the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import count

from rota.calendar import Period, shift_instants
from rota.rules import (
    DEFAULT_RULEBOOK,
    Assessment,
    Change,
    Timeline,
    Verdict,
    WorkedShift,
    Worker,
    check_change,
    check_timeline,
)

_ids = count(1)

#: a Monday in a stretch without clock changes or bank holidays
MONDAY = date(2026, 6, 1)

CARER = Worker(
    id=1,
    name="Aileen Reid",
    role_code="SCA",
    date_of_birth=date(1990, 5, 17),
    started_on=date(2020, 1, 6),
)
OFFICE = replace(CARER, id=2, name="Morag Bain", role_code="OM")


def on(offset: int, monday: date = MONDAY) -> date:
    """The day ``offset`` days after the Monday."""
    return monday + timedelta(days=offset)


def _time(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


def shift(day: date, hours: str = "08:00-20:00", **fields: object) -> WorkedShift:
    """A shift of a day between two local times, with a break of an hour unless told."""
    starts, ends = (_time(text) for text in hours.split("-"))
    starts_at, ends_at = shift_instants(day, starts, ends)
    values: dict[str, object] = {
        "id": next(_ids),
        "date": day,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "break_minutes": 60,
        "is_night": ends < starts,
        "code": "N" if ends < starts else "D",
    }
    return WorkedShift(**(values | fields))  # type: ignore[arg-type]


def night(day: date, **fields: object) -> WorkedShift:
    """A waking night of a day, 20:00 to 08:00."""
    return shift(day, "20:00-08:00", **fields)


def timeline(*shifts: WorkedShift, worker: Worker = CARER, **fields: object) -> Timeline:
    """A person's timeline."""
    return Timeline(worker=worker, shifts=tuple(shifts), **fields)  # type: ignore[arg-type]


def weekly(
    weeks: int, per_week: int, *, ending: date, hours: str = "08:00-20:00"
) -> list[WorkedShift]:
    """``per_week`` shifts from each Monday on, over the weeks up to the one of ``ending``."""
    last = ending - timedelta(days=ending.weekday())
    return [
        shift(last - timedelta(weeks=week) + timedelta(days=day), hours)
        for week in range(weeks - 1, -1, -1)
        for day in range(per_week)
    ]


def verdicts(
    rule: str, given: Timeline, period: Period | None = None, **rows: object
) -> list[Verdict]:
    """What one rule says over a period (all listed shifts unless told)."""
    if period is None:
        days = [entry.date for entry in given.shifts]
        period = Period(min(days), max(days))
    return check_timeline(given, period, DEFAULT_RULEBOOK.only(rule))


def assess(rule: str, given: Timeline, change: Change) -> Assessment:
    """What one rule says of a change."""
    return check_change(given, change, DEFAULT_RULEBOOK.only(rule))
