"""From a request or a scenario to the problem it is about. Loads no solver."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.errors import Conflict
from rota.models import Scenario
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_data import HomeData, load_home
from rota.optimisation.home_frame import Place
from rota.optimisation.problem import OFF, Roster
from rota.optimisation.service import request_of, scenario_of
from rota.optimisation.service_levels import forecast_cells, needs_at
from rota.roster.rulebooks import load_rulebook

if TYPE_CHECKING:
    from rota.optimisation.requests import OptimisationRequest


def home_for(session: Session, request: OptimisationRequest) -> HomeData:
    """The home's data with what the request asks for: a service level raises the needs."""
    data = load_home(session, request.home_id, request.start, request.end)
    if request.service_level is None:
        return data
    units = [unit.id for unit in data.units]
    cells = forecast_cells(session, units, request.start, request.end)
    return replace(data, needs=needs_at(data.needs, cells, request.service_level))


def problem_of(session: Session, actor: Actor, scenario_id: int) -> tuple[HomeProblem, Roster]:
    """The problem a scenario answers, read from the rota as it is, and its roster.

    Raises :class:`Conflict` when the rota has moved: prices and rules would be explained
    that the scenario never saw.
    """
    scenario = scenario_of(session, actor, scenario_id)
    request = request_of(session, actor, scenario_id)
    data = home_for(session, request)
    if data.data_version != scenario.data_version:
        raise Conflict(
            "The rota has changed since this scenario was computed, so it cannot be explained.",
            hint="Solve it again from the rota as it is now.",
        )
    home = build_problem(data, request.prices, load_rulebook(session))
    return home, roster_of_scenario(home, scenario)


def roster_of_scenario(home: HomeProblem, scenario: Scenario) -> Roster:
    """A scenario's shifts as a roster of the problem: fixed duties and history included."""
    position = {staff_id: number for number, staff_id in enumerate(home.staff_ids)}
    index = {place: number for number, place in enumerate(home.places)}
    rows = [[OFF] * home.problem.days for _ in home.staff_ids]
    for number, person in enumerate(home.problem.people):
        for day, duty in person.fixed.items():
            rows[number][day] = duty
    for entry in scenario.shifts:
        place = index.get(Place(entry.shift_type_id, entry.unit_id))
        who = position.get(entry.staff_id or -1)
        if place is not None and who is not None:
            day = (entry.date - home.data.start).days + home.problem.first_open_day
            rows[who][day] = place
    return tuple(tuple(row) for row in rows)
