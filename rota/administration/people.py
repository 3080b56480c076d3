"""Somebody's record as a whole: who may be looked at, and everything that was done to it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.administration import service
from rota.administration.service import Change
from rota.administration.subjects_people import PARTS, PEOPLE
from rota.administration.tables import Table
from rota.errors import NotFound
from rota.models import AuditEvent, Staff

MOST_SHOWN = 50


def part_called(key: str) -> Table:
    """The part of a record with this key. Raises :class:`NotFound`."""
    for table in PARTS:
        if table.key == key:
            return table
    raise NotFound("A record has no such part.", hint="Open the person again.")


def last_day(session: Session, staff_id: int) -> date | None:
    """The last day of the employment, if somebody leaves."""
    return session.scalar(select(Staff.left_on).where(Staff.id == staff_id))


def record_history(session: Session, actor: Actor, staff_id: int) -> list[tuple[Table, Change]]:
    """What was done to a person's record and its parts, newest first, each with its table.

    Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    service.row(session, actor, PEOPLE, staff_id)
    tables = {table.entity: table for table in (PEOPLE, *PARTS)}
    part = and_(
        AuditEvent.entity.in_([table.entity for table in PARTS]),
        or_(
            AuditEvent.after["staff_id"].as_integer() == staff_id,
            AuditEvent.before["staff_id"].as_integer() == staff_id,
        ),
    )
    person = and_(AuditEvent.entity == PEOPLE.entity, AuditEvent.entity_id == str(staff_id))
    events = session.scalars(
        select(AuditEvent).where(or_(person, part)).order_by(AuditEvent.id.desc()).limit(MOST_SHOWN)
    )
    return [
        (
            tables[event.entity],
            Change(
                event.id, event.at, event.actor, event.action, event.before, event.after,
                event.reason,
            ),
        )
        for event in events
    ]  # fmt: skip
