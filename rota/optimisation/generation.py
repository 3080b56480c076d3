"""Column generation: the linear master, its prices, new rows, until nothing improves.

One :class:`Neighbourhood` is the part of the problem that is free: some people, all days
or a window of days, everything else as in the present roster. The whole problem is the
neighbourhood of everybody. Duals are smoothed towards the best ones so far (Wentges),
which halves the rounds; every round gives a Lagrangian bound.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from rota.optimisation.arrays import Arrays
from rota.optimisation.clock import Clock
from rota.optimisation.columns import Column, Pool
from rota.optimisation.master import Master
from rota.optimisation.person_arrays import Floats, Ints
from rota.optimisation.pricing import Priced, Pricer

SMOOTHING = 0.6
ROWS_PER_PERSON = 2
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """People who are free on days start..stop-1, within ``roster`` (people × days)."""

    people: Ints
    roster: NDArray[np.int16]
    start: int
    stop: int


NOWHERE = Neighbourhood(np.empty(0, np.int64), np.empty((0, 0), np.int16), 0, 0)


@dataclass(frozen=True, slots=True)
class Root:
    """A solved linear master: objective, lower bound of the neighbourhood (both with the
    cover of everybody, without the rows of fixed people), column values, prices."""

    objective: float
    bound: float
    values: Floats
    prices: Floats
    person_prices: Floats
    finished: bool


@dataclass(slots=True)
class Generator:
    """Grows one master. Not shared between threads; the pool and pricer may be."""

    arrays: Arrays
    pricer: Pricer
    pool: Pool
    master: Master
    executor: ThreadPoolExecutor | None = None
    area: Neighbourhood = NOWHERE
    active: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    fixed_cover: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def begin(self, area: Neighbourhood, columns: list[Column], cover: Ints | None = None) -> None:
        """Start on ``area`` from ``columns`` (at least one row for each of its people).

        ``cover`` is the cover of the whole roster, if it is known already."""
        self.area = area
        self.active = area.people
        fixed = self.arrays.cover_of(area.roster) if cover is None else cover.copy()
        for person in area.people:
            fixed[self.arrays.served(int(person), area.roster[person])] -= 1
        self.fixed_cover = fixed
        self.master.begin(area.people, fixed)
        self.master.add(columns)

    def price_all(self, prices: Floats, clock: Clock, wanted: int) -> list[Priced] | None:
        """The cheapest rows of every active person, or None when time ran out."""
        people = self.active.tolist()
        if self.executor is None or len(people) < 8:
            return self._price_some(people, prices, clock, wanted)
        halves = (people[0::2], people[1::2])
        jobs = [self.executor.submit(self._price_some, h, prices, clock, wanted) for h in halves]
        parts = [job.result() for job in jobs]
        if parts[0] is None or parts[1] is None:
            return None
        merged: list[Priced] = [parts[0][0]] * len(people)
        merged[0::2] = parts[0]
        merged[1::2] = parts[1]
        return merged

    def _price_some(
        self, people: list[int], prices: Floats, clock: Clock, wanted: int
    ) -> list[Priced] | None:
        area = self.area
        whole = area.start == 0 and area.stop == self.arrays.days
        found: list[Priced] = []
        for person in people:
            if clock.over():
                return None
            if whole:
                found.append(self.pricer.rows(person, prices, wanted))
            else:
                found.append(
                    self.pricer.rows_in_window(
                        person, prices, area.roster[person], area.start, area.stop, wanted
                    )
                )
        return found

    def lagrangian(self, prices: Floats, lowest: float) -> float:
        """Bound of the area at ``prices``: Σ cheapest rows + Σ min over n of fill(n) + price × n,
        the limits of sources over several demands priced."""
        arrays = self.arrays
        worth = prices[: arrays.demands]
        demands, _ = arrays.supplies.dual(arrays.fill_cost, worth)
        fixed = float((worth * self.fixed_cover).sum())
        bound: float = lowest + demands - fixed
        return bound

    def converge(
        self,
        clock: Clock,
        rounds: int = 10_000,
        enough: Callable[[float, float], bool] = lambda objective, bound: False,
        smooth: bool = True,
        centre: Floats | None = None,
    ) -> Root | None:
        """Add rows until none has negative reduced cost, ``rounds`` are done, ``enough``
        (objective, bound) says so or time is up. ``centre`` are good prices known before.
        None: the master could not be solved."""
        best = -np.inf
        root: Root | None = None
        for _ in range(rounds):
            self.master.program.solver.setOptionValue("time_limit", self._lp_limit(clock))
            answer = self.master.solve()
            if answer is None:
                return root
            objective, values, prices, person_prices = answer
            root = Root(objective, best, values, prices, person_prices, False)
            weight = SMOOTHING if smooth and centre is not None else 0.0
            fresh: list[Column] = []
            while True:
                at = prices if centre is None else weight * centre + (1 - weight) * prices
                found = self.price_all(at, clock, ROWS_PER_PERSON)
                if found is None:
                    return root
                bound = self.lagrangian(at, sum(priced.lowest for priced in found))
                if self._all_active() and bound > best:
                    best, centre = bound, at
                fresh = self._improving(found, prices, person_prices)
                if fresh or weight == 0.0:
                    break
                weight = 0.0
            finished = not fresh or self.master.add(fresh) == 0
            root = Root(objective, best, values, prices, person_prices, finished)
            if finished or clock.over() or enough(objective, best):
                return root
            if self._all_active():
                root = self._shorten(root)
        return root

    def _all_active(self) -> bool:
        return len(self.active) == len(self.area.people)

    def _lp_limit(self, clock: Clock) -> float:
        # HiGHS counts the time of all its runs together
        return float(self.master.program.solver.getRunTime()) + max(0.05, clock.left())

    def _improving(
        self, found: list[Priced], prices: Floats, person_prices: Floats
    ) -> list[Column]:
        fresh: list[Column] = []
        for person, priced in zip(self.active.tolist(), found, strict=True):
            for row in priced.rows:
                column = self.pool.column(person, row)
                reduced = column.cost - prices[column.served].sum() - person_prices[person]
                if reduced < -TOLERANCE:
                    fresh.append(column)
        return fresh

    def _shorten(self, root: Root) -> Root:
        """Drop the dearest columns when the master has grown long; never during a dive."""
        columns = self.master.columns
        if len(columns) < 60 * len(self.area.people) + 200:
            return root
        solved = len(root.values)
        reduced = self.reduced_costs(root.prices, root.person_prices)
        reduced[:solved][root.values > TOLERANCE] = -1.0
        reduced[solved:] = -1.0  # just found
        kept = reduced <= np.partition(reduced, len(columns) // 2)[len(columns) // 2]
        self.master.keep(kept)
        return replace(root, values=root.values[kept[:solved]])

    def thin(self, root: Root, per_person: int) -> Root:
        """Keep the columns in use and the ``per_person`` × people cheapest others."""
        limit = per_person * len(self.area.people)
        if len(self.master.columns) <= limit:
            return root
        solved = len(root.values)
        reduced = self.reduced_costs(root.prices, root.person_prices)
        reduced[:solved][root.values > TOLERANCE] = -1e9
        kept = reduced <= np.partition(reduced, limit)[limit]
        self.master.keep(kept)
        return replace(root, values=root.values[kept[:solved]])

    def reduced_costs(self, prices: Floats, person_prices: Floats) -> Floats:
        """Reduced cost of every column in the master at these prices."""
        return np.array(
            [c.cost - prices[c.served].sum() - person_prices[c.person] for c in self.master.columns]
        )
