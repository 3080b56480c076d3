"""What an import would do, as it grows while records are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rota.exchange.context import Context
from rota.exchange.keys import Keys
from rota.exchange.parsed import Item, Kind


@dataclass(slots=True)
class Plan:
    """What an import would do: items by kind in the order in which they depend on each other."""

    items: dict[Kind, list[Item]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    context: Context = field(default_factory=Context)
    keys: Keys = field(default_factory=Keys)
    #: SAP numbers of people whom a record calls superusers
    superusers: set[str] = field(default_factory=set)
    #: what is kept of records that differ from the usual shape only
    shapes: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    records: int = 0
    files: list[str] = field(default_factory=list)
    #: fields of a ``scheduling.user`` that fill what the same person's staff record leaves out
    fallbacks: dict[str, dict[str, Any]] = field(default_factory=dict)
