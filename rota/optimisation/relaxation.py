"""Prices of demands from the relaxation of the compact model.

For a home the compact model relaxes to a linear program of some fifty thousand variables
that the simplex method solves in seconds, while column generation from nothing takes a
minute. Its prices of cover are so good that the cheapest rows at them prove a better bound
than the relaxation itself.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rota.optimisation.compact import Scope, build_model
from rota.optimisation.evaluation import shortage_cost
from rota.optimisation.mip import solve_relaxation
from rota.optimisation.person_arrays import Floats, Ints
from rota.optimisation.problem import Demand, Problem, Roster

#: most 0/1 variables of a model worth relaxing
LARGEST = 130_000


def is_small(problem: Problem, people: Ints) -> bool:
    """Whether the compact model of these people is worth relaxing."""
    days = problem.days - problem.first_open_day
    return 0 < sum(len(problem.people[person].maximum) for person in people) * days <= LARGEST


def prices_of_relaxation(
    problem: Problem,
    people: Ints,
    roster: Roster,
    seconds: float,
    cancelled: Callable[[], bool],
) -> Floats | None:
    """What one more person is worth at each demand (with a last 0) while ``people`` are free
    on all open days; null for a model too large or not solved in ``seconds``."""
    if not is_small(problem, people):
        return None
    days = range(problem.first_open_day, problem.days)
    scope = Scope(tuple(people.tolist()), tuple(days), roster)
    model = build_model(problem, scope)
    answer = solve_relaxation(model.pulp_model, seconds=seconds, cancelled=cancelled)
    if answer is None:
        return None
    _, duals = answer
    prices = np.zeros(len(problem.demands) + 1)
    for number, demand in enumerate(problem.demands):
        row = model.cover_rows.get(number)
        prices[number] = _first_person(demand) if row is None else duals[row]
    return prices


def _first_person(demand: Demand) -> float:
    """What one person would save at a demand that nobody can serve."""
    if not demand.required:
        return 0.0
    return float(
        shortage_cost(demand, demand.required) - shortage_cost(demand, demand.required - 1)
    )
