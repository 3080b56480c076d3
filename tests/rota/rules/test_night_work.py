"""Night workers: Working Time Regulations 1998, regulation 6."""

from __future__ import annotations

from dataclasses import replace

from rota.calendar import weeks_from
from rota.rules import Severity
from tests.rota.rules.build import CARER, MONDAY, OFFICE, night, on, shift, timeline, verdicts

THIS_WEEK = weeks_from(MONDAY, 1)
WEEKS = range(-16, 1)


def nights(per_week: int) -> list:
    return [night(on(7 * week + day)) for week in WEEKS for day in range(per_week)]


def test_four_nights_a_week_average_less_than_eight_hours() -> None:
    assert verdicts("night_work", timeline(*nights(4), worker=OFFICE), THIS_WEEK) == []


def test_five_nights_a_week_average_more() -> None:
    """55 hours over six days is 9 h 10 in 24: (A / (B - C))."""
    (found,) = verdicts("night_work", timeline(*nights(5), worker=OFFICE), THIS_WEEK)
    assert found.severity is Severity.BARRED
    assert found.measured == 9 * 60 + 10
    assert "as a night worker; 8 h is the limit" in found.message


def test_a_carer_may_with_compensatory_rest() -> None:
    (found,) = verdicts("night_work", timeline(*nights(5)), THIS_WEEK)
    assert found.can_be_compensated


def test_occasional_nights_do_not_make_a_night_worker() -> None:
    days = [shift(on(7 * week + day)) for week in WEEKS for day in range(4)]
    some = [night(on(7 * week + 5)) for week in WEEKS]
    assert verdicts("night_work", timeline(*days, *some, worker=OFFICE), THIS_WEEK) == []


def test_less_than_three_hours_at_night_is_not_night_work() -> None:
    lates = [shift(on(7 * week + day), "13:00-01:30") for week in WEEKS for day in range(5)]
    assert verdicts("night_work", timeline(*lates, worker=OFFICE), THIS_WEEK) == []


def test_a_starter_of_a_few_days_is_not_judged() -> None:
    worker = replace(CARER, started_on=MONDAY)
    given = timeline(*(night(on(day)) for day in range(6)), worker=worker)
    assert verdicts("night_work", given, THIS_WEEK) == []
