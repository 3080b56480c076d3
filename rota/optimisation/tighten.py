"""From prices to a roster: best responses under a penalty that tightens.

At good prices every person's cheapest row fits an optimal roster, but people left alone
crowd on the same duties. Each person in turn answers to the price of a demand plus a
penalty for what is missing or surplus there; the penalty grows from sweep to sweep until
the true prices of shortage and surplus decide. (An augmented Lagrangian, minimised one
person at a time, exactly.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rota.optimisation.arrays import Arrays
from rota.optimisation.clock import Clock
from rota.optimisation.columns import Pool
from rota.optimisation.person_arrays import Floats, Ints
from rota.optimisation.pricing import Pricer
from rota.optimisation.tables import offers


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the penalty grows: from ``first`` to ``last`` (relative to the scale of the
    shortage price) in ``sweeps`` passes; ``learn`` moves prices by that part of it."""

    sweeps: int = 60
    first: float = 0.002
    last: float = 1.0
    learn: float = 0.0
    noise: float = 0.5


@dataclass(slots=True)
class _Pace:
    """How fast the penalty grows: as planned, or faster when sweeps take longer than the
    clock allows (without a limit of time the plan alone decides)."""

    schedule: Schedule
    clock: Clock
    done: int = 0
    level: float = 0.0
    begun: float = 0.0
    ended: bool = False

    def __post_init__(self) -> None:
        self.level, self.begun = self.schedule.first, self.clock.now()

    def growth(self) -> float:
        """The factor from this sweep to the next; ``ended`` after a sweep at the last level."""
        self.done += 1
        self.ended = self.done >= self.schedule.sweeps or self.level >= self.schedule.last * 0.999
        left = self.schedule.sweeps - self.done
        a_sweep = (self.clock.now() - self.begun) / self.done
        left = max(1, min(left, int(0.9 * self.clock.left() / max(a_sweep, 1e-6))))
        factor = max(1.0, (self.schedule.last / self.level) ** (1.0 / left))
        self.level *= factor
        return float(factor)


def tighten(
    arrays: Arrays,
    pricer: Pricer,
    pool: Pool,
    prices: Floats,
    random: np.random.Generator,
    clock: Clock,
    schedule: Schedule,
    active: Ints,
    present: NDArray[np.int16],
    fresh: bool = True,
) -> NDArray[np.int16] | None:
    """A roster (people × days) of lawful rows, or None when time ran out.

    ``prices`` (demands + 1) as in :meth:`Pricer.rows`. The ``active`` people start from
    ``present`` or, ``fresh``, from their cheapest rows at ``prices``."""
    current = present.copy()
    if fresh:
        for person in active.tolist():
            if clock.over():
                return None
            found = pricer.rows(person, prices)
            if found.rows:
                current[person] = found.rows[0]
    served: list[Ints] = [arrays.served(person, row) for person, row in enumerate(current)]
    cover = arrays.cover_of(current)
    worth = prices[:-1].copy()
    usual = float(np.median(arrays.over_limit)) if arrays.demands else 0.0
    shaking = float(schedule.noise) * max(1.0, usual)
    scale = arrays.under_limit + arrays.over_limit
    pace = _Pace(schedule, clock)
    penalty = schedule.first * scale
    shake = shaking * np.minimum(1.0, scale)
    while not pace.ended:
        for person in random.permutation(active).tolist():
            if clock.over():
                return current
            cover[served[person]] -= 1
            offer = offers(
                worth, penalty, arrays.required, cover, arrays.over_limit, arrays.under_limit,
                shake, random.random(arrays.demands),
            )  # fmt: skip
            found = pricer.rows(person, offer)
            if found.rows:
                column = pool.column(person, found.rows[0])
                current[person] = column.row
                served[person] = column.served
            cover[served[person]] += 1
        if schedule.learn:
            worth += schedule.learn * penalty * (arrays.required - cover)
            np.clip(worth, -arrays.over_limit, arrays.under_limit, out=worth)
        penalty = penalty * pace.growth()
    return current
