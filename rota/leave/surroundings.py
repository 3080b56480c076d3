"""The days around a leave request, loaded once in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from rota.calendar import Period, bank_holiday
from rota.costs.rates import RateBook, ShiftFacts, load_rate_book
from rota.leave.absence import spells_away
from rota.leave.facts import ColleagueOff
from rota.leave.policy import LeavePolicy
from rota.models import (
    Agency,
    Grade,
    LeaveRequest,
    LeaveStatus,
    Role,
    Shift,
    ShiftType,
    Staff,
    Unit,
)
from rota.roster.slots import CoverTable, Slot, cover_table


@dataclass(frozen=True, slots=True)
class OwnShift:
    """A shift the person would be taken off, with what standing in for it depends on."""

    slot: Slot
    code: str
    facts: ShiftFacts
    counts: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The days around a request: the person's shifts, the cover of their units, who is away."""

    period: Period
    shifts: tuple[OwnShift, ...]
    cover: CoverTable
    colleagues: tuple[ColleagueOff, ...]
    own_other: tuple[Period, ...]
    unit_names: dict[int, str]
    team_size: int
    book: RateBook
    agency_id: int | None
    seniors: int


def surroundings(
    session: Session, person: Staff, request: LeaveRequest, policy: LeavePolicy
) -> Surroundings:
    """Load the days around a request, in a fixed number of statements."""
    reach = policy.alternative_reach_days
    period = Period(request.start_date, request.end_date).widened(reach, reach)
    shifts = _own_shifts(session, person, period)
    units = {shift.slot.unit_id for shift in shifts}
    if person.unit_id is not None:
        units.add(person.unit_id)
    named = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units))).all()
    names = {row.id: row.name for row in named}
    own = session.execute(
        select(LeaveRequest.start_date, LeaveRequest.end_date).where(
            LeaveRequest.staff_id == person.id,
            LeaveRequest.id != request.id,
            LeaveRequest.status.in_((LeaveStatus.PENDING, LeaveStatus.APPROVED)),
            LeaveRequest.end_date >= period.start,
            LeaveRequest.start_date <= period.end,
        )
    )
    return Surroundings(
        period=period,
        shifts=shifts,
        cover=cover_table(session, units, period),
        colleagues=_colleagues(session, person, period),
        own_other=tuple(Period(start, end) for start, end in own),
        unit_names=names,
        team_size=_team_size(session, person),
        book=load_rate_book(session),
        agency_id=session.scalar(
            select(Agency.id).where(Agency.is_active).order_by(Agency.preference, Agency.id)
        ),
        seniors=int(person.role.grade is Grade.SENIOR),
    )


def _own_shifts(session: Session, person: Staff, period: Period) -> tuple[OwnShift, ...]:
    rows = session.execute(
        select(Shift, ShiftType)
        .join(ShiftType, Shift.shift_type_id == ShiftType.id)
        .where(Shift.user_id == person.id, Shift.date.between(period.start, period.end))
        .order_by(Shift.starts_at)
    )
    return tuple(
        OwnShift(
            slot=Slot(shift.unit_id, shift.date, kind.band),
            code=kind.code,
            facts=ShiftFacts(
                role_id=person.role_id, date=shift.date, starts_at=shift.starts_at,
                ends_at=shift.ends_at, paid_minutes=shift.paid_minutes, band=kind.band,
                classification=shift.classification,
                is_bank_holiday=bank_holiday(shift.date) is not None,
            ),
            counts=kind.counts_to_cover
            and person.role.counts_to_cover
            and not shift.is_supernumerary,
        )
        for shift, kind in rows
    )  # fmt: skip


def _team_size(session: Session, person: Staff) -> int:
    return int(
        session.scalar(
            select(func.count())
            .select_from(Staff)
            .where(Staff.unit_id == person.unit_id, Staff.is_active, Staff.left_on.is_(None))
        )
        or 0
    )


def _colleagues(session: Session, person: Staff, period: Period) -> tuple[ColleagueOff, ...]:
    """Leave waiting or approved, and sickness, of the person's unit; themselves left out."""
    if person.unit_id is None:
        return ()
    mates = (Staff.unit_id == person.unit_id, Staff.id != person.id)
    leave = session.execute(
        select(Staff, Role.name, LeaveRequest)
        .join(LeaveRequest, LeaveRequest.staff_id == Staff.id)
        .join(Role, Role.id == Staff.role_id)
        .where(
            *mates,
            LeaveRequest.status.in_((LeaveStatus.PENDING, LeaveStatus.APPROVED)),
            LeaveRequest.start_date <= period.end,
            LeaveRequest.end_date >= period.start,
        )
    )
    found = [
        ColleagueOff(
            mate.id, mate.name, role, Period(row.start_date, row.end_date), row.status.value
        )
        for mate, role, row in leave
    ]
    named = {
        mate.id: (mate.name, mate.role.name)
        for mate in session.scalars(select(Staff).options(joinedload(Staff.role)).where(*mates))
    }
    found += [
        ColleagueOff(spell.staff_id, *named[spell.staff_id], spell.period, spell.kind)
        for spell in spells_away(session, named, period)
    ]
    return tuple(sorted(found, key=lambda c: (c.period.start, c.name)))
