"""Solving a declared PuLP model: HiGHS in this process, or CBC when LP_SOLVER says so.

HiGHS gets the model as arrays with a warm start and can be stopped at any moment; CBC is a
program of its own that is killed at its time limit and never trusted for a value that the
evaluator has not re-scored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np
import pulp

from rota.optimisation.linear import load, matrix_of, never, quiet_highs, run_watched
from rota.optimisation.person_arrays import Floats

SolverName = Literal["HiGHS", "PULP_CBC_CMD"]


@dataclass(frozen=True, slots=True)
class MipAnswer:
    """Values by variable name, the objective, and a proved bound (null: none)."""

    values: Mapping[str, float]
    objective: float | None
    bound: float | None
    proved: bool


def solve_mip(
    model: pulp.LpProblem,
    *,
    seconds: float,
    warm: Mapping[str, float] | None = None,
    relative_gap: float = 1e-4,
    threads: int = 1,
    solver: SolverName = "HiGHS",
    cancelled: Callable[[], bool] = never,
    absolute_gap: float = 1e-6,
    on_bound: Callable[[float], None] | None = None,
) -> MipAnswer:
    """Solve within ``seconds``; an answer without values means that none was found in time.

    ``on_bound`` hears of the proved bound while HiGHS works (from its own thread)."""
    if solver == "PULP_CBC_CMD":
        return _solve_with_cbc(model, seconds, relative_gap, threads)
    options = {"mip_rel_gap": relative_gap, "mip_abs_gap": absolute_gap, "threads": threads}
    return _solve_with_highs(model, seconds, warm, options, cancelled, on_bound)


def solve_relaxation(
    model: pulp.LpProblem, *, seconds: float, cancelled: Callable[[], bool] = never
) -> tuple[float, Floats] | None:
    """Objective and row prices of the linear relaxation; null: not solved in ``seconds``."""
    matrix = matrix_of(model)
    matrix.integer[:] = False
    highs = quiet_highs(time_limit=max(0.05, seconds), random_seed=1)
    load(highs, matrix)
    run_watched(highs, cancelled)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    objective = float(highs.getInfo().objective_function_value)
    return objective, np.array(highs.getSolution().row_dual)


def _solve_with_highs(
    model: pulp.LpProblem,
    seconds: float,
    warm: Mapping[str, float] | None,
    options: Mapping[str, float],
    cancelled: Callable[[], bool],
    on_bound: Callable[[float], None] | None,
) -> MipAnswer:
    variables = model.variables()
    matrix = matrix_of(model)
    highs = quiet_highs(time_limit=max(0.05, seconds), random_seed=1, **options)
    highs.setOptionValue("log_to_console", False)
    load(highs, matrix)
    if warm is not None:
        start = highspy.HighsSolution()
        start.col_value = [float(warm.get(variable.name, 0.0)) for variable in variables]
        highs.setSolution(start)
    if on_bound is not None:
        highs.cbMipInterrupt.subscribe(lambda event: on_bound(event.data_out.mip_dual_bound))
    run_watched(highs, cancelled)
    status = highs.getModelStatus()
    info = highs.getInfo()
    proved = status == highspy.HighsModelStatus.kOptimal
    feasible = info.primal_solution_status == 2  # kSolutionStatusFeasible
    bound = float(info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else None
    if not feasible:
        return MipAnswer({}, None, bound, proved=False)
    solution = highs.getSolution().col_value
    values = {
        variable.name: value
        for variable, value in zip(variables, solution, strict=True)
        if abs(value) > 1e-9
    }
    return MipAnswer(values, float(info.objective_function_value), bound, proved)


def _solve_with_cbc(
    model: pulp.LpProblem, seconds: float, relative_gap: float, threads: int
) -> MipAnswer:
    command = pulp.PULP_CBC_CMD(
        msg=False, timeLimit=max(1, int(seconds)), gapRel=relative_gap, threads=threads
    )
    model.solve(command)
    if model.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return MipAnswer({}, None, None, proved=False)
    values = {v.name: float(v.value() or 0.0) for v in model.variables() if v.value()}
    objective = float(pulp.value(model.objective))
    proved = model.sol_status == pulp.LpSolutionOptimal
    return MipAnswer(values, objective, objective if proved else None, proved)
