"""The rostering problem as one PuLP model: a 0/1 variable for each person, day and duty.

All days of the period stand in one model together. For a large home the same model is
built for a part of the people while the others stand still (:class:`Scope`): that is what
the improvement by neighbourhoods solves again and again.

Each constraint family is one ``define_*`` function with its inequality in the docstring.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import pulp

from rota.optimisation.evaluation import places_bought, shortage_cost
from rota.optimisation.problem import OFF, Demand, Person, Problem, Roster
from rota.optimisation.stretches import is_open, paths_of


@dataclass(frozen=True, slots=True)
class Scope:
    """What is decided: these people on these days; everything else stands as in ``roster``."""

    people: tuple[int, ...]
    days: tuple[int, ...]
    roster: Roster

    @classmethod
    def everything(cls, problem: Problem, roster: Roster) -> Scope:
        """Everybody on every open day."""
        return cls(
            tuple(range(len(problem.people))),
            tuple(range(problem.first_open_day, problem.days)),
            roster,
        )


@dataclass(slots=True)
class Model:
    """A PuLP model under construction, with its variables by meaning."""

    problem: Problem
    scope: Scope
    pulp_model: pulp.LpProblem
    #: (person, day, duty) → 0/1
    assign: dict[tuple[int, int, int], pulp.LpVariable] = field(default_factory=dict)
    cost: list[tuple[pulp.LpVariable, float]] = field(default_factory=list)
    constant: float = 0.0
    names: int = 0
    open_cells: set[tuple[int, int]] = field(default_factory=set)
    #: demand → its row's place among the constraints (demands nobody in scope serves: none)
    cover_rows: dict[int, int] = field(default_factory=dict)
    #: demand → (source, places bought there); demands nobody in scope serves: what they miss
    bought: dict[int, list[tuple[str, pulp.LpVariable]]] = field(default_factory=dict)
    missing: dict[int, int] = field(default_factory=dict)
    #: people whose runs, days off and weekends are a path (see ``stretches.py``)
    on_paths: set[int] = field(default_factory=set)

    def variable(self, low: float, high: float | None, *, integer: bool = True) -> pulp.LpVariable:
        """A fresh variable."""
        self.names += 1
        kind = pulp.LpInteger if integer else pulp.LpContinuous
        return pulp.LpVariable(f"v{self.names}", low, high, kind)

    def constrain(
        self, terms: Iterable[tuple[pulp.LpVariable, float]], sense: int, side: float
    ) -> None:
        """Add ``Σ coefficient × variable  sense  side`` (an empty left side is left out)."""
        pairs = list(terms)
        if pairs:
            expression = pulp.LpAffineExpression(pairs)
            self.pulp_model.addConstraint(pulp.LpConstraint(expression, sense, rhs=side))

    def standing(self, person: int, day: int) -> int:
        """The duty that stands there, or OFF; days in scope are not standing."""
        if (person, day) in self.open_cells:
            return OFF
        return self.scope.roster[person][day]


def build_model(problem: Problem, scope: Scope) -> Model:
    """Declare the whole model for a scope."""
    model = Model(problem, scope, pulp.LpProblem("rota", pulp.LpMinimize))
    model.open_cells = {(p, d) for p in scope.people for d in scope.days}
    define_assignments(model)
    define_one_duty_a_day(model)
    define_rest_between_duties(model)
    define_paths(model)
    define_longest_run(model)
    define_shortest_run(model)
    define_days_off_in_a_row(model)
    define_duty_limits(model)
    define_weekends(model)
    define_contract(model)
    define_cover(model)
    define_supplies(model)
    define_requests(model)
    define_objective(model)
    return model


def define_objective(model: Model) -> None:
    """``min Σ price × variable``; the prices of one variable (its duty, a request) add up."""
    prices: dict[pulp.LpVariable, float] = defaultdict(float)
    for variable, price in model.cost:
        prices[variable] += price
    model.pulp_model.setObjective(
        pulp.LpAffineExpression(list(prices.items()), constant=model.constant)
    )


def define_assignments(model: Model) -> None:
    """``x[p,d,k] ∈ {0,1}`` for every duty k that person p may have on day d, at its price."""
    for p in model.scope.people:
        person = model.problem.people[p]
        for d in model.scope.days:
            if d in person.days_off:
                continue
            fixed = person.fixed.get(d)
            for k in [fixed] if fixed is not None else sorted(person.maximum):
                if (d, k) in person.barred or (person.maximum.get(k, 0) == 0 and fixed is None):
                    continue
                variable = model.variable(1 if fixed is not None else 0, 1)
                model.assign[p, d, k] = variable
                price = person.duty_price.get(k, 0)
                if price:
                    model.cost.append((variable, price))


def define_one_duty_a_day(model: Model) -> None:
    """``Σ_k x[p,d,k] ≤ 1`` for every person and day."""
    for variables in _by_cell(model).values():
        if len(variables) > 1:
            model.constrain(((v, 1) for _, v in variables), pulp.LpConstraintLE, 1)


def define_rest_between_duties(model: Model) -> None:
    """``Σ_{k∈K} x[p,d,k] + Σ_{j∈N(K)} x[p,d+1,j] ≤ 1`` where N(K) may not follow K.

    Duties that bar the same followers share one row; a standing neighbour bars outright.
    """
    cells = _by_cell(model)
    for (p, d), today in cells.items():
        before = model.standing(p, d - 1) if d > 0 else OFF
        after = model.standing(p, d + 1) if d + 1 < model.problem.days else OFF
        for k, variable in today:
            forbidden = before != OFF and k in model.problem.duties[before].not_next_day
            forbidden |= after != OFF and after in model.problem.duties[k].not_next_day
            if forbidden:
                model.constrain([(variable, 1)], pulp.LpConstraintLE, 0)
        tomorrow = cells.get((p, d + 1), [])
        groups: dict[frozenset[int], list[pulp.LpVariable]] = defaultdict(list)
        for k, variable in today:
            followers = model.problem.duties[k].not_next_day & {j for j, _ in tomorrow}
            if followers:
                groups[frozenset(followers)].append(variable)
        for followers, variables in groups.items():
            terms = [(v, 1) for v in variables]
            terms += [(v, 1) for j, v in tomorrow if j in followers]
            model.constrain(terms, pulp.LpConstraintLE, 1)


def define_paths(model: Model) -> None:
    """Runs and days off as a path: for every node ``inflow − outflow = 0`` (−1 at the start,
    1 at the end), ``Σ_k x[p,d,k] = Σ runs that cover d`` and ``Σ weekends(run)·run ≤ W[p]``.

    Takes the place of the four families about runs, days off and weekends where somebody's
    whole horizon is open: the same rosters with a far tighter relaxation.
    """
    problem = model.problem
    if len(model.scope.days) != problem.days:
        return
    cells = _by_cell(model)
    for p in model.scope.people:
        person = problem.people[p]
        if not is_open(problem, person):
            continue
        paths = paths_of(problem, person, model.variable)
        for node, terms in paths.balance.items():
            side = -1 if node == ("ready", 0) else 1 if node == ("end", problem.days) else 0
            model.constrain(terms, pulp.LpConstraintEQ, side)
        for d in range(problem.days):
            worked = [(v, 1.0) for _, v in cells.get((p, d), [])]
            runs = [(run, -1.0) for run, _ in paths.covering[d]]
            model.constrain([*worked, *runs], pulp.LpConstraintEQ, 0)
        if person.max_weekends < len(problem.weekends):
            model.constrain(paths.weekends, pulp.LpConstraintLE, person.max_weekends)
        model.on_paths.add(p)


def define_longest_run(model: Model) -> None:
    """``Σ_{t=d}^{d+R} Σ_k x[p,t,k] ≤ R`` for every window of R+1 days, R the longest run."""
    cells = _by_cell(model)
    for p in _without_paths(model):
        limit = model.problem.people[p].max_run
        for first in range(model.problem.days - limit):
            window = range(first, first + limit + 1)
            terms = [(v, 1) for d in window for _, v in cells.get((p, d), [])]
            worked = sum(model.standing(p, d) != OFF for d in window)
            if len(terms) + worked > limit:
                model.constrain(terms, pulp.LpConstraintLE, limit - worked)


def define_shortest_run(model: Model) -> None:
    """``y[d] − y[d−1] ≤ y[d+t]`` for 0 < t < S: a run that begins inside lasts S days at least."""
    for p in _without_paths(model):
        shortest = model.problem.people[p].min_run
        if shortest > 1:
            _define_stretch(model, p, shortest, working=True)


def define_days_off_in_a_row(model: Model) -> None:
    """``y[d−1] − y[d] ≤ 1 − y[d+t]`` for 0 < t < F: days off come F at a time at least."""
    for p in _without_paths(model):
        fewest = model.problem.people[p].min_days_off
        if fewest > 1:
            _define_stretch(model, p, fewest, working=False)


def _define_stretch(model: Model, p: int, length: int, *, working: bool) -> None:
    """A stretch of work (or rest) that begins on an inner day lasts ``length`` days, unless
    it reaches the end of the horizon."""
    cells = _by_cell(model)

    def worked(d: int, factor: float) -> tuple[list[tuple[pulp.LpVariable, float]], float]:
        variables = [(v, factor) for _, v in cells.get((p, d), [])]
        return variables, factor * (model.standing(p, d) != OFF)

    sign = 1.0 if working else -1.0
    for d in range(1, model.problem.days):
        for t in range(1, length):
            if d + t >= model.problem.days:
                break
            terms: list[tuple[pulp.LpVariable, float]] = []
            constant = 0.0
            for day, factor in ((d, sign), (d - 1, -sign), (d + t, -sign)):
                variables, standing = worked(day, factor)
                terms += variables
                constant += standing
            model.constrain(terms, pulp.LpConstraintLE, (0 if working else 1) - constant)


def define_duty_limits(model: Model) -> None:
    """``Σ_d x[p,d,k] ≤ M[p,k]`` for every duty with a maximum."""
    by_duty: dict[tuple[int, int], list[pulp.LpVariable]] = defaultdict(list)
    for (p, _, k), variable in model.assign.items():
        by_duty[p, k].append(variable)
    for (p, k), variables in by_duty.items():
        limit = model.problem.people[p].maximum.get(k, 0) - _standing_count(model, p, k)
        if len(variables) > limit:
            model.constrain(((v, 1) for v in variables), pulp.LpConstraintLE, limit)


def _standing_count(model: Model, p: int, k: int) -> int:
    return sum(
        model.standing(p, d) == k for d in range(model.problem.first_open_day, model.problem.days)
    )


def define_weekends(model: Model) -> None:
    """``w[p,e] ≥ Σ_k x[p,d,k]`` for each day d of weekend e and ``Σ_e w[p,e] ≤ W[p]``."""
    cells = _by_cell(model)
    for p in _without_paths(model):
        limit = model.problem.people[p].max_weekends
        weekends = [w for w in model.problem.weekends if max(w) >= model.problem.first_open_day]
        if limit >= len(weekends):
            continue
        counted: list[tuple[pulp.LpVariable, float]] = []
        standing = 0
        for weekend in weekends:
            days = [d for d in weekend if d >= model.problem.first_open_day]
            if any(model.standing(p, d) != OFF for d in days):
                standing += 1
                continue
            worked = model.variable(0, 1)
            for d in days:
                terms = [(v, 1.0) for _, v in cells.get((p, d), [])]
                if terms:
                    model.constrain([*terms, (worked, -1)], pulp.LpConstraintLE, 0)
            counted.append((worked, 1))
        model.constrain(counted, pulp.LpConstraintLE, limit - standing)


def define_contract(model: Model) -> None:
    """``m = Σ minutes·x``; ``min ≤ m ≤ max``; ``m + under − over = contract`` at their prices."""
    by_person: dict[int, list[tuple[pulp.LpVariable, float]]] = defaultdict(list)
    for (p, _, k), variable in model.assign.items():
        by_person[p].append((variable, model.problem.duties[k].minutes))
    for p in model.scope.people:
        person, terms = model.problem.people[p], by_person[p]
        standing = _standing_minutes(model, p)
        model.constrain(terms, pulp.LpConstraintLE, person.max_minutes - standing)
        if person.min_minutes:
            model.constrain(terms, pulp.LpConstraintGE, person.min_minutes - standing)
        if person.under_price or person.over_price:
            under = model.variable(0, None, integer=False)
            over = model.variable(0, None, integer=False)
            model.cost += [(under, person.under_price), (over, person.over_price)]
            model.constrain(
                [*terms, (under, 1), (over, -1)],
                pulp.LpConstraintEQ,
                person.contract_minutes - standing,
            )


def _standing_minutes(model: Model, p: int) -> int:
    duties = (model.standing(p, d) for d in range(model.problem.first_open_day, model.problem.days))
    return sum(model.problem.duties[k].minutes for k in duties if k != OFF)


def define_cover(model: Model) -> None:
    """``Σ x + Σ_s bought[s] − over = required`` for each demand; bought[s] ≤ limit[s], priced.

    Always feasible: the last source of every shortage, the gap itself, has no limit.
    """
    serving: dict[int, list[tuple[int, int, pulp.LpVariable]]] = defaultdict(list)
    for (p, d, k), variable in model.assign.items():
        serving[d].append((p, k, variable))
    standing = _standing_by_day(model)
    for number, demand in enumerate(model.problem.demands):
        terms = [
            (v, 1.0)
            for p, k, v in serving[demand.day]
            if _serves(demand, model.problem.people[p], k)
        ]
        there = sum(_serves(demand, model.problem.people[p], k) for p, k in standing[demand.day])
        if not terms:
            missing = model.missing[number] = max(0, demand.required - there)
            model.constant += shortage_cost(demand, missing)
            model.constant += demand.over_price * max(0, there - demand.required)
            continue
        for step in demand.shortage:
            bought = model.variable(0, step.limit, integer=False)
            model.cost.append((bought, step.price))
            model.bought.setdefault(number, []).append((step.source, bought))
            terms.append((bought, 1.0))
        over = model.variable(0, None, integer=False)
        model.cost.append((over, demand.over_price))
        terms.append((over, -1.0))
        model.cover_rows[number] = len(model.pulp_model.constraints)
        model.constrain(terms, pulp.LpConstraintEQ, demand.required - there)


def define_supplies(model: Model) -> None:
    """``Σ_r minutes[r]·bought[r] − beyond ≤ limit`` for every source with a limit over several
    demands; a minute beyond it is priced. Rows whose limit cannot be reached are left out."""
    for supply in model.problem.supplies:
        terms: list[tuple[pulp.LpVariable, float]] = []
        left, most = supply.limit, 0
        for number, minutes in supply.minutes.items():
            demand = model.problem.demands[number]
            if number in model.missing:
                left -= minutes * places_bought(demand, supply.source, model.missing[number])
                continue
            most += minutes * demand.required
            terms += [(v, minutes) for source, v in model.bought[number] if source == supply.source]
        if terms and most > left:
            beyond = model.variable(0, None, integer=False)
            model.cost.append((beyond, supply.beyond))
            model.constrain([*terms, (beyond, -1.0)], pulp.LpConstraintLE, left)
        elif left < 0:
            model.constant += supply.beyond * -left


def _serves(demand: Demand, person: Person, duty: int) -> bool:
    return duty in demand.duties and (demand.grades is None or person.grade in demand.grades)


def _standing_by_day(model: Model) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for p in range(len(model.problem.people)):
        for d in range(model.problem.first_open_day, model.problem.days):
            duty = model.standing(p, d)
            if duty != OFF:
                found[d].append((p, duty))
    return found


def define_requests(model: Model) -> None:
    """``weight · (1 − x)`` for a wanted duty, ``weight · x`` for an unwanted one."""
    for request in model.problem.requests:
        if (request.person, request.day) not in model.open_cells:
            continue
        variable = model.assign.get((request.person, request.day, request.duty))
        if request.wanted:
            model.constant += request.weight
            if variable is not None:
                model.cost.append((variable, -request.weight))
        elif variable is not None:
            model.cost.append((variable, request.weight))


def _without_paths(model: Model) -> list[int]:
    return [p for p in model.scope.people if p not in model.on_paths]


def _by_cell(model: Model) -> dict[tuple[int, int], list[tuple[int, pulp.LpVariable]]]:
    cells: dict[tuple[int, int], list[tuple[int, pulp.LpVariable]]] = defaultdict(list)
    for (p, d, k), variable in model.assign.items():
        cells[p, d].append((k, variable))
    return cells


def roster_of(model: Model, chosen: Collection[tuple[int, int, int]]) -> Roster:
    """The scope's roster with the chosen (person, day, duty) in place of what was open."""
    rows = [list(row) for row in model.scope.roster]
    for p, d in model.open_cells:
        rows[p][d] = OFF
    for p, d, k in chosen:
        rows[p][d] = k
    return tuple(tuple(row) for row in rows)
