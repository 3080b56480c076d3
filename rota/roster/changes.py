"""What was done to the rota, so that it can be undone as a whole.

Every use case that writes shifts opens one :class:`ChangeRecorder`; it notes each shift
before and after, and :func:`undo` puts the earlier state back unless somebody changed the
same shift since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, inspect, select
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import Conflict, NotFound
from rota.leave.guard import locked_person, refuse_if_away
from rota.models import ChangeItem, ChangeSet, Publication, Shift, User, utc_now
from rota.models.base import UtcDateTime

#: columns that belong to the row itself rather than to what somebody decided
_BOOKKEEPING = frozenset({"id", "version", "change_set_id"})
_COLUMNS = tuple(
    column.key for column in inspect(Shift).column_attrs if column.key not in _BOOKKEEPING
)

#: what people are told about; cost and bookkeeping are not
TOLD = ("user_id", "date", "shift_type_id", "unit_id", "starts_at", "ends_at", "is_supernumerary")


def shift_state(shift: Shift) -> dict[str, Any]:
    """Everything decided about a shift, as JSON can hold it."""
    return {name: _plain(getattr(shift, name)) for name in _COLUMNS}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value


def restore_state(shift: Shift, state: dict[str, Any]) -> None:
    """Give a shift everything that was decided about it in an earlier state."""
    for name in _COLUMNS:
        value = state[name]
        kind = Shift.__table__.c[name].type
        if isinstance(value, str) and isinstance(kind, UtcDateTime):
            value = datetime.fromisoformat(value)
        elif isinstance(value, str) and isinstance(kind, Date):
            value = date.fromisoformat(value)
        setattr(shift, name, value)


class ChangeRecorder:
    """Notes what one use case does to shifts of one home."""

    def __init__(self, uow: UnitOfWork, home_id: int, kind: str, label: str) -> None:
        self._uow = uow
        self.change_set = ChangeSet(
            home_id=home_id, user_id=uow.actor.user_id, kind=kind, label=label[:300]
        )
        uow.session.add(self.change_set)
        uow.session.flush()

    def add(self, shift: Shift) -> Shift:
        """Note and insert a new shift."""
        shift.change_set_id = self.change_set.id
        self._uow.session.add(shift)
        self._uow.session.flush()
        self.note(shift.id, None, shift_state(shift))
        return shift

    def add_all(self, shifts: Sequence[Shift]) -> Sequence[Shift]:
        """Note and insert many new shifts at once."""
        for shift in shifts:
            shift.change_set_id = self.change_set.id
        self._uow.session.add_all(shifts)
        self._uow.session.flush()
        for shift in shifts:
            self.note(shift.id, None, shift_state(shift))
        return shifts

    def update(self, shift: Shift, **values: Any) -> Shift:
        """Note and change a shift. A flush raises if somebody was faster."""
        before = shift_state(shift)
        for name, value in values.items():
            setattr(shift, name, value)
        shift.change_set_id = self.change_set.id
        self._uow.session.flush()
        self.note(shift.id, before, shift_state(shift))
        return shift

    def remove(self, shift: Shift) -> None:
        """Note and delete a shift."""
        self.note(shift.id, shift_state(shift), None)
        self._uow.session.delete(shift)
        self._uow.session.flush()

    def note(
        self, shift_id: int, before: dict[str, Any] | None, after: dict[str, Any] | None
    ) -> None:
        """Note the state of a shift before and after."""
        self.change_set.items.append(ChangeItem(shift_id=shift_id, before=before, after=after))

    def finish(self) -> ChangeSet:
        """Write the audit lines with the notice given, and mark the home as changed."""
        change = self.change_set
        log_notice(self._uow.session, change)
        for item in change.items:
            reason = change.label
            if item.notice_minutes is not None:
                reason += f" [notice {item.notice_minutes / 60:.0f} h]"
            self._uow.audit(
                change.kind, "shift", item.shift_id, home_id=change.home_id,
                before=item.before, after=item.after, reason=reason,
            )  # fmt: skip
        self._uow.touch(change.home_id, _days(change))
        return change


def log_notice(session: Session, change: ChangeSet) -> None:
    """Note how much notice each change of somebody's published rota gives.

    A shift counts as published when it was, or when it is new to somebody within a period
    that has been published.
    """
    days = _days(change)
    if not days:
        return
    published = session.execute(
        select(Publication.unit_id, Publication.start_date, Publication.end_date).where(
            Publication.home_id == change.home_id,
            Publication.withdrawn_at.is_(None),
            Publication.start_date <= max(days),
            Publication.end_date >= min(days),
        )
    ).all()
    now = utc_now()
    for item in change.items:
        told = [
            state
            for state in _states(item)
            if state["user_id"] is not None
            and (
                state["is_published"]
                or any(
                    unit_id in (None, state["unit_id"])
                    and start <= date.fromisoformat(state["date"]) <= end
                    for unit_id, start, end in published
                )
            )
        ]
        if told and any(_told_of(item, name) for name in TOLD):
            starts = min(datetime.fromisoformat(state["starts_at"]) for state in told)
            item.notice_minutes = round((starts - now).total_seconds() / 60)


def _days(change: ChangeSet) -> list[date]:
    """The rota days of the shifts of a change, before it and after."""
    return [date.fromisoformat(state["date"]) for item in change.items for state in _states(item)]


def _states(item: ChangeItem) -> list[dict[str, Any]]:
    return [state for state in (item.before, item.after) if state]


def _told_of(item: ChangeItem, name: str) -> bool:
    return (item.before or {}).get(name) != (item.after or {}).get(name)


def undo(uow: UnitOfWork, change_set_id: int) -> ChangeSet:
    """Put back every shift of a change set as it was before; gives the undoing change set.

    All or nothing: raises :class:`Conflict` naming who was faster when one of the shifts
    has been changed since, :class:`NotFound` for no such change.
    """
    change = uow.session.get(ChangeSet, change_set_id)
    if change is None:
        raise NotFound("There is no such change.")
    uow.actor.require(Permission.EDIT_ROTA, change.home_id)
    if change.undone_at is not None:
        raise Conflict("This has been undone already.")
    states = [(item, _untouched(uow, change, item)) for item in change.items]
    _refuse_those_away(uow, change)
    recorder = ChangeRecorder(uow, change.home_id, "undo", f"Undo: {change.label}")
    _step_aside(uow, [shift for _, shift in states if shift is not None])
    for item, shift in states:
        _put_back(uow, recorder, item, shift)
    change.undone_at = utc_now()
    change.undone_by_id = uow.actor.user_id
    return recorder.finish()


def _untouched(uow: UnitOfWork, change: ChangeSet, item: ChangeItem) -> Shift | None:
    """The shift as the change left it (null: deleted); a conflict if it is another by now."""
    shift = uow.session.get(Shift, item.shift_id)
    if (shift_state(shift) if shift is not None else None) != item.after:
        raise Conflict(
            f"{_who_changed(uow, item.shift_id, change.id)} changed this since; "
            "nothing was undone.",
            hint="Change it by hand.",
        )
    return shift


def _refuse_those_away(uow: UnitOfWork, change: ChangeSet) -> None:
    """Nobody is put back on a shift while on leave or sick; such a decision is undone first."""
    days: dict[int, list[date]] = {}
    for item in change.items:
        if item.before and item.before["user_id"] is not None:
            days.setdefault(item.before["user_id"], []).append(
                date.fromisoformat(item.before["date"])
            )
    for staff_id in sorted(days):
        locked_person(uow.session, staff_id)
        refuse_if_away(uow.session, staff_id, days[staff_id])


def _step_aside(uow: UnitOfWork, shifts: list[Shift]) -> None:
    """Take everybody off first, so that a swap can be put back past the overlap guard."""
    for shift in shifts:
        if shift.user_id is not None:
            shift.user_id, shift.is_vacant = None, shift.agency_id is None
    uow.session.flush()


def _put_back(
    uow: UnitOfWork, recorder: ChangeRecorder, item: ChangeItem, shift: Shift | None
) -> None:
    if item.before is None:
        if shift is not None:
            uow.session.delete(shift)
    elif shift is None:
        shift = Shift(id=item.shift_id)
        restore_state(shift, item.before)
        shift.change_set_id = recorder.change_set.id
        uow.session.add(shift)
    else:
        restore_state(shift, item.before)
        shift.change_set_id = recorder.change_set.id
    uow.session.flush()
    recorder.note(item.shift_id, item.after, item.before)


def _who_changed(uow: UnitOfWork, shift_id: int, after_change: int) -> str:
    name = uow.session.scalar(
        select(User.name)
        .join(ChangeSet, ChangeSet.user_id == User.id)
        .join(ChangeItem, ChangeItem.change_set_id == ChangeSet.id)
        .where(ChangeItem.shift_id == shift_id, ChangeSet.id > after_change)
        .order_by(ChangeSet.id.desc())
        .limit(1)
    )
    return name or "Somebody else"
