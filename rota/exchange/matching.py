"""Which shifts and leave requests of a plan the database already has.

Rota and leave live here once they are imported: what exists is never overwritten by a
file. A shift is known by person (or as one more vacancy), date, type and unit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.exchange.context import Context
from rota.exchange.findings import Code
from rota.exchange.keys import Stored
from rota.exchange.parsed import Item
from rota.models import LeaveRequest, Shift


def new_shifts(session: Session, items: list[Item], stored: Stored, context: Context) -> list[Item]:
    """The shifts that are not there yet; notes those that would overlap what is there."""
    if not items or not session.scalar(select(func.count()).select_from(Shift)):
        return items
    there = _Shifts(session, items, stored)
    missing = []
    for item in items:
        if there.take(item):
            continue
        if there.was_changed(item):
            context.findings.add(Code.CHANGED_HERE, item.where, "", "the shift was changed here")
            continue
        if there.overlaps(item):
            context.findings.add(
                Code.OVERLAPPING_SHIFTS,
                item.where,
                "date",
                f"SAP number {item.value.sap_number} already has a shift here on {item.value.date}",
            )
        missing.append(there.with_free_key(item))
    return missing


class _Shifts:
    """The stored shifts around the dates of a plan."""

    def __init__(self, session: Session, items: list[Item], stored: Stored) -> None:
        units = {row.id: key for key, (row, _) in stored.units.items()}
        kinds = {row.id: code for code, (row, _) in stored.shift_types.items()}
        people = {row.id: sap for sap, (row, _) in stored.people.items()}
        self._counts: Counter[tuple[object, ...]] = Counter()
        self._times: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._by_old_key: set[tuple[str, object, object]] = set()
        self._old_keys: set[str] = set(
            session.scalars(select(Shift.legacy_pk).where(Shift.legacy_pk.is_not(None)))
        )
        days = [item.value.date for item in items]
        query = select(
            Shift.user_id, Shift.agency_worker, Shift.date, Shift.shift_type_id, Shift.unit_id,
            Shift.starts_at, Shift.ends_at, Shift.legacy_pk,
        ).where(Shift.date.between(min(days), max(days)))  # fmt: skip
        for row in session.execute(query.execution_options(yield_per=5000)):
            sap = people[row.user_id] if row.user_id else None
            unit = units[row.unit_id]
            key = (sap or row.agency_worker, row.date, kinds[row.shift_type_id], unit)
            self._counts[key] += 1
            if sap:
                self._times[sap].append((row.starts_at, row.ends_at))
            if row.legacy_pk is not None:
                self._by_old_key.add((row.legacy_pk, row.date, unit))

    def take(self, item: Item) -> bool:
        """Whether it is there; each stored shift answers for one."""
        key = item.value.key
        if self._counts[key] <= 0:
            return False
        self._counts[key] -= 1
        return True

    def was_changed(self, item: Item) -> bool:
        """Whether the same record was imported and somebody has changed the shift since."""
        return item.pk is not None and (
            (item.pk, item.value.date, item.value.unit) in self._by_old_key
        )

    def overlaps(self, item: Item) -> bool:
        """Whether the person has a stored shift at that time."""
        if item.value.sap_number is None:
            return False
        return any(
            starts < item.value.ends_at and ends > item.value.starts_at
            for starts, ends in self._times.get(item.value.sap_number, ())
        )

    def with_free_key(self, item: Item) -> Item:
        """The item without its old key if another shift has it already."""
        return without_key(item) if item.pk in self._old_keys else item


def without_key(item: Item) -> Item:
    """The same item, to be given a new key by the next export."""
    legacy = {name: value for name, value in item.legacy.items() if name != "pk"}
    return replace(item, pk=None, legacy=legacy)


def new_leave(session: Session, items: list[Item], stored: Stored, context: Context) -> list[Item]:
    """The leave requests that are not there yet."""
    if not items:
        return items
    people = {row.id: sap for sap, (row, _) in stored.people.items()}
    there: Counter[tuple[object, ...]] = Counter()
    states: dict[tuple[object, ...], set[Any]] = defaultdict(set)
    old_keys: set[str] = set()
    for row in session.execute(
        select(
            LeaveRequest.staff_id, LeaveRequest.start_date, LeaveRequest.end_date,
            LeaveRequest.leave_type, LeaveRequest.status, LeaveRequest.legacy_pk,
        )
    ):  # fmt: skip
        key = (people[row.staff_id], row.start_date, row.end_date, row.leave_type)
        there[key] += 1
        states[key].add(row.status)
        if row.legacy_pk is not None:
            old_keys.add(row.legacy_pk)
    missing = []
    for item in items:
        key = item.value.key
        if there[key] > 0:
            there[key] -= 1
            if item.value.status not in states[key]:
                context.findings.add(
                    Code.CHANGED_HERE, item.where, "status", "decided here since it was imported"
                )
            continue
        missing.append(without_key(item) if item.pk in old_keys else item)
    return missing
