"""Writing a plan into the database: all of it in the caller's transaction.

Reference data and people are updated when their record has changed since the last import;
what was changed *here* stays as long as the file says what it said before. Shifts, leave
and accounts are only ever added.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rota.exchange.dependents import follow_up, load_accounts
from rota.exchange.keys import Stored
from rota.exchange.names import name_key
from rota.exchange.parsed import Item, Kind
from rota.exchange.taking import SPELLINGS
from rota.exchange.transaction import Loading
from rota.models import (
    CareHome,
    Role,
    ShiftPattern,
    ShiftType,
    Staff,
    Unit,
)


def load_reference(loading: Loading) -> None:
    """Write roles, homes, units, shift types, patterns, people and accounts."""
    for kind in (Kind.ROLE, Kind.HOME, Kind.UNIT, Kind.SHIFT_TYPE, Kind.PATTERN, Kind.PERSON):
        ids = loading.ids(kind)
        for key, (row, _) in loading.stored.rows(kind).items():
            ids[key] = row.id
        _assume(loading, kind)
        known = _Known(kind, loading.stored)
        for item in loading.plan.items[kind]:
            _upsert(loading, kind, item, known)
        loading.uow.session.flush()
    load_accounts(loading)


def _assume(loading: Loading, kind: Kind) -> None:
    """Make the usual roles and shift types that the files name but do not describe."""
    session, context = loading.uow.session, loading.plan.context
    if kind is Kind.ROLE:
        for code, role in context.assumed_roles.items():
            if code not in loading.roles:
                row = Role(**_values(role), legacy={})
                session.add(row)
                session.flush()
                loading.roles[code] = row.id
                loading.tallies[kind].created += 1
    if kind is Kind.SHIFT_TYPE:
        for code, usual in context.assumed_shift_types.items():
            if code not in loading.shift_types:
                kind_row = ShiftType(**_values(usual, "roles"), legacy={})
                session.add(kind_row)
                session.flush()
                loading.shift_types[code] = kind_row.id
                loading.tallies[kind].created += 1


def _values(value: Any, *without: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in type(value).__slots__ if name not in without}


def _natural_key(kind: Kind, value: Any) -> Any:
    if kind is Kind.UNIT:
        return (value.home, value.name)
    attribute = {Kind.ROLE: "code", Kind.SHIFT_TYPE: "code", Kind.PERSON: "sap_number"}
    return getattr(value, attribute.get(kind, "name"))


class _Known:
    """The stored rows of a kind: by natural key, by its spelling, by the very same record."""

    def __init__(self, kind: Kind, stored: Stored) -> None:
        self._kind = kind
        self._rows = stored.rows(kind)
        self._by_spelling = {self._spelling(key): key for key in self._rows}
        self._by_record = {
            (row.legacy_pk, row.legacy.get("digest")): (row, value)
            for row, value in self._rows.values()
            if row.legacy_pk is not None
        }

    def _spelling(self, key: Any) -> Any:
        if self._kind in (Kind.ROLE, Kind.HOME):
            return name_key(key)
        return tuple(map(name_key, key)) if self._kind is Kind.UNIT else key

    def find(self, item: Item) -> tuple[Any, Any] | None:
        """The row of an item, with what it says; also one that was renamed here."""
        key = _natural_key(self._kind, item.value)
        spelling = self._spelling(key)
        if key not in self._rows and spelling in self._by_spelling:
            key = self._by_spelling[spelling]
        if key in self._rows:
            return self._rows[key]
        return self._by_record.get((item.pk or "", item.legacy.get("digest")))


def _upsert(loading: Loading, kind: Kind, item: Item, known: _Known) -> None:
    tally = loading.tallies[kind]
    found = known.find(item)
    row, value = None, item.value
    if found is not None:
        row, known_value = found
        # what names it stays as it is spelled here, what the record leaves out as it is
        says = item.stated - set(SPELLINGS.get(kind, ()))
        value = replace(known_value, **{name: getattr(value, name) for name in says})
    if row is None:
        row = _make(loading, kind, value)
        row.legacy_pk, row.legacy = item.pk, item.legacy
        loading.uow.session.add(row)
        loading.uow.session.flush()
        follow_up(loading, kind, row, value, is_new=True)
        tally.created += 1
    elif row.legacy.get("digest") == item.legacy["digest"] or (found and found[1] == value):
        if row.legacy_pk is None and not row.legacy and item.pk is not None:
            row.legacy_pk, row.legacy = item.pk, item.legacy
        tally.unchanged += 1
    else:
        _apply(loading, kind, row, value)
        if row.legacy.get("model") == item.legacy.get("model"):
            row.legacy = item.legacy
            row.legacy_pk = row.legacy_pk or item.pk
        follow_up(loading, kind, row, value, is_new=False)
        tally.updated += 1
    _remember_key(row, item.pk)
    loading.ids(kind)[_natural_key(kind, item.value)] = row.id


def _remember_key(row: Any, pk: str | None) -> None:
    """A second export may know it by another key, by which later files refer to it."""
    aliases = row.legacy.get("aliases", [])
    if pk is not None and row.legacy_pk is not None and pk not in (row.legacy_pk, *aliases):
        row.legacy = {**row.legacy, "aliases": [*aliases, pk]}


def _make(loading: Loading, kind: Kind, value: Any) -> Any:
    models = {
        Kind.ROLE: Role,
        Kind.HOME: CareHome,
        Kind.UNIT: Unit,
        Kind.SHIFT_TYPE: ShiftType,
        Kind.PATTERN: ShiftPattern,
        Kind.PERSON: Staff,
    }
    return models[kind](**_columns(loading, kind, value))


def _apply(loading: Loading, kind: Kind, row: Any, value: Any) -> None:
    for name, said in _columns(loading, kind, value).items():
        if getattr(row, name) != said:
            setattr(row, name, said)


def _columns(loading: Loading, kind: Kind, value: Any) -> dict[str, Any]:
    """The columns of a row, with ids in place of natural keys."""
    if kind is Kind.HOME:
        return _values(value, "agency_pence", "overtime_pence")
    if kind is Kind.UNIT:
        return {
            "home_id": loading.homes[value.home],
            "name": value.name,
            "is_management": value.is_management,
            "is_active": value.is_active,
            "beds": value.beds,
        }
    if kind is Kind.SHIFT_TYPE:
        return _values(value, "roles")
    if kind is Kind.PATTERN:
        return {**_values(value), "days": list(value.days)}
    if kind is Kind.PERSON:
        columns = _values(value, "role", "home", "unit", "pattern", "opt_out_signed_on")
        columns["role_id"] = loading.roles[value.role]
        columns["home_id"] = loading.homes[value.home] if value.home else None
        columns["unit_id"] = loading.units[value.unit] if value.unit else None
        columns["pattern_id"] = loading.patterns[value.pattern] if value.pattern else None
        return columns
    return _values(value)
