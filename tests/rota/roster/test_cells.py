"""A selection of cells painted, cleared or pasted: one change, and what was refused is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rota.errors import InvalidInput, NotAllowed, RuleBreach
from rota.models import Classification, LeaveStatus, Shift, Staff, UserRole
from rota.roster.cells import MOST_CELLS, CellEdit, edit_cells
from rota.roster.edits import ClearShift, Done
from rota.roster.service import clear_shift, undo_change
from tests import factories as make
from tests.rota.roster.conftest import Place, later, ref


def edit(place: Place, *cells: CellEdit, unit: bool = True) -> Done:
    for code in {cell.code for cell in cells if cell.code}:
        make.make_shift_type(place.uow.session, code)
    unit_id = place.unit.id if unit else None
    return edit_cells(place.uow, place.home.id, unit_id, cells, "Cells")


def cell(person: Staff, day: int, code: str = "D", *seen: Shift) -> CellEdit:
    return CellEdit(person.id, later(day), code, tuple(ref(shift) for shift in seen))


def test_a_selection_is_painted_as_one_change_that_is_undone_as_a_whole(place: Place) -> None:
    ann, bob = place.person(), place.person()
    done = edit(place, *(cell(who, day) for who in (ann, bob) for day in (0, 1)))
    place.uow.commit()
    assert len(done.shift_ids) == 4 and not done.skipped
    assert {place.stored(one).user_id for one in done.shift_ids} == {ann.id, bob.id}
    undo_change(place.uow, done.change_set_id)
    place.uow.commit()
    assert all(place.uow.session.get(Shift, one) is None for one in done.shift_ids)


def test_painting_over_a_shift_changes_it_and_an_open_one_is_taken(place: Place) -> None:
    ann = place.person()
    early = place.shift(ann, 0, "E")
    gap = place.shift(None, 1, "L", role_id=ann.role_id)
    done = edit(place, cell(ann, 0, "L", early), cell(ann, 1, "L"))
    assert set(done.shift_ids) == {early.id, gap.id}
    assert place.stored(early.id).shift_type.code == "L"
    taken = place.stored(gap.id)
    assert (taken.user_id, taken.is_vacant, taken.vacant_since) == (ann.id, False, None)


def test_what_is_refused_is_listed_and_the_rest_is_done(place: Place) -> None:
    ann, bob, cat, eve = (place.person() for _ in range(4))
    make.make_leave(place.uow.session, bob, later(0), later(0), status=LeaveStatus.APPROVED)
    place.shift(cat, -1, "L")
    locked = place.shift(eve, 0, "L", is_locked=True)
    done = edit(
        place, cell(ann, 0, "E"), cell(bob, 0, "E"), cell(cat, 0, "E"), cell(eve, 0, "E", locked)
    )
    assert done.staff_ids == {ann.id}
    reasons = {entry.staff_id: entry.reason for entry in done.skipped}
    assert reasons[bob.id].startswith("Away from work")
    assert reasons[cat.id].startswith("Daily rest")
    assert "locked" in reasons[eve.id]


def test_a_cell_changed_by_somebody_else_since_is_left_alone_with_who_and_when(
    place: Place,
) -> None:
    ann, bob = place.person(), place.person()
    shift = place.shift(ann, 0)
    looked = cell(ann, 0, "", shift)
    shift.note = "changed"
    place.uow.session.flush()
    done = edit(place, looked, cell(bob, 0))
    assert done.staff_ids == {bob.id}
    assert done.skipped[0].reason.endswith("nothing was overwritten")
    painted = edit(place, cell(ann, 1), cell(bob, 1))
    again = edit(place, cell(ann, 1), cell(ann, 2))
    assert "Moira Sutherland changed this at" in again.skipped[0].reason
    assert painted.change_set_id != again.change_set_id


def test_clearing_leaves_open_shifts_only_where_the_unit_would_be_short(place: Place) -> None:
    make.make_requirement(place.uow.session, place.unit, minimum=1, ideal=1)
    people = [place.person() for _ in range(3)]
    shifts = [place.shift(person, 0) for person in people]
    done = edit(place, *(cell(p, 0, "", s) for p, s in zip(people, shifts, strict=True)))
    assert len(done.shift_ids) == 3
    left = [shift for one in done.shift_ids if (shift := place.uow.session.get(Shift, one))]
    assert [shift.is_vacant for shift in left] == [True]


def test_hours_beyond_the_contract_are_overtime_in_the_order_of_days(place: Place) -> None:
    ann = place.person(contracted_minutes=24 * 60)
    done = edit(place, *(cell(ann, day) for day in (3, 1, 0)))
    sources = {place.stored(one).date: place.stored(one).classification for one in done.shift_ids}
    assert sources == {
        later(0): Classification.REGULAR,
        later(1): Classification.REGULAR,
        later(3): Classification.OVERTIME,
    }


def test_a_thousand_cells_are_refused_before_anything_is_read(place: Place) -> None:
    ann = place.person()
    many = [CellEdit(ann.id, later(0) + timedelta(days=n), "D") for n in range(1000)]
    with pytest.raises(InvalidInput, match=f"1000 cells; at most {MOST_CELLS}"):
        edit(place, *many)
    with pytest.raises(InvalidInput, match="Choose some cells"):
        edit(place)


def test_another_homes_people_and_homes_are_refused(place: Place) -> None:
    other = make.make_home(place.uow.session)
    stranger = make.make_staff(place.uow.session, make.make_unit(place.uow.session, other))
    with pytest.raises(NotAllowed):
        edit(place, cell(place.person(), 0), cell(stranger, 0))
    place.uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, other)
    with pytest.raises(NotAllowed):
        edit(place, cell(place.person(), 0))


def test_when_nothing_could_be_done_it_is_refused_with_the_first_reason(place: Place) -> None:
    bob = place.person(first_name="Bob", last_name="Ure")
    make.make_leave(place.uow.session, bob, later(0), later(3), status=LeaveStatus.APPROVED)
    with pytest.raises(RuleBreach, match=r"None of the 2 cells .* Bob Ure: Away from work"):
        edit(place, cell(bob, 0), cell(bob, 1))
    gone = place.shift(place.person(), 0)
    clear_shift(place.uow, ClearShift(ref(gone)))
    with pytest.raises(InvalidInput, match="Nothing would change"):
        edit(place, cell(place.person(), 5, ""))
