"""Cheapest lawful rows for one person at given prices: the exact pricing problem.

Limits on single duties (at most 4 nights) enlarge the tables, so they are counted only
for people in whose answers they were broken (decremental state-space relaxation): first
without, then with. Whatever happens, ``lowest`` is a valid lower bound on the cheapest row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from rota.optimisation.arrays import Arrays, work_runs
from rota.optimisation.kernel import best_rows
from rota.optimisation.person_arrays import INFINITE, Floats, Ints, PersonArrays, Row
from rota.optimisation.tables import cheapest_in_groups, duty_costs, spelled_out

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

    ``units`` of each group of duties; ``counted`` lists (group, most). States of one length
    with equal totals are one.
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

    def rows(self, person: int, prices: Floats, wanted: int = 1) -> Priced:
        """The cheapest lawful rows over the whole horizon."""
        table = self.arrays.people[person]
        first = table.first
        limits = table.limits
        if first:
            limits = limits.copy()
            limits[4] = 0  # what came before the first day that matters is known
        found = self._solve(
            person, table, duty_costs(table.own[first:], table.rows[first:], prices), table.off[first:],
            self.arrays.weekend[first:], limits, table.groups.caps, table.end_cost,
            table.constant, wanted,
        )  # fmt: skip
        return Priced(
            [self._with_past(table, row, first) for row in found.rows], found.costs, found.lowest
        )

    def _with_past(self, table: PersonArrays, row: Row, first: int) -> Row:
        """``row`` begins on day ``first``; with what was worked before the open days."""
        opening = len(table.past)
        if not opening:
            return row
        return np.concatenate((table.past, row[opening - first :]))

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
        cost = duty_costs(table.own[first:last], table.rows[first:last], prices)
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
        groups = table.groups
        caps = groups.caps - np.bincount(groups.of_duty[outside[worked]], minlength=groups.number)
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
        groups = table.groups
        cheapest, which = cheapest_in_groups(cost, groups.of_duty, groups.number)
        counted = self.counted.get(person, [])
        pace = self._pace(end_cost, len(off)) if self.beam >= 0 else 0
        while True:
            states = _run_states(
                groups.key,
                tuple((group, max(0, int(caps[group]))) for group in counted),
                int(limits[1]),
            )
            number, rows, costs, lowest = best_rows(
                cheapest, off, groups.units, states.classes, groups.allowed_next, weekend, limits,
                states.next_state, states.first, states.units, states.counts, states.sizes,
                end_cost, pace, self.beam, wanted,
            )  # fmt: skip
            kept: list[Row] = []
            kept_costs: list[float] = []
            broken: list[int] = []
            for place in range(number):
                if rows[place, 0] == -2:
                    continue
                row, used, is_broken = spelled_out(rows[place], which, table.duties, caps)
                if is_broken:
                    broken.extend(np.flatnonzero(used > caps).tolist())
                    continue
                kept.append(row)
                kept_costs.append(float(costs[place]) + constant)
            bound = float(lowest) + constant if number else INFINITE
            new = [group for group in dict.fromkeys(broken) if group not in counted]
            exact = bool(kept) and kept_costs[0] <= bound + 1e-6
            if exact or not new or len(counted) >= MAX_COUNTED:
                if number and counted:
                    _, used, _ = spelled_out(rows[0], which, table.duties, caps)
                    self.counted[person] = [g for g in counted if used[g] >= caps[g]]
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
