"""Closed months: what has been reported stays as it was reported.

The last closed day is a dated row like any limit, so closing and opening again stay on record. A
rate that is changed afterwards prices only what is not closed, unless somebody asks for the
closed months to be restated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import month_of, months_after
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.models import PolicySetting, User

SETTING = "costs_closed_through"


def closed_through(session: Session) -> date | None:
    """The last day that is closed; null when nothing is."""
    value = session.scalar(
        select(PolicySetting.value)
        .where(PolicySetting.name == SETTING)
        .order_by(PolicySetting.id.desc())
        .limit(1)
    )
    return date.fromisoformat(value) if value else None


def first_open_day(session: Session, since: date) -> date:
    """The first day not before ``since`` that is not closed."""
    closed = closed_through(session)
    return since if closed is None else max(since, closed + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Closing:
    """One time that months were closed, or (null) opened again."""

    through: date | None
    reason: str
    set_by: str
    set_at: datetime


def closings(session: Session, actor: Actor) -> list[Closing]:
    """Every closing on record, the one in force first. One statement."""
    actor.require(Permission.VIEW_COSTS)
    rows = session.execute(
        select(PolicySetting, User.name)
        .outerjoin(User, User.id == PolicySetting.set_by_id)
        .where(PolicySetting.name == SETTING)
        .order_by(PolicySetting.id.desc())
    )
    return [
        Closing(
            date.fromisoformat(row.value) if row.value else None, row.reason,
            name or "The installation", row.set_at,
        )
        for row, name in rows
    ]  # fmt: skip


def close_months(uow: UnitOfWork, through: date | None, today: date, reason: str) -> None:
    """Close every month up to that of ``through``, or (null) none; earlier rows stay on record.

    Raises :class:`InvalidInput` for a month that is not over, or no reason.
    """
    uow.actor.require(Permission.EDIT_RATES)
    reason = reason.strip()
    if not 1 <= len(reason) <= 400:
        raise InvalidInput("Say why in at most 400 characters; it stays on the record.")
    last: Any = None
    if through is not None:
        last = month_of(through).end
        if last >= month_of(today).start:
            over = months_after(month_of(today).start, -1)
            raise InvalidInput(f"Only months that are over are closed, up to {over:%B %Y}.")
    before = closed_through(uow.session)
    uow.session.add(
        PolicySetting(
            name=SETTING, value=last.isoformat() if last else "", effective_from=today,
            reason=reason, set_by_id=uow.actor.user_id,
        )
    )  # fmt: skip
    uow.session.flush()
    uow.audit(
        "close months", "costs", "",
        before={"through": before.isoformat() if before else None},
        after={"through": last.isoformat() if last else None}, reason=reason,
    )  # fmt: skip
