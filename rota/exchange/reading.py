"""From a file to records, without trusting it: size, encoding, JSON, shape.

Whatever is wrong with a file as a whole is one :class:`~rota.errors.InvalidInput` of one
line. The text is decoded record by record, so that the whole file never exists as a tree
of Python objects beside itself.
"""

from __future__ import annotations

import json
import math
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from rota.errors import InvalidInput
from rota.exchange.findings import Where

#: a file above this is refused before it is opened; ``--max-megabytes`` raises it
MAX_MEGABYTES = 150
_BYTES_PER_MEGABYTE = 1_000_000
_BLANK = re.compile(r"[ \t\n\r]*")
#: escapes that JSON allows and databases refuse: NUL, halves of surrogate pairs
_RISKY_ESCAPES = re.compile(r"\\u(?:0000|[dD][89abAB])")
_OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read: where it stands, its model in lower case, its fields untouched."""

    where: Where
    model: str
    pk: object
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class Malformed:
    """An element of the list that is no record, and why."""

    where: Where
    reason: str


class _Refused(ValueError):
    """Something that Python's JSON reader would accept and this one does not."""


def read_records(path: Path, max_megabytes: int = MAX_MEGABYTES) -> Iterator[Record | Malformed]:
    """Every element of the list in a file, in order.

    Raises :class:`InvalidInput` (one line, naming the file) when it is missing, not a
    file, empty, larger than ``max_megabytes``, not UTF-8, not JSON or not a list.
    """
    text = _read_text(path, max_megabytes)
    risky = _RISKY_ESCAPES.search(text) is not None
    for number, element in enumerate(_elements(path, text), start=1):
        yield _record(path.name, number, element, risky=risky)


def _read_text(path: Path, max_megabytes: int) -> str:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise InvalidInput(f"{path} is {kind}, not an export.")
        if status.st_size > max_megabytes * _BYTES_PER_MEGABYTE:
            raise InvalidInput(
                f"{path} has {status.st_size / _BYTES_PER_MEGABYTE:.0f} MB, more than the "
                f"{max_megabytes} MB allowed.",
                hint="Split it by model, or raise the limit with --max-megabytes.",
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise InvalidInput(f"{path} does not exist.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the file's name
        reason = getattr(error, "strerror", None) or "its name is not valid"
        raise InvalidInput(f"{path} cannot be read: {reason}.") from None
    return _decode(path, data)


def _decode(path: Path, data: bytes) -> str:
    for mark, name in _OTHER_ENCODINGS.items():
        if data.startswith(mark):
            raise InvalidInput(f"{path} is {name}, not UTF-8.", hint="Save it as UTF-8.")
    if b"\x00" in data:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        raise InvalidInput(f"{path} holds a null byte in line {line}: it is not UTF-8 text.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            f"{path} is not UTF-8: byte 0x{data[error.start]:02x} in line {line}.",
            hint="Save it as UTF-8.",
        ) from None
    if not text.strip():
        raise InvalidInput(f"{path} is empty.")
    return text


def _elements(path: Path, text: str) -> Iterator[object]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
    )
    position = _skip(text, 0)
    try:
        if text[position] != "[":
            decoder.raw_decode(text, position)
            raise InvalidInput(f"{path} is not a list of records.")
        position = _skip(text, position + 1)
        if not text.startswith("]", position):
            while True:
                element, position = decoder.raw_decode(text, position)
                yield element
                position = _skip(text, position)
                if not text.startswith(",", position):
                    break
                position = _skip(text, position + 1)
        if not text.startswith("]", position):
            raise json.JSONDecodeError("expected ',' or ']'", text, position)
        if _skip(text, position + 1) != len(text):
            raise json.JSONDecodeError("text after the end of the list", text, position + 1)
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise InvalidInput(
            f"{path} is not JSON: {reason} in line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise InvalidInput(f"{path} is nested too deeply{_near(text, position)}.") from None
    except ValueError as error:  # ours, or an integer of thousands of digits
        reason = str(error) if isinstance(error, _Refused) else "a number is too long"
        raise InvalidInput(f"{path} is refused: {reason}{_near(text, position)}.") from None


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _near(text: str, position: int) -> str:
    return f" in the record that begins in line {text.count(chr(10), 0, position) + 1}"


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # field names are few and repeated: one string each, however many records
    result = {sys.intern(key): value for key, value in pairs}
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Refused(f'the key "{key[:60]}" occurs twice in one object')
            seen.add(key)
    return result


def _refuse_constant(text: str) -> NoReturn:
    raise _Refused(f"{text} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refused(f"the number {text[:40]} is out of range")
    return value


def _record(file: str, number: int, element: object, *, risky: bool) -> Record | Malformed:
    if not isinstance(element, dict):
        return Malformed(Where(file, number, "?"), f"{_kind(element)} instead of an object")
    pk = element.get("pk")
    where = Where(file, number, "none" if pk is None else str(pk)[:64])
    model, fields = element.get("model"), element.get("fields")
    if not isinstance(model, str) or not model:
        return Malformed(where, "there is no model name")
    if not isinstance(fields, dict):
        return Malformed(where, "there are no fields")
    if pk is not None and (isinstance(pk, bool) or not isinstance(pk, int | str)):
        return Malformed(where, f"the primary key is {_kind(pk)}")
    if len(str(pk)) > 64:
        return Malformed(where, "the primary key has more than 64 characters")
    if risky and (bad := _unwritable(element)):
        return Malformed(where, f"{bad} cannot be stored")
    return Record(where, model.strip().lower(), pk, fields)


def _unwritable(value: object) -> str | None:
    """What in a value no database can keep: a NUL or half a surrogate pair."""
    if isinstance(value, str):
        if "\x00" in value:
            return "a null character"
        return "half a character (lone surrogate)" if _has_surrogate(value) else None
    if isinstance(value, dict):
        parts: Iterator[object] = iter([*value.keys(), *value.values()])
    elif isinstance(value, list):
        parts = iter(value)
    else:
        return None
    return next((found for part in parts if (found := _unwritable(part))), None)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "an object")
