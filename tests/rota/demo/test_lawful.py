"""The demo before the rulebook itself: lawful by and large, with a few things to see to."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.models import Staff
from rota.roster.timelines import load_timelines
from rota.rules import RULES, Rulebook, check_timeline
from rota.rules.verdict import Severity
from tests.rota.demo.conftest import TODAY

NEXT_FOUR_WEEKS = Period(TODAY, TODAY + timedelta(days=27))
A_MONTH_AGO = Period(TODAY - timedelta(days=60), TODAY - timedelta(days=33))


def barred(session: Session, period: Period) -> tuple[int, Counter[str]]:
    """How many people there are, and how many of them each rule bars something of."""
    people = session.scalars(select(Staff.id)).all()
    timelines = load_timelines(session, people, period)
    found: Counter[str] = Counter()
    for timeline in timelines.values():
        verdicts = check_timeline(timeline, period, Rulebook())
        found.update({v.rule for v in verdicts if v.severity is Severity.BARRED})
    return len(timelines), found


@pytest.mark.parametrize("period", [NEXT_FOUR_WEEKS, A_MONTH_AGO], ids=["ahead", "worked"])
def test_few_people_break_a_rule_and_none_the_gravest(session: Session, period: Period) -> None:
    people, found = barred(session, period)

    assert sum(found.values()) < 0.12 * people
    for rule in ("double_booking", "employment", "weekly_rest", "breaks", "grade", "sleep_in"):
        assert rule in {known.key for known in RULES}
        assert found[rule] == 0


def test_there_is_something_to_see_to_in_the_weeks_ahead(session: Session) -> None:
    _, found = barred(session, NEXT_FOUR_WEEKS)

    assert found["daily_rest"] >= 1
    assert found["registration"] >= 1
