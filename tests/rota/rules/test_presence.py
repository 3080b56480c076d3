"""Double booking, absence, employment, sleep-ins and days in a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rota.calendar import Period
from rota.rules import Absence, Change, Severity
from tests.rota.rules.build import CARER, MONDAY, assess, night, on, shift, timeline, verdicts

WEEK = Period(MONDAY, on(6))


class TestDoubleBooking:
    def test_overlapping_shifts_are_barred(self) -> None:
        day, late = shift(on(0)), shift(on(0), "19:30-23:00")
        (found,) = verdicts("double_booking", timeline(day, late))
        assert found.severity is Severity.BARRED
        assert found.message == ("Mon late (19:30–23:00) overlaps Mon day (08:00–20:00) by 30 min")

    def test_a_night_overlaps_the_morning_after_it(self) -> None:
        given = timeline(night(on(0)), shift(on(1), "07:00-15:00"))
        assert verdicts("double_booking", given)[0].measured == 60

    def test_a_night_before_the_period_is_not_forgotten(self) -> None:
        given = timeline(night(on(-1)), shift(on(0), "07:00-15:00"))
        assert len(verdicts("double_booking", given, WEEK)) == 1

    def test_shifts_that_meet_do_not_overlap(self) -> None:
        assert verdicts("double_booking", timeline(night(on(0)), shift(on(1)))) == []

    def test_every_pair_is_named(self) -> None:
        given = timeline(shift(on(0)), shift(on(0)), shift(on(0)))
        assert len(verdicts("double_booking", given)) == 3


class TestAbsence:
    """Nobody is on leave and on shift (WTR reg 13 gives the leave)."""

    def test_a_shift_on_a_day_of_leave_is_barred(self) -> None:
        given = timeline(shift(on(2)), absences=(Absence(on(1), on(3)),))
        (found,) = verdicts("absence", given)
        assert found.severity is Severity.BARRED
        assert found.message == "Rostered on Wed 3 Jun while away (annual leave)"

    def test_the_days_around_it_are_free(self) -> None:
        given = timeline(shift(on(0)), shift(on(4)), absences=(Absence(on(1), on(3)),))
        assert verdicts("absence", given) == []

    def test_a_night_that_ends_on_the_first_day_away_is_warned_of(self) -> None:
        given = timeline(night(on(0)), absences=(Absence(on(1), on(3)),))
        (found,) = verdicts("absence", given)
        assert found.severity is Severity.WARNED
        assert "ends at 08:00 on Tue 2 Jun" in found.message

    def test_rostering_somebody_who_is_sick_is_new(self) -> None:
        given = timeline(shift(on(2)), absences=(Absence(on(1), on(3), "sickness"),))
        assert assess("absence", given, Change.add(shift(on(3)))).is_barred


class TestEmployment:
    def test_no_shifts_before_the_first_day_or_after_the_last(self) -> None:
        worker = replace(CARER, started_on=on(1), leaves_on=on(4))
        given = timeline(*(shift(on(day)) for day in range(6)), worker=worker)
        before, after = verdicts("employment", given)
        assert before.dates == (on(0),)
        assert after.dates == (on(5),)


class TestConsecutiveShifts:
    def test_five_days_in_a_row_are_free_and_six_are_not(self) -> None:
        days = [shift(on(day)) for day in range(6)]
        assert verdicts("consecutive_shifts", timeline(*days[:5])) == []
        (found,) = verdicts("consecutive_shifts", timeline(*days))
        assert (found.severity, found.measured, found.unit) == (Severity.WARNED, 6, "days")
        assert "6 days in a row from Mon 1 Jun to Sat 6 Jun" in found.message

    def test_eight_days_are_barred(self) -> None:
        (found,) = verdicts("consecutive_shifts", timeline(*(shift(on(day)) for day in range(8))))
        assert found.severity is Severity.BARRED

    def test_five_nights_in_a_row_are_warned_of(self) -> None:
        (found,) = verdicts("consecutive_shifts", timeline(*(night(on(day)) for day in range(5))))
        assert (found.unit, found.measured) == ("nights", 5)

    def test_filling_the_gap_between_two_runs_joins_them(self) -> None:
        given = timeline(*(shift(on(day)) for day in (0, 1, 2, 4, 5, 6)))
        assessment = assess("consecutive_shifts", given, Change.add(shift(on(3))))
        assert assessment.verdicts[0].measured == 7

    def test_shortening_a_long_run_is_never_blamed(self) -> None:
        days = [shift(on(day)) for day in range(9)]
        given = timeline(*days)
        assert assess("consecutive_shifts", given, Change.remove(days[0].id)).is_free


class TestSleepIns:
    """Sleep-ins are working time (WTR reg 2); Mencap [2021] UKSC 8 decides pay only."""

    def test_one_left_out_of_working_time_is_warned_of(self) -> None:
        sleep = shift(
            on(0), "22:00-07:00", is_sleep_in=True, counts_as_working_time=False,
            disturbed_minutes=45, break_minutes=0,
        )  # fmt: skip
        (found,) = verdicts("sleep_in", timeline(sleep))
        assert found.measured == 9 * 60 - 45
        assert sleep.working_minutes == 45

    def test_one_that_counts_is_free(self) -> None:
        given = timeline(shift(on(0), "22:00-07:00", is_sleep_in=True))
        assert verdicts("sleep_in", given) == []

    def test_more_than_four_in_a_row_are_warned_of(self) -> None:
        given = timeline(*(shift(on(day), "22:00-07:00", is_sleep_in=True) for day in range(5)))
        (found,) = verdicts("sleep_in", given)
        assert "5 sleep-ins in a row from Mon 1 Jun" in found.message

    def test_a_year_of_history_does_not_bring_old_runs_back(self) -> None:
        old = date(2025, 6, 2)
        given = timeline(
            *(shift(on(day, old), "22:00-07:00", is_sleep_in=True) for day in range(6)),
            shift(on(0), "22:00-07:00", is_sleep_in=True),
        )
        assert verdicts("sleep_in", given, WEEK) == []
