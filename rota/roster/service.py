"""The use cases of the rota: assign, change, clear, move, swap, lock, undo.

Each checks the actor on the home of what it loaded, the rules on whom it concerns and the
version that was looked at, writes one change set with its audit lines and leaves the commit
to the caller. Raised: :class:`NotAllowed`, :class:`NotFound`, :class:`InvalidInput`,
:class:`Conflict` (somebody was faster: who and when), :class:`RuleBreach` (which rule).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import Period, day_text
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.models import Classification, Shift, Staff, utc_now
from rota.roster.changes import ChangeRecorder, undo
from rota.roster.editing import (
    as_worked,
    because,
    finished,
    labelled,
    looked_at,
    priced,
    refuse_locked,
    refuse_taken,
    short_note,
    whose,
)
from rota.roster.edits import (
    AssignShift,
    ChangeShift,
    ClearShift,
    Done,
    ShiftRef,
)
from rota.roster.moving import move_shift, swap_shifts
from rota.roster.placing import Desk
from rota.roster.shift_types import ShiftKind
from rota.roster.slots import Slot, cover_table
from rota.roster.timelines import worked_shift
from rota.rules import Assessment, Change

_TWO_DAYS = timedelta(days=2)


def assign_shift(uow: UnitOfWork, command: AssignShift, desk: Desk | None = None) -> Done:
    """Put somebody on a shift of a rota day.

    An open shift of that unit, day and type that they may fill is taken; otherwise a new
    one is made. Somebody else's edit of the same cell since it was looked at is a conflict.
    """
    uow.actor.require(Permission.EDIT_ROTA, command.home_id)
    desk = desk or Desk(uow)
    kind = desk.kind(command.code)
    person = desk.person(command.staff_id, command.home_id)
    unit = desk.unit(_unit_for(command, person))
    if unit.home_id != command.home_id:
        raise InvalidInput(f"{unit.name} is not part of this home.")
    starts_at, ends_at = desk.instants(kind, command.day, command.hours)
    draft = Shift(
        home_id=unit.home_id, unit_id=unit.id, date=command.day, shift_type_id=kind.id,
        starts_at=starts_at, ends_at=ends_at, break_minutes=kind.break_minutes,
        paid_minutes=kind.paid_minutes(starts_at, ends_at), note=short_note(command.note),
        is_supernumerary=False, legacy={},
    )  # fmt: skip
    refuse_taken(uow, person, draft)
    worked = worked_shift(kind, "new", draft)
    assessment = desk.judge(person, Change.add(worked), command.allowance)
    classification = desk.classify(person, worked)
    cost = desk.cost(kind, person.role_id, worked, classification)
    label = labelled(f"{kind.code} for {person.name} on {day_text(command.day)}", command)
    recorder = ChangeRecorder(uow, unit.home_id, "assign", label)
    vacancy = _open_shift(desk, draft, person, kind)
    if vacancy is None:
        draft.user_id, draft.is_vacant = person.id, False
        draft.classification, draft.cost_pence = classification, cost
        shift = recorder.add(draft)
    else:
        shift = recorder.update(
            vacancy, user_id=person.id, is_vacant=False, classification=classification,
            cost_pence=cost, note=draft.note or vacancy.note, vacancy_reason="",
            vacant_since=None, is_published=False, starts_at=starts_at, ends_at=ends_at,
            paid_minutes=draft.paid_minutes,
        )  # fmt: skip
    return finished(recorder, [shift], assessment, staff_ids=[person.id])


def change_shift(uow: UnitOfWork, command: ChangeShift) -> Done:
    """Give a shift another code, unit, hours, note or flag."""
    desk = Desk(uow)
    shift = looked_at(uow, command.shift)
    refuse_locked(shift)
    kind = desk.kind(command.code) if command.code else desk.kinds[shift.shift_type_id]
    values: dict[str, Any] = {}
    if command.code or command.hours:
        starts_at, ends_at = desk.instants(kind, shift.date, command.hours)
        values |= {
            "shift_type_id": kind.id, "starts_at": starts_at, "ends_at": ends_at,
            "break_minutes": kind.break_minutes,
            "paid_minutes": kind.paid_minutes(starts_at, ends_at),
        }  # fmt: skip
    else:
        desk.check_day(shift.date)
    if command.unit_id is not None:
        unit = desk.unit(command.unit_id)
        if unit.home_id != shift.home_id:
            raise InvalidInput("A shift stays in its home.", hint="Clear it here, assign it there.")
        values["unit_id"] = unit.id
    if command.note is not None:
        values["note"] = short_note(command.note)
    if command.is_supernumerary is not None:
        values["is_supernumerary"] = command.is_supernumerary
    values = {name: value for name, value in values.items() if getattr(shift, name) != value}
    if not values:
        raise InvalidInput("Nothing would change.")
    assessment = Assessment()
    if shift.user_id is not None:
        person = desk.people([shift.user_id])[shift.user_id]
        worked = as_worked(desk, shift, **values)
        assessment = desk.judge(person, Change.exchange(shift.id, worked), command.allowance)
        values |= priced(desk, person, kind, worked)
    elif shift.agency_id is not None:
        worked = as_worked(desk, shift, **values)
        values["cost_pence"] = desk.cost(
            kind, shift.role_id, worked, Classification.AGENCY, shift.agency_id
        )
    label = f"{whose(shift)} on {day_text(shift.date)}: {kind.code}"
    recorder = ChangeRecorder(uow, shift.home_id, "change", labelled(label, command))
    recorder.update(shift, **values, is_published=False)
    return finished(recorder, [shift], assessment)


def clear_shift(uow: UnitOfWork, command: ClearShift) -> Done:
    """Take whoever works a shift off it, and leave an open shift behind where it is needed."""
    desk = Desk(uow)
    shift = looked_at(uow, command.shift)
    refuse_locked(shift)
    desk.check_day(shift.date)
    kind = desk.kinds[shift.shift_type_id]
    staff_ids = [] if shift.user_id is None else list(desk.people([shift.user_id]))
    stays = not shift.is_vacant and (
        command.keep_vacancy
        if command.keep_vacancy is not None
        else _would_be_short(uow, shift, kind)
    )
    label = f"Clear {kind.code} of {whose(shift)} on {day_text(shift.date)}"
    recorder = ChangeRecorder(uow, shift.home_id, "clear", because(label, command.reason))
    if stays:
        role_id = shift.role_id
        if shift.user is not None:
            role_id = shift.role_id or shift.user.role_id
        recorder.update(
            shift, user_id=None, agency_id=None, agency_worker="", is_vacant=True,
            role_id=role_id, classification=Classification.REGULAR, cost_pence=0,
            vacancy_reason=command.reason[:40] or "cleared", vacant_since=utc_now(),
            is_published=False,
        )  # fmt: skip
    else:
        recorder.remove(shift)
    return finished(recorder, [shift], Assessment(), staff_ids=staff_ids)


def set_lock(uow: UnitOfWork, ref: ShiftRef, locked: bool | None) -> Done:
    """Lock a shift against changes (also the optimiser's), or unlock it; ``None``: the other."""
    shift = looked_at(uow, ref)
    if locked is None:
        locked = not shift.is_locked
    if shift.is_locked is locked:
        raise InvalidInput("Nothing would change.")
    word = "Lock" if locked else "Unlock"
    label = f"{word} {whose(shift)} on {day_text(shift.date)}"
    recorder = ChangeRecorder(uow, shift.home_id, word.lower(), label)
    recorder.update(shift, is_locked=locked)
    return finished(recorder, [shift], Assessment())


def undo_change(uow: UnitOfWork, change_set_id: int) -> Done:
    """Put back what a change set did; undoing an undo is a redo.

    Raises :class:`Conflict` when somebody changed one of the shifts since, or when it would
    put somebody on a shift who is away by now.
    """
    change = undo(uow, change_set_id)
    states = [state for item in change.items for state in (item.before, item.after) if state]
    return Done(
        change_set_id=change.id,
        label=change.label,
        home_id=change.home_id,
        staff_ids=frozenset(s["user_id"] for s in states if s["user_id"] is not None),
        days=frozenset(date.fromisoformat(s["date"]) for s in states),
        shift_ids=tuple(item.shift_id for item in change.items),
    )


def _open_shift(desk: Desk, draft: Shift, person: Staff, kind: ShiftKind) -> Shift | None:
    """An open shift of the unit, day and type that this person may fill, the oldest first."""
    role = desk.role_codes[person.role_id]
    covers = desk.rulebook.parameters.at(draft.date, role).covers | {role}
    open_shifts = desk.uow.session.scalars(
        select(Shift)
        .where(
            Shift.is_vacant,
            Shift.unit_id == draft.unit_id,
            Shift.date == draft.date,
            Shift.shift_type_id == kind.id,
            Shift.is_locked.is_(False),
        )
        .order_by(Shift.id)
        .with_for_update(of=Shift)
    )
    for shift in open_shifts:
        if shift.role_id is None or desk.role_codes[shift.role_id] in covers:
            return shift
    return None


def _would_be_short(uow: UnitOfWork, shift: Shift, kind: ShiftKind) -> bool:
    if shift.is_supernumerary or not kind.counts_to_cover:
        return False
    table = cover_table(uow.session, [shift.unit_id], Period(shift.date, shift.date))
    return table.at(Slot(shift.unit_id, shift.date, kind.band)).less().short > 0


def _unit_for(command: AssignShift, person: Staff) -> int:
    if command.unit_id is not None:
        return command.unit_id
    if person.unit_id is None or person.home_id != command.home_id:
        raise InvalidInput("Say in which unit.", hint=f"{person.name} has none in this home.")
    return person.unit_id


__all__ = [
    "assign_shift",
    "change_shift",
    "clear_shift",
    "move_shift",
    "set_lock",
    "swap_shifts",
    "undo_change",
]
