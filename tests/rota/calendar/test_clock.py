"""Instants and lengths of shifts, over midnight and both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.calendar import (
    LONDON,
    day_start_minute,
    duration_minutes,
    instant,
    local_day,
    minute_of,
    moment_of,
    shift_instants,
    window_overlap,
    worked_minutes,
)
from rota.errors import InvalidInput

SPRING, AUTUMN, PLAIN = date(2026, 3, 28), date(2026, 10, 24), date(2026, 6, 2)
EVENING, MORNING = time(20), time(8)


@pytest.mark.parametrize(("day", "hours"), [(PLAIN, 12), (SPRING, 11), (AUTUMN, 13)])
def test_a_night_lasts_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    assert duration_minutes(*shift_instants(day, EVENING, MORNING)) == hours * 60


def test_a_night_ends_on_the_next_day_and_a_day_shift_on_its_own() -> None:
    starts_at, ends_at = shift_instants(PLAIN, EVENING, MORNING)
    assert (local_day(starts_at), local_day(ends_at)) == (PLAIN, PLAIN + timedelta(days=1))
    assert local_day(shift_instants(PLAIN, MORNING, EVENING)[1]) == PLAIN


def test_instants_are_aware_utc() -> None:
    starts_at, ends_at = shift_instants(PLAIN, MORNING, EVENING)
    assert starts_at == datetime(2026, 6, 2, 7, tzinfo=UTC)
    assert starts_at.tzinfo is ends_at.tzinfo is UTC


def test_a_shift_that_starts_and_ends_at_the_same_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="start and end at 08:00"):
        shift_instants(PLAIN, MORNING, MORNING)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_handing_over_in_the_changed_hour_leaves_neither_gap_nor_overlap(day: date) -> None:
    _, ends_at = shift_instants(day, time(17, 30), time(1, 30))
    starts_at, _ = shift_instants(day + timedelta(days=1), time(1, 30), time(9))
    assert ends_at == starts_at


def test_break_is_taken_off_but_never_below_nothing() -> None:
    starts_at, ends_at = shift_instants(PLAIN, MORNING, EVENING)
    assert worked_minutes(starts_at, ends_at, 60) == 660
    assert worked_minutes(starts_at, starts_at + timedelta(minutes=20), 30) == 0


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput):
        minute_of(datetime(2026, 6, 2, 8))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))
def test_minutes_and_moments_are_inverse(moment: datetime) -> None:
    whole = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    assert moment_of(minute_of(whole)) == whole


@pytest.mark.parametrize(("day", "expected"), [(PLAIN, 7 * 60), (SPRING, 6 * 60), (AUTUMN, 8 * 60)])
def test_night_hours_between_eleven_and_six(day: date, expected: int) -> None:
    starts_at, ends_at = shift_instants(day, EVENING, MORNING)
    assert window_overlap(minute_of(starts_at), minute_of(ends_at), 23 * 60, 6 * 60) == expected


def test_an_early_start_has_only_the_hours_before_six() -> None:
    starts_at, ends_at = shift_instants(PLAIN, time(5), time(13))
    assert window_overlap(minute_of(starts_at), minute_of(ends_at), 23 * 60, 6 * 60) == 60


def test_a_window_within_a_day_is_counted_on_each_day_it_meets() -> None:
    start = minute_of(instant(PLAIN, time(11)))
    end = minute_of(instant(PLAIN + timedelta(days=1), time(13)))
    assert window_overlap(start, end, 12 * 60, 14 * 60) == 2 * 60 + 60


@given(
    st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    st.integers(0, 1439),
    st.integers(1, 26 * 60),
    st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda pair: pair[0] != pair[1]),
)
def test_overlap_agrees_with_counting_minute_by_minute(
    day: date, at: int, length: int, window: tuple[int, int]
) -> None:
    opens, closes = window
    start = minute_of(instant(day, time(at // 60, at % 60)))
    counted = 0
    for minute in range(start, start + length):
        hour = moment_of(minute).astimezone(LONDON).hour
        counted += opens <= hour < closes if opens < closes else hour >= opens or hour < closes
    # a window that opens or closes inside the changed hour is read as its first occurrence
    if 1 not in window and 2 not in window:
        assert window_overlap(start, start + length, opens * 60, closes * 60) == counted


def test_a_day_starts_at_its_local_midnight() -> None:
    length = day_start_minute(date(2026, 3, 30)) - day_start_minute(date(2026, 3, 29))
    assert length == 23 * 60
