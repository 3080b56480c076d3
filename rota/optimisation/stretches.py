"""Runs of work and of days off as a path: a tighter form of the three rules about them.

Where somebody's whole horizon is open, a roster row is a path through the days: a free day,
a run of work, at least so many days off, a run of work. Runs then hold by construction, and
the relaxation is far closer to the truth than with one row for each window of days.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pulp

from rota.optimisation.problem import Person, Problem

Terms = list[tuple[pulp.LpVariable, float]]


@dataclass(slots=True)
class Paths:
    """The arcs of one person's path, sorted by what the rows need."""

    #: variables of the runs that cover a day
    covering: dict[int, Terms] = field(default_factory=lambda: defaultdict(list))
    #: variables of the runs with the number of weekends that they touch
    weekends: Terms = field(default_factory=list)
    #: flow rows: in minus out by node
    balance: dict[tuple[str, int], Terms] = field(default_factory=lambda: defaultdict(list))


def is_open(problem: Problem, person: Person) -> bool:
    """Whether nothing of the person's horizon is past or fixed, and runs have a minimum."""
    return (
        problem.first_open_day == 0
        and not person.fixed
        and (person.min_run > 1 or person.min_days_off > 1)
    )


def paths_of(problem: Problem, person: Person, variable: object) -> Paths:
    """Arcs of ``person``; ``variable(low, high)`` makes a fresh 0/1 variable.

    Nodes: ("ready", d) before day d with enough days off behind, ("rest", d) when a run has
    ended before day d. A run or a rest shorter than its minimum may touch the borders.
    """
    paths = Paths()
    days = problem.days

    def arc(source: tuple[str, int], goal: tuple[str, int]) -> pulp.LpVariable:
        new = variable(0, 1)  # type: ignore[operator]
        paths.balance[source].append((new, -1.0))
        paths.balance[goal].append((new, 1.0))
        return new

    end = ("end", days)
    for day in range(days):
        arc(("ready", day), ("ready", day + 1))
        for length in range(1, min(person.max_run, days - day) + 1):
            last = day + length - 1
            if last in person.days_off:
                break
            if length < person.min_run and day > 0 and day + length < days:
                continue
            run = arc(("ready", day), ("rest", day + length))
            for covered in range(day, day + length):
                paths.covering[covered].append((run, 1.0))
            touched = sum(any(day <= d <= last for d in weekend) for weekend in problem.weekends)
            if touched:
                paths.weekends.append((run, float(touched)))
    for day in range(1, days + 1):
        if day + person.min_days_off < days:
            arc(("rest", day), ("ready", day + person.min_days_off))
        else:
            arc(("rest", day), end)
    arc(("ready", days), end)
    return paths
