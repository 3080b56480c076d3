"""The overview's reads: SQL aggregates, the same few however many shifts there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, UnitChoice, choose_home, homes_of
from rota.calendar import monday, month_of, months_after
from rota.models import (
    Band,
    Budget,
    CompensatoryRest,
    LeaveRequest,
    LeaveStatus,
    Shift,
    ShiftType,
    Staff,
)
from rota.overview.values import (
    Attention,
    CoverCell,
    HomeToday,
    MonthCost,
    Overview,
    WaitingLeave,
)
from rota.portable_sql import as_number, minutes_between
from rota.roster.cover import Cover, cover
from rota.roster.requirements import requirements
from rota.roster.rulebooks import general_limits

FORTNIGHT = 14
#: a vacancy this near cannot wait for the usual round of offers
SOON_DAYS = 2
#: weeks of cost in the sparkline; as far back as last month's figure reads anyway
SPARK_WEEKS = 8


def overview(
    session: Session, actor: Actor, today: date, *, home_id: int | None = None
) -> Overview:
    """The actor's homes today and in the fortnight that begins today; one home if asked for.

    Eight statements. Raises :class:`~rota.errors.NotAllowed` when the actor may not see the
    overview, or not of that home; a home the actor does not work with is never read.
    """
    actor.require(Permission.VIEW_OVERVIEW, home_id)
    homes = homes_of(session, actor)
    if home_id is not None:
        homes = [choose_home(homes, home_id)]
    return overview_of(session, homes, today)


def overview_of(session: Session, homes: Sequence[HomeChoice], today: date) -> Overview:
    """The same for homes already known to be the actor's own. Seven statements."""
    home_ids = [home.id for home in homes]
    end = today + timedelta(days=FORTNIGHT - 1)
    cells = fortnight(session, [unit for home in homes for unit in home.units], today, end)
    by_day = _vacancies_by_day(cells, today)
    return Overview(
        today=today,
        homes=tuple(homes),
        duty=tuple(duty_today(homes, cells, today)),
        fortnight=tuple(cells),
        vacancies=sum(by_day),
        vacancies_soon=sum(by_day[:SOON_DAYS]),
        vacancies_by_day=by_day,
        leave=waiting_leave(session, home_ids),
        attention=attention(session, home_ids, today, end),
        cost=month_cost(session, home_ids, today),
    )


def fortnight(
    session: Session, units: Sequence[UnitChoice], start: date, end: date
) -> list[CoverCell]:
    """Every unit, day and band where somebody is planned, missing or required. Two statements.

    Ordered by unit as given, then day, then band (day before night).
    """
    home_of = {unit.id: unit.home_id for unit in units}
    needs = requirements(session, list(home_of), start, end)
    found = cover(session, set(home_of.values()), start, end)
    place = {unit.id: index for index, unit in enumerate(units)}
    bands = list(Band)
    keys = sorted(
        {key for key in (*needs, *found) if key[0] in place},
        key=lambda key: (place[key[0]], key[1], bands.index(key[2])),
    )
    nobody = Cover()
    cells = []
    for key in keys:
        unit_id, day, band = key
        need, planned = needs.get(key), found.get(key, nobody)
        cells.append(
            CoverCell(
                home_id=home_of[unit_id], unit_id=unit_id, date=day, band=band,
                planned=planned.on_duty, seniors=planned.seniors, vacant=planned.vacant,
                minimum=need.minimum if need else None,
                ideal=need.ideal if need else None,
                senior_minimum=need.senior_minimum if need else 0,
            )
        )  # fmt: skip
    return cells


def duty_today(
    homes: Sequence[HomeChoice], cells: Iterable[CoverCell], today: date
) -> list[HomeToday]:
    """Today's strip of each home; a surplus in one unit does not hide a gap in another."""
    by_home: dict[int, list[CoverCell]] = {home.id: [] for home in homes}
    for cell in cells:
        if cell.date == today and cell.minimum is not None:
            by_home[cell.home_id].append(cell)
    return [
        HomeToday(
            home=home,
            on_duty=sum(cell.planned for cell in by_home[home.id]),
            required=sum(cell.minimum or 0 for cell in by_home[home.id]),
            short_day=sum(c.short for c in by_home[home.id] if c.band is not Band.NIGHT),
            short_night=sum(c.short for c in by_home[home.id] if c.band is Band.NIGHT),
            cells=tuple(by_home[home.id]),
        )
        for home in homes
    ]


def _vacancies_by_day(cells: Iterable[CoverCell], today: date) -> tuple[int, ...]:
    counts = [0] * FORTNIGHT
    for cell in cells:
        counts[(cell.date - today).days] += cell.vacant
    return tuple(counts)


def waiting_leave(session: Session, home_ids: Collection[int]) -> WaitingLeave:
    """Leave requests waiting in these homes. One statement."""
    count, first_day = session.execute(
        select(func.count(), func.min(LeaveRequest.start_date)).where(
            LeaveRequest.status == LeaveStatus.PENDING,
            LeaveRequest.home_id.in_(sorted(home_ids)),
        )
    ).one()
    return WaitingLeave(int(count), first_day)


def open_shifts(session: Session, home_ids: Collection[int], today: date, days: int) -> int:
    """Shifts with nobody on them from today on, that many days. One statement."""
    return int(
        session.scalar(
            select(func.count()).where(
                Shift.is_vacant,
                Shift.home_id.in_(sorted(home_ids)),
                Shift.date.between(today, today + timedelta(days=days - 1)),
            )
        )
        or 0
    )


def attention(session: Session, home_ids: Collection[int], start: date, end: date) -> Attention:
    """Short rests planned from ``start`` to ``end`` and compensatory rest still owed.

    Two statements. A rest that begins before ``start`` counts when the shift after it starts
    in the period; shifts in other homes count too, for rest is owed to the person.
    """
    homes = sorted(home_ids)
    rest_minutes = general_limits(session, start).daily_rest
    previous_end = func.lag(Shift.ends_at).over(
        partition_by=Shift.user_id, order_by=Shift.starts_at
    )
    rests = (
        select(
            Shift.home_id,
            Shift.date,
            minutes_between(previous_end, Shift.starts_at).label("rest"),
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(
            Shift.date.between(start - timedelta(days=1), end),
            Shift.user_id.is_not(None),
            ShiftType.counts_as_working_time,
        )
        .subquery()
    )
    # a shift that follows on the one before is one stretch of work, not a rest of nought
    short = (
        select(func.count())
        .where(
            rests.c.home_id.in_(homes),
            rests.c.date >= start,
            rests.c.rest > 0,
            rests.c.rest < rest_minutes,
        )
        .scalar_subquery()
    )
    found = session.execute(
        select(short, func.count(), func.sum(as_number(CompensatoryRest.due_on < start)))
        .join(Staff, Staff.id == CompensatoryRest.staff_id)
        .where(CompensatoryRest.taken_on.is_(None), Staff.home_id.in_(homes))
    ).one()
    few, owed, overdue = found
    return Attention(rest_minutes, int(few), int(owed), int(overdue or 0))


def month_cost(session: Session, home_ids: Collection[int], today: date) -> MonthCost:
    """This month's cost, worked and planned, against budget and last month. Two statements."""
    month = month_of(today)
    before = months_after(month.start, -1)
    spark_from = monday(today) - timedelta(weeks=SPARK_WEEKS - 1)
    missing = and_(Shift.is_vacant.is_(False), Shift.cost_pence.is_(None))
    days = session.execute(
        select(
            Shift.home_id,
            Shift.date,
            func.sum(Shift.cost_pence),
            func.sum(as_number(missing)),
        )
        .where(
            Shift.home_id.in_(sorted(home_ids)),
            Shift.date.between(min(before, spark_from), month.end),
            Shift.is_vacant.is_(False),
        )
        # in the order of the index: both databases sum as they read, without a sort
        .group_by(Shift.home_id, Shift.date)
    ).all()
    budget = session.execute(
        select(func.sum(Budget.pence)).where(
            Budget.home_id.in_(sorted(home_ids)), Budget.month == month.start
        )
    ).scalar_one()
    weeks = [0] * SPARK_WEEKS
    for _, day, pence, _ in days:
        index = (day - spark_from).days // 7
        if 0 <= index < SPARK_WEEKS:
            weeks[index] += int(pence or 0)
    by_month = _sum_by_month((day, int(pence or 0), int(gaps)) for _, day, pence, gaps in days)
    this_month, gaps = by_month.get(month.start, (0, 0))
    return MonthCost(
        month=month.start,
        pence=this_month,
        budget_pence=None if budget is None else int(budget),
        last_month_pence=by_month.get(before, (0, 0))[0],
        missing_rates=gaps,
        weekly_pence=tuple(weeks),
    )


def _sum_by_month(days: Iterable[tuple[date, int, int]]) -> dict[date, tuple[int, int]]:
    ordered = sorted(days)
    return {
        month: (sum(row[1] for row in rows), sum(row[2] for row in rows))
        for month, group in groupby(ordered, key=lambda row: row[0].replace(day=1))
        for rows in [list(group)]
    }
