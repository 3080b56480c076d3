"""A finished linear master leads to a roster near its bound; ascent goes on above a good one."""

from __future__ import annotations

import numpy as np
import pytest

from rota.optimisation import engine, rounding, workers
from rota.optimisation.clock import Clock
from rota.optimisation.problem import Limits
from rota.optimisation.state import Run
from tests.rota.optimisation.test_kinds import crowd


@pytest.fixture
def run() -> Run:
    given = crowd(3)
    return engine._begin(given, Limits(seconds=600, threads=1), Clock(600), None, None)


def test_the_best_choice_of_a_finished_master_is_near_its_bound(
    run: Run,
) -> None:
    improver = workers._worker(run, 0)
    whole = workers._whole(run, improver)
    root = workers._solve_root(run, whole, relaxed=False)
    assert root is not None and root.finished
    before = run.incumbent.cost
    rounding.choose_rows(run, whole, root, np.random.default_rng(1))
    assert run.incumbent.cost < before
    assert run.incumbent.cost <= 1.05 * root.objective


def test_dual_ascent_goes_on_when_the_roster_is_nearly_as_good_as_the_bound(run: Run) -> None:
    improver = workers._worker(run, 0)
    whole = workers._whole(run, improver)
    root = workers._solve_root(run, whole, relaxed=False)
    assert root is not None
    run.incumbent.cost = 1.005 * root.objective  # a roster within two per cent was no target once
    run.bound, run.guide = 0.97 * root.objective, None
    workers._raise_bound(run, whole, 1.0, 120)
    assert run.bound > 0.985 * root.objective
