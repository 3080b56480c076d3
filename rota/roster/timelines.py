"""People's timelines for the rules, read in a few statements for any number of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from rota.calendar import Period, monday
from rota.leave.absence import spells_away
from rota.models import (
    Band,
    Classification,
    CompensatoryRest,
    LeaveRequest,
    LeaveStatus,
    LeaveType,
    Qualification,
    Role,
    Shift,
    ShiftType,
    Staff,
    WorkingTimeOptOut,
)
from rota.portable_sql import minutes_between, week_number
from rota.roster.shift_types import ShiftKind, load_shift_kinds
from rota.rules import (
    Absence,
    OptOut,
    PastWeek,
    Registration,
    Timeline,
    WorkedShift,
    Worker,
)
from rota.rules import CompensatoryRest as RestOwed
from rota.rules import Qualification as Held

#: how far back the longest reference period reaches
LOOK_BACK_WEEKS = 26
#: weeks before a period that are read shift by shift: the reach of the rest rules
DETAIL_WEEKS = 2
_FIRST_MONDAY = date(2000, 1, 3)

#: leave that regulation 4(7) leaves out of the weekly average
_EXCLUDED = frozenset({LeaveType.ANNUAL, LeaveType.SICK, LeaveType.PARENTAL})
_LEAVE_WORDS = {
    LeaveType.ANNUAL: "annual leave",
    LeaveType.SICK: "sickness",
    LeaveType.TRAINING: "training",
    LeaveType.UNPAID: "unpaid leave",
    LeaveType.PARENTAL: "parental leave",
    LeaveType.COMPASSIONATE: "compassionate leave",
    LeaveType.TOIL: "time off in lieu",
    LeaveType.OTHER: "leave",
}
_REGISTRATION_KNOWN_FROM = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """The columns of a stored shift that the rules read, in the order they are selected."""

    id: int
    user_id: int
    date: date
    starts_at: Any
    ends_at: Any
    break_minutes: int
    paid_minutes: int
    unit_id: int
    home_id: int
    shift_type_id: int
    is_supernumerary: bool
    classification: Classification


SHIFT_COLUMNS = tuple(Shift.__table__.c[name] for name in ShiftRow.__slots__)


def load_timelines(
    session: Session,
    staff_ids: Collection[int],
    period: Period,
    *,
    kinds: dict[int, ShiftKind] | None = None,
    by_shift: bool = False,
) -> dict[int, Timeline]:
    """The timeline of each person, for judging a period.

    Shifts are read from two weeks before the period to the end of the planned rota, and the
    26 weeks before that as totals by week, or shift by shift when ``by_shift``. Eight
    statements, one more when a spell of absence is open and two when ``kinds`` are not given;
    people who do not exist are left out.
    """
    ids = sorted(set(staff_ids))
    if not ids:
        return {}
    kinds = load_shift_kinds(session) if kinds is None else kinds
    first_week = monday(period.start)
    far = first_week - timedelta(weeks=LOOK_BACK_WEEKS)
    near = far if by_shift else first_week - timedelta(weeks=DETAIL_WEEKS)
    shifts = _shifts(session, ids, near, kinds)
    past = {} if by_shift else _past_weeks(session, ids, far, near)
    absences = _absences(session, ids, far)
    opt_outs = _opt_outs(session, ids)
    held = _qualifications(session, ids)
    owed = _rests_owed(session, ids)
    return {
        worker.id: Timeline(
            worker,
            tuple(shifts.get(worker.id, ())),
            absences=tuple(absences.get(worker.id, ())),
            opt_outs=tuple(opt_outs.get(worker.id, ())),
            registrations=registrations,
            qualifications=tuple(held.get(worker.id, ())),
            compensatory_rests=tuple(owed.get(worker.id, ())),
            past_weeks=tuple(past.get(worker.id, ())),
        )
        for worker, registrations in _workers(session, ids)
    }


def worked_shift(
    kind: ShiftKind, shift_id: int | str, row: Shift | ShiftRow, *, role_code: str | None = None
) -> WorkedShift:
    """A stored shift as the rules see it."""
    return WorkedShift(
        shift_id, row.date, row.starts_at, row.ends_at, row.break_minutes, row.unit_id,
        row.home_id, kind.code, kind.is_night, kind.is_sleep_in, kind.counts_as_working_time,
        row.is_supernumerary, role_code, frozenset(), 0, kind.roles, row.paid_minutes,
        row.classification is Classification.OVERTIME,
    )  # fmt: skip


def _shifts(
    session: Session, ids: list[int], since: date, kinds: dict[int, ShiftKind]
) -> dict[int, list[WorkedShift]]:
    found: dict[int, list[WorkedShift]] = defaultdict(list)
    rows = session.execute(
        select(*SHIFT_COLUMNS)
        .where(Shift.user_id.in_(ids), Shift.date >= since)
        .order_by(Shift.user_id, Shift.starts_at)
    )
    nothing: frozenset[str] = frozenset()
    for row in rows:
        (
            shift_id, user_id, day, starts_at, ends_at, pause, paid, unit_id, home_id, kind_id,
            extra, source,
        ) = row  # fmt: skip
        kind = kinds[kind_id]
        found[user_id].append(
            WorkedShift(
                shift_id, day, starts_at, ends_at, pause, unit_id, home_id, kind.code,
                kind.band is Band.NIGHT, kind.is_sleep_in, kind.counts_as_working_time, extra,
                None, nothing, 0, kind.roles, paid, source is Classification.OVERTIME,
            )
        )  # fmt: skip
    return found


def _past_weeks(
    session: Session, ids: list[int], since: date, before: date
) -> dict[int, list[PastWeek]]:
    """Totals by week; a night counts by its band, which is what its hours amount to."""
    week = week_number(Shift.date).label("week")
    length = minutes_between(Shift.starts_at, Shift.ends_at) - Shift.break_minutes
    worked = func.sum(case((ShiftType.counts_as_working_time, length), else_=0))
    nights = func.sum(case((ShiftType.band == Band.NIGHT, 1), else_=0))
    rows = session.execute(
        select(Shift.user_id, week, worked, func.count(), nights)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(Shift.user_id.in_(ids), Shift.date >= since, Shift.date < before)
        .group_by(Shift.user_id, week)
        .order_by(Shift.user_id, week)
    )
    found: dict[int, list[PastWeek]] = defaultdict(list)
    for user_id, number, minutes, count, night_count in rows:
        if user_id is not None:
            first = _FIRST_MONDAY + timedelta(weeks=number)
            found[user_id].append(PastWeek(first, int(minutes), count, int(night_count)))
    return found


def _workers(session: Session, ids: list[int]) -> Iterable[tuple[Any, tuple[Registration, ...]]]:
    rows = session.execute(
        select(
            Staff.id, Staff.first_name, Staff.last_name, Role.code, Staff.date_of_birth,
            Staff.started_on, Staff.left_on, Staff.contracted_minutes,
            Staff.registration_number, Staff.registration_expires,
        )
        .join(Role, Role.id == Staff.role_id)
        .where(Staff.id.in_(ids))
    )  # fmt: skip
    for row in rows:
        name = f"{row.first_name} {row.last_name}".strip()
        worker = Worker(
            row.id, name, row.code, row.date_of_birth, row.started_on, row.left_on,
            row.contracted_minutes,
        )  # fmt: skip
        registrations: tuple[Registration, ...] = ()
        if row.registration_number:
            # only the number and its expiry are kept: somebody who has one is registered
            known = row.started_on or _REGISTRATION_KNOWN_FROM
            registrations = (
                Registration(known, known, row.registration_expires, row.registration_number),
            )
        yield worker, registrations


def _absences(session: Session, ids: list[int], since: date) -> dict[int, list[Absence]]:
    found: dict[int, list[Absence]] = defaultdict(list)
    leave = session.execute(
        select(
            LeaveRequest.staff_id, LeaveRequest.start_date, LeaveRequest.end_date,
            LeaveRequest.leave_type, LeaveRequest.id,
        ).where(
            LeaveRequest.staff_id.in_(ids),
            LeaveRequest.status == LeaveStatus.APPROVED,
            LeaveRequest.end_date >= since,
        )
    )  # fmt: skip
    for staff_id, start, end, kind, leave_id in leave:
        found[staff_id].append(Absence(start, end, _LEAVE_WORDS[kind], kind in _EXCLUDED, leave_id))
    for away in spells_away(session, ids, Period(since, date.max)):
        found[away.staff_id].append(Absence(away.period.start, away.period.end, away.kind))
    return found


def _opt_outs(session: Session, ids: list[int]) -> dict[int, list[OptOut]]:
    found: dict[int, list[OptOut]] = defaultdict(list)
    rows = session.scalars(select(WorkingTimeOptOut).where(WorkingTimeOptOut.staff_id.in_(ids)))
    for row in rows:
        found[row.staff_id].append(OptOut(row.signed_on, row.withdrawn_on, row.notice_days))
    return found


def _qualifications(session: Session, ids: list[int]) -> dict[int, list[Held]]:
    found: dict[int, list[Held]] = defaultdict(list)
    rows = session.execute(
        select(
            Qualification.staff_id, Qualification.code, Qualification.awarded_on,
            Qualification.expires_on,
        ).where(Qualification.staff_id.in_(ids))
    )  # fmt: skip
    for staff_id, code, awarded_on, expires_on in rows:
        name = code.replace("_", " ").capitalize()
        found[staff_id].append(Held(code, name, awarded_on, expires_on))
    return found


def _rests_owed(session: Session, ids: list[int]) -> dict[int, list[RestOwed]]:
    found: dict[int, list[RestOwed]] = defaultdict(list)
    rows = session.scalars(select(CompensatoryRest).where(CompensatoryRest.staff_id.in_(ids)))
    for row in rows:
        found[row.staff_id].append(
            RestOwed(row.rule, row.arose_on, row.owed_minutes, row.due_on, row.taken_on)
        )
    return found
