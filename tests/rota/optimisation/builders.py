"""Tiny rostering problems for the tests: as text, by hand and at random."""

from __future__ import annotations

import itertools
import random

from rota.optimisation.evaluation import evaluate, person_breaches
from rota.optimisation.problem import OFF, Demand, Duty, Person, Problem, Request, Roster, Step

TEXT = """# a comment
SECTION_HORIZON
7

SECTION_SHIFTS
E,480,
L,480,E

SECTION_STAFF
Ann,E=7|L=7,2400,960,5,2,2,1
Bob,E=7|L=0,2400,480,5,1,1,1

SECTION_DAYS_OFF
Ann,3

SECTION_SHIFT_ON_REQUESTS
Ann,0,E,2

SECTION_SHIFT_OFF_REQUESTS
Bob,1,E,3

SECTION_COVER
0,E,1,100,1
0,L,1,100,1
1,E,2,100,1
"""


def person(code: str = "Ann", duties: int = 2, **limits: object) -> Person:
    """Somebody with hardly any limits but those given."""
    values: dict[str, object] = {
        "maximum": dict.fromkeys(range(duties), 99),
        "min_minutes": 0,
        "max_minutes": 99_999,
        "max_run": 99,
    }
    values.update(limits)
    return Person(code=code, **values)  # type: ignore[arg-type]


def demand(day: int, required: int, duty: int = 0, under: int = 100, over: int = 1) -> Demand:
    return Demand(day, f"d{duty}", required, frozenset((duty,)), (Step(under),), over)


def problem(
    people: list[Person], days: int, required: int = 1, duties: int = 2, **parts: object
) -> Problem:
    """Early (0) and late (1), late bars early the day after; ``required`` early a day."""
    kinds = (Duty("E", 480), Duty("L", 480, frozenset((0,))), Duty("N", 600, frozenset((0, 1))))
    values: dict[str, object] = {
        "demands": tuple(demand(day, required) for day in range(days)),
        "weekends": tuple(frozenset((d, d + 1)) for d in range(5, days - 1, 7)),
    }
    values.update(parts)
    return Problem(days=days, duties=kinds[:duties], people=tuple(people), **values)  # type: ignore[arg-type]


def random_person(chance: random.Random, days: int, duties: int, code: str) -> Person:
    """A person with every kind of limit drawn at random."""
    low = chance.choice((0, 480, 960))
    return Person(
        code=code,
        maximum={
            duty: chance.choice((1, 2, days)) for duty in range(duties) if chance.random() < 0.9
        }
        or {0: days},
        min_minutes=low,
        max_minutes=low + chance.choice((960, 1440, 4800)),
        max_run=chance.choice((2, 3, 4)),
        min_run=chance.choice((1, 2)),
        min_days_off=chance.choice((1, 2)),
        max_weekends=chance.choice((0, 1, 2)),
        days_off=frozenset(chance.sample(range(days), chance.choice((0, 1)))),
        contract_minutes=chance.choice((0, 960, 1440)),
        under_price=chance.choice((0, 1)),
        over_price=chance.choice((0, 2)),
    )


def random_problem(seed: int, people: int = 2, days: int = 6, duties: int = 2) -> Problem:
    """A small problem with every family of limits and prices; days 3 and 4 are a weekend."""
    chance = random.Random(seed)
    kinds = (
        Duty("E", 480),
        Duty("L", 480, frozenset((0,))),
        Duty("N", 600, frozenset((0, 1))),
    )[:duties]
    demands = [
        Demand(
            day,
            kinds[duty].code,
            chance.choice((0, 1, 2)),
            frozenset((duty,)),
            (Step(20, 1, "agency"), Step(100)),
            chance.choice((1, 5)),
        )
        for day in range(days)
        for duty in range(duties)
    ]
    requests = [
        Request(
            chance.randrange(people),
            chance.randrange(days),
            chance.randrange(duties),
            chance.choice((1, 7)),
            chance.random() < 0.5,
        )
        for _ in range(4)
    ]
    return Problem(
        days=days,
        duties=kinds,
        people=tuple(random_person(chance, days, duties, f"P{i}") for i in range(people)),
        demands=tuple(demands),
        requests=tuple(requests),
        weekends=(frozenset((3, 4)),),
    )


def lawful_rows(problem: Problem, index: int) -> list[tuple[int, ...]]:
    """Every lawful row of a person, by trying all of them."""
    who = problem.people[index]
    choices = range(OFF, len(problem.duties))
    rows = itertools.product(choices, repeat=problem.days)
    return [row for row in rows if not person_breaches(problem, who, row)]


def brute_force(problem: Problem) -> int | None:
    """The least cost over all lawful rosters, or None when there is none."""
    rows = [lawful_rows(problem, index) for index in range(len(problem.people))]
    costs = (evaluate_cost(problem, roster) for roster in itertools.product(*rows))
    return min(costs, default=None)


def evaluate_cost(problem: Problem, roster: Roster) -> int:
    return evaluate(problem, roster).cost
