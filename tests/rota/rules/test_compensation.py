"""Equivalent compensatory rest (Working Time Regulations 1998, regulation 24)."""

from __future__ import annotations

from dataclasses import replace

from rota.calendar import Period
from rota.rules import DEFAULT_PARAMETERS, Absence, CompensatoryRest
from rota.rules.compensation import first_rest_for, repays_from, rest_to_spare
from tests.rota.rules.build import night, on, shift, timeline

#: nine hours between the late of Monday and the early of Tuesday: two hours owed
LATE = shift(on(0), "14:00-22:00")
EARLY = shift(on(1), "07:00-15:00")


def spare(given: object, day: int) -> int:
    return rest_to_spare(given, on(day), DEFAULT_PARAMETERS)  # type: ignore[arg-type]


def test_the_rest_due_every_day_repays_nothing() -> None:
    person = timeline(shift(on(0)), shift(on(1), "07:00-15:00"))
    assert spare(timeline(LATE, EARLY), 0) > 0, "before the late there is all the rest there is"
    assert spare(person, 1) > 0
    chained = timeline(*(shift(on(day), "07:00-20:00") for day in range(5)))
    assert spare(chained, 2) == 0, "eleven hours between shifts are due anyway"


def test_rest_beyond_eleven_hours_repays_what_is_over() -> None:
    chained = timeline(
        shift(on(0), "08:00-20:00"), shift(on(1), "09:15-20:00"), shift(on(2), "07:00-20:00")
    )
    assert spare(chained, 1) == 2 * 60 + 15  # 20:00 to 09:15 is 13 h 15
    assert first_rest_for(chained, 136, Period(on(1), on(1)), DEFAULT_PARAMETERS) is None
    assert first_rest_for(chained, 135, Period(on(1), on(1)), DEFAULT_PARAMETERS) == on(1)


def test_one_rest_repays_two_debts_only_if_it_is_long_enough_for_both() -> None:
    chained = timeline(
        shift(on(0), "08:00-20:00"), shift(on(1), "09:15-20:00"), shift(on(2), "07:00-20:00")
    )
    taken = CompensatoryRest("daily_rest", on(-7), 120, on(7), taken_on=on(1))
    assert spare(replace(chained, compensatory_rests=(taken,)), 1) == 15
    still_owed = replace(taken, taken_on=None)
    assert spare(replace(chained, compensatory_rests=(still_owed,)), 1) == 135


def test_days_of_leave_and_sickness_repay_nothing() -> None:
    person = timeline(LATE, EARLY, absences=(Absence(on(2), on(4)),))
    assert spare(person, 3) == 0
    assert first_rest_for(person, 120, Period(on(2), on(9)), DEFAULT_PARAMETERS) == on(5)


def test_a_night_that_gains_an_hour_when_the_clock_goes_back_shortens_the_rest_after_it() -> None:
    """25 October 2026: the night 20:00 to 08:00 lasts 13 hours, the rest is by the clock."""
    sunday = on(146)  # 25 October 2026
    assert (sunday.month, sunday.day) == (10, 25)
    back = timeline(night(on(145)), shift(on(146), "21:00-23:00"), shift(on(147), "09:00-12:00"))
    # from 08:00 to 21:00 of the same day, both after the change
    assert spare(back, 146) == 2 * 60
    forward = timeline(shift(on(145), "08:00-20:00"), shift(on(146), "08:00-20:00"),
                       shift(on(147), "06:00-07:00"))  # fmt: skip
    # 20:00 to 08:00 across the change is 13 hours
    assert spare(forward, 145) == 2 * 60 or spare(forward, 146) == 2 * 60


def test_a_weeks_own_rest_does_not_repay_what_the_week_lacked() -> None:
    assert repays_from("weekly_rest", on(0)) == on(7)
    assert repays_from("daily_rest", on(1)) == on(1)
