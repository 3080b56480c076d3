"""The savings ledger: what applied scenarios promised, and what came of it.

Promised is the cost of every shift that applying changed, before less after, as recorded at that
moment. Realised is the replayed baseline less what these shifts cost now. The replay gives the
old rota the same misfortunes: a person of the old rota who was absent on the day is replaced at
the mean price an hour that the home really paid for cover in those weeks. Only days that are over
count on both sides, so a scenario in the middle of its period is not called a miss.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice
from rota.models import (
    ChangeItem,
    Classification,
    LostShift,
    Scenario,
    ScenarioState,
    Shift,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a shift: who worked it for how much. ``pence`` null: a rate is missing."""

    date: date
    staff_id: int | None
    minutes: int
    pence: int | None
    is_vacant: bool

    @property
    def cost(self) -> int:
        """What it costs; a vacancy and a missing rate add nothing."""
        return 0 if self.is_vacant else self.pence or 0


@dataclass(frozen=True, slots=True)
class Changed:
    """A shift that applying a scenario changed: before, after and as it is now; null: not there."""

    before: Version | None
    after: Version | None
    now: Version | None

    @property
    def date(self) -> date:
        """The rota day of the shift."""
        found = self.before or self.after
        assert found is not None
        return found.date


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scenario's line. Money in pence, positive is saved; hours as minutes.

    ``predicted_pence`` is the whole promise, ``due_pence`` its part for days that are over;
    ``realised_pence`` is ``baseline_pence - actual_pence`` of those days. ``missing`` shifts lack
    a rate on some side and are in no sum of that side.
    """

    predicted_pence: int
    due_pence: int
    baseline_pence: int
    actual_pence: int
    unfilled_before_minutes: int
    unfilled_now_minutes: int
    replaced: int
    missing: int

    @property
    def realised_pence(self) -> int:
        """What was really saved on the days that are over."""
        return self.baseline_pence - self.actual_pence

    @property
    def realisation(self) -> float | None:
        """Realised ÷ promised for the same days; null where nothing was promised."""
        return self.realised_pence / self.due_pence if self.due_pence > 0 else None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An applied scenario with its outcome."""

    scenario_id: int
    name: str
    home: str
    start: date
    end: date
    applied_on: date
    outcome: Outcome


def outcome(
    changed: Iterable[Changed],
    today: date,
    absent: frozenset[tuple[int, date]],
    cover_pence_per_hour: Fraction | None,
) -> Outcome:
    """The line of one scenario. ``absent`` are people and days they missed a shift.

    Without a price for cover an absent person of the old rota is kept at their own cost.
    """
    predicted = due = baseline = actual = before_gap = now_gap = replaced = missing = 0
    for one in changed:
        promise = _cost(one.before) - _cost(one.after)
        predicted += promise
        missing += any(
            v is not None and not v.is_vacant and v.pence is None
            for v in (one.before, one.after, one.now)
        )
        if one.date >= today:
            continue
        due += promise
        actual += _cost(one.now)
        cost = _cost(one.before)
        if one.before is not None:
            key = (one.before.staff_id or 0, one.before.date)
            if key in absent and cover_pence_per_hour is not None:
                cost = round(cover_pence_per_hour * one.before.minutes / 60)
                replaced += 1
            before_gap += one.before.minutes if one.before.is_vacant else 0
        baseline += cost
        now_gap += one.now.minutes if one.now is not None and one.now.is_vacant else 0
    return Outcome(predicted, due, baseline, actual, before_gap, now_gap, replaced, missing)


def _cost(version: Version | None) -> int:
    return version.cost if version is not None else 0


def savings_ledger(
    session: Session, actor: Actor, homes: Sequence[HomeChoice], today: date
) -> list[LedgerLine]:
    """Every scenario that is applied in these homes, the newest first. Three statements,
    and one for each scenario.

    Raises :class:`~rota.errors.NotAllowed` for a home the actor does not work with.
    """
    actor.require(Permission.VIEW_COSTS)
    for home in homes:
        actor.require(Permission.VIEW_COSTS, home.id)
    names = {home.id: home.name for home in homes}
    scenarios = session.execute(
        select(
            Scenario.id, Scenario.name, Scenario.home_id, Scenario.start_date, Scenario.end_date,
            Scenario.applied_at, Scenario.applied_change_set_id,
        )
        .where(
            Scenario.home_id.in_(sorted(names)), Scenario.state == ScenarioState.APPLIED,
            Scenario.applied_change_set_id.is_not(None),
        )
        .order_by(Scenario.applied_at.desc(), Scenario.id.desc())
    ).all()  # fmt: skip
    if not scenarios:
        return []
    changed = _changed(session, [row.applied_change_set_id for row in scenarios])
    first = min(row.start_date for row in scenarios)
    last = max(row.end_date for row in scenarios)
    absent = _absent(session, sorted(names), first, last)
    return [
        LedgerLine(
            row.id, row.name, names[row.home_id], row.start_date, row.end_date,
            row.applied_at.date(),
            outcome(
                changed.get(row.applied_change_set_id, []), today, absent,
                cover_price(session, row.home_id, row.start_date, row.end_date),
            ),
        )
        for row in scenarios
    ]  # fmt: skip


def _changed(session: Session, change_sets: Sequence[int]) -> dict[int, list[Changed]]:
    rows = session.execute(
        select(
            ChangeItem.change_set_id, ChangeItem.before, ChangeItem.after, Shift.date,
            Shift.user_id, Shift.paid_minutes, Shift.cost_pence, Shift.is_vacant, Shift.id,
        )
        .outerjoin(Shift, Shift.id == ChangeItem.shift_id)
        .where(ChangeItem.change_set_id.in_(change_sets))
        .order_by(ChangeItem.id)
    )  # fmt: skip
    found: defaultdict[int, list[Changed]] = defaultdict(list)
    for change_set, before, after, day, user, minutes, pence, vacant, shift_id in rows:
        if before is None and after is None:
            continue
        now = Version(day, user, minutes, pence, vacant) if shift_id is not None else None
        found[change_set].append(Changed(_version(before), _version(after), now))
    return found


def _version(state: Mapping[str, Any] | None) -> Version | None:
    if state is None:
        return None
    return Version(
        date.fromisoformat(state["date"]), state["user_id"], state["paid_minutes"],
        state["cost_pence"], state["is_vacant"],
    )  # fmt: skip


def _absent(
    session: Session, home_ids: Sequence[int], start: date, end: date
) -> frozenset[tuple[int, date]]:
    rows = session.execute(
        select(LostShift.staff_id, LostShift.date)
        .join(Unit, Unit.id == LostShift.unit_id)
        .where(Unit.home_id.in_(home_ids), LostShift.date.between(start, end))
    )
    return frozenset((staff_id, day) for staff_id, day in rows)


def cover_price(session: Session, home_id: int, start: date, end: date) -> Fraction | None:
    """Pence an hour of the overtime, bank and agency shifts of a home; null without any."""
    pence, minutes = session.execute(
        select(func.sum(Shift.cost_pence), func.sum(Shift.paid_minutes)).where(
            Shift.home_id == home_id, Shift.date.between(start, end),
            Shift.classification != Classification.REGULAR, Shift.is_vacant.is_(False),
            Shift.cost_pence.is_not(None),
        )
    ).one()  # fmt: skip
    return Fraction(int(pence or 0) * 60, int(minutes)) if minutes else None
