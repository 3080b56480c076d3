"""Optimising a home: solve, prove, save as a scenario; apply it as a draft; undo it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.service import installation_actor
from rota.database import UnitOfWork, get_engine, reading
from rota.errors import Conflict, InvalidInput, NotFound
from rota.models import (
    CareHome,
    Scenario,
    ScenarioAcceptance,
    ScenarioShift,
    ScenarioState,
    utc_now,
)
from rota.optimisation.acceptance import Acceptance, Part, Selection, plan_acceptance
from rota.optimisation.applying import apply_to_rota
from rota.optimisation.requests import OptimisationRequest, OptimisationResult
from rota.roster.changes import undo

if TYPE_CHECKING:
    from rota.optimisation.solving import Answer

Report = Callable[[float, str, dict[str, Any]], None]


def _quiet(_share: float, _message: str, _detail: dict[str, Any]) -> None:
    return None


def optimize_schedule(
    care_home_id: int,
    start_date: date,
    end_date: date,
    *,
    seconds: float = 25.0,
    engine: Engine | None = None,
) -> OptimisationResult:
    """Optimise a home over a period, all days together, and save the answer as a scenario.

    Nothing of the rota changes: :func:`apply_scenario` does that. Raises
    :class:`NotFound` and :class:`InvalidInput`.
    """
    engine = engine or get_engine()
    with reading(engine) as session:
        actor = installation_actor(session)
    request = OptimisationRequest(care_home_id, start_date, end_date, seconds=seconds)
    return run(actor, request, engine=engine)


def run(
    actor: Actor,
    request: OptimisationRequest,
    *,
    engine: Engine | None = None,
    report: Report = _quiet,
    cancelled: Callable[[], bool] = lambda: False,
    job_id: int | None = None,
) -> OptimisationResult:
    """Read, solve, prove and save. No transaction is open while the solver works."""
    # the solver is loaded here, in the worker: the web process knows this module, not that
    from rota.optimisation.solving import solve_request

    engine = engine or get_engine()
    with reading(engine) as session:
        if session.get(CareHome, request.home_id) is None:
            raise NotFound("There is no such home.")
        actor.require(Permission.RUN_OPTIMISATION, request.home_id)
    answer = solve_request(request, engine, report=report, cancelled=cancelled)
    with UnitOfWork(actor, source="optimiser", engine=engine) as uow:
        scenario_id = save_answer(uow, request, answer, job_id=job_id)
        uow.commit()
    return _result(answer, scenario_id)


def save_answer(
    uow: UnitOfWork,
    request: OptimisationRequest,
    answer: Answer,
    *,
    job_id: int | None = None,
    study: str = "",
) -> int:
    """Save a proved answer as a scenario with all its inputs; gives its id."""
    uow.actor.require(Permission.RUN_OPTIMISATION, request.home_id)
    parent = request.parent_id and uow.session.get(Scenario, request.parent_id)
    scenario = Scenario(
        home_id=request.home_id,
        name=request.name.strip()[:120] or _default_name(request),
        start_date=request.start,
        end_date=request.end,
        inputs=request.as_inputs(),
        parent_id=parent.id if parent and parent.home_id == request.home_id else None,
        study=study,
        data_version=answer.data_version,
        seed=request.seed,
        solver=answer.solver,
        status=answer.status,
        objective=answer.objective,
        bound=answer.bound,
        summary=answer.summary,
        explanation=answer.explanation,
        job_id=job_id,
        created_by_id=uow.actor.user_id,
        shifts=[
            ScenarioShift(
                unit_id=draft.unit_id,
                date=draft.date,
                shift_type_id=draft.shift_type_id,
                staff_id=draft.staff_id,
                agency_id=draft.agency_id,
                classification=draft.classification,
                cost_pence=draft.cost_pence,
            )
            for draft in answer.shifts
        ],
    )
    uow.session.add(scenario)
    uow.session.flush()
    uow.audit(
        "save scenario", "scenario", scenario.id, home_id=request.home_id,
        after={"name": scenario.name, "status": answer.status},
    )  # fmt: skip
    return scenario.id


def _result(answer: Answer, scenario_id: int) -> OptimisationResult:
    after = answer.summary["after"]
    return OptimisationResult(
        status=answer.status,
        scenario_id=scenario_id,
        total_cost=after["cost_pence"],
        shifts_created=len(answer.shifts),
        unfilled=after["unfilled"],
        agency_minutes=after["agency_minutes"],
        overtime_minutes=after["overtime_minutes"],
        breaches=after["breaches"],
        objective=answer.objective,
        bound=answer.bound,
    )


def _default_name(request: OptimisationRequest) -> str:
    days = (request.end - request.start).days + 1
    return f"{request.start:%-d %b %Y}, {days} days"


def scenario_of(session: Session, actor: Actor, scenario_id: int) -> Scenario:
    """A scenario that the actor may see. Raises :class:`NotFound`, :class:`NotAllowed`."""
    scenario = session.get(Scenario, scenario_id)
    if scenario is None:
        raise NotFound("There is no such scenario.", hint="It may have been deleted.")
    actor.require(Permission.VIEW_SCENARIOS, scenario.home_id)
    return scenario


def apply_scenario(uow: UnitOfWork, scenario_id: int, selection: Selection | None = None) -> int:
    """Put a scenario into the rota as a draft, whole or a part; gives the change set's id.

    Further parts may follow as long as nobody else changes the rota. Raises
    :class:`Conflict` when the rota has moved since the scenario was computed, when it has
    been applied already, or when the part cannot be taken alone; nothing is written then.
    """
    selection = selection or Selection()
    scenario = scenario_of(uow.session, uow.actor, scenario_id)
    uow.actor.require(Permission.APPLY_SCENARIO, scenario.home_id)
    version = _version(uow.session, scenario.home_id, lock=True)
    standing = acceptances_of(uow.session, scenario.id)
    if any(acceptance.scope == Part.WHOLE for acceptance in standing):
        raise Conflict("This scenario has been applied already.", hint="Undo it first.")
    if version != scenario.data_version:
        raise Conflict(
            "The rota has changed since this scenario was computed; nothing was applied.",
            hint="Solve it again from the rota as it is now.",
        )
    plan = plan_acceptance(uow.session, scenario, selection)
    if not plan.shifts and selection.part is not Part.WHOLE:
        raise InvalidInput("The scenario changes nothing there.", hint="Choose something else.")
    words = "" if selection.part is Part.WHOLE else f", some {selection.part.value}"
    change = apply_to_rota(
        uow, scenario, plan.replacement, f"Scenario “{scenario.name}” applied{words}"
    )
    scenario.state = ScenarioState.APPLIED
    scenario.applied_at = utc_now()
    scenario.applied_change_set_id = change.id
    # applying is itself a change of the rota: further parts and undoing start from there
    scenario.data_version = version + 1
    uow.session.add(
        ScenarioAcceptance(
            scenario_id=scenario.id,
            change_set_id=change.id,
            scope=selection.part.value,
            chosen=selection.as_stored(),
            version_after=version + 1,
            accepted_by_id=uow.actor.user_id,
        )
    )
    uow.audit(
        "apply scenario", "scenario", scenario.id, home_id=scenario.home_id,
        after={"scope": selection.part.value, "chosen": selection.as_stored()},
    )  # fmt: skip
    return change.id


def preview_acceptance(
    session: Session, actor: Actor, scenario_id: int, selection: Selection
) -> Acceptance:
    """What accepting would change, without changing it. Raises as :func:`apply_scenario`."""
    scenario = scenario_of(session, actor, scenario_id)
    return plan_acceptance(session, scenario, selection)


def acceptances_of(session: Session, scenario_id: int) -> list[ScenarioAcceptance]:
    """What of a scenario stands in the rota, oldest first."""
    return list(
        session.scalars(
            select(ScenarioAcceptance)
            .where(
                ScenarioAcceptance.scenario_id == scenario_id,
                ScenarioAcceptance.undone_at.is_(None),
            )
            .order_by(ScenarioAcceptance.id)
        )
    )


def undo_scenario(uow: UnitOfWork, scenario_id: int) -> None:
    """Take everything of an applied scenario out of the rota again, in one transaction."""
    scenario = scenario_of(uow.session, uow.actor, scenario_id)
    uow.actor.require(Permission.APPLY_SCENARIO, scenario.home_id)
    standing = acceptances_of(uow.session, scenario.id)
    if not standing:
        raise Conflict("This scenario is not applied.")
    version = _version(uow.session, scenario.home_id, lock=True)
    for acceptance in reversed(standing):
        undo(uow, acceptance.change_set_id)
        acceptance.undone_at = utc_now()
    scenario.state = ScenarioState.UNDONE
    if version == standing[-1].version_after:
        # the rota is again what the scenario was computed from: it may be applied once more
        scenario.data_version = version + 1
    uow.audit("undo scenario", "scenario", scenario.id, home_id=scenario.home_id)


def _version(session: Session, home_id: int, *, lock: bool = False) -> int:
    wish = select(CareHome.data_version).where(CareHome.id == home_id)
    return int(session.scalar(wish.with_for_update() if lock else wish) or 0)


def duplicate_scenario(uow: UnitOfWork, scenario_id: int) -> int:
    """A copy under a name of its own, to be edited and compared; gives its id."""
    scenario = scenario_of(uow.session, uow.actor, scenario_id)
    uow.actor.require(Permission.RUN_OPTIMISATION, scenario.home_id)
    name = f"Copy of {scenario.name}"[:120]
    copied = (
        "home_id", "start_date", "end_date", "data_version", "seed", "solver", "status",
        "objective", "bound", "explanation",
    )  # fmt: skip
    copy = Scenario(
        **{field: getattr(scenario, field) for field in copied},
        name=name,
        inputs={**scenario.inputs, "name": name, "parent_id": scenario.id},
        summary=dict(scenario.summary),
        parent_id=scenario.id,
        created_by_id=uow.actor.user_id,
        shifts=[
            ScenarioShift(
                unit_id=s.unit_id, date=s.date, shift_type_id=s.shift_type_id,
                staff_id=s.staff_id, agency_id=s.agency_id, classification=s.classification,
                cost_pence=s.cost_pence,
            )
            for s in scenario.shifts
        ],
    )  # fmt: skip
    uow.session.add(copy)
    uow.session.flush()
    uow.audit("duplicate", "scenario", copy.id, home_id=copy.home_id, after={"of": scenario.id})
    return copy.id


def request_of(session: Session, actor: Actor, scenario_id: int) -> OptimisationRequest:
    """The inputs of a scenario, to solve again from the rota as it is now, or edited."""
    scenario = scenario_of(session, actor, scenario_id)
    given = {
        **scenario.inputs,
        "home_id": scenario.home_id,
        "start": scenario.start_date.isoformat(),
        "end": scenario.end_date.isoformat(),
        "seed": scenario.seed,
        "parent_id": scenario.id,
    }
    return replace(OptimisationRequest.from_inputs(given), name=scenario.name)


def delete_scenario(uow: UnitOfWork, scenario_id: int) -> None:
    """Delete a scenario that is not in the rota."""
    scenario = scenario_of(uow.session, uow.actor, scenario_id)
    uow.actor.require(Permission.RUN_OPTIMISATION, scenario.home_id)
    if scenario.state == ScenarioState.APPLIED:
        raise Conflict("This scenario is in the rota.", hint="Undo it first.")
    name = scenario.name
    uow.session.execute(delete(ScenarioShift).where(ScenarioShift.scenario_id == scenario.id))
    uow.session.delete(scenario)
    uow.audit("delete", "scenario", scenario_id, home_id=scenario.home_id, before={"name": name})
