"""Why a vacancy cannot be filled, and the moves that fill it lawfully."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rota.calendar import Period
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, RuleBreach
from rota.models import LeaveStatus, Shift, Staff, UserRole
from rota.roster import changes
from rota.roster.shift_types import load_shift_kinds
from rota.roster.timelines import load_timelines, worked_shift
from rota.rules import Change, Severity, check_change
from rota.vacancies.matrix import why_not
from rota.vacancies.swaps import Move, Swap, apply_swap
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.vacancies.conftest import Open

DAY = timedelta(days=1)


def blocked_by_night(uow: UnitOfWork, gap: Open) -> tuple[Staff, Shift]:
    """Somebody who cannot take the day shift because of the night before."""
    person = make.make_staff(uow.session, gap.unit, first_name="Nora")
    night = make.make_shift(uow.session, gap.unit, person, MONDAY - DAY, "N")
    return person, night


def test_each_person_is_shown_with_each_rule_in_the_way(uow: UnitOfWork, gap: Open) -> None:
    tired, _ = blocked_by_night(uow, gap)
    away = make.make_staff(uow.session, gap.unit)
    make.make_leave(uow.session, away, MONDAY, MONDAY, status=LeaveStatus.APPROVED)
    clerk = make.make_staff(
        uow.session, gap.unit, make.make_role(uow.session, "CLERK", grade="other")
    )
    free = make.make_staff(uow.session, gap.unit)
    uow.session.flush()
    matrix = why_not(uow.session, gap.manager, gap.shift.id)
    keys = [column.key for column in matrix.columns]
    assert {"absence", "grade", "daily_rest"} <= set(keys)
    by_person = {row.staff_id: row for row in matrix.rows}
    assert matrix.rows[0].staff_id == free.id
    assert (matrix.free, by_person[free.id].obstacles) == (1, 0)
    for person, key in ((tired, "daily_rest"), (away, "absence"), (clerk, "grade")):
        cell = by_person[person.id].cells[keys.index(key)]
        assert cell is not None and cell.severity is Severity.BARRED
        assert cell.message
    column = matrix.columns[keys.index("daily_rest")]
    assert (column.barred, "reg 10" in column.basis) == (1, True)


def test_one_move_is_offered_where_the_other_shift_can_be_spared(
    uow: UnitOfWork, gap: Open
) -> None:
    other = make.make_unit(uow.session, gap.home)
    make.make_requirement(uow.session, other, minimum=1, ideal=1)
    spare = make.make_staff(uow.session, other)
    theirs = make.make_shift(uow.session, other, spare, MONDAY, "D")
    make.make_shift(uow.session, other, make.make_staff(uow.session, other), MONDAY, "D")
    uow.session.flush()
    swap = next(
        s for s in why_not(uow.session, gap.manager, gap.shift.id).swaps
        if s.moves[0].staff_id == spare.id
    )  # fmt: skip
    assert [(m.from_shift_id, m.to_shift_id) for m in swap.moves] == [(theirs.id, gap.shift.id)]
    apply_swap(uow, gap.shift.id, gap.shift.version, swap.moves)
    uow.commit()
    assert (gap.shift.user_id, theirs.is_vacant, theirs.vacancy_reason) == (
        spare.id, True, "moved",
    )  # fmt: skip


def test_nobody_is_moved_off_a_shift_of_a_home_that_is_not_the_actors(
    uow: UnitOfWork, gap: Open
) -> None:
    elsewhere = make.make_unit(uow.session, make.make_home(uow.session))
    floater = make.make_staff(uow.session, elsewhere, works_other_homes=True)
    theirs = make.make_shift(uow.session, elsewhere, floater, MONDAY, "D")
    uow.commit()
    assert why_not(uow.session, gap.manager, gap.shift.id).swaps == ()
    both = make.actor(UserRole.OPERATIONAL_MANAGER, gap.home, elsewhere.home)
    (swap,) = why_not(uow.session, both, gap.shift.id).swaps
    assert swap.moves[0].from_shift_id == theirs.id


def two_moves(uow: UnitOfWork, gap: Open) -> tuple[Staff, Shift, Staff, Swap]:
    """Nora's night cannot be spared; Quin can take it and is barred from the day himself."""
    nora, night = blocked_by_night(uow, gap)
    make.make_requirement(uow.session, gap.unit, band="night", minimum=1, ideal=1)
    quin = make.make_staff(uow.session, gap.unit, first_name="Quin")
    make.make_leave(uow.session, quin, MONDAY, MONDAY + DAY, status=LeaveStatus.APPROVED)
    quin_free = make.make_staff(uow.session, gap.unit, first_name="Rob")
    make.make_shift(uow.session, gap.unit, quin_free, MONDAY, "N")
    uow.commit()
    swaps = why_not(uow.session, gap.manager, gap.shift.id).swaps
    swap = next(s for s in swaps if len(s.moves) == 2 and s.moves[0].staff_id == nora.id)
    return nora, night, quin_free, swap


def test_two_moves_free_somebody_and_fill_what_they_leave(uow: UnitOfWork, gap: Open) -> None:
    nora, night, rob, swap = two_moves(uow, gap)
    assert [m.staff_id for m in swap.moves] == [nora.id, rob.id]
    change_set_id = apply_swap(uow, gap.shift.id, gap.shift.version, swap.moves)
    uow.commit()
    assert (gap.shift.user_id, night.user_id) == (nora.id, rob.id)
    changes.undo(uow, change_set_id)
    uow.commit()
    assert (gap.shift.is_vacant, night.user_id) == (True, nora.id)


def test_every_suggested_move_passes_the_checker(uow: UnitOfWork, gap: Open) -> None:
    two_moves(uow, gap)
    kinds = load_shift_kinds(uow.session)
    day = Period(MONDAY, MONDAY)
    for swap in why_not(uow.session, gap.manager, gap.shift.id).swaps:
        for move in swap.moves:
            shift = uow.session.get_one(Shift, move.to_shift_id)
            timeline = load_timelines(uow.session, [move.staff_id], day)[move.staff_id]
            gone = () if move.from_shift_id is None else (move.from_shift_id,)
            added = worked_shift(kinds[shift.shift_type_id], shift.id, shift)
            assert not check_change(timeline, Change((added,), gone)).is_barred


def test_a_swap_is_checked_again_when_applied(uow: UnitOfWork, gap: Open) -> None:
    nora, night, _rob, swap = two_moves(uow, gap)
    make.make_leave(uow.session, nora, MONDAY, MONDAY, status=LeaveStatus.APPROVED)
    with pytest.raises(Conflict, match="away"):
        apply_swap(uow, gap.shift.id, gap.shift.version, swap.moves)
    uow.session.rollback()
    with pytest.raises(Conflict, match="changed"):
        apply_swap(uow, gap.shift.id, gap.shift.version + 1, swap.moves)
    with pytest.raises(InvalidInput):
        apply_swap(uow, gap.shift.id, gap.shift.version, swap.moves[::-1])
    forged = Move(nora.id, "Nora", None, gap.shift.id, "stays on her night too")
    with pytest.raises(RuleBreach):
        apply_swap(uow, gap.shift.id, gap.shift.version, [forged])
    night.user_id = None
    night.is_vacant = True
    uow.session.flush()
    with pytest.raises(Conflict, match="no longer"):
        apply_swap(uow, gap.shift.id, gap.shift.version, swap.moves)


def test_a_swap_does_not_reach_into_another_home(uow: UnitOfWork, gap: Open) -> None:
    elsewhere = make.make_unit(uow.session, make.make_home(uow.session))
    stranger = make.make_staff(uow.session, elsewhere)
    theirs = make.make_shift(uow.session, elsewhere, stranger, MONDAY, "D")
    uow.commit()
    uow.actor = gap.manager
    move = Move(stranger.id, "x", theirs.id, gap.shift.id, "x")
    with pytest.raises(NotAllowed):
        apply_swap(uow, gap.shift.id, gap.shift.version, [move])
    uow.actor = make.actor(UserRole.ANALYST, gap.home)
    with pytest.raises(NotAllowed):
        apply_swap(uow, gap.shift.id, gap.shift.version, [move])
