"""What one more person would be worth: shadow prices of the cover, in words.

The duals of the relaxation say where a person is wanted most; the best places are then
solved again with that person there, so that what is said is a difference of two optima of
the relaxation and not a slope at a point. It is before the person's wage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from rota.models import Band, Grade
from rota.optimisation import compact
from rota.optimisation.compact import Scope
from rota.optimisation.evaluation import shortage_cost
from rota.optimisation.home import HomeProblem
from rota.optimisation.mip import solve_relaxation
from rota.optimisation.problem import Demand, Problem, Roster

MOST = 6
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Worth:
    """One more person of a kind on a unit, in a band, on these days of every week.

    ``pence_a_week`` is what the relaxation saves; ``dual_pence_a_week`` what its duals said.
    """

    unit_id: int
    band: str
    weekend: bool
    senior: bool
    pence_a_week: int
    dual_pence_a_week: int


_Place = tuple[int, str, bool, bool]


def worth_of_people(
    home: HomeProblem, roster: Roster, *, cancelled: Callable[[], bool] = lambda: False
) -> list[Worth]:
    """The places where one more person would save most, the largest first."""
    problem = home.problem
    duals = _cover_duals(problem, roster)
    if duals is None:
        return []
    base, prices = duals
    weeks = max(1.0, (problem.days - problem.first_open_day) / 7)
    by_place: dict[_Place, float] = defaultdict(float)
    for number, demand in enumerate(problem.demands):
        for place in _places(home, demand):
            by_place[place] += prices.get(number, 0.0)
    for place in [p for p in by_place if p[3]]:
        # a senior is named where being one is worth something beyond a pair of hands
        if by_place[place] <= by_place[*place[:3], False] * 1.01:
            del by_place[place]
    ranked = sorted(by_place, key=lambda place: (-by_place[place], place))
    found = []
    for place in ranked[:MOST]:
        if by_place[place] <= 0 or cancelled():
            break
        saved = base - _relaxed(_with_one_more(home, place), roster, base)
        found.append(Worth(*place, round(saved / weeks), round(by_place[place] / weeks)))
    return sorted((w for w in found if w.pence_a_week > 0), key=lambda w: -w.pence_a_week)


def _places(home: HomeProblem, demand: Demand) -> list[_Place]:
    """The kinds of person who would help with a demand."""
    unit, _, rest = demand.name.partition("/")
    band = rest.partition("/")[0]
    day = home.day_of(demand.day)
    weekend = day.weekday() >= 5
    if demand.grades == frozenset({Grade.SENIOR.value}):
        return [(int(unit), band, weekend, True)]
    return [(int(unit), band, weekend, senior) for senior in (False, True)]


def _with_one_more(home: HomeProblem, place: _Place) -> Problem:
    """The problem with one person of the kind already there on each of these days."""
    demands = tuple(
        replace(demand, required=max(0, demand.required - 1))
        if place in _places(home, demand)
        else demand
        for demand in home.problem.demands
    )
    return replace(home.problem, demands=demands)


def _relaxed(problem: Problem, roster: Roster, otherwise: float) -> float:
    model = compact.build_model(problem, Scope.everything(problem, roster))
    answer = solve_relaxation(model.pulp_model, seconds=_SECONDS)
    return otherwise if answer is None else answer[0]


def _cover_duals(problem: Problem, roster: Roster) -> tuple[float, dict[int, float]] | None:
    """The relaxation's value and the dual of each demand by its number; none if unsolved."""
    model = compact.build_model(problem, Scope.everything(problem, roster))
    answer = solve_relaxation(model.pulp_model, seconds=_SECONDS)
    if answer is None:
        return None
    value, duals = answer
    found = {number: float(duals[row]) for number, row in model.cover_rows.items()}
    for number, demand in enumerate(problem.demands):
        if number not in found and demand.required:
            # nobody at all can serve it: the next person saves the dearest place bought
            found[number] = float(
                shortage_cost(demand, demand.required) - shortage_cost(demand, demand.required - 1)
            )
    return value, found


def words_of(worth: Worth, units: dict[int, str]) -> str:
    """``One more night senior at OG Oak on weekends``."""
    kind = "senior" if worth.senior else "carer"
    days = "weekends" if worth.weekend else "weekdays"
    night = "night" if worth.band == Band.NIGHT.value else "day"
    return f"One more {night} {kind} at {units.get(worth.unit_id, '?')} on {days}"
