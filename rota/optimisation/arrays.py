"""A problem as arrays: what the compiled pricing, the master and the search all read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rota.optimisation.evaluation import shortage_cost
from rota.optimisation.person_arrays import (
    Floats,
    Ints,
    PersonArrays,
    Row,
    compile_person,
)
from rota.optimisation.problem import Problem, Request, Roster
from rota.optimisation.supplies import SupplyArrays, compile_supplies
from rota.optimisation.tables import own_cost_of, served_by


@dataclass(frozen=True)
class Arrays:
    """The whole problem. Demands are rows; ``fill_cost[r, n]`` is the price of demand r
    with n people present (n from 0 to the number of people)."""

    problem: Problem
    people: tuple[PersonArrays, ...]
    weekend: Ints
    required: Ints
    fill_cost: Floats
    under_limit: Floats  # highest price of a missing person, by demand
    over_limit: Floats
    demand_day: Ints
    demand_duty: Ints  # the lowest-numbered duty that serves the demand
    supplies: SupplyArrays  # limits over several demands

    @property
    def days(self) -> int:
        return self.problem.days

    @property
    def demands(self) -> int:
        return len(self.required)

    def served(self, person: int, row: Row) -> Ints:
        """The demands that ``row`` of ``person`` serves (distinct)."""
        table = self.people[person]
        found: Ints = served_by(
            row, table.rows, table.position, self.problem.first_open_day, self.demands
        )
        return found

    def own_cost(self, person: int, row: Row) -> float:
        """What ``row`` costs by itself: requests, pay and contract, cover aside."""
        table = self.people[person]
        opening = self.problem.first_open_day
        own = own_cost_of(row, table.own, table.units, table.end_cost, table.position, opening)
        return float(own + table.constant)

    def cover_of(self, roster: NDArray[np.int16]) -> Ints:
        """People present at each demand for a roster (people × days)."""
        cover = np.zeros(self.demands, dtype=np.int64)
        for person, row in enumerate(roster):
            cover[self.served(person, row)] += 1
        return cover

    def cover_cost(self, cover: Ints) -> float:
        fill = float(self.fill_cost[np.arange(self.demands), cover].sum())
        return fill + self.supplies.cost(cover)

    def marginal_prices(self, cover: Ints) -> Floats:
        """Worth of one more person by demand at ``cover`` (with a last 0)."""
        here = np.arange(len(cover))
        more = np.minimum(cover + 1, self.fill_cost.shape[1] - 1)
        worth = self.fill_cost[here, cover] - self.fill_cost[here, more]
        return np.append(worth + self.supplies.worth(cover), 0.0)

    def total_cost(self, roster: NDArray[np.int16]) -> float:
        own = sum(self.own_cost(person, row) for person, row in enumerate(roster))
        return own + self.cover_cost(self.cover_of(roster))


def compile_problem(problem: Problem) -> Arrays:
    """Turn ``problem`` into arrays. Duties of days before the first open day become copies
    that last no time and count for nothing, so that history only fixes runs and rests."""
    by_day_duty = _demands_by_day_duty(problem)
    requests: dict[int, list[Request]] = {}
    for request in problem.requests:
        requests.setdefault(request.person, []).append(request)
    people = tuple(
        compile_person(problem, index, by_day_duty, requests.get(index, []))
        for index in range(len(problem.people))
    )
    weekend = np.full(problem.days, -1, dtype=np.int64)
    for index, days in enumerate(problem.weekends):
        for day in days:
            if day >= problem.first_open_day:
                weekend[day] = index
    most = len(problem.people)
    fill = np.zeros((len(problem.demands), most + 1))
    for index, demand in enumerate(problem.demands):
        for present in range(most + 1):
            missing = max(0, demand.required - present)
            over = max(0, present - demand.required)
            fill[index, present] = shortage_cost(demand, missing) + demand.over_price * over
    return Arrays(
        problem=problem,
        people=people,
        weekend=weekend,
        required=np.array([demand.required for demand in problem.demands], dtype=np.int64),
        fill_cost=fill,
        under_limit=np.array(
            [
                max((step.price for step in demand.shortage), default=0)
                for demand in problem.demands
            ],
            dtype=float,
        ),
        over_limit=np.array([demand.over_price for demand in problem.demands], dtype=float),
        demand_day=np.array([demand.day for demand in problem.demands], dtype=np.int64),
        demand_duty=np.array([min(demand.duties) for demand in problem.demands], dtype=np.int64),
        supplies=compile_supplies(problem),
    )


def _demands_by_day_duty(problem: Problem) -> dict[tuple[int, int], list[int]]:
    found: dict[tuple[int, int], list[int]] = {}
    for index, demand in enumerate(problem.demands):
        for duty in demand.duties:
            found.setdefault((demand.day, duty), []).append(index)
    return found


def roster_tuple(rows: NDArray[np.int16]) -> Roster:
    return tuple(tuple(int(duty) for duty in row) for row in rows)


def work_runs(row: Row) -> list[tuple[int, int]]:
    """(first day, day after the last) of every run of work in ``row``."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (row >= 0).astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in list(pairwise(edges))[::2]]
