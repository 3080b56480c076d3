"""Records as text in Django's own layout, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from rota.errors import InvalidInput
from rota.exchange.writing import ExportRecord


def text_of(records: Iterable[ExportRecord]) -> Iterator[str]:
    """The pieces of a file: a list with one space of indent and no line end at the end."""
    between = "[\n"
    for record in records:
        yield (
            f'{between} {{\n  "model": {_json(record.model, 2)},\n  "pk": {_json(record.pk, 2)},\n'
            f'  "fields": {_json(record.fields, 2)}\n }}'
        )
        between = ",\n"
    yield "[]" if between == "[\n" else "\n]"


def _json(value: Any, depth: int) -> str:
    """``json.dumps(value, indent=1, ensure_ascii=False)`` at a depth, several times as fast."""
    if isinstance(value, str):
        return str(encode_basestring(value))
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, dict):
        parts = (
            f"{inner}{encode_basestring(key)}: {_json(part, depth + 1)}"
            for key, part in value.items()
        )
        return "{" + ",".join(parts) + outer + "}"
    return "[" + ",".join(inner + _json(part, depth + 1) for part in value) + outer + "]"


def write_file(path: Path, pieces: Iterable[str]) -> int:
    """Write a file beside its place and move it there when it is whole; give its bytes.

    Raises :class:`InvalidInput` when the folder does not exist or cannot be written to.
    An older file of that name stays as it is until then.
    """
    if path.is_dir():
        raise InvalidInput(f"{path} is a directory.", hint="Name a file.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not valid"
        raise InvalidInput(f"{path} cannot be written: {reason}.") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        size = temporary.stat().st_size
        temporary.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return size
