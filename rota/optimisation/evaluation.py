"""An independent judge: whether a roster is lawful and what it costs, from scratch.

Written against the problem's definition alone; it shares nothing with the solver, so an
error in the solver cannot hide here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rota.optimisation.problem import OFF, Demand, Person, Problem, Roster

Report = Callable[[str, int, str], None]  # rule, day, text


@dataclass(frozen=True, slots=True)
class Breach:
    """One hard limit that a roster breaks."""

    rule: str
    person: str
    day: int
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """A roster's cost by part (same unit as the problem's prices) and its breaches."""

    requests: int
    short: int
    over: int
    duties: int
    contract: int
    people_short: int
    people_over: int
    breaches: tuple[Breach, ...]

    @property
    def cost(self) -> int:
        return self.requests + self.short + self.over + self.duties + self.contract

    @property
    def lawful(self) -> bool:
        return not self.breaches


def evaluate(problem: Problem, roster: Roster) -> Score:
    """Re-score ``roster`` (people × days of duty index or OFF) from the definition."""
    breaches: list[Breach] = []
    if len(roster) != len(problem.people) or any(len(row) != problem.days for row in roster):
        raise ValueError("the roster's shape is not people × days")
    for person, row in zip(problem.people, roster, strict=True):
        breaches.extend(person_breaches(problem, person, row))
    requests = sum(
        request.weight
        for request in problem.requests
        if (roster[request.person][request.day] == request.duty) != request.wanted
    )
    short = over = people_short = people_over = 0
    gaps: list[int] = []
    for demand in problem.demands:
        present = _present(problem, roster, demand)
        missing = max(0, demand.required - present)
        gaps.append(missing)
        short += shortage_cost(demand, missing)
        people_short += missing
        surplus = max(0, present - demand.required)
        over += demand.over_price * surplus
        people_over += surplus
    short += supplies_cost(problem, gaps)
    duties = sum(
        person.duty_price.get(duty, 0)
        for person, row in zip(problem.people, roster, strict=True)
        for day, duty in enumerate(row)
        if duty != OFF and day >= problem.first_open_day
    )
    contract = sum(
        contract_cost(person, worked_minutes(problem, row))
        for person, row in zip(problem.people, roster, strict=True)
    )
    return Score(
        requests, short, over, duties, contract, people_short, people_over, tuple(breaches)
    )


def shortage_cost(demand: Demand, missing: int) -> int:
    """What ``missing`` places cost, the cheapest sources first."""
    cost = 0
    for step in demand.shortage:
        bought = missing if step.limit is None else min(missing, step.limit)
        cost += bought * step.price
        missing -= bought
    return cost


def places_bought(demand: Demand, source: str, missing: int) -> int:
    """How many of ``missing`` places a source fills, the cheapest sources first."""
    bought = 0
    for step in demand.shortage:
        places = missing if step.limit is None else min(missing, step.limit)
        bought += places if step.source == source else 0
        missing -= places
    return bought


def supplies_cost(problem: Problem, missing: Sequence[int]) -> int:
    """What the sources' limits over several demands cost; ``missing`` places by demand."""
    cost = 0
    for supply in problem.supplies:
        used = sum(
            minutes * places_bought(problem.demands[number], supply.source, missing[number])
            for number, minutes in supply.minutes.items()
        )
        cost += supply.beyond * max(0, used - supply.limit)
    return cost


def contract_cost(person: Person, minutes: int) -> int:
    """Price of the minutes under or over contract."""
    under = max(0, person.contract_minutes - minutes) * person.under_price
    return under + max(0, minutes - person.contract_minutes) * person.over_price


def worked_minutes(problem: Problem, row: tuple[int, ...]) -> int:
    """Minutes assigned on the open days of a person's row."""
    return sum(
        problem.duties[duty].minutes for duty in row[problem.first_open_day :] if duty != OFF
    )


def _present(problem: Problem, roster: Roster, demand: Demand) -> int:
    return sum(
        row[demand.day] in demand.duties
        and (demand.grades is None or person.grade in demand.grades)
        for person, row in zip(problem.people, roster, strict=True)
    )


def person_breaches(problem: Problem, person: Person, row: tuple[int, ...]) -> list[Breach]:
    """Every hard limit of ``person`` that ``row`` (one duty index or OFF a day) breaks."""
    found: list[Breach] = []

    def breach(rule: str, day: int, text: str) -> None:
        found.append(Breach(rule, person.code, day, text))

    for day, duty in enumerate(row):
        fixed = person.fixed.get(day)
        if fixed is not None and duty != fixed:
            breach("fixed duty", day, "a fixed duty was changed")
        if duty == OFF:
            continue
        if day in person.days_off:
            breach("day off", day, "works on a day off")
        if (day, duty) in person.barred or duty not in person.maximum:
            breach("duty not allowed", day, f"cannot do {problem.duties[duty].code}")
        after = row[day + 1] if day + 1 < len(row) else OFF
        # what was worked before the first open day, or stands fixed on both days, is not ours
        given = day + 1 < problem.first_open_day or (
            day in person.fixed and day + 1 in person.fixed
        )
        if after != OFF and not given and after in problem.duties[duty].not_next_day:
            codes = f"{problem.duties[after].code} follows {problem.duties[duty].code}"
            breach("cannot follow", day + 1, codes)
    _check_totals(problem, person, row, breach)
    _check_runs(problem, person, row, breach)
    return found


def _check_totals(problem: Problem, person: Person, row: tuple[int, ...], breach: Report) -> None:
    open_row = row[problem.first_open_day :]
    minutes = worked_minutes(problem, row)
    if not person.min_minutes <= minutes <= person.max_minutes:
        text = f"{minutes} minutes, not {person.min_minutes} to {person.max_minutes}"
        breach("total minutes", problem.days - 1, text)
    for duty, limit in person.maximum.items():
        count = sum(given == duty for given in open_row)
        if count > limit:
            breach("maximum of a duty", problem.days - 1, f"{count} {problem.duties[duty].code}")
    weekends = sum(
        any(day >= problem.first_open_day and row[day] != OFF for day in weekend)
        for weekend in problem.weekends
    )
    if weekends > person.max_weekends:
        breach("weekends", problem.days - 1, f"{weekends} weekends, at most {person.max_weekends}")


def _check_runs(problem: Problem, person: Person, row: tuple[int, ...], breach: Report) -> None:
    start = 0
    for working, group in groupby(row, key=lambda duty: duty != OFF):
        length = len(list(group))
        end = start + length
        inside = start > 0 and end < len(row)
        decided = end > problem.first_open_day  # history is what it was
        if decided and working and length > person.max_run:
            breach("consecutive shifts", start, f"{length} in a row, at most {person.max_run}")
        if decided and working and inside and length < person.min_run:
            breach("minimum run", start, f"{length} in a row, at least {person.min_run}")
        if decided and not working and inside and length < person.min_days_off:
            breach("days off in a row", start, f"{length} off, at least {person.min_days_off}")
        start = end
