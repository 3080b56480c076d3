"""How near everybody is to the 48-hour average, projected to the end of the planned rota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, week_of
from rota.models import Role, Staff, Unit
from rota.roster.rest_queries import shown_name
from rota.roster.rulebooks import load_rulebook
from rota.roster.timelines import load_timelines
from rota.rules import weekly_averages


@dataclass(frozen=True, slots=True)
class Headroom:
    """Somebody's weekly average (WTR reg 4), in minutes a week.

    ``now`` is that of the reference period ending with this week, ``highest`` the highest of
    those still to end, on ``highest_on``; ``left`` the minutes that may still be worked before
    the limit in the tightest of them (negative beyond it). ``course`` are the averages from this
    week to the end of the planned rota. Everything is empty for who has opted out or is under 18,
    whom no average is kept of.
    """

    staff_id: int
    name: str
    unit: str
    role: str
    now: int | None = None
    highest: int | None = None
    highest_on: date | None = None
    limit: int | None = None
    left: int | None = None
    weeks: int | None = None
    course: tuple[int, ...] = ()


def weekly_headroom(
    session: Session, actor: Actor, home_id: int, today: date, *, unit_id: int | None = None
) -> list[Headroom]:
    """Everybody of a home or unit, the tightest first; who has no average last.

    Thirteen statements at most. People are named only to those who may see personal data.
    """
    actor.require(Permission.VIEW_ROTA, home_id)
    statement = (
        select(Staff.id, Staff.first_name, Staff.last_name, Unit.name, Role.code)
        .join(Role, Role.id == Staff.role_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(Staff.home_id == home_id, Staff.is_active)
        .where(or_(Staff.left_on.is_(None), Staff.left_on >= today))
        .order_by(Staff.last_name, Staff.first_name, Staff.id)
    )
    if unit_id is not None:
        statement = statement.where(Staff.unit_id == unit_id)
    people = session.execute(statement).all()
    week = week_of(today)
    timelines = load_timelines(session, [row[0] for row in people], week)
    parameters = load_rulebook(session).parameters
    named = actor.may(Permission.VIEW_CONTACTS)
    rows = []
    for staff_id, first, last, unit, role in people:
        name = shown_name(staff_id, first, last, named=named)
        averages = weekly_averages(timelines[staff_id], Period(week.start, week.end), parameters)
        if not averages:
            rows.append(Headroom(staff_id, name, unit or "", role))
            continue
        top = max(averages, key=lambda average: average.minutes_per_week)
        first_one = averages[0]
        rows.append(
            Headroom(
                staff_id, name, unit or "", role,
                now=first_one.minutes_per_week if first_one.period.end == week.end else None,
                highest=top.minutes_per_week, highest_on=top.period.end,
                limit=top.limits.weekly_average_limit,
                left=min(average.headroom_minutes for average in averages),
                weeks=top.limits.weekly_reference_weeks,
                course=tuple(average.minutes_per_week for average in averages),
            )
        )  # fmt: skip
    # the tightest by its average: minutes left grow with the length of the reference period
    return sorted(
        rows,
        key=lambda row: (row.highest is None, (row.limit or 0) - (row.highest or 0), row.name),
    )
