"""The primary keys that records are written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rota.exchange.dialects import CANONICAL
from rota.exchange.legacy import key_from_text
from rota.exchange.parsed import (
    Kind,
    ParsedAccount,
    ParsedHome,
    ParsedPattern,
    ParsedPerson,
    ParsedRole,
    ParsedShiftType,
    ParsedUnit,
    UnitKey,
)
from rota.models import CareHome, Role, ShiftPattern, ShiftType, Staff, Unit, User

Pk = str | int | None


@dataclass(slots=True)
class Stored:
    """The rows of everything but shifts and leave, by natural key, with what they say."""

    roles: dict[str, tuple[Role, ParsedRole]] = field(default_factory=dict)
    homes: dict[str, tuple[CareHome, ParsedHome]] = field(default_factory=dict)
    units: dict[UnitKey, tuple[Unit, ParsedUnit]] = field(default_factory=dict)
    shift_types: dict[str, tuple[ShiftType, ParsedShiftType]] = field(default_factory=dict)
    patterns: dict[str, tuple[ShiftPattern, ParsedPattern]] = field(default_factory=dict)
    people: dict[str, tuple[Staff, ParsedPerson]] = field(default_factory=dict)
    accounts: dict[str, tuple[User, ParsedAccount]] = field(default_factory=dict)

    def rows(self, kind: Kind) -> Mapping[Any, tuple[Any, Any]]:
        """The rows of a kind, by natural key."""
        tables: dict[Kind, Mapping[Any, tuple[Any, Any]]] = {
            Kind.ROLE: self.roles,
            Kind.HOME: self.homes,
            Kind.UNIT: self.units,
            Kind.SHIFT_TYPE: self.shift_types,
            Kind.PATTERN: self.patterns,
            Kind.PERSON: self.people,
            Kind.ACCOUNT: self.accounts,
        }
        return tables[kind]


@dataclass(slots=True)
class Keys:
    """Primary keys by natural key."""

    roles: dict[str, Pk] = field(default_factory=dict)
    homes: dict[str, Pk] = field(default_factory=dict)
    units: dict[UnitKey, Pk] = field(default_factory=dict)
    shift_types: dict[str, Pk] = field(default_factory=dict)
    patterns: dict[str, Pk] = field(default_factory=dict)
    people: dict[str, Pk] = field(default_factory=dict)
    accounts: dict[str, Pk] = field(default_factory=dict)

    def of(self, kind: Kind) -> dict[Any, Pk]:
        """The keys of a kind."""
        tables: dict[Kind, dict[Any, Pk]] = {
            Kind.ROLE: self.roles,
            Kind.HOME: self.homes,
            Kind.UNIT: self.units,
            Kind.SHIFT_TYPE: self.shift_types,
            Kind.PATTERN: self.patterns,
            Kind.PERSON: self.people,
            Kind.ACCOUNT: self.accounts,
        }
        return tables[kind]


def model_of(kind: Kind, legacy: Mapping[str, Any]) -> str:
    """The model a row is written as: the one it came from."""
    return str(legacy.get("model") or CANONICAL[kind])


def kept_key(kind: Kind, legacy_pk: str | None, legacy: Mapping[str, Any]) -> Pk:
    """The key a row had in the old system; null for what was made here."""
    if legacy_pk is None:
        return None
    kept = legacy.get("pk")
    return kept if kept is not None else key_from_text(kind, model_of(kind, legacy), legacy_pk)


def keys_of_stored(stored: Stored) -> Keys:
    """A key for every row: its old one, or the next free number in natural order.

    A person made here is keyed by SAP number, as people are in the old system.
    """
    keys = Keys()
    for kind in (
        Kind.ROLE,
        Kind.HOME,
        Kind.UNIT,
        Kind.SHIFT_TYPE,
        Kind.PATTERN,
        Kind.PERSON,
        Kind.ACCOUNT,
    ):
        rows, table = stored.rows(kind), keys.of(kind)
        highest = 0
        for name, (row, _) in rows.items():
            table[name] = kept_key(kind, row.legacy_pk, row.legacy)
            if isinstance(table[name], int):
                highest = max(highest, int(table[name] or 0))
        for name in sorted(name for name, pk in table.items() if pk is None):
            if kind is Kind.PERSON:
                table[name] = name
            else:
                highest += 1
                table[name] = highest
    return keys


def order_of(model: str, pk: Pk) -> tuple[str, int, int, str]:
    """Where a record stands among those of its kind: numbers by size, then text."""
    if isinstance(pk, int):
        return model, 0, pk, ""
    return model, 1, 0, str(pk)
