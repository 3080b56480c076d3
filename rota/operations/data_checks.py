"""``check-data``: whether what the database holds makes sense, one question per check.

An error is something the product relies on never being so; a warning is something a
person should look at. Each check is one statement that names the first offenders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from rota.models import (
    Band,
    CareHome,
    CoverRequirement,
    Forecast,
    ForecastModel,
    HomeGrant,
    LeaveRequest,
    LeaveStatus,
    PayRate,
    Role,
    Shift,
    ShiftType,
    Staff,
    Unit,
    User,
    UserRole,
    shift_type_roles,
)

Rows = Select[*tuple[Any, ...]]

#: examples given of each finding
EXAMPLES = 5
#: the role that an import gives to people of whom no role is known
NOT_STATED = "NOT_STATED"


class Severity(StrEnum):
    """Whether a check that finds something fails the command."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found: how many, and the first few by name."""

    code: str
    severity: Severity
    title: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the database: each row is an offender, named by its columns."""

    code: str
    severity: Severity
    title: str
    query: Callable[[date], Rows]
    #: the columns of a row in words
    wording: str = "{}"


def run_checks(session: Session, today: date) -> list[CheckResult]:
    """Ask every question; in the order of :data:`CHECKS`, those that found nothing too."""
    results = []
    for check in CHECKS:
        found = [check.wording.format(*row) for row in session.execute(check.query(today))]
        results.append(_result(check.code, check.severity, check.title, found))
    results.append(
        _result(
            "forecast-model-file", Severity.WARNING, "forecast models whose file is gone",
            [
                f"{model.path}"
                for model in session.scalars(select(ForecastModel).order_by(ForecastModel.id))
                if not Path(model.path).exists()
            ],
        )
    )  # fmt: skip
    if session.get_bind().dialect.name == "sqlite":
        rows = session.execute(text("PRAGMA foreign_key_check")).all()
        results.append(
            _result(
                "dangling-reference", Severity.ERROR, "rows that refer to something deleted",
                [f"{row[0]} row {row[1]} to {row[2]}" for row in rows],
            )
        )  # fmt: skip
    return results


def _result(code: str, severity: Severity, title: str, found: Iterable[str]) -> CheckResult:
    names = list(found)
    return CheckResult(code, severity, title, len(names), tuple(names[:EXAMPLES]))


_SHIFT = (Shift.id, Shift.date)


def _overlaps(_today: date) -> Rows:
    earlier = (
        select(
            Shift.id.label("id"),
            Shift.date.label("date"),
            Shift.starts_at.label("starts_at"),
            func.max(Shift.ends_at)
            .over(
                partition_by=Shift.user_id,
                order_by=(Shift.starts_at, Shift.id),
                rows=(None, -1),
            )
            .label("busy_until"),
        )
        .where(Shift.user_id.is_not(None))
        .subquery()
    )
    return (
        select(earlier.c.id, earlier.c.date)
        .where(earlier.c.busy_until > earlier.c.starts_at)
        .order_by(earlier.c.id)
    )


def _vacancies(_today: date) -> Rows:
    nobody = and_(Shift.user_id.is_(None), Shift.agency_id.is_(None))
    wrong = or_(and_(Shift.is_vacant, ~nobody), and_(~Shift.is_vacant, nobody))
    return select(*_SHIFT).where(wrong).order_by(Shift.id)


def _two_workers(_today: date) -> Rows:
    return select(*_SHIFT).where(Shift.user_id.is_not(None), Shift.agency_id.is_not(None))


def _shift_outside_home(_today: date) -> Rows:
    return (
        select(*_SHIFT)
        .join(Unit, Unit.id == Shift.unit_id)
        .where(Unit.home_id != Shift.home_id)
        .order_by(Shift.id)
    )


def _shift_order(_today: date) -> Rows:
    return select(*_SHIFT).where(Shift.ends_at <= Shift.starts_at).order_by(Shift.id)


def _person_outside_home(_today: date) -> Rows:
    return (
        select(Staff.sap_number)
        .join(Unit, Unit.id == Staff.unit_id)
        .where(or_(Staff.home_id.is_(None), Staff.home_id != Unit.home_id))
        .order_by(Staff.sap_number)
    )


def _people_without_unit(_today: date) -> Rows:
    return (
        select(Staff.sap_number)
        .where(Staff.is_active, Staff.unit_id.is_(None))
        .order_by(Staff.sap_number)
    )


def _people_without_role(_today: date) -> Rows:
    return (
        select(Staff.sap_number)
        .join(Role, Role.id == Staff.role_id)
        .where(Role.code == NOT_STATED)
        .order_by(Staff.sap_number)
    )


def _roles_without_rate(today: date) -> Rows:
    rate = exists().where(PayRate.role_id == Role.id, PayRate.effective_from <= today)
    works = exists().where(Staff.role_id == Role.id, Staff.is_active)
    return select(Role.code).where(works, ~rate).order_by(Role.code)


def _shifts_without_cost(_today: date) -> Rows:
    return select(*_SHIFT).where(~Shift.is_vacant, Shift.cost_pence.is_(None)).order_by(Shift.id)


def _shifts_on_leave(_today: date) -> Rows:
    return (
        select(*_SHIFT)
        .join(LeaveRequest, LeaveRequest.staff_id == Shift.user_id)
        .where(
            LeaveRequest.status == LeaveStatus.APPROVED,
            Shift.date.between(LeaveRequest.start_date, LeaveRequest.end_date),
        )
        .order_by(Shift.id)
    )


def _shifts_of_leavers(today: date) -> Rows:
    return (
        select(*_SHIFT)
        .join(Staff, Staff.id == Shift.user_id)
        .where(Shift.date >= today, or_(~Staff.is_active, Staff.left_on < Shift.date))
        .order_by(Shift.id)
    )


def _shifts_of_other_roles(today: date) -> Rows:
    limited = exists().where(shift_type_roles.c.shift_type_id == Shift.shift_type_id)
    allowed = exists().where(
        shift_type_roles.c.shift_type_id == Shift.shift_type_id,
        shift_type_roles.c.role_id == Staff.role_id,
    )
    return (
        select(*_SHIFT)
        .join(Staff, Staff.id == Shift.user_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(Shift.date >= today, limited, ~allowed)
        .order_by(Shift.id)
    )


def _units_without_requirement(today: date) -> Rows:
    needed = exists().where(
        CoverRequirement.unit_id == Unit.id,
        CoverRequirement.band.in_([Band.DAY, Band.NIGHT]),
        CoverRequirement.on_date.is_(None),
        CoverRequirement.effective_from <= today,
        or_(CoverRequirement.effective_to.is_(None), CoverRequirement.effective_to >= today),
    )
    return select(Unit.name).where(Unit.is_active, ~Unit.is_management, ~needed).order_by(Unit.name)


def _orphan_forecasts(_today: date) -> Rows:
    return (
        select(func.min(Forecast.id), Forecast.unit_id)
        .outerjoin(Unit, Unit.id == Forecast.unit_id)
        .where(or_(Unit.id.is_(None), ~Unit.is_active))
        .group_by(Forecast.unit_id)
    )


def _expired_registrations(today: date) -> Rows:
    return (
        select(Staff.sap_number)
        .join(Role, Role.id == Staff.role_id)
        .where(Staff.is_active, Role.needs_registration, Staff.registration_expires < today)
        .order_by(Staff.sap_number)
    )


def _leave_order(_today: date) -> Rows:
    return (
        select(LeaveRequest.id)
        .where(LeaveRequest.end_date < LeaveRequest.start_date)
        .order_by(LeaveRequest.id)
    )


def _leave_overlap(_today: date) -> Rows:
    other = aliased(LeaveRequest)
    live = [LeaveStatus.PENDING, LeaveStatus.APPROVED]
    return (
        select(LeaveRequest.id)
        .join(other, and_(other.staff_id == LeaveRequest.staff_id, other.id < LeaveRequest.id))
        .where(
            LeaveRequest.status.in_(live),
            other.status.in_(live),
            other.start_date <= LeaveRequest.end_date,
            other.end_date >= LeaveRequest.start_date,
        )
        .order_by(LeaveRequest.id)
    )


def _accounts_of_leavers(_today: date) -> Rows:
    return (
        select(User.sap_number)
        .join(Staff, Staff.id == User.staff_id)
        .where(User.is_active, ~Staff.is_active)
        .order_by(User.sap_number)
    )


def _accounts_without_home(_today: date) -> Rows:
    granted = exists().where(HomeGrant.user_id == User.id)
    return (
        select(User.sap_number)
        .where(
            User.is_active, ~User.all_homes, User.role != UserRole.ADMINISTRATOR, ~granted
        )
        .order_by(User.sap_number)
    )  # fmt: skip


def _overfull_homes(_today: date) -> Rows:
    return select(CareHome.name).where(CareHome.occupancy > CareHome.beds, CareHome.beds > 0)


_SHIFT_WORDS = "shift {} on {}"
_E, _W = Severity.ERROR, Severity.WARNING

CHECKS: tuple[Check, ...] = (
    Check("overlapping-shifts", _E, "one person in two shifts at once", _overlaps, _SHIFT_WORDS),
    Check("vacancy-with-person", _E, "vacancies with somebody on them, or empty shifts that are no vacancy", _vacancies, _SHIFT_WORDS),
    Check("two-workers", _E, "shifts of a person and of an agency's worker", _two_workers, _SHIFT_WORDS),
    Check("shift-order", _E, "shifts that end before they start", _shift_order, _SHIFT_WORDS),
    Check("shift-outside-home", _E, "shifts in a unit of another home", _shift_outside_home, _SHIFT_WORDS),
    Check("person-outside-home", _E, "people whose unit belongs to another home", _person_outside_home),
    Check("leave-order", _E, "leave that ends before it starts", _leave_order, "leave request {}"),
    Check("people-without-unit", _W, "active people without a unit", _people_without_unit),
    Check("people-without-role", _W, "people whose role is not stated", _people_without_role),
    Check("roles-without-rate", _W, "roles of active people without a pay rate in force", _roles_without_rate),
    Check("shifts-without-cost", _W, "worked shifts without a cost: a rate is missing", _shifts_without_cost, _SHIFT_WORDS),
    Check("shifts-on-leave", _W, "shifts during the person's approved leave", _shifts_on_leave, _SHIFT_WORDS),
    Check("shifts-of-leavers", _W, "coming shifts of people who have left or are not active", _shifts_of_leavers, _SHIFT_WORDS),
    Check("shifts-of-other-roles", _W, "coming shifts of a type that is not for the person's role", _shifts_of_other_roles, _SHIFT_WORDS),
    Check("overlapping-leave", _W, "overlapping leave of one person", _leave_overlap, "leave request {}"),
    Check("units-without-requirement", _W, "care units that say nowhere how many people they need", _units_without_requirement),
    Check("orphan-forecasts", _W, "forecasts of units that are closed or gone", _orphan_forecasts, "forecast {} of unit {}"),
    Check("expired-registrations", _W, "active people whose registration has run out", _expired_registrations),
    Check("accounts-of-leavers", _W, "active accounts of people who are not active", _accounts_of_leavers),
    Check("accounts-without-home", _W, "accounts that may work with no home", _accounts_without_home),
    Check("overfull-homes", _W, "homes with more residents than beds", _overfull_homes),
)  # fmt: skip
