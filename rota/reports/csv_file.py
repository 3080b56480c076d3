"""A table as a CSV file that no spreadsheet mistakes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from rota.calendar import LONDON
from rota.reports.document import Column, Kind, Section, Value

#: what makes a spreadsheet read a text as a formula (or move it to another cell)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|")
#: so that Excel reads the file as UTF-8
_BOM = "\ufeff"
_ROWS_A_PIECE = 500


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet might take this text for more than text."""
    return text.lstrip(" ").startswith(DANGEROUS)


def csv_pieces(section: Section) -> Iterator[str]:
    """The file in pieces: a heading line, then the rows; money in pounds, time in hours.

    Texts that a spreadsheet would run are kept as text by an apostrophe before them.
    """
    yield _BOM + _lines([[_safe(column.title) for column in section.columns]])
    batch: list[list[str]] = []
    for row in section.rows:
        batch.append(
            [_cell(column, value) for column, value in zip(section.columns, row, strict=True)]
        )
        if len(batch) >= _ROWS_A_PIECE:
            yield _lines(batch)
            batch = []
    if batch:
        yield _lines(batch)


def csv_text(section: Section) -> str:
    """The whole file."""
    return "".join(csv_pieces(section))


def _lines(rows: Sequence[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if is_dangerous(text) else text


def _cell(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _safe(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m}" if column.kind is Kind.MONTH else value.isoformat()
    match column.kind:
        case Kind.PENCE:
            return f"{value / 100:.2f}"
        case Kind.MINUTES:
            return f"{value / 60:.2f}"
        case Kind.SHARE:
            return f"{value:.4f}"
        case _:
            return str(value)
