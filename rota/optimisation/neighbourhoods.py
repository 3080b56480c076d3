"""Which part of the roster to free next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rota.optimisation.arrays import Arrays
from rota.optimisation.incumbent import Incumbent
from rota.optimisation.person_arrays import Ints

LONG_HORIZON = 49
SMALLEST = 3


@dataclass(slots=True)
class Chooser:
    """Picks people and days around expensive places; learns how many people are enough.

    ``breadth`` is a number of person-days in weeks: pruned neighbourhoods were too small,
    unsolved ones too large."""

    arrays: Arrays
    random: np.random.Generator
    breadth: float = 8.0

    def choose(self, incumbent: Incumbent, share: float = 1.0) -> tuple[Ints, int, int]:
        """(people, first day, day after the last) of a neighbourhood of people not busy.

        ``share`` limits the people to a part of all (so that two workers both have some)."""
        arrays, random = self.arrays, self.random
        penalties = incumbent.penalties()
        weights = penalties + 0.02 * max(1.0, penalties.mean())
        demand = int(random.choice(arrays.demands, p=weights / weights.sum()))
        day = int(arrays.demand_day[demand])
        start, stop = self._window(day)
        duty = int(arrays.demand_duty[demand])
        count = len(arrays.people)
        wanted = max(SMALLEST, round(self.breadth * self._people_factor(stop - start)))
        wanted = min(wanted, max(SMALLEST, int(count * share)))
        scores = np.empty(count)
        problem = arrays.problem
        for person, table in enumerate(arrays.people):
            able = 1.0 if table.position[duty] >= 0 else 0.25
            scores[person] = able * (0.3 if day in problem.people[person].days_off else 1.0)
        scores[incumbent.busy | incumbent.frozen] = 0.0
        free = int((scores > 0).sum())
        if not free:
            return np.empty(0, np.int64), start, stop
        people = random.choice(
            count, size=min(wanted, free), replace=False, p=scores / scores.sum()
        )
        return np.sort(people).astype(np.int64), start, stop

    def _window(self, day: int) -> tuple[int, int]:
        days = self.arrays.days
        if days <= LONG_HORIZON:
            return 0, days
        length = int(self.random.choice((21, 28, 42)))
        start = max(0, min(days - length, day - int(self.random.integers(length))))
        return start, min(days, start + length)

    def _people_factor(self, length: int) -> float:
        return 1.0 if self.arrays.days <= LONG_HORIZON else 28.0 / length * 1.2

    def learn(self, outcome: str) -> None:
        """Adapt the breadth to how the last neighbourhood ended."""
        factor = {"pruned": 1.06, "better": 1.0, "unsolved": 0.9, "equal": 1.0}[outcome]
        most = max(SMALLEST, len(self.arrays.people))
        self.breadth = float(np.clip(self.breadth * factor, SMALLEST, most))
