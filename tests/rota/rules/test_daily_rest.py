"""Daily rest: Working Time Regulations 1998, regulation 10, with regulations 21 and 24."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rota.calendar import Period
from rota.rules import Change, CompensatoryRest, Severity, check_timeline
from tests.rota.rules.build import OFFICE, assess, night, on, shift, timeline, verdicts


def test_eleven_hours_between_shifts_are_enough() -> None:
    given = timeline(shift(on(1), "09:00-20:00"), shift(on(2), "07:00-15:00"))
    assert verdicts("daily_rest", given) == []


def test_a_quarter_hour_too_little_is_named_with_its_numbers() -> None:
    given = timeline(night(on(1)), shift(on(2), "18:15-22:00"), worker=OFFICE)
    (found,) = verdicts("daily_rest", given)
    assert found.severity is Severity.BARRED
    assert (found.measured, found.limit, found.excess) == (615, 660, 45)
    assert found.message == "10 h 15 between Tue night and Wed late; 11 h required"
    assert not found.can_be_compensated


def test_a_carer_is_barred_until_compensatory_rest_is_on_record() -> None:
    late, early = night(on(1)), shift(on(2), "18:15-22:00")
    (red,) = verdicts("daily_rest", timeline(late, early))
    assert red.severity is Severity.BARRED
    assert red.can_be_compensated
    assert (red.owed_minutes, red.owed_by) == (45, on(2) + timedelta(days=14))
    entry = CompensatoryRest("daily_rest", on(2), owed_minutes=45, due_on=on(12))
    (amber,) = verdicts("daily_rest", timeline(late, early, compensatory_rests=(entry,)))
    assert amber.severity is Severity.WARNED
    assert amber.message == (
        "10 h 15 between Tue night and Wed late; 11 h required; "
        "45 min compensatory rest owed by 13 Jun"
    )


def test_an_entry_for_less_than_the_shortfall_does_not_suffice() -> None:
    entry = CompensatoryRest("daily_rest", on(2), owed_minutes=44, due_on=on(12))
    given = timeline(night(on(1)), shift(on(2), "18:15-22:00"), compensatory_rests=(entry,))
    assert verdicts("daily_rest", given)[0].severity is Severity.BARRED


def test_a_split_day_with_a_full_night_off_is_lawful() -> None:
    given = timeline(
        shift(on(0), "07:00-11:00", break_minutes=0),
        shift(on(0), "16:00-20:00", break_minutes=0),
        shift(on(1), "07:00-11:00", break_minutes=0),
    )
    assert verdicts("daily_rest", given) == []


def test_more_than_thirteen_hours_at_work_leave_too_little_rest() -> None:
    (found,) = verdicts("daily_rest", timeline(shift(on(0), "07:00-21:30"), worker=OFFICE))
    assert found.measured == 9 * 60 + 30
    assert "14 h 30 at work on Mon day" in found.message


@pytest.mark.parametrize(
    ("saturday", "rest", "breach"),
    [(date(2026, 3, 28), 10, True), (date(2026, 10, 24), 12, False), (date(2026, 5, 9), 11, False)],
)
def test_rest_over_a_clock_change_is_real_time(saturday: date, rest: int, breach: bool) -> None:
    """21:00 to 08:00 is ten hours when the clocks go forward, twelve when they go back."""
    given = timeline(
        shift(saturday, "14:00-21:00"),
        shift(saturday + timedelta(days=1), "08:00-16:00"),
        worker=OFFICE,
    )
    found = verdicts("daily_rest", given)
    assert [entry.measured for entry in found] == ([rest * 60] if breach else [])


def test_overlapping_shifts_count_as_one_stretch_of_work() -> None:
    given = timeline(
        shift(on(0), "08:00-16:00"), shift(on(0), "12:00-20:00"), shift(on(1), "08:00-16:00")
    )
    assert verdicts("daily_rest", given) == []


def test_a_sleep_in_that_does_not_count_leaves_the_rest_whole() -> None:
    sleep = shift(on(0), "22:00-07:00", is_sleep_in=True, counts_as_working_time=False)
    given = timeline(shift(on(0), "08:00-20:00"), sleep, shift(on(1), "08:00-20:00"))
    assert verdicts("daily_rest", given) == []


def test_a_rest_across_the_edge_of_the_period_is_seen() -> None:
    given = timeline(shift(on(-1), "14:00-22:00"), shift(on(0), "07:00-15:00"), worker=OFFICE)
    assert len(verdicts("daily_rest", given, Period(on(0), on(6)))) == 1
    assert verdicts("daily_rest", given, Period(on(1), on(6))) == []


def test_painting_a_day_after_a_night_is_assessed_at_once() -> None:
    given = timeline(night(on(1)), worker=OFFICE)
    assert assess("daily_rest", given, Change.add(shift(on(2), "13:00-21:00"))).is_barred
    assert assess("daily_rest", given, Change.add(shift(on(3)))).is_free


def test_an_old_breach_is_not_blamed_on_a_new_shift() -> None:
    given = timeline(night(on(1)), shift(on(2), "13:00-21:00"), worker=OFFICE)
    assert check_timeline(given, Period(on(0), on(6)))
    assert assess("daily_rest", given, Change.add(shift(on(4)))).is_free
