"""What is accepted as a series, and what is said about the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest

from rota.errors import InvalidInput
from rota.forecasting.series import Row, series_from_rows


def rows(days: list[object], values: list[object]) -> list[Row]:
    return [
        Row(number, day, value)
        for number, (day, value) in enumerate(zip(days, values, strict=True), 2)
    ]


def daily(count: int) -> list[object]:
    return [date(2024, 1, 1) + timedelta(days=index) for index in range(count)]


def test_rows_in_any_order_become_a_daily_series() -> None:
    days = daily(5)
    found = series_from_rows("a", rows(days[::-1], [5, 4, 3, 2, 1]))
    assert found.step_days == 1
    assert found.values.tolist() == [1, 2, 3, 4, 5]


def test_decimals_and_numbers_as_text_are_numbers() -> None:
    found = series_from_rows("a", rows(daily(3), [Decimal("1.5"), " 2 ", "3e0"]))
    assert found.values.tolist() == [1.5, 2, 3]


def test_a_missing_day_is_a_gap_and_noted() -> None:
    days = daily(10)
    del days[4]
    found = series_from_rows("a", rows(days, list(range(9))))
    assert len(found) == 10
    assert np.isnan(found.values[4])
    assert "1 of 10" in found.notes[0]


@pytest.mark.parametrize("blank", ["", "NaN", None, float("nan"), Decimal("NaN")])
def test_a_blank_value_is_a_gap(blank: object) -> None:
    found = series_from_rows("a", rows(daily(4), [1, blank, 3, 4]))
    assert np.isnan(found.values[1])


@pytest.mark.parametrize("infinite", ["inf", float("-inf"), Decimal("Infinity")])
def test_an_infinite_value_is_refused_with_its_row(infinite: object) -> None:
    with pytest.raises(InvalidInput, match="row 3: y is infinite"):
        series_from_rows("a", rows(daily(4), [1, infinite, 3, 4]))


def test_text_is_refused_with_its_row() -> None:
    with pytest.raises(InvalidInput, match="row 4: y is 'many', not a number"):
        series_from_rows("a", rows(daily(4), [1, 2, "many", 4]))


def test_a_repeated_day_names_both_rows() -> None:
    days = daily(4)
    days[3] = days[1]
    with pytest.raises(InvalidInput, match=r"row 5: 2024-01-02 was already given in row 3"):
        series_from_rows("a", rows(days, [1, 2, 3, 4]))


def test_times_with_a_zone_are_the_local_day_they_name() -> None:
    zone = timezone(timedelta(hours=10))
    days: list[object] = [datetime(2024, 1, d, 23, tzinfo=zone) for d in (1, 2, 3)]
    found = series_from_rows("a", rows(days, [1, 2, 3]))
    assert found.start == date(2024, 1, 1)
    assert "zone" in found.notes[0]


def test_two_times_on_one_day_are_refused() -> None:
    days: list[object] = [datetime(2024, 1, 1, hour, tzinfo=UTC) for hour in (0, 1, 2)]
    with pytest.raises(InvalidInput, match="already given"):
        series_from_rows("a", rows(days, [1, 2, 3]))


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_rows_are_refused(count: int) -> None:
    with pytest.raises(InvalidInput, match=f"only {count} row"):
        series_from_rows("a", rows(daily(count), [1] * count))


def test_an_empty_series_is_refused() -> None:
    with pytest.raises(InvalidInput, match="empty"):
        series_from_rows("a", [])


def test_only_gaps_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no value"):
        series_from_rows("a", rows(daily(4), ["", "", "", ""]))


def test_weekly_data_is_weekly() -> None:
    days: list[object] = [date(2024, 1, 1) + timedelta(weeks=w) for w in range(10)]
    assert series_from_rows("a", rows(days, list(range(10)))).step_days == 7


def test_a_day_off_the_weekly_grid_is_a_mixed_frequency() -> None:
    days: list[object] = [date(2024, 1, 1) + timedelta(weeks=w) for w in range(10)]
    days.append(date(2024, 3, 6))
    with pytest.raises(InvalidInput, match=r"row 12: mixed frequencies, a step of 2 days"):
        series_from_rows("a", rows(days, list(range(11))))


def test_days_that_turn_into_weeks_are_a_mixed_frequency() -> None:
    days = daily(30)
    days += [date(2024, 1, 30) + timedelta(weeks=w) for w in range(1, 8)]
    with pytest.raises(InvalidInput, match="mixed frequencies"):
        series_from_rows("a", rows(days, [1] * 37))


def test_monthly_data_is_refused_by_name() -> None:
    days: list[object] = [date(2024, month, 1) for month in range(1, 13)]
    with pytest.raises(InvalidInput, match="monthly"):
        series_from_rows("a", rows(days, [1] * 12))


def test_a_mistyped_century_is_refused() -> None:
    days = daily(10)
    days.append(date(1024, 1, 1))
    with pytest.raises(InvalidInput, match=r"mistyped|mostly gaps"):
        series_from_rows("a", rows(days, [1] * 11))
