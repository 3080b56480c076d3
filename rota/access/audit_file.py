"""The audit trail as a CSV file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rota.access.queries import AuditLine
from rota.reports.csv_file import csv_pieces
from rota.reports.document import Column, Kind, Section

_TITLES = ("When", "Who", "From", "Did", "What", "Id", "Home", "Before", "After", "Reason")


def audit_csv(lines: Sequence[AuditLine]) -> Iterator[str]:
    """The lines as a file in pieces, safe to open in a spreadsheet."""
    rows = tuple(
        (
            line.at, line.actor, line.source, line.action, line.entity, line.entity_id, line.home,
            _json(line.before), _json(line.after), line.reason,
        )
        for line in lines
    )  # fmt: skip
    columns = tuple(Column(title, Kind.TEXT) for title in _TITLES)
    return csv_pieces(Section("Audit trail", columns, rows))


def _json(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
