"""Cheapest lawful rows for one person at given prices: the exact pricing problem.

Limits on single duties (at most 4 nights) enlarge the tables, so they are counted only
for people in whose answers they were broken (decremental state-space relaxation): first
without, then with. Whatever happens, ``lowest`` is a valid lower bound on the cheapest row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rota.optimisation.arrays import INFINITE, Arrays, Floats, Ints, PersonArrays, Row, work_runs
from rota.optimisation.kernel import best_rows

MAX_COUNTED = 3
EXACT = -1


@dataclass(frozen=True, slots=True)
class Priced:
    """Rows found, cheapest first, with their reduced costs; a bound on the cheapest."""

    rows: list[Row]
    costs: list[float]
    lowest: float


@dataclass(frozen=True, slots=True)
class _RunStates:
    classes: Ints
    next_state: Ints
    first: Ints
    units: Ints
    counts: Ints
    sizes: Ints


@lru_cache(maxsize=4096)
def _run_states(
    units: tuple[int, ...], counted: tuple[tuple[int, int], ...], max_run: int
) -> _RunStates:
    """Bookkeeping of runs: every reachable (units, counts) by length.

    ``counted`` lists (own duty number, most). States of one length with equal totals are one.
    """
    which = {duty: place for place, (duty, _) in enumerate(counted)}
    kinds: dict[tuple[int, int], int] = {}
    classes = [kinds.setdefault((u, which.get(d, -1)), len(kinds)) for d, u in enumerate(units)]
    states: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]
    edges: dict[tuple[int, int], int] = {}
    first = [0, 1]
    for length in range(max_run):
        index: dict[tuple[int, int, int, int], int] = {}
        for state in range(first[length], first[length + 1]):
            for (duration, count), kind in kinds.items():
                total = list(states[state])
                total[0] += duration
                if count >= 0:
                    total[1 + count] += 1
                    if total[1 + count] > counted[count][1]:
                        continue
                key = (total[0], total[1], total[2], total[3])
                if key not in index:
                    index[key] = len(states)
                    states.append(key)
                edges[state, kind] = index[key]
        first.append(len(states))
    next_state = np.full((len(states), max(1, len(kinds))), -1, dtype=np.int64)
    for (state, kind), goal in edges.items():
        next_state[state, kind] = goal
    table = np.array(states, dtype=np.int64)
    sizes = [limit + 1 for _, limit in counted] + [1] * (MAX_COUNTED - len(counted))
    return _RunStates(
        classes=np.array(classes, dtype=np.int64),
        next_state=next_state,
        first=np.array(first, dtype=np.int64),
        units=np.ascontiguousarray(table[:, 0]),
        counts=np.ascontiguousarray(table[:, 1:]),
        sizes=np.array(sizes, dtype=np.int64),
    )


@dataclass(slots=True)
class Pricer:
    """Prices rows of every person of a problem; remembers whose limits had to be counted."""

    arrays: Arrays
    beam: int = EXACT
    counted: dict[int, list[int]] = field(default_factory=dict)

    def cost_table(self, person: int, prices: Floats) -> Floats:
        """Days × duties: own price less what serving the demands is worth.

        ``prices`` (demands + 1) is the worth of one more person; its last entry is 0."""
        table = self.arrays.people[person]
        worth: Floats = prices[table.rows].sum(axis=2)
        return table.own - worth

    def rows(self, person: int, prices: Floats, wanted: int = 1) -> Priced:
        """The cheapest lawful rows over the whole horizon."""
        table = self.arrays.people[person]
        cost = self.cost_table(person, prices)
        found = self._solve(
            person, table, cost, table.off, self.arrays.weekend, table.limits, table.caps,
            table.end_cost, table.constant, wanted,
        )  # fmt: skip
        for row in found.rows:
            row[: len(table.past)] = table.past
        return found

    def rows_in_window(
        self, person: int, prices: Floats, current: Row, start: int, stop: int, wanted: int = 1
    ) -> Priced:
        """The cheapest lawful rows that equal ``current`` outside days start..stop-1."""
        arrays = self.arrays
        table = arrays.people[person]
        runs = work_runs(current)
        first = max((a for a, _ in runs if a < start), default=0)
        last = min((b for _, b in runs if b > stop), default=arrays.days)
        if first == 0 and last == arrays.days and start == 0 and stop == arrays.days:
            return self.rows(person, prices, wanted)
        cost = table.own[first:last] - prices[table.rows[first:last]].sum(axis=2)
        off = table.off[first:last].copy()
        own_number = self._own_numbers(table, current)
        for day in (*range(first, min(start, last)), *range(max(stop, first), last)):
            place = day - first
            duty = own_number[day]
            if duty < 0:
                cost[place, :] = INFINITE
            else:
                keep = cost[place, duty]
                cost[place, :] = INFINITE
                cost[place, duty] = keep
                off[place] = INFINITE
        outside = np.concatenate((own_number[:first], own_number[last:]))
        outside_days = np.concatenate((np.arange(first), np.arange(last, arrays.days)))
        worked = outside >= 0
        units = int(table.units[outside[worked]].sum())
        weekends = np.unique(arrays.weekend[outside_days[worked]])
        limits = table.limits.copy()
        limits[3] -= int((weekends >= 0).sum())
        limits[4], limits[5] = int(first == 0), int(last == arrays.days)
        caps = table.caps - np.bincount(outside[worked], minlength=len(table.caps))
        fixed_cost = float(
            table.own[outside_days[worked], outside[worked]].sum()
            + table.off[outside_days[~worked]].sum()
            - prices[table.rows[outside_days[worked], outside[worked]]].sum()
        )
        found = self._solve(
            person, table, cost, off, arrays.weekend[first:last], limits, caps,
            table.end_cost[units:], table.constant + fixed_cost, wanted,
        )  # fmt: skip
        rows = []
        for part in found.rows:
            row = current.copy()
            row[first:last] = part
            row[: len(table.past)] = table.past
            rows.append(row)
        return Priced(rows, found.costs, found.lowest)

    @staticmethod
    def _own_numbers(table: PersonArrays, row: Row) -> Ints:
        worked = row >= 0
        numbers = np.full(len(row), -1, dtype=np.int64)
        numbers[worked] = table.position[row[worked]]
        numbers[: len(table.past)] = table.past_numbers
        return numbers

    def _solve(
        self,
        person: int,
        table: PersonArrays,
        cost: Floats,
        off: Floats,
        weekend: Ints,
        limits: Ints,
        caps: Ints,
        end_cost: Floats,
        constant: float,
        wanted: int,
    ) -> Priced:
        if limits[3] < 0 or not len(end_cost):
            return Priced([], [], INFINITE)
        counted = self.counted.get(person, [])
        weekend = np.ascontiguousarray(weekend)
        while True:
            states = _run_states(
                tuple(table.units.tolist()),
                tuple((duty, max(0, int(caps[duty]))) for duty in counted),
                int(limits[1]),
            )
            number, rows, costs, lowest = best_rows(
                cost, off, table.units, states.classes, table.allowed_next, weekend, limits,
                states.next_state, states.first, states.units, states.counts, states.sizes,
                end_cost, self._pace(end_cost, len(off)), self.beam, wanted,
            )  # fmt: skip
            kept: list[Row] = []
            kept_costs: list[float] = []
            broken: list[int] = []
            for row, row_cost in zip(rows[:number], costs[:number], strict=True):
                if row[0] == -2:
                    continue
                used = np.bincount(row[row >= 0], minlength=len(caps))
                over = np.flatnonzero(used > caps)
                if len(over):
                    broken.extend(int(duty) for duty in over)
                    continue
                kept.append(self._in_problem_duties(table, row))
                kept_costs.append(float(row_cost) + constant)
            bound = float(lowest) + constant if number else INFINITE
            new = [duty for duty in dict.fromkeys(broken) if duty not in counted]
            exact = bool(kept) and kept_costs[0] <= bound + 1e-6
            if exact or not new or len(counted) >= MAX_COUNTED:
                if number and counted:
                    used = np.bincount(rows[0][rows[0] >= 0], minlength=len(caps))
                    self.counted[person] = [duty for duty in counted if used[duty] >= caps[duty]]
                return Priced(kept, kept_costs, bound)
            counted = [*counted, new[0]]
            self.counted[person] = counted

    @staticmethod
    def _pace(end_cost: Floats, days: int) -> int:
        """Expected units per day × 1000, the middle of what the person may work."""
        allowed = np.flatnonzero(end_cost < INFINITE / 10)
        if not len(allowed):
            return 0
        return int(1000 * (allowed[0] + allowed[-1]) / 2 / max(1, days))

    @staticmethod
    def _in_problem_duties(table: PersonArrays, row: NDArray[np.int16]) -> Row:
        full = row.copy()
        worked = row >= 0
        full[worked] = table.duties[row[worked]]
        return full
