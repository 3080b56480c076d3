"""Reading vacancies, most urgent first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, london_today, monday, sunday
from rota.errors import NotFound
from rota.models import CareHome, Role, Shift, ShiftType, Unit, utc_now
from rota.roster.slots import CoverTable, Slot, cover_table
from rota.vacancies.policy import FillPolicy, fill_policy
from rota.vacancies.values import Urgency, Vacancy

SHOWN_DAYS = 28
_COLUMNS = (
    Shift.id, Shift.version, Shift.home_id, CareHome.name, Shift.unit_id, Unit.name, Shift.date,
    Shift.starts_at, Shift.ends_at, Shift.paid_minutes, Shift.shift_type_id, ShiftType.code,
    ShiftType.name, ShiftType.category, ShiftType.band, ShiftType.is_senior, Shift.role_id,
    Role.name, Shift.vacancy_reason, Shift.vacant_since, Shift.note,
)  # fmt: skip


def vacancies(
    session: Session,
    actor: Actor,
    home_id: int,
    *,
    start: date | None = None,
    end: date | None = None,
    unit_id: int | None = None,
) -> list[Vacancy]:
    """The open shifts of a home (or one of its units), most urgent first.

    From today for four weeks unless days are given; shifts that have ended are left out.
    Four statements.
    """
    actor.require(Permission.VIEW_VACANCIES, home_id)
    first = start or london_today()
    period = Period(first, end or first + timedelta(days=SHOWN_DAYS - 1))
    now = utc_now()
    conditions = [
        Shift.home_id == home_id,
        Shift.date.between(period.start - timedelta(days=1), period.end),
        Shift.ends_at > now if start is None else Shift.date >= first,
    ]
    if unit_id is not None:
        conditions.append(Shift.unit_id == unit_id)
    found = _read(session, conditions, first, now)
    return sorted(found, key=lambda vacancy: vacancy.rank)


def vacancy(session: Session, actor: Actor, shift_id: int) -> Vacancy:
    """One open shift. Raises :class:`NotFound` when it is filled, gone or never was."""
    found = vacancy_of(session, shift_id)
    actor.require(Permission.VIEW_VACANCIES, found.home_id)
    return found


def vacancies_of_week(
    session: Session, actor: Actor, home_id: int, day: date, unit_id: int | None = None
) -> list[int]:
    """The open shifts of the Monday-to-Sunday week of a day that have not ended."""
    actor.require(Permission.VIEW_VACANCIES, home_id)
    wanted = select(Shift.id).where(
        Shift.home_id == home_id,
        Shift.is_vacant,
        Shift.date.between(monday(day), sunday(day)),
        Shift.ends_at > utc_now(),
    )
    if unit_id is not None:
        wanted = wanted.where(Shift.unit_id == unit_id)
    return list(session.scalars(wanted.order_by(Shift.starts_at, Shift.id)))


def vacancies_called(session: Session, actor: Actor, shift_ids: Collection[int]) -> list[Vacancy]:
    """These open shifts, most urgent first; what is filled or gone by now is left out.

    Four statements for each home they belong to, and one.
    """
    homes = session.scalars(select(Shift.home_id).where(Shift.id.in_(shift_ids)).distinct())
    found: list[Vacancy] = []
    for home_id in sorted(homes):
        actor.require(Permission.VIEW_VACANCIES, home_id)
        conditions = [Shift.id.in_(shift_ids), Shift.home_id == home_id]
        found += _read(session, conditions, london_today(), utc_now())
    return sorted(found, key=lambda vacancy: vacancy.rank)


def vacancy_of(session: Session, shift_id: int) -> Vacancy:
    """One open shift for a use case that has checked the actor; :class:`NotFound` else.

    Four statements.
    """
    found = _read(session, [Shift.id == shift_id], london_today(), utc_now())
    if not found:
        raise NotFound("This shift is filled or gone.", hint="Choose another vacancy.")
    return found[0]


def urgency_of(hours_until: float, below_minimum: bool, policy: FillPolicy) -> Urgency:
    """How soon a vacancy must be seen to: what starts within hours and is missed comes first."""
    if hours_until <= policy.urgent_hours:
        return Urgency.NOW if below_minimum else Urgency.URGENT
    if hours_until <= policy.soon_hours:
        return Urgency.URGENT if below_minimum else Urgency.SOON
    return Urgency.SOON if hours_until <= policy.near_days * 24 else Urgency.LATER


def _read(
    session: Session, conditions: Collection[ColumnElement[bool]], day: date, now: datetime
) -> list[Vacancy]:
    """The open shifts of one home under some conditions, judged by its policy of a day."""
    statement = (
        select(*_COLUMNS)
        .join(CareHome, CareHome.id == Shift.home_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .outerjoin(Role, Role.id == Shift.role_id)
        .where(Shift.is_vacant, *conditions)
    )
    rows = session.execute(statement).all()
    if not rows:
        return []
    policy = fill_policy(session, day, rows[0][2])
    days = [row[6] for row in rows]
    table = cover_table(session, {row[4] for row in rows}, Period(min(days), max(days)))
    return [_vacancy(row, table, policy, now) for row in rows]


def _vacancy(row: Any, table: CoverTable, policy: FillPolicy, now: datetime) -> Vacancy:
    (
        shift_id, version, home_id, home, unit_id, unit, day, starts_at, ends_at, paid, type_id,
        code, name, category, band, is_senior, role_id, role, reason, since, note,
    ) = row  # fmt: skip
    cover = table.at(Slot(unit_id, day, band))
    hours = (starts_at - now).total_seconds() / 3600
    missed = cover.short > 0 or (bool(is_senior) and cover.seniors_short > 0)
    return Vacancy(
        shift_id, version, home_id, home, unit_id, unit, day, starts_at, ends_at, paid, type_id,
        code, name, category, band, is_senior, role_id, role or "", reason, since, note, cover,
        hours, urgency_of(hours, missed, policy),
    )  # fmt: skip
