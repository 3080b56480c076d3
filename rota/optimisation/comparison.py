"""Two or three rotas of one period side by side: the same measures, and who works when.

Money, gaps, hours and breaches are those the scenario stored when it was proved; fairness
and continuity are the measures of ``rota.costs`` counted on the scenario's shifts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.calendar import london_today
from rota.costs.measures import Burden, fairness
from rota.costs.people import CONTINUITY_DAYS, CONTINUITY_SHIFTS
from rota.errors import InvalidInput
from rota.models import (
    CareHome,
    Scenario,
    ScenarioShift,
    ScenarioState,
    Shift,
    ShiftType,
    Staff,
    Unit,
)
from rota.optimisation.applying import whole_difference
from rota.optimisation.service import scenario_of
from rota.optimisation.work import Work, decided_work, fixed_work, proposed_work
from rota.roster.shift_types import ShiftKind, load_shift_kinds

MOST_COMPARED = 3
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """The measures of one rota. Hours in hours, money in pence; ``scenario_id`` null: as it
    stands. Gini 0 is even; continuity is the share of own-staff hours by people who know
    the unit."""

    scenario_id: int | None
    name: str
    cost_pence: int
    cost_by_source: Mapping[str, int]
    unfilled: int
    unfilled_hours: float
    agency_hours: float
    overtime_hours: float
    breaches: Mapping[str, int]
    night_gini: float | None
    weekend_gini: float | None
    continuity: float | None
    people_changed: int
    shifts_changed: int
    published_changed: int
    notice_days: int | None


@dataclass(frozen=True, slots=True)
class PersonDays:
    """One person's days in two rotas: shift type and unit by day, only where they work."""

    staff_id: int
    name: str
    unit: str
    before: Mapping[date, tuple[ShiftKind, int]]
    after: Mapping[date, tuple[ShiftKind, int]]

    @property
    def changes(self) -> int:
        """Days that differ."""
        days = set(self.before) | set(self.after)
        return sum(self.before.get(day) != self.after.get(day) for day in days)


def compare(session: Session, actor: Actor, ids: Sequence[int]) -> list[Compared]:
    """The rota as it stood when the first was computed, then up to three scenarios.

    Raises :class:`InvalidInput` for none, too many or different periods.
    """
    scenarios = _scenarios(session, actor, ids)
    first = scenarios[0]
    kinds = load_shift_kinds(session)
    known = _known_before(session, first.home_id, first.start_date)
    contracts = _contracts(session, first.home_id)
    fixed = fixed_work(session, first, kinds)
    decided = decided_work(session, first, kinds)
    stands = _still_stands(session, first)
    found = [
        _measures(
            None, first, "Rota now" if stands else "Rota then",
            fixed + decided if stands else [], known, contracts, kinds,
        )
    ]  # fmt: skip
    for scenario in scenarios:
        work = fixed + proposed_work(scenario, kinds)
        found.append(_measures(session, scenario, scenario.name, work, known, contracts, kinds))
    return found


def _still_stands(session: Session, scenario: Scenario) -> bool:
    """Whether the rota is still the one the scenario was computed from."""
    version = session.scalar(select(CareHome.data_version).where(CareHome.id == scenario.home_id))
    return version == scenario.data_version and scenario.state is not ScenarioState.APPLIED


def _scenarios(session: Session, actor: Actor, ids: Sequence[int]) -> list[Scenario]:
    if not 1 <= len(ids) <= MOST_COMPARED:
        raise InvalidInput(f"Choose one to {MOST_COMPARED} scenarios to compare.")
    scenarios = [scenario_of(session, actor, i) for i in dict.fromkeys(ids)]
    periods = {(s.home_id, s.start_date, s.end_date) for s in scenarios}
    if len(periods) > 1:
        raise InvalidInput(
            "These scenarios are of different homes or days.",
            hint="Compare scenarios of the same home and period.",
        )
    return scenarios


def _measures(
    session: Session | None,
    scenario: Scenario,
    name: str,
    work: list[Work],
    known: Mapping[tuple[int, int], list[date]],
    contracts: Mapping[int, int],
    kinds: Mapping[int, ShiftKind],
) -> Compared:
    side = "before" if session is None else "after"
    given: dict[str, Any] = scenario.summary.get(side, {})
    people = shifts = published = 0
    notice: int | None = None
    if session is not None:
        replacement = whole_difference(session, scenario)
        shifts = max(len(replacement.rows), len(replacement.wanted))
        changed = {row.user_id for row in replacement.rows}
        changed |= {entry.staff_id for entry in replacement.wanted}
        people = len(changed - {None})
        published = sum(row.is_published for row in replacement.rows)
        days = [row.date for row in replacement.rows if row.is_published]
        if days:
            notice = (min(days) - london_today()).days
    return Compared(
        scenario_id=None if session is None else scenario.id,
        name=name,
        cost_pence=given.get("cost_pence", 0),
        cost_by_source=given.get("cost_by_source", {}),
        unfilled=given.get("unfilled", 0),
        unfilled_hours=given.get("unfilled_minutes", 0) / 60,
        agency_hours=given.get("agency_minutes", 0) / 60,
        overtime_hours=given.get("overtime_minutes", 0) / 60,
        breaches=scenario.summary.get(f"breaches_{side}", {}),
        night_gini=_gini(contracts, [w for w in work if kinds[w.shift_type_id].is_night]),
        weekend_gini=_gini(contracts, [w for w in work if w.day.weekday() >= _SATURDAY]),
        continuity=continuity_of(work, known),
        people_changed=people,
        shifts_changed=shifts,
        published_changed=published,
        notice_days=notice,
    )


def _gini(contracts: Mapping[int, int], work: Iterable[Work]) -> float | None:
    """How unevenly these shifts lie among everybody of the home, as the costs page has it."""
    minutes: dict[int, int] = defaultdict(int)
    for each in work:
        minutes[each.staff_id] += each.minutes
    found = fairness([Burden(i, minutes[i], contract) for i, contract in contracts.items()])
    return None if found is None else found.gini


def continuity_of(
    work: Sequence[Work], before: Mapping[tuple[int, int], Sequence[date]]
) -> float | None:
    """Share of minutes by people with three shifts on the unit in the 28 days before.

    ``before`` gives the days of (person, unit) ahead of the period. The definition is that
    of :func:`rota.costs.people.continuity`.
    """
    days: dict[tuple[int, int], list[date]] = defaultdict(list)
    for key, earlier in before.items():
        days[key] = list(earlier)
    for each in work:
        days[each.staff_id, each.unit_id].append(each.day)
    whole = by_known = 0
    for each in work:
        oldest = each.day - timedelta(days=CONTINUITY_DAYS)
        seen = sum(oldest <= day < each.day for day in days[each.staff_id, each.unit_id])
        whole += each.minutes
        by_known += each.minutes if seen >= CONTINUITY_SHIFTS else 0
    return by_known / whole if whole else None


def _known_before(session: Session, home_id: int, start: date) -> dict[tuple[int, int], list[date]]:
    rows = session.execute(
        select(Shift.user_id, Shift.unit_id, Shift.date).where(
            Shift.home_id == home_id,
            Shift.user_id.is_not(None),
            Shift.date >= start - timedelta(days=CONTINUITY_DAYS),
            Shift.date < start,
        )
    )
    found: dict[tuple[int, int], list[date]] = defaultdict(list)
    for staff_id, unit_id, day in rows:
        found[staff_id or 0, unit_id].append(day)
    return found


def _contracts(session: Session, home_id: int) -> dict[int, int]:
    rows = session.execute(
        select(Staff.id, Staff.contracted_minutes).where(Staff.home_id == home_id, Staff.is_active)
    )
    return {int(staff_id): int(minutes) for staff_id, minutes in rows}


def person_days(
    session: Session, actor: Actor, scenario_id: int, *, against: int | None = None
) -> list[PersonDays]:
    """Who works when in a scenario against the rota as it stands (or another scenario).

    Only people with a difference, by unit and name; their fixed shifts are in both.
    """
    ids = [scenario_id] if against is None else [against, scenario_id]
    scenarios = _scenarios(session, actor, ids)
    kinds = load_shift_kinds(session)
    scenario = scenarios[-1]
    fixed = fixed_work(session, scenario, kinds)
    old = (
        decided_work(session, scenario, kinds)
        if against is None
        else proposed_work(scenarios[0], kinds)
    )
    before, after = _by_person(fixed + old, kinds), _by_person(
        fixed + proposed_work(scenario, kinds), kinds
    )  # fmt: skip
    moved = {i for i in set(before) | set(after) if before.get(i) != after.get(i)}
    rows = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name, Unit.name)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(Staff.id.in_(sorted(moved)))
        .order_by(Unit.name, Staff.last_name, Staff.first_name, Staff.id)
    )
    return [
        PersonDays(
            staff_id, f"{first} {last}".strip(), unit or "",
            before.get(staff_id, {}), after.get(staff_id, {}),
        )
        for staff_id, first, last, unit in rows
    ]  # fmt: skip


def _by_person(
    work: Iterable[Work], kinds: Mapping[int, ShiftKind]
) -> dict[int, dict[date, tuple[ShiftKind, int]]]:
    found: dict[int, dict[date, tuple[ShiftKind, int]]] = defaultdict(dict)
    for each in work:
        found[each.staff_id][each.day] = (kinds[each.shift_type_id], each.unit_id)
    return found


def gaps_of(session: Session, actor: Actor, scenario_id: int) -> list[ScenarioShift]:
    """The places that a scenario leaves open, by day."""
    scenario = scenario_of(session, actor, scenario_id)
    return list(
        session.scalars(
            select(ScenarioShift)
            .join(ShiftType, ShiftType.id == ScenarioShift.shift_type_id)
            .where(
                ScenarioShift.scenario_id == scenario.id,
                ScenarioShift.staff_id.is_(None),
                ScenarioShift.agency_id.is_(None),
            )
            .order_by(ScenarioShift.date, ScenarioShift.unit_id, ScenarioShift.id)
        )
    )
