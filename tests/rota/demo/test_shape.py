"""Patterns, people and names of the demo, before any row is written."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date

import pytest

from rota.demo.horizon import Horizon
from rota.demo.kinds import FOLLOWS, KIND_OF, PATTERNS, SPEC_OF, PatternSpec
from rota.demo.names import home_name, person_name
from rota.demo.people import HomePlan, plan_homes

HORIZON = Horizon(date(2026, 11, 24))


@pytest.fixture(scope="module")
def homes() -> list[HomePlan]:
    return list(plan_homes(5, HORIZON, seed=1))


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.key)
def test_a_pattern_keeps_daily_rest_runs_and_hours(pattern: PatternSpec) -> None:
    kinds = [KIND_OF[code] for code in pattern.codes] * 2
    assert all(FOLLOWS[today][tomorrow] for today, tomorrow in itertools.pairwise(kinds))
    run = longest = 0
    for kind in kinds:
        run = run + 1 if kind else 0
        longest = max(longest, run)
    assert longest <= 5
    paid = sum(SPEC_OF[kind].paid_minutes for kind in kinds if kind) / 2 / 3
    assert paid == (35 * 60 if "35" in pattern.key else 1400)


def test_a_late_is_never_followed_by_an_early_but_a_day_by_a_day_is_fine() -> None:
    assert not FOLLOWS[KIND_OF["L"]][KIND_OF["E"]]
    assert FOLLOWS[KIND_OF["D"]][KIND_OF["D"]]
    assert not FOLLOWS[KIND_OF["N"]][KIND_OF["D"]]


def test_five_homes_have_the_units_beds_and_people_of_the_specification(
    homes: list[HomePlan],
) -> None:
    units = [unit for home in homes for unit in home.units]
    roles = Counter(person.role.code for home in homes for person in home.people)

    assert (len(units), sum(unit.is_management for unit in units)) == (42, 5)
    assert sum(home.beds for home in homes) == 550
    assert sum(unit.beds for unit in units) == 550
    assert sum(roles.values()) == 821
    assert roles["SCAN"] == 296 and roles["SCA"] == 239 and roles["OM"] == 9 and roles["HOS"] == 1
    assert 95 <= len(homes[-1].people) <= 101


def test_a_home_does_not_depend_on_how_many_there_are(homes: list[HomePlan]) -> None:
    (alone,) = plan_homes(1, HORIZON, seed=1)

    assert alone == homes[0]


def test_names_and_numbers_stay_unique_at_ten_times_the_size() -> None:
    homes = list(plan_homes(50, HORIZON, seed=1))
    people = [person for home in homes for person in home.people]

    assert len({home_name(home.number).name for home in homes}) == 50
    assert len({home.units[0].name for home in homes}) == 50
    assert len({person.sap_number for person in people}) == len(people) == 8210
    assert len({person_name(person.number) for person in people}) == 8210


def test_the_horizon_begins_and_ends_around_today() -> None:
    assert HORIZON.start == date(2024, 11, 18)
    assert HORIZON.end == date(2027, 1, 24)
    assert HORIZON.days[HORIZON.today_index] == HORIZON.today
    assert HORIZON.days[HORIZON.published_until - 1] == date(2026, 12, 27)
