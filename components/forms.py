"""Buttons, fields and dialogs with one look and correct labels.

Fields are native controls (through Bootstrap): Dash's own dropdown, date picker, slider and
options fail accessibility checks in several ways (roles, names, nested focus), and a phone's own
date and list controls are better than any drawn one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from components.icons import icon

_KINDS = {
    "primary": "btn btn-primary",
    "secondary": "btn btn-secondary",
    "quiet": "btn btn-quiet",
    "danger": "btn btn-danger",
}


def button(
    text: str,
    *,
    id: Any,
    kind: str = "secondary",
    icon_name: str = "",
    key: str = "",
    disabled: bool = False,
    title: str = "",
) -> Component:
    """A button that a callback listens to; ``kind`` primary, secondary, quiet or danger.

    ``key`` is the letter on the keyboard that presses it (``assets/shell.js``), shown on it.
    """
    inner: list[Component | str] = [icon(icon_name)] if icon_name else []
    inner.append(html.Span(text))
    attributes: dict[str, Any] = {}
    if key:
        inner.append(html.Kbd(key.upper(), **{"aria-hidden": "true"}))
        attributes |= {"data-key": key.lower(), "aria-keyshortcuts": key.upper()}
    return html.Button(
        inner,
        id=id,
        type="button",
        className=_KINDS[kind],
        disabled=disabled,
        title=title or None,
        **attributes,
    )


def icon_button(name: str, label: str, *, id: Any, kind: str = "quiet") -> Component:
    """A square button with only an icon; ``label`` is spoken and shown on hover."""
    return html.Button(
        icon(name),
        id=id,
        type="button",
        className=f"{_KINDS[kind]} btn-icon",
        title=label,
        **{"aria-label": label},
    )


def link_button(
    text: str, href: str, *, kind: str = "secondary", icon_name: str = "", external: bool = False
) -> Component:
    """A link that looks like a button; ``external`` for downloads and pages outside Dash."""
    inner = [icon(icon_name), html.Span(text)] if icon_name else [html.Span(text)]
    if external:
        return html.A(inner, href=href, className=_KINDS[kind])
    return dcc.Link(inner, href=href, className=_KINDS[kind])


def field(
    label: str,
    control: Component,
    *,
    hint: str = "",
    error: str = "",
    required: bool = False,
) -> Component:
    """A control under its label, with a hint and an error beneath.

    The label is tied to ``control.id``; give callbacks that set errors the id ``{id}-error``.
    """
    name = getattr(control, "id", None)
    plain = isinstance(name, str)
    # a pattern of ids stands in the page as its JSON, written as the renderer writes it
    target = name if plain else json.dumps(name, sort_keys=True, separators=(",", ":"))
    words: list[Component | str] = [label]
    if not required and getattr(control, "type", "") != "range":
        words.append(html.Span(" (optional)", className="optional"))
    parts: list[Component] = [
        html.Label(words, className="field-label", **({"htmlFor": target} if name else {})),
        control,
    ]
    if hint:
        parts.append(html.Div(hint, className="field-hint"))
    parts.append(
        html.Div(
            error,
            className="field-error",
            role="alert",
            **({"id": f"{name}-error"} if plain else {}),
        )
    )
    return html.Div(parts, className="field is-wrong" if error else "field")


def text_field(id: str, value: str = "", *, kind: str = "text", **more: Any) -> Component:
    """One line of text (``value``); ``kind`` text, number, email, search or password.

    A number arrives in the callback as a number. ``more`` are props of ``dbc.Input``
    (``min``, ``max``, ``step``, ``placeholder``, ``debounce``).
    """
    return dbc.Input(id=id, value=value, type=kind, **more)


def text_area(id: str, value: str = "", *, rows: int = 3, **more: Any) -> Component:
    """Several lines of text (``value``)."""
    return dbc.Textarea(id=id, value=value, rows=rows, **more)


def date_field(id: str, value: date | None = None, **more: Any) -> Component:
    """A date: the browser's own control, known on every phone; ``value`` is ``YYYY-MM-DD``.

    ``more`` may carry ``min`` and ``max`` as ISO dates.
    """
    return dbc.Input(id=id, value=value.isoformat() if value else "", type="date", **more)


def select(
    id: str, options: Sequence[tuple[str, str]], value: str | None = None, **more: Any
) -> Component:
    """Choose one of a few: the browser's own list. Options are (value, label); values are text."""
    return dbc.Select(
        id=id, options=[{"value": v, "label": label} for v, label in options], value=value, **more
    )


def radios(
    id: str, options: Sequence[tuple[str, str]], value: str | None = None, *, inline: bool = True
) -> Component:
    """Choose one of two to five, all in sight: (value, label)."""
    return dbc.RadioItems(
        id=id,
        options=[{"value": v, "label": label} for v, label in options],
        value=value,
        inline=inline,
    )


def checks(
    id: str, options: Sequence[tuple[str, str]], value: Sequence[str] = (), *, inline: bool = True
) -> Component:
    """Choose any of a few: (value, label); ``value`` is the list of chosen values."""
    return dbc.Checklist(
        id=id,
        options=[{"value": v, "label": label} for v, label in options],
        value=list(value),
        inline=inline,
    )


def switch(id: str, label: str, value: bool = False) -> Component:
    """On or off, at once."""
    return dbc.Switch(id=id, label=label, value=value)


def slider(
    id: str, value: float, *, low: float, high: float, step: float = 1, **more: Any
) -> Component:
    """A range control; ``value`` arrives when it is let go."""
    return dbc.Input(
        id=id,
        type="range",
        value=value,
        min=low,
        max=high,
        step=step,
        class_name="form-range",
        debounce=True,
        **more,
    )


def form_row(*fields: Component) -> Component:
    """Fields side by side, under each other on a phone."""
    return html.Div(list(fields), className="form-row")


def dialog(
    id: str,
    title: str,
    children: Component | Sequence[Component],
    *,
    actions: Sequence[Component],
    size: str = "",
) -> Component:
    """A modal question; a callback opens it by ``is_open``. The last action is the main one."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(title), close_button=True),
            dbc.ModalBody(children),
            dbc.ModalFooter(list(actions)),
        ],
        id=id,
        is_open=False,
        centered=True,
        scrollable=True,
        **({"size": size} if size else {}),
    )


def drawer(id: str, title: str, children: Component | Sequence[Component] = ()) -> Component:
    """The panel on the right for one selected thing; fill ``{id}-title`` and ``{id}-body``.

    It lies beside the grid without a backdrop, so one goes on selecting cells.
    """
    return dbc.Offcanvas(
        html.Div(children, id=f"{id}-body"),
        id=id,
        title=html.Span(title, id=f"{id}-title"),
        is_open=False,
        placement="end",
        backdrop=False,
        scrollable=True,
        autofocus=False,
        class_name="drawer",
    )


def tabs(label: str, options: Sequence[tuple[str, str, bool]]) -> Component:
    """Tabs that are links, the view being in the address: (text, href, chosen)."""
    return html.Nav(
        [
            dcc.Link(text, href=href, className="page-tab is-on" if chosen else "page-tab")
            for text, href, chosen in options
        ],
        className="tab-row",
        **{"aria-label": label},
    )
