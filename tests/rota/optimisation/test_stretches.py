"""Runs and days off as a path, and the whole as one integer program, against brute force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rota.optimisation.compact import Scope, build_model, roster_of
from rota.optimisation.engine import solve
from rota.optimisation.evaluation import evaluate
from rota.optimisation.mip import solve_mip
from rota.optimisation.problem import OFF, Limits
from tests.rota.optimisation.builders import brute_force, person, problem, random_problem


@pytest.mark.parametrize("seed", range(30))
def test_the_compact_model_finds_the_optimum_of_brute_force(seed: int) -> None:
    given = random_problem(seed, people=2, days=5)
    nothing = tuple((OFF,) * given.days for _ in given.people)
    model = build_model(given, Scope.everything(given, nothing))
    answer = solve_mip(model.pulp_model, seconds=10, relative_gap=0.0)
    best = brute_force(given)
    if best is None:
        assert not answer.values
        return
    chosen = [key for key, v in model.assign.items() if answer.values.get(v.name, 0) > 0.5]
    score = evaluate(given, roster_of(model, chosen))
    assert score.lawful
    assert score.cost == best == round(answer.objective or 0)


def test_somebody_with_minimum_runs_is_on_a_path_and_somebody_with_a_past_is_not() -> None:
    people = [person("Ann", min_run=2), person("Bob"), person("Cat", min_run=2, fixed={0: 0})]
    given = problem(people, 7)
    nothing = tuple((OFF,) * 7 for _ in people)
    assert build_model(given, Scope.everything(given, nothing)).on_paths == {0}


@pytest.mark.parametrize("seed", [0, 4, 14, 22])
def test_a_small_problem_is_proved_by_branching(seed: int) -> None:
    given = random_problem(seed, people=2, days=6)
    best = brute_force(given)
    if best is None:
        pytest.skip("nobody could work lawfully here")
    solution = solve(given, Limits(seconds=10, threads=1))
    assert (solution.status, solution.cost, solution.lower_bound) == ("optimal", best, best)


def test_a_bound_of_nothing_is_no_bound() -> None:
    given = problem([person("Ann")], 7, required=2)
    free = replace(given, demands=())
    assert solve(free, Limits(seconds=5, threads=1)).lower_bound == 0
    cut = solve(given, Limits(seconds=5, threads=1, work=1))
    assert cut.cost
    assert cut.lower_bound is None or cut.lower_bound > 0
