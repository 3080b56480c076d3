"""One record in, one parsed value out: which reader reads which kind."""

from __future__ import annotations

from typing import Any

from rota.exchange.context import Context
from rota.exchange.fields import FieldReader
from rota.exchange.findings import Findings, Where
from rota.exchange.keys import Keys
from rota.exchange.legacy import Fields, correct, restore
from rota.exchange.parsed import Kind
from rota.exchange.readers_people import read_account, read_person
from rota.exchange.readers_reference import (
    read_home,
    read_role,
    read_unit,
)
from rota.exchange.readers_rota import read_leave, read_shift
from rota.exchange.readers_types import read_pattern, read_shift_type
from rota.exchange.writers import add_further_fields, usual_fields, usual_shift

_NOWHERE = Where("", 0, "")
_SIMPLE = {
    Kind.ROLE: read_role,
    Kind.HOME: read_home,
    Kind.UNIT: read_unit,
    Kind.SHIFT_TYPE: read_shift_type,
    Kind.PATTERN: read_pattern,
    Kind.SHIFT: read_shift,
    Kind.LEAVE: read_leave,
}


def interpret(
    kind: Kind, model: str, pk: object, fields: Fields, where: Where, context: Context
) -> Any:
    """What a record says; null when it cannot be used, with findings that say why."""
    reader = FieldReader(kind, fields, where, context.findings)
    if kind is Kind.PERSON:
        return read_person(reader, context, pk, pk_is_number=model == "scheduling.user")
    if kind is Kind.ACCOUNT:
        return read_account(reader, context, pk)
    return _SIMPLE[kind](reader, context)


def read_quietly(kind: Kind, model: str, pk: object, fields: Fields, context: Context) -> Any:
    """:func:`interpret` without findings."""
    noted, context.findings, context.is_quiet = context.findings, Findings(), True
    try:
        return interpret(kind, model, pk, fields, _NOWHERE, context)
    finally:
        context.findings, context.is_quiet = noted, False


def compose(kind: Kind, value: Any, model: str, pk: object, keys: Keys, context: Context) -> Fields:
    """The fields that say all of a value, in the export's own dialect."""
    fields = usual_fields(kind, value, keys)
    if kind is Kind.SHIFT and usual_shift(value, context):
        return fields
    again = read_quietly(kind, model, pk, fields, context)
    return add_further_fields(kind, value, again, fields, keys, context)


def recompose(
    kind: Kind,
    value: Any,
    model: str,
    pk: object,
    kept: dict[str, Any],
    keys: Keys,
    context: Context,
) -> Fields:
    """The fields as they came, with what has changed in the product since."""
    written = compose(kind, value, model, pk, keys, context)
    if not kept.get("fields") and "keys" not in kept:
        return written
    fields = restore(kind, kept, written)
    for _ in range(2):
        again = read_quietly(kind, model, pk, fields, context)
        changed = _differing(again, value) if again is not None else list(type(value).__slots__)
        if not changed:
            return fields
        fields = correct(kind, fields, written, changed)
    if read_quietly(kind, model, pk, fields, context) == value:
        return fields
    return {**fields, **written}


def _differing(one: Any, other: Any) -> list[str]:
    return [name for name in type(one).__slots__ if getattr(one, name) != getattr(other, name)]
