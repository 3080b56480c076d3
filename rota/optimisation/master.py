"""The master: choose one row per person so that rows and shortages cost least.

Declared in PuLP without columns, loaded into HiGHS once, then grown by columns. A
neighbourhood is the same model with other sides: people who are not in it are fixed, the
places they fill are taken off the demands.
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
import pulp
from numpy.typing import NDArray

from rota.optimisation.arrays import Arrays
from rota.optimisation.columns import Column, entries
from rota.optimisation.linear import (
    INFINITY,
    LinearProgram,
    Matrix,
    load,
    matrix_of,
    quiet_highs,
)
from rota.optimisation.person_arrays import Floats, Ints


def define_cover(model: pulp.LpProblem, arrays: Arrays) -> None:
    """Σ λ(rows that serve r) + Σ short(r, step) − over(r) = required(r)  for every demand r.

    0 ≤ short(r, step) ≤ limit of the step; prices rise from step to step, so cheaper
    sources are used first."""
    price: list[tuple[pulp.LpVariable, float]] = []
    for index, demand in enumerate(arrays.problem.demands):
        terms: list[tuple[pulp.LpVariable, float]] = []
        for number, step in enumerate(demand.shortage):
            short = pulp.LpVariable(f"short_{index}_{number}", 0, step.limit)
            terms.append((short, 1.0))
            price.append((short, step.price))
        over = pulp.LpVariable(f"over_{index}", 0)
        terms.append((over, -1.0))
        price.append((over, demand.over_price))
        model += pulp.LpConstraint(
            pulp.LpAffineExpression(terms), pulp.LpConstraintEQ, f"cover_{index}", demand.required
        )
    model.setObjective(pulp.LpAffineExpression(price))


def define_one_row_each(model: pulp.LpProblem, arrays: Arrays) -> None:
    """Σ λ(rows of p) = 1  for every person p. Columns arrive later; the sides of people
    outside a neighbourhood become 0."""
    for person in range(len(arrays.people)):
        model += pulp.LpConstraint(
            pulp.LpAffineExpression([]), pulp.LpConstraintEQ, f"one_row_{person}", 0
        )


def define_supplies(model: pulp.LpProblem, arrays: Arrays) -> None:
    """Σ minutes(r) · short(r, step of the source) − beyond ≤ limit  for every limit of a source
    over several demands; what is beyond costs its price a minute."""
    shorts = {variable.name: variable for variable in model.variables()}
    price = list(model.objective.items())
    for index, supply in enumerate(arrays.problem.supplies):
        beyond = pulp.LpVariable(f"beyond_{index}", 0)
        terms: list[tuple[pulp.LpVariable, float]] = [(beyond, -1.0)]
        for number, minutes in supply.minutes.items():
            for place, step in enumerate(arrays.problem.demands[number].shortage):
                if step.source == supply.source:
                    terms.append((shorts[f"short_{number}_{place}"], float(minutes)))
        price.append((beyond, float(supply.beyond)))
        model += pulp.LpConstraint(
            pulp.LpAffineExpression(terms), pulp.LpConstraintLE, f"supply_{index}", supply.limit
        )
    model.setObjective(pulp.LpAffineExpression(price))


def declare_master(arrays: Arrays) -> pulp.LpProblem:
    """The restricted master with no columns yet."""
    model = pulp.LpProblem("master", pulp.LpMinimize)
    define_cover(model, arrays)
    define_one_row_each(model, arrays)
    if arrays.problem.supplies:
        define_supplies(model, arrays)
    return model


class Master:
    """The restricted master in HiGHS, reused from neighbourhood to neighbourhood."""

    def __init__(self, arrays: Arrays, matrix: Matrix | None = None) -> None:
        self.arrays = arrays
        self.matrix = matrix or matrix_of(declare_master(arrays))
        self.program = LinearProgram(self.matrix)
        #: limits of sources stand after the rows of demands and people
        self.supply_row = arrays.demands + len(arrays.people)
        self.columns: list[Column] = []
        self.keys: set[tuple[int, bytes]] = set()

    def begin(self, people: Ints, fixed_cover: Ints) -> None:
        """Forget all columns; ``people`` are free, the others fill ``fixed_cover``."""
        self.program.keep_only_fixed(len(self.columns))
        self.columns = []
        self.keys = set()
        sides = self.matrix.row_upper.copy()  # limits of sources stay as they are
        sides[: self.supply_row] = 0.0
        sides[: self.arrays.demands] = self.arrays.required - fixed_cover
        sides[self.arrays.demands + people] = 1.0
        low = sides.copy()
        low[self.supply_row :] = -INFINITY
        self.program.set_sides(low, sides)
        self.sides = sides
        self.people = people

    def add(self, columns: Sequence[Column]) -> int:
        """Add the columns that are new; how many were."""
        fresh: list[Column] = []
        for column in columns:
            key = (column.person, column.row.tobytes())
            if key not in self.keys:
                self.keys.add(key)
                fresh.append(column)
        self.program.add(*entries(fresh, self.arrays.demands))
        self.columns.extend(fresh)
        return len(fresh)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the columns that are not ``kept``."""
        self.program.remove(np.flatnonzero(~kept))
        for column, stays in zip(self.columns, kept, strict=True):
            if not stays:
                self.keys.discard((column.person, column.row.tobytes()))
        self.columns = [c for c, stays in zip(self.columns, kept, strict=True) if stays]

    def solve(self) -> tuple[float, Floats, Floats, Floats] | None:
        """(objective, column values, worth of one more person by demand with a last 0,
        price of each person's row), or None."""
        answer = self.program.solve()
        if answer is None:
            return None
        objective, values, duals = answer
        prices = np.append(duals[: self.arrays.demands], 0.0)
        return objective, values, prices, duals[self.arrays.demands : self.supply_row]

    def choose(
        self, chosen: NDArray[np.bool_], seconds: float, incumbent: Sequence[Column], seed: int,
        nodes: int = 2_000,
    ) -> list[Column] | None:  # fmt: skip
        """The best choice of one ``chosen`` column per free person as an integer program
        (restricted master), warm-started from ``incumbent``. None: nothing better found."""
        places = np.flatnonzero(chosen)
        picked = [self.columns[place] for place in places]
        costs, starts, indices = entries(picked, self.arrays.demands)
        touched = np.zeros(len(self.sides), dtype=np.bool_)
        touched[indices] = True
        touched[self.supply_row :] = True
        solver = quiet_highs(
            time_limit=max(0.05, seconds), mip_max_nodes=nodes, mip_rel_gap=0.0,
            random_seed=seed, mip_abs_gap=0.999,
        )  # fmt: skip
        low, high = self._sides_of_choice(touched)
        load(solver, _integer_matrix(self.matrix, low, high, touched, costs, starts, indices))
        place_of = {(c.person, c.row.tobytes()): i for i, c in enumerate(picked)}
        start = [place_of.get((c.person, c.row.tobytes()), -1) for c in incumbent]
        if start and min(start) >= 0:
            fixed = solver.getNumCol() - len(picked)
            at = np.arange(fixed, fixed + len(picked), dtype=np.int32)
            ones = np.zeros(len(picked))
            ones[start] = 1.0
            solver.setSolution(len(picked), at, ones)
        solver.run()
        if solver.getInfo().primal_solution_status != 2:
            return None
        values = np.array(solver.getSolution().col_value)[-len(picked) :]
        return [column for column, value in zip(picked, values, strict=True) if value > 0.5]

    def _sides_of_choice(self, touched: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Sides of every row; limits of sources less what the demands left out take."""
        supplies = self.arrays.supplies
        high = self.sides.copy()
        if len(supplies.demands):
            # what stands at a demand that no chosen column serves is its fixed cover
            cover = np.maximum(0, self.arrays.required - self.sides[: self.arrays.demands])
            still = ~touched[supplies.demands]
            high[self.supply_row :] -= supplies.used(cover.astype(np.int64), still)
        low = high.copy()
        low[self.supply_row :] = -INFINITY
        return low, high


def _integer_matrix(
    base: Matrix,
    low: Floats,
    high: Floats,
    touched: NDArray[np.bool_],
    costs: list[float],
    starts: list[int],
    indices: NDArray[np.int64],
) -> Matrix:
    """The master's ``touched`` rows with their slacks and the given 0/1 columns (all explicit)."""
    row_of = np.full(len(high), -1)
    row_of[touched] = np.arange(int(touched.sum()))
    base_rows = np.repeat(np.arange(len(base.starts) - 1), np.diff(base.starts))
    # the slacks of a row that is left out stand still with it
    out = np.zeros(len(base.cost), dtype=np.bool_)
    out[base.indices[~touched[base_rows]]] = True
    keep = ~out[base.indices]
    kept = np.unique(base.indices[keep])
    slacks = len(kept)
    lengths = np.diff(np.append(starts, len(indices)))
    columns = np.repeat(np.arange(len(costs)), lengths) + slacks
    rows = np.concatenate((row_of[base_rows[keep]], row_of[indices]))
    cols = np.concatenate((np.searchsorted(kept, base.indices[keep]), columns))
    data = np.concatenate((base.values[keep], np.ones(len(indices))))
    order = np.lexsort((cols, rows))
    counts = np.bincount(rows, minlength=int(touched.sum()))
    return Matrix(
        cost=np.concatenate((base.cost[kept], costs)),
        lower=np.zeros(slacks + len(costs)),
        upper=np.concatenate((base.upper[kept], np.ones(len(costs)))),
        integer=np.concatenate((np.zeros(slacks, np.bool_), np.ones(len(costs), np.bool_))),
        row_lower=low[touched],
        row_upper=high[touched],
        starts=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
        indices=cols[order].astype(np.int32),
        values=data[order],
        offset=0.0,
        minimise=True,
    )


__all__ = ["INFINITY", "Master", "declare_master", "define_cover", "define_one_row_each", "highspy"]
