"""``export``: the database as a Django dump, record by record, in one fixed order.

Records come by kind, then by primary key. What the old system never had gets keys after
its highest, in a stable natural order, so that two exports of the same data are the same
bytes. Shifts and leave are streamed: memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, collate, func, select
from sqlalchemy.orm import Session

from rota.exchange.catalogue import NOT_STATED
from rota.exchange.context import Context
from rota.exchange.interpreting import compose, recompose
from rota.exchange.keys import Keys, Pk, Stored, kept_key, keys_of_stored, model_of, order_of
from rota.exchange.parsed import Kind, ParsedLeave, ParsedShift
from rota.exchange.readers_people import account_of, is_superuser, manages
from rota.exchange.stored import introduce, load_stored
from rota.models import Agency, CareHome, LeaveRequest, Shift, ShiftType, Staff, Unit

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One record as it is written."""

    model: str
    pk: Pk
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Export:
    session: Session
    stored: Stored
    keys: Keys
    context: Context


def export_records(
    session: Session, today: date, kinds: Sequence[Kind] = tuple(Kind)
) -> Iterator[ExportRecord]:
    """Every record of the kinds asked for, in the order of the file.

    ``today`` decides which requirements and budgets are in force.
    """
    stored = load_stored(session, today)
    keys, context = keys_of_stored(stored), Context()
    introduce(context, stored, keys)
    export = _Export(session, stored, keys, context)
    for kind in Kind:
        if kind not in kinds:
            continue
        if kind is Kind.SHIFT:
            yield from _shifts(export)
        elif kind is Kind.LEAVE:
            yield from _leave(export)
        else:
            yield from _reference(export, kind)


def _reference(export: _Export, kind: Kind) -> Iterator[ExportRecord]:
    records = []
    keys = export.keys.of(kind)
    for name, (row, value) in export.stored.rows(kind).items():
        if kind is Kind.ACCOUNT and _follows_from_person(export, name):
            continue
        if kind is Kind.ROLE and name == NOT_STATED and row.legacy_pk is None:
            continue
        records.append(_record(export, kind, value, keys[name], row.legacy))
    yield from sorted(records, key=lambda record: order_of(record.model, record.pk))


def _follows_from_person(export: _Export, sap: str) -> bool:
    """Whether an import of the person alone would make the same account."""
    user, account = export.stored.accounts[sap]
    if sap not in export.stored.people or user.legacy_pk is not None or user.legacy:
        return False
    staff, person = export.stored.people[sap]
    administers = is_superuser(staff.legacy.get("fields", {}))
    return (
        manages(person, is_superuser=administers)
        and account_of(person, is_superuser=administers) == account
    )


def _record(
    export: _Export, kind: Kind, value: Any, pk: Pk, legacy: Mapping[str, Any]
) -> ExportRecord:
    model = model_of(kind, legacy)
    if legacy:
        fields = recompose(kind, value, model, pk, dict(legacy), export.keys, export.context)
    else:
        fields = compose(kind, value, model, pk, export.keys, export.context)
    return ExportRecord(model, pk, fields)


def _shifts(export: _Export) -> Iterator[ExportRecord]:
    stored = export.stored
    units = {row.id: key for key, (row, _) in stored.units.items()}
    kinds = {row.id: code for code, (row, _) in stored.shift_types.items()}
    roles = {row.id: code for code, (row, _) in stored.roles.items()}
    people = {row.id: sap for sap, (row, _) in stored.people.items()}
    agencies = {agency.id: agency.name for agency in export.session.scalars(select(Agency))}
    query = (
        select(
            Shift.legacy_pk, Shift.legacy, Shift.user_id, Shift.agency_id, Shift.agency_worker,
            Shift.unit_id, Shift.role_id, Shift.date, Shift.shift_type_id, Shift.starts_at,
            Shift.ends_at, Shift.break_minutes, Shift.paid_minutes, Shift.classification,
            Shift.is_supernumerary, Shift.is_locked, Shift.is_published, Shift.note,
            Shift.vacancy_reason,
        )
        .join(Unit, Unit.id == Shift.unit_id)
        .join(CareHome, CareHome.id == Unit.home_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .outerjoin(Staff, Staff.id == Shift.user_id)
    )  # fmt: skip
    order = (
        Shift.date, _plain(export, CareHome.name), _plain(export, Unit.name), Shift.starts_at,
        _plain(export, ShiftType.code), Shift.user_id.is_(None), _plain(export, Staff.sap_number),
        _plain(export, Shift.agency_worker), _plain(export, Shift.note), Shift.id,
    )  # fmt: skip
    for pk, row in _in_order(export, Kind.SHIFT, query, Shift.legacy_pk, order):
        value = ParsedShift(
            sap_number=people[row.user_id] if row.user_id else None,
            agency=agencies[row.agency_id] if row.agency_id else None,
            agency_worker=row.agency_worker,
            unit=units[row.unit_id],
            role=roles[row.role_id] if row.role_id else None,
            date=row.date,
            shift_type=kinds[row.shift_type_id],
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            break_minutes=row.break_minutes,
            paid_minutes=row.paid_minutes,
            classification=row.classification,
            is_supernumerary=row.is_supernumerary,
            is_locked=row.is_locked,
            is_published=row.is_published,
            note=row.note,
            vacancy_reason=row.vacancy_reason,
        )
        yield _record(export, Kind.SHIFT, value, pk, row.legacy)


def _leave(export: _Export) -> Iterator[ExportRecord]:
    people = {row.id: sap for sap, (row, _) in export.stored.people.items()}
    query = select(
        LeaveRequest.legacy_pk, LeaveRequest.legacy, LeaveRequest.staff_id,
        LeaveRequest.start_date, LeaveRequest.end_date, LeaveRequest.leave_type,
        LeaveRequest.status, LeaveRequest.minutes, LeaveRequest.reason,
        LeaveRequest.requested_at, LeaveRequest.decided_at, LeaveRequest.decision_reason,
    ).join(Staff, Staff.id == LeaveRequest.staff_id)  # fmt: skip
    order = (
        LeaveRequest.start_date, _plain(export, Staff.sap_number), LeaveRequest.end_date,
        LeaveRequest.leave_type, LeaveRequest.requested_at, LeaveRequest.id,
    )  # fmt: skip
    for pk, row in _in_order(export, Kind.LEAVE, query, LeaveRequest.legacy_pk, order):
        value = ParsedLeave(
            sap_number=people[row.staff_id],
            start_date=row.start_date,
            end_date=row.end_date,
            leave_type=row.leave_type,
            status=row.status,
            minutes=row.minutes,
            reason=row.reason,
            requested_at=row.requested_at,
            decided_at=row.decided_at,
            decision_reason=row.decision_reason,
        )
        yield _record(export, Kind.LEAVE, value, pk, row.legacy)


def _plain(export: _Export, column: Any) -> ColumnElement[Any]:
    """A text column compared byte by byte, so that both databases sort alike."""
    return (
        collate(column, "C") if export.session.get_bind().dialect.name == "postgresql" else column
    )


def _in_order(
    export: _Export,
    kind: Kind,
    query: Select[Any],
    legacy_pk: Any,
    natural_order: tuple[Any, ...],
) -> Iterator[tuple[Pk, Any]]:
    """Rows with their keys: old keys by size, then what was made here by natural order."""
    statement = query.order_by(
        legacy_pk.is_(None), func.length(legacy_pk), _plain(export, legacy_pk), *natural_order
    ).execution_options(yield_per=_BATCH)
    highest = 0
    for row in export.session.execute(statement):
        pk = kept_key(kind, row.legacy_pk, row.legacy)
        if pk is None:
            highest += 1
            pk = highest
        elif isinstance(pk, int):
            highest = max(highest, pk)
        yield pk, row
