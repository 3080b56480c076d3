"""Reads of scenarios: cards side by side, and what a scenario changes in the rota."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.models import (
    Agency,
    Band,
    CareHome,
    Scenario,
    ScenarioAcceptance,
    ScenarioShift,
    ScenarioState,
    Shift,
    ShiftType,
    Staff,
    Unit,
    User,
)
from rota.optimisation.acceptance import Part
from rota.optimisation.applying import whole_difference
from rota.optimisation.service import scenario_of


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A scenario as a card shows it. Measures as in ``rota.optimisation.measures``."""

    id: int
    home_id: int
    name: str
    start: date
    end: date
    state: ScenarioState
    status: str
    objective: float | None
    bound: float | None
    before: dict[str, Any]
    after: dict[str, Any]
    breaches_before: dict[str, int]
    breaches_after: dict[str, int]
    seconds: float
    explanation: str
    created_at: datetime
    created_by: str
    #: the rota has not moved since it was computed
    is_fresh: bool
    inputs: dict[str, Any]
    data_version: int
    seed: int
    solver: str
    study: str
    parent_id: int | None
    #: by what it stands in the rota: nothing, or the scopes that were accepted
    accepted: tuple[str, ...] = ()

    @property
    def is_applied(self) -> bool:
        """Whether it is in the rota."""
        return self.state is ScenarioState.APPLIED

    @property
    def is_partly_applied(self) -> bool:
        """Whether only parts of it are in the rota; more may be accepted."""
        return self.is_applied and "whole" not in self.accepted

    @property
    def is_undone(self) -> bool:
        """Whether it was in the rota and was taken out again."""
        return self.state is ScenarioState.UNDONE

    @property
    def gap(self) -> float | None:
        """How far the answer may be from the best, as a share; null: not proved."""
        if self.objective is None or self.bound is None or not self.objective:
            return None
        return max(0.0, (self.objective - self.bound) / abs(self.objective))


def scenarios_of(
    session: Session, actor: Actor, home_id: int, *, limit: int = 12
) -> list[ScenarioView]:
    """The newest scenarios of a home that somebody asked for, newest first. Two statements.

    Those that a study made are opened from the study.
    """
    actor.require(Permission.VIEW_SCENARIOS, home_id)
    return _views(
        session,
        _SELECT.where(Scenario.home_id == home_id, Scenario.study.in_(_LISTED))
        .order_by(Scenario.id.desc())
        .limit(limit),
    )


#: scenarios that stand in the list; a frontier makes too many of them
_LISTED = ("", "robust", "repair")
_SELECT = (
    select(Scenario, User.name, CareHome.data_version)
    .join(CareHome, CareHome.id == Scenario.home_id)
    .outerjoin(User, User.id == Scenario.created_by_id)
)


def scenario_view(session: Session, actor: Actor, scenario_id: int) -> ScenarioView:
    """One scenario, if the actor may see it. Raises :class:`NotFound`, :class:`NotAllowed`."""
    scenario = scenario_of(session, actor, scenario_id)
    return _views(session, _SELECT.where(Scenario.id == scenario.id))[0]


def _views(session: Session, statement: Select[Scenario, str, int]) -> list[ScenarioView]:
    rows = session.execute(statement).all()
    accepted: dict[int, list[str]] = defaultdict(list)
    for scenario_id, scope in session.execute(
        select(ScenarioAcceptance.scenario_id, ScenarioAcceptance.scope)
        .where(
            ScenarioAcceptance.scenario_id.in_([scenario.id for scenario, *_ in rows]),
            ScenarioAcceptance.undone_at.is_(None),
        )
        .order_by(ScenarioAcceptance.id)
    ):
        accepted[scenario_id].append(scope)
    return [
        _view(scenario, name, version, tuple(accepted[scenario.id]))
        for scenario, name, version in rows
    ]


def _view(
    scenario: Scenario, name: str | None, version: int, accepted: tuple[str, ...]
) -> ScenarioView:
    summary = scenario.summary
    return ScenarioView(
        id=scenario.id,
        home_id=scenario.home_id,
        name=scenario.name,
        start=scenario.start_date,
        end=scenario.end_date,
        state=scenario.state,
        status=scenario.status,
        objective=scenario.objective,
        bound=scenario.bound,
        before=summary.get("before", {}),
        after=summary.get("after", {}),
        breaches_before=summary.get("breaches_before", {}),
        breaches_after=summary.get("breaches_after", {}),
        seconds=float(summary.get("seconds", 0)),
        explanation=scenario.explanation,
        created_at=scenario.created_at,
        created_by=name or "The installation",
        is_fresh=version == scenario.data_version,
        inputs=scenario.inputs,
        data_version=scenario.data_version,
        seed=scenario.seed,
        solver=scenario.solver,
        study=scenario.study,
        parent_id=scenario.parent_id,
        accepted=accepted,
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """People of one unit, day and shift type before and after; a name with "+" or "−"."""

    date: date
    unit: str
    shift: str
    band: Band
    before: tuple[str, ...]
    after: tuple[str, ...]


def difference(session: Session, actor: Actor, scenario_id: int) -> list[Difference]:
    """Where a scenario differs from the rota as it stands now, by day, unit and shift."""
    scenario = scenario_of(session, actor, scenario_id)
    proposed = session.execute(
        select(
            ScenarioShift.unit_id, ScenarioShift.date, ScenarioShift.shift_type_id,
            func.trim(Staff.first_name + " " + Staff.last_name), Agency.name,
        )
        .outerjoin(Staff, Staff.id == ScenarioShift.staff_id)
        .outerjoin(Agency, Agency.id == ScenarioShift.agency_id)
        .where(ScenarioShift.scenario_id == scenario.id)
    )  # fmt: skip
    standing = session.execute(
        select(
            Shift.unit_id, Shift.date, Shift.shift_type_id,
            func.trim(Staff.first_name + " " + Staff.last_name), Agency.name,
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .outerjoin(Staff, Staff.id == Shift.user_id)
        .outerjoin(Agency, Agency.id == Shift.agency_id)
        .where(
            Shift.home_id == scenario.home_id,
            Shift.date.between(scenario.start_date, scenario.end_date),
            ~Unit.is_management, ~Shift.is_locked, ~Shift.is_supernumerary,
            ShiftType.counts_to_cover, ShiftType.band != Band.OFFICE,
        )
    )  # fmt: skip
    after, before = _by_slot(proposed), _by_slot(standing)
    units = dict(session.execute(select(Unit.id, Unit.name)).all())
    kinds = {kind.id: kind for kind in session.scalars(select(ShiftType))}
    found = []
    for slot in sorted(set(after) | set(before), key=lambda s: (s[1], units[s[0]], s[2])):
        old, new = sorted(before.get(slot, [])), sorted(after.get(slot, []))
        if old != new:
            kind = kinds[slot[2]]
            found.append(
                Difference(
                    slot[1], units[slot[0]], kind.code, kind.band, _less(old, new), _less(new, old)
                )
            )
    return found


def _by_slot(rows: Any) -> dict[tuple[int, date, int], list[str]]:
    slots: dict[tuple[int, date, int], list[str]] = defaultdict(list)
    for unit_id, day, kind_id, name, agency in rows:
        slots[unit_id, day, kind_id].append(name or (f"{agency} (agency)" if agency else "nobody"))
    return slots


def _less(names: list[str], others: list[str]) -> tuple[str, ...]:
    """The names that are not among the others (with multiplicity)."""
    rest = list(others)
    left = []
    for name in names:
        if name in rest:
            rest.remove(name)
        else:
            left.append(name)
    return tuple(left)


def unit_names(session: Session, actor: Actor, home_id: int) -> dict[int, str]:
    """The units of a home by id."""
    actor.require(Permission.VIEW_SCENARIOS, home_id)
    rows = session.execute(select(Unit.id, Unit.name).where(Unit.home_id == home_id))
    return {int(unit_id): str(name) for unit_id, name in rows}


def staff_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Names of people by id."""
    rows = session.execute(
        select(Staff.id, func.trim(Staff.first_name + " " + Staff.last_name)).where(
            Staff.id.in_(sorted(ids))
        )
    )
    return {int(staff_id): str(name) for staff_id, name in rows}


def parts_of(session: Session, actor: Actor, scenario_id: int, part: Part) -> list[tuple[str, str]]:
    """The units, days or people a scenario changes: (value, words with the count)."""
    scenario = scenario_of(session, actor, scenario_id)
    if part is Part.WHOLE:
        return []
    whole = whole_difference(session, scenario)
    slots = [(r.unit_id, r.date, r.user_id) for r in whole.rows]
    slots += [(w.unit_id, w.date, w.staff_id) for w in whole.wanted]
    place = {Part.UNITS: 0, Part.DAYS: 1, Part.PEOPLE: 2}[part]
    counts: dict[Any, int] = defaultdict(int)
    for slot in slots:
        if slot[place] is not None:
            counts[slot[place]] += 1
    if part is Part.DAYS:
        return [(day.isoformat(), f"{day:%a} {day.day} {day:%b}") for day in sorted(counts)]
    names = (
        unit_names(session, actor, scenario.home_id)
        if part is Part.UNITS
        else staff_names(session, counts)
    )
    return sorted(((str(key), names.get(key, "?")) for key in counts), key=lambda p: p[1])
