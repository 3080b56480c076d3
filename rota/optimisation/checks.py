"""What is wrong with a problem, said before anything is solved."""

from __future__ import annotations

from dataclasses import dataclass

from rota.errors import InvalidInput
from rota.optimisation.problem import OFF, Person, Problem

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction or nonsense; ``who`` is a person's code or the demand's name."""

    who: str
    text: str


def find_faults(problem: Problem) -> list[Finding]:
    """Every fault that makes the problem meaningless or surely unsolvable."""
    found: list[Finding] = []
    if problem.days < 1 or not problem.people or not problem.duties:
        return [Finding("problem", "there must be at least one day, one person and one duty")]
    for person in problem.people:
        found.extend(_person_faults(problem, person))
    for demand in problem.demands:
        if not 0 <= demand.day < problem.days:
            found.append(Finding(demand.name, f"day {demand.day} is outside the horizon"))
        if not demand.duties or not all(0 <= d < len(problem.duties) for d in demand.duties):
            found.append(Finding(demand.name, "names no duty or an unknown one"))
        if not demand.shortage or demand.shortage[-1].limit is not None:
            found.append(Finding(demand.name, "the last shortage step must have no limit"))
        prices = [step.price for step in demand.shortage]
        if prices != sorted(prices) or demand.over_price < -min(prices, default=0):
            found.append(Finding(demand.name, "shortage prices must rise from step to step"))
    supplied = [number for supply in problem.supplies for number in supply.minutes]
    if len(supplied) != len(set(supplied)):
        found.append(Finding("supply", "a demand is served by two limits of a source"))
    if not all(0 <= number < len(problem.demands) for number in supplied):
        found.append(Finding("supply", "names an unknown demand"))
    for request in problem.requests:
        if not (0 <= request.person < len(problem.people) and 0 <= request.day < problem.days):
            found.append(Finding("request", "names an unknown person or day"))
    return found


def _person_faults(problem: Problem, person: Person) -> list[Finding]:
    found: list[Finding] = []

    def fault(text: str) -> None:
        found.append(Finding(person.code, text))

    if person.min_minutes > person.max_minutes:
        fault(f"minimum minutes {person.min_minutes} above maximum {person.max_minutes}")
    if person.min_run > max(1, person.max_run):
        fault(f"minimum run {person.min_run} above maximum {person.max_run}")
    if person.min_days_off < 1 or person.min_run < 1:
        fault("minimum run and days off are at least 1")
    for day, duty in person.fixed.items():
        if duty == OFF:
            continue
        if not 0 <= duty < len(problem.duties) or not 0 <= day < problem.days:
            fault(f"day {day}: fixed to an unknown duty or day")
        elif day in person.days_off and day >= problem.first_open_day:
            fault(f"day {day}: fixed to work on a day off")
        elif day >= problem.first_open_day and person.maximum.get(duty, 0) < 1:
            fault(f"day {day}: fixed to {problem.duties[duty].code}, which they cannot do")
    lengths = [problem.duties[d].minutes for d, most in person.maximum.items() if most > 0]
    open_days = problem.days - problem.first_open_day - len(person.days_off)
    if person.min_minutes > max(lengths, default=0) * max(0, open_days):
        fault(f"cannot reach {person.min_minutes} minutes in {max(0, open_days)} days")
    return found


def check_problem(problem: Problem) -> None:
    """Raise :class:`~rota.errors.InvalidInput` with the first faults, if there are any."""
    found = find_faults(problem)
    if found:
        shown = "; ".join(f"{finding.who}: {finding.text}" for finding in found[:MOST_SHOWN])
        more = f" (and {len(found) - MOST_SHOWN} more)" if len(found) > MOST_SHOWN else ""
        raise InvalidInput(f"The problem cannot be solved as given: {shown}{more}.")
