"""Scottish days, eves, and places nobody knows."""

from __future__ import annotations

import numpy as np
import pytest

from rota.errors import InvalidInput
from rota.forecasting.holiday_table import NO_HOLIDAYS, HolidayTable, holiday_columns

YEAR_2022 = np.arange("2022-01-01", "2023-01-01", dtype="datetime64[D]")


def names(code: str) -> dict[str, str]:
    table = HolidayTable.parse(code).names_by_day(YEAR_2022[0], YEAR_2022[-1])
    return {str(day): name for day, name in table.items()}


def test_scotland_has_the_second_of_january_and_saint_andrew() -> None:
    found = names("GB-SCT")
    assert "2022-01-02" in found
    assert found["2022-11-30"] == "Saint Andrew's Day"
    assert "2022-01-02" not in names("GB")


def test_substitute_days_carry_the_name_they_stand_in_for() -> None:
    found = names("GB-SCT")
    assert found["2022-12-27"] == "Christmas Day"
    assert not any("observed" in name.lower() for name in found.values())


def test_the_eves_are_holidays_of_their_own() -> None:
    found = names("us")
    assert found["2022-12-24"] == "Christmas Eve"
    assert found["2022-12-31"] == "New Year's Eve"


@pytest.mark.parametrize("code", ["US", "us-ca", "DE-BY", "NZ-AUK", "gb-sct", "FR"])
def test_countries_and_their_parts_are_known(code: str) -> None:
    assert names(code)


@pytest.mark.parametrize("code", ["SCT", "XX", "GB-ZZ", "Scotland"])
def test_an_unknown_place_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput, match="No holidays are known"):
        HolidayTable.parse(code)


def test_none_is_none() -> None:
    assert HolidayTable.parse("none") == NO_HOLIDAYS
    assert holiday_columns(NO_HOLIDAYS, YEAR_2022).marks.shape == (365, 0)


def test_days_never_seen_in_training_teach_nothing() -> None:
    columns = holiday_columns(HolidayTable.parse("GB-SCT"), YEAR_2022)
    seen = columns.seen_in(slice(0, 90))
    assert [columns.names[index] for index in seen] == ["New Year Holiday", "New Year's Day"]


def test_a_holiday_marks_the_week_it_falls_in() -> None:
    weeks = YEAR_2022[::7]
    columns = holiday_columns(HolidayTable.parse("US"), weeks, step_days=7)
    assert columns.marks[-1].sum() >= 1
