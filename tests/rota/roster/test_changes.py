"""A change to the rota is undone as a whole, or not at all."""

from __future__ import annotations

import pytest

from rota.database import UnitOfWork
from rota.errors import Conflict, NotAllowed
from rota.models import Shift, UserRole
from rota.roster.changes import ChangeRecorder, shift_state, undo
from tests import factories as make
from tests.factories import MONDAY


def test_undoing_an_update_restores_every_field(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    person = make.make_staff(uow.session, unit)
    shift = make.make_shift(uow.session, unit, person)
    before = shift_state(shift)
    recorder = ChangeRecorder(uow, unit.home_id, "clear", "Clear")
    recorder.update(shift, user_id=None, is_vacant=True, vacancy_reason="leave", note="x")
    change = recorder.finish()
    uow.commit()
    undo(uow, change.id)
    uow.commit()
    uow.session.expire_all()
    assert shift_state(uow.session.get_one(Shift, shift.id)) == before


def test_undoing_a_deletion_restores_and_undoing_that_deletes_again(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    gone = make.make_shift(uow.session, unit, make.make_staff(uow.session, unit))
    state = shift_state(gone)
    recorder = ChangeRecorder(uow, unit.home_id, "clear", "Clear")
    recorder.remove(gone)
    change = recorder.finish()
    uow.commit()
    undoing = undo(uow, change.id)
    uow.commit()
    assert shift_state(uow.session.get_one(Shift, gone.id)) == state
    undo(uow, undoing.id)
    uow.commit()
    assert uow.session.get(Shift, gone.id) is None


def test_a_swap_can_be_undone_past_the_overlap_guard(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    ann, bob = (make.make_staff(uow.session, unit) for _ in range(2))
    first = make.make_shift(uow.session, unit, ann, MONDAY, "D")
    second = make.make_shift(uow.session, unit, bob, MONDAY, "D")
    recorder = ChangeRecorder(uow, unit.home_id, "swap", "Swap")
    recorder.update(first, user_id=None, is_vacant=True)
    recorder.update(second, user_id=ann.id)
    recorder.update(first, user_id=bob.id, is_vacant=False)
    uow.commit()
    # the swap as one item per shift, as a service records it
    swap = ChangeRecorder(uow, unit.home_id, "swap", "Swap")
    for shift, was in ((first, ann), (second, bob)):
        swap.note(shift.id, {**shift_state(shift), "user_id": was.id}, shift_state(shift))
    swap.finish()
    uow.commit()
    undo(uow, swap.change_set.id)
    uow.commit()
    uow.session.expire_all()
    assert uow.session.get_one(Shift, first.id).user_id == ann.id
    assert uow.session.get_one(Shift, second.id).user_id == bob.id


def test_nothing_is_undone_when_one_shift_was_changed_since(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    shifts = [make.make_shift(uow.session, unit) for _ in range(2)]
    recorder = ChangeRecorder(uow, unit.home_id, "note", "Note")
    for shift in shifts:
        recorder.update(shift, note="mine")
    recorder.finish()
    later = ChangeRecorder(uow, unit.home_id, "note", "Note")
    later.update(shifts[1], note="theirs")
    later.finish()
    uow.commit()
    with pytest.raises(Conflict, match="changed this since"):
        undo(uow, recorder.change_set.id)
    uow.session.rollback()
    assert [uow.session.get_one(Shift, s.id).note for s in shifts] == ["mine", "theirs"]


def test_a_change_is_undone_once_and_by_its_home_only(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    shift = make.make_shift(uow.session, unit)
    recorder = ChangeRecorder(uow, unit.home_id, "note", "Note")
    recorder.update(shift, note="mine")
    change = recorder.finish()
    uow.commit()
    everywhere = uow.actor
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    with pytest.raises(NotAllowed):
        undo(uow, change.id)
    uow.actor = everywhere
    undo(uow, change.id)
    uow.commit()
    with pytest.raises(Conflict, match="undone already"):
        undo(uow, change.id)
