"""Rest breaks: Working Time Regulations 1998, regulation 12."""

from __future__ import annotations

from rota.rules import CompensatoryRest, Severity
from tests.rota.rules.build import OFFICE, on, shift, timeline, verdicts


def test_six_hours_need_no_break_and_a_minute_more_does() -> None:
    six = shift(on(0), "08:00-14:00", break_minutes=0)
    more = shift(on(1), "08:00-14:01", break_minutes=0)
    (found,) = verdicts("breaks", timeline(six, more, worker=OFFICE))
    assert found.shift_ids == (more.id,)
    assert found.severity is Severity.BARRED
    assert found.message == "0 min break in 6 h 01 on Tue early; 20 min required"


def test_twenty_minutes_are_enough() -> None:
    assert verdicts("breaks", timeline(shift(on(0), break_minutes=20))) == []


def test_a_carer_who_missed_a_break_is_owed_the_rest_of_it() -> None:
    short = shift(on(0), break_minutes=5)
    (red,) = verdicts("breaks", timeline(short))
    assert (red.owed_minutes, red.can_be_compensated) == (15, True)
    record = CompensatoryRest("breaks", on(0), 15, on(7))
    (amber,) = verdicts("breaks", timeline(short, compensatory_rests=(record,)))
    assert amber.severity is Severity.WARNED


def test_a_sleep_in_has_no_break_to_miss() -> None:
    given = timeline(shift(on(0), "22:00-07:00", is_sleep_in=True, break_minutes=0))
    assert verdicts("breaks", given) == []
