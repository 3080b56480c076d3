"""The exact pricing against trying every row."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rota.optimisation.arrays import Arrays, compile_problem
from rota.optimisation.evaluation import person_breaches
from rota.optimisation.pricing import Pricer
from tests.rota.optimisation.builders import lawful_rows, random_problem


def _reduced(arrays: Arrays, who: int, row: tuple[int, ...], prices: np.ndarray) -> float:
    given = np.array(row, dtype=np.int16)
    return arrays.own_cost(who, given) - float(prices[arrays.served(who, given)].sum())


def _prices(seed: int, arrays: Arrays) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return np.append(chance.uniform(-20, 60, arrays.demands).round(2), 0.0)


@pytest.mark.parametrize("seed", range(60))
def test_the_cheapest_row_is_the_cheapest_of_all_rows(seed: int) -> None:
    problem = random_problem(seed, people=1, days=7, duties=2 + seed % 2)
    arrays = compile_problem(problem)
    prices = _prices(seed, arrays)
    every = lawful_rows(problem, 0)
    found = Pricer(arrays).rows(0, prices, wanted=3)
    if not every:
        assert not found.rows
        return
    best = min(_reduced(arrays, 0, row, prices) for row in every)
    assert found.lowest == pytest.approx(best)
    assert found.costs[0] == pytest.approx(best)
    for row, cost in zip(found.rows, found.costs, strict=True):
        given = tuple(int(duty) for duty in row)
        assert not person_breaches(problem, problem.people[0], given)
        assert _reduced(arrays, 0, given, prices) == pytest.approx(cost)


@pytest.mark.parametrize("seed", range(40))
def test_a_window_leaves_the_other_days_alone_and_is_exact(seed: int) -> None:
    problem = random_problem(seed, people=1, days=8, duties=2)
    arrays = compile_problem(problem)
    every = lawful_rows(problem, 0)
    if not every:
        return
    chance = random.Random(seed)
    current = chance.choice(every)
    start = chance.randrange(0, 6)
    stop = chance.randrange(start + 1, 9)
    prices = _prices(seed, arrays)
    found = Pricer(arrays).rows_in_window(
        0, prices, np.array(current, dtype=np.int16), start, stop, wanted=2
    )
    same = [row for row in every if row[:start] == current[:start] and row[stop:] == current[stop:]]
    best = min(_reduced(arrays, 0, row, prices) for row in same)
    assert found.costs[0] == pytest.approx(best)
    assert tuple(found.rows[0].tolist()) in same


def test_a_narrow_beam_still_gives_lawful_rows() -> None:
    problem = random_problem(3, people=1, days=8)
    arrays = compile_problem(problem)
    found = Pricer(arrays, beam=1).rows(0, _prices(3, arrays))
    for row in found.rows:
        assert not person_breaches(problem, problem.people[0], tuple(int(d) for d in row))
