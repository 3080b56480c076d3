"""What sharing people between homes is worth: neighbours solved together, apart and shared.

Only people who work in other homes go to one, and only as far as the organisation lets them
travel; the way there and back is paid. Nothing of it is a rota to accept: it says whether
the homes should talk to one another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.models import CareHome, Staff
from rota.optimisation.evaluation import evaluate, shortage_cost
from rota.optimisation.home import HomeProblem
from rota.optimisation.home_demands import is_minimum
from rota.optimisation.home_search import solve_home
from rota.optimisation.pooling import Check, better, missing_people
from rota.optimisation.problem import (
    OFF,
    Demand,
    Duty,
    Limits,
    Person,
    Problem,
    Request,
    Roster,
    Supply,
)
from rota.vacancies.ground import distance_km
from rota.vacancies.policy import fill_policy

#: homes that are solved together with the one in question
MOST_NEIGHBOURS = 2
#: HMRC's approved mileage allowance of 45p a mile, there and back
PENCE_PER_KM = 56
_PLENTY = 10_000

#: kilometres between two homes by their ids (both ways round)
Distances = dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Sharing:
    """One way of sharing between homes: objective and bound in pence; places below a minimum
    that own people leave to agencies or open; by home the price of what is short, and the hours its people work elsewhere and others work here. ``taken_off``:
    shifts that the rules of work did not let stand; the figures are without them."""

    pence: int
    bound: int | None
    places_short: int
    short_by_home: dict[int, int]
    lent_hours: dict[int, float]
    borrowed_hours: dict[int, float]
    taken_off: int = 0


def neighbours_of(
    session: Session, actor: Actor, home_id: int, day: date
) -> tuple[list[int], Distances]:
    """The nearest homes that the actor may solve and people may travel to, and all distances."""
    homes = {
        home: (latitude, longitude)
        for home, latitude, longitude in session.execute(
            select(CareHome.id, CareHome.latitude, CareHome.longitude).order_by(CareHome.id)
        )
        if home == home_id or actor.may(Permission.RUN_OPTIMISATION, home)
    }
    limit = fill_policy(session, day, home_id).travel_km
    distances: Distances = {}
    for one in homes:
        for other in homes:
            km = distance_km(homes[one], homes[other])
            if one != other and km is not None and km <= limit:
                distances[one, other] = km
    near = sorted((km, other) for (one, other), km in distances.items() if one == home_id)
    return [other for _, other in near[:MOST_NEIGHBOURS]], distances


@dataclass(slots=True)
class _Merger:
    """Several homes' problems as one; duties, people and demands one home after another."""

    homes: Sequence[HomeProblem]
    distances: Distances
    shared: bool

    def problem(self) -> Problem:
        first = self.homes[0].problem
        duties: list[Duty] = []
        people: list[Person] = []
        demands: list[Demand] = []
        requests: list[Request] = []
        supplies: list[Supply] = []
        for home, at in zip(self.homes, self.offsets(), strict=True):
            before = len(demands)
            requests += [
                replace(r, person=r.person + len(people), duty=r.duty + at)
                for r in home.problem.requests
            ]
            supplies += [
                replace(s, minutes={n + before: m for n, m in s.minutes.items()})
                for s in home.problem.supplies
            ]
            duties += self.duties(home)
            people += self.people(home, at)
            demands += [self.demand(demand, at) for demand in home.problem.demands]
        return replace(
            first, duties=tuple(duties), people=tuple(people), demands=tuple(demands),
            requests=tuple(requests), supplies=tuple(supplies), name="homes together",
        )  # fmt: skip

    def offsets(self) -> list[int]:
        found, at = [], 0
        for home in self.homes:
            found.append(at)
            at += len(home.places)
        return found

    def duties(self, home: HomeProblem) -> list[Duty]:
        """What may not follow holds for the same shift types in every home."""
        kinds = [place.shift_type_id for each in self.homes for place in each.places]
        found = []
        for duty in home.problem.duties:
            barred = {home.places[j].shift_type_id for j in duty.not_next_day}
            after = frozenset(j for j, kind in enumerate(kinds) if kind in barred)
            found.append(replace(duty, not_next_day=after))
        return found

    def people(self, home: HomeProblem, at: int) -> list[Person]:
        travellers = {each.id: each for each in home.data.staff if each.works_other_homes}
        found = []
        for staff_id, person in zip(home.staff_ids, home.problem.people, strict=True):
            moved = replace(
                person,
                maximum={duty + at: most for duty, most in person.maximum.items()},
                barred=frozenset((day, duty + at) for day, duty in person.barred),
                fixed={d: k if k == OFF else k + at for d, k in person.fixed.items()},
                duty_price={duty + at: price for duty, price in person.duty_price.items()},
            )
            if self.shared and staff_id in travellers:
                moved = self.elsewhere(home, person, moved, travellers[staff_id])
            found.append(moved)
        return found

    def elsewhere(self, home: HomeProblem, person: Person, moved: Person, staff: Staff) -> Person:
        """The person's own shift types in the homes within reach, at the price of the way."""
        own = {home.places[k].shift_type_id for k in person.maximum if home.places[k].unit_id}
        barred = {(day, home.places[k].shift_type_id) for day, k in person.barred}
        maximum, prices = dict(moved.maximum), dict(moved.duty_price)
        closed = set(moved.barred)
        for other, at in zip(self.homes, self.offsets(), strict=True):
            km = self.distances.get((home.data.home_id, other.data.home_id))
            if km is None:
                continue
            for number, place in enumerate(other.places):
                if place.unit_id is None or place.shift_type_id not in own:
                    continue
                maximum[number + at] = _PLENTY
                prices[number + at] = home.prices.unfamiliar_unit + round(PENCE_PER_KM * km)
                closed |= {(day, number + at) for day, k in barred if k == place.shift_type_id}
        return replace(moved, maximum=maximum, duty_price=prices, barred=frozenset(closed))

    @staticmethod
    def demand(demand: Demand, at: int) -> Demand:
        return replace(demand, duties=frozenset(duty + at for duty in demand.duties))

    def roster(self) -> Roster:
        """The rotas as they stand, one home after another."""
        return tuple(
            tuple(k if k == OFF else k + at for k in row)
            for home, at in zip(self.homes, self.offsets(), strict=True)
            for row in home.current
        )

    def owner_of_duty(self) -> list[int]:
        return [h for h, home in enumerate(self.homes) for _ in home.places]


def compare_sharing(
    homes: Sequence[HomeProblem],
    distances: Distances,
    seconds: float,
    *,
    check: Check,
    seed: int = 1,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Sharing, Sharing] | None:
    """The homes each for itself, then with people shared, half of the time each; null when
    stopped. Sharing starts from the rotas apart, so it is never dearer. Every answer goes
    through ``check`` before it is measured."""
    start = _Merger(homes, distances, shared=False).roster()
    found: list[Sharing] = []
    for shared in (False, True):
        merger = _Merger(homes, distances, shared)
        problem = merger.problem()
        limits = Limits(seconds=seconds / 2, threads=2, seed=seed)
        solution = solve_home(problem, start, limits, cancelled=cancelled)
        if cancelled() or solution.roster is None:
            return None
        start, off = better(problem, check(solution.roster), start if found else None)
        found.append(
            replace(_measured(merger, problem, start, solution.lower_bound), taken_off=off)
        )
    return found[0], found[1]


def _measured(merger: _Merger, problem: Problem, roster: Roster, bound: int | None) -> Sharing:
    cost = evaluate(problem, roster).cost
    owner, ids = merger.owner_of_duty(), [home.data.home_id for home in merger.homes]
    of_person = [h for h, home in enumerate(merger.homes) for _ in home.staff_ids]
    short: dict[int, int] = defaultdict(int)
    below = 0
    for demand, missing in missing_people(problem, roster):
        short[ids[owner[min(demand.duties)]]] += shortage_cost(demand, missing)
        below += missing if is_minimum(demand) else 0
    lent: dict[int, float] = defaultdict(float)
    borrowed: dict[int, float] = defaultdict(float)
    for row, mine in zip(roster, of_person, strict=True):
        for duty in row[problem.first_open_day :]:
            if duty != OFF and owner[duty] != mine:
                lent[ids[mine]] += problem.duties[duty].minutes / 60
                borrowed[ids[owner[duty]]] += problem.duties[duty].minutes / 60
    return Sharing(cost, bound, below, dict(short), dict(lent), dict(borrowed))
