"""Changing, clearing, moving, swapping and locking shifts."""

from __future__ import annotations

from datetime import time

import pytest

from rota.errors import Conflict, InvalidInput, NotAllowed, RuleBreach
from rota.models import Shift, UserRole
from rota.roster.edits import ChangeShift, ClearShift, MoveShift, ShiftRef, SwapShifts
from rota.roster.service import (
    change_shift,
    clear_shift,
    move_shift,
    set_lock,
    swap_shifts,
    undo_change,
)
from tests import factories as make
from tests.rota.roster.conftest import Place, later, ref


def test_another_code_brings_its_hours(place: Place) -> None:
    make.make_shift_type(place.uow.session, "N")
    shift = place.shift(place.person(), 0, "D", is_published=True)
    change_shift(place.uow, ChangeShift(ref(shift), code="N"))
    stored = place.stored(shift.id)
    assert stored.shift_type.code == "N"
    assert stored.starts_at.hour in (19, 20)
    assert not stored.is_published


def test_own_hours_replace_those_of_the_code(place: Place) -> None:
    shift = place.shift(place.person(), 0, "D")
    change_shift(place.uow, ChangeShift(ref(shift), hours=(time(9), time(15))))
    stored = place.stored(shift.id)
    assert (stored.ends_at - stored.starts_at).total_seconds() == 6 * 3600
    assert stored.paid_minutes == 6 * 60


def test_a_change_that_changes_nothing_is_said(place: Place) -> None:
    shift = place.shift(place.person(), 0, "D")
    with pytest.raises(InvalidInput, match="Nothing would change"):
        change_shift(place.uow, ChangeShift(ref(shift), code="D"))


def test_a_change_is_judged_like_an_assignment(place: Place) -> None:
    ann = place.person()
    make.make_shift_type(place.uow.session, "L")
    first, _ = place.shift(ann, 0, "D"), place.shift(ann, 1, "E")
    with pytest.raises(RuleBreach, match="Daily rest"):
        change_shift(place.uow, ChangeShift(ref(first), code="L"))


@pytest.mark.parametrize("act", ["change", "clear", "move"])
def test_a_stale_version_is_a_conflict_that_names_who_was_faster(place: Place, act: str) -> None:
    ann = place.person()
    shift = place.shift(ann, 0, "D")
    seen = ref(shift)
    change_shift(place.uow, ChangeShift(seen, note="first"))
    place.uow.commit()
    make.make_shift_type(place.uow.session, "N")
    late = {
        "change": lambda: change_shift(place.uow, ChangeShift(seen, code="N")),
        "clear": lambda: clear_shift(place.uow, ClearShift(seen)),
        "move": lambda: move_shift(place.uow, MoveShift(seen, ann.id, later(1))),
    }
    with pytest.raises(Conflict, match=r"Moira Sutherland changed this at \d\d:\d\d"):
        late[act]()


def test_a_shift_that_is_gone_is_a_conflict(place: Place) -> None:
    with pytest.raises(Conflict, match="no longer there"):
        clear_shift(place.uow, ClearShift(ShiftRef(10**9, 1)))


def test_another_homes_shift_is_refused(place: Place) -> None:
    shift = place.shift(place.person())
    place.uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(place.uow.session))
    with pytest.raises(NotAllowed):
        clear_shift(place.uow, ClearShift(ref(shift)))


def test_clearing_below_the_minimum_leaves_an_open_shift(place: Place) -> None:
    make.make_requirement(place.uow.session, place.unit, minimum=1, ideal=1)
    ann = place.person()
    shift = place.shift(ann)
    clear_shift(place.uow, ClearShift(ref(shift), reason="swapped out"))
    stored = place.stored(shift.id)
    assert stored.is_vacant and stored.user_id is None
    assert stored.role_id == ann.role_id
    assert stored.vacancy_reason == "swapped out"
    assert stored.vacant_since is not None


def test_clearing_above_the_minimum_leaves_nothing(place: Place) -> None:
    make.make_requirement(place.uow.session, place.unit, minimum=1, ideal=1)
    shift = place.shift(place.person())
    place.shift(place.person())
    clear_shift(place.uow, ClearShift(ref(shift)))
    assert place.uow.session.get(Shift, shift.id) is None


def test_an_open_shift_is_cleared_away(place: Place) -> None:
    vacancy = place.shift()
    clear_shift(place.uow, ClearShift(ref(vacancy)))
    assert place.uow.session.get(Shift, vacancy.id) is None


def test_a_locked_shift_is_left_alone_until_unlocked(place: Place) -> None:
    shift = place.shift(place.person())
    set_lock(place.uow, ref(shift), True)
    with pytest.raises(RuleBreach, match="is locked"):
        clear_shift(place.uow, ClearShift(ref(shift)))
    set_lock(place.uow, ref(shift), False)
    clear_shift(place.uow, ClearShift(ref(shift)))


def test_a_shift_moves_to_another_day_at_the_same_local_hours(place: Place) -> None:
    ann = place.person()
    shift = place.shift(ann, 0, "D")
    done = move_shift(place.uow, MoveShift(ref(shift), ann.id, later(3)))
    assert place.stored(shift.id).date == later(3)
    assert done.days == {later(0), later(3)}


def test_a_shift_moves_to_somebody_else_who_is_free(place: Place) -> None:
    ann, bob = place.person(), place.person()
    shift = place.shift(ann, 0, "D")
    done = move_shift(place.uow, MoveShift(ref(shift), bob.id, later(0)))
    assert place.stored(shift.id).user_id == bob.id
    assert done.staff_ids == {ann.id, bob.id}


def test_a_shift_does_not_move_onto_somebody_elses(place: Place) -> None:
    ann, bob = place.person(), place.person()
    shift = place.shift(ann, 0, "D")
    place.shift(bob, 0, "E")
    with pytest.raises(RuleBreach, match="Double booking"):
        move_shift(place.uow, MoveShift(ref(shift), bob.id, later(0)))


def test_two_people_swap_shifts_of_the_same_day_and_back(place: Place) -> None:
    ann, bob = place.person(), place.person()
    day, night = place.shift(ann, 0, "D"), place.shift(bob, 0, "N")
    done = swap_shifts(place.uow, SwapShifts(ref(day), ref(night)))
    place.uow.commit()
    assert (place.stored(day.id).user_id, place.stored(night.id).user_id) == (bob.id, ann.id)
    undo_change(place.uow, done.change_set_id)
    place.uow.commit()
    assert (place.stored(day.id).user_id, place.stored(night.id).user_id) == (ann.id, bob.id)


def test_a_swap_that_breaks_one_persons_rest_is_refused_whole(place: Place) -> None:
    ann, bob = place.person(), place.person()
    day, night = place.shift(ann, 0, "D"), place.shift(bob, 0, "N")
    place.shift(ann, 1, "E")
    place.uow.commit()
    with pytest.raises(RuleBreach, match=r"Double booking|Daily rest"):
        swap_shifts(place.uow, SwapShifts(ref(day), ref(night)))
    place.uow.session.rollback()
    assert place.stored(day.id).user_id == ann.id


def test_a_swap_needs_two_people(place: Place) -> None:
    ann = place.person()
    one, other = place.shift(ann, 0), place.shift(ann, 2)
    with pytest.raises(InvalidInput, match="two people"):
        swap_shifts(place.uow, SwapShifts(ref(one), ref(other)))
