"""Forms over rows of reference data and of people: a control for each field, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.forms import checks, field, select, switch, text_area, text_field
from rota.administration import service
from rota.administration.fields import Choices, Field, Kind
from rota.administration.tables import Table
from rota.errors import InvalidInput


def control(
    kind: str, f: Field, value: Any, lists: Mapping[str, Choices], exists: bool
) -> Component:
    """The control of one field, whose id says the ``kind`` of form it stands in."""
    name: Any = {"type": kind, "key": f.key}
    raw, options = f.raw(value), list(lists.get(f.key, ()))
    off = exists and f.fixed
    match f.kind:
        case Kind.FLAG:
            return html.Div(switch(name, f.label, raw), className="field field-switch")
        case Kind.REFERENCES:
            return field(f.label, checks(name, options, raw), hint=f.hint)
        case Kind.CHOICE | Kind.REFERENCE:
            empty = [] if f.required and value not in (None, "") else [("", "–")]
            control = select(name, [*empty, *options], str(raw), disabled=off)
        case Kind.DATE:
            control = text_field(name, raw, kind="date", disabled=off)
        case Kind.TIME:
            control = text_field(name, raw, kind="time", disabled=off)
        case Kind.CYCLE:
            control = text_area(name, raw)
        case Kind.WHOLE | Kind.DECIMAL | Kind.NUMBER | Kind.MONEY | Kind.HOURS:
            control = text_field(name, raw, inputmode="decimal", disabled=off)
        case _:
            control = text_field(name, raw, maxlength=f.longest, disabled=off)
    return html.Label(
        [
            html.Span([f.label, "" if f.required else html.Span(" (optional)", className="optional")],
                      className="field-label"),
            control,
            html.Span(f.hint, className="field-hint"),
        ],
        className="field",
    )  # fmt: skip


def difference(table: Table, one: service.Change, lists: Mapping[str, Choices]) -> str:
    """What a change made different, field by field."""
    before, after = one.before or {}, one.after or {}
    return "; ".join(
        f"{f.label}: {_word(f, before.get(f.key), lists)} → {_word(f, after.get(f.key), lists)}"
        for f in table.fields
        if before.get(f.key) != after.get(f.key)
    )


def _word(f: Field, value: Any, lists: Mapping[str, Choices]) -> str:
    """A value of the audit, which keeps it as JSON, as a table shows it."""
    if value in (None, ""):
        return "–"
    if f.private or f.kind in (Kind.DATE, Kind.TIME, Kind.CYCLE, Kind.WORDS):
        return str(value)
    return f.show(value, lists.get(f.key, ()))


def given(values: Any, ids: Any) -> dict[str, Any]:
    """What stands in the form, by field. Raises :class:`InvalidInput`."""
    if not isinstance(values, list) or not isinstance(ids, list) or len(values) != len(ids):
        raise InvalidInput("The page sent something that cannot be read.", hint="Load it again.")
    keys = [one.get("key") if isinstance(one, dict) else None for one in ids]
    if any(not isinstance(key, str) for key in keys):
        raise InvalidInput("The page sent something that cannot be read.", hint="Load it again.")
    return dict(zip(map(str, keys), values, strict=True))
