"""Many cells of the grid at once: a selection painted, cleared, filled down or pasted.

Everything is one change set. What the rules refuse, what somebody else has changed since it
was looked at and what is locked is skipped and listed with its reason; the rest is done. A
preview is the same use case in a unit of work that is not committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import Period
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, RotaError, RuleBreach
from rota.models import Classification, Shift, Staff, utc_now
from rota.roster.changes import ChangeRecorder
from rota.roster.editing import as_worked, last_change, priced
from rota.roster.edits import STRICT, Done, ShiftRef, Skipped
from rota.roster.placing import Desk, Refused
from rota.roster.shift_types import ShiftKind
from rota.roster.slots import CoverTable, Slot, SlotCover, cover_table
from rota.roster.timelines import worked_shift
from rota.rules import Change

#: more cells than this in one go is a slip, and would hold everybody else up
MOST_CELLS = 600


@dataclass(frozen=True, slots=True)
class CellEdit:
    """One cell of somebody's line: the code it is to show, ``""`` for none.

    ``seen`` are the shifts it showed when this was decided.
    """

    staff_id: int
    day: date
    code: str
    seen: tuple[ShiftRef, ...] = ()


def edit_cells(
    uow: UnitOfWork, home_id: int, unit_id: int | None, cells: Sequence[CellEdit], label: str
) -> Done:
    """Paint and clear cells as far as that is lawful, all in one change that can be undone.

    New shifts are in ``unit_id`` or, when that is null, in the person's own unit; an open
    shift of that unit, day and type is taken first. Raises :class:`InvalidInput` for none or
    too many cells, :class:`NotAllowed` for another home's, :class:`RuleBreach` when nothing
    at all could be done.
    """
    uow.actor.require(Permission.EDIT_ROTA, home_id)
    if not cells:
        raise InvalidInput("Choose some cells first.")
    if len(cells) > MOST_CELLS:
        raise InvalidInput(
            f"That is {len(cells)} cells; at most {MOST_CELLS} are changed at once.",
            hint="Nothing was changed. Choose a smaller part.",
        )
    desk = Desk(uow)
    days = [cell.day for cell in cells]
    for day in (min(days), max(days)):
        desk.check_day(day)
    ids = {cell.staff_id for cell in cells}
    people = {staff_id: desk.person(staff_id, home_id) for staff_id in desk.people(ids)}
    desk.load(people, Period(min(days), max(days)))
    work = _Cells(desk, home_id, unit_id, cells, label)
    for cell in sorted(cells, key=lambda entry: (bool(entry.code), entry.day, entry.staff_id)):
        work.edit(people[cell.staff_id], cell)
    return work.finish()


@dataclass(slots=True)
class _Done:
    shifts: list[Shift] = field(default_factory=list)
    staff_ids: set[int] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    skipped: list[Skipped] = field(default_factory=list)


class _Cells:
    """The cells of one edit, taken one after another, each judged with those before it."""

    def __init__(
        self, desk: Desk, home_id: int, unit_id: int | None, cells: Sequence[CellEdit], label: str
    ) -> None:
        self._desk = desk
        self._home_id, self._unit_id = home_id, unit_id
        self._recorder = ChangeRecorder(desk.uow, home_id, "edit cells", label)
        self._made = _Done()
        days = [cell.day for cell in cells]
        self._period = Period(min(days), max(days))
        self._stored = self._read({cell.staff_id for cell in cells})
        self._open = self._vacancies()
        self._cover: CoverTable | None = None
        self._gone: dict[Slot, int] = {}

    def _read(self, ids: set[int]) -> dict[tuple[int, date], list[Shift]]:
        rows = self._desk.uow.session.scalars(
            select(Shift)
            .where(
                Shift.user_id.in_(sorted(ids)),
                Shift.date.between(self._period.start, self._period.end),
            )
            .order_by(Shift.id)
            .with_for_update(of=Shift)
        )
        found: dict[tuple[int, date], list[Shift]] = {}
        for shift in rows:
            found.setdefault((shift.user_id or 0, shift.date), []).append(shift)
        return found

    def _vacancies(self) -> dict[tuple[int, date, int], list[Shift]]:
        rows = self._desk.uow.session.scalars(
            select(Shift)
            .where(
                Shift.home_id == self._home_id,
                Shift.is_vacant,
                Shift.is_locked.is_(False),
                Shift.date.between(self._period.start, self._period.end),
            )
            .order_by(Shift.id)
            .with_for_update(of=Shift)
        )
        found: dict[tuple[int, date, int], list[Shift]] = {}
        for shift in rows:
            found.setdefault((shift.unit_id, shift.date, shift.shift_type_id), []).append(shift)
        return found

    def edit(self, person: Staff, cell: CellEdit) -> None:
        """Do one cell, or note why not."""
        try:
            self._do(person, cell)
        except NotAllowed:
            raise
        except (Conflict, RuleBreach, InvalidInput) as refusal:
            self._skip(person, cell.day, refusal)

    def _do(self, person: Staff, cell: CellEdit) -> None:
        here = self._stored.get((person.id, cell.day), [])
        self._as_seen(here, cell)
        if not cell.code:
            if not here:
                return  # an empty cell of a selection that is cleared
            for shift in here:
                self._clear(person, shift)
            return
        kind = self._desk.kind(cell.code)
        if len(here) > 1:
            raise InvalidInput("has two shifts on this day; open the cell to change one")
        if not here:
            self._add(person, cell.day, kind)
        elif here[0].shift_type_id != kind.id:
            self._change(person, here[0], kind)

    def _as_seen(self, here: list[Shift], cell: CellEdit) -> None:
        now = {shift.id: shift.version for shift in here}
        seen = {ref.id: ref.version for ref in cell.seen}
        if now == seen:
            for shift in here:
                if shift.home_id != self._home_id:
                    raise InvalidInput("works in another home on this day")
                if shift.is_locked:
                    raise RuleBreach("the shift is locked; unlock it first")
            return
        other = next((shift for shift in here if now[shift.id] != seen.get(shift.id)), None)
        who = last_change(self._desk.uow, other) if other else "somebody else cleared this cell"
        raise Conflict(f"{who}; nothing was overwritten")

    def _add(self, person: Staff, day: date, kind: ShiftKind) -> None:
        unit_id = self._unit_id or (person.unit_id if person.home_id == self._home_id else None)
        if unit_id is None or self._desk.unit(unit_id).home_id != self._home_id:
            raise InvalidInput("no unit of this home is named")
        starts_at, ends_at = self._desk.instants(kind, day, None)
        draft = Shift(
            home_id=self._home_id, unit_id=unit_id, date=day, shift_type_id=kind.id,
            starts_at=starts_at, ends_at=ends_at, break_minutes=kind.break_minutes,
            paid_minutes=kind.paid_minutes(starts_at, ends_at), is_supernumerary=False, legacy={},
        )  # fmt: skip
        worked = worked_shift(kind, f"new:{person.id}:{day}", draft)
        self._desk.judge(person, Change.add(worked), STRICT)
        values = priced(self._desk, person, kind, worked)
        vacancy = self._take_open(draft, person, kind)
        if vacancy is not None:
            self._recorder.update(
                vacancy, user_id=person.id, is_vacant=False, vacancy_reason="", vacant_since=None,
                is_published=False, starts_at=starts_at, ends_at=ends_at,
                paid_minutes=draft.paid_minutes, **values,
            )  # fmt: skip
            self._note(person, vacancy)
            return
        for name, value in values.items():
            setattr(draft, name, value)
        draft.user_id, draft.is_vacant = person.id, False
        self._note(person, self._recorder.add(draft))

    def _take_open(self, draft: Shift, person: Staff, kind: ShiftKind) -> Shift | None:
        waiting = self._open.get((draft.unit_id, draft.date, kind.id), [])
        role = self._desk.role_codes[person.role_id]
        covers = self._desk.rulebook.parameters.at(draft.date, role).covers | {role}
        for shift in waiting:
            if shift.role_id is None or self._desk.role_codes[shift.role_id] in covers:
                waiting.remove(shift)
                return shift
        return None

    def _change(self, person: Staff, shift: Shift, kind: ShiftKind) -> None:
        starts_at, ends_at = self._desk.instants(kind, shift.date, None)
        values: dict[str, Any] = {
            "shift_type_id": kind.id, "starts_at": starts_at, "ends_at": ends_at,
            "break_minutes": kind.break_minutes,
            "paid_minutes": kind.paid_minutes(starts_at, ends_at),
            "classification": Classification.REGULAR,
        }  # fmt: skip
        worked = as_worked(self._desk, shift, **values)
        self._desk.judge(person, Change.exchange(shift.id, worked), STRICT)
        values |= priced(self._desk, person, kind, worked)
        self._recorder.update(shift, **values, is_published=False)
        self._note(person, shift)

    def _clear(self, person: Staff, shift: Shift) -> None:
        """Take somebody off; an open shift stays where the unit would have too few people."""
        kind = self._desk.kinds[shift.shift_type_id]
        self._desk.forget(person.id, shift.id)
        self._note(person, shift)
        if self._would_be_short(shift, kind):
            self._recorder.update(
                shift, user_id=None, is_vacant=True, role_id=shift.role_id or person.role_id,
                classification=Classification.REGULAR, cost_pence=0, vacancy_reason="cleared",
                vacant_since=utc_now(), is_published=False,
            )  # fmt: skip
        else:
            self._recorder.remove(shift)

    def _would_be_short(self, shift: Shift, kind: ShiftKind) -> bool:
        if shift.is_supernumerary or not kind.counts_to_cover:
            return False
        if self._cover is None:
            units = {s.unit_id for day in self._stored.values() for s in day}
            self._cover = cover_table(self._desk.uow.session, units, self._period)
        slot = Slot(shift.unit_id, shift.date, kind.band)
        self._gone[slot] = self._gone.get(slot, 0) + 1
        left: SlotCover = self._cover.at(slot).less(self._gone[slot])
        return left.short > 0

    def _note(self, person: Staff, shift: Shift) -> None:
        self._made.shifts.append(shift)
        self._made.staff_ids.add(person.id)
        self._made.days.add(shift.date)

    def _skip(self, person: Staff, day: date, refusal: RotaError) -> None:
        words = refusal.message.rstrip(".")
        if isinstance(refusal, Refused):  # without the name, which the list says already
            words = f"{refusal.verdict.title}: {refusal.verdict.message}"
        self._made.skipped.append(Skipped(person.id, person.name, day, words))

    def finish(self) -> Done:
        """The whole as one change; refused when nothing could be done."""
        made = self._made
        if not made.shifts:
            if not made.skipped:
                raise InvalidInput("Nothing would change.")
            first = made.skipped[0]
            raise RuleBreach(
                f"None of the {len(made.skipped)} cells could be changed: "
                f"{first.name}: {first.reason}.",
                hint="Choose somebody else or other days.",
            )
        shift_ids = tuple(shift.id for shift in made.shifts)
        change = self._recorder.finish()
        return Done(
            change_set_id=change.id,
            label=change.label,
            home_id=change.home_id,
            staff_ids=frozenset(made.staff_ids),
            days=frozenset(made.days),
            shift_ids=shift_ids,
            skipped=tuple(made.skipped),
        )
