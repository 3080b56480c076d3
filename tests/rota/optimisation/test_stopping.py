"""Cancelling, time limits and progress."""

from __future__ import annotations

import time

from rota.optimisation.clock import Clock
from rota.optimisation.engine import solve
from rota.optimisation.problem import Limits, Progress
from tests.rota.optimisation.builders import random_problem


def test_a_cancelled_run_keeps_what_it_has() -> None:
    given = random_problem(21, people=6, days=8)
    solution = solve(given, Limits(seconds=60, threads=1), cancelled=lambda: True)
    assert solution.status in {"cancelled", "optimal"}
    assert solution.roster is not None


def test_progress_tells_falling_costs_and_rising_bounds() -> None:
    told: list[Progress] = []
    given = random_problem(22, people=6, days=8)
    solve(given, Limits(seconds=20, threads=1, work=5), on_progress=told.append)
    costs = [progress.cost for progress in told if progress.cost is not None]
    bounds = [progress.lower_bound for progress in told if progress.lower_bound is not None]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)


def test_a_clock_within_another_ends_with_it() -> None:
    now = [0.0]
    outer = Clock(10.0, now=lambda: now[0])
    inner = outer.within(100.0)
    assert inner.left() == 10.0
    now[0] = 10.5
    assert inner.over()
    assert outer.left() == 0.0


def test_cancelling_stops_a_clock_at_once() -> None:
    stop = [False]
    clock = Clock(1000.0, lambda: stop[0], time.monotonic())
    assert not clock.over()
    stop[0] = True
    assert clock.over()
    assert clock.within(5.0).over()
