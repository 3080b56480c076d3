"""Reports that are lists: vacancies, leave, and the rota as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.costs.explorer import SOURCE_NAMES
from rota.models import Agency, CareHome, LeaveRequest, Role, Shift, ShiftType, Staff, Unit
from rota.reports.document import Column, Document, Kind, Section, Value
from rota.reports.request import MOST_ROWS, ReportRequest
from rota.roster.cover import WORKED_ROLE_ID


def vacancies_document(session: Session, actor: Actor, request: ReportRequest) -> Document:
    """Every shift of the period with nobody on it, by day. One statement."""
    request.check(actor, Permission.VIEW_VACANCIES)
    statement = (
        select(
            Shift.date, CareHome.name, Unit.name, ShiftType.name, Shift.starts_at, Shift.ends_at,
            Role.code, Shift.vacancy_reason, Shift.vacant_since, Shift.paid_minutes,
        )
        .select_from(Shift)
        .join(CareHome, CareHome.id == Shift.home_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Role, Role.id == Shift.role_id, isouter=True)
        .where(*_shifts_of(request), Shift.is_vacant)
        .order_by(Shift.date, CareHome.name, Unit.name, Shift.starts_at, Shift.id)
        .limit(MOST_ROWS)
    )  # fmt: skip
    columns = (
        Column("Day", Kind.DAY), Column("Home"), Column("Unit"), Column("Shift", width=18),
        Column("From", Kind.INSTANT), Column("To", Kind.INSTANT), Column("Role asked for"),
        Column("Reason"), Column("Open since", Kind.INSTANT),
        Column("Hours", Kind.MINUTES, total=True),
    )  # fmt: skip
    return Document(
        title=f"Vacancies, {request.place}",
        file_name=request.file_name("vacancies"),
        facts=request.facts(actor),
        sections=(Section("Vacancies", columns, _rows(session, statement)),),
        definitions=(("Vacancy", "A required shift with nobody on it."),),
    )


def leave_document(session: Session, actor: Actor, request: ReportRequest) -> Document:
    """Every request for leave that touches the period, by its first day. One statement."""
    request.check(actor, Permission.VIEW_LEAVE)
    statement = (
        select(
            LeaveRequest.start_date, LeaveRequest.end_date, CareHome.name, Unit.name,
            Staff.first_name, Staff.last_name, Staff.sap_number, LeaveRequest.leave_type,
            LeaveRequest.status, LeaveRequest.minutes, LeaveRequest.requested_at,
            LeaveRequest.decided_at, LeaveRequest.decision_reason,
        )
        .select_from(LeaveRequest)
        .join(Staff, Staff.id == LeaveRequest.staff_id)
        .join(CareHome, CareHome.id == LeaveRequest.home_id)
        .join(Unit, Unit.id == Staff.unit_id, isouter=True)
        .where(
            LeaveRequest.home_id.in_(request.home_ids),
            LeaveRequest.start_date <= request.period.end,
            LeaveRequest.end_date >= request.period.start,
        )
        .order_by(LeaveRequest.start_date, CareHome.name, LeaveRequest.id)
        .limit(MOST_ROWS)
    )  # fmt: skip
    if request.unit_id is not None:
        statement = statement.where(Staff.unit_id == request.unit_id)
    rows: list[Sequence[Value]] = [
        [start, end, home, unit, f"{first} {last}".strip(), sap, kind.value, status.value,
         minutes, asked, decided, reason]
        for start, end, home, unit, first, last, sap, kind, status, minutes, asked, decided,
        reason in session.execute(statement)
    ]  # fmt: skip
    columns = (
        Column("First day", Kind.DAY), Column("Last day", Kind.DAY), Column("Home"),
        Column("Unit"), Column("Name", width=26), Column("SAP number", width=13),
        Column("Kind", width=14), Column("Status", width=12),
        Column("Hours", Kind.MINUTES, total=True), Column("Asked", Kind.INSTANT),
        Column("Decided", Kind.INSTANT), Column("Reason given", width=40),
    )  # fmt: skip
    return Document(
        title=f"Leave, {request.place}",
        file_name=request.file_name("leave"),
        facts=request.facts(actor),
        sections=(Section("Leave", columns, rows),),
        definitions=(("Hours", "The working time the leave takes, from the leave ledger."),),
    )


def rota_document(session: Session, actor: Actor, request: ReportRequest) -> Document:
    """Every shift of the period, filled or vacant, one a row. One statement."""
    request.check(actor, Permission.VIEW_ROTA)
    statement = (
        select(
            Shift.date, CareHome.name, Unit.name, ShiftType.code, Shift.starts_at, Shift.ends_at,
            Staff.first_name, Staff.last_name, Agency.name, Role.code, Shift.classification,
            Shift.paid_minutes, Shift.is_vacant, Shift.is_published, Shift.note,
        )
        .select_from(Shift)
        .join(CareHome, CareHome.id == Shift.home_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Staff, Staff.id == Shift.user_id, isouter=True)
        .join(Agency, Agency.id == Shift.agency_id, isouter=True)
        .join(Role, Role.id == WORKED_ROLE_ID, isouter=True)
        .where(*_shifts_of(request))
        .order_by(Shift.date, CareHome.name, Unit.name, Shift.starts_at, Shift.id)
        .limit(MOST_ROWS)
    )  # fmt: skip
    rows: list[Sequence[Value]] = [
        [day, home, unit, code, start, end,
         agency or ("Vacant" if is_vacant else f"{first} {last}".strip()), role,
         "" if is_vacant else SOURCE_NAMES[source], minutes,
         "yes" if is_published else "draft", note]
        for day, home, unit, code, start, end, first, last, agency, role, source, minutes,
        is_vacant, is_published, note in session.execute(statement)
    ]  # fmt: skip
    columns = (
        Column("Day", Kind.DAY), Column("Home"), Column("Unit"), Column("Shift", width=9),
        Column("From", Kind.INSTANT), Column("To", Kind.INSTANT), Column("Who", width=26),
        Column("Role", width=10), Column("Source", width=12),
        Column("Hours", Kind.MINUTES, total=True), Column("Published", width=11),
        Column("Note", width=40),
    )  # fmt: skip
    return Document(
        title=f"Rota, {request.place}",
        file_name=request.file_name("rota"),
        facts=request.facts(actor),
        sections=(Section("Rota", columns, rows),),
        definitions=(("Hours", "Paid hours of the shift."),),
    )


def _shifts_of(request: ReportRequest) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Shift.home_id.in_(request.home_ids),
        Shift.date.between(request.period.start, request.period.end),
    ]
    if request.unit_id is not None:
        conditions.append(Shift.unit_id == request.unit_id)
    return conditions


def _rows(session: Session, statement: Any) -> list[Sequence[Value]]:
    return [tuple(row) for row in session.execute(statement)]
