"""Doing a study in the worker: read, solve, prove, save; the result is the job's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput
from rota.jobs.runner import Cancelled, JobContext
from rota.models import Scenario
from rota.optimisation import frontier, neighbours, pooling, robust, worth
from rota.optimisation.draft import is_standing
from rota.optimisation.evaluation import evaluate
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_data import load_home
from rota.optimisation.home_demands import is_minimum
from rota.optimisation.home_search import solve_home
from rota.optimisation.loading import problem_of
from rota.optimisation.problem import Limits, Roster, Solution
from rota.optimisation.proof import less_unlawful
from rota.optimisation.repair import REPAIR_PRICES, repair
from rota.optimisation.requests import OptimisationRequest
from rota.optimisation.safer import place_for_safety
from rota.optimisation.service import request_of, save_answer, scenario_of
from rota.optimisation.service_levels import Cell, forecast_cells, needs_at
from rota.optimisation.solving import proved_answer
from rota.roster.rulebooks import load_rulebook
from rota.settings import get_settings

LEVELS = (50, 60, 70, 80, 90, 95)


def run_study(context: JobContext) -> dict[str, Any]:
    """Answer the study that the job's inputs name."""
    scenario_id, kind = int(context.inputs["scenario_id"]), str(context.inputs["study"])
    answer = _ANSWERS.get(kind)
    if answer is None:
        raise InvalidInput("There is no such study.")
    with reading(context.engine) as session:
        scenario = scenario_of(session, context.actor, scenario_id)
        context.actor.require(Permission.RUN_OPTIMISATION, scenario.home_id)
    context.report(0.02, "Reading the rota")
    result = answer(context, scenario_id, float(context.inputs.get("seconds", 30)))
    context.check()
    return {"study": kind, "scenario_id": scenario_id, **result}


def _read(context: JobContext, scenario_id: int) -> tuple[HomeProblem, Roster, OptimisationRequest]:
    with reading(context.engine) as session:
        home, roster = problem_of(session, context.actor, scenario_id)
        return home, roster, request_of(session, context.actor, scenario_id)


def _save(
    context: JobContext, home: HomeProblem, request: OptimisationRequest, solution: Solution,
    study: str,
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """Prove a roster and save it as a scenario; gives its id and measures."""
    with reading(context.engine) as session:
        answer = proved_answer(session, home, solution, get_settings().lp_solver)
    with UnitOfWork(context.actor, source="study", engine=context.engine) as uow:
        found = save_answer(uow, request, answer, job_id=context.job_id, study=study)
        uow.commit()
    return found, answer.summary["after"]


def _check(context: JobContext, *homes: HomeProblem) -> pooling.Check:
    """The rules' second look at a roster of these homes; no transaction is open in between."""

    def check(roster: Roster) -> tuple[Roster, int]:
        with reading(context.engine) as session:
            return less_unlawful(session, homes, roster)

    return check


def _as_solution(home: HomeProblem, roster: Roster, status: str = "feasible") -> Solution:
    return Solution(status, roster, evaluate(home.problem, roster).cost, None, 0.0, 0.0)


def _worth(context: JobContext, scenario_id: int, _seconds: float) -> dict[str, Any]:
    home, roster, _ = _read(context, scenario_id)
    context.report(0.2, "Solving the relaxation")
    found = worth.worth_of_people(home, roster, cancelled=context.cancelled)
    units = {unit.id: unit.name for unit in home.data.units}
    return {"worth": [{"text": worth.words_of(w, units), **asdict(w)} for w in found]}


def _frontier(context: JobContext, scenario_id: int, seconds: float) -> dict[str, Any]:
    home, roster, request = _read(context, scenario_id)
    points = frontier.sweep(
        home.problem, roster, seconds_each=max(2.0, seconds / 8), check=_check(context, home),
        report=lambda share, text: context.report(0.05 + 0.85 * share, text),
        cancelled=context.cancelled,
    )  # fmt: skip
    context.check()
    shares = frontier.fair_shares(home.problem, roster)
    shown = []
    for number, point in enumerate(points, 1):
        context.report(0.9 + 0.1 * number / len(points), "Checking every rule of work")
        if point.roster == roster:
            found = scenario_id
        else:
            named = replace(request, name=f"Frontier {number} of {request.name}"[:120])
            found, _ = _save(context, home, named, _as_solution(home, point.roster), "frontier")
        shown.append({"scenario_id": found, "pence": point.pence, "strange": point.strange,
                      "uneven": round(point.uneven, 2)})  # fmt: skip
    return {"points": shown, "fair": round(sum(shares), 1)}


def _levels(context: JobContext, scenario_id: int, seconds: float) -> dict[str, Any]:
    with reading(context.engine) as session:
        request = request_of(session, context.actor, scenario_id)
        data = load_home(session, request.home_id, request.start, request.end)
        cells = forecast_cells(session, [u.id for u in data.units], request.start, request.end)
        rulebook = load_rulebook(session)
    points = []
    start: Roster | None = None
    for number, level in enumerate(LEVELS):
        context.check()
        context.report(0.05 + 0.9 * number / len(LEVELS), f"Solving for {level}%")
        raised = replace(data, needs=needs_at(data.needs, cells, level))
        home = build_problem(raised, request.prices, rulebook)
        solution = solve_home(
            home.problem, start or home.current,
            Limits(seconds=max(1.0, seconds / len(LEVELS)), threads=2, seed=request.seed),
            cancelled=context.cancelled,
        )  # fmt: skip
        if solution.roster is None:
            raise Cancelled
        start = solution.roster
        with reading(context.engine) as session:
            answer = proved_answer(session, home, solution, get_settings().lp_solver)
        planned: dict[Cell, int] = defaultdict(int)
        for draft in answer.shifts:
            if not draft.is_vacant:
                band = data.shift_types[draft.shift_type_id].band
                planned[draft.unit_id, draft.date, band] += 1
        for cell, there in standing_people(home).items():
            planned[cell] += there
        short = sum(forecast.expected_short(planned[cell]) for cell, forecast in cells.items())
        points.append({
            "level": level,
            "people": sum(need.minimum for need in raised.needs.values()),
            "cost_pence": answer.summary["after"]["cost_pence"],
            "unfilled": answer.summary["after"]["unfilled"],
            "expected_short": round(short, 2),
        })  # fmt: skip
    return {"levels": points, "forecast_cells": len(cells)}


def standing_people(home: HomeProblem) -> dict[Cell, int]:
    """People on shifts that are not decided, by unit, day and band."""
    found: dict[Cell, int] = defaultdict(int)
    for shift in home.data.shifts:
        if is_standing(home.data, shift):
            band = home.data.shift_types[shift.shift_type_id].band
            found[shift.unit_id, shift.date, band] += 1
    return found


def _pooling(context: JobContext, scenario_id: int, seconds: float) -> dict[str, Any]:
    home, _, request = _read(context, scenario_id)
    found = pooling.compare_pooling(
        home, seconds, seed=request.seed, check=_check(context, home),
        report=lambda share, text: context.report(0.05 + 0.5 * share, text),
        cancelled=context.cancelled,
    )  # fmt: skip
    units = {unit.id: unit.name for unit in home.data.units}
    return {
        "variants": [
            {
                "name": v.name, "pence": v.pence, "bound": v.bound, "places_short": v.places_short,
                "taken_off": v.taken_off,
                "units": [
                    {"unit": name, "short_pence": v.short_by_unit.get(i, 0),
                     "lent": v.lent_hours.get(i, 0.0), "borrowed": v.borrowed_hours.get(i, 0.0)}
                    for i, name in units.items()
                ],
            }
            for v in found
        ],
        "homes": _sharing_between_homes(context, home, request, seconds),
    }  # fmt: skip


def _sharing_between_homes(
    context: JobContext, home: HomeProblem, request: OptimisationRequest, seconds: float
) -> dict[str, Any] | None:
    """The home and its neighbours apart and together; null: nobody near to share with."""
    context.check()
    together = [home]
    names = {home.data.home_id: home.data.name}
    with reading(context.engine) as session:
        near, distances = neighbours.neighbours_of(
            session, context.actor, request.home_id, request.start
        )
        for home_id in near:
            data = load_home(session, home_id, request.start, request.end)
            if data.units and data.needs:
                names[home_id] = data.name
                together.append(build_problem(data, request.prices, load_rulebook(session)))
    if len(together) < 2:
        return None
    context.report(0.6, f"Solving {len(together)} homes apart and together")
    both = neighbours.compare_sharing(
        together, distances, seconds, seed=request.seed, check=_check(context, *together),
        cancelled=context.cancelled,
    )  # fmt: skip
    if both is None:
        raise Cancelled
    apart, shared = both
    return {
        "apart_pence": apart.pence,
        "shared_pence": shared.pence,
        "bound": shared.bound,
        "taken_off": [apart.taken_off, shared.taken_off],
        "places_short": [apart.places_short, shared.places_short],
        "homes": [
            {"home": name, "lent": shared.lent_hours.get(i, 0.0),
             "borrowed": shared.borrowed_hours.get(i, 0.0),
             "short_pence": shared.short_by_home.get(i, 0) - apart.short_by_home.get(i, 0)}
            for i, name in names.items()
        ],
    }  # fmt: skip


def _robust(context: JobContext, scenario_id: int, _seconds: float) -> dict[str, Any]:
    home, roster, request = _read(context, scenario_id)
    with reading(context.engine) as session:
        today = london_today()
        rates, rate = robust.absence_rates(session, request.home_id, today)
        agency = robust.agency_cells(home, session.get_one(Scenario, scenario_id))
    context.report(0.3, "Placing the same hours more safely")
    risk = robust.Risk(home, roster, rates, rate, agency)
    before = risk.expected_below
    safer, moves = place_for_safety(home, roster, rates, rate, agency, check=_check(context, home))
    if not moves:
        return {"before": round(before, 3), "after": round(before, 3), "moves": 0}
    after = robust.Risk(home, safer, rates, rate, agency).expected_below
    named = replace(request, name=f"Safer: {request.name}"[:120])
    found, _ = _save(context, home, named, _as_solution(home, safer), "robust")
    return {"before": round(before, 3), "after": round(after, 3), "moves": len(moves),
            "safer_scenario_id": found}  # fmt: skip


def _repair(context: JobContext, scenario_id: int, _seconds: float) -> dict[str, Any]:
    with reading(context.engine) as session:
        request = replace(
            request_of(session, context.actor, scenario_id), prices=REPAIR_PRICES,
            name="Repair with the fewest changes",
        )  # fmt: skip
        data = load_home(session, request.home_id, request.start, request.end)
        home = build_problem(data, request.prices, load_rulebook(session))
    days = _short_days(home)
    if not days:
        raise InvalidInput("No unit is below its minimum in these days: nothing to repair.")
    solution = repair(home, days, cancelled=context.cancelled)
    context.check()
    found, after = _save(context, home, request, solution, "repair")
    return {"repair_scenario_id": found, "unfilled": after["unfilled"],
            "seconds": round(solution.seconds, 2)}  # fmt: skip


def _short_days(home: HomeProblem) -> list[date]:
    """Days on which the rota as it stands is below a minimum somewhere."""
    missing = pooling.missing_people(home.problem, home.current)
    return sorted({home.day_of(d.day) for d, count in missing if count and is_minimum(d)})


_ANSWERS: dict[str, Callable[[JobContext, int, float], dict[str, Any]]] = {
    "worth": _worth, "frontier": _frontier, "levels": _levels, "pooling": _pooling,
    "robust": _robust, "repair": _repair,
}  # fmt: skip
