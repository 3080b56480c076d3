"""What the workers of one solve share: the incumbent, the best bound, prices and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from rota.optimisation.arrays import Arrays
from rota.optimisation.clock import Clock
from rota.optimisation.columns import Pool
from rota.optimisation.incumbent import Incumbent
from rota.optimisation.linear import Matrix
from rota.optimisation.person_arrays import Floats, Ints
from rota.optimisation.problem import Limits, Progress


@dataclass(slots=True)
class Run:
    """What the workers of one solve share."""

    arrays: Arrays
    limits: Limits
    clock: Clock
    incumbent: Incumbent
    matrix: Matrix
    pool: Pool
    granularity: float
    on_progress: Callable[[Progress], None] | None
    bound: float = float("-inf")
    guide: Floats | None = None
    sweep_seconds: float = 0.1  #: one best response of everybody
    steps: int = 0
    trace: list[Progress] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    @property
    def active(self) -> Ints:
        """People whose rows are decided; the others stand as they are."""
        return np.flatnonzero(~self.incumbent.frozen)

    @property
    def standing(self) -> float:
        """Cost of the rows of people who are not decided."""
        return float(self.incumbent.own[self.incumbent.frozen].sum())

    def lower_bound(self) -> int | None:
        """The bound as a whole number (costs are multiples of the granularity); null when
        nothing better than "it costs nothing" is known of a roster that costs something."""
        if self.bound == float("-inf"):
            return None
        size = self.granularity
        bound = int(size * ceil(max(0.0, self.bound) / size - 1e-6))
        return bound if bound > 0 or self.incumbent.cost < 1e-6 else None

    def proved(self) -> bool:
        bound = self.lower_bound()
        return bound is not None and self.incumbent.cost <= bound + 1e-6

    def done(self) -> bool:
        if self.limits.work is not None and self.steps >= self.limits.work:
            return True
        return self.clock.over() or self.proved()

    def note(self, phase: str) -> None:
        """Tell how far we are, once per change."""
        now = Progress(
            round(self.clock.elapsed(), 3), round(self.incumbent.cost), self.lower_bound(), phase
        )
        with self.incumbent.lock:
            last = self.trace[-1] if self.trace else None
            if last and (last.cost, last.lower_bound) == (now.cost, now.lower_bound):
                return
            self.trace.append(now)
        if self.on_progress is not None:
            self.on_progress(now)
