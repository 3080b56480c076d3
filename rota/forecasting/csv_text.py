"""The text of a CSV file that somebody made: UTF-8, with or without a mark at its beginning."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from rota.errors import InvalidInput


def read_bytes(path: Path) -> bytes:
    """What the file holds. Raises :class:`InvalidInput` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise InvalidInput(f"{path} cannot be read: {problem.strerror}.") from None


def decoded(path: Path, content: bytes) -> str:
    """``content`` as text. Raises :class:`InvalidInput` naming the row that is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = content.count(b"\n", 0, problem.start) + 1
        raise InvalidInput(
            f"{path}, row {row}: not UTF-8 text (byte {content[problem.start]:#04x}).",
            hint="Save the file as UTF-8.",
        ) from None


def named_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file by number (the header is row 1) and column, without outer spaces.

    Raises :class:`InvalidInput` naming the row when the file cannot be read, a column of
    ``columns`` is missing or the CSV is broken. A cell that is missing is empty.
    """
    reader = csv.DictReader(decoded(path, read_bytes(path)).splitlines(), strict=True)
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise InvalidInput(
                f"{path}, row 1: {' and '.join(missing)} missing.",
                hint=f"The first row must name {', '.join(columns)}.",
            )
        for row in reader:
            yield reader.line_num, {name: (row[name] or "").strip() for name in columns}
    except csv.Error as problem:
        raise InvalidInput(f"{path}, row {reader.line_num}: {problem}.") from None
