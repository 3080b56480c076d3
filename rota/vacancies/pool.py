"""Everybody who might fill one vacancy, loaded in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import asin, cos, radians, sin, sqrt

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from rota.calendar import Period, monday, sunday
from rota.carer.preferences import Wish, wishes
from rota.leave.guard import absences_of
from rota.models import (
    Band,
    CareHome,
    Employment,
    Grade,
    OfferState,
    Role,
    Shift,
    ShiftOffer,
    ShiftType,
    Staff,
    Unit,
    utc_now,
)
from rota.portable_sql import as_number, weekday
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import ShiftKind, load_shift_kinds
from rota.roster.timelines import SHIFT_COLUMNS, ShiftRow, load_timelines, worked_shift
from rota.rules import (
    Absence,
    Change,
    Rulebook,
    Severity,
    Timeline,
    Verdict,
    WorkedShift,
    Worker,
    check_change,
    worst,
)
from rota.vacancies.policy import FillPolicy
from rota.vacancies.values import Vacancy

EARTH_RADIUS_KM = 6371.0
#: rules that decide alone; whoever fails one is barred whatever the others say
DECISIVE = ("double_booking", "absence", "employment")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the pool, as far as ranking needs to know them."""

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


@dataclass(frozen=True, slots=True)
class Past:
    """What somebody worked lately: shifts on the unit, nights and weekends in the home's eyes."""

    shifts_on_unit: int = 0
    nights: int = 0
    weekends: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """The people who may be asked for a vacancy, and what ranking needs of each.

    ``week_minutes`` are paid minutes rostered in the vacancy's Monday-to-Sunday week;
    ``clashes`` the verdicts about those who are on another shift at that time or away,
    ``asked`` the grade the vacancy is for and whether it is a night role, if it names one,
    ``answers`` how offers of it stand, ``wishes`` what people said about such a shift.
    """

    vacancy: Vacancy
    shift: WorkedShift
    people: tuple[Person, ...]
    week_minutes: dict[int, int]
    clashes: dict[int, tuple[Verdict, ...]]
    past: dict[int, Past]
    rulebook: Rulebook
    kinds: dict[int, ShiftKind]
    asked: tuple[Grade, bool] | None
    answers: dict[int, OfferState]
    wishes: dict[int, Wish]

    def timelines(self, session: Session, ids: Collection[int]) -> dict[int, Timeline]:
        """What the rules look at, of some of the people."""
        day = Period(self.vacancy.date, self.vacancy.date)
        return load_timelines(session, ids, day, kinds=self.kinds)


def load_pool(
    session: Session, vacancy: Vacancy, policy: FillPolicy, *, everybody: bool = False
) -> Pool:
    """The pool of a vacancy: its home, and those of other homes who work elsewhere.

    Only roles that may work the shift, unless ``everybody``. Fourteen statements, whatever the
    number of people: the timelines, which cost most, are left to who is worth judging.
    """
    kinds = load_shift_kinds(session)
    rulebook = load_rulebook(session)
    shift = vacant_shift(session, vacancy, kinds)
    people = _people(session, vacancy)
    if not everybody:
        able = roles_able(rulebook, shift, {person.role_code for person in people})
        people = [person for person in people if person.role_code in able]
    ids = [person.id for person in people]
    minutes, busy = _near(session, ids, vacancy, kinds)
    away = absences_of(session, ids, Period(vacancy.date, vacancy.date))
    clashes = {
        person.id: found
        for person in people
        if (person.id in busy or person.id in away)
        and (found := _clash(person, shift, busy.get(person.id, []), away, rulebook))
    }
    return Pool(
        vacancy, shift, tuple(people), minutes, clashes,
        _past(session, ids, vacancy, policy), rulebook, kinds, _asked(session, vacancy),
        _answers(session, vacancy), wishes(session, ids, vacancy.date, vacancy.band),
    )  # fmt: skip


def _asked(session: Session, vacancy: Vacancy) -> tuple[Grade, bool] | None:
    row = session.execute(
        select(Role.grade, Role.is_night).where(Role.id == vacancy.role_id)
    ).first()
    return None if row is None else (row.grade, row.is_night)


def _answers(session: Session, vacancy: Vacancy) -> dict[int, OfferState]:
    rows = session.execute(
        select(ShiftOffer.staff_id, ShiftOffer.state, ShiftOffer.expires_at).where(
            ShiftOffer.shift_id == vacancy.shift_id
        )
    )
    now = utc_now()
    return {
        row.staff_id: row.state
        for row in rows
        if row.state is not OfferState.OPEN or row.expires_at is None or row.expires_at > now
    }


def _near(
    session: Session, ids: Collection[int], vacancy: Vacancy, kinds: dict[int, ShiftKind]
) -> tuple[dict[int, int], dict[int, list[WorkedShift]]]:
    """Paid minutes of the vacancy's week, and shifts at the same time, by person."""
    first, last = monday(vacancy.date), sunday(vacancy.date)
    one_day = timedelta(days=1)
    minutes: dict[int, int] = {}
    busy: dict[int, list[WorkedShift]] = {}
    rows = session.execute(
        select(*SHIFT_COLUMNS).where(
            Shift.user_id.in_(ids), Shift.date.between(first - one_day, last + one_day)
        )
    )
    for values in rows:
        row = ShiftRow(*values)
        if first <= row.date <= last:
            minutes[row.user_id] = minutes.get(row.user_id, 0) + row.paid_minutes
        if row.starts_at < vacancy.ends_at and row.ends_at > vacancy.starts_at:
            shift = worked_shift(kinds[row.shift_type_id], row.id, row)
            busy.setdefault(row.user_id, []).append(shift)
    return minutes, busy


def _clash(
    person: Person,
    shift: WorkedShift,
    busy: list[WorkedShift],
    away: dict[int, list[tuple[Period, str]]],
    rulebook: Rulebook,
) -> tuple[Verdict, ...]:
    """What the rules say about somebody who is elsewhere or away at that time."""
    timeline = Timeline(
        Worker(person.id, person.name, person.role_code),
        tuple(busy),
        absences=tuple(
            Absence(period.start, period.end, why) for period, why in away.get(person.id, [])
        ),
    )
    said = check_change(timeline, Change.add(shift), rulebook.only(*DECISIVE))
    return said.verdicts if said.is_barred else ()


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


def vacant_shift(session: Session, vacancy: Vacancy, kinds: dict[int, ShiftKind]) -> WorkedShift:
    """The open shift as the rules see it."""
    row, code = session.execute(
        select(Shift, Role.code)
        .outerjoin(Role, Role.id == Shift.role_id)
        .where(Shift.id == vacancy.shift_id)
    ).one()
    return worked_shift(kinds[row.shift_type_id], row.id, row, role_code=code)


def roles_able(rulebook: Rulebook, shift: WorkedShift, codes: Iterable[str]) -> frozenset[str]:
    """The roles that may work a shift by grade."""
    rule = rulebook.rule("grade")
    day = Period(shift.date, shift.date)
    able = set()
    for code in codes:
        nobody = Timeline(Worker(0, "", code), (shift,))
        verdicts = rule.check(nobody, day, rulebook.parameters)
        if worst(verdicts) is not Severity.BARRED:
            able.add(code)
    return frozenset(able)


def _people(session: Session, vacancy: Vacancy) -> list[Person]:
    rows = session.execute(
        select(
            Staff.id, Staff.first_name, Staff.last_name, Staff.role_id, Role.code, Role.name,
            Role.grade, Role.is_night,
            Staff.home_id, CareHome.name, Staff.unit_id, Unit.name, Staff.employment,
            Staff.contracted_minutes, Staff.preferred_shift, CareHome.latitude, CareHome.longitude,
        )
        .join(Role, Role.id == Staff.role_id)
        .join(CareHome, CareHome.id == Staff.home_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(
            Staff.is_active,
            or_(Staff.home_id == vacancy.home_id, Staff.works_other_homes),
            or_(Staff.started_on.is_(None), Staff.started_on <= vacancy.date),
            or_(Staff.left_on.is_(None), Staff.left_on >= vacancy.date),
        )
        .order_by(Staff.id)
    ).all()  # fmt: skip
    here = session.execute(
        select(CareHome.latitude, CareHome.longitude).where(CareHome.id == vacancy.home_id)
    ).one()
    return [
        Person(
            row[0],
            f"{row[1]} {row[2]}".strip(),
            row[3],
            row[4],
            row[5],
            row[6],
            row[7],
            row[8] or 0,
            row[9],
            row[10],
            row[11] or "",
            row[12],
            row[13],
            row[14],
            0.0 if row[8] == vacancy.home_id else distance_km(tuple(here), (row[15], row[16])),
        )
        for row in rows
    ]


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
    session: Session, ids: Collection[int], vacancy: Vacancy, policy: FillPolicy
) -> dict[int, Past]:
    """Shifts on the unit, nights and weekend days before the vacancy, by person."""
    far = max(policy.familiarity_days, policy.fairness_days)
    recent = vacancy.date - timedelta(days=policy.familiarity_days)
    fair = vacancy.date - timedelta(days=policy.fairness_days)
    on_unit = and_(Shift.unit_id == vacancy.unit_id, Shift.date >= recent)
    night = and_(ShiftType.band == Band.NIGHT, Shift.date >= fair)
    weekend = and_(weekday(Shift.date) >= 5, Shift.date >= fair)
    rows = session.execute(
        select(
            Shift.user_id,
            func.sum(as_number(on_unit)),
            func.sum(as_number(night)),
            func.sum(as_number(weekend)),
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(
            Shift.user_id.in_(ids),
            Shift.date >= vacancy.date - timedelta(days=far),
            Shift.date < vacancy.date,
        )
        .group_by(Shift.user_id)
    )
    return {staff_id: Past(int(u), int(n), int(w)) for staff_id, u, n, w in rows if staff_id}
