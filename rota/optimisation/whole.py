"""A small problem as one integer program: proves what search and prices cannot.

Column generation bounds are within a few per cent for a dozen people over a fortnight, and
that is all a relaxation can say; branching closes the rest, in seconds at that size.
"""

from __future__ import annotations

import numpy as np

from rota.optimisation.arrays import roster_tuple
from rota.optimisation.compact import Scope, build_model, roster_of
from rota.optimisation.evaluation import evaluate
from rota.optimisation.mip import solve_mip
from rota.optimisation.state import Run

#: most 0/1 assignments of a problem that is solved as one program
LARGEST = 2_600


def is_one_program(run: Run) -> bool:
    """Whether all open days and people fit into one integer program."""
    problem = run.arrays.problem
    days = problem.days - problem.first_open_day
    size = sum(len(problem.people[person].maximum) for person in run.active) * days
    return size <= LARGEST and run.limits.work is None


def solve_whole(run: Run) -> None:
    """Branch and bound on the compact model until the time is up or the roster is proved."""
    problem = run.arrays.problem
    with run.incumbent.lock:
        roster = roster_tuple(run.incumbent.roster)
    days = tuple(range(problem.first_open_day, problem.days))
    model = build_model(problem, Scope(tuple(run.active.tolist()), days, roster))
    warm = {v.name: 1.0 for (p, d, k), v in model.assign.items() if roster[p][d] == k}

    def on_bound(bound: float) -> None:
        if np.isfinite(bound) and bound > run.bound:
            run.bound = bound
            run.note("bound")

    answer = solve_mip(
        model.pulp_model,
        seconds=run.clock.left(),
        warm=warm,
        relative_gap=0.0,
        absolute_gap=0.99 * run.granularity,
        cancelled=run.done,
        on_bound=on_bound,
    )
    if answer.values:
        chosen = [k for k, v in model.assign.items() if answer.values.get(v.name, 0.0) > 0.5]
        found = roster_of(model, chosen)
        if evaluate(problem, found).lawful and run.incumbent.replace(np.array(found, np.int16)):
            run.note("one integer program")
    if answer.bound is not None:
        on_bound(answer.bound)
