"""Series from a long CSV file: one row per series and day, ``unique_id,ds,y``.

Semicolons or tabs may separate the columns. A fourth column ``occupancy`` may give the residents of each day. Its rows may go on after
the last y: what is booked then is known to the forecast, but not to earlier backtest windows.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rota.errors import InvalidInput
from rota.forecasting.csv_text import decoded, read_bytes
from rota.forecasting.series import Row, Series, series_from_rows

COLUMNS = ("unique_id", "ds", "y")
OCCUPANCY = "occupancy"


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """The series of one file in the order of their first row, and its SHA-256."""

    path: Path
    fingerprint: str
    series: tuple[Series, ...]


def read_series_file(path: Path) -> SeriesFile:
    """Read and check a whole file before anything is computed from it.

    Rows are numbered as an editor shows them: the header is row 1. Raises
    :class:`InvalidInput` naming row and reason.
    """
    content = read_bytes(path)
    text = decoded(path, content)
    if not text.strip():
        raise InvalidInput(f"{path} is empty.", hint=f"Its first row must be {','.join(COLUMNS)}.")
    by_name: dict[str, list[Row]] = {}
    for name, row in _rows(path, text):
        by_name.setdefault(name, []).append(row)
    if not by_name:
        raise InvalidInput(f"{path} has no data rows after its header in row 1.")
    series = tuple(series_from_rows(name, rows) for name, rows in by_name.items())
    return SeriesFile(path, hashlib.sha256(content).hexdigest(), series)


def _separator(header: str) -> str:
    """What separates the columns: a comma, or as spreadsheets write it a semicolon or a tab."""
    return max(",;\t", key=header.count)


def _rows(path: Path, text: str) -> Iterator[tuple[str, Row]]:
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, strict=True, delimiter=_separator(lines[0]))
    try:
        header = [name.strip().lower() for name in next(reader)]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise InvalidInput(
                f"{path}, row 1: the column{'s' if len(missing) > 1 else ''}"
                f" {' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing"
                f" (found {', '.join(header) or 'nothing'}).",
                hint=f"The first row must name {', '.join(COLUMNS)}, separated by commas.",
            )
        doubled = [name for name in (*COLUMNS, OCCUPANCY) if header.count(name) > 1]
        if doubled:
            raise InvalidInput(f"{path}, row 1: the column {doubled[0]} is there twice.")
        at_name, at_day, at_value = (header.index(name) for name in COLUMNS)
        at_people = header.index(OCCUPANCY) if OCCUPANCY in header else None
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(header):
                raise InvalidInput(
                    f"{path}, row {reader.line_num}: {len(fields)} fields"
                    f" where the header has {len(header)}."
                )
            name = fields[at_name].strip()
            if not name:
                raise InvalidInput(f"{path}, row {reader.line_num}: unique_id is empty.")
            people = None if at_people is None else fields[at_people]
            yield name, Row(reader.line_num, fields[at_day], fields[at_value], people)
    except csv.Error as problem:
        raise InvalidInput(f"{path}, row {reader.line_num}: {problem}.") from None
