"""A whole week copied as one change set.

What cannot be placed is skipped and listed with its reason; the rest is one change that can
be undone as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import Period, day_text, monday, period_text, week_of
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput
from rota.models import Shift, Staff
from rota.roster.changes import ChangeRecorder
from rota.roster.editing import priced
from rota.roster.edits import STRICT, CopyWeek, Done, Skipped
from rota.roster.placing import Desk, Refused, local_hours
from rota.roster.shift_types import ShiftKind
from rota.roster.timelines import worked_shift
from rota.rules import Change


def copy_week(uow: UnitOfWork, command: CopyWeek) -> Done:
    """Everybody's shifts of one week once more in another week, at the same local hours.

    People who have a shift that day already, are away, or may not by the rules, are skipped
    and listed. Open and agency shifts are not copied.
    """
    uow.actor.require(Permission.EDIT_ROTA, command.home_id)
    source, target = monday(command.source), monday(command.target)
    if source == target:
        raise InvalidInput("A week cannot be copied onto itself.")
    desk = Desk(uow)
    if command.unit_id is not None and desk.unit(command.unit_id).home_id != command.home_id:
        raise InvalidInput("This unit is not part of the home.")
    for day in week_of(target):
        desk.check_day(day)
    originals = _week(uow, command.home_id, command.unit_id, source)
    if not originals:
        raise InvalidInput(f"There is nothing to copy in {period_text(week_of(source))}.")
    by_id = desk.people(entry.user_id for entry in originals if entry.user_id is not None)
    busy = busy_days(uow, by_id, week_of(target))
    desk.load(by_id, week_of(target))
    label = f"Copy the week of {day_text(source)} to {day_text(target)}"
    batch = Batch(desk, command.home_id, "copy week", label)
    for original in originals:
        if original.user_id is None:
            continue
        person, day = by_id[original.user_id], original.date + (target - source)
        if (person.id, day) in busy:
            batch.skip(person, day, "has a shift already")
        elif not person.is_active:
            batch.skip(person, day, "is no longer active")
        else:
            kind = desk.kinds[original.shift_type_id]
            batch.place(person, kind, _again(desk, kind, original, day))
    return batch.finish()


class Batch:
    """Shifts placed one after another, each judged with those before it."""

    def __init__(self, desk: Desk, home_id: int, kind: str, label: str) -> None:
        """``kind`` and ``label`` are those of the change set."""
        self._desk = desk
        self._recorder = ChangeRecorder(desk.uow, home_id, kind, label)
        self._placed: list[Shift] = []
        self._skipped: list[Skipped] = []

    def skip(self, person: Staff, day: date, reason: str) -> None:
        """Leave one out, and say why."""
        self._skipped.append(Skipped(person.id, person.name, day, reason))

    def place(self, person: Staff, kind: ShiftKind, shift: Shift) -> None:
        """Take one in if the rules allow; it is written with all the others at the end."""
        worked = worked_shift(kind, f"new:{person.id}:{shift.date}:{len(self._placed)}", shift)
        try:
            self._desk.judge(person, Change.add(worked), STRICT)
        except Refused as refusal:
            verdict = refusal.verdict
            self.skip(person, shift.date, f"{verdict.title}: {verdict.message}")
            return
        except Conflict as away:
            self.skip(person, shift.date, away.message.rstrip("."))
            return
        for name, value in priced(self._desk, person, kind, worked).items():
            setattr(shift, name, value)
        shift.user_id, shift.is_vacant = person.id, False
        self._placed.append(shift)

    def finish(self) -> Done:
        """The whole as one change; :class:`InvalidInput` when nothing could be placed."""
        if not self._placed:
            if not self._skipped:
                raise InvalidInput("There was nothing to place.")
            first = self._skipped[0]
            raise InvalidInput(
                f"Nothing could be placed: {first.name} on {day_text(first.day)}, {first.reason}."
            )
        self._recorder.add_all(self._placed)
        change = self._recorder.finish()
        return Done(
            change_set_id=change.id,
            label=change.label,
            home_id=change.home_id,
            staff_ids=frozenset(entry.user_id for entry in self._placed if entry.user_id),
            days=frozenset(entry.date for entry in self._placed),
            shift_ids=tuple(entry.id for entry in self._placed),
            skipped=tuple(self._skipped),
        )


def busy_days(uow: UnitOfWork, staff_ids: Iterable[int], period: Period) -> set[tuple[int, date]]:
    """The (person, rota day) pairs that have a shift already."""
    rows = uow.session.execute(
        select(Shift.user_id, Shift.date).where(
            Shift.user_id.in_(sorted(staff_ids)), Shift.date.between(period.start, period.end)
        )
    )
    return {(user_id, day) for user_id, day in rows if user_id is not None}


def _week(uow: UnitOfWork, home_id: int, unit_id: int | None, first: date) -> list[Shift]:
    place = Shift.home_id == home_id if unit_id is None else Shift.unit_id == unit_id
    return list(
        uow.session.scalars(
            select(Shift)
            .where(place, Shift.date.between(first, first + timedelta(days=6)))
            .where(Shift.user_id.is_not(None))
            .order_by(Shift.date, Shift.id)
        )
    )


def _again(desk: Desk, kind: ShiftKind, original: Shift, day: date) -> Shift:
    hours = local_hours(original.starts_at, original.ends_at)
    starts_at, ends_at = desk.instants(kind, day, hours)
    return Shift(
        home_id=original.home_id, unit_id=original.unit_id, date=day,
        shift_type_id=original.shift_type_id, starts_at=starts_at, ends_at=ends_at,
        break_minutes=original.break_minutes,
        paid_minutes=kind.paid_minutes(starts_at, ends_at),
        is_supernumerary=original.is_supernumerary, legacy={},
    )  # fmt: skip
