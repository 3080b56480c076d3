"""What vacancies of one home share: the people who may be asked, read once for all of them.

One vacancy or a whole week of them: the number of statements is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import asin, cos, radians, sin, sqrt

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from rota.calendar import Period, monday, sunday
from rota.costs.rates import RateBook, load_rate_book
from rota.leave.guard import absences_of
from rota.models import (
    Band,
    CareHome,
    Employment,
    Grade,
    Role,
    Shift,
    ShiftType,
    Staff,
    Unit,
)
from rota.portable_sql import as_number, weekday
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import ShiftKind, load_shift_kinds
from rota.roster.timelines import SHIFT_COLUMNS, ShiftRow, load_timelines
from rota.rules import Rulebook, Timeline
from rota.vacancies.policy import FillPolicy, fill_policy
from rota.vacancies.values import Vacancy

EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be asked, as far as ranking needs to know them.

    ``first_day`` and ``last_day`` are those of the employment, where they are known.
    """

    id: int
    name: str
    role_id: int
    role_code: str
    role: str
    grade: Grade
    is_night: bool
    home_id: int
    home: str
    unit_id: int | None
    unit: str
    employment: Employment
    contracted_minutes: int
    preferred_shift: str
    distance_km: float | None
    first_day: date | None = None
    last_day: date | None = None

    def is_employed(self, day: date) -> bool:
        """Whether the contract runs on a day."""
        begun = self.first_day is None or self.first_day <= day
        return begun and (self.last_day is None or self.last_day >= day)


@dataclass(frozen=True, slots=True)
class Past:
    """What somebody worked lately: shifts on the unit, nights and weekends in the home's eyes."""

    shifts_on_unit: int = 0
    nights: int = 0
    weekends: int = 0


@dataclass(slots=True)
class Ground:
    """Everybody who may be asked for vacancies of a home in a period, and what judging them needs.

    ``near`` are their shifts from the period's first week to its last, ``away`` their absences,
    ``past`` what they worked before the period, by person and unit. Timelines are read when
    somebody is first judged, and kept.
    """

    period: Period
    policy: FillPolicy
    people: tuple[Person, ...]
    kinds: dict[int, ShiftKind]
    rulebook: Rulebook
    rates: RateBook
    near: dict[int, list[ShiftRow]]
    away: dict[int, list[tuple[Period, str]]]
    past: dict[int, dict[int, Past]]
    _timelines: dict[int, Timeline] = field(default_factory=dict)

    def timelines(self, session: Session, ids: Collection[int]) -> dict[int, Timeline]:
        """What the rules look at, of some of the people."""
        unread = [staff_id for staff_id in ids if staff_id not in self._timelines]
        self._timelines |= load_timelines(session, unread, self.period, kinds=self.kinds)
        return {i: self._timelines[i] for i in ids if i in self._timelines}

    def timeline(self, staff_id: int) -> Timeline:
        """The timeline of somebody who has been judged."""
        return self._timelines[staff_id]

    def week_minutes(self, staff_id: int, day: date) -> int:
        """Paid minutes somebody is rostered for in the Monday-to-Sunday week of a day."""
        first, last = monday(day), sunday(day)
        rows = self.near.get(staff_id, ())
        return sum(row.paid_minutes for row in rows if first <= row.date <= last)

    def past_of(self, staff_id: int, unit_id: int) -> Past:
        """What somebody worked before the period, seen from a unit."""
        units = self.past.get(staff_id, {})
        here = units.get(unit_id, Past())
        nights = sum(past.nights for past in units.values())
        return Past(here.shifts_on_unit, nights, sum(past.weekends for past in units.values()))


def load_ground(session: Session, wanted: Sequence[Vacancy]) -> Ground:
    """The ground of vacancies of one home. Twelve statements, however many there are."""
    days = [vacancy.date for vacancy in wanted]
    home_id, period = wanted[0].home_id, Period(min(days), max(days))
    kinds = load_shift_kinds(session)
    policy = fill_policy(session, period.start, home_id)
    people = _people(session, home_id, period)
    ids = [person.id for person in people]
    return Ground(
        period, policy, people, kinds, load_rulebook(session), load_rate_book(session),
        _near(session, ids, period), absences_of(session, ids, period),
        _past(session, ids, period.start, policy),
    )  # fmt: skip


def week_minutes_of(session: Session, staff_id: int, day: date) -> int:
    """Paid minutes somebody is rostered for in the Monday-to-Sunday week of a day."""
    return int(
        session.scalar(
            select(func.sum(Shift.paid_minutes)).where(
                Shift.user_id == staff_id, Shift.date.between(monday(day), sunday(day))
            )
        )
        or 0
    )


def _near(session: Session, ids: Collection[int], period: Period) -> dict[int, list[ShiftRow]]:
    """The shifts of the weeks that a period touches, and a day more for nights, by person."""
    one_day = timedelta(days=1)
    found: dict[int, list[ShiftRow]] = {}
    rows = session.execute(
        select(*SHIFT_COLUMNS).where(
            Shift.user_id.in_(ids),
            Shift.date.between(monday(period.start) - one_day, sunday(period.end) + one_day),
        )
    )
    for values in rows:
        row = ShiftRow(*values)
        found.setdefault(row.user_id, []).append(row)
    return found


def _people(session: Session, home_id: int, period: Period) -> tuple[Person, ...]:
    """Who is employed at some time of a period: the home's own, and those of other homes who
    work elsewhere."""
    rows = session.execute(
        select(
            Staff.id, Staff.first_name, Staff.last_name, Staff.role_id, Role.code, Role.name,
            Role.grade, Role.is_night,
            Staff.home_id, CareHome.name, Staff.unit_id, Unit.name, Staff.employment,
            Staff.contracted_minutes, Staff.preferred_shift, CareHome.latitude, CareHome.longitude,
            Staff.started_on, Staff.left_on,
        )
        .join(Role, Role.id == Staff.role_id)
        .join(CareHome, CareHome.id == Staff.home_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(
            Staff.is_active,
            or_(Staff.home_id == home_id, Staff.works_other_homes),
            or_(Staff.started_on.is_(None), Staff.started_on <= period.end),
            or_(Staff.left_on.is_(None), Staff.left_on >= period.start),
        )
        .order_by(Staff.id)
    ).all()  # fmt: skip
    here = session.execute(
        select(CareHome.latitude, CareHome.longitude).where(CareHome.id == home_id)
    ).one()
    return tuple(
        Person(
            id=row[0],
            name=f"{row[1]} {row[2]}".strip(),
            role_id=row[3],
            role_code=row[4],
            role=row[5],
            grade=row[6],
            is_night=row[7],
            home_id=row[8] or 0,
            home=row[9],
            unit_id=row[10],
            unit=row[11] or "",
            employment=row[12],
            contracted_minutes=row[13],
            preferred_shift=row[14],
            distance_km=0.0 if row[8] == home_id else distance_km(tuple(here), (row[15], row[16])),
            first_day=row[17],
            last_day=row[18],
        )
        for row in rows
    )


def distance_km(one: tuple[float | None, ...], other: tuple[float | None, ...]) -> float | None:
    """Kilometres as the crow flies between two places; nothing where one is not known."""
    if None in one or None in other:
        return None
    (lat1, lon1), (lat2, lon2) = (
        [radians(value or 0.0) for value in place] for place in (one, other)
    )
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))


def _past(
    session: Session, ids: Collection[int], day: date, policy: FillPolicy
) -> dict[int, dict[int, Past]]:
    """Shifts, nights and weekend days before a day, by person and unit."""
    far = max(policy.familiarity_days, policy.fairness_days)
    recent = day - timedelta(days=policy.familiarity_days)
    fair = day - timedelta(days=policy.fairness_days)
    night = and_(ShiftType.band == Band.NIGHT, Shift.date >= fair)
    weekend = and_(weekday(Shift.date) >= 5, Shift.date >= fair)
    rows = session.execute(
        select(
            Shift.user_id,
            Shift.unit_id,
            func.sum(as_number(Shift.date >= recent)),
            func.sum(as_number(night)),
            func.sum(as_number(weekend)),
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(Shift.user_id.in_(ids), Shift.date >= day - timedelta(days=far), Shift.date < day)
        .group_by(Shift.user_id, Shift.unit_id)
    )
    found: dict[int, dict[int, Past]] = {}
    for staff_id, unit_id, recently, nights, weekends in rows:
        if staff_id is not None:
            found.setdefault(staff_id, {})[unit_id] = Past(
                int(recently), int(nights), int(weekends)
            )
    return found
