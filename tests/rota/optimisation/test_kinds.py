"""A bound at once, from people taken by kinds; and one that stays when nothing better ends."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from rota.optimisation import workers
from rota.optimisation.arrays import compile_problem
from rota.optimisation.columns import Pool
from rota.optimisation.engine import solve
from rota.optimisation.generation import Generator, Neighbourhood
from rota.optimisation.kinds import prices_of_kinds
from rota.optimisation.linear import matrix_of
from rota.optimisation.master import Master, declare_master
from rota.optimisation.person_arrays import Floats
from rota.optimisation.pricing import Pricer
from rota.optimisation.problem import OFF, Demand, Limits, Problem, Request, Step, Supply
from rota.optimisation.relaxation import prices_of_relaxation
from tests.rota.optimisation.builders import person, problem


def crowd(seed: int, people: int = 18, days: int = 14) -> Problem:
    """A small home: early, late and night, two grades, contracts, requests, a capped agency."""
    chance = random.Random(seed)
    who = [
        person(
            f"P{number}", 3, grade="senior" if number % 6 == 0 else "care",
            maximum=dict.fromkeys((0, 1) if number % 3 else (2,), days),
            max_minutes=days * 400, max_run=chance.choice((5, 6)), contract_minutes=days * 250,
            under_price=12, over_price=25, days_off=frozenset(chance.sample(range(days), 2)),
        )
        for number in range(people)
    ]  # fmt: skip
    steps = (Step(20_000, None, "agency"), Step(100_000))
    demands = [
        Demand(day, "care", required, frozenset((duty,)), steps, 900)
        for day in range(days)
        for duty, required in ((0, 4), (1, 3), (2, 2))
    ]
    demands += [
        Demand(day, "senior", 1, frozenset((0, 1)), (Step(60_000),), 0, frozenset({"senior"}))
        for day in range(days)
    ]
    asked = [
        Request(p, day, duty, 1_200, wanted=True)
        for p in range(people)
        for day in range(days)
        for duty in who[p].maximum
        if chance.random() < 0.3
    ]
    given = problem(who, days, demands=tuple(demands), duties=3, requests=tuple(asked))
    minutes = dict.fromkeys(range(days * 3), 480)
    return replace(given, supplies=(Supply("agency", 5 * 480, 160, minutes),))


def proved(given: Problem, prices: Floats) -> float:
    """The bound of everybody's cheapest rows at ``prices``."""
    arrays = compile_problem(given)
    master = Master(arrays, matrix_of(declare_master(arrays)))
    generator = Generator(arrays, Pricer(arrays), Pool(arrays), master)
    roster = np.full((len(given.people), given.days), OFF, dtype=np.int16)
    everybody = np.arange(len(given.people))
    generator.begin(Neighbourhood(everybody, roster, 0, given.days), [])
    lowest = sum(generator.pricer.rows(p, prices).lowest for p in everybody.tolist())
    return generator.lagrangian(prices, lowest)


@pytest.mark.parametrize("seed", [1, 2])
def test_people_by_kinds_prove_nearly_what_everybody_for_himself_does(seed: int) -> None:
    given = crowd(seed)
    arrays = compile_problem(given)
    everybody = np.arange(len(given.people))
    quick = prices_of_kinds(arrays, everybody, 20.0, lambda: False)
    off = tuple((OFF,) * given.days for _ in given.people)
    slow = prices_of_relaxation(given, everybody, off, 60.0, lambda: False)
    assert quick is not None and slow is not None
    assert proved(given, quick) >= 0.97 * proved(given, slow)
    assert proved(given, quick) > 10 * max(1.0, proved(given, np.zeros(len(quick))))


def test_the_bound_is_there_although_the_relaxation_never_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "prices_of_relaxation", lambda *_: None)
    monkeypatch.setattr(workers, "_solve_root", lambda *_: None)
    solution = solve(crowd(3), Limits(seconds=60.0, threads=1, work=30))
    assert solution.gap is not None and solution.gap < 0.03
    first = next(p for p in solution.trace if p.lower_bound is not None)
    assert first.lower_bound is not None and solution.lower_bound is not None
    assert first.lower_bound >= 0.95 * solution.lower_bound
