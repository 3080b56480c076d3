"""Prices of demands by dual ascent: nearly as good as the master's, long before it.

Everybody's cheapest row at the present prices shows where there are too many and too few;
prices move against that (deflected subgradient with Polyak's step, Held & Karp, Camerini
et al.). Every pass gives a valid bound. No linear program is solved, so a large home or a
year of days is no obstacle.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rota.optimisation.clock import Clock
from rota.optimisation.generation import Generator

DEFLECTION = 0.7
PATIENCE = 6
SMALLEST_STEP = 0.01


def ascend(
    generator: Generator,
    target: Callable[[], float],
    clock: Clock,
    passes: int,
    better: Callable[[float, np.ndarray], None],
    start: np.ndarray | None = None,
) -> None:
    """Raise the bound of the generator's area; ``better`` (bound, prices) hears of each rise.

    ``target`` is the cost to aim at (the best roster's, for the same area)."""
    arrays = generator.arrays
    prices = np.zeros(arrays.demands + 1) if start is None else start.copy()
    direction: np.ndarray | None = None
    best = -np.inf
    step, stalled = 1.0, 0
    present = np.arange(arrays.fill_cost.shape[1])
    for _ in range(passes):
        found = generator.price_all(prices, clock, 1)
        if found is None or step < SMALLEST_STEP:
            return
        supply = generator.fixed_cover.astype(float)
        for person, priced in zip(generator.active.tolist(), found, strict=True):
            if priced.rows:
                supply[generator.pool.column(person, priced.rows[0]).served] += 1
        bound = generator.lagrangian(prices, sum(priced.lowest for priced in found))
        if bound > best:
            best, stalled = bound, 0
            better(bound, prices.copy())
        else:
            stalled += 1
            if stalled >= PATIENCE:
                step, stalled = step * 2 / 3, 0
        _, fill = arrays.supplies.dual(arrays.fill_cost, prices[:-1])
        wanted = (fill + prices[:-1, None] * present).argmin(axis=1)
        slope = wanted - supply
        direction = slope if direction is None else DEFLECTION * direction + 0.3 * slope
        size = float((direction * direction).sum())
        if size < 1e-9:
            return
        prices[:-1] += step * max(0.0, target() - best) / size * direction
        np.clip(prices[:-1], -arrays.over_limit, arrays.under_limit, out=prices[:-1])
