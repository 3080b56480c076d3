"""Taking somebody off their shifts, and putting them back: what leave and sickness share."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from rota.calendar import hours_text
from rota.database import UnitOfWork
from rota.models import ChangeSet, Classification, Shift, Staff, utc_now
from rota.roster.changes import ChangeRecorder, shift_state


@dataclass(frozen=True, slots=True)
class Released:
    """What was taken off somebody: vacancies left behind, shifts that simply fell away.

    ``change_set_id`` is null when there was nothing to take off.
    """

    change_set_id: int | None
    vacancy_ids: tuple[int, ...]
    removed_ids: tuple[int, ...]
    minutes: int

    @property
    def count(self) -> int:
        """Shifts taken off."""
        return len(self.vacancy_ids) + len(self.removed_ids)


def release_shifts(
    uow: UnitOfWork, person: Staff, days: Collection[date], kind: str, reason: str, label: str
) -> Released:
    """Take somebody off every shift of these rota days, in one change set.

    A shift that counts towards cover becomes a vacancy with ``reason``; one that does not
    (office, supernumerary) falls away, because nobody stands in for it. The change set
    belongs to the person's home; other homes where they had shifts are marked as changed.
    """
    shifts = shifts_on(uow, person.id, days)
    if not shifts:
        return Released(None, (), (), 0)
    recorder = ChangeRecorder(uow, person.home_id or shifts[0].home_id, kind, label)
    vacancies, removed, minutes = [], [], 0
    for shift in shifts:
        minutes += shift.paid_minutes
        uow.touch(shift.home_id)
        if shift.is_supernumerary or not shift.shift_type.counts_to_cover:
            removed.append(shift.id)
            recorder.remove(shift)
        else:
            recorder.update(shift, **vacated(shift, person, reason))
            vacancies.append(shift.id)
    change = recorder.finish()
    return Released(change.id, tuple(vacancies), tuple(removed), minutes)


def vacated(shift: Shift, person: Staff, reason: str) -> dict[str, Any]:
    """The columns of a shift that somebody has left behind as a vacancy."""
    return {
        "user_id": None,
        "is_vacant": True,
        "role_id": shift.role_id or person.role_id,
        "classification": Classification.REGULAR,
        "vacancy_reason": reason,
        "vacant_since": utc_now(),
        "cost_pence": None,
    }


def shifts_on(uow: UnitOfWork, staff_id: int, days: Collection[date]) -> list[Shift]:
    """Somebody's shifts of these rota days, locked until the transaction ends."""
    if not days:
        return []
    return list(
        uow.session.scalars(
            select(Shift)
            .where(Shift.user_id == staff_id, Shift.date.in_(sorted(set(days))))
            .order_by(Shift.starts_at)
            .with_for_update()
        )
    )


def give_back(
    uow: UnitOfWork, person: Staff, change_set_id: int | None, days: Collection[date], label: str
) -> tuple[int, int]:
    """Put somebody back on the shifts of a change set that are still vacant as it left them.

    Gives how many were given back and how many somebody else has taken meanwhile. Shifts
    that overlap one the person has by now stay vacant.
    """
    change = uow.session.get(ChangeSet, change_set_id) if change_set_id is not None else None
    if change is None:
        return 0, 0
    items = {item.shift_id: item for item in change.items if item.before and item.after}
    shifts = list(
        uow.session.scalars(
            select(Shift)
            .where(Shift.id.in_(list(items)), Shift.date.in_(sorted(days)))
            .order_by(Shift.starts_at)
            .with_for_update()
        )
    )
    still = [s for s in shifts if shift_state(s) == items[s.id].after]
    free = [s for s in still if not _busy(uow, person.id, s)]
    if free:
        recorder = ChangeRecorder(uow, change.home_id, "leave returned", label)
        for shift in free:
            before = items[shift.id].before or {}
            recorder.update(
                shift,
                user_id=person.id,
                is_vacant=False,
                role_id=before.get("role_id"),
                classification=Classification(before.get("classification", "regular")),
                vacancy_reason=before.get("vacancy_reason", ""),
                vacant_since=None,
                cost_pence=before.get("cost_pence"),
            )
            uow.touch(shift.home_id)
        recorder.finish()
    return len(free), len(shifts) - len(free)


def _busy(uow: UnitOfWork, staff_id: int, shift: Shift) -> bool:
    return (
        uow.session.scalar(
            select(Shift.id).where(
                Shift.user_id == staff_id,
                Shift.starts_at < shift.ends_at,
                Shift.ends_at > shift.starts_at,
                Shift.date.between(
                    shift.date - date.resolution * 2, shift.date + date.resolution * 2
                ),
            )
        )
        is not None
    )


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days joined to unbroken stretches, each as its first and last day."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and (day - found[-1][1]).days == 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def released_text(released: Released) -> str:
    """``3 shifts (36 h) are now vacancies``, for toasts."""
    if not released.count:
        return "no shift was affected"
    noun = "shift is now a vacancy" if released.count == 1 else "shifts are now vacancies"
    return f"{released.count} {noun} ({hours_text(released.minutes)})"
