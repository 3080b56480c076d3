"""How the burden lies on people, and how well residents know who comes: reads by person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, join, literal, select, true
from sqlalchemy.orm import Session, aliased

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, bank_holidays
from rota.costs.measures import Burden, Fairness, fairness
from rota.costs.months import month_table
from rota.models import Band, Shift, ShiftType, Staff
from rota.portable_sql import as_number, days_before, weekday

#: somebody knows a unit who worked there so often in the weeks before
CONTINUITY_SHIFTS = 3
CONTINUITY_DAYS = 28
_SATURDAY = 5


class BurdenKind(StrEnum):
    """What is unsocial about a shift."""

    WEEKEND = "weekend"
    NIGHT = "night"
    HOLIDAY = "bank holiday"


def burdens(
    session: Session,
    actor: Actor,
    home_ids: Collection[int],
    period: Period,
    kind: BurdenKind,
) -> list[Burden]:
    """The unsocial minutes of everybody who belongs to these homes, also of who had none.

    One statement; input of :func:`rota.costs.measures.fairness`.
    """
    _check(actor, home_ids)
    worked = and_(
        Shift.user_id == Staff.id,
        Shift.date.between(period.start, period.end),
        _is_burden(kind, period),
    )
    statement = (
        select(Staff.id, func.coalesce(func.sum(Shift.paid_minutes), 0), Staff.contracted_minutes)
        .join(Shift, worked, isouter=True)
        .where(Staff.home_id.in_(sorted(home_ids)), Staff.is_active)
        .group_by(Staff.id, Staff.contracted_minutes)
        .order_by(Staff.id)
    )
    return [
        Burden(staff_id, int(minutes), contract)
        for staff_id, minutes, contract in session.execute(statement)
    ]


def weekend_fairness(
    session: Session, home_ids: Collection[int], months: Sequence[date]
) -> dict[tuple[int, date], Fairness]:
    """How evenly weekends lay on the people of each home in each month. One statement.

    Homes and months in which nobody has a contract or worked a weekend have no entry.
    """
    spans = month_table(months)
    worked = and_(
        Shift.user_id == Staff.id,
        Shift.date.between(spans.c.first, spans.c.last),
        weekday(Shift.date) >= _SATURDAY,
    )
    rows = session.execute(
        select(
            Staff.home_id, spans.c.first, Staff.id,
            func.coalesce(func.sum(Shift.paid_minutes), 0), Staff.contracted_minutes,
        )
        .select_from(join(spans, Staff, true()).outerjoin(Shift, worked))
        .where(Staff.home_id.in_(sorted(home_ids)), Staff.is_active)
        .group_by(Staff.home_id, spans.c.first, Staff.id, Staff.contracted_minutes)
    )  # fmt: skip
    found: defaultdict[tuple[int, date], list[Burden]] = defaultdict(list)
    for home_id, first, staff_id, minutes, contract in rows:
        found[home_id, first].append(Burden(staff_id, int(minutes), contract))
    return {
        place: even for place, people in found.items() if (even := fairness(people)) is not None
    }


def continuity(
    session: Session, actor: Actor, home_ids: Collection[int], period: Period
) -> dict[int, tuple[int, int]]:
    """Own-staff minutes by people who know the unit, and all own-staff minutes, of each home.

    One statement; homes where nobody of the own staff worked have no entry.

    Somebody knows a unit who worked at least three shifts there in the 28 days before.
    """
    _check(actor, home_ids)
    earlier = aliased(Shift)
    known = (
        select(func.count())
        .select_from(earlier)
        .where(
            earlier.user_id == Shift.user_id,
            earlier.unit_id == Shift.unit_id,
            earlier.date < Shift.date,
            earlier.date >= days_before(Shift.date, literal(CONTINUITY_DAYS)),
        )
        .correlate(Shift)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Shift.home_id,
            func.sum(as_number(known >= CONTINUITY_SHIFTS) * Shift.paid_minutes),
            func.sum(Shift.paid_minutes),
        )
        .where(
            Shift.home_id.in_(sorted(home_ids)),
            Shift.date.between(period.start, period.end),
            Shift.user_id.is_not(None),
        )
        .group_by(Shift.home_id)
    )
    return {home_id: (int(by_known), int(whole)) for home_id, by_known, whole in rows}


def _is_burden(kind: BurdenKind, period: Period) -> ColumnElement[bool]:
    if kind is BurdenKind.WEEKEND:
        return weekday(Shift.date) >= _SATURDAY
    if kind is BurdenKind.HOLIDAY:
        return Shift.date.in_(sorted(bank_holidays(period)))
    nights = select(ShiftType.id).where(ShiftType.band == Band.NIGHT)
    return Shift.shift_type_id.in_(nights)


def _check(actor: Actor, home_ids: Collection[int]) -> None:
    actor.require(Permission.VIEW_COSTS)
    for home_id in home_ids:
        actor.require(Permission.VIEW_COSTS, home_id)
