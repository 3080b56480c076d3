"""What the use cases of the rota share: the shift looked at, who was faster, what was done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import day_text, time_text
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, RuleBreach
from rota.models import ChangeSet, Shift, Staff, User
from rota.roster.changes import ChangeRecorder
from rota.roster.edits import Done, ShiftRef
from rota.roster.placing import LONGEST_NOTE, LONGEST_REASON, Desk
from rota.roster.shift_types import ShiftKind
from rota.roster.timelines import worked_shift
from rota.rules import Assessment, WorkedShift


def looked_at(uow: UnitOfWork, ref: ShiftRef) -> Shift:
    """The shift as it was looked at; a conflict that says who and when if it is another now."""
    shift = uow.session.scalar(select(Shift).where(Shift.id == ref.id).with_for_update(of=Shift))
    if shift is None:
        raise Conflict("This shift is no longer there.", hint="Look at the current rota.")
    uow.actor.require(Permission.EDIT_ROTA, shift.home_id)
    if shift.version != ref.version:
        raise Conflict(
            f"{last_change(uow, shift)}; nothing was overwritten.",
            hint="Look at the current rota and decide again.",
        )
    return shift


def last_change(uow: UnitOfWork, shift: Shift) -> str:
    """Who changed a shift last, when and how, as the beginning of a sentence."""
    row = uow.session.execute(
        select(User.name, ChangeSet.created_at, ChangeSet.label)
        .select_from(ChangeSet)
        .outerjoin(User, User.id == ChangeSet.user_id)
        .where(ChangeSet.id == shift.change_set_id)
    ).first()
    if row is None:
        return "Somebody else changed this shift"
    return (
        f"{row.name or 'Somebody else'} changed this at {time_text(row.created_at)} ({row.label})"
    )


def refuse_taken(uow: UnitOfWork, person: Staff, draft: Shift) -> None:
    """Another manager's shift in the same cell is a conflict rather than a broken rule."""
    other = uow.session.scalar(
        select(Shift)
        .join(ChangeSet, ChangeSet.id == Shift.change_set_id)
        .where(
            Shift.user_id == person.id,
            Shift.date == draft.date,
            Shift.starts_at < draft.ends_at,
            Shift.ends_at > draft.starts_at,
            ChangeSet.user_id.is_distinct_from(uow.actor.user_id),
        )
        .limit(1)
    )
    if other is not None:
        raise Conflict(
            f"{last_change(uow, other)}; nothing was overwritten.",
            hint="Look at the current rota and decide again.",
        )


def refuse_locked(shift: Shift) -> None:
    """Raise :class:`RuleBreach` for a locked shift."""
    if shift.is_locked:
        raise RuleBreach(
            f"The shift of {whose(shift)} on {day_text(shift.date)} is locked.",
            hint="Unlock it first.",
        )


def as_worked(desk: Desk, shift: Shift, **values: Any) -> WorkedShift:
    """The shift as the rules would see it with these values."""
    names = (
        "date", "starts_at", "ends_at", "break_minutes", "paid_minutes", "unit_id", "home_id",
        "shift_type_id", "is_supernumerary", "classification",
    )  # fmt: skip
    changed = Shift(**{name: values.get(name, getattr(shift, name)) for name in names}, legacy={})
    kind = desk.kinds[changed.shift_type_id]
    role_code = desk.role_codes[shift.role_id] if shift.role_id and shift.is_vacant else None
    return worked_shift(kind, shift.id, changed, role_code=role_code)


def priced(desk: Desk, person: Staff, kind: ShiftKind, worked: WorkedShift) -> dict[str, Any]:
    """Source and cost of a shift that a person is to work, as columns."""
    classification = desk.classify(person, worked)
    cost = desk.cost(kind, person.role_id, worked, classification)
    return {"classification": classification, "cost_pence": cost}


def whose(shift: Shift) -> str:
    """Who works a shift, in words."""
    if shift.user is not None:
        return shift.user.name
    if shift.agency is not None:
        return shift.agency_worker or shift.agency.name
    return "nobody"


def short_note(note: str) -> str:
    """A note without blanks around it; :class:`InvalidInput` when it is too long."""
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters.")
    return note.strip()


def labelled(label: str, command: Any) -> str:
    """The label of a change with the reason its command gives."""
    return because(label, command.allowance.reason)


def because(label: str, reason: str) -> str:
    """A label with a reason; :class:`InvalidInput` when the reason is too long."""
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"A reason has at most {LONGEST_REASON} characters.")
    return f"{label} ({reason.strip()})" if reason.strip() else label


def finished(
    recorder: ChangeRecorder,
    shifts: Iterable[Shift],
    assessment: Assessment,
    *,
    staff_ids: Iterable[int] = (),
    days: Iterable[date] = (),
) -> Done:
    """Close the change set and say what it did and whom it concerns."""
    change = recorder.finish()
    shifts = list(shifts)
    concerned = {shift.user_id for shift in shifts if shift.user_id is not None}
    return Done(
        change_set_id=change.id,
        label=change.label,
        home_id=change.home_id,
        staff_ids=frozenset(concerned | set(staff_ids)),
        days=frozenset({shift.date for shift in shifts} | set(days)),
        shift_ids=tuple(shift.id for shift in shifts),
        assessment=assessment,
    )
