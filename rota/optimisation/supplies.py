"""Limits of a source over several demands, as arrays: what they cost, what they are worth.

An agency's cap of a week couples the days of that week. The cost of a roster has it exactly;
a bound has it by a price on the source's minutes (:meth:`SupplyArrays.dual`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rota.optimisation.evaluation import places_bought
from rota.optimisation.problem import Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: how closely a bound finds the best price of a source's minutes
_HALVINGS = 10


@dataclass(frozen=True, slots=True)
class SupplyArrays:
    """``taken[i, n]`` are the minutes that demand ``demands[i]`` takes from its source with n
    people present (n up to the most required, or to everybody); ``owner[i]`` is the number of its limit. Empty where nothing is limited."""

    demands: Ints
    owner: Ints
    taken: Floats
    limit: Floats
    beyond: Floats
    count: int  #: demands of the whole problem

    def cost(self, cover: Ints) -> float:
        """Price of the minutes beyond every limit."""
        if not len(self.demands):
            return 0.0
        return float((self.beyond * np.maximum(0.0, self.used(cover) - self.limit)).sum())

    def worth(self, cover: Ints) -> Floats:
        """What one more person at each demand saves beyond the limits."""
        found = np.zeros(self.count)
        if not len(self.demands):
            return found
        excess = np.maximum(0.0, self.used(cover) - self.limit)
        here = cover[self.demands]
        saved = self._taken(here) - self._taken(here + 1)
        found[self.demands] = self.beyond[self.owner] * np.minimum(saved, excess[self.owner])
        return found

    def dual(self, fill: Floats, worth: Floats) -> tuple[float, Floats]:
        """The bound of all demands at ``worth`` by demand: ``Σ min_n fill[r,n] + worth[r]·n``
        with every limit's minutes priced as suits it best, and ``fill`` at those prices.

        Any price from nothing to ``beyond`` gives a valid bound (weak duality)."""
        present = np.arange(fill.shape[1])
        offers = fill + worth[:, None] * present
        total = float(offers.min(axis=1).sum())
        if not len(self.demands):
            return total, fill
        # with more people than required a demand takes nothing, whatever the minutes cost
        width = self.taken.shape[1]
        near = offers[self.demands, :width]
        far = offers[self.demands, width:].min(axis=1, initial=np.inf)
        before = np.minimum(near.min(axis=1), far)
        low, high = np.zeros(len(self.limit)), self.beyond.copy()
        best = np.zeros(len(self.limit))
        price = low.copy()
        # the bound is concave in each price: halve towards where the limit is just used up
        for tried in (high, *[None] * _HALVINGS):
            middle = (low + high) / 2 if tried is None else tried
            priced = near + middle[self.owner, None] * self.taken
            places = priced.argmin(axis=1)
            rows = np.arange(len(places))
            least = np.minimum(priced[rows, places], far)
            gain = self._by_limit(least - before) - middle * self.limit
            price = np.where(gain > best, middle, price)
            best = np.maximum(best, gain)
            used = self._by_limit(
                np.where(priced[rows, places] <= far, self.taken[rows, places], 0.0)
            )
            if tried is None:
                low = np.where(used > self.limit, middle, low)
                high = np.where(used > self.limit, high, middle)
        dearer = fill.copy()
        dearer[self.demands, :width] += price[self.owner, None] * self.taken
        return total + float(best.sum()), dearer

    def _by_limit(self, values: Floats) -> Floats:
        return np.bincount(self.owner, weights=values, minlength=len(self.limit)).astype(float)

    def used(self, cover: Ints, counted: NDArray[np.bool_] | None = None) -> Floats:
        """Minutes taken under each limit with ``cover``, by the ``counted`` of its demands."""
        taken = self._taken(cover[self.demands])
        return self._by_limit(taken if counted is None else taken * counted)

    def _taken(self, present: Ints) -> Floats:
        """Minutes taken by each demand with so many people present."""
        last = self.taken.shape[1] - 1  # with all the people required nothing is taken
        return np.asarray(self.taken[np.arange(len(present)), np.clip(present, 0, last)])


def compile_supplies(problem: Problem) -> SupplyArrays:
    """The limits of ``problem`` as arrays."""
    pairs = [
        (number, owner, minutes)
        for owner, supply in enumerate(problem.supplies)
        for number, minutes in sorted(supply.minutes.items())
    ]
    most = max((problem.demands[number].required for number, _, _ in pairs), default=0)
    taken = np.zeros((len(pairs), min(most, len(problem.people)) + 1))
    for place, (number, owner, minutes) in enumerate(pairs):
        demand = problem.demands[number]
        source = problem.supplies[owner].source
        for present in range(min(taken.shape[1] - 1, demand.required) + 1):
            missing = demand.required - present
            taken[place, present] = minutes * places_bought(demand, source, missing)
    return SupplyArrays(
        demands=np.array([number for number, _, _ in pairs], dtype=np.int64),
        owner=np.array([owner for _, owner, _ in pairs], dtype=np.int64),
        taken=taken,
        limit=np.array([supply.limit for supply in problem.supplies], dtype=float),
        beyond=np.array([supply.beyond for supply in problem.supplies], dtype=float),
        count=len(problem.demands),
    )
