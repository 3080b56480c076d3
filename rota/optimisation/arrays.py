"""A problem as arrays: what the compiled pricing, the master and the search all read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd

import numpy as np
from numpy.typing import NDArray

from rota.optimisation.evaluation import shortage_cost
from rota.optimisation.problem import OFF, Person, Problem, Request, Roster
from rota.optimisation.supplies import SupplyArrays, compile_supplies

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = NDArray[np.int16]  # days: duty index (of the problem) or OFF
INFINITE = 1e15


@dataclass(frozen=True, slots=True)
class PersonArrays:
    """One person. Duties are numbered within ``duties``, those this person can do at all.

    own (days × duties) price of each duty (requests, pay); off (days) price of a free day;
    rows (days × duties × k) demands served, padded with the number of demands;
    caps (duties) most assignments; end_cost by total units.
    """

    duties: Ints
    own: Floats
    off: Floats
    rows: Ints
    units: Ints
    allowed_next: NDArray[np.bool_]
    caps: Ints
    limits: Ints
    end_cost: Floats
    constant: float
    position: Ints  # problem duty -> own number or -1
    past: Row  # what was worked before the first open day, in problem duties
    past_numbers: Ints  # the part of it that still matters, in own numbers


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

    def worked_days(self, row: Row) -> Ints:
        """Open days on which ``row`` has a duty."""
        opening = self.problem.first_open_day
        return np.flatnonzero(row[opening:] >= 0) + opening

    def served(self, person: int, row: Row) -> Ints:
        """The demands that ``row`` of ``person`` serves (distinct)."""
        table = self.people[person]
        worked = self.worked_days(row)
        found = table.rows[worked, table.position[row[worked]]].ravel()
        return found[found < self.demands]

    def own_cost(self, person: int, row: Row) -> float:
        """What ``row`` costs by itself: requests, pay and contract, cover aside."""
        table = self.people[person]
        worked = self.worked_days(row)
        duties = table.position[row[worked]]
        total = table.own[worked, duties].sum()
        return float(total + table.end_cost[table.units[duties].sum()] + table.constant)

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
        _person_arrays(problem, index, by_day_duty, requests.get(index, []))
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


def _possible_duties(problem: Problem, person: Person) -> list[int]:
    """Duties that the person can have on at least one open day."""
    days = range(problem.first_open_day, problem.days)
    return [
        duty
        for duty in sorted(person.maximum)
        if person.maximum[duty] > 0
        and any(
            person.fixed.get(day, duty) == duty
            and day not in person.days_off
            and (day, duty) not in person.barred
            for day in days
        )
    ]


def _demands_by_day_duty(problem: Problem) -> dict[tuple[int, int], list[int]]:
    found: dict[tuple[int, int], list[int]] = {}
    for index, demand in enumerate(problem.demands):
        for duty in demand.duties:
            found.setdefault((demand.day, duty), []).append(index)
    return found


def _person_arrays(
    problem: Problem,
    index: int,
    by_day_duty: dict[tuple[int, int], list[int]],
    requests: Sequence[Request],
) -> PersonArrays:
    person = problem.people[index]
    history = _history(problem, person)
    past = set(history.values())
    open_duties = _possible_duties(problem, person)
    unit = gcd(*(problem.duties[duty].minutes for duty in open_duties)) or 1
    # history duties come after the open ones, as copies of no length
    duties = open_duties + sorted(past)
    own, off = _prices(problem, index, open_duties, duties, history, requests)
    rows = _served_rows(problem, person, open_duties, len(duties), by_day_duty)
    allowed = np.ones((len(duties), len(duties)), dtype=np.bool_)
    for first, before in enumerate(duties):
        for second, then in enumerate(duties):
            both_past = first >= len(open_duties) and second >= len(open_duties)
            allowed[first, second] = both_past or then not in problem.duties[before].not_next_day
    units = [problem.duties[duty].minutes // unit for duty in open_duties] + [0] * len(past)
    caps = [person.maximum[duty] for duty in open_duties] + [problem.days] * len(past)
    position = np.full(len(problem.duties), -1, dtype=np.int64)
    for number, duty in enumerate(open_duties):
        position[duty] = number
    past_row = np.array(
        [person.fixed.get(day, OFF) for day in range(problem.first_open_day)], dtype=np.int16
    )
    past_numbers = np.full(problem.first_open_day, -1, dtype=np.int64)
    for day, duty in history.items():
        past_numbers[day] = duties.index(duty, len(open_duties))
    constant = sum(request.weight for request in requests if request.wanted)
    return PersonArrays(
        duties=np.array(duties, dtype=np.int64),
        own=own,
        off=off,
        rows=rows,
        units=np.array(units, dtype=np.int64),
        allowed_next=allowed,
        caps=np.array(caps, dtype=np.int64),
        limits=np.array(
            [
                person.min_run,
                max(0, min(person.max_run, problem.days)),
                person.min_days_off,
                max(0, min(person.max_weekends, len(problem.weekends))),
                1,
                1,
            ],
            dtype=np.int64,
        ),
        end_cost=_end_cost(person, unit, problem, max(units, default=0)),
        constant=float(constant),
        position=position,
        past=past_row,
        past_numbers=past_numbers,
    )


def _end_cost(person: Person, unit: int, problem: Problem, longest: int) -> Floats:
    most = min(person.max_minutes // unit, longest * problem.days)
    minutes = np.arange(max(0, most) + 1) * unit
    cost = np.maximum(0, person.contract_minutes - minutes) * float(person.under_price)
    cost += np.maximum(0, minutes - person.contract_minutes) * float(person.over_price)
    cost[(minutes < person.min_minutes) | (minutes > person.max_minutes)] = INFINITE
    return cost


def _history(problem: Problem, person: Person) -> dict[int, int]:
    """The last worked run before the open days, if it still matters: cut to what the
    longest run allows and, when it has ended, stretched to a lawful length (it is past)."""
    opening = problem.first_open_day
    worked = [day for day in range(opening) if person.fixed.get(day, OFF) != OFF]
    if not worked:
        return {}
    end = worked[-1] + 1
    start = end - 1
    while start - 1 in worked:
        start -= 1
    if end < opening:
        if opening - end >= person.min_days_off:
            return {}
        start = max(0, min(start, end - person.min_run))
    start = max(start, end - person.max_run)
    last = person.fixed[end - 1]
    return {day: person.fixed.get(day, last) for day in range(start, end)}


def _prices(
    problem: Problem,
    index: int,
    open_duties: list[int],
    duties: list[int],
    history: dict[int, int],
    requests: Sequence[Request],
) -> tuple[Floats, Floats]:
    person = problem.people[index]
    own = np.full((problem.days, len(duties)), INFINITE)
    off = np.zeros(problem.days)
    number = {duty: place for place, duty in enumerate(open_duties)}
    for duty, place in number.items():
        own[problem.first_open_day :, place] = person.duty_price.get(duty, 0)
    for request in requests:
        if request.duty in number:
            sign = -1 if request.wanted else 1
            own[request.day, number[request.duty]] += sign * request.weight
    for day in person.days_off:
        own[day, :] = INFINITE
    for day, duty in person.barred:
        if duty in number:
            own[day, number[duty]] = INFINITE
    for day, duty in person.fixed.items():
        if day < problem.first_open_day:
            continue
        keep = own[day, number[duty]] if duty in number else INFINITE
        own[day, :] = INFINITE
        if duty != OFF:
            off[day] = INFINITE
            if duty in number:
                own[day, number[duty]] = keep
    own[: problem.first_open_day, :] = INFINITE
    copies = {duty: len(open_duties) + p for p, duty in enumerate(duties[len(open_duties) :])}
    for day, duty in history.items():
        own[day, copies[duty]] = 0.0
        off[day] = INFINITE
    return own, off


def _served_rows(
    problem: Problem,
    person: Person,
    open_duties: list[int],
    width: int,
    by_day_duty: dict[tuple[int, int], list[int]],
) -> Ints:
    none = len(problem.demands)
    lists: dict[tuple[int, int], list[int]] = {}
    deepest = 1
    for place, duty in enumerate(open_duties):
        for day in range(problem.days):
            found = [
                index
                for index in by_day_duty.get((day, duty), ())
                if problem.demands[index].grades is None
                or person.grade in (problem.demands[index].grades or ())
            ]
            if found:
                lists[day, place] = found
                deepest = max(deepest, len(found))
    rows = np.full((problem.days, width, deepest), none, dtype=np.int64)
    for (day, place), found in lists.items():
        rows[day, place, : len(found)] = found
    return rows


def roster_tuple(rows: NDArray[np.int16]) -> Roster:
    return tuple(tuple(int(duty) for duty in row) for row in rows)


def work_runs(row: Row) -> list[tuple[int, int]]:
    """(first day, day after the last) of every run of work in ``row``."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (row >= 0).astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in list(pairwise(edges))[::2]]
