"""Rolling patterns of any cycle, written out as shifts over a period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import period_text
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.models import Shift, ShiftPattern, Staff
from rota.roster.bulk import Batch, busy_days
from rota.roster.edits import ApplyPatterns, Done
from rota.roster.placing import Desk
from rota.roster.shift_types import ShiftKind

#: longer than this is not a period to fill in one go
LONGEST_DAYS = 8 * 7


def code_on(pattern: ShiftPattern, anchor: date, day: date) -> str:
    """The code a pattern has for a day, ``""`` for rest; the anchor is its first day."""
    return pattern.days[(day - anchor).days % pattern.cycle_days]


def apply_patterns(uow: UnitOfWork, command: ApplyPatterns) -> Done:
    """Write everybody's pattern out over a period, as far as it is free and lawful.

    Days on which somebody has a shift already are left as they are, without a word; days on
    which they are away, or that a rule bars, are skipped and listed. All in one change set.
    Raises :class:`InvalidInput` for too long a period, or when nothing was placed.
    """
    uow.actor.require(Permission.EDIT_ROTA, command.home_id)
    period = command.period
    if period.days > LONGEST_DAYS:
        raise InvalidInput(f"Fill at most {LONGEST_DAYS // 7} weeks at once.")
    desk = Desk(uow)
    for end in (period.start, period.end):
        desk.check_day(end)
    if command.unit_id is not None and desk.unit(command.unit_id).home_id != command.home_id:
        raise InvalidInput("This unit is not part of the home.")
    people = _with_patterns(uow, command)
    if not people:
        raise InvalidInput("Nobody here has a rolling pattern.")
    desk.people(person.id for person in people)
    desk.load([person.id for person in people], period)
    busy = busy_days(uow, [person.id for person in people], period)
    kinds = {kind.code: kind for kind in desk.kinds.values() if kind.is_active}
    batch = Batch(desk, command.home_id, "apply patterns", f"Patterns for {period_text(period)}")
    for day in period:
        for person in people:
            if (person.id, day) not in busy:
                _place(desk, batch, person, day, kinds)
    return batch.finish()


def _with_patterns(uow: UnitOfWork, command: ApplyPatterns) -> Sequence[Staff]:
    wanted = select(Staff).where(
        Staff.home_id == command.home_id,
        Staff.is_active,
        Staff.unit_id.is_not(None),
        Staff.pattern_id.is_not(None),
        Staff.pattern_anchor.is_not(None),
    )
    if command.unit_id is not None:
        wanted = wanted.where(Staff.unit_id == command.unit_id)
    if command.staff_ids:
        wanted = wanted.where(Staff.id.in_(sorted(command.staff_ids)))
    return uow.session.scalars(wanted.order_by(Staff.id)).all()


def _place(desk: Desk, batch: Batch, person: Staff, day: date, kinds: dict[str, ShiftKind]) -> None:
    pattern, anchor, unit_id = person.pattern, person.pattern_anchor, person.unit_id
    if pattern is None or anchor is None or unit_id is None or not _is_employed(person, day):
        return
    code = code_on(pattern, anchor, day)
    if not code:
        return
    kind = kinds.get(code) or kinds.get(person.preferred_shift)
    if kind is None:
        batch.skip(person, day, f"there is no shift code “{code}”")
        return
    starts_at, ends_at = desk.instants(kind, day, None)
    batch.place(
        person,
        kind,
        Shift(
            home_id=person.home_id, unit_id=unit_id, date=day, shift_type_id=kind.id,
            starts_at=starts_at, ends_at=ends_at, break_minutes=kind.break_minutes,
            paid_minutes=kind.paid_minutes(starts_at, ends_at), is_supernumerary=False,
            legacy={},
        ),
    )  # fmt: skip


def _is_employed(person: Staff, day: date) -> bool:
    begun = person.started_on is None or person.started_on <= day
    return begun and (person.left_on is None or day <= person.left_on)
