"""The engine against brute force, and what must not change its answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rota.errors import InvalidInput
from rota.optimisation.engine import solve
from rota.optimisation.evaluation import evaluate
from rota.optimisation.problem import OFF, Limits, Problem, Solution
from tests.rota.optimisation.builders import (
    brute_force,
    lawful_rows,
    person,
    problem,
    random_problem,
)

SHORT = Limits(seconds=20.0, threads=1, seed=1, work=25)


def _solved(given: Problem, limits: Limits = SHORT) -> Solution:
    solution = solve(given, limits)
    assert solution.roster is not None
    score = evaluate(given, solution.roster)
    assert score.lawful
    assert score.cost == solution.cost
    if solution.lower_bound is not None:
        assert solution.lower_bound <= score.cost
    return solution


@pytest.mark.parametrize("seed", range(25))
def test_small_problems_are_solved_to_the_optimum_of_brute_force(seed: int) -> None:
    given = random_problem(seed, people=2, days=5)
    if not all(lawful_rows(given, index) for index in range(2)):
        with pytest.raises(InvalidInput):
            solve(given, SHORT)
        return
    best = brute_force(given)
    solution = _solved(given)
    assert solution.cost == best
    assert solution.lower_bound is not None
    assert solution.lower_bound <= best


def test_two_threads_give_a_lawful_roster_as_well() -> None:
    given = random_problem(4, people=3, days=6)
    _solved(given, Limits(seconds=1.5, threads=2))


def test_renaming_people_and_duties_changes_nothing() -> None:
    given = random_problem(11, people=2, days=5)
    renamed = replace(
        given,
        people=tuple(replace(p, code=f"x{p.code}") for p in given.people),
        duties=tuple(replace(d, code=f"y{d.code}") for d in given.duties),
    )
    assert _solved(given).cost == _solved(renamed).cost


@pytest.mark.parametrize("seed", [2, 6, 9])
def test_one_more_person_never_raises_the_least_cost(seed: int) -> None:
    given = random_problem(seed, people=2, days=5)
    helper = person("Helper", contract_minutes=0)
    more = replace(given, people=(*given.people, helper))
    assert (_solved(more).cost or 0) <= (_solved(given).cost or 0)


def test_one_more_rule_never_lowers_the_least_cost() -> None:
    people = [person("Ann"), person("Bob")]
    free = problem(people, 7, required=2)
    ruled = problem([replace(p, max_run=3) for p in people], 7, required=2)
    assert (_solved(ruled).cost or 0) > (_solved(free).cost or 0) == 0


def test_the_same_seed_and_work_give_the_same_roster() -> None:
    given = problem([person(code, max_run=3) for code in ("Ann", "Bob", "Cat")], 14, required=2)
    assert _solved(given).roster == _solved(given).roster


def test_a_start_is_never_made_worse() -> None:
    given = random_problem(5, people=2, days=5)
    best = _solved(given)
    again = solve(given, replace(SHORT, work=1), start=best.roster)
    assert again.cost is not None and best.cost is not None
    assert again.cost <= best.cost


def test_somebody_without_a_lawful_row_is_named() -> None:
    given = problem([person("Eve", min_minutes=960, max_run=1, min_days_off=9)], 3)
    with pytest.raises(InvalidInput, match="Eve"):
        solve(given, SHORT)


def test_somebody_without_a_lawful_row_stands_as_in_the_start() -> None:
    stuck = person("Eve", fixed={0: 1, 1: 0})  # an early after a late: locked, but not lawful
    given = problem([stuck, person("Ann")], 4)
    solution = solve(given, SHORT, start=((1, 0, OFF, OFF), (OFF, OFF, OFF, OFF)))
    assert solution.roster is not None
    assert solution.roster[0] == (1, 0, OFF, OFF)
    assert solution.roster[1] == (0, OFF, 0, 0) or solution.cost == 0
