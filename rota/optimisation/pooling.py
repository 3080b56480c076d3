"""What sharing people between the units of a home is worth: the same week solved three ways.

Everybody on their own unit only; as it is allowed today; everybody of a fitting role on every
unit, at the price of an unfamiliar one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rota.models import Employment
from rota.optimisation.evaluation import evaluate, shortage_cost
from rota.optimisation.home import HomeProblem
from rota.optimisation.home_demands import is_minimum
from rota.optimisation.home_search import solve_home
from rota.optimisation.problem import OFF, Demand, Limits, Person, Problem, Roster
from rota.optimisation.problem import Progress as Step

VARIANTS = ("apart", "today", "pooled")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of sharing: objective and proved bound in pence; places below a minimum that
    own people leave to agencies or open; by unit the price of what is short, and hours lent to and borrowed from other units. ``taken_off``: shifts that the
    rules of work did not let stand; the figures are without them."""

    name: str
    pence: int
    bound: int | None
    places_short: int
    short_by_unit: dict[int, int]
    lent_hours: dict[int, float]
    borrowed_hours: dict[int, float]
    taken_off: int = 0


#: a roster less what the rules of work forbid, and how many shifts that were
Check = Callable[[Roster], tuple[Roster, int]]


def compare_pooling(
    home: HomeProblem,
    seconds: float,
    *,
    check: Check,
    seed: int = 1,
    report: Callable[[float, str], None] = lambda _share, _text: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Variant]:
    """The three variants, each solved for a third of the time; every answer goes through
    ``check`` before it is measured."""
    found: list[Variant] = []
    start = home.current
    for number, name in enumerate(VARIANTS):
        report(number / len(VARIANTS), f"Solving {name}")
        if cancelled():
            break
        problem = shared_problem(home, name)

        def tell(progress: Step, number: int = number) -> None:
            report((number + min(1.0, progress.seconds * 3 / seconds)) / 3, progress.phase)

        limits = Limits(seconds=seconds / len(VARIANTS), threads=2, seed=seed)
        solution = solve_home(problem, start, limits, report=tell, cancelled=cancelled)
        if solution.roster is None:
            continue
        roster, taken_off = better(problem, check(solution.roster), start if found else None)
        found.append(_variant(home, problem, name, roster, solution.lower_bound, taken_off))
        # a wider problem starts from the narrower answer: it is lawful there too
        start = roster
    return found


def better(
    problem: Problem, checked: tuple[Roster, int], narrower: Roster | None
) -> tuple[Roster, int]:
    """The checked answer, unless the narrower problem's, which stands here too, costs less."""
    if narrower is None or evaluate(problem, checked[0]).cost <= evaluate(problem, narrower).cost:
        return checked
    return narrower, 0


def shared_problem(home: HomeProblem, variant: str) -> Problem:
    """The problem with people shared as the variant says. Raises ``ValueError`` for none."""
    if variant == "today":
        return home.problem
    if variant not in VARIANTS:
        raise ValueError(variant)
    people = tuple(
        _apart(home, person, i) if variant == "apart" else _pooled(home, person, i)
        for i, person in zip(home.staff_ids, home.problem.people, strict=True)
    )
    return replace(home.problem, people=people)


def _own_unit(home: HomeProblem, staff_id: int) -> int | None:
    staff = next(person for person in home.data.staff if person.id == staff_id)
    units = {unit.id for unit in home.data.units}
    return staff.unit_id if staff.unit_id in units else None


def _apart(home: HomeProblem, person: Person, staff_id: int) -> Person:
    """Only on the own unit; bank staff and those without a unit stay shared."""
    staff = next(each for each in home.data.staff if each.id == staff_id)
    own = _own_unit(home, staff_id)
    if own is None or staff.employment == Employment.BANK:
        return person
    fixed = set(person.fixed.values())
    return replace(
        person,
        maximum={
            duty: most
            for duty, most in person.maximum.items()
            if duty in fixed or home.places[duty].unit_id == own
        },
    )


def _pooled(home: HomeProblem, person: Person, staff_id: int) -> Person:
    """The shift types of the own duties on every unit."""
    own = _own_unit(home, staff_id)
    kinds = {
        home.places[duty].shift_type_id
        for duty in person.maximum
        if home.places[duty].unit_id is not None
    }
    maximum, prices = dict(person.maximum), dict(person.duty_price)
    most = max(person.maximum.values(), default=0)
    nights = {(day, home.places[duty].shift_type_id) for day, duty in person.barred}
    barred = set(person.barred)
    for duty, place in enumerate(home.places):
        if place.unit_id is None or place.shift_type_id not in kinds or duty in maximum:
            continue
        maximum[duty] = most
        if place.unit_id != own:
            prices[duty] = home.prices.unfamiliar_unit
        barred |= {(day, duty) for day, kind in nights if kind == place.shift_type_id}
    return replace(person, maximum=maximum, duty_price=prices, barred=frozenset(barred))


def missing_people(problem: Problem, roster: Roster) -> Iterator[tuple[Demand, int]]:
    """Every demand and how many people are missing to it."""
    for demand in problem.demands:
        there = sum(
            row[demand.day] in demand.duties
            and (demand.grades is None or person.grade in demand.grades)
            for person, row in zip(problem.people, roster, strict=True)
        )
        yield demand, max(0, demand.required - there)


def _variant(
    home: HomeProblem,
    problem: Problem,
    name: str,
    roster: Roster,
    bound: int | None,
    taken_off: int,
) -> Variant:
    short: dict[int, int] = defaultdict(int)
    below = 0
    for demand, missing in missing_people(problem, roster):
        short[int(demand.name.partition("/")[0])] += shortage_cost(demand, missing)
        below += missing if is_minimum(demand) else 0
    lent: dict[int, float] = defaultdict(float)
    borrowed: dict[int, float] = defaultdict(float)
    for staff_id, row in zip(home.staff_ids, roster, strict=True):
        own = _own_unit(home, staff_id)
        for d in range(problem.first_open_day, problem.days):
            unit_id = home.places[row[d]].unit_id if row[d] != OFF else None
            if own is not None and unit_id is not None and unit_id != own:
                hours = problem.duties[row[d]].minutes / 60
                lent[own] += hours
                borrowed[unit_id] += hours
    return Variant(
        name, evaluate(problem, roster).cost, bound, below, dict(short), dict(lent), dict(borrowed),
        taken_off,
    )  # fmt: skip
