"""What the optimiser reads of a home, in a handful of statements, as plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from rota.calendar import Period
from rota.costs.rates import RateBook, load_rate_book
from rota.costs.values import SHORT_NOTICE
from rota.errors import InvalidInput, NotFound
from rota.leave.absence import spells_away
from rota.models import (
    Agency,
    Band,
    CareHome,
    LeaveRequest,
    LeaveStatus,
    Shift,
    ShiftType,
    Staff,
    Unit,
)
from rota.roster.requirements import Need, requirements
from rota.roster.timelines import load_timelines
from rota.rules.timeline import Timeline

#: days before the period that count for runs and rest
HISTORY_DAYS = 14
LONGEST_PERIOD_DAYS = 56
#: weeks before the period whose weekends, nights and holidays count for fairness
FAIRNESS_WEEKS = 13


@dataclass(frozen=True, slots=True)
class PastShift:
    """A shift worked in the weeks before the period, for fairness and continuity."""

    staff_id: int
    unit_id: int
    date: date
    band: Band
    minutes: int


@dataclass(frozen=True, slots=True)
class HomeData:
    """Everything of a home that decides its rota from ``start`` to ``end``, both included."""

    home_id: int
    name: str
    data_version: int
    start: date
    end: date
    units: tuple[Unit, ...]
    staff: tuple[Staff, ...]
    shift_types: Mapping[int, ShiftType]
    needs: Mapping[tuple[int, date, Band], Need]
    #: shifts of the home's people (anywhere) and of the home, history included
    shifts: tuple[Shift, ...]
    away: frozenset[tuple[int, date]]
    #: what the rules know of each person: earlier weeks, opt-outs, qualifications
    timelines: Mapping[int, Timeline]
    agencies: tuple[Agency, ...]
    #: the home's people in the :data:`FAIRNESS_WEEKS` before the period
    past: tuple[PastShift, ...]
    rates: RateBook
    #: when it was read: what changes from now on, people hear at the earliest now
    read_at: datetime
    #: locked shifts that are decided all the same, for the question what a lock costs
    unlocked: frozenset[int] = frozenset()

    def is_locked(self, shift: Shift) -> bool:
        """Whether the optimiser has to leave a shift where it is."""
        return shift.is_locked and shift.id not in self.unlocked

    def is_short_notice(self, shift: Shift) -> bool:
        """Whether people who were told of a shift would now hear late of a change."""
        return shift.is_published and shift.starts_at - self.read_at < SHORT_NOTICE

    @property
    def days(self) -> list[date]:
        """The days that are decided."""
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days + 1)]


def load_home(session: Session, home_id: int, start: date, end: date) -> HomeData:
    """Read a home for optimisation. Raises :class:`InvalidInput` for a period that is none."""
    length = (end - start).days + 1
    if not 1 <= length <= LONGEST_PERIOD_DAYS:
        raise InvalidInput(
            f"A period has 1 to {LONGEST_PERIOD_DAYS} days; this one has {length}.",
            hint="Choose another first or last day.",
        )
    home = session.get(CareHome, home_id)
    if home is None:
        raise NotFound("There is no such home.")
    units = tuple(
        session.scalars(
            select(Unit)
            .where(Unit.home_id == home_id, Unit.is_active, ~Unit.is_management)
            .order_by(Unit.id)
        )
    )
    staff = tuple(
        session.scalars(
            select(Staff)
            .where(
                Staff.home_id == home_id,
                Staff.is_active,
                or_(Staff.left_on.is_(None), Staff.left_on >= start),
                or_(Staff.started_on.is_(None), Staff.started_on <= end),
            )
            .order_by(Staff.id)
        )
    )
    types = session.scalars(select(ShiftType).options(selectinload(ShiftType.roles)))
    return HomeData(
        home_id=home_id,
        name=home.name,
        data_version=home.data_version,
        start=start,
        end=end,
        units=units,
        staff=staff,
        shift_types={kind.id: kind for kind in types},
        needs=requirements(session, [unit.id for unit in units], start, end),
        shifts=_shifts(session, home_id, start - timedelta(days=HISTORY_DAYS), end),
        away=_away(session, home_id, start, end + timedelta(days=1)),
        timelines=load_timelines(session, [person.id for person in staff], Period(start, end)),
        agencies=tuple(
            session.scalars(
                select(Agency).where(Agency.is_active).order_by(Agency.preference, Agency.id)
            )
        ),
        past=_past(session, home_id, start),
        rates=load_rate_book(session),
        read_at=datetime.now(UTC),
    )


def _shifts(session: Session, home_id: int, first: date, last: date) -> tuple[Shift, ...]:
    return tuple(
        session.scalars(
            select(Shift)
            .outerjoin(Staff, Staff.id == Shift.user_id)
            .where(
                Shift.date.between(first, last),
                or_(Shift.home_id == home_id, Staff.home_id == home_id),
            )
            .order_by(Shift.date, Shift.id)
        )
    )


def _past(session: Session, home_id: int, start: date) -> tuple[PastShift, ...]:
    rows = session.execute(
        select(Shift.user_id, Shift.unit_id, Shift.date, ShiftType.band, Shift.paid_minutes)
        .join(Staff, Staff.id == Shift.user_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(
            Staff.home_id == home_id,
            Shift.date >= start - timedelta(weeks=FAIRNESS_WEEKS),
            Shift.date < start,
        )
        .order_by(Shift.date, Shift.id)
    )
    return tuple(
        PastShift(staff_id or 0, unit_id, day, Band(band), minutes)
        for staff_id, unit_id, day, band, minutes in rows
    )


def _away(session: Session, home_id: int, first: date, last: date) -> frozenset[tuple[int, date]]:
    return leave_days(session, home_id, first, last) | sick_days(session, home_id, first, last)


def leave_days(
    session: Session, home_id: int, first: date, last: date
) -> frozenset[tuple[int, date]]:
    """People of a home and the days on which they have agreed leave."""
    return _days_of(
        (
            (staff_id, start, end)
            for staff_id, start, end in session.execute(
                select(LeaveRequest.staff_id, LeaveRequest.start_date, LeaveRequest.end_date)
                .join(Staff, Staff.id == LeaveRequest.staff_id)
                .where(
                    Staff.home_id == home_id,
                    LeaveRequest.status == LeaveStatus.APPROVED,
                    LeaveRequest.start_date <= last,
                    LeaveRequest.end_date >= first,
                )
            )
        ),
        first,
        last,
    )


def sick_days(
    session: Session, home_id: int, first: date, last: date
) -> frozenset[tuple[int, date]]:
    """People of a home and the days on which they were absent without having planned it."""
    spells = spells_away(session, None, Period(first, last), home_id=home_id)
    return _days_of(((a.staff_id, a.period.start, a.period.end) for a in spells), first, last)


def _days_of(
    spans: Iterable[tuple[int, date, date]], first: date, last: date
) -> frozenset[tuple[int, date]]:
    days: set[tuple[int, date]] = set()
    for staff_id, start, end in spans:
        day = max(start, first)
        while day <= min(end, last):
            days.add((staff_id, day))
            day += timedelta(days=1)
    return frozenset(days)
