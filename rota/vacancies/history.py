"""What has happened to a vacancy, and what each way of filling it would cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.models import (
    ChangeItem,
    ChangeSet,
    Classification,
    OfferState,
    Shift,
    ShiftOffer,
    Staff,
    User,
)
from rota.rules import Severity
from rota.vacancies.values import Ranking

MOST_EVENTS = 30
_ANSWERS = {
    OfferState.ACCEPTED: "accepted",
    OfferState.DECLINED: "declined",
    OfferState.CLOSED: "was told that somebody else has it",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, who did it (empty: nobody known), and what."""

    at: datetime
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class Way:
    """One source of hours for a vacancy and its cheapest price in pence.

    ``name`` is who would come at that price, ``count`` how many could; without anybody the
    price is null.
    """

    source: str
    pence: int | None
    name: str
    count: int


def vacancy_history(session: Session, shift_id: int) -> list[Event]:
    """Everything recorded about an open shift, newest first. Three statements.

    The caller has checked that the actor may see it.
    """
    events = [
        Event(row.created_at, row.name or "", row.label)
        for row in session.execute(
            select(ChangeSet.created_at, ChangeSet.label, User.name)
            .join(ChangeItem, ChangeItem.change_set_id == ChangeSet.id)
            .outerjoin(User, User.id == ChangeSet.user_id)
            .where(ChangeItem.shift_id == shift_id)
            .order_by(ChangeSet.id.desc())
            .limit(MOST_EVENTS)
        )
    ]
    since = session.scalar(select(Shift.vacant_since).where(Shift.id == shift_id))
    if since is not None and not any(abs((e.at - since).total_seconds()) < 60 for e in events):
        events.append(Event(since, "", "Became open"))
    offers = session.execute(
        select(ShiftOffer, Staff.first_name, Staff.last_name, User.name)
        .join(Staff, Staff.id == ShiftOffer.staff_id)
        .outerjoin(User, User.id == ShiftOffer.offered_by_id)
        .where(ShiftOffer.shift_id == shift_id)
    )
    for offer, first, last, by in offers:
        name = f"{first} {last}".strip()
        if offer.state is OfferState.VOLUNTEERED:
            events.append(Event(offer.offered_at, name, "would take it"))
            continue
        events.append(Event(offer.offered_at, by or "", f"Offered to {name}"))
        if offer.answered_at is not None and offer.state in _ANSWERS:
            events.append(Event(offer.answered_at, name, _ANSWERS[offer.state]))
    return sorted(events, key=lambda event: event.at, reverse=True)[:MOST_EVENTS]


def ways_of_filling(ranking: Ranking) -> tuple[Way, ...]:
    """What the vacancy costs by each source: contracted hours, bank, overtime, agency.

    Of people only those whom no rule bars, at the lowest price; of agencies the first by
    preference that can be asked.
    """
    ways = []
    for source, word in (
        (Classification.REGULAR, "Contracted hours"),
        (Classification.BANK, "Bank"),
        (Classification.OVERTIME, "Overtime"),
    ):
        able = [
            c
            for c in ranking.candidates
            if c.classification is source and c.severity is not Severity.BARRED
        ]
        priced = [c for c in able if c.cost_pence is not None]
        best = min(priced, key=lambda c: (c.cost_pence or 0, c.name), default=None)
        ways.append(
            Way(word, best.cost_pence if best else None, best.name if best else "", len(able))
        )
    agencies = [option for option in ranking.agencies if not option.refusal]
    first = agencies[0] if agencies else None
    name = first.name if first else ""
    ways.append(Way("Agency", first.cost_pence if first else None, name, len(agencies)))
    return tuple(ways)
