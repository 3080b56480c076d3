"""After a sickness call: the open places filled by the optimiser with the fewest changes.

One small model of everybody on the days concerned; whoever stands on another shift keeps it
unless a gap cannot be closed otherwise. The price of a change stands above every wage and
below a gap, so that the first aim is cover, the second quiet, the third money.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date

from rota.optimisation.compact import Scope, build_model, roster_of
from rota.optimisation.evaluation import evaluate
from rota.optimisation.home import HomeProblem
from rota.optimisation.home_search import lawful_part
from rota.optimisation.mip import solve_mip
from rota.optimisation.prices import Prices
from rota.optimisation.problem import OFF, Problem, Progress, Roster, Solution

#: more than any shift costs, less than a gap
CHANGE_PENCE = 200_000
REPAIR_PRICES = Prices(
    unfilled=2_000_000, senior_missing=1_500_000, below_ideal=0, change=CHANGE_PENCE,
    published_change=CHANGE_PENCE, short_notice_change=CHANGE_PENCE,
)  # fmt: skip
_SECONDS = 2.0


def repair(
    home: HomeProblem,
    days: Collection[date],
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> Solution:
    """The present rota with its gaps on ``days`` closed as far as the rules allow."""
    begun = time.monotonic()
    problem = _only(home.problem, home, days)
    start = lawful_part(problem, home.current)
    numbers = sorted((day - home.data.start).days + home.problem.first_open_day for day in days)
    roster, proved = redecide(problem, start, numbers, _SECONDS, cancelled)
    seconds = time.monotonic() - begun
    cost = evaluate(home.problem, roster).cost
    status = "optimal" if proved else "feasible"
    # the bound is one for the days concerned; for the whole rota none was sought
    return Solution(
        status, roster, cost, None, seconds, seconds,
        trace=(Progress(seconds, cost, None, "Repaired"),),
    )  # fmt: skip


def redecide(
    problem: Problem,
    start: Roster,
    days: Sequence[int],
    seconds: float,
    cancelled: Callable[[], bool],
) -> tuple[Roster, bool]:
    """Everybody's duties on some days decided anew, the others as in ``start`` (a lawful
    roster); never dearer. Gives the roster and whether it was proved to be the best of these."""
    scope = Scope(tuple(range(len(problem.people))), tuple(days), start)
    model = build_model(problem, scope)
    warm = {variable.name: 1.0 for (p, d, k), variable in model.assign.items() if start[p][d] == k}
    answer = solve_mip(
        model.pulp_model, seconds=seconds, warm=warm, relative_gap=1e-4, threads=2,
        cancelled=cancelled,
    )  # fmt: skip
    if not answer.values:
        return start, answer.proved
    chosen = [key for key, v in model.assign.items() if answer.values.get(v.name, 0) > 0.5]
    offered = roster_of(model, chosen)
    before, after = evaluate(problem, start), evaluate(problem, offered)
    return (offered if after.lawful and after.cost <= before.cost else start), answer.proved


def _only(problem: Problem, home: HomeProblem, days: Collection[date]) -> Problem:
    """Cover above the minimum is not wanted of a repair: only gaps are closed."""
    numbers = {(day - home.data.start).days + problem.first_open_day for day in days}
    kept = [number for number, demand in enumerate(problem.demands) if demand.day in numbers]
    demands = tuple(
        replace(demand, over_price=0) if demand.name.endswith("/ideal") else demand
        for demand in (problem.demands[number] for number in kept)
    )
    place = {number: new for new, number in enumerate(kept)}
    supplies = tuple(
        replace(supply, minutes={place[n]: m for n, m in supply.minutes.items() if n in place})
        for supply in problem.supplies
    )
    return replace(problem, demands=demands, supplies=supplies)


def changed_shifts(before: Roster, after: Roster) -> int:
    """Shifts that somebody had and has no longer, or has otherwise."""
    return sum(
        a not in (OFF, b)
        for old, new in zip(before, after, strict=True)
        for a, b in zip(old, new, strict=True)
    )
