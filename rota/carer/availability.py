"""Offering days on which one could work more, and saying on which one would rather not be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, london_today, period_text
from rota.carer.own import myself
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound
from rota.leave.guard import locked_person
from rota.models import Availability, AvailabilityKind, Band

LONGEST_DAYS = 92
FURTHEST_AHEAD_DAYS = 366
MOST_ENTRIES = 60
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Offered:
    """Days somebody spoke about; ``band`` null is day and night."""

    id: int
    period: Period
    kind: AvailabilityKind
    band: Band | None
    note: str


def my_availability(session: Session, actor: Actor) -> list[Offered]:
    """What the actor has said about days from today on, soonest first."""
    actor.require(Permission.VIEW_OWN_ROTA)
    person = myself(session, actor)
    rows = session.scalars(
        select(Availability)
        .where(Availability.staff_id == person.id, Availability.end_date >= london_today())
        .order_by(Availability.start_date, Availability.id)
    )
    return [_offered(row) for row in rows]


def offer_days(
    uow: UnitOfWork,
    start: date,
    end: date,
    kind: AvailabilityKind,
    *,
    band: Band | None = None,
    note: str = "",
) -> Offered:
    """Say something about days of one's own. Saying the same again changes nothing.

    Raises :class:`InvalidInput` for days gone, too far or too many, :class:`Conflict` when
    something else was said about one of them.
    """
    uow.actor.require(Permission.OFFER_WORK)
    person = locked_person(uow.session, myself(uow.session, uow.actor).id)
    period = _checked(start, end)
    if band is Band.OFFICE:
        raise InvalidInput("Choose day, night or both.")
    if len(note.strip()) > LONGEST_NOTE:
        raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters.")
    known = list(
        uow.session.scalars(
            select(Availability).where(
                Availability.staff_id == person.id,
                Availability.start_date <= period.end,
                Availability.end_date >= period.start,
            )
        )
    )
    for row in known:
        same_days = (row.start_date, row.end_date) == (period.start, period.end)
        if same_days and row.kind is kind and row.band is band:
            return _offered(row)  # sent twice: a double click, or a connection lost meanwhile
        if band is None or row.band is None or row.band is band:
            there = period_text(Period(row.start_date, row.end_date))
            raise Conflict(
                f"You said something about {there} already ({row.kind.value}).",
                hint="Remove that first.",
            )
    count = uow.session.scalar(
        select(func.count()).where(
            Availability.staff_id == person.id, Availability.end_date >= london_today()
        )
    )
    if (count or 0) >= MOST_ENTRIES:
        raise InvalidInput("That is more than anybody can keep in view.", hint="Remove some first.")
    row = Availability(
        staff_id=person.id, start_date=period.start, end_date=period.end, kind=kind, band=band,
        note=note.strip(),
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    uow.audit(
        "offer availability", "availability", row.id, home_id=person.home_id, after=_state(row)
    )
    uow.touch(person.home_id)
    return _offered(row)


def take_back_days(uow: UnitOfWork, availability_id: int) -> None:
    """Remove what one said; :class:`NotFound` for somebody else's as for what is not there."""
    uow.actor.require(Permission.OFFER_WORK)
    person = locked_person(uow.session, myself(uow.session, uow.actor).id)
    row = uow.session.get(Availability, availability_id)
    if row is None or row.staff_id != person.id:
        raise NotFound("That entry is no longer there.")
    before = _state(row)
    uow.session.delete(row)
    uow.session.flush()
    uow.audit(
        "remove availability", "availability", availability_id, home_id=person.home_id,
        before=before,
    )  # fmt: skip
    uow.touch(person.home_id)


def _checked(start: date, end: date) -> Period:
    now = london_today()
    if end < start:
        raise InvalidInput("The last day is before the first.")
    if end < now or start < now:
        raise InvalidInput("The first day has passed already.", hint="Choose a day from today on.")
    if end > now + timedelta(days=FURTHEST_AHEAD_DAYS):
        raise InvalidInput("That is more than a year ahead.", hint="Check the year.")
    period = Period(start, end)
    if period.days > LONGEST_DAYS:
        raise InvalidInput(f"At most {LONGEST_DAYS} days at once.", hint="Check the last day.")
    return period


def _offered(row: Availability) -> Offered:
    return Offered(row.id, Period(row.start_date, row.end_date), row.kind, row.band, row.note)


def _state(row: Availability) -> dict[str, object]:
    return {
        "staff_id": row.staff_id,
        "start": row.start_date.isoformat(),
        "end": row.end_date.isoformat(),
        "kind": row.kind.value,
        "band": row.band.value if row.band else None,
    }
