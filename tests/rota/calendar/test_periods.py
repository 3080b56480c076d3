"""Weeks, leave years, reference periods, ages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.calendar import (
    Period,
    age_on,
    leave_year,
    monday,
    month_of,
    months_after,
    reference_period,
    sunday,
    week_of,
    weeks_from,
    years_after,
)
from rota.errors import InvalidInput

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_every_day_lies_in_its_week_from_monday_to_sunday(day: date) -> None:
    week = week_of(day)
    assert day in week
    assert (week.start.weekday(), week.end.weekday(), week.days) == (0, 6, 7)
    assert (week.start, week.end) == (monday(day), sunday(day))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_rota_shows_whole_weeks_from_monday(count: int) -> None:
    shown = weeks_from(date(2026, 3, 4), count)
    assert shown.start == date(2026, 3, 2)
    assert shown.days == 7 * count
    assert len(shown.weeks()) == count


def test_no_weeks_are_no_rota() -> None:
    with pytest.raises(InvalidInput):
        weeks_from(date(2026, 3, 4), 0)


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(InvalidInput, match="before it starts"):
        Period(date(2026, 3, 2), date(2026, 3, 1))


@given(DAYS, st.integers(0, 400), DAYS, st.integers(0, 400))
def test_overlap_is_the_days_in_both(one: date, length: int, other: date, width: int) -> None:
    first = Period(one, one + timedelta(days=length))
    second = Period(other, other + timedelta(days=width))
    shared = first.overlap(second)
    assert set(shared or ()) == set(first) & set(second)


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 3, 31), date(2025, 4, 1)),
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 12, 25), date(2026, 4, 1)),
    ],
)
def test_the_leave_year_begins_on_the_first_of_april(day: date, start: date) -> None:
    year = leave_year(day)
    assert year.start == start
    assert year.end == date(start.year + 1, 3, 31)


def test_the_leave_year_may_begin_on_another_day() -> None:
    assert leave_year(date(2026, 1, 2), start_month=1).start == date(2026, 1, 1)


@pytest.mark.parametrize("weeks", [17, 26])
def test_a_reference_period_is_so_many_weeks_to_its_last_day(weeks: int) -> None:
    period = reference_period(date(2026, 6, 28), weeks)
    assert (period.end, period.days) == (date(2026, 6, 28), 7 * weeks)


def test_a_new_starters_reference_period_begins_with_their_first_day() -> None:
    period = reference_period(date(2026, 6, 28), 26, started_on=date(2026, 5, 20))
    assert period.start == date(2026, 5, 20)


def test_a_shorter_month_ends_on_its_last_day() -> None:
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2026, 1, 15), 12) == date(2027, 1, 15)
    assert years_after(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert month_of(date(2028, 2, 10)).end == date(2028, 2, 29)


def test_age_changes_on_the_birthday() -> None:
    born = date(2008, 6, 10)
    assert age_on(born, date(2026, 6, 9)) == 17
    assert age_on(born, date(2026, 6, 10)) == 18
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 18
