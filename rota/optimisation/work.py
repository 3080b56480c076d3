"""Who works what in a period: in the rota as it stands, and in a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.models import Band, Scenario, Shift, Unit
from rota.roster.shift_types import ShiftKind


class Work(NamedTuple):
    """One person's shift, of the rota or of a scenario."""

    staff_id: int
    unit_id: int
    day: date
    shift_type_id: int
    minutes: int


def _standing(session: Session, scenario: Scenario) -> list[Shift]:
    return list(
        session.scalars(
            select(Shift).where(
                Shift.home_id == scenario.home_id,
                Shift.user_id.is_not(None),
                Shift.date.between(scenario.start_date, scenario.end_date),
            )
        )
    )


def _is_decided(shift: Shift, kinds: Mapping[int, ShiftKind], care: set[int]) -> bool:
    kind = kinds[shift.shift_type_id]
    return (
        shift.unit_id in care
        and not shift.is_locked
        and not shift.is_supernumerary
        and kind.counts_to_cover
        and kind.band is not Band.OFFICE
    )


def _care_units(session: Session, home_id: int) -> set[int]:
    return set(
        session.scalars(
            select(Unit.id).where(Unit.home_id == home_id, Unit.is_active, ~Unit.is_management)
        )
    )


def fixed_work(session: Session, scenario: Scenario, kinds: Mapping[int, ShiftKind]) -> list[Work]:
    """Shifts that no scenario decides about: they are the same in all of them."""
    care = _care_units(session, scenario.home_id)
    return [_work(s) for s in _standing(session, scenario) if not _is_decided(s, kinds, care)]


def decided_work(
    session: Session, scenario: Scenario, kinds: Mapping[int, ShiftKind]
) -> list[Work]:
    """Shifts of people that the scenario decides about, as the rota has them."""
    care = _care_units(session, scenario.home_id)
    return [_work(s) for s in _standing(session, scenario) if _is_decided(s, kinds, care)]


def _work(shift: Shift) -> Work:
    return Work(
        shift.user_id or 0, shift.unit_id, shift.date, shift.shift_type_id, shift.paid_minutes
    )


def proposed_work(scenario: Scenario, kinds: Mapping[int, ShiftKind]) -> list[Work]:
    """People\'s shifts as the scenario has them."""
    found = []
    for entry in scenario.shifts:
        if entry.staff_id is not None:
            kind = kinds[entry.shift_type_id]
            minutes = kind.paid_minutes(*kind.instants(entry.date))
            found.append(
                Work(entry.staff_id, entry.unit_id, entry.date, entry.shift_type_id, minutes)
            )
    return found
