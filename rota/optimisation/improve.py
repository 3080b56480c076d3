"""Large-neighbourhood search by columns: free some people, solve them by generation.

A neighbourhood whose bound cannot beat the present roster is left at once (most are, and
cheaply); otherwise a dive and then the integer restricted master look for the better
choice. Every change is made of lawful rows and taken only if the roster gets no dearer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rota.optimisation.arrays import Arrays
from rota.optimisation.clock import Clock
from rota.optimisation.columns import Column, Pool
from rota.optimisation.dive import dive
from rota.optimisation.generation import Generator, Neighbourhood, Root
from rota.optimisation.incumbent import Incumbent
from rota.optimisation.neighbourhoods import Chooser
from rota.optimisation.person_arrays import Floats, Ints

YOUNG = 10
SUB_SECONDS = 6.0


@dataclass(slots=True)
class Improver:
    """One worker's search. ``guide`` are good global prices, used for its first rows."""

    arrays: Arrays
    incumbent: Incumbent
    generator: Generator
    chooser: Chooser
    random: np.random.Generator
    guide: Floats | None = None
    step_size: float = 1.0  #: costs are multiples of this: the least improvement
    counts: dict[str, int] = field(default_factory=dict)
    saved: float = 0.0  #: by this worker's own neighbourhoods

    @property
    def pool(self) -> Pool:
        return self.generator.pool

    def step(self, clock: Clock, share: float = 1.0) -> str:
        """Try one neighbourhood: better, equal, pruned, unsolved or nothing."""
        with self.incumbent.lock:
            people, start, stop = self.chooser.choose(self.incumbent, share)
            if not len(people):
                return "nothing"
            roster, cover = self.incumbent.claim(people)
        try:
            outcome = self._solve(Neighbourhood(people, roster, start, stop), cover, clock)
        finally:
            self.incumbent.release(people)
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        self.chooser.learn(outcome)
        return outcome

    def _solve(self, area: Neighbourhood, cover: Ints, clock: Clock) -> str:
        clock = clock.within(SUB_SECONDS)
        present = [self.pool.column(int(p), area.roster[p]) for p in area.people]
        present_cost = sum(c.cost for c in present) + self.arrays.cover_cost(cover)
        target = present_cost - self.step_size + 1e-6
        self.generator.begin(area, self._first_columns(area, present), cover)
        if self.guide is not None:
            priced = self.generator.price_all(self.guide, clock, 2)
            if priced is None:
                return "unsolved"
            pairs = zip(area.people.tolist(), priced, strict=True)
            self.generator.master.add(
                [self.pool.column(person, row) for person, found in pairs for row in found.rows]
            )
        root = self.generator.converge(clock, enough=lambda _, bound: bound > target)
        if root is None or clock.over():
            return "unsolved"
        if root.bound > target or (root.finished and root.objective > target):
            return "pruned"
        return self._integer(root, present, present_cost, target, clock)

    def _first_columns(self, area: Neighbourhood, present: list[Column]) -> list[Column]:
        columns = list(present)
        whole = area.start == 0 and area.stop == self.arrays.days
        for person in area.people.tolist():
            for column in self.pool.young(person, YOUNG):
                if whole or _same_outside(column, area, person):
                    columns.append(column)
        return columns

    def _integer(
        self, root: Root, present: list[Column], present_cost: float, target: float, clock: Clock
    ) -> str:
        generator = self.generator
        for attempt in range(2):
            if clock.over():
                return "unsolved"
            chosen = dive(
                generator, root, clock, self.random, cutoff=target, noise=0.02 + 0.15 * attempt
            )
            if chosen is not None and self._offer(chosen):
                return "better"
        again = generator.converge(clock, rounds=1, smooth=False)
        if again is None or clock.over():
            return "unsolved"
        reduced = generator.reduced_costs(again.prices, again.person_prices)
        likely = reduced <= max(0.0, present_cost - root.objective)
        places = np.argsort(reduced, kind="stable")[: 15 * len(present) + 40]
        few = np.zeros(len(reduced), dtype=np.bool_)
        few[places] = True
        chosen = generator.master.choose(
            likely & few, min(1.0, clock.left()), [], int(self.random.integers(1 << 30)), 200
        )
        if chosen is not None and len(chosen) == len(present) and self._offer(chosen):
            return "better"
        return "unsolved"

    def _offer(self, chosen: list[Column]) -> bool:
        """Whether the roster became cheaper."""
        change = self.incumbent.offer(chosen)
        if change >= 0:
            return False
        self.saved -= change
        return True


def _same_outside(column: Column, area: Neighbourhood, person: int) -> bool:
    row = area.roster[person]
    return bool(
        (column.row[: area.start] == row[: area.start]).all()
        and (column.row[area.stop :] == row[area.stop :]).all()
    )
