"""Duties that differ in price only are one group; the pricing with groups stays exact."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from rota.optimisation.arrays import compile_problem
from rota.optimisation.pricing import Pricer
from rota.optimisation.problem import OFF, Duty, Problem
from tests.rota.optimisation.builders import demand, lawful_rows, person, problem

#: early and late on two units each, and a night: late bars early, a night bars both
FIVE = (
    Duty("E1", 480), Duty("E2", 480), Duty("L1", 480, frozenset((0, 1))),
    Duty("L2", 480, frozenset((0, 1))), Duty("N", 600, frozenset((0, 1, 2, 3))),
)  # fmt: skip


def two_units(seed: int, days: int = 6, history: int = 0) -> Problem:
    """One person who may work on both units, with every limit drawn at random (shortest runs
    and rests only without a history, which would have to keep them as well)."""
    chance = random.Random(seed)
    shortest = (1,) if history else (1, 2)
    who = person(
        duties=5,
        maximum={duty: chance.choice((1, 2, days, days)) for duty in range(5)},
        max_run=chance.choice((2, 3)), min_run=chance.choice(shortest),
        min_days_off=chance.choice(shortest), contract_minutes=1440,
        under_price=chance.choice((0, 1)), over_price=chance.choice((0, 2)),
        fixed={day: chance.choice((OFF, 0, 2, 4)) for day in range(history)},
    )  # fmt: skip
    given = problem(
        [who], days, demands=tuple(demand(d, 1, k) for d in range(history, days) for k in range(5)),
    )  # fmt: skip
    return replace(given, duties=FIVE, first_open_day=history)


def test_alike_duties_are_one_group_and_a_limit_of_its_own_makes_another() -> None:
    who = person(duties=5, maximum={0: 6, 1: 6, 2: 6, 3: 2, 4: 6})
    given = replace(problem([who], 6), duties=FIVE)
    groups = compile_problem(given).people[0].groups
    early, late, limited, night = 0, 1, 2, 3
    assert groups.of_duty.tolist() == [early, early, late, limited, night]
    assert groups.units.tolist() == [4, 4, 4, 5]
    assert groups.caps.tolist() == [6, 6, 2, 6]
    assert not groups.allowed_next[late, early] and groups.allowed_next[early, late]


@pytest.mark.parametrize("history", [0, 3])
@pytest.mark.parametrize("seed", range(20))
def test_the_cheapest_row_is_the_cheapest_of_all_rows_with_groups(seed: int, history: int) -> None:
    given = two_units(seed, history=history)
    arrays = compile_problem(given)
    prices = np.append(np.random.default_rng(seed).uniform(-20, 60, arrays.demands).round(2), 0.0)
    every = lawful_rows(given, 0)
    found = Pricer(arrays).rows(0, prices)
    if not every:
        assert not found.rows
        return

    def reduced(row: tuple[int, ...]) -> float:
        full = np.array(row, dtype=np.int16)
        return arrays.own_cost(0, full) - float(prices[arrays.served(0, full)].sum())

    best = min(reduced(row) for row in every)
    assert found.costs[0] == pytest.approx(best)
    assert tuple(found.rows[0].tolist()) in every
    assert reduced(tuple(found.rows[0].tolist())) == pytest.approx(best)


def test_what_a_row_serves_and_costs_is_that_of_the_problem() -> None:
    given = two_units(7)
    arrays = compile_problem(given)
    row = np.array([0, 3, OFF, 1, 4, OFF], dtype=np.int16)
    demands = [
        number
        for number, one in enumerate(given.demands)
        if row[one.day] in one.duties
    ]  # fmt: skip
    assert arrays.served(0, row).tolist() == demands
    who, minutes = given.people[0], 3 * 480 + 600
    assert arrays.own_cost(0, row) == who.over_price * (minutes - who.contract_minutes)
