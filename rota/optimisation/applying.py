"""Writing a scenario into the rota: one change set, one transaction, undone in one click."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.database import UnitOfWork
from rota.models import (
    Band,
    ChangeSet,
    Classification,
    Scenario,
    ScenarioShift,
    Shift,
    ShiftType,
    Staff,
    Unit,
    utc_now,
)
from rota.roster.changes import ChangeRecorder, shift_state
from rota.roster.shift_types import ShiftKind, load_shift_kinds

#: unit, day and shift type
Slot = tuple[int, date, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One shift that a scenario wants: by a person, an agency, or vacant (both null)."""

    unit_id: int
    date: date
    shift_type_id: int
    staff_id: int | None
    agency_id: int | None
    classification: Classification
    cost_pence: int | None

    @property
    def slot(self) -> Slot:
        """Where it stands."""
        return self.unit_id, self.date, self.shift_type_id

    @property
    def is_vacant(self) -> bool:
        """Whether nobody is on it."""
        return self.staff_id is None and self.agency_id is None


@dataclass(frozen=True, slots=True)
class Replacement:
    """Shifts of the rota that go or change, and what shall stand in their place."""

    rows: tuple[Shift, ...]
    wanted: tuple[Wanted, ...]


def whole_difference(session: Session, scenario: Scenario) -> Replacement:
    """Everything in which the scenario differs from the rota as it stands. Two statements."""
    wanted = [
        Wanted(
            entry.unit_id, entry.date, entry.shift_type_id, entry.staff_id, entry.agency_id,
            entry.classification, entry.cost_pence,
        )
        for entry in session.scalars(
            select(ScenarioShift)
            .where(ScenarioShift.scenario_id == scenario.id)
            .order_by(ScenarioShift.id)
        )
    ]  # fmt: skip
    rows, changed = _without_kept(_decided(session, scenario), wanted)
    return Replacement(tuple(rows), tuple(changed))


def apply_to_rota(
    uow: UnitOfWork, scenario: Scenario, replacement: Replacement, label: str
) -> ChangeSet:
    """Put a replacement into the rota as one change.

    Shifts are re-used where unit, day and type are the same, so that their history stays
    with them; the rest is added and removed.
    """
    kinds = load_shift_kinds(uow.session)
    recorder = ChangeRecorder(uow, scenario.home_id, "apply scenario", label)
    left = list(replacement.rows)
    before = {shift.id: shift_state(shift) for shift in left}
    for shift in left:  # everybody steps aside first: people swap places all over the rota
        if shift.user_id is not None:
            shift.user_id, shift.is_vacant = None, shift.agency_id is None
    uow.session.flush()
    by_slot: dict[Slot, list[Shift]] = defaultdict(list)
    for shift in left:
        by_slot[shift.unit_id, shift.date, shift.shift_type_id].append(shift)
    added: list[Shift] = []
    roles = dict(uow.session.execute(select(Staff.id, Staff.role_id)).all())
    for entry in replacement.wanted:
        values = _values(entry, roles)
        reusable = by_slot[entry.unit_id, entry.date, entry.shift_type_id]
        if reusable:
            _write(reusable.pop(), values, recorder)
        else:
            shift = _new_shift(scenario, entry, kinds[entry.shift_type_id], values)
            shift.change_set_id = recorder.change_set.id
            uow.session.add(shift)
            added.append(shift)
    for leftovers in by_slot.values():
        for shift in leftovers:
            recorder.note(shift.id, before.pop(shift.id), None)
            uow.session.delete(shift)
            left.remove(shift)
    uow.session.flush()
    for shift in left:
        after = shift_state(shift)
        if after != before[shift.id]:
            recorder.note(shift.id, before[shift.id], after)
    for shift in added:
        recorder.note(shift.id, None, shift_state(shift))
    return recorder.finish()


def _decided(session: Session, scenario: Scenario) -> Sequence[Shift]:
    """The shifts of the period that an optimisation decides about, by id."""
    return session.scalars(
        select(Shift)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .where(
            Shift.home_id == scenario.home_id,
            Shift.date.between(scenario.start_date, scenario.end_date),
            Unit.is_active,
            ~Unit.is_management,
            ~Shift.is_locked,
            ~Shift.is_supernumerary,
            ShiftType.counts_to_cover,
            ShiftType.is_active,
            or_(ShiftType.band == Band.DAY, ShiftType.band == Band.NIGHT),
        )
        .order_by(Shift.id)
    ).all()


def _without_kept(
    rows: Sequence[Shift], wanted: Iterable[Wanted]
) -> tuple[list[Shift], list[Wanted]]:
    """Take out of both sides what stays exactly as it is."""
    standing = {shift.id: shift for shift in rows}
    keys: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for shift in rows:
        keys[_key(shift, shift.user_id)].append(shift.id)
    changed = []
    for entry in wanted:
        same = keys[_key(entry, entry.staff_id)]
        if same:
            standing.pop(same.pop())
        else:
            changed.append(entry)
    return list(standing.values()), changed


def _key(row: Shift | Wanted, person: int | None) -> tuple[Any, ...]:
    return (
        row.unit_id, row.date, row.shift_type_id, person, row.agency_id,
        row.classification if person is None else None,
    )  # fmt: skip


def _values(entry: Wanted, roles: dict[int, int]) -> dict[str, Any]:
    vacant = entry.is_vacant
    return {
        "user_id": entry.staff_id,
        "agency_id": entry.agency_id,
        "agency_worker": "",
        "is_vacant": vacant,
        "role_id": roles.get(entry.staff_id or 0),
        "classification": Classification.REGULAR if vacant else entry.classification,
        "cost_pence": entry.cost_pence,
        "is_published": False,
        "vacancy_reason": "unfilled" if vacant else "",
        "vacant_since": utc_now() if vacant else None,
    }


def _write(shift: Shift, values: dict[str, Any], recorder: ChangeRecorder) -> None:
    for name, value in values.items():
        if name == "role_id" and value is None:
            continue  # a vacancy or an agency shift keeps the role it asks for
        setattr(shift, name, value)
    shift.change_set_id = recorder.change_set.id


def _new_shift(scenario: Scenario, entry: Wanted, kind: ShiftKind, values: dict[str, Any]) -> Shift:
    starts_at, ends_at = kind.instants(entry.date)
    return Shift(
        home_id=scenario.home_id,
        unit_id=entry.unit_id,
        date=entry.date,
        shift_type_id=kind.id,
        starts_at=starts_at,
        ends_at=ends_at,
        break_minutes=kind.break_minutes,
        paid_minutes=kind.paid_minutes(starts_at, ends_at),
        legacy={},
        **values,
    )
