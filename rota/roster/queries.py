"""Reads of the rota: the week grid of a home or unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, Select, or_, select, union_all
from sqlalchemy.orm import Session

from rota.calendar import DAYS_PER_WEEK, Period, bank_holidays, weeks_from
from rota.errors import NotFound
from rota.leave.absence import spells_away
from rota.models import (
    Band,
    Grade,
    LeaveRequest,
    LeaveStatus,
    Role,
    Shift,
    Staff,
    Unit,
)
from rota.roster.grid import ABSENCE_CODES, OTHER_ABSENCE, GridPerson, GridShift, WeekGrid
from rota.roster.requirements import requirements
from rota.roster.shift_types import ShiftKind, load_shift_kinds
from rota.roster.slots import CoverTable, Slot, SlotCover

COVER_BANDS = (Band.DAY, Band.NIGHT)
#: grade and "counts towards cover" of the role that an agency worker fills, by shift id
FilledRoles = dict[int, tuple[Grade | None, bool | None]]
_SHIFT_FIELDS = tuple(
    Shift.__table__.c[name]
    for name in (
        "id", "version", "date", "shift_type_id", "unit_id", "home_id", "user_id", "agency_id",
        "agency_worker", "starts_at", "ends_at", "paid_minutes", "classification", "is_vacant",
        "is_supernumerary", "is_locked", "is_published", "note", "cost_pence",
    )
)  # fmt: skip


def week_grid(
    session: Session, home_id: int, unit_id: int | None, start: date, weeks: int
) -> WeekGrid:
    """The rota of a home, or of one of its units, from the Monday of ``start``.

    People are those of the home (or unit) and whoever else has a shift there; their shifts
    elsewhere are shown too, so that nobody looks free who is not. Eight statements. Raises
    :class:`NotFound` for a unit of another home.
    """
    period = weeks_from(start, weeks)
    units = units_of(session, home_id)
    if unit_id is not None and unit_id not in units:
        raise NotFound("This home has no such unit.")
    kinds = load_shift_kinds(session)
    shown = [unit_id] if unit_id is not None else list(units)
    shifts, counting = _shifts(session, home_id, unit_id, period, kinds)
    people = _people(session, home_id, unit_id, shifts)
    absences = absences_in(session, [person.id for person in people], period)
    roles = {person.id: person for person in people}
    cover = CoverTable(
        _planned(shifts, roles, counting), requirements(session, shown, period.start, period.end)
    )
    here = [shift for shift in shifts if shift.unit_id in set(shown)]
    return WeekGrid(
        home_id=home_id,
        unit_id=unit_id,
        period=period,
        units=units,
        holidays=bank_holidays(period),
        people=lines(people, shifts, absences, period),
        vacancies=tuple(shift for shift in here if shift.is_vacant),
        agency=tuple(shift for shift in here if shift.agency_id is not None),
        cover=_cover(cover, shown, period),
        kinds=kinds,
    )


def units_of(session: Session, home_id: int) -> dict[int, str]:
    """The active units of a home by id, those with residents first."""
    rows = session.execute(
        select(Unit.id, Unit.name)
        .where(Unit.home_id == home_id, Unit.is_active)
        .order_by(Unit.is_management, Unit.name)
    )
    return {row.id: row.name for row in rows}


def _shifts(
    session: Session,
    home_id: int,
    unit_id: int | None,
    period: Period,
    kinds: Mapping[int, ShiftKind],
) -> tuple[list[GridShift], FilledRoles]:
    """Shifts of the place and of its people anywhere.

    With the grade, and whether it counts towards cover, of the role that an agency worker
    fills, by shift id.
    """
    columns = shift_columns()
    in_period = Shift.date.between(period.start, period.end)
    # two indexed reads instead of one with OR, which would walk every home's shifts
    if unit_id is None:
        here = columns.where(Shift.home_id == home_id, in_period)
        elsewhere = columns.join(Staff, Staff.id == Shift.user_id).where(
            Staff.home_id == home_id, Shift.home_id != home_id, in_period
        )
    else:
        here = columns.where(Shift.unit_id == unit_id, in_period)
        elsewhere = columns.join(Staff, Staff.id == Shift.user_id).where(
            Staff.unit_id == unit_id, Shift.unit_id != unit_id, in_period
        )
    return shifts_from(session, union_all(here, elsewhere), kinds)


def shift_columns() -> Select[Any]:
    """A selection of what the grid shows of shifts, to be narrowed."""
    return select(*_SHIFT_FIELDS, Role.grade, Role.counts_to_cover).outerjoin(
        Role, Role.id == Shift.role_id
    )


def shifts_from(
    session: Session, selection: Select[Any] | CompoundSelect[Any], kinds: Mapping[int, ShiftKind]
) -> tuple[list[GridShift], FilledRoles]:
    """The shifts of a :func:`shift_columns` selection in order of time."""
    shifts, filled_roles = [], {}
    for shift_id, version, day, kind_id, *rest, grade, counts in session.execute(selection):
        shifts.append(GridShift(shift_id, version, day, kinds[kind_id], *rest))
        filled_roles[shift_id] = (grade, counts)
    shifts.sort(key=lambda shift: (shift.date, shift.starts_at, shift.id))
    return shifts, filled_roles


def _people(
    session: Session, home_id: int, unit_id: int | None, shifts: Iterable[GridShift]
) -> list[Any]:
    """Rows of the people to show, in order of unit, grade and name."""
    visiting = sorted(
        {shift.staff_id for shift in shifts if shift.staff_id is not None and not shift.is_vacant}
    )
    belongs = Staff.home_id == home_id if unit_id is None else Staff.unit_id == unit_id
    return _sorted(
        session, home_id, _PERSON.where(or_(belongs & Staff.is_active, Staff.id.in_(visiting)))
    )


def people_by_id(session: Session, home_id: int, staff_ids: Collection[int]) -> list[Any]:
    """Rows of some people, in the order in which a home's grid shows them."""
    return _sorted(session, home_id, _PERSON.where(Staff.id.in_(sorted(staff_ids))))


_PERSON = (
    select(
        Staff.id, Staff.first_name, Staff.last_name, Staff.team, Staff.unit_id,
        Staff.home_id, Staff.contracted_minutes, Staff.is_active,
        Role.code.label("role_code"), Role.grade, Role.counts_to_cover,
        Unit.name.label("unit_name"), Unit.is_management,
    )
    .join(Role, Role.id == Staff.role_id)
    .outerjoin(Unit, Unit.id == Staff.unit_id)
)  # fmt: skip


def _sorted(session: Session, home_id: int, selection: Select[*tuple[Any, ...]]) -> list[Any]:
    ranks = {grade: rank for rank, grade in enumerate(Grade)}
    return sorted(
        session.execute(selection).all(),
        key=lambda row: (
            row.home_id != home_id,
            bool(row.is_management),
            row.unit_name or "",
            ranks[row.grade],
            row.last_name,
            row.first_name,
            row.id,
        ),
    )


def absences_in(
    session: Session, staff_ids: Collection[int], period: Period
) -> dict[int, dict[date, str]]:
    """The code of each day away, by person. Sickness outweighs leave."""
    found: dict[int, dict[date, str]] = defaultdict(dict)
    leave = session.execute(
        select(
            LeaveRequest.staff_id, LeaveRequest.start_date, LeaveRequest.end_date,
            LeaveRequest.leave_type,
        ).where(
            LeaveRequest.staff_id.in_(staff_ids),
            LeaveRequest.status == LeaveStatus.APPROVED,
            LeaveRequest.start_date <= period.end,
            LeaveRequest.end_date >= period.start,
        )
    )  # fmt: skip
    away = [
        (spell.staff_id, spell.period.start, spell.period.end, spell.kind)
        for spell in spells_away(session, staff_ids, period)
    ]
    for staff_id, first, last, kind in (*leave, *away):
        code = ABSENCE_CODES.get(str(kind), OTHER_ABSENCE)
        for day in period.overlap(Period(first, last)) or ():
            found[staff_id][day] = code
    return found


def _planned(
    shifts: Iterable[GridShift],
    people: Mapping[int, Any],
    filled_roles: FilledRoles,
) -> dict[Slot, tuple[int, int]]:
    """People, and seniors among them, who count towards cover, by slot.

    The same count as :func:`rota.roster.slots.cover_table`, from rows already read.
    """
    planned: dict[Slot, tuple[int, int]] = {}
    for shift in shifts:
        if shift.is_vacant or shift.is_supernumerary or not shift.kind.counts_to_cover:
            continue
        person = people.get(shift.staff_id) if shift.staff_id is not None else None
        if person is not None:
            grade, counts = person.grade, person.counts_to_cover
        else:
            grade, counts = filled_roles[shift.id]
        if counts is False:
            continue
        slot = Slot(shift.unit_id, shift.date, shift.kind.band)
        count, seniors = planned.get(slot, (0, 0))
        is_senior = shift.kind.is_senior if grade is None else grade is Grade.SENIOR
        planned[slot] = (count + 1, seniors + is_senior)
    return planned


def _cover(
    table: CoverTable, unit_ids: list[int], period: Period
) -> dict[tuple[date, Band], SlotCover]:
    return {
        (day, band): table.covered(unit_ids, day, band) for day in period for band in COVER_BANDS
    }


def lines(
    people: Iterable[Any],
    shifts: Iterable[GridShift],
    absences: Mapping[int, Mapping[date, str]],
    period: Period,
) -> tuple[GridPerson, ...]:
    """The lines of people with the shifts and absences that are theirs."""
    days: dict[int, dict[date, tuple[GridShift, ...]]] = defaultdict(dict)
    for shift in shifts:
        if shift.staff_id is not None:
            mine = days[shift.staff_id]
            mine[shift.date] = (*mine.get(shift.date, ()), shift)
    weeks = timedelta(days=period.days) / timedelta(days=DAYS_PER_WEEK)
    return tuple(
        _line(row, days.get(row.id, {}), absences.get(row.id, {}), weeks) for row in people
    )


def _line(
    row: Any,
    days: Mapping[date, tuple[GridShift, ...]],
    absences: Mapping[date, str],
    weeks: float,
) -> GridPerson:
    shifts = [shift for entry in days.values() for shift in entry]
    return GridPerson(
        id=row.id,
        name=f"{row.first_name} {row.last_name}".strip(),
        role_code=row.role_code,
        team=row.team,
        unit_id=row.unit_id,
        home_id=row.home_id,
        contracted_minutes=round(row.contracted_minutes * weeks),
        rostered_minutes=sum(shift.paid_minutes for shift in shifts),
        nights=sum(shift.kind.is_night for shift in shifts),
        weekend_days=sum(shift.date.weekday() >= 5 for shift in shifts),
        days=days,
        absences=absences,
    )
