"""Cost against fairness against continuity: rotas of one question, none beaten by another.

ε-constraint: the cost is made as small as possible while the shifts on strange units and the
weekend shifts above a fair share are held to a ladder of limits. Every point is measured on
its roster after the fact, and what another point beats on all three is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pulp

from rota.optimisation.compact import Model, Scope, build_model, roster_of
from rota.optimisation.evaluation import evaluate
from rota.optimisation.mip import solve_mip
from rota.optimisation.problem import OFF, Problem, Roster

#: shares of what the cheapest rota has, for both limits
LADDER = (1.0, 0.5, 0.0)
#: pence for each shift or share above a limit: the limit holds unless it is impossible
_ELASTIC = 500_000
_GAP = 0.005


@dataclass(frozen=True, slots=True)
class Point:
    """A rota and its three measures; all three are better when smaller.

    ``pence`` is the objective without the price of strange units, ``strange`` shifts on them,
    ``uneven`` weekend shifts above a fair share by contract.
    """

    roster: Roster
    pence: int
    strange: int
    uneven: float

    def beats(self, other: Point) -> bool:
        """At least as good in all three and better in one."""
        mine, theirs = self._measures(), other._measures()
        return all(a <= b for a, b in zip(mine, theirs, strict=True)) and mine != theirs

    def _measures(self) -> tuple[float, float, float]:
        return self.pence, self.strange, round(self.uneven, 6)


def without_dominated(points: Sequence[Point]) -> list[Point]:
    """The points that no other beats, each measure once, by cost."""
    best: list[Point] = []
    seen: set[tuple[float, float, float]] = set()
    for point in sorted(points, key=lambda p: p._measures()):
        if point._measures() not in seen and not any(other.beats(point) for other in points):
            seen.add(point._measures())
            best.append(point)
    return best


def measure(problem: Problem, roster: Roster, shares: Sequence[float]) -> Point:
    """The three measures of a roster; ``shares`` are fair weekend shifts by person."""
    score = evaluate(problem, roster)
    strange = sum(
        bool(person.duty_price.get(row[d], 0))
        for person, row in zip(problem.people, roster, strict=True)
        for d in range(problem.first_open_day, problem.days)
        if row[d] != OFF
    )
    uneven = sum(
        max(0.0, sum(row[d] != OFF for d in _weekend_days(problem)) - share)
        for row, share in zip(roster, shares, strict=True)
    )
    return Point(roster, score.cost - score.duties, strange, uneven)


def fair_shares(problem: Problem, roster: Roster) -> list[float]:
    """The weekend shifts of a roster shared out by contract."""
    days = _weekend_days(problem)
    total = sum(row[d] != OFF for row in roster for d in days)
    contracts = sum(person.contract_minutes for person in problem.people)
    return [
        total * person.contract_minutes / contracts if contracts else 0.0
        for person in problem.people
    ]


def sweep(
    problem: Problem,
    cheapest: Roster,
    *,
    seconds_each: float,
    check: Callable[[Roster], tuple[Roster, int]],
    threads: int = 2,
    report: Callable[[float, str], None] = lambda _share, _text: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Point]:
    """The frontier around the cheapest roster known. Every roster is lawful, and measured as
    ``check`` lets it stand."""
    shares = fair_shares(problem, cheapest)
    first = measure(problem, cheapest, shares)
    found = [first]
    steps = [(a, b) for a in LADDER for b in LADDER if (a, b) != (1.0, 1.0)]
    # what is limited is not priced as well
    bare = replace(problem, people=tuple(replace(p, duty_price={}) for p in problem.people))
    for number, (strange, uneven) in enumerate(steps):
        report(number / len(steps), f"Point {number + 1} of {len(steps)}")
        if cancelled():
            break
        model = build_model(bare, Scope.everything(bare, cheapest))
        limit_strange(model, problem, first.strange * strange)
        limit_uneven(model, shares, first.uneven * uneven)
        model.pulp_model.setObjective(pulp.LpAffineExpression(model.cost, constant=model.constant))
        warm = {
            variable.name: 1.0
            for (p, d, k), variable in model.assign.items()
            if cheapest[p][d] == k
        }
        answer = solve_mip(
            model.pulp_model, seconds=seconds_each, warm=warm, relative_gap=_GAP,
            threads=threads, cancelled=cancelled,
        )  # fmt: skip
        if not answer.values:
            continue
        chosen = [key for key, v in model.assign.items() if answer.values.get(v.name, 0) > 0.5]
        roster = roster_of(model, chosen)
        if evaluate(problem, roster).lawful:
            found.append(measure(problem, check(roster)[0], shares))
    return without_dominated(found)


def limit_strange(model: Model, problem: Problem, limit: float) -> None:
    """``Σ x[p,d,k] − excess ≤ limit`` over duties on units that are not p's own."""
    excess = model.variable(0, None, integer=False)
    model.cost.append((excess, _ELASTIC))
    terms = [
        (variable, 1.0)
        for (p, _, k), variable in model.assign.items()
        if problem.people[p].duty_price.get(k, 0)
    ]
    model.constrain([*terms, (excess, -1.0)], pulp.LpConstraintLE, limit)


def limit_uneven(model: Model, shares: Sequence[float], limit: float) -> None:
    """``e[p] ≥ Σ_{weekend} x[p,d,k] − share[p]`` and ``Σ e[p] − excess ≤ limit``."""
    days = set(_weekend_days(model.problem))
    worked: dict[int, list[tuple[pulp.LpVariable, float]]] = defaultdict(list)
    for (p, d, _), variable in model.assign.items():
        if d in days:
            worked[p].append((variable, 1.0))
    above: list[tuple[pulp.LpVariable, float]] = []
    for p, terms in worked.items():
        each = model.variable(0, None, integer=False)
        model.constrain([*terms, (each, -1.0)], pulp.LpConstraintLE, shares[p])
        above.append((each, 1.0))
    excess = model.variable(0, None, integer=False)
    model.cost.append((excess, _ELASTIC))
    model.constrain([*above, (excess, -1.0)], pulp.LpConstraintLE, limit)


def _weekend_days(problem: Problem) -> list[int]:
    days = set().union(*problem.weekends) if problem.weekends else set()
    return sorted(d for d in days if problem.first_open_day <= d < problem.days)
