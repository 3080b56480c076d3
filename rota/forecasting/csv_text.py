"""The text of a CSV file that somebody made: UTF-8, with or without a mark at its beginning."""

from __future__ import annotations

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
