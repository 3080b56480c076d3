"""Reading what a callback received. Everything of it came from outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dash.exceptions import PreventUpdate

from rota.errors import InvalidInput
from rota.leave.facts import LeaveType

_MOST = 2**31 - 1


def clicked(context: Any) -> dict[str, Any]:
    """The id of the button that was really clicked (a button drawn anew is not a click)."""
    identity = context.triggered_id
    values = [entry.get("value") for entry in context.triggered]
    if not isinstance(identity, dict) or not any(values):
        raise PreventUpdate
    return identity


def whole(values: Any, key: str) -> int:
    """A whole number of a mapping, above zero. Raises :class:`InvalidInput`."""
    value = values.get(key) if isinstance(values, Mapping) else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST:
        raise InvalidInput("The page sent something that cannot be read.", hint="Load it again.")
    return value


def number_of(value: Any, what: str) -> int:
    """A number field's whole number above zero. Raises :class:`InvalidInput` naming the field."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return whole({"value": value}, "value")
    except InvalidInput:
        raise InvalidInput(f"{what} is a whole number above zero.") from None


def day_of(value: Any, what: str) -> date:
    """A date of a date field. Raises :class:`InvalidInput` naming the field."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2100:
        raise InvalidInput(f"{what} is not a date.", hint="Choose a day, such as 3 March 2027.")
    return found


def text_of(value: Any, longest: int = 500) -> str:
    """A text field's value, trimmed; too much of it is an :class:`InvalidInput`."""
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > longest:
        raise InvalidInput(f"That is longer than {longest} characters.", hint="Say it shorter.")
    return text


def kind_of(value: Any) -> LeaveType:
    """The kind of leave chosen. Raises :class:`InvalidInput`."""
    try:
        return LeaveType(value)
    except ValueError as error:
        raise InvalidInput("Choose the kind of leave.") from error


def afresh(href: str, search: str | None) -> str:
    """An address that differs from the one shown, so that the page is read again.

    Dash reads a page only when its address changes; after something was done the old and the
    new address may be the same.
    """
    query = href.partition("?")[2]
    if query != (search or "").lstrip("?"):
        return href
    return f"{href}{'&' if query else '?'}seen=1"
