"""A private calendar address of one's own shifts: made, replaced, revoked, read.

The secret is 256 random bits, shown once and kept only as a SHA-256 digest (a fast digest is
right for a secret nobody can guess). It opens the published shifts and leave of one person
for as long as their account is open, and nothing else.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, london_today
from rota.carer.own import myself
from rota.database import UnitOfWork
from rota.errors import NotFound
from rota.leave.guard import locked_person
from rota.models import (
    CalendarFeed,
    CareHome,
    LeaveRequest,
    LeaveStatus,
    LeaveType,
    Shift,
    ShiftType,
    Staff,
    Unit,
    User,
    utc_now,
)

SECRET_BYTES = 32
#: what a calendar program is given: the last weeks, and everything published ahead
BACK_DAYS, AHEAD_DAYS = 28, 366
#: reading is noted at most this often, so that a calendar program does not write all day
NOTED_EVERY = timedelta(hours=1)
#: leave a calendar may show; why somebody is away otherwise stays in the product
_SHOWN_LEAVE = (LeaveType.ANNUAL, LeaveType.TOIL)


@dataclass(frozen=True, slots=True)
class FeedState:
    """Whether somebody has a calendar address, since when, and when it was last read."""

    feed_id: int
    created_at: datetime
    last_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedShift:
    """A published shift as a calendar shows it. ``version`` grows with every change."""

    shift_id: int
    version: int
    name: str
    starts_at: datetime
    ends_at: datetime
    unit: str
    home: str
    address: str


@dataclass(frozen=True, slots=True)
class FeedLeave:
    """Approved leave: whole days, both included."""

    request_id: int
    version: int
    period: Period


@dataclass(frozen=True, slots=True)
class Feed:
    """What one address opens: one person's shifts and leave."""

    shifts: tuple[FeedShift, ...]
    leave: tuple[FeedLeave, ...]
    made_at: datetime


def my_feed(session: Session, actor: Actor) -> FeedState | None:
    """The actor's calendar address, if they have one; never its secret."""
    actor.require(Permission.VIEW_OWN_ROTA)
    row = session.scalars(
        select(CalendarFeed)
        .where(
            CalendarFeed.staff_id == myself(session, actor).id, CalendarFeed.revoked_at.is_(None)
        )
        .order_by(CalendarFeed.id.desc())
        .limit(1)
    ).first()
    return FeedState(row.id, row.created_at, row.last_read_at) if row is not None else None


def make_feed(uow: UnitOfWork) -> str:
    """A new calendar address of one's own; gives its secret, this once. Older ones end."""
    uow.actor.require(Permission.VIEW_OWN_ROTA)
    person = locked_person(uow.session, myself(uow.session, uow.actor).id)
    if uow.actor.user_id is None:
        raise NotFound("A calendar address belongs to an account.")
    _end_all(uow, person)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row = CalendarFeed(staff_id=person.id, user_id=uow.actor.user_id, token_digest=_digest(secret))
    uow.session.add(row)
    uow.session.flush()
    uow.audit("make calendar address", "calendar_feed", row.id, home_id=person.home_id)
    uow.touch(person.home_id)
    return secret


def revoke_feed(uow: UnitOfWork) -> int:
    """End one's calendar addresses at once; how many there were."""
    uow.actor.require(Permission.VIEW_OWN_ROTA)
    person = locked_person(uow.session, myself(uow.session, uow.actor).id)
    return _end_all(uow, person)


def _end_all(uow: UnitOfWork, person: Staff) -> int:
    rows = uow.session.scalars(
        select(CalendarFeed).where(
            CalendarFeed.staff_id == person.id, CalendarFeed.revoked_at.is_(None)
        )
    ).all()
    for row in rows:
        row.revoked_at = utc_now()
        uow.audit("revoke calendar address", "calendar_feed", row.id, home_id=person.home_id)
        uow.touch(person.home_id)
    uow.session.flush()
    return len(rows)


def open_feed(session: Session, secret: str) -> tuple[int, Feed]:
    """The feed an address opens, with its id.

    Raises :class:`NotFound` alike for a secret that never was, one revoked, a closed account
    and somebody who has left.
    """
    row = session.execute(
        select(CalendarFeed.id, CalendarFeed.staff_id)
        .join(User, User.id == CalendarFeed.user_id)
        .join(Staff, Staff.id == CalendarFeed.staff_id)
        .where(
            CalendarFeed.token_digest == _digest(secret),
            CalendarFeed.revoked_at.is_(None),
            User.is_active,
            User.staff_id == CalendarFeed.staff_id,
            Staff.is_active,
        )
    ).first()
    if row is None:
        raise NotFound("There is no such calendar.")
    return row.id, _feed(session, row.staff_id, london_today())


def note_read(session: Session, feed_id: int) -> bool:
    """Note that an address was read, at most once an hour; whether something was written."""
    row = session.get(CalendarFeed, feed_id)
    now = utc_now()
    if row is None or (row.last_read_at is not None and now - row.last_read_at < NOTED_EVERY):
        return False
    row.last_read_at = now
    return True


def _feed(session: Session, staff_id: int, day: date) -> Feed:
    first, last = day - timedelta(days=BACK_DAYS), day + timedelta(days=AHEAD_DAYS)
    shifts = session.execute(
        select(
            Shift.id, Shift.version, ShiftType.name, Shift.starts_at, Shift.ends_at, Unit.name,
            CareHome.name, CareHome.postcode,
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(CareHome, CareHome.id == Shift.home_id)
        .where(
            Shift.user_id == staff_id, Shift.is_published, Shift.date.between(first, last)
        )
        .order_by(Shift.starts_at)
    )  # fmt: skip
    leave = session.execute(
        select(
            LeaveRequest.id, LeaveRequest.version, LeaveRequest.start_date, LeaveRequest.end_date
        )
        .where(
            LeaveRequest.staff_id == staff_id,
            LeaveRequest.status == LeaveStatus.APPROVED,
            LeaveRequest.leave_type.in_(_SHOWN_LEAVE),
            LeaveRequest.end_date >= first,
            LeaveRequest.start_date <= last,
        )
        .order_by(LeaveRequest.start_date)
    )
    return Feed(
        tuple(FeedShift(*row) for row in shifts),
        tuple(FeedLeave(i, version, Period(start, end)) for i, version, start, end in leave),
        utc_now(),
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
