"""What the rules of work take off an answer goes to somebody else, not at once to an agency.

The engine knows the rules in its own form and not every one of them to the last case (a run
that goes on into the rota after the period). Whoever lost a shift has that day off, and the
days concerned are decided once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from rota.optimisation.evaluation import evaluate
from rota.optimisation.problem import Problem, Roster, Solution
from rota.optimisation.repair import redecide

#: times the rules are asked before what is left becomes a gap
_ROUNDS = 3
#: for all rounds together; days decided in one
_SECONDS = 3.0
_MOST_DAYS = 3


def with_the_rules(
    problem: Problem,
    solution: Solution,
    check: Callable[[Roster], tuple[Roster, int]],
    cancelled: Callable[[], bool],
) -> Solution:
    """The solution with its roster as the rules let it stand, refilled where they took shifts.

    ``check`` gives a roster less what the rules forbid, and how many shifts that were. The
    bound stays: what is forbidden cannot make a rota cheaper.
    """
    roster = solution.roster
    if roster is None:
        return solution
    barred: dict[int, set[int]] = defaultdict(set)
    for _ in range(_ROUNDS):
        mended, taken_off = check(roster)
        if not taken_off:
            break
        lost = [
            (who, day)
            for who, row in enumerate(roster)
            for day, duty in enumerate(row)
            if mended[who][day] != duty
        ]
        for who, day in lost:
            barred[who].add(day)
        days = [day for _, day in lost]
        most = sorted(set(days), key=lambda day: (-days.count(day), day))[:_MOST_DAYS]
        narrower = _with_days_off(problem, barred)
        roster, _ = redecide(narrower, mended, sorted(most), _SECONDS / _ROUNDS, cancelled)
    if roster == solution.roster:
        return solution
    cost = evaluate(problem, roster).cost
    dearer = solution.cost is not None and cost > solution.cost
    status = "feasible" if dearer and solution.status == "optimal" else solution.status
    return replace(solution, roster=roster, cost=cost, status=status)


def _with_days_off(problem: Problem, barred: dict[int, set[int]]) -> Problem:
    people = list(problem.people)
    for who, days in barred.items():
        people[who] = replace(people[who], days_off=people[who].days_off | days)
    return replace(problem, people=tuple(people))
