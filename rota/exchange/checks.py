"""Checks that look at records together: overlaps, shared addresses, look-alike numbers."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise

from rota.exchange.context import Context
from rota.exchange.findings import Code
from rota.exchange.parsed import Item, Kind
from rota.models import LeaveStatus

Items = dict[Kind, list[Item]]


def check_plan(items: Items, context: Context, today: date) -> None:
    """Note everything that only shows when records are laid beside one another."""
    _check_management_units(items, context)
    _check_people(items, context)
    _check_leave(items, context)
    _check_shifts(items, context, today)


def _check_management_units(items: Items, context: Context) -> None:
    seen: dict[str, str] = {}
    for item in items[Kind.UNIT]:
        if not item.value.is_management:
            continue
        first = seen.setdefault(item.value.home, item.value.name)
        if first != item.value.name:
            context.findings.add(
                Code.MANAGEMENT_UNITS, item.where, "name", f"{item.value.name} beside {first}"
            )


def _check_people(items: Items, context: Context) -> None:
    by_email: dict[str, str] = {}
    by_digits: dict[str, str] = {
        sap.lstrip("0"): sap for sap in context.references.people.stored_numbers
    }
    for item in items[Kind.PERSON]:
        person = item.value
        first = by_email.setdefault(person.email.casefold(), person.sap_number)
        if person.email and first != person.sap_number:
            context.findings.add(
                Code.SHARED_EMAIL, item.where, "email", f"{person.email} is also {first}'s"
            )
        other = by_digits.setdefault(person.sap_number.lstrip("0"), person.sap_number)
        if other != person.sap_number:
            context.findings.add(
                Code.SAP_LOOK_ALIKE, item.where, "sap_number", f"{person.sap_number} and {other}"
            )


def _check_leave(items: Items, context: Context) -> None:
    live = defaultdict(list)
    for item in items[Kind.LEAVE]:
        if item.value.status in (LeaveStatus.PENDING, LeaveStatus.APPROVED):
            live[item.value.sap_number].append(item)
    for requests in live.values():
        requests.sort(key=lambda item: (item.value.start_date, item.value.end_date))
        for one, other in pairwise(requests):
            if other.value.start_date <= one.value.end_date:
                context.findings.add(
                    Code.LEAVE_OVERLAP,
                    other.where,
                    "start_date",
                    f"{one.value.start_date} to {one.value.end_date} is away already",
                )


def _check_shifts(items: Items, context: Context, today: date) -> None:
    worked: dict[str, list[Item]] = defaultdict(list)
    for item in items[Kind.SHIFT]:
        if item.value.sap_number is not None:
            worked[item.value.sap_number].append(item)
    away: dict[str, list[Item]] = defaultdict(list)
    for item in items[Kind.LEAVE]:
        if item.value.status is LeaveStatus.APPROVED:
            away[item.value.sap_number].append(item)
    for sap, shifts in worked.items():
        shifts.sort(key=lambda item: (item.value.starts_at, item.value.ends_at))
        _note_overlaps(shifts, context)
        _note_on_leave(shifts, away.get(sap, []), context)
        person = context.people.get(sap)
        if person is not None and not person.is_active:
            for item in shifts:
                if item.value.date >= today:
                    context.findings.add(
                        Code.SHIFT_OF_LEAVER, item.where, "user", f"{sap} on {item.value.date}"
                    )


def _note_overlaps(shifts: list[Item], context: Context) -> None:
    longest = shifts[0]
    for item in shifts[1:]:
        if item.value.starts_at < longest.value.ends_at:
            context.findings.add(
                Code.OVERLAPPING_SHIFTS,
                item.where,
                "date",
                f"SAP number {item.value.sap_number} on {item.value.date}, already in "
                f"{longest.where.file} record {longest.where.record}",
            )
        if item.value.ends_at > longest.value.ends_at:
            longest = item


def _note_on_leave(shifts: list[Item], leave: list[Item], context: Context) -> None:
    for request in leave:
        for item in shifts:
            if request.value.start_date <= item.value.date <= request.value.end_date:
                context.findings.add(
                    Code.SHIFT_ON_LEAVE,
                    item.where,
                    "date",
                    f"SAP number {item.value.sap_number} is away on {item.value.date}",
                )
