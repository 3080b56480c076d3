"""Prices of demands at once, from people of a kind taken together.

The compact model of a home takes the simplex method seconds, on a busy machine all the time
there is. Here everybody with the same duties, grade, pay and longest run is one crowd: a
linear program of a few thousand variables, solved in a fraction of a second. Its optimum
says little, but the cheapest rows of the real people at its prices prove a bound that is
never far off (:meth:`Generator.lagrangian`), and the ascent starts well from there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pulp

from rota.optimisation.arrays import Arrays
from rota.optimisation.mip import solve_relaxation
from rota.optimisation.person_arrays import INFINITE, Floats, Ints

_POSSIBLE = INFINITE / 10


@dataclass(slots=True)
class _Model:
    """The model under construction. ``given[kind][day]`` are its (duty, variable)."""

    arrays: Arrays
    kinds: list[list[int]]
    pulp_model: pulp.LpProblem
    given: list[dict[int, list[tuple[int, pulp.LpVariable]]]] = field(default_factory=list)
    cost: list[tuple[pulp.LpVariable, float]] = field(default_factory=list)
    #: (demand, source) → places bought
    bought: dict[tuple[int, str], pulp.LpVariable] = field(default_factory=dict)
    names: int = 0

    def variable(self, price: float, most: float | None = None) -> pulp.LpVariable:
        self.names += 1
        variable = pulp.LpVariable(f"v{self.names}", 0, most)
        if price:
            self.cost.append((variable, price))
        return variable

    def constrain(
        self, terms: list[tuple[pulp.LpVariable, float]], sense: int, side: float
    ) -> None:
        self.pulp_model.addConstraint(
            pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, rhs=side)
        )


def prices_of_kinds(
    arrays: Arrays, people: Ints, seconds: float, cancelled: Callable[[], bool]
) -> Floats | None:
    """What one more person is worth at each demand (with a last 0); null: not in ``seconds``."""
    model = _Model(arrays, _kinds(arrays, people), pulp.LpProblem("kinds", pulp.LpMinimize))
    define_cover(model)
    define_supplies(model)
    define_people_of_a_day(model)
    define_longest_run(model)
    define_duty_limits(model)
    define_contract(model)
    model.pulp_model.setObjective(pulp.LpAffineExpression(model.cost))
    answer = solve_relaxation(model.pulp_model, seconds=seconds, cancelled=cancelled)
    if answer is None:
        return None
    _, duals = answer
    prices = np.append(duals[: arrays.demands], 0.0)
    np.clip(prices[:-1], -arrays.over_limit, arrays.under_limit, out=prices[:-1])
    return prices


def _kinds(arrays: Arrays, people: Ints) -> list[list[int]]:
    """People who differ in requests, leave and hours only."""
    found: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number in people.tolist():
        person, table = arrays.problem.people[number], arrays.people[number]
        duties = tuple(table.duties[: _open(arrays, number)].tolist())
        pay = (person.under_price, person.over_price)
        found[duties, person.grade, pay, person.max_run].append(number)
    return list(found.values())


def _open(arrays: Arrays, person: int) -> int:
    """How many of a person's duties are open ones (copies of history come after them)."""
    table = arrays.people[person]
    return int((table.units > 0).sum())


def define_cover(model: _Model) -> None:
    """``Σ x[g,d,k,c] + Σ_s bought[s] − over = required`` for each demand, the first rows.

    ``0 ≤ x[g,d,k,c] ≤`` the people of kind g for whom duty k on day d costs c."""
    arrays = model.arrays
    serving: dict[int, list[tuple[pulp.LpVariable, float]]] = defaultdict(list)
    for people in model.kinds:
        days: dict[int, list[tuple[int, pulp.LpVariable]]] = defaultdict(list)
        table = arrays.people[people[0]]
        for day in range(arrays.problem.first_open_day, arrays.days):
            for duty in range(_open(arrays, people[0])):
                prices = Counter(float(arrays.people[p].own[day, duty]) for p in people)
                for price, count in sorted(prices.items()):
                    if price < _POSSIBLE:
                        variable = model.variable(price, count)
                        days[day].append((duty, variable))
                        for row in table.rows[day, duty]:
                            serving[int(row)].append((variable, 1.0))
        model.given.append(days)
    for number, demand in enumerate(arrays.problem.demands):
        terms = serving[number]
        for step in demand.shortage:
            bought = model.variable(step.price, step.limit)
            model.bought[number, step.source] = bought
            terms.append((bought, 1.0))
        terms.append((model.variable(demand.over_price), -1.0))
        model.constrain(terms, pulp.LpConstraintEQ, demand.required)


def define_supplies(model: _Model) -> None:
    """``Σ_r minutes[r]·bought[r] − beyond ≤ limit`` for every source with a limit over demands."""
    for supply in model.arrays.problem.supplies:
        terms = [
            (model.bought[number, supply.source], float(minutes))
            for number, minutes in supply.minutes.items()
            if (number, supply.source) in model.bought
        ]
        beyond = model.variable(supply.beyond)
        model.constrain([*terms, (beyond, -1.0)], pulp.LpConstraintLE, supply.limit)


def define_people_of_a_day(model: _Model) -> None:
    """``Σ_k,c x[g,d,k,c] ≤`` the people of kind g who can work on day d."""
    for people, days in zip(model.kinds, model.given, strict=True):
        open_duties = _open(model.arrays, people[0])
        for day, given in days.items():
            able = sum(
                bool((model.arrays.people[p].own[day, :open_duties] < _POSSIBLE).any())
                for p in people
            )
            model.constrain([(v, 1.0) for _, v in given], pulp.LpConstraintLE, able)


def define_longest_run(model: _Model) -> None:
    """``Σ_{t=d}^{d+R} Σ_k,c x[g,t,k,c] ≤ R · |g|`` for every window of R+1 days."""
    opening = model.arrays.problem.first_open_day
    for people, days in zip(model.kinds, model.given, strict=True):
        most = model.arrays.problem.people[people[0]].max_run
        for first in range(opening, model.arrays.days - most):
            window = range(first, first + most + 1)
            terms = [(v, 1.0) for day in window for _, v in days.get(day, [])]
            if terms:
                model.constrain(terms, pulp.LpConstraintLE, most * len(people))


def define_duty_limits(model: _Model) -> None:
    """``Σ_d,c x[g,d,k,c] ≤ Σ_{p∈g} M[p,k]`` for every duty that somebody may have only so often."""
    length = model.arrays.days - model.arrays.problem.first_open_day
    for people, days in zip(model.kinds, model.given, strict=True):
        width = _open(model.arrays, people[0])
        caps = np.zeros(width)
        for person in people:
            caps += np.minimum(model.arrays.people[person].caps[:width], length)
        by_duty: dict[int, list[tuple[pulp.LpVariable, float]]] = defaultdict(list)
        for given in days.values():
            for duty, variable in given:
                by_duty[duty].append((variable, 1.0))
        for duty, terms in by_duty.items():
            if caps[duty] < len(people) * length:
                model.constrain(terms, pulp.LpConstraintLE, float(caps[duty]))


def define_contract(model: _Model) -> None:
    """``Σ minutes·x + under − over = Σ_{p∈g} contract[p]``, at the prices of the kind;
    ``over ≤ Σ_{p∈g} (max − contract)``."""
    problem = model.arrays.problem
    for people, days in zip(model.kinds, model.given, strict=True):
        members = [problem.people[p] for p in people]
        duties = model.arrays.people[people[0]].duties
        terms = [
            (variable, float(problem.duties[int(duties[duty])].minutes))
            for given in days.values()
            for duty, variable in given
        ]
        if not terms:
            continue
        contract = sum(member.contract_minutes for member in members)
        room = sum(max(0, member.max_minutes - member.contract_minutes) for member in members)
        under = model.variable(members[0].under_price)
        over = model.variable(members[0].over_price, room)
        model.constrain([*terms, (under, 1.0), (over, -1.0)], pulp.LpConstraintEQ, contract)
