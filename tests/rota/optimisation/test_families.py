"""Each family of limits binds in an answer, and the judge agrees (one small case each)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rota.optimisation.engine import solve
from rota.optimisation.evaluation import evaluate
from rota.optimisation.problem import OFF, Demand, Limits, Problem, Request, Roster, Step
from tests.rota.optimisation.builders import demand, person, problem

LIMITS = Limits(seconds=20.0, threads=1, work=10)


def _roster(given: Problem, cost: int) -> Roster:
    solution = solve(given, LIMITS)
    assert solution.roster is not None
    assert evaluate(given, solution.roster).lawful
    assert solution.cost == cost
    return solution.roster


@pytest.mark.parametrize(
    ("limits", "worked"),
    [
        ({}, 7),
        ({"days_off": frozenset((2, 3))}, 5),
        ({"max_minutes": 1440}, 3),
        ({"maximum": {0: 4}}, 4),
        ({"max_run": 3}, 6),
        ({"max_run": 3, "min_days_off": 2}, 5),
        ({"max_weekends": 0}, 5),
        ({"barred": frozenset(((0, 0), (1, 0)))}, 5),
        ({"fixed": {0: OFF, 6: OFF}}, 5),
        ({"max_run": 3, "min_days_off": 3}, 4),
        ({"min_run": 3, "days_off": frozenset((0, 3))}, 3),
    ],
)
def test_one_person_works_as_much_as_the_limit_lets_her(
    limits: dict[str, object], worked: int
) -> None:
    given = problem([person(**limits)], 7)
    roster = _roster(given, 100 * (7 - worked))
    assert sum(duty == 0 for duty in roster[0]) == worked


def test_minimum_minutes_are_worked_even_when_nobody_is_needed() -> None:
    given = problem([person(min_minutes=960)], 7, required=0)
    everybody = tuple(demand(day, 0, duty) for day in range(7) for duty in range(2))
    _roster(replace(given, demands=everybody), 2)  # two people over, at 1 each


def test_what_cannot_follow_does_not_follow() -> None:
    days = tuple(demand(day, 1, duty=1 - day % 2) for day in range(6))  # L E L E L E
    roster = _roster(problem([person()], 6, demands=days), 300)
    assert (1, 0) not in set(zip(roster[0], roster[0][1:], strict=False))


def test_wanted_and_unwanted_duties_are_weighed() -> None:
    asks = (Request(0, 0, 0, 5, False), Request(1, 1, 0, 5, True))
    given = problem([person("Ann"), person("Bob")], 2, requests=asks)
    roster = _roster(given, 0)
    assert roster[0][0] == OFF
    assert roster[1][1] == 0


def test_agency_is_bought_before_a_gap_and_only_up_to_its_limit() -> None:
    wanted = Demand(0, "E", 3, frozenset((0,)), (Step(30, 1, "agency"), Step(100)))
    _roster(problem([person()], 1, demands=(wanted,), weekends=()), 130)


def test_contracted_time_under_and_over_is_priced() -> None:
    ann = person(contract_minutes=960, under_price=1, over_price=3)
    given = problem([ann], 3, demands=tuple(demand(d, 1, under=1000) for d in range(3)))
    roster = _roster(given, 1000)  # a third shift would cost 480 × 3 = 1440
    assert sum(duty != OFF for duty in roster[0]) == 2


def test_a_senior_serves_two_demands_at_once() -> None:
    people = [person("Ann", grade="senior", duty_price={0: 10}), person("Bob", grade="care")]
    hands = demand(0, 1)
    senior = replace(hands, name="senior", grades=frozenset({"senior"}))
    roster = _roster(problem(people, 1, demands=(hands, senior), weekends=()), 10)
    assert roster == ((0,), (OFF,))


def test_history_counts_for_runs_but_not_for_cover_or_minutes() -> None:
    past = {0: 0, 1: 0, 2: 0}
    ann = person(max_run=4, fixed=past, max_minutes=1440)
    given = problem(
        [ann], 7, demands=tuple(demand(d, 1) for d in range(3, 7)), first_open_day=3, weekends=()
    )
    roster = _roster(given, 100)
    assert sum(duty == 0 for duty in roster[0][3:]) == 3
    assert OFF in roster[0][3:5]


def test_unlawful_history_is_what_it_was() -> None:
    past = {0: 1, 1: 0, 2: 0, 3: 0}  # an early after a late, and a run that is too long
    ann = person(max_run=2, fixed=past)
    given = problem([ann], 6, demands=(demand(4, 1), demand(5, 1)), first_open_day=4, weekends=())
    solution = solve(given, LIMITS, start=((1, 0, 0, 0, OFF, OFF),))
    assert solution.roster is not None
    assert solution.roster[0][4:] == (OFF, 0)


def test_every_night_pays_for_itself() -> None:
    people = [person(code, duties=3, maximum={2: 2}) for code in ("Ann", "Bob")]
    nights = tuple(demand(day, 1, duty=2) for day in range(5))
    _roster(problem(people, 5, demands=nights, duties=3, weekends=()), 100)
