"""A source's limit over several demands: in the judge, the models, the bound and the answer."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from rota.errors import InvalidInput
from rota.optimisation.arrays import compile_problem
from rota.optimisation.compact import Scope, build_model
from rota.optimisation.engine import solve
from rota.optimisation.evaluation import evaluate
from rota.optimisation.explain import Terms
from rota.optimisation.mip import solve_mip
from rota.optimisation.problem import OFF, Demand, Limits, Problem, Step, Supply
from tests.rota.optimisation.builders import brute_force, person, problem, random_problem

LIMITS = Limits(seconds=20.0, threads=1, work=25)


def capped(given: Problem, limit: int, beyond: int = 1) -> Problem:
    """``given`` with one limit on the agency over all demands."""
    minutes = {n: 10 + n % 2 for n in range(len(given.demands))}
    return replace(given, supplies=(Supply("agency", limit, beyond, minutes),))


def wanted(day: int, required: int = 1) -> Demand:
    return Demand(day, "E", required, frozenset((0,)), (Step(30, None, "agency"), Step(100)), 1)


def agency(given: Problem, limit: int) -> Problem:
    """Every place takes 10 minutes of the agency; one beyond the limit costs as much as a gap."""
    minutes = dict.fromkeys(range(len(given.demands)), 10)
    return replace(given, supplies=(Supply("agency", limit, 7, minutes),))


def test_the_judge_prices_what_is_beyond_the_limit() -> None:
    given = agency(problem([person()], 3, demands=tuple(map(wanted, range(3)))), 20)
    assert evaluate(given, ((0, 0, 0),)).cost == 0
    assert evaluate(given, ((0, OFF, OFF),)).cost == 60
    assert evaluate(given, ((OFF, OFF, OFF),)).cost == 90 + 70


def test_people_are_spent_where_the_agency_ends() -> None:
    """Paid overtime is dearer than the agency and cheaper than a gap: it is used beyond the
    limit and not before."""
    ann = person("Ann", contract_minutes=0, duty_price={0: 50})
    demands = tuple(map(wanted, range(5)))
    proving = Limits(seconds=20.0, threads=1)
    roster = solve(agency(problem([ann], 5, demands=demands), 30), proving)
    assert roster.cost == 3 * 30 + 2 * 50
    assert roster.status == "optimal"
    free = solve(problem([ann], 5, demands=demands), proving)
    assert free.cost == 5 * 30, "without a limit the agency does it all"


@pytest.mark.parametrize("seed", range(8))
def test_small_capped_problems_are_solved_to_the_optimum_of_brute_force(seed: int) -> None:
    given = capped(random_problem(seed, people=2, days=5), limit=15)
    try:
        solution = solve(given, LIMITS)
    except InvalidInput:
        return  # somebody without a lawful row, which other tests are about
    best = brute_force(given)
    assert solution.roster is not None and best is not None
    assert solution.cost == evaluate(given, solution.roster).cost == best
    assert solution.lower_bound is not None and solution.lower_bound <= best


@pytest.mark.parametrize("seed", [1, 3])
def test_the_compact_model_costs_what_the_judge_says(seed: int) -> None:
    given = capped(random_problem(seed, people=3, days=5), limit=20)
    off = tuple((OFF,) * 5 for _ in given.people)
    model = build_model(given, Scope.everything(given, off))
    answer = solve_mip(model.pulp_model, seconds=20)
    rows = [list(row) for row in off]
    for (p, d, k), variable in model.assign.items():
        if answer.values.get(variable.name, 0.0) > 0.5:
            rows[p][d] = k
    assert answer.objective == pytest.approx(evaluate(given, tuple(map(tuple, rows))).cost)


def test_arrays_count_as_the_judge_and_the_bound_is_below_every_cover() -> None:
    given = capped(problem([person(), person("Bob")], 2, demands=(wanted(0, 2), wanted(1, 2))), 15)
    arrays = compile_problem(given)
    worth = np.array([20.0, 35.0])
    bound, _ = arrays.supplies.dual(arrays.fill_cost, worth)
    for cover in itertools.product(range(3), repeat=2):
        there = np.array(cover)
        rosters = [tuple(0 if p < cover[d] else OFF for d in range(2)) for p in range(2)]
        assert arrays.cover_cost(there) == evaluate(given, tuple(rosters)).cost
        assert bound <= arrays.cover_cost(there) + float((worth * there).sum()) + 1e-9


def test_explanations_move_exactly_as_the_judge() -> None:
    given = agency(problem([person(), person("Bob")], 3, demands=tuple(map(wanted, range(3)))), 10)
    before = ((0, OFF, OFF), (OFF, 0, OFF))
    after = ((OFF, OFF, OFF), (OFF, 0, OFF))
    moved = Terms(given, before).difference({0: after[0]})
    assert sum(moved.values()) == evaluate(given, after).cost - evaluate(given, before).cost > 30


def test_a_demand_in_two_limits_is_refused() -> None:
    given = agency(problem([person()], 2, demands=tuple(map(wanted, range(2)))), 10)
    with pytest.raises(InvalidInput, match="two limits"):
        solve(replace(given, supplies=given.supplies * 2), LIMITS)
