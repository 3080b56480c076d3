"""An import at work in one transaction: ids by natural key, and what has been done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rota.database import UnitOfWork
from rota.exchange.keys import Stored
from rota.exchange.parsed import Kind, UnitKey
from rota.exchange.plan import Plan


@dataclass(slots=True)
class Tally:
    """What happened to the records of one kind."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class Loading:
    """The transaction at work: database ids by natural key, and what has been done."""

    uow: UnitOfWork
    plan: Plan
    stored: Stored
    today: date
    roles: dict[str, int] = field(default_factory=dict)
    homes: dict[str, int] = field(default_factory=dict)
    units: dict[UnitKey, int] = field(default_factory=dict)
    shift_types: dict[str, int] = field(default_factory=dict)
    patterns: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    tallies: dict[Kind, Tally] = field(default_factory=lambda: {kind: Tally() for kind in Kind})
    touched: set[int] = field(default_factory=set)

    def ids(self, kind: Kind) -> dict[Any, int]:
        """Database ids of a kind by natural key."""
        tables: dict[Kind, dict[Any, int]] = {
            Kind.ROLE: self.roles,
            Kind.HOME: self.homes,
            Kind.UNIT: self.units,
            Kind.SHIFT_TYPE: self.shift_types,
            Kind.PATTERN: self.patterns,
            Kind.PERSON: self.people,
            Kind.ACCOUNT: {},
        }
        return tables[kind]
