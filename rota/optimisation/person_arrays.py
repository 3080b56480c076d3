"""One person as arrays: the duties she can do, their prices, what they serve, her limits.

Duties that differ in price only (same length, same duties allowed before and after, no limit
of their own that could bind) form a group: of those only the cheapest on each day can be in a
cheapest row, so the pricing counts groups. A manager who may do fifty duties has six.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from rota.optimisation.problem import OFF, Person, Problem, Request

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = NDArray[np.int16]  # days: duty index (of the problem) or OFF
INFINITE = 1e15


@dataclass(frozen=True, slots=True)
class Groups:
    """Duties of a person that differ in price only, taken together.

    of_duty (duties) the group of each; units and caps (groups) as of each member;
    allowed_next (groups × groups).
    """

    of_duty: Ints
    units: Ints
    allowed_next: NDArray[np.bool_]
    caps: Ints
    key: tuple[int, ...]  # the units again, as a key

    @property
    def number(self) -> int:
        return len(self.units)


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
    caps: Ints
    limits: Ints
    end_cost: Floats
    constant: float
    position: Ints  # problem duty -> own number or -1
    past: Row  # what was worked before the first open day, in problem duties
    past_numbers: Ints  # the part of it that still matters, in own numbers
    groups: Groups
    first: int  # the first day that matters: the beginning of the last run, or the first open day


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


def compile_person(
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
    groups = _groups(units, allowed, caps, problem.days, len(open_duties))
    return PersonArrays(
        duties=np.array(duties, dtype=np.int64),
        own=own,
        off=off,
        rows=rows,
        units=np.array(units, dtype=np.int64),
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
        groups=groups,
        first=min(history, default=problem.first_open_day),
    )


def _groups(
    units: list[int], allowed: NDArray[np.bool_], caps: list[int], days: int, open_duties: int
) -> Groups:
    """Open duties alike in all but price are one group; one with a limit that can bind, and a
    copy of history, stays by itself."""
    alike: dict[tuple[int, int, bytes, bytes], int] = {}
    first: list[int] = []
    of_duty: list[int] = []
    for duty, unit in enumerate(units):
        alone = duty if duty >= open_duties or caps[duty] < days else -1
        key = (alone, unit, allowed[duty].tobytes(), allowed[:, duty].tobytes())
        if key not in alike:
            alike[key] = len(alike)
            first.append(duty)
        of_duty.append(alike[key])
    return Groups(
        of_duty=np.array(of_duty, dtype=np.int64),
        units=np.array([units[duty] for duty in first], dtype=np.int64),
        allowed_next=np.ascontiguousarray(allowed[np.ix_(first, first)]),
        caps=np.array([caps[duty] for duty in first], dtype=np.int64),
        key=tuple(units[duty] for duty in first),
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
