"""The engine: a lawful roster at once, then better ones and a bound until the time is up.

Here the solve begins and ends; what happens between is in ``workers.py``. With one thread
and a work limit the order of work is fixed by the seed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import gcd

import numpy as np

from rota.errors import InvalidInput
from rota.optimisation.arrays import compile_problem, roster_tuple
from rota.optimisation.checks import check_problem
from rota.optimisation.clock import Clock
from rota.optimisation.columns import Pool
from rota.optimisation.compiled import prepare
from rota.optimisation.descent import construct
from rota.optimisation.evaluation import evaluate, person_breaches
from rota.optimisation.incumbent import Incumbent
from rota.optimisation.linear import matrix_of
from rota.optimisation.master import declare_master
from rota.optimisation.pricing import Pricer
from rota.optimisation.problem import Limits, Problem, Progress, Roster, Solution
from rota.optimisation.state import Run
from rota.optimisation.workers import bound_then_search, guarded, search_only


def solve(
    problem: Problem,
    limits: Limits | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    started: float | None = None,
    start: Roster | None = None,
    now: Callable[[], float] = time.monotonic,
) -> Solution:
    """The best lawful roster found within ``limits``, with a valid bound when there is one.

    ``started`` (by ``now``) lets the limit count from before the call; ``start`` is a
    lawful roster to begin from (the present rota). Raises
    :class:`~rota.errors.InvalidInput` for a problem that contradicts itself.
    """
    limits = limits or Limits()
    if started is None:
        prepare()  # compiling once after an installation is not this solve's time
    clock = Clock(limits.seconds, cancelled, started, now)
    cpu = time.process_time()
    check_problem(problem)
    run = _begin(problem, limits, clock, on_progress, start)
    run.note("first roster")
    if limits.threads > 1 and limits.work is None:
        helper = threading.Thread(target=guarded, args=(run, search_only, 1), daemon=True)
        helper.start()
        guarded(run, bound_then_search, 0)
        helper.join(timeout=2.0)
    else:
        guarded(run, bound_then_search, 0)
    with run.incumbent.lock:
        roster = roster_tuple(run.incumbent.roster)
    return _judged(run, roster, time.process_time() - cpu)


def _begin(
    problem: Problem,
    limits: Limits,
    clock: Clock,
    on_progress: Callable[[Progress], None] | None,
    start: Roster | None,
) -> Run:
    arrays = compile_problem(problem)
    pool = Pool(arrays, limit=max(20, min(200, 3_000_000 // (len(arrays.people) * arrays.days))))
    present = None if start is None else np.array(start, dtype=np.int16)
    pricer = Pricer(arrays)
    pricer.rows(0, np.zeros(arrays.demands + 1))  # load the compiled code before timing
    begun = clock.now()
    incumbent = construct(arrays, pricer, pool, present)
    sweep_seconds = clock.now() - begun
    if start is not None:
        _take_lawful_rows(incumbent, problem, start)
    return Run(
        arrays=arrays,
        limits=limits,
        clock=clock,
        incumbent=incumbent,
        matrix=matrix_of(declare_master(arrays)),
        pool=pool,
        granularity=_granularity(problem),
        on_progress=on_progress,
        sweep_seconds=sweep_seconds,
    )


def _take_lawful_rows(incumbent: Incumbent, problem: Problem, start: Roster) -> None:
    """Begin from ``start`` where it is lawful, if that is cheaper than what was built."""
    roster = incumbent.roster.copy()
    for person, row in enumerate(start):
        if not person_breaches(problem, problem.people[person], row):
            roster[person] = row
    incumbent.replace(roster)


def _granularity(problem: Problem) -> float:
    """The number every cost is a multiple of."""
    size = 0
    for demand in problem.demands:
        for step in demand.shortage:
            size = gcd(size, step.price)
        size = gcd(size, demand.over_price)
    for supply in problem.supplies:
        size = gcd(size, supply.beyond)
    for request in problem.requests:
        size = gcd(size, request.weight)
    for person in problem.people:
        for price in (person.under_price, person.over_price, *person.duty_price.values()):
            size = gcd(size, price)
    return float(size or 1)


def _judged(run: Run, roster: Roster, cpu_seconds: float) -> Solution:
    """Re-score the answer from scratch; an answer that fails is a defect, not a roster."""
    problem = run.arrays.problem
    score = evaluate(problem, roster)
    standing = {problem.people[p].code for p in np.flatnonzero(run.incumbent.frozen)}
    breaches = [breach for breach in score.breaches if breach.person not in standing]
    bound = run.lower_bound()
    seconds = round(run.clock.elapsed(), 3)
    if breaches:
        first = breaches[0]
        text = f"defect: {first.person} day {first.day}: {first.text}"
        return Solution("defect", None, None, None, seconds, cpu_seconds, tuple(run.trace), text)
    if bound is not None and score.cost < bound:
        text = f"defect: bound {bound} above the cost {score.cost}"
        bound = None
    elif run.failures:
        text = f"a worker stopped: {run.failures[0]!r}"
    else:
        text = ""
    status = "feasible"
    if bound is not None and score.cost <= bound:
        status = "optimal"
    elif run.clock.cancelled():
        status = "cancelled"
    return Solution(
        status, roster, score.cost, bound, seconds, round(cpu_seconds, 3), tuple(run.trace), text
    )


__all__ = ["InvalidInput", "solve"]
