"""The best roster so far: shared by the workers, changed only by whole lawful rows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rota.optimisation.arrays import Arrays
from rota.optimisation.columns import Column
from rota.optimisation.person_arrays import Floats, Ints


@dataclass(slots=True)
class Incumbent:
    """A lawful roster with its cover and cost. ``busy`` marks people somebody works on,
    ``frozen`` those whose rows stand because no lawful one exists."""

    arrays: Arrays
    roster: NDArray[np.int16]
    cover: Ints
    own: Floats
    cost: float
    busy: NDArray[np.bool_]
    frozen: NDArray[np.bool_]
    lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def of(cls, arrays: Arrays, roster: NDArray[np.int16]) -> Incumbent:
        own = np.array([arrays.own_cost(person, row) for person, row in enumerate(roster)])
        cover = arrays.cover_of(roster)
        cost = float(own.sum()) + arrays.cover_cost(cover)
        nobody = np.zeros(len(roster), dtype=np.bool_)
        return cls(arrays, roster.copy(), cover, own, cost, nobody, nobody.copy())

    def penalties(self) -> Floats:
        """What each demand costs now above its cheapest, by demand."""
        fill = self.arrays.fill_cost
        return np.asarray(fill[np.arange(len(self.cover)), self.cover] - fill.min(axis=1))

    def claim(self, people: Ints) -> tuple[NDArray[np.int16], Ints]:
        """Mark ``people`` busy; a copy of the roster and the cover at that moment."""
        with self.lock:
            self.busy[people] = True
            return self.roster.copy(), self.cover.copy()

    def release(self, people: Ints) -> None:
        with self.lock:
            self.busy[people] = False

    def offer(self, columns: Sequence[Column]) -> float:
        """Take the rows of ``columns`` if the roster becomes no dearer; the change in cost
        (negative: better), or +inf when refused."""
        with self.lock:
            cover = self.cover.copy()
            own = 0.0
            for column in columns:
                cover[self.arrays.served(column.person, self.roster[column.person])] -= 1
                cover[column.served] += 1
                own += column.cost - self.own[column.person]
            change = own + self.arrays.cover_cost(cover) - self.arrays.cover_cost(self.cover)
            if change > 1e-9:
                return float("inf")
            for column in columns:
                self.roster[column.person] = column.row
                self.own[column.person] = column.cost
            self.cover = cover
            self.cost += change
            return change

    def replace(self, roster: NDArray[np.int16]) -> float:
        """Take a whole other roster if it is cheaper; the change in cost (0: it is not)."""
        other = Incumbent.of(self.arrays, roster)
        with self.lock:
            change = other.cost - self.cost
            if change >= -1e-9:
                return 0.0
            self.roster, self.cover = other.roster, other.cover
            self.own, self.cost = other.own, other.cost
            return change
