"""The 48-hour average: Working Time Regulations 1998, regulations 4, 5 and 21."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rota.calendar import Period, weeks_from
from rota.rules import (
    Absence,
    Change,
    OptOut,
    PastWeek,
    Severity,
    check_timeline,
    weekly_averages,
    weekly_hours_headroom,
)
from rota.rules.defaults import DEFAULT_PARAMETERS
from tests.rota.rules.build import (
    CARER,
    MONDAY,
    OFFICE,
    assess,
    on,
    shift,
    timeline,
    verdicts,
    weekly,
)

THIS_WEEK = weeks_from(MONDAY, 1)


def test_a_single_week_of_sixty_hours_is_lawful() -> None:
    given = timeline(*(shift(on(day)) for day in range(6)))
    assert verdicts("weekly_hours", given) == []


def test_an_average_of_44_hours_is_warned_of() -> None:
    given = timeline(*weekly(26, 4, ending=on(6)))
    (found,) = verdicts("weekly_hours", given, THIS_WEEK)
    assert found.severity is Severity.WARNED
    assert (found.measured, found.limit) == (44 * 60, 44 * 60)
    assert "44 h a week on average over the 26 weeks to Sun 7 Jun" in found.message


def test_one_minute_under_44_hours_is_free() -> None:
    shifts = weekly(26, 4, ending=on(6))
    shifts[40] = replace(shifts[40], break_minutes=60 + 26)
    assert verdicts("weekly_hours", timeline(*shifts), THIS_WEEK) == []


def test_more_than_48_hours_on_average_is_barred_and_48_is_not() -> None:
    at_limit = [replace(entry, break_minutes=0) for entry in weekly(26, 4, ending=on(6))]
    (amber,) = verdicts("weekly_hours", timeline(*at_limit), THIS_WEEK)
    assert (amber.severity, amber.measured) == (Severity.WARNED, 48 * 60)
    (red,) = verdicts("weekly_hours", timeline(*at_limit, shift(on(5))), THIS_WEEK)
    assert red.severity is Severity.BARRED
    assert "48 h is the limit without an opt-out" in red.message


def test_office_staff_average_over_17_weeks() -> None:
    shifts = weekly(17, 5, ending=on(6), hours="08:00-19:00")
    (found,) = verdicts("weekly_hours", timeline(*shifts, worker=OFFICE), THIS_WEEK)
    assert (found.severity, found.measured) == (Severity.BARRED, 50 * 60)
    assert verdicts("weekly_hours", timeline(*shifts), THIS_WEEK) == []


def test_the_planned_rota_counts_before_it_is_worked() -> None:
    """Fine up to today, over the limit by the end of what is planned."""
    behind = weekly(22, 4, ending=on(-1))
    ahead = [shift(on(day + 7 * week)) for week in range(4) for day in range(7)]
    given = timeline(*behind, *ahead)
    (found,) = verdicts("weekly_hours", given, Period(on(-7), on(-1)))
    assert found.severity is Severity.BARRED
    assert found.dates[1] == on(27)


def test_weeks_given_as_totals_count_like_their_shifts() -> None:
    shifts = weekly(26, 5, ending=on(6))
    old, recent = shifts[: 5 * 20], shifts[5 * 20 :]
    totals = tuple(PastWeek(old[week * 5].date, 55 * 60, 5) for week in range(20))
    aggregated = timeline(*recent, past_weeks=totals)
    assert verdicts("weekly_hours", aggregated, THIS_WEEK) == verdicts(
        "weekly_hours", timeline(*shifts), THIS_WEEK
    )


def test_a_new_starter_is_averaged_since_the_first_day() -> None:
    worker = replace(CARER, started_on=on(-28))
    shifts = weekly(5, 5, ending=on(6))
    (found,) = verdicts("weekly_hours", timeline(*shifts, worker=worker), THIS_WEEK)
    assert found.severity is Severity.BARRED
    assert found.measured == 55 * 60
    assert "over the 5 weeks since the start" in found.message


def test_a_new_starters_first_long_week_is_warned_of_and_not_barred() -> None:
    worker = replace(CARER, started_on=MONDAY)
    given = timeline(*(shift(on(day)) for day in range(5)), worker=worker)
    (found,) = verdicts("weekly_hours", given, THIS_WEEK)
    assert found.severity is Severity.WARNED


def test_leave_is_made_up_with_as_many_days_after_the_period() -> None:
    """Regulation 4(6): two weeks off must not dilute the average of a long-hours worker."""
    worker = replace(CARER, usual_days_per_week=5.0)
    away = Absence(on(-14), on(-1))
    shifts = [entry for entry in weekly(26, 5, ending=on(6)) if not on(-14) <= entry.date < MONDAY]
    later = [shift(on(7 + week * 7 + day)) for week in range(2) for day in range(5)]
    given = timeline(*shifts, *later, worker=worker, absences=(away,))
    average = weekly_averages(given, THIS_WEEK, DEFAULT_PARAMETERS)[0]
    assert average.worked_minutes == 24 * 55 * 60
    assert average.excluded_days == 10
    assert average.made_up_minutes == 10 * 11 * 60
    assert average.minutes_per_week == 55 * 60


def test_leave_beyond_the_planned_rota_is_made_up_at_the_average_day() -> None:
    worker = replace(CARER, usual_days_per_week=5.0)
    shifts = [entry for entry in weekly(26, 5, ending=on(6)) if not on(-14) <= entry.date < MONDAY]
    given = timeline(*shifts, worker=worker, absences=(Absence(on(-14), on(-1)),))
    average = weekly_averages(given, THIS_WEEK, DEFAULT_PARAMETERS)[0]
    assert average.minutes_per_week == 55 * 60


def test_overlapping_absences_are_counted_once_and_unpaid_days_not_at_all() -> None:
    worker = replace(CARER, usual_days_per_week=7.0)
    absences = (
        Absence(on(-14), on(-8)),
        Absence(on(-10), on(-4), "sickness"),
        Absence(on(-30), on(-25), "unpaid leave", is_excluded=False),
    )
    given = timeline(*weekly(26, 2, ending=on(6)), worker=worker, absences=absences)
    assert weekly_averages(given, THIS_WEEK, DEFAULT_PARAMETERS)[0].excluded_days == 11


def test_an_opt_out_lifts_the_limit() -> None:
    given = timeline(*weekly(26, 6, ending=on(6)), opt_outs=(OptOut(date(2025, 1, 1)),))
    assert verdicts("weekly_hours", given, THIS_WEEK) == []


def test_a_withdrawn_opt_out_holds_until_its_notice_has_run() -> None:
    agreement = OptOut(date(2025, 1, 1), withdrawn_on=on(0))
    assert agreement.holds_on(on(6))
    assert not agreement.holds_on(on(7))
    longer = replace(agreement, notice_days=400)
    assert longer.ends_on == date(2026, 9, 1), "three months at most (reg 5(3))"
    assert replace(agreement, notice_days=1).ends_on == on(7), "seven days at least"


def test_after_an_opt_out_ends_its_days_are_left_out_of_the_average() -> None:
    agreement = OptOut(date(2025, 1, 1), withdrawn_on=on(-7))
    given = timeline(*weekly(25, 6, ending=on(-1)), *(shift(on(d)) for d in range(4)))
    held = replace(given, opt_outs=(agreement,))
    assert check_timeline(given, THIS_WEEK)[0].rule == "weekly_hours"
    average = weekly_averages(held, THIS_WEEK, DEFAULT_PARAMETERS)[0]
    assert average.worked_minutes == 4 * 11 * 60
    assert average.excluded_days == 25 * 6


def test_an_opt_out_of_a_minor_is_void() -> None:
    """Regulation 5 and 5A: adults only."""
    worker = replace(CARER, date_of_birth=date(2007, 7, 1))
    agreement = OptOut(date(2025, 1, 1))
    given = timeline(*weekly(26, 6, ending=on(6)), worker=worker, opt_outs=(agreement,))
    assert [entry.severity for entry in verdicts("weekly_hours", given, THIS_WEEK)] == [
        Severity.BARRED
    ]


def test_a_day_that_tips_the_average_is_assessed_where_it_tips() -> None:
    shifts = [replace(entry, break_minutes=0) for entry in weekly(26, 4, ending=on(6))]
    given = timeline(*shifts)
    assert assess("weekly_hours", given, Change.add(shift(on(5)))).is_barred
    assert assess("weekly_hours", given, Change.remove(shifts[-1].id)).is_free


@pytest.mark.parametrize("extra", [0, 1])
def test_headroom_is_exactly_what_may_still_be_worked(extra: int) -> None:
    given = timeline(*weekly(26, 4, ending=on(6)))
    room = weekly_hours_headroom(given, on(5))
    assert room == 26 * 4 * 60
    length = 600
    more = [
        shift(on(-60 + number), "00:00-10:00", break_minutes=0) for number in range(room // length)
    ]
    rest = room - len(more) * length + extra
    more.append(shift(on(5), "00:00-23:00", break_minutes=23 * 60 - rest))
    barred = [
        entry
        for entry in verdicts("weekly_hours", timeline(*given.shifts, *more), THIS_WEEK)
        if entry.severity is Severity.BARRED
    ]
    assert bool(barred) is bool(extra)


def test_nobody_under_18_is_averaged() -> None:
    worker = replace(CARER, date_of_birth=MONDAY - timedelta(days=17 * 365))
    given = timeline(*weekly(26, 6, ending=on(6)), worker=worker)
    assert verdicts("weekly_hours", given, THIS_WEEK) == []
