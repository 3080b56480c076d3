"""Moving a shift to another day or person, and letting two people swap."""

from __future__ import annotations

from typing import Any

from rota.calendar import day_text
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.models import Classification
from rota.roster.changes import ChangeRecorder, shift_state
from rota.roster.editing import (
    as_worked,
    finished,
    labelled,
    looked_at,
    priced,
    refuse_locked,
    whose,
)
from rota.roster.edits import Done, MoveShift, SwapShifts
from rota.roster.placing import Desk, local_hours
from rota.rules import Assessment, Change


def move_shift(uow: UnitOfWork, command: MoveShift) -> Done:
    """Give a shift to somebody else, or put it on another day, at the same local hours."""
    desk = Desk(uow)
    shift = looked_at(uow, command.shift)
    refuse_locked(shift)
    desk.check_day(shift.date)
    if shift.user_id == command.staff_id and shift.date == command.day:
        raise InvalidInput("Nothing would change.")
    giver = shift.user_id
    desk.people(sorted({command.staff_id, giver or command.staff_id}))
    person = desk.person(command.staff_id, shift.home_id)
    kind = desk.kinds[shift.shift_type_id]
    hours = local_hours(shift.starts_at, shift.ends_at)
    starts_at, ends_at = desk.instants(kind, command.day, hours)
    values = {
        "date": command.day, "starts_at": starts_at, "ends_at": ends_at,
        "paid_minutes": kind.paid_minutes(starts_at, ends_at),
    }  # fmt: skip
    same_person = giver == person.id
    source = shift.classification if same_person else Classification.REGULAR
    worked = as_worked(desk, shift, **values, classification=source)
    change = Change.exchange(shift.id, worked) if same_person else Change.add(worked)
    assessment = desk.judge(person, change, command.allowance)
    label = f"Move {kind.code} of {whose(shift)} on {day_text(shift.date)} to "
    label += day_text(command.day) if same_person else f"{person.name}, {day_text(command.day)}"
    was = shift.date
    recorder = ChangeRecorder(uow, shift.home_id, "move", labelled(label, command))
    recorder.update(
        shift, **values, **priced(desk, person, kind, worked), user_id=person.id,
        agency_id=None, agency_worker="", is_vacant=False, vacancy_reason="", vacant_since=None,
        is_published=False,
    )  # fmt: skip
    concerned = [person.id] if giver is None else [person.id, giver]
    return finished(recorder, [shift], assessment, staff_ids=concerned, days=[was, command.day])


def swap_shifts(uow: UnitOfWork, command: SwapShifts, *, stays_published: bool = False) -> Done:
    """Let two people take each other's shift; both are judged as if it were done.

    The shifts become a draft; with ``stays_published`` what was published stays so, because
    both people have agreed and know.
    """
    desk = Desk(uow)
    first, second = (looked_at(uow, ref) for ref in (command.first, command.second))
    for shift in (first, second):
        refuse_locked(shift)
        desk.check_day(shift.date)
    if first.home_id != second.home_id:
        raise InvalidInput("A swap stays within one home.")
    if first.user_id is None or second.user_id is None or first.user_id == second.user_id:
        raise InvalidInput("A swap is between two people's shifts.")
    people = desk.people([first.user_id, second.user_id])
    pairs = (
        (people[first.user_id], first, second),
        (people[second.user_id], second, first),
    )
    new: list[Any] = []
    verdicts: list[Any] = []
    for person, gives, takes in pairs:
        kind = desk.kinds[takes.shift_type_id]
        worked = as_worked(desk, takes, classification=Classification.REGULAR)
        assessment = desk.judge(person, Change.exchange(gives.id, worked), command.allowance)
        verdicts += assessment.verdicts
        new.append({"user_id": person.id, **priced(desk, person, kind, worked)})
    label = f"Swap {whose(first)} ({day_text(first.date)}) with {whose(second)} "
    label += f"({day_text(second.date)})"
    recorder = ChangeRecorder(uow, first.home_id, "swap", labelled(label, command))
    before = [shift_state(first), shift_state(second)]
    # the database's overlap guard sees each row by itself: let one step aside first
    first.user_id, first.is_vacant = None, True
    uow.session.flush()
    for shift, values, was in ((second, new[0], before[1]), (first, new[1], before[0])):
        published = stays_published and was["is_published"]
        for name, value in {**values, "is_vacant": False, "is_published": published}.items():
            setattr(shift, name, value)
        shift.change_set_id = recorder.change_set.id
        uow.session.flush()
        recorder.note(shift.id, was, shift_state(shift))
    return finished(recorder, [first, second], Assessment(tuple(verdicts)), staff_ids=list(people))
