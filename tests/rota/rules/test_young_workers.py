"""Workers under 18: Working Time Regulations 1998, regulations 5A, 6A, 7, 10(2), 11(3), 12(4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rota.rules import RULES, Severity, Timeline
from tests.rota.rules.build import CARER, MONDAY, night, on, shift, timeline, verdicts

YOUNG = replace(CARER, date_of_birth=date(2009, 3, 1))


def young(*shifts: object) -> Timeline:
    return timeline(*shifts, worker=YOUNG)  # type: ignore[arg-type]


def test_more_than_eight_hours_a_day_are_refused() -> None:
    assert verdicts("young_daily_hours", young(shift(on(0), "08:00-17:00"))) == []
    (found,) = verdicts("young_daily_hours", young(shift(on(0), "08:00-17:30")))
    assert found.severity is Severity.BARRED
    assert found.message == "8 h 30 on Mon 1 Jun; 8 h a day allowed under 18"


def test_two_short_shifts_of_a_day_add_up() -> None:
    given = young(shift(on(0), "07:00-12:00"), shift(on(0), "14:00-20:00"))
    assert verdicts("young_daily_hours", given)[0].measured == 9 * 60


def test_more_than_forty_hours_a_week_are_refused_without_averaging() -> None:
    five = [shift(on(day), "08:00-17:00") for day in range(5)]
    assert verdicts("young_weekly_hours", young(*five)) == []
    (found,) = verdicts("young_weekly_hours", young(*five, shift(on(5), "08:00-10:00")))
    assert found.measured == 41 * 60


def test_twelve_hours_rest_are_required() -> None:
    given = young(shift(on(0), "14:00-20:00"), shift(on(1), "07:30-12:00"))
    (found,) = verdicts("young_daily_rest", given)
    assert (found.measured, found.limit) == (11 * 60 + 30, 720)
    assert verdicts("daily_rest", given) == []


def test_two_days_rest_a_week_are_required() -> None:
    given = young(*(shift(on(day), "08:00-14:00") for day in range(6)))
    (found,) = verdicts("young_weekly_rest", given)
    assert found.severity is Severity.BARRED
    assert verdicts("young_weekly_rest", young(*given.shifts[:5])) == []


def test_a_break_of_thirty_minutes_after_four_and_a_half_hours() -> None:
    short = shift(on(0), "08:00-12:30", break_minutes=0)
    longer = shift(on(1), "08:00-12:31", break_minutes=20)
    (found,) = verdicts("young_breaks", young(short, longer))
    assert found.shift_ids == (longer.id,)


@pytest.mark.parametrize("hours", ["14:00-22:30", "05:30-09:00", "20:00-08:00"])
def test_nights_are_barred(hours: str) -> None:
    assert verdicts("young_nights", young(shift(on(0), hours)))[0].severity is Severity.BARRED


def test_an_evening_until_ten_is_not_night() -> None:
    assert verdicts("young_nights", young(shift(on(0), "14:00-22:00"))) == []


def test_the_care_exemption_never_covers_the_young() -> None:
    given = young(shift(on(0), "12:00-20:00"), shift(on(1), "06:00-12:00"))
    (found,) = verdicts("young_daily_rest", given)
    assert not found.can_be_compensated


@pytest.mark.parametrize("rule", [rule.key for rule in RULES if rule.key.startswith("young")])
def test_from_the_eighteenth_birthday_the_adult_rules_hold(rule: str) -> None:
    worker = replace(CARER, date_of_birth=MONDAY.replace(year=MONDAY.year - 18))
    given = timeline(*(night(on(day)) for day in range(7)), worker=worker)
    assert verdicts(rule, given) == []
