"""From a PuLP model to HiGHS in this process and back, without files.

PuLP declares; this adapter turns the model into sparse rows once (:func:`matrix_of`) and
hands them to HiGHS with a warm start (:func:`solve_model`). Loops that grow or re-bound a
model keep the HiGHS object and work on it directly (:class:`LinearProgram`).
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import highspy
import numpy as np
import pulp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indexes = NDArray[np.int32]
INFINITY = highspy.kHighsInf
#: how often a running solve looks whether it shall stop (seconds)
_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Matrix:
    """A model as HiGHS takes it: columns (cost, bounds, integer?) and rows in CSR form."""

    cost: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    starts: Indexes
    indices: Indexes
    values: Floats
    offset: float
    minimise: bool


def matrix_of(model: pulp.LpProblem) -> Matrix:
    """The sparse matrix of a PuLP model; column order is ``model.variables()``,
    row order is the order in which the constraints were added."""
    variables = model.variables()
    place = {id(variable): index for index, variable in enumerate(variables)}
    cost = np.zeros(len(variables))
    for variable, coefficient in model.objective.items():
        cost[place[id(variable)]] = coefficient
    starts = [0]
    indices: list[int] = []
    values: list[float] = []
    low: list[float] = []
    high: list[float] = []
    for constraint in model.constraints.values():
        for variable, coefficient in constraint.items():
            indices.append(place[id(variable)])
            values.append(coefficient)
        starts.append(len(indices))
        side = -constraint.constant
        low.append(-INFINITY if constraint.sense == pulp.LpConstraintLE else side)
        high.append(INFINITY if constraint.sense == pulp.LpConstraintGE else side)
    return Matrix(
        cost=cost,
        lower=np.array([-INFINITY if v.lowBound is None else v.lowBound for v in variables], float),
        upper=np.array([INFINITY if v.upBound is None else v.upBound for v in variables], float),
        integer=np.array([v.cat == pulp.LpInteger for v in variables], dtype=np.bool_),
        row_lower=np.array(low, float),
        row_upper=np.array(high, float),
        starts=np.array(starts, np.int32),
        indices=np.array(indices, np.int32),
        values=np.array(values, float),
        offset=float(model.objective.constant),
        minimise=model.sense == pulp.LpMinimize,
    )


@cache
def _swallow_banner() -> None:
    """HiGHS writes its licence to standard output when the first solver of a process is
    made, before it can be told to be quiet; that would spoil a command's JSON."""
    sys.stdout.flush()
    keep = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            highspy.Highs()
            ctypes.CDLL(None).fflush(None)
    finally:
        os.dup2(keep, 1)
        os.close(keep)


def quiet_highs(**options: object) -> highspy.Highs:
    """A silent single-threaded HiGHS with ``options`` set."""
    _swallow_banner()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


def never() -> bool:
    """Nobody cancels."""
    return False


def run_watched(solver: highspy.Highs, cancelled: Callable[[], bool]) -> None:
    """Solve, looking now and then whether to stop."""
    solver.HandleUserInterrupt = True
    solver.startSolve()
    while not solver.wait(_POLL)[0]:
        if cancelled():
            solver.cancelSolve()


def load(solver: highspy.Highs, matrix: Matrix) -> None:
    """Give ``matrix`` to HiGHS in one call."""
    model = highspy.HighsLp()
    model.num_col_ = len(matrix.cost)
    model.num_row_ = len(matrix.row_lower)
    model.col_cost_ = matrix.cost
    model.col_lower_ = matrix.lower
    model.col_upper_ = matrix.upper
    model.row_lower_ = matrix.row_lower
    model.row_upper_ = matrix.row_upper
    model.offset_ = matrix.offset
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = matrix.starts
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.values
    if not matrix.minimise:
        model.sense_ = highspy.ObjSense.kMaximize
    if matrix.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(flag)] for flag in matrix.integer]
    solver.passModel(model)


class LinearProgram:
    """A linear program that grows by columns; rows keep their order.

    Columns present at the start (slacks) are never removed.
    """

    def __init__(self, matrix: Matrix) -> None:
        self.fixed_columns = len(matrix.cost)
        self.solver = quiet_highs(simplex_strategy=4, presolve="off")
        load(self.solver, matrix)

    def add(
        self,
        costs: Sequence[float],
        starts: Sequence[int],
        indices: NDArray[np.int64],
        upper: float = INFINITY,
    ) -> None:
        """Add 0/1 columns: ``indices[starts[i]:starts[i+1]]`` are the rows of column i."""
        count = len(costs)
        if not count:
            return
        self.solver.addCols(
            count,
            np.asarray(costs, float),
            np.zeros(count),
            np.full(count, upper),
            len(indices),
            np.asarray(starts[:count], np.int32),
            indices.astype(np.int32),
            np.ones(len(indices)),
        )

    def keep_only_fixed(self, total: int) -> None:
        """Remove every added column (``total`` of them)."""
        if total:
            first = self.fixed_columns
            self.solver.deleteCols(total, np.arange(first, first + total, dtype=np.int32))

    def remove(self, places: NDArray[np.int64]) -> None:
        """Remove added columns by their place among the added ones."""
        if len(places):
            chosen = (places + self.fixed_columns).astype(np.int32)
            self.solver.deleteCols(len(chosen), chosen)

    def set_sides(self, low: Floats, high: Floats) -> None:
        """New bounds for every row."""
        count = len(low)
        self.solver.changeRowsBounds(count, np.arange(count, dtype=np.int32), low, high)

    def set_upper(self, places: NDArray[np.int64], upper: Floats) -> None:
        """New upper bounds for added columns."""
        chosen = (places + self.fixed_columns).astype(np.int32)
        self.solver.changeColsBounds(len(chosen), chosen, np.zeros(len(chosen)), upper)

    def solve(self) -> tuple[float, Floats, Floats] | None:
        """(objective, values of the added columns, row duals), or None if not optimal."""
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self.solver.getSolution()
        values = np.array(solution.col_value)[self.fixed_columns :]
        return self.solver.getInfo().objective_function_value, values, np.array(solution.row_dual)
