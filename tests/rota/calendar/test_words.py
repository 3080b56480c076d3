"""Dates and lengths as they are written on screen."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rota.calendar import (
    Period,
    date_text,
    day_text,
    duration_text,
    hours_text,
    period_text,
    short_day_text,
    time_text,
)


def test_days() -> None:
    day = date(2026, 3, 3)
    assert day_text(day) == "Tue 3 Mar"
    assert short_day_text(day) == "3 Mar"
    assert date_text(day) == "3 March 2026"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(450, "7.5 h"), (720, "12 h"), (700, "11.7 h"), (0, "0 h"), (-90, "−1.5 h")],
)
def test_hours(minutes: int, words: str) -> None:
    assert hours_text(minutes) == words


def test_a_great_many_hours_keep_their_digits() -> None:
    assert hours_text(12_345 * 60 + 30) == "12,345.5 h"
    assert hours_text(12_345 * 60) == "12,345 h"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(615, "10 h 15"), (720, "12 h"), (45, "45 min"), (605, "10 h 05"), (-45, "−45 min")],
)
def test_durations(minutes: int, words: str) -> None:
    assert duration_text(minutes) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 3, 2), date(2026, 3, 29), "2 – 29 Mar 2026"),
        (date(2026, 3, 30), date(2026, 4, 26), "30 Mar – 26 Apr 2026"),
        (date(2026, 12, 28), date(2027, 1, 24), "28 Dec 2026 – 24 Jan 2027"),
        (date(2026, 3, 2), date(2026, 3, 2), "2 Mar 2026"),
    ],
)
def test_periods(start: date, end: date, words: str) -> None:
    assert period_text(Period(start, end)) == words


def test_times_are_london_times() -> None:
    assert time_text(datetime(2026, 6, 2, 6, 45, tzinfo=UTC)) == "07:45"
    assert time_text(datetime(2026, 12, 2, 7, 45, tzinfo=UTC)) == "07:45"
