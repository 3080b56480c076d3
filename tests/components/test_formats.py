from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import formats


def test_a_day_is_written_the_british_way():
    assert formats.day(date(2026, 3, 3)) == "Tue 3 Mar"
    assert formats.day_year(date(2026, 3, 3)) == "Tue 3 Mar 2026"
    assert formats.day_long(date(2026, 3, 3)) == "Tuesday 3 March 2026"
    assert formats.day(None) == "–"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 3, 2), date(2026, 3, 29), "2 – 29 Mar"),
        (date(2026, 3, 30), date(2026, 4, 26), "30 Mar – 26 Apr"),
        (date(2025, 12, 29), date(2026, 1, 4), "29 Dec 2025 – 4 Jan 2026"),
        (date(2026, 3, 2), date(2026, 3, 2), "2 Mar"),
    ],
)
def test_a_period_says_no_more_than_it_must(start, end, words):
    assert formats.period(start, end) == words


def test_an_instant_is_shown_in_london_time():
    assert formats.clock(datetime(2026, 7, 1, 19, 0, tzinfo=UTC)) == "20:00"
    assert formats.clock(time(8, 5)) == "08:05"
    assert formats.moment(datetime(2026, 3, 3, 14, 5, tzinfo=UTC)) == "Tue 3 Mar, 14:05"


def test_hours_carry_no_needless_decimals():
    assert formats.hours(7.5) == "7.5\u00a0h"
    assert formats.hours(12.0) == "12\u00a0h"
    assert formats.hours(339_603.3) == "339,603\u00a0h"
    assert formats.hours_from_minutes(450) == "7.5\u00a0h"
    assert formats.hours(None) == "–"


def test_money_has_thousands_and_a_true_minus():
    assert formats.money(1_234_567) == "£12,346"
    assert formats.money(-123_400) == "−£1,234"
    assert formats.money_exact(-5) == "−£0.05"
    assert formats.money_short(1_234_500) == "£12.3k"
    assert formats.money_short(123_456_700) == "£1.2m"
    assert formats.change_money(120_000) == "+£1,200"


def test_changes_and_shares_and_counts():
    assert formats.change(3) == "+3"
    assert formats.change(-2) == "−2"
    assert formats.change(0) == "±0"
    assert formats.percent(0.06) == "6%"
    assert formats.plural(1, "shift") == "1 shift"
    assert formats.plural(1200, "vacancy", "vacancies") == "1,200 vacancies"


def test_near_days_are_named():
    today = date(2026, 3, 3)
    assert formats.relative_day(today, today) == "today"
    assert formats.relative_day(today + timedelta(days=5), today) == "in 5 days"
    assert formats.relative_day(today - timedelta(days=2), today) == "2 days ago"
    assert formats.relative_day(date(2027, 3, 3), today) == "Wed 3 Mar 2027"


@given(st.integers(-(10**12), 10**12))
def test_money_to_the_penny_reads_back(pence):
    text = formats.money_exact(pence)
    digits = int("".join(c for c in text if c.isdigit()))
    assert (-digits if text.startswith(formats.MINUS) else digits) == pence


@given(st.floats(-1e9, 1e9))
def test_a_number_is_never_minus_zero(value):
    assert formats.number(value) != "−0"
