"""From a home's rows to the problem that the engine solves, and the way back.

Shifts that are not the optimiser's to move (office, training, supernumerary, locked, in
another home) are fixed and occupy their person; everything that counts towards a unit's
cover is decided anew, with a price on every difference from the rota as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from rota.models import Band, Shift
from rota.optimisation.agency_caps import weekly_caps
from rota.optimisation.home_data import HISTORY_DAYS, HomeData
from rota.optimisation.home_demands import demands_of
from rota.optimisation.home_frame import Frame, Place
from rota.optimisation.home_people import current_row, person_of
from rota.optimisation.home_wishes import fair_shares, kept_shifts
from rota.optimisation.prices import Prices
from rota.optimisation.problem import Problem, Roster
from rota.rules.rulebook import DEFAULT_RULEBOOK, Rulebook


@dataclass(frozen=True, slots=True)
class HomeProblem:
    """The engine's problem and what its indices mean."""

    data: HomeData
    problem: Problem
    places: tuple[Place, ...]
    #: staff ids in the order of ``problem.people``
    staff_ids: tuple[int, ...]
    #: shifts the answer decides about (they are replaced), by id
    decided: dict[int, Shift]
    #: the rota as it stands, as a roster of the problem (unlawful parts left out)
    current: Roster
    prices: Prices

    def day_of(self, index: int) -> date:
        """The rota day of a day index of the problem."""
        return self.data.start + timedelta(days=index - self.problem.first_open_day)


def build_problem(
    data: HomeData, prices: Prices | None = None, rulebook: Rulebook = DEFAULT_RULEBOOK
) -> HomeProblem:
    """The whole home, every day together, as one problem."""
    frame = Frame(data, prices or Prices(), rulebook)
    people = [(staff, person_of(frame, staff)) for staff in data.staff]
    people = [(staff, person) for staff, person in people if frame.is_of_use(person)]
    staff_ids = tuple(staff.id for staff, _ in people)
    position = {staff_id: number for number, staff_id in enumerate(staff_ids)}
    total = HISTORY_DAYS + len(data.days)
    demands = tuple(demands_of(frame))
    problem = Problem(
        days=total,
        duties=tuple(frame.duty(number) for number in range(len(frame.places))),
        people=tuple(person for _, person in people),
        demands=demands,
        requests=tuple(kept_shifts(frame, position) + fair_shares(frame, people)),
        supplies=weekly_caps(
            data,
            demands,
            {band: frame.longest_minutes(band) for band in Band if frame.kinds_of(band)},
        ),
        weekends=frame.weekends(total),
        first_open_day=HISTORY_DAYS,
        name=data.name,
    )
    current = tuple(current_row(frame, staff, person, total) for staff, person in people)
    return HomeProblem(
        data, problem, tuple(frame.places), staff_ids, frame.decided, current, frame.prices
    )
