"""Writing shifts and leave requests, in bulk."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import Table, insert, select

from rota.calendar import bank_holiday
from rota.costs.book import RateBook, load_rate_book
from rota.costs.rates import ShiftFacts, cost_of_shift
from rota.exchange.parsed import Item, Kind
from rota.exchange.preparing import Progress
from rota.exchange.transaction import Loading
from rota.models import Agency, LeaveRequest, Shift, utc_now

_BATCH = 2000


def load_shifts(loading: Loading, items: list[Item], progress: Progress) -> None:
    """Insert shifts; each costs what it does at the rates of its day, null without rates."""
    agencies = _agencies(loading, items)
    book = load_rate_book(loading.uow.session)
    paid_roles = _roles_of_people(loading)
    rows = (
        _shift_row(loading, item, agencies, paid_roles, book)
        for item in progress("Writing shifts", items)
    )
    _insert(loading, Shift.__table__, rows)
    _count(loading, Kind.SHIFT, items)
    loading.touched.update(loading.homes[item.value.unit[0]] for item in items)


def load_leave(loading: Loading, items: list[Item], progress: Progress) -> None:
    """Insert leave requests; what an approved one takes is for the ledger to say."""
    homes = _homes_of_people(loading)
    rows = []
    for item in progress("Writing leave", items):
        leave = item.value
        rows.append(
            {
                "staff_id": loading.people[leave.sap_number],
                "home_id": homes.get(leave.sap_number),
                "start_date": leave.start_date,
                "end_date": leave.end_date,
                "leave_type": leave.leave_type,
                "status": leave.status,
                "minutes": leave.minutes,
                "reason": leave.reason,
                "requested_at": leave.requested_at,
                "decided_at": leave.decided_at,
                "decision_reason": leave.decision_reason,
                "legacy_pk": item.pk,
                "legacy": item.legacy,
                "version": 1,
            }
        )
    _insert(loading, LeaveRequest.__table__, iter(rows))
    _count(loading, Kind.LEAVE, items)
    loading.touched.update(home for row in rows if (home := row["home_id"]) is not None)


def _count(loading: Loading, kind: Kind, items: list[Item]) -> None:
    tally = loading.tallies[kind]
    tally.created = len(items)
    tally.unchanged = len(loading.plan.items[kind]) - len(items)


def _insert(loading: Loading, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    assert isinstance(table, Table)
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        loading.uow.session.execute(insert(table), batch)


def _agencies(loading: Loading, items: list[Item]) -> dict[str, int]:
    session = loading.uow.session
    known = {name: key for key, name in session.execute(select(Agency.id, Agency.name))}
    for name in sorted({item.value.agency for item in items if item.value.agency} - known.keys()):
        agency = Agency(name=name, preference=len(known) + 1)
        session.add(agency)
        session.flush()
        known[name] = agency.id
    return known


def _roles_of_people(loading: Loading) -> dict[str, int]:
    return {
        sap: loading.roles[person.role]
        for sap, person in loading.plan.context.people.items()
        if person.role in loading.roles
    }


def _homes_of_people(loading: Loading) -> dict[str, int]:
    return {
        sap: loading.homes[person.home]
        for sap, person in loading.plan.context.people.items()
        if person.home is not None and person.home in loading.homes
    }


def _shift_row(
    loading: Loading,
    item: Item,
    agencies: dict[str, int],
    paid_roles: dict[str, int],
    book: RateBook,
) -> dict[str, Any]:
    shift = item.value
    role_id = loading.roles[shift.role] if shift.role else None
    agency_id = agencies[shift.agency] if shift.agency else None
    is_vacant = shift.sap_number is None and agency_id is None
    cost: int | None = 0  # nobody works it, nobody is paid
    if not is_vacant:
        facts = ShiftFacts(
            role_id=paid_roles.get(shift.sap_number) if shift.sap_number else role_id,
            date=shift.date,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            paid_minutes=shift.paid_minutes,
            band=loading.plan.context.shift_types[shift.shift_type].band,
            classification=shift.classification,
            agency_id=agency_id,
            is_bank_holiday=bank_holiday(shift.date) is not None,
        )
        cost = cost_of_shift(facts, book).total_pence if book.pay or book.agency else None
    return {
        "home_id": loading.homes[shift.unit[0]],
        "unit_id": loading.units[shift.unit],
        "user_id": loading.people[shift.sap_number] if shift.sap_number else None,
        "agency_id": agency_id,
        "agency_worker": shift.agency_worker,
        "role_id": role_id,
        "date": shift.date,
        "shift_type_id": loading.shift_types[shift.shift_type],
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "break_minutes": shift.break_minutes,
        "paid_minutes": shift.paid_minutes,
        "is_vacant": is_vacant,
        "classification": shift.classification,
        "is_supernumerary": shift.is_supernumerary,
        "is_locked": shift.is_locked,
        "is_published": shift.is_published,
        "note": shift.note,
        "vacancy_reason": shift.vacancy_reason,
        "vacant_since": utc_now() if is_vacant else None,
        "cost_pence": cost,
        "legacy_pk": item.pk,
        "legacy": item.legacy,
        "version": 1,
    }
