"""Reading swaps: what I could swap a shift for, what is proposed, what waits for the manager."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period
from rota.carer.own import myself
from rota.carer.swap_terms import judge_swap, terms_of, warnings_of
from rota.errors import NotFound
from rota.models import (
    SWAP_OPEN,
    ChangeSet,
    Shift,
    ShiftType,
    Staff,
    SwapProposal,
    SwapState,
    Unit,
    utc_now,
)
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import load_shift_kinds
from rota.roster.timelines import load_timelines, worked_shift
from rota.rules import Change, check_change

#: how far from one's own shift the colleague's may lie, and how many are offered at most
REACH_DAYS = 14
MOST_OPTIONS = 24
#: how long a swap that was answered stays in sight
TOLD_DAYS = 14


_mine, _theirs = aliased(Shift), aliased(Shift)
_one, _other = aliased(Staff), aliased(Staff)
_my_kind, _their_kind = aliased(ShiftType), aliased(ShiftType)
_my_unit, _their_unit = aliased(Unit), aliased(Unit)
#: a swap with both its sides; made once, for making it costs more than asking it
_SWAPS = (
    select(
        SwapProposal, _mine, _my_kind, _one, _my_unit.name, _theirs, _their_kind, _other,
        _their_unit.name, ChangeSet.undone_at,
    )
    .join(_mine, _mine.id == SwapProposal.shift_id)
    .join(_my_kind, _my_kind.id == _mine.shift_type_id)
    .join(_one, _one.id == SwapProposal.staff_id)
    .join(_my_unit, _my_unit.id == _mine.unit_id)
    .join(_theirs, _theirs.id == SwapProposal.other_shift_id)
    .join(_their_kind, _their_kind.id == _theirs.shift_type_id)
    .join(_other, _other.id == SwapProposal.other_staff_id)
    .join(_their_unit, _their_unit.id == _theirs.unit_id)
    .outerjoin(ChangeSet, ChangeSet.id == SwapProposal.change_set_id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SwapShift:
    """One side of a swap: the shift, and who works it now."""

    shift_id: int
    staff_id: int
    name: str
    date: date
    code: str
    shift_name: str
    category: str
    unit: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SwapOption:
    """A colleague's shift that both may lawfully exchange; ``warnings`` are about oneself."""

    shift: SwapShift
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """A proposed swap as one of the people, or the manager, sees it.

    ``gives`` is what the proposer gives. ``is_mine`` says that the reader proposed it, and
    ``words`` how it stands.
    """

    id: int
    version: int
    state: SwapState
    gives: SwapShift
    gets: SwapShift
    note: str
    is_mine: bool
    is_open: bool
    words: str
    warnings: tuple[str, ...] = ()
    obstacle: str = ""


def swap_options(
    session: Session, actor: Actor, shift_id: int
) -> tuple[SwapShift, list[SwapOption]]:
    """One's own shift, and the colleagues' shifts of its unit that could be had for it.

    Only what no rule of work forbids to either; whom it forbids, and why, is not said.
    """
    actor.require(Permission.VIEW_OWN_ROTA)
    me = myself(session, actor)
    now = utc_now()
    mine = session.get(Shift, shift_id)
    if mine is None or mine.user_id != me.id or not mine.is_published or mine.starts_at <= now:
        raise NotFound("There is no such shift of yours to swap.", hint="Look at your week again.")
    kinds, rulebook = load_shift_kinds(session), load_rulebook(session)
    reach = timedelta(days=REACH_DAYS)
    rows = session.execute(
        select(Shift, ShiftType, Staff, Unit.name)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Staff, Staff.id == Shift.user_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .where(
            Shift.unit_id == mine.unit_id,
            Shift.user_id != me.id,
            Shift.is_published,
            Shift.is_locked.is_(False),
            ShiftType.counts_to_cover,  # nobody takes another's training or office day
            Shift.starts_at > now,
            Shift.date.between(mine.date - reach, mine.date + reach),
            # the same hours would be no swap
            or_(Shift.starts_at != mine.starts_at, Shift.ends_at != mine.ends_at),
        )
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    first = max(now.date(), mine.date - reach)
    span = Period(min(first, mine.date), mine.date + reach)
    own = load_timelines(session, [me.id], span, kinds=kinds)[me.id]
    for_me = []
    for shift, kind, person, unit in rows:
        worked = worked_shift(kinds[kind.id], shift.id, shift)
        said = check_change(own, Change.exchange(mine.id, worked), rulebook)
        if not said.is_barred:
            for_me.append((shift, kind, person, unit, said))
    theirs = load_timelines(session, {row[2].id for row in for_me}, span, kinds=kinds)
    given = worked_shift(kinds[mine.shift_type_id], mine.id, mine)
    found = []
    for shift, kind, person, unit, said in for_me:
        back = check_change(theirs[person.id], Change.exchange(shift.id, given), rulebook)
        if not back.is_barred:
            option = SwapOption(_side(shift, kind, person, unit), warnings_of(said))
            found.append((bool(option.warnings), abs((shift.date - mine.date).days), option))
    found.sort(key=lambda entry: (entry[0], entry[1], entry[2].shift.starts_at))
    own_kind = session.get_one(ShiftType, mine.shift_type_id)
    side = _side(mine, own_kind, me, mine.unit.name)
    return side, [option for _, _, option in found[:MOST_OPTIONS]]


def my_swaps(session: Session, actor: Actor) -> list[Swap]:
    """What one proposed or was proposed: open ones first, then what was answered lately."""
    actor.require(Permission.VIEW_OWN_ROTA)
    me = myself(session, actor)
    since = utc_now() - timedelta(days=TOLD_DAYS)
    found = _swaps(
        session,
        me.id,
        or_(SwapProposal.staff_id == me.id, SwapProposal.other_staff_id == me.id),
        or_(SwapProposal.state.in_(SWAP_OPEN), SwapProposal.proposed_at >= since),
    )
    # a proposal that was turned down or taken back is news to its other side only
    shown = [s for s in found if s.is_open or s.is_mine or s.state is not SwapState.WITHDRAWN]
    return sorted(shown, key=lambda s: (not s.is_open, s.gives.date, s.id))


def swaps_to_decide(session: Session, actor: Actor, home_id: int) -> list[Swap]:
    """The swaps of a home both people agreed on, soonest first, with what the rules say now."""
    actor.require(Permission.VIEW_LEAVE, home_id)
    found = _swaps(
        session, None, SwapProposal.home_id == home_id, SwapProposal.state == SwapState.AGREED
    )
    return sorted(
        (_judged(session, s) for s in found if s.is_open),
        key=lambda s: (min(s.gives.date, s.gets.date), s.id),
    )


def _judged(session: Session, swap: Swap) -> Swap:
    first = session.get_one(Shift, swap.gives.shift_id)
    second = session.get_one(Shift, swap.gets.shift_id)
    proposal = session.get_one(SwapProposal, swap.id)
    if terms_of(first, second) != proposal.terms:
        return replace(swap, obstacle="One of the shifts has changed since this was proposed.")
    judged = judge_swap(session, first, second)
    warnings = tuple(
        f"{side.name}: {words}"
        for side, said in ((swap.gives, judged.mine), (swap.gets, judged.theirs))
        for words in warnings_of(said)
    )
    return replace(
        swap, warnings=warnings, obstacle="" if judged.is_lawful else "A rule forbids it by now."
    )


def _swaps(session: Session, reader: int | None, *conditions: object) -> list[Swap]:
    rows = session.execute(_SWAPS.where(*conditions)).all()  # type: ignore[arg-type]
    now = utc_now()
    found = []
    for p, m, mk, o, mu, t, tk, x, tu, undone in rows:
        is_open = p.state in SWAP_OPEN and min(m.starts_at, t.starts_at) > now
        is_mine = reader == p.staff_id
        found.append(
            Swap(
                p.id, p.version, p.state, _side(m, mk, o, mu), _side(t, tk, x, tu), p.note,
                is_mine, is_open, _words(p, x.name, is_mine, is_open, undone is not None),
            )
        )  # fmt: skip
    return found


def _words(p: SwapProposal, other: str, is_mine: bool, is_open: bool, undone: bool) -> str:
    """How a swap stands, to whoever reads it."""
    if p.state in SWAP_OPEN and not is_open:
        return "Nobody decided in time"
    if p.state is SwapState.PROPOSED:
        return f"Waiting for {other}" if is_mine else "Asks you to swap"
    if p.state is SwapState.AGREED:
        return "Both agree; your manager decides"
    if p.state is SwapState.APPROVED:
        return "Approved, then undone by the manager" if undone else "Approved"
    if p.state is SwapState.REFUSED:
        return f"Refused: {p.decision_reason}"
    if p.state is SwapState.DECLINED:
        return f"{other} declined" if is_mine else "You declined"
    return "Withdrawn"


def _side(shift: Shift, kind: ShiftType, person: Staff, unit: str) -> SwapShift:
    return SwapShift(
        shift.id, person.id, person.name, shift.date, kind.code, kind.name, kind.category, unit,
        shift.starts_at, shift.ends_at,
    )  # fmt: skip
