"""Swapping shifts: one proposes, the colleague agrees, the rules agree, a manager decides.

Every step looks at the proposal, the two shifts and the two people again, as they are now.
"""

from __future__ import annotations

from sqlalchemy import or_, select

from rota.access.permissions import Permission
from rota.calendar import day_text
from rota.carer.own import myself
from rota.carer.swap_terms import first_obstacle, judge_swap, terms_of
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBreach
from rota.leave.guard import locked_person
from rota.models import SWAP_OPEN, Shift, Staff, SwapProposal, SwapState, utc_now
from rota.roster.edits import Allowance, Done, ShiftRef, SwapShifts
from rota.roster.moving import swap_shifts

#: open proposals of one person; more is a mistake or a nuisance
MOST_OPEN = 10
LONGEST_NOTE = 200
LONGEST_REASON = 300


def propose_swap(
    uow: UnitOfWork, shift_id: int, other_shift_id: int, note: str = ""
) -> SwapProposal:
    """Ask a colleague to take one's shift for theirs. Proposing the same again changes nothing.

    Raises :class:`NotFound` for a shift that is not one's own or not published,
    :class:`InvalidInput` for shifts begun, locked or of another home, :class:`RuleBreach` when
    a rule forbids it to either, :class:`Conflict` when the shift is promised already.
    """
    uow.actor.require(Permission.OFFER_WORK)
    me = myself(uow.session, uow.actor)
    text = note.strip()
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters.")
    mine, other_shift = _two_shifts(uow, shift_id, other_shift_id)
    if mine.user_id != me.id or not mine.is_published:
        raise NotFound("There is no such shift of yours.", hint="Look at your week again.")
    other = _other_person(other_shift, me)
    known = _open_for(uow, mine.id)
    if known is not None:
        if known.other_shift_id == other_shift.id and known.terms == terms_of(mine, other_shift):
            return known  # sent twice
        raise Conflict(
            f"You have proposed this shift to {known.other_staff.name} already.",
            hint="Withdraw that proposal first.",
        )
    _refuse_too_many(uow, me)
    _still_possible(mine, other_shift)
    obstacle = first_obstacle(
        judge_swap(uow.session, mine, other_shift), me, other, told_to_manager=False
    )
    if obstacle:
        raise RuleBreach(obstacle, hint="Choose another shift.")
    proposal = SwapProposal(
        home_id=mine.home_id, staff_id=me.id, other_staff_id=other.id, shift_id=mine.id,
        other_shift_id=other_shift.id, terms=terms_of(mine, other_shift), note=text,
    )  # fmt: skip
    uow.session.add(proposal)
    uow.session.flush()
    _record(uow, proposal, "propose swap", None, reason=text)
    return proposal


def answer_swap(uow: UnitOfWork, proposal_id: int, version: int, *, agree: bool) -> SwapProposal:
    """Agree to a swap that was proposed to oneself, or decline it (also after agreeing)."""
    uow.actor.require(Permission.OFFER_WORK)
    me = myself(uow.session, uow.actor)
    proposal = _loaded(uow, proposal_id)
    if proposal.other_staff_id != me.id:
        raise NotFound("There is no such proposal.")
    _still_open(proposal, version)
    was = proposal.state
    if agree:
        if proposal.state is SwapState.AGREED:
            return proposal
        mine, theirs = _as_agreed(uow, proposal)
        obstacle = first_obstacle(
            judge_swap(uow.session, theirs, mine), me, proposal.staff, told_to_manager=False
        )
        if obstacle:
            raise RuleBreach(obstacle, hint="Decline the proposal.")
    proposal.state = SwapState.AGREED if agree else SwapState.DECLINED
    proposal.answered_at = utc_now()
    uow.session.flush()
    _record(uow, proposal, "agree to swap" if agree else "decline swap", was)
    return proposal


def withdraw_swap(uow: UnitOfWork, proposal_id: int, version: int) -> SwapProposal:
    """Take back what one proposed, as long as no manager has decided."""
    uow.actor.require(Permission.OFFER_WORK)
    me = myself(uow.session, uow.actor)
    proposal = _loaded(uow, proposal_id)
    if proposal.staff_id != me.id:
        raise NotFound("There is no such proposal.")
    _still_open(proposal, version)
    was, proposal.state = proposal.state, SwapState.WITHDRAWN
    uow.session.flush()
    _record(uow, proposal, "withdraw swap", was)
    return proposal


def approve_swap(
    uow: UnitOfWork, proposal_id: int, version: int, *, allowance: Allowance | None = None
) -> Done:
    """Let two people swap who have agreed; what was published stays published.

    Raises :class:`Conflict` when one of the shifts has changed since it was proposed,
    :class:`RuleBreach` when a rule forbids it by now, :class:`NotAllowed` for another home's
    or one's own swap.
    """
    proposal = _decidable(uow, proposal_id, version)
    first, second = _as_agreed(uow, proposal)
    command = SwapShifts(
        ShiftRef(first.id, first.version),
        ShiftRef(second.id, second.version),
        allowance or Allowance(),
    )
    done = swap_shifts(uow, command, stays_published=True)
    was, proposal.state = proposal.state, SwapState.APPROVED
    proposal.decided_at, proposal.decided_by_id = utc_now(), uow.actor.user_id
    proposal.change_set_id = done.change_set_id
    uow.session.flush()
    _record(uow, proposal, "approve swap", was)
    return done


def refuse_swap(uow: UnitOfWork, proposal_id: int, version: int, reason: str) -> SwapProposal:
    """Refuse a swap with a reason, which both people see."""
    proposal = _decidable(uow, proposal_id, version)
    text = reason.strip()
    if not text:
        raise InvalidInput("Give a reason; both people will see it.")
    if len(text) > LONGEST_REASON:
        raise InvalidInput(f"A reason has at most {LONGEST_REASON} characters.")
    was, proposal.state = proposal.state, SwapState.REFUSED
    proposal.decided_at, proposal.decided_by_id = utc_now(), uow.actor.user_id
    proposal.decision_reason = text
    uow.session.flush()
    _record(uow, proposal, "refuse swap", was, reason=text)
    return proposal


def _decidable(uow: UnitOfWork, proposal_id: int, version: int) -> SwapProposal:
    proposal = _loaded(uow, proposal_id)
    uow.actor.require(Permission.EDIT_ROTA, proposal.home_id)
    if uow.actor.staff_id in (proposal.staff_id, proposal.other_staff_id):
        raise NotAllowed("Nobody decides their own swap.", hint="Ask another manager.")
    _still_open(proposal, version)
    if proposal.state is not SwapState.AGREED:
        raise Conflict(
            f"{proposal.other_staff.name} has not agreed yet.", hint="Wait for the answer."
        )
    return proposal


def _loaded(uow: UnitOfWork, proposal_id: int) -> SwapProposal:
    """The proposal as it is now, both people locked (in the order every writer locks them)."""
    row = uow.session.execute(
        select(SwapProposal.staff_id, SwapProposal.other_staff_id).where(
            SwapProposal.id == proposal_id
        )
    ).first()
    if row is None:
        raise NotFound("There is no such proposal.")
    for staff_id in sorted(row):
        locked_person(uow.session, staff_id)
    return uow.session.get_one(SwapProposal, proposal_id, populate_existing=True)


def _two_shifts(uow: UnitOfWork, shift_id: int, other_shift_id: int) -> tuple[Shift, Shift]:
    """Both shifts as they are once their people are locked."""
    ids = {shift_id, other_shift_id}
    people = uow.session.scalars(select(Shift.user_id).where(Shift.id.in_(ids)))
    for staff_id in sorted({p for p in people if p is not None}):
        locked_person(uow.session, staff_id)
    rows = {
        row.id: row
        for row in uow.session.scalars(
            select(Shift).where(Shift.id.in_(ids)).execution_options(populate_existing=True)
        )
    }
    if len(rows) != 2:
        raise NotFound("One of these shifts is no longer there.", hint="Look at your week again.")
    return rows[shift_id], rows[other_shift_id]


def _other_person(shift: Shift, me: Staff) -> Staff:
    if shift.user is None or shift.user_id == me.id or not shift.is_published:
        raise NotFound("No colleague works that shift.", hint="Choose another.")
    return shift.user


def _still_possible(first: Shift, second: Shift) -> None:
    if first.home_id != second.home_id:
        raise InvalidInput("A swap stays within one home.")
    now = utc_now()
    for shift in (first, second):
        if not shift.shift_type.counts_to_cover:
            raise InvalidInput(f"{shift.shift_type.name} is not a shift to swap.")
        if shift.starts_at <= now:
            raise InvalidInput(f"The shift on {day_text(shift.date)} has begun already.")
        if shift.is_locked:
            raise InvalidInput(
                f"The shift on {day_text(shift.date)} is fixed by the manager.",
                hint="Ask your manager.",
            )


def _as_agreed(uow: UnitOfWork, proposal: SwapProposal) -> tuple[Shift, Shift]:
    """Both shifts, if they still are what was proposed."""
    first, second = _two_shifts(uow, proposal.shift_id, proposal.other_shift_id)
    if terms_of(first, second) != proposal.terms:
        raise Conflict(
            "One of the shifts has changed since this was proposed.",
            hint="Withdraw it and propose anew.",
        )
    _still_possible(first, second)
    return first, second


def _still_open(proposal: SwapProposal, version: int) -> None:
    if proposal.state not in SWAP_OPEN:
        raise Conflict(f"This swap is {proposal.state.value} already; nothing was changed.")
    if proposal.version != version:
        raise Conflict(
            "This swap has changed since you opened it; nothing was changed.",
            hint="Look at it again, then decide.",
        )


def _open_for(uow: UnitOfWork, shift_id: int) -> SwapProposal | None:
    """A proposal, still open, that gives this shift away or has been promised it."""
    return uow.session.scalars(
        select(SwapProposal).where(
            SwapProposal.state.in_(SWAP_OPEN),
            or_(
                SwapProposal.shift_id == shift_id,
                (SwapProposal.other_shift_id == shift_id)
                & (SwapProposal.state == SwapState.AGREED),
            ),
        )
    ).first()


def _refuse_too_many(uow: UnitOfWork, me: Staff) -> None:
    now = utc_now()
    mine = uow.session.scalars(
        select(SwapProposal.id)
        .join(Shift, Shift.id == SwapProposal.shift_id)
        .where(
            SwapProposal.staff_id == me.id, SwapProposal.state.in_(SWAP_OPEN), Shift.starts_at > now
        )
    ).all()
    if len(mine) >= MOST_OPEN:
        raise InvalidInput(
            f"{MOST_OPEN} of your proposals wait for an answer.", hint="Withdraw one first."
        )


def _record(
    uow: UnitOfWork,
    proposal: SwapProposal,
    action: str,
    was: SwapState | None,
    *,
    reason: str = "",
) -> None:
    uow.audit(
        action, "swap_proposal", proposal.id, home_id=proposal.home_id,
        before={"state": was.value} if was else None,
        after={
            "state": proposal.state.value, "staff_id": proposal.staff_id,
            "other_staff_id": proposal.other_staff_id, "shift_id": proposal.shift_id,
            "other_shift_id": proposal.other_shift_id,
        },
        reason=reason,
    )  # fmt: skip
    uow.touch(proposal.home_id)
