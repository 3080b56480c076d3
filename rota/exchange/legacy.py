"""What the product does not use, kept so that an export gives back what was read.

A record is kept as the difference from what would be exported by itself: its model and
key where they are not the usual ones, the names of its fields where they are not the
usual list, and every value that would otherwise be lost or written differently. Data in
the export's own shape therefore costs nothing to keep.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from rota.exchange.dialects import CANONICAL, FIELDS, NEVER_KEPT, keys_of, similar_name
from rota.exchange.parsed import Kind

Fields = dict[str, Any]


def remember(
    kind: Kind, model: str, pk: object, original: Fields, written: Fields
) -> dict[str, Any]:
    """What to keep of a record that would be exported as ``written``."""
    kept: dict[str, Any] = {}
    if model != CANONICAL[kind]:
        kept["model"] = model
    if pk is None or not same(pk, key_from_text(kind, model, str(pk))):
        kept["pk"] = pk
    if list(original) != list(written):
        kept["keys"] = list(original)
    fields = {
        name: value
        for name, value in original.items()
        if name not in NEVER_KEPT and not (name in written and same(written[name], value))
    }
    if fields:
        kept["fields"] = fields
    return kept


def digest(original: Fields) -> str:
    """A short fingerprint of a record's fields, to know it again."""
    text = json.dumps(original, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def key_from_text(kind: Kind, model: str, text: str) -> str | int:
    """The key as JSON writes it: a number, except where the SAP number is the key."""
    if model == "scheduling.user" and kind is Kind.PERSON:
        return text
    return int(text) if text.isascii() and text.isdigit() and str(int(text)) == text else text


def same(one: object, other: object) -> bool:
    """Equal as JSON: ``1`` is neither ``true`` nor ``1.0``."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    return type(one) is type(other) and one == other


def restore(kind: Kind, kept: dict[str, Any], written: Fields) -> Fields:
    """The fields as they were read, where the product has not changed them: a first answer.

    :func:`correct` replaces what has changed since.
    """
    raw: Fields = kept.get("fields", {})
    names = kept.get("keys")
    if names is None:
        return {**written, **raw}
    return {
        name: raw[name] if name in raw else written.get(name, "!" if name in NEVER_KEPT else None)
        for name in names
    }


def correct(kind: Kind, fields: Fields, written: Fields, changed: list[str]) -> Fields:
    """Put what the product says now in place of the fields of changed attributes."""
    result = dict(fields)
    for attribute in changed:
        names = keys_of(kind, attribute, result)
        usual = [name for name in names if name in written]
        present = [name for name in names if name in result]
        for name in present:
            if name in written:
                result[name] = written[name]
            elif usual and names_same_attribute(kind, usual[0], name):
                result[name] = written[usual[0]]
            elif name not in written and not usual:
                result.pop(name)
        for name in usual:
            result.setdefault(name, written[name])
    return result


def names_same_attribute(kind: Kind, one: str, other: str) -> bool:
    """Whether two field names are spellings of one field."""
    return any(
        one in names and (other in names or similar_name(kind, attribute, frozenset({other})))
        for attribute, names in FIELDS[kind].items()
    )
