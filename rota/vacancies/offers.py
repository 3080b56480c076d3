"""Offering a vacancy to several people, one-click acceptance, and volunteering.

The first who accepts has it: the vacancy's row is locked, every rule is checked again, and
the other offers are closed in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.leave.guard import locked_person
from rota.models import OfferState, Shift, ShiftOffer, ShiftType, Staff, Unit, utc_now
from rota.vacancies.policy import fill_policy
from rota.vacancies.service import Filled, fill_with, may_be_asked, open_shift

#: more in one go is a mistake
MOST_OFFERS = 60
#: how long somebody is told that a shift offered to them went to somebody else
TOLD_DAYS = 3


@dataclass(frozen=True, slots=True)
class Offered:
    """To how many a vacancy was offered, and until when they may answer."""

    people: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MyOffer:
    """An offer as the person sees it; ``is_open`` while it can be accepted."""

    offer_id: int
    shift_id: int
    date: date
    code: str
    shift_name: str
    category: str
    unit: str
    starts_at: datetime
    ends_at: datetime
    paid_minutes: int
    expires_at: datetime | None
    is_open: bool
    words: str


def offer(uow: UnitOfWork, vacancy_id: int, version: int, staff_ids: Collection[int]) -> Offered:
    """Offer a vacancy to people; whoever had an older offer of it gets a new one.

    They may answer for the time the policy gives, and not beyond the start. Raises as
    :func:`rota.vacancies.service.assign`, except that rules are checked on acceptance.
    """
    ids = sorted(set(staff_ids))
    if not 1 <= len(ids) <= MOST_OFFERS:
        raise InvalidInput(f"A vacancy is offered to 1 to {MOST_OFFERS} people at once.")
    shift = open_shift(uow, vacancy_id, version)
    people = uow.session.scalars(select(Staff).where(Staff.id.in_(ids)).order_by(Staff.id)).all()
    if len(people) != len(ids):
        raise NotFound("One of these people does not exist.")
    for person in people:
        may_be_asked(person, shift)
    policy = fill_policy(uow.session, shift.date, shift.home_id)
    now = utc_now()
    expires = min(now + timedelta(minutes=policy.offer_reply_minutes), shift.starts_at)
    if expires <= now:
        raise InvalidInput("The shift has begun; an offer would come too late.")
    known = {row.staff_id: row for row in _offers_of(uow, shift.id)}
    for person in people:
        row = known.get(person.id) or ShiftOffer(shift_id=shift.id, staff_id=person.id)
        row.state, row.offered_at, row.expires_at = OfferState.OPEN, now, expires
        row.offered_by_id, row.answered_at = uow.actor.user_id, None
        uow.session.add(row)
    uow.session.flush()
    uow.audit(
        "offer vacancy", "shift", shift.id, home_id=shift.home_id,
        after={"people": ids, "until": expires.isoformat()},
    )  # fmt: skip
    uow.touch(shift.home_id)
    return Offered(len(ids), expires)


def accept(uow: UnitOfWork, offer_id: int) -> Filled:
    """Take a shift that was offered to oneself.

    Raises :class:`Conflict` when it went to somebody else, was withdrawn or the time to
    answer is over, :class:`RuleBreach` when a rule forbids it by now.
    """
    row = _mine(uow, offer_id)
    person = locked_person(uow.session, row.staff_id)
    shift = open_shift(uow, row.shift_id, None, by_manager=False)
    now = utc_now()
    if row.state is not OfferState.OPEN:
        raise Conflict("This offer is no longer open.", hint="Ask your manager.")
    if row.expires_at is not None and row.expires_at <= now:
        raise Conflict("The time to answer is over.", hint="Ask your manager.")
    row.state, row.answered_at = OfferState.ACCEPTED, now
    uow.session.flush()
    return fill_with(uow, shift, person, kind="offer accepted")


def decline(uow: UnitOfWork, offer_id: int) -> None:
    """Turn down an offer, or take back one's own proposal."""
    row = _mine(uow, offer_id)
    if row.state not in (OfferState.OPEN, OfferState.VOLUNTEERED):
        raise Conflict("This offer is no longer open.")
    was = row.state
    row.state, row.answered_at = OfferState.DECLINED, utc_now()
    uow.session.flush()
    home_id = uow.session.get_one(Shift, row.shift_id).home_id
    uow.audit(
        "decline offer", "shift", row.shift_id, home_id=home_id,
        before={"state": was.value}, after={"state": row.state.value, "staff_id": row.staff_id},
    )  # fmt: skip
    uow.touch(home_id)


def volunteer(uow: UnitOfWork, vacancy_id: int) -> ShiftOffer:
    """Say that one would take an open shift; the manager sees it and decides.

    Only what is released to the person and no rule forbids. Raises :class:`NotAllowed`
    for an account of nobody on the payroll or a shift that is not open to them.
    """
    from rota.vacancies.openings import openings

    uow.actor.require(Permission.VIEW_OWN_ROTA)
    if uow.actor.staff_id is None:
        raise NotAllowed("Your account belongs to nobody on the payroll.")
    person = locked_person(uow.session, uow.actor.staff_id)
    if vacancy_id not in {o.shift_id for o in openings(uow.session, uow.actor)}:
        raise NotAllowed(
            "This shift is not open to you.", hint="It is taken, or a rule of work forbids it."
        )
    shift = uow.session.get_one(Shift, vacancy_id)
    known = {row.staff_id: row for row in _offers_of(uow, vacancy_id)}
    row = known.get(person.id) or ShiftOffer(shift_id=vacancy_id, staff_id=person.id)
    if row.state is not OfferState.OPEN or row.id is None:
        row.state, row.offered_at, row.expires_at = OfferState.VOLUNTEERED, utc_now(), None
    uow.session.add(row)
    uow.session.flush()
    uow.audit(
        "volunteer", "shift", vacancy_id, home_id=shift.home_id, after={"staff_id": person.id}
    )
    uow.touch(shift.home_id)
    return row


def my_offers(session: Session, actor: Actor) -> list[MyOffer]:
    """What is offered to the actor, soonest first, and what went to somebody else lately."""
    actor.require(Permission.VIEW_OWN_ROTA)
    if actor.staff_id is None:
        return []
    now = utc_now()
    rows = session.execute(
        select(ShiftOffer, Shift, ShiftType, Unit.name)
        .join(Shift, Shift.id == ShiftOffer.shift_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .where(
            ShiftOffer.staff_id == actor.staff_id,
            ShiftOffer.state.in_((OfferState.OPEN, OfferState.VOLUNTEERED, OfferState.CLOSED)),
            Shift.ends_at > now,
        )
        .order_by(Shift.starts_at)
    ).all()
    found = []
    for row, shift, kind, unit in rows:
        words = _words(row, shift, now)
        if words:
            found.append(
                MyOffer(
                    row.id, shift.id, shift.date, kind.code, kind.name, kind.category, unit,
                    shift.starts_at, shift.ends_at, shift.paid_minutes, row.expires_at,
                    _is_open(row, shift, now), words,
                )
            )  # fmt: skip
    return found


def _is_open(row: ShiftOffer, shift: Shift, now: datetime) -> bool:
    return (
        row.state is OfferState.OPEN
        and shift.is_vacant
        and (row.expires_at is None or row.expires_at > now)
    )


def _words(row: ShiftOffer, shift: Shift, now: datetime) -> str:
    """How the offer stands, in words; empty when it is not worth telling any more."""
    if row.state is OfferState.VOLUNTEERED and shift.is_vacant:
        return "You said you would take it; your manager decides"
    if _is_open(row, shift, now):
        return "Offered to you"
    told_until = row.offered_at + timedelta(days=TOLD_DAYS)
    if shift.user_id == row.staff_id or told_until <= now:
        return ""
    if not shift.is_vacant:
        return "Somebody else has it"
    return "The time to answer is over" if row.state is OfferState.OPEN else ""


def _mine(uow: UnitOfWork, offer_id: int) -> ShiftOffer:
    """One's own offer; somebody else's is as unknown as one that does not exist."""
    uow.actor.require(Permission.VIEW_OWN_ROTA)
    row = uow.session.get(ShiftOffer, offer_id)
    if row is None or uow.actor.staff_id is None or row.staff_id != uow.actor.staff_id:
        raise NotFound("There is no such offer.")
    return row


def _offers_of(uow: UnitOfWork, shift_id: int) -> list[ShiftOffer]:
    return list(uow.session.scalars(select(ShiftOffer).where(ShiftOffer.shift_id == shift_id)))


def offered_text(done: Offered) -> str:
    """``Offered to 6 people``, for toasts."""
    noun = "person" if done.people == 1 else "people"
    return f"Offered to {done.people} {noun}"
