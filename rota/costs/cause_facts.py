"""The reads behind :mod:`rota.costs.causes`: nine statements, however many days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice
from rota.calendar import Period, bank_holiday, instant, local_day
from rota.costs.book import MINUTES_PER_HOUR, RateBook
from rota.costs.causes import UnitDay, Why, explain
from rota.costs.rates import ShiftFacts, cost_of_shift, load_rate_book, round_pence
from rota.models import (
    Band,
    Census,
    Classification,
    LeaveRequest,
    LeaveStatus,
    LeaveType,
    LostShift,
    MeasureTarget,
    Publication,
    Shift,
    ShiftType,
    Staff,
)
from rota.roster.cover import WORKED_ROLE_ID

#: days from publishing a rota to its first day that are in time, where no target is set
LEAD_DAYS = 28
_NOON = time(12)
_SATURDAY = 5
_HOUR = 60

Key = tuple[int, date]


@dataclass(slots=True)
class _Place:
    """What is known of a unit's day while reading."""

    cost: int = 0
    contracted: int = 0
    cover: int = 0
    cover_minutes: int = 0
    own: int = 0


@dataclass(slots=True)
class _Prices:
    """Prices an hour at frozen rates; the rate of a shift depends on the kind of its day."""

    book: RateBook
    _known: dict[tuple[object, ...], Decimal | None] = field(default_factory=dict)

    def of(
        self, day: date, role_id: int | None, band: Band, source: Classification,
        agency_id: int | None, minutes: int,
    ) -> int | None:  # fmt: skip
        """Pence for so many minutes; null where a rate is missing."""
        is_holiday = bank_holiday(day) is not None
        key = (role_id, band, source, agency_id, day.weekday() >= _SATURDAY, is_holiday)
        if key not in self._known:
            noon = instant(day, _NOON)
            cost = cost_of_shift(
                ShiftFacts(role_id, day, noon, noon, _HOUR, band, source, agency_id, is_holiday),
                self.book,
            )
            known = None if cost.total_pence is None else cost.pay_pence + cost.on_cost_pence
            self._known[key] = known
        price = self._known[key]
        return None if price is None else round_pence(price * minutes / MINUTES_PER_HOUR)


def why_it_changed(
    session: Session,
    actor: Actor,
    homes: Sequence[HomeChoice],
    base: Period,
    actual: Period,
    unit_id: int | None = None,
) -> Why:
    """The cost of two periods by cause (see :mod:`rota.costs.causes`).

    Raises :class:`~rota.errors.NotAllowed` for a home the actor does not work with.
    """
    actor.require(Permission.VIEW_COSTS)
    for home in homes:
        actor.require(Permission.VIEW_COSTS, home.id)
    home_of = {
        unit.id: home.id
        for home in homes
        for unit in home.units
        if unit_id is None or unit.id == unit_id
    }
    periods = (base, actual)
    prices = _Prices(load_rate_book(session).frozen(base.end))
    places, missing = _work(session, homes, unit_id, periods, prices)
    sick = _sickness(session, list(home_of), periods)
    leave = _beyond_usual(_leave(session, list(home_of), periods), periods)
    needs = _beyond_usual(_care_minutes(session, list(home_of), periods), None)
    late = _late_days(session, [home.id for home in homes], periods)

    def days(period: Period) -> tuple[UnitDay, ...]:
        return tuple(
            UnitDay(
                unit, day, place.cost, place.contracted, place.cover, place.cover_minutes,
                place.own, sick.get((unit, day), 0), round(leave.get((unit, day), 0)),
                round(needs.get((unit, day), 0)),
                late.get((home_of.get(unit, 0), unit, day),
                         late.get((home_of.get(unit, 0), None, day), False)),
            )
            for (unit, day), place in sorted(places.items())
            if day in period
        )  # fmt: skip

    return explain(days(base), days(actual), missing)


def _within(column: InstrumentedAttribute[date], periods: Sequence[Period]) -> ColumnElement[bool]:
    return or_(*(column.between(p.start, p.end) for p in periods))


def _work(
    session: Session,
    homes: Sequence[HomeChoice],
    unit_id: int | None,
    periods: Sequence[Period],
    prices: _Prices,
) -> tuple[dict[Key, _Place], int]:
    statement = (
        select(
            Shift.unit_id, Shift.date, Shift.classification, Shift.agency_id, WORKED_ROLE_ID,
            ShiftType.band, func.sum(Shift.paid_minutes), func.sum(Shift.cost_pence),
            func.count(), func.count(Shift.cost_pence),
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .outerjoin(Staff, Staff.id == Shift.user_id)
        .where(
            Shift.home_id.in_(sorted(home.id for home in homes)),
            _within(Shift.date, periods), Shift.is_vacant.is_(False),
        )
        .group_by(
            Shift.unit_id, Shift.date, Shift.classification, Shift.agency_id, WORKED_ROLE_ID,
            ShiftType.band, Shift.cost_pence.is_(None),
        )
    )  # fmt: skip
    if unit_id is not None:
        statement = statement.where(Shift.unit_id == unit_id)
    places: defaultdict[Key, _Place] = defaultdict(_Place)
    missing = 0
    for unit, day, source, agency_id, role_id, band, minutes, pence, count, priced in (
        session.execute(statement)
    ):  # fmt: skip
        if not priced:
            missing += count
            continue
        place, cost, worked = places[unit, day], int(pence or 0), int(minutes or 0)
        at_base = prices.of(day, role_id, band, source, agency_id, worked)
        at_base = cost if at_base is None else at_base
        place.cost += cost
        if source is Classification.REGULAR:
            place.contracted += at_base
            continue
        own = prices.of(day, role_id, band, Classification.REGULAR, None, worked)
        place.cover += at_base
        place.cover_minutes += worked
        place.own += at_base if own is None else own
    return places, missing


def _sickness(
    session: Session, unit_ids: Sequence[int], periods: Sequence[Period]
) -> dict[Key, int]:
    rows = session.execute(
        select(LostShift.unit_id, LostShift.date, func.sum(LostShift.minutes))
        .where(LostShift.unit_id.in_(unit_ids), _within(LostShift.date, periods))
        .group_by(LostShift.unit_id, LostShift.date)
    )
    return {(unit, day): int(minutes) for unit, day, minutes in rows}


def _leave(
    session: Session, unit_ids: Sequence[int], periods: Sequence[Period]
) -> dict[Key, float]:
    """Minutes of agreed leave by unit and day; a request lies evenly on its days."""
    found: defaultdict[Key, float] = defaultdict(float)
    rows = session.execute(
        select(
            Staff.unit_id, LeaveRequest.start_date, LeaveRequest.end_date, LeaveRequest.minutes
        )
        .join(Staff, Staff.id == LeaveRequest.staff_id)
        .where(
            Staff.unit_id.in_(unit_ids), LeaveRequest.status == LeaveStatus.APPROVED,
            LeaveRequest.leave_type != LeaveType.SICK,
            or_(
                *(
                    (LeaveRequest.start_date <= p.end) & (LeaveRequest.end_date >= p.start)
                    for p in periods
                )
            ),
        )
    )  # fmt: skip
    for unit, start, end, minutes in rows:
        whole = Period(start, end)
        for period in periods:
            shared = whole.overlap(period)
            for day in shared or ():
                assert unit is not None  # only staff of these units were asked for
                found[unit, day] += minutes / whole.days
    return found


def _care_minutes(
    session: Session, unit_ids: Sequence[int], periods: Sequence[Period]
) -> dict[Key, float]:
    rows = session.execute(
        select(Census.unit_id, Census.date, Census.care_hours).where(
            Census.unit_id.in_(unit_ids), _within(Census.date, periods)
        )
    )
    return {(unit, day): hours * _HOUR for unit, day, hours in rows}


def _beyond_usual(amounts: dict[Key, float], periods: Sequence[Period] | None) -> dict[Key, float]:
    """What lies above the unit's mean day: over all days of ``periods``, or the days known."""
    sums: defaultdict[int, float] = defaultdict(float)
    counts: defaultdict[int, int] = defaultdict(int)
    for (unit, _), amount in amounts.items():
        sums[unit] += amount
        counts[unit] += 1
    whole = sum(period.days for period in periods) if periods else None
    return {
        (unit, day): max(0.0, amount - sums[unit] / (whole or counts[unit]))
        for (unit, day), amount in amounts.items()
    }


def _late_days(
    session: Session, home_ids: Sequence[int], periods: Sequence[Period]
) -> dict[tuple[int, int | None, date], bool]:
    """Whether the rota of a home, unit (null: the whole home) and day was published late.

    What was published first counts; a day that is not published yet has no entry.
    """
    aims = {
        row.home_id: row.target
        for row in session.execute(
            select(MeasureTarget.home_id, MeasureTarget.target).where(
                MeasureTarget.measure == "lead_time",
                or_(MeasureTarget.home_id.is_(None), MeasureTarget.home_id.in_(home_ids)),
            )
        )
    }
    rows = session.execute(
        select(
            Publication.home_id, Publication.unit_id, Publication.start_date,
            Publication.end_date, Publication.published_at,
        )
        .where(
            Publication.home_id.in_(home_ids), Publication.withdrawn_at.is_(None),
            or_(
                *(
                    (Publication.start_date <= p.end) & (Publication.end_date >= p.start)
                    for p in periods
                )
            ),
        )
        .order_by(Publication.published_at)
    )  # fmt: skip
    late: dict[tuple[int, int | None, date], bool] = {}
    for home_id, unit, start, end, published_at in rows:
        aim = aims.get(home_id, aims.get(None, LEAD_DAYS))
        is_late = (start - local_day(published_at)).days < aim
        for period in periods:
            for day in Period(start, end).overlap(period) or ():
                if (home_id, None, day) not in late:
                    late.setdefault((home_id, unit, day), is_late)
    return late
