"""Solving a home: lawful at once, then better neighbourhood by neighbourhood.

The present rota (less what is unlawful in it) is the first answer. A short period is one
model; a long one is improved by re-deciding all the people of one unit, of two units
together, or everybody for some days, while the rest stands still. The relaxation of the
whole model gives a bound for all of it.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil

from rota.optimisation.compact import Model, Scope, build_model, roster_of
from rota.optimisation.engine import solve
from rota.optimisation.evaluation import evaluate, person_breaches
from rota.optimisation.mip import SolverName, solve_mip, solve_relaxation
from rota.optimisation.problem import OFF, Limits, Problem, Progress, Roster, Solution

#: cells (people × days) up to which the whole problem is one model
ONE_MODEL_CELLS = 1_500
#: a neighbourhood of this many cells solves in a second or two
NEIGHBOURHOOD_CELLS = 750
_GAP = 0.001
#: a neighbourhood need not be solved to the last penny: the next one changes it anyway
_NEIGHBOURHOOD_GAP = 0.004

Report = Callable[[Progress], None]
Stop = Callable[[], bool]


@dataclass(slots=True)
class _Search:
    """The state of one search."""

    problem: Problem
    limits: Limits
    solver: SolverName
    report: Report
    cancelled: Stop
    roster: Roster
    cost: int
    bound: float | None = None
    begun: float = field(default_factory=time.monotonic)
    cpu_begun: float = field(default_factory=time.process_time)
    trace: list[Progress] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun

    @property
    def left(self) -> float:
        return self.limits.seconds - self.seconds

    @property
    def lower_bound(self) -> int | None:
        """The bound as a whole number; null when it says no more than "not below nothing"."""
        if self.bound is None or (self.bound <= 0 < self.cost):
            return None
        return ceil(self.bound - 1e-6)

    def over(self) -> bool:
        return self.cancelled() or self.left <= 0.2 or self.proved()

    def proved(self) -> bool:
        return self.bound is not None and self.cost - self.bound <= _GAP * abs(self.cost)

    def tell(self, phase: str) -> None:
        progress = Progress(self.seconds, self.cost, self.lower_bound, phase)
        self.trace.append(progress)
        self.report(progress)

    def offer(self, roster: Roster) -> bool:
        """Take a roster if it is lawful and better."""
        score = evaluate(self.problem, roster)
        if not score.lawful or score.cost >= self.cost:
            return False
        self.roster, self.cost = roster, score.cost
        return True


def solve_home(
    problem: Problem,
    start: Roster,
    limits: Limits,
    *,
    solver: SolverName = "HiGHS",
    report: Report = lambda _progress: None,
    cancelled: Stop = lambda: False,
) -> Solution:
    """The best lawful roster found within the limits, with a valid bound if one was proved.

    HiGHS serves the engine. CBC, a program of its own that cannot keep a model between
    solves, improves the compact model neighbourhood by neighbourhood."""
    if solver == "HiGHS":
        return solve(problem, limits, report, cancelled, start=start)
    roster = lawful_part(problem, start)
    search = _Search(
        problem, limits, solver, report, cancelled, roster, evaluate(problem, roster).cost
    )
    search.tell("The rota as it stands, less what is not lawful")
    cells = len(problem.people) * (problem.days - problem.first_open_day)
    _relax(search)
    if cells <= ONE_MODEL_CELLS:
        _improve(search, rounds=1)
        _solve_whole(search)
    if not search.over():
        _improve(search)
    if cancelled():
        status = "cancelled"
    else:
        status = "optimal" if search.proved() else "feasible"
    return Solution(
        status=status,
        roster=search.roster,
        cost=search.cost,
        lower_bound=search.lower_bound,
        seconds=search.seconds,
        cpu_seconds=time.process_time() - search.cpu_begun,
        trace=tuple(search.trace),
    )


def lawful_part(problem: Problem, roster: Roster) -> Roster:
    """The roster less every decided duty that breaks a hard limit."""
    rows = []
    for person, row in zip(problem.people, roster, strict=True):
        kept = list(row)
        for _ in range(problem.days):
            breaches = person_breaches(problem, person, tuple(kept))
            if not breaches:
                break
            _drop_one(problem, kept, breaches[0].day, person.fixed)
        rows.append(tuple(kept))
    return tuple(rows)


def _drop_one(problem: Problem, row: list[int], day: int, fixed: object) -> None:
    """Take the duty at the breach, or the nearest decided one before it, then after it."""
    assigned = [
        d
        for d in range(problem.first_open_day, problem.days)
        if row[d] != OFF and d not in fixed  # type: ignore[operator]
    ]
    if not assigned:
        return
    row[min(assigned, key=lambda d: (abs(d - day), d))] = OFF


def _warm_values(model: Model, roster: Roster) -> dict[str, float]:
    """The roster as a start for the solver (it completes the other variables itself)."""
    return {variable.name: 1.0 for (p, d, k), variable in model.assign.items() if roster[p][d] == k}


def _decide(
    search: _Search, scope: Scope, seconds: float, gap: float = _NEIGHBOURHOOD_GAP
) -> tuple[Roster | None, float | None]:
    model = build_model(search.problem, scope)
    answer = solve_mip(
        model.pulp_model,
        seconds=seconds,
        warm=_warm_values(model, search.roster),
        relative_gap=gap,
        threads=search.limits.threads,
        solver=search.solver,
        cancelled=search.cancelled,
    )
    if not answer.values:
        return None, answer.bound
    chosen = [
        key for key, variable in model.assign.items() if answer.values.get(variable.name, 0) > 0.5
    ]
    return roster_of(model, chosen), answer.bound


def _solve_whole(search: _Search) -> None:
    search.tell("All days and people in one model")
    scope = Scope.everything(search.problem, search.roster)
    roster, bound = _decide(search, scope, search.left, _GAP)
    if bound is not None:
        search.bound = max(bound, search.bound or bound)
    if roster is not None:
        search.offer(roster)
    search.tell("One model solved")


def _relax(search: _Search) -> None:
    """A bound for the whole from its relaxation."""
    search.tell("Bound of the whole period")
    scope = Scope.everything(search.problem, search.roster)
    model = build_model(search.problem, scope)
    answer = solve_relaxation(
        model.pulp_model, seconds=search.left * 0.4, cancelled=search.cancelled
    )
    search.bound = answer[0] if answer is not None and answer[0] > 0 else None
    search.tell("Improving")


def _improve(search: _Search, rounds: int | None = None) -> None:
    """Neighbourhood after neighbourhood; ``rounds`` of every unit once, or until the end."""
    chooser = random.Random(search.limits.seed)
    most = None if rounds is None else rounds * len(_people_by_unit(search.problem))
    for steps, scope in enumerate(_neighbourhoods(search, chooser)):
        if steps == most:
            return
        if search.over() or (search.limits.work is not None and steps >= search.limits.work):
            return
        roster, _ = _decide(search, scope, min(6.0, search.left))
        if roster is not None and search.offer(roster):
            search.tell("Improving")


def _neighbourhoods(search: _Search, chooser: random.Random) -> Iterator[Scope]:
    """First every unit once, then a mix for as long as there is time."""
    problem = search.problem
    open_days = range(problem.first_open_day, problem.days)
    units = _people_by_unit(problem)
    names = sorted(units)
    for name in names:
        yield Scope(
            tuple(_trim(units[name], len(open_days), chooser)), tuple(open_days), search.roster
        )
    while True:
        kind = chooser.random()
        if kind < 0.4 and len(names) > 1:
            people = [p for name in chooser.sample(names, 2) for p in units[name]]
            days = _window(open_days, max(7, NEIGHBOURHOOD_CELLS // max(1, len(people))), chooser)
        elif kind < 0.7:
            people = list(range(len(problem.people)))
            days = _window(open_days, max(2, NEIGHBOURHOOD_CELLS // len(people)), chooser)
        else:
            people = _trim(units[chooser.choice(names)], len(open_days), chooser)
            days = tuple(open_days)
        yield Scope(tuple(sorted(set(people))), days, search.roster)


def _window(days: range, length: int, chooser: random.Random) -> tuple[int, ...]:
    length = min(length, len(days))
    first = chooser.randrange(len(days) - length + 1)
    return tuple(days[first : first + length])


def _trim(people: list[int], days: int, chooser: random.Random) -> list[int]:
    most = max(4, NEIGHBOURHOOD_CELLS // days)
    return people if len(people) <= most else sorted(chooser.sample(people, most))


def _people_by_unit(problem: Problem) -> dict[str, list[int]]:
    """People by the unit that is theirs: the one on which their duties cost nothing extra.

    Somebody who is at home everywhere (bank staff) belongs to every unit they can work on.
    """
    units: dict[str, list[int]] = defaultdict(list)
    for p, person in enumerate(problem.people):
        priced: dict[str, int] = {}
        for k in person.maximum:
            unit = problem.duties[k].unit
            if unit:
                priced[unit] = min(person.duty_price.get(k, 0), priced.get(unit, 1 << 30))
        lowest = min(priced.values(), default=0)
        for unit in sorted(unit for unit, price in priced.items() if price == lowest):
            units[unit].append(p)
    return units
