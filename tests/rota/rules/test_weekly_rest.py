"""Weekly rest: Working Time Regulations 1998, regulation 11, with regulations 21 and 24."""

from __future__ import annotations

from datetime import date

from rota.calendar import Period
from rota.rules import Change, CompensatoryRest, Severity
from tests.rota.rules.build import MONDAY, OFFICE, assess, on, shift, timeline, verdicts

WEEK = Period(MONDAY, on(6))


def test_one_day_off_a_week_is_enough() -> None:
    given = timeline(*(shift(on(day)) for day in range(6)))
    assert verdicts("weekly_rest", given, WEEK) == []


def test_seven_days_a_week_for_a_fortnight_are_a_breach_in_both_weeks() -> None:
    given = timeline(*(shift(on(day)) for day in range(14)), worker=OFFICE)
    found = verdicts("weekly_rest", given)
    assert [entry.subject for entry in found] == ["2026-06-01", "2026-06-08"]
    assert found[0].measured == 12 * 60
    assert "Longest rest in the week of 1 Jun is 12 h; 24 h required" in found[0].message


def test_a_full_week_is_lawful_beside_48_hours_off_in_the_next() -> None:
    """Monday to the next Friday, then a weekend off: 48 hours in the fortnight."""
    given = timeline(*(shift(on(day)) for day in range(12)))
    assert verdicts("weekly_rest", given, WEEK) == []


def test_two_single_days_off_in_the_fortnight_also_suffice() -> None:
    days = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 13]
    given = timeline(*(shift(on(day)) for day in days))
    assert verdicts("weekly_rest", given, WEEK) == []


def test_one_single_day_off_in_a_fortnight_does_not() -> None:
    before = [shift(on(day)) for day in range(-7, 0)]
    given = timeline(*before, *(shift(on(day)) for day in [*range(7), *range(8, 14)]))
    assert [entry.subject for entry in verdicts("weekly_rest", given, WEEK)] == ["2026-06-01"]


def test_a_carer_is_amber_with_compensatory_rest_on_record() -> None:
    shifts = [shift(on(day)) for day in range(14)]
    records = tuple(CompensatoryRest("weekly_rest", on(day), 720, on(20)) for day in (0, 7))
    found = verdicts("weekly_rest", timeline(*shifts, compensatory_rests=records))
    assert [entry.severity for entry in found] == [Severity.WARNED, Severity.WARNED]
    assert {entry.severity for entry in verdicts("weekly_rest", timeline(*shifts))} == {
        Severity.BARRED
    }


def test_the_week_in_which_the_clocks_go_forward_is_an_hour_short() -> None:
    """Saturday 20:00 to Monday is 27 hours on the clock and in fact; 23:00 to 23:00 is 23."""
    monday = date(2026, 3, 23)
    busy = [shift(on(day, monday), "07:00-23:00") for day in range(-7, 6)]
    after = [shift(on(day, monday), "07:00-23:00") for day in range(7, 14)]
    given = timeline(*busy, shift(on(5, monday), "23:00-23:30"), *after, worker=OFFICE)
    (found,) = [
        entry for entry in verdicts("weekly_rest", given) if entry.subject == monday.isoformat()
    ]
    assert found.measured == 23 * 60 + 30


def test_painting_the_last_free_day_is_assessed() -> None:
    given = timeline(*(shift(on(day)) for day in range(13) if day != 6), worker=OFFICE)
    assert verdicts("weekly_rest", given) == []
    assert assess("weekly_rest", given, Change.add(shift(on(6)))).is_barred
