"""Swaps: one proposes, the other agrees, the rules agree, a manager of the home decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from rota.access.actor import Actor
from rota.carer.swap_queries import my_swaps, swap_options, swaps_to_decide
from rota.carer.swaps import answer_swap, approve_swap, propose_swap, refuse_swap, withdraw_swap
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBreach
from rota.models import AuditEvent, Shift, SwapProposal, SwapState, UserRole
from rota.roster import changes
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.leave.conftest import Home

WEDNESDAY, FRIDAY = MONDAY + timedelta(days=2), MONDAY + timedelta(days=4)


def colleague(home: Home) -> Actor:
    return make.actor(UserRole.CARE_STAFF, home.home, staff_id=home.colleague.id)


@pytest.fixture
def shifts(uow: UnitOfWork, home: Home) -> tuple[Shift, Shift]:
    """The carer's Monday and the colleague's Friday, published."""
    mine = make.make_shift(uow.session, home.unit, home.carer, MONDAY, is_published=True)
    theirs = make.make_shift(uow.session, home.unit, home.colleague, FRIDAY, is_published=True)
    uow.commit()
    return mine, theirs


def proposed(uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]) -> SwapProposal:
    uow.actor = home.carer_actor()
    proposal = propose_swap(uow, shifts[0].id, shifts[1].id, "School concert")
    uow.commit()
    return proposal


def agreed(uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]) -> SwapProposal:
    proposal = proposed(uow, home, shifts)
    uow.actor = colleague(home)
    answer_swap(uow, proposal.id, proposal.version, agree=True)
    uow.commit()
    uow.actor = home.manager
    return proposal


def test_both_agree_the_manager_approves_and_each_has_the_others_shift(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    proposal = agreed(uow, home, shifts)
    done = approve_swap(uow, proposal.id, proposal.version)
    uow.commit()
    assert (shifts[0].user_id, shifts[1].user_id) == (home.colleague.id, home.carer.id)
    assert all(shift.is_published for shift in shifts)  # both know: it is no draft
    assert proposal.state is SwapState.APPROVED
    actions = uow.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["propose swap", "agree to swap", "swap", "swap", "approve swap"]
    changes.undo(uow, done.change_set_id)
    uow.commit()
    assert (shifts[0].user_id, shifts[1].user_id) == (home.carer.id, home.colleague.id)
    (told,) = my_swaps(uow.session, home.carer_actor())
    assert told.words == "Approved, then undone by the manager"


def test_each_side_reads_how_it_stands(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    proposed(uow, home, shifts)
    (mine,) = my_swaps(uow.session, home.carer_actor())
    (theirs,) = my_swaps(uow.session, colleague(home))
    assert (mine.words, mine.is_mine) == (f"Waiting for {home.colleague.name}", True)
    assert (theirs.words, theirs.is_mine) == ("Asks you to swap", False)
    assert swaps_to_decide(uow.session, home.manager, home.home.id) == []


def test_the_manager_sees_what_was_agreed_and_refuses_with_a_reason(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    proposal = agreed(uow, home, shifts)
    (waiting,) = swaps_to_decide(uow.session, home.manager, home.home.id)
    assert (waiting.gives.name, waiting.gets.name, waiting.obstacle) == (
        home.carer.name, home.colleague.name, "",
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="reason"):
        refuse_swap(uow, proposal.id, proposal.version, " ")
    refuse_swap(uow, proposal.id, proposal.version, "Two seniors on Friday already")
    uow.commit()
    (told,) = my_swaps(uow.session, colleague(home))
    assert told.words == "Refused: Two seniors on Friday already"
    assert shifts[0].user_id == home.carer.id


def test_options_are_only_what_no_rule_forbids_to_either(uow: UnitOfWork, home: Home) -> None:
    mine = make.make_shift(uow.session, home.unit, home.carer, MONDAY, is_published=True)
    fine = make.make_shift(uow.session, home.unit, home.colleague, FRIDAY, is_published=True)
    # the night before would leave them no rest before the carer's Monday, unless given for it
    tired = make.make_staff(uow.session, home.unit)
    night = make.make_shift(
        uow.session, home.unit, tired, MONDAY - timedelta(days=1), "N", is_published=True
    )
    make.make_shift(uow.session, home.unit, tired, FRIDAY, is_published=True)
    # a draft is the manager's business
    make.make_shift(uow.session, home.unit, home.colleague, WEDNESDAY)
    own, options = swap_options(uow.session, home.carer_actor(), mine.id)
    assert own.shift_id == mine.id
    assert [o.shift.shift_id for o in options] == [night.id, fine.id]


def test_a_rule_in_the_way_of_the_colleague_is_not_told_in_detail(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    make.make_shift(uow.session, home.unit, home.colleague, MONDAY - timedelta(days=1), "N")
    uow.actor = home.carer_actor()
    with pytest.raises(RuleBreach, match="A rule of work does not allow") as refused:
        propose_swap(uow, shifts[0].id, shifts[1].id)
    assert "rest" not in str(refused.value).lower()


def test_a_rule_that_stands_in_the_way_by_the_time_of_the_decision_refuses_it(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    proposal = agreed(uow, home, shifts)
    make.make_shift(uow.session, home.unit, home.colleague, MONDAY - timedelta(days=1), "N")
    uow.session.flush()
    (waiting,) = swaps_to_decide(uow.session, home.manager, home.home.id)
    assert waiting.obstacle
    with pytest.raises(RuleBreach):
        approve_swap(uow, proposal.id, proposal.version)


def test_a_shift_that_changed_since_is_another_agreement(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    proposal = agreed(uow, home, shifts)
    third = make.make_staff(uow.session, home.unit)
    shifts[1].user_id = third.id
    uow.commit()
    with pytest.raises(Conflict, match="has changed"):
        approve_swap(uow, proposal.id, proposal.version)


def test_publishing_again_or_a_note_does_not_undo_an_agreement(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    proposal = agreed(uow, home, shifts)
    shifts[1].note = "Bring the keys"
    uow.commit()
    approve_swap(uow, proposal.id, proposal.version)
    assert shifts[1].user_id == home.carer.id


def test_a_double_click_proposes_once_and_another_colleague_needs_the_first_withdrawn(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    first = proposed(uow, home, shifts)
    assert propose_swap(uow, shifts[0].id, shifts[1].id, "School concert").id == first.id
    third = make.make_staff(uow.session, home.unit)
    other = make.make_shift(uow.session, home.unit, third, FRIDAY, is_published=True)
    with pytest.raises(Conflict, match="already"):
        propose_swap(uow, shifts[0].id, other.id)
    withdraw_swap(uow, first.id, first.version)
    uow.commit()
    assert propose_swap(uow, shifts[0].id, other.id).state is SwapState.PROPOSED


def test_a_second_decision_and_a_stale_one_are_told(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    proposal = agreed(uow, home, shifts)
    seen = proposal.version
    with pytest.raises(Conflict, match="changed since"):
        approve_swap(uow, proposal.id, seen - 1)
    approve_swap(uow, proposal.id, seen)
    uow.commit()
    with pytest.raises(Conflict, match="approved already"):
        approve_swap(uow, proposal.id, seen)


def test_without_the_colleagues_yes_nothing_is_decided(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    proposal = proposed(uow, home, shifts)
    uow.actor = home.manager
    with pytest.raises(Conflict, match="has not agreed"):
        approve_swap(uow, proposal.id, proposal.version)


def test_the_colleague_may_change_their_mind_until_it_is_decided(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    proposal = agreed(uow, home, shifts)
    uow.actor = colleague(home)
    answer_swap(uow, proposal.id, proposal.version, agree=False)
    uow.commit()
    uow.actor = home.manager
    with pytest.raises(Conflict, match="declined already"):
        approve_swap(uow, proposal.id, proposal.version)


def test_every_step_is_checked_on_the_object(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    stranger = make.make_staff(uow.session, home.unit)
    outsider = make.actor(UserRole.CARE_STAFF, home.home, staff_id=stranger.id)
    uow.actor = outsider
    with pytest.raises(NotFound):
        propose_swap(uow, shifts[0].id, shifts[1].id)  # not their shift to give
    proposal = proposed(uow, home, shifts)
    for actor in (outsider, home.carer_actor()):
        uow.actor = actor
        with pytest.raises(NotFound):
            answer_swap(uow, proposal.id, proposal.version, agree=True)
    uow.actor = colleague(home)
    with pytest.raises(NotFound):
        withdraw_swap(uow, proposal.id, proposal.version)
    answer_swap(uow, proposal.id, proposal.version, agree=True)
    uow.commit()
    with pytest.raises(NotAllowed):
        approve_swap(uow, proposal.id, proposal.version)  # a carer decides nothing
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    with pytest.raises(NotAllowed, match="home you do not work with"):
        approve_swap(uow, proposal.id, proposal.version)
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, home.home, staff_id=home.carer.id)
    with pytest.raises(NotAllowed, match="own swap"):
        approve_swap(uow, proposal.id, proposal.version)
    uow.actor = make.actor(UserRole.SENIOR_MANAGER, home.home)
    with pytest.raises(NotAllowed):
        refuse_swap(uow, proposal.id, proposal.version, "no")


def test_shifts_begun_locked_or_vacant_are_not_swapped(
    uow: UnitOfWork, home: Home, shifts: tuple[Shift, Shift]
) -> None:
    uow.actor = home.carer_actor()
    vacancy = make.make_shift(uow.session, home.unit, None, FRIDAY, "N", is_published=True)
    with pytest.raises(NotFound):
        propose_swap(uow, shifts[0].id, vacancy.id)
    past = make.make_shift(
        uow.session, home.unit, home.colleague, MONDAY - timedelta(days=14), is_published=True
    )
    with pytest.raises(InvalidInput, match="begun"):
        propose_swap(uow, shifts[0].id, past.id)
    shifts[1].is_locked = True
    with pytest.raises(InvalidInput, match="fixed by the manager"):
        propose_swap(uow, shifts[0].id, shifts[1].id)
