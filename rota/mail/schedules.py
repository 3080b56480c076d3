"""What is sent at which times to whom: rows that people edit, and when each is due.

Times are those of London's clocks: 07:00 stays 07:00 across a clock change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import WEEKDAY_NAMES, instant, local_day
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.mail.senders import SENDERS
from rota.models import CareHome, Frequency, MailSchedule, MailScheduleRun, User, UserRole, utc_now

#: something that was due longer ago (the worker was off) is not sent any more
LATEST = timedelta(days=2)
MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class SetSchedule:
    """A schedule as somebody typed it; ``schedule_id`` null: a new one.

    ``home_id`` null: each reader gets the homes he or she works with. ``weekday`` counts from
    Monday (0) and matters to a weekly one, ``month_day`` (1 to 28) to a monthly one.
    """

    name: str
    what: str
    frequency: Frequency = Frequency.WEEKLY
    weekday: int = 0
    month_day: int = 1
    at: time = time(7)
    home_id: int | None = None
    roles: tuple[UserRole, ...] = ()
    user_ids: tuple[int, ...] = ()
    is_active: bool = True
    schedule_id: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule as a list shows it, with what became of it last."""

    id: int
    version: int
    name: str
    what: str
    home_id: int | None
    home: str
    words: str
    frequency: Frequency
    weekday: int
    month_day: int
    at: time
    roles: tuple[UserRole, ...]
    user_ids: tuple[int, ...]
    is_active: bool
    next_at: datetime
    last_at: datetime | None
    last_messages: int
    last_error: str


def set_schedule(uow: UnitOfWork, command: SetSchedule) -> MailSchedule:
    """Create or change a schedule. A changed one is next due at its next time from now on.

    Raises :class:`NotAllowed` for somebody who may not have the report or the home,
    :class:`InvalidInput` for what makes no sense, :class:`~rota.errors.Conflict` (at the
    commit) when somebody else changed it.
    """
    _may_change(uow.actor, command.what, command.home_id)
    _check(command)
    if command.schedule_id is None:
        row = MailSchedule(created_by_id=uow.actor.user_id)
        uow.session.add(row)
    else:
        row = _own(uow, command.schedule_id)
        if command.version is not None and row.version != command.version:
            raise Conflict("Somebody else changed this schedule in the meantime.")
    row.name, row.what, row.home_id = command.name.strip(), command.what, command.home_id
    row.frequency, row.weekday, row.month_day = (
        command.frequency, command.weekday, command.month_day,
    )  # fmt: skip
    row.at, row.is_active, row.active_since = command.at, command.is_active, utc_now()
    row.roles = [role.value for role in command.roles]
    row.user_ids = sorted(set(command.user_ids))
    uow.session.flush()
    uow.audit(
        "set schedule", "mail_schedule", row.id, home_id=row.home_id,
        after={"what": row.what, "when": words(row), "roles": row.roles, "users": row.user_ids,
               "active": row.is_active},
    )  # fmt: skip
    return row


def remove_schedule(uow: UnitOfWork, schedule_id: int) -> None:
    """Take a schedule away; what it sent stays in the outbox."""
    row = _own(uow, schedule_id)
    uow.session.delete(row)
    uow.audit("remove schedule", "mail_schedule", schedule_id, home_id=row.home_id)


def schedules(session: Session, actor: Actor) -> list[ScheduleRow]:
    """The schedules of the actor's homes, and one's own of all homes, by name."""
    actor.require(Permission.SCHEDULE_REPORTS)
    homes = {row.id: row.name for row in session.execute(select(CareHome.id, CareHome.name))}
    found = []
    for row in session.scalars(select(MailSchedule).order_by(MailSchedule.name, MailSchedule.id)):
        if not _is_own(actor, row):
            continue
        last = session.scalar(
            select(MailScheduleRun)
            .where(MailScheduleRun.schedule_id == row.id)
            .order_by(MailScheduleRun.due_at.desc())
            .limit(1)
        )
        found.append(
            ScheduleRow(
                row.id, row.version, row.name, row.what, row.home_id,
                homes[row.home_id] if row.home_id else "All homes of each reader", words(row),
                row.frequency, row.weekday, row.month_day, row.at,
                tuple(UserRole(role) for role in row.roles), tuple(row.user_ids), row.is_active,
                next_due(row, utc_now()), last.due_at if last else None,
                last.messages if last else 0, last.error if last else "",
            )
        )  # fmt: skip
    return found


def words(row: MailSchedule) -> str:
    """``Every Monday at 07:00``."""
    if row.frequency is Frequency.WEEKLY:
        return f"Every {WEEKDAY_NAMES[row.weekday]} at {row.at:%H:%M}"
    return f"On day {row.month_day} of every month at {row.at:%H:%M}"


def last_due(row: MailSchedule, now: datetime) -> datetime:
    """The latest time not after ``now`` at which the schedule is due."""
    day = local_day(now)
    while True:
        if _falls_on(row, day) and instant(day, row.at) <= now:
            return instant(day, row.at)
        day -= timedelta(days=1)


def next_due(row: MailSchedule, now: datetime) -> datetime:
    """The first time after ``now``."""
    day = local_day(now)
    while True:
        if _falls_on(row, day) and instant(day, row.at) > now:
            return instant(day, row.at)
        day += timedelta(days=1)


def _falls_on(row: MailSchedule, day: date) -> bool:
    if row.frequency is Frequency.WEEKLY:
        return day.weekday() == row.weekday
    return day.day == row.month_day


def is_due(row: MailSchedule, now: datetime) -> datetime | None:
    """The time it is due for, if it is: after it was set, and not too long ago."""
    due = last_due(row, now)
    return due if row.is_active and due >= row.active_since and now - due <= LATEST else None


def readers(session: Session, row: MailSchedule) -> Sequence[User]:
    """The accounts it goes to: active, with an address, of a role or named. Whether each may
    have the report is asked when it is made."""
    people = session.scalars(select(User).where(User.is_active, User.email != "").order_by(User.id))
    return [user for user in people if user.role.value in row.roles or user.id in row.user_ids]


def _may_change(actor: Actor, what: str, home_id: int | None) -> None:
    actor.require(Permission.SCHEDULE_REPORTS, home_id)
    if what not in SENDERS:
        raise NotFound("There is no such report to send.", hint="Choose one from the list.")
    actor.require(SENDERS[what].permission, home_id)


def _check(command: SetSchedule) -> None:
    if not 1 <= len(command.name.strip()) <= 120 or not command.name.isprintable():
        raise InvalidInput("A schedule needs a name of at most 120 characters.")
    if not command.roles and not command.user_ids:
        raise InvalidInput("Choose who gets it: a role, or people.")
    if len(command.user_ids) > MOST_PEOPLE:
        raise InvalidInput(f"At most {MOST_PEOPLE} people are named; choose a role.")
    if not 0 <= command.weekday <= 6:
        raise InvalidInput("A weekday is from Monday to Sunday.")
    if not 1 <= command.month_day <= 28:
        raise InvalidInput("The day of the month is from 1 to 28, which every month has.")


def _is_own(actor: Actor, row: MailSchedule) -> bool:
    if row.home_id is not None:
        return row.home_id in actor.home_ids
    return row.created_by_id == actor.user_id or actor.may(Permission.ADMINISTER)


def _own(uow: UnitOfWork, schedule_id: int) -> MailSchedule:
    row = uow.session.get(MailSchedule, schedule_id)
    if row is None:
        raise NotFound("There is no such schedule.")
    uow.actor.require(Permission.SCHEDULE_REPORTS, row.home_id)
    if not _is_own(uow.actor, row):
        raise NotAllowed("This schedule belongs to somebody else.")
    return row
