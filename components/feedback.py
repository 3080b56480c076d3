"""What a screen says back: toasts with undo, errors, empty places, waiting, no permission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from components.icons import icon
from components.theme import STATUS_ICONS, Status
from rota.errors import RotaError

UNDO_TYPE = "toast-undo"


def undo_id(token: str) -> dict[str, str]:
    """The id of a toast's undo button.

    A page listens with ``Input({"type": UNDO_TYPE, "token": ALL}, "n_clicks")`` and reads the
    token from ``ctx.triggered_id``.
    """
    return {"type": UNDO_TYPE, "token": token}


def toast(
    kind: Status,
    text: str,
    *,
    hint: str = "",
    undo_token: str = "",
    undo_text: str = "Undo",
    link: tuple[str, str] | None = None,
) -> Component:
    """One toast that names what happened; put it (or a list) into ``shell.Ids.TOASTS`` children.

    Good news leaves after six seconds (twelve with undo), bad news stays until it is closed.
    ``link`` is (text, href).
    """
    body: list[Component | str] = [
        icon(STATUS_ICONS[kind], class_name=f"text-{kind}"),
        html.Div(
            [html.Div(text, className="toast-text")]
            + ([html.Div(hint, className="toast-hint")] if hint else []),
            className="toast-words",
        ),
    ]
    if link:
        body.append(dcc.Link(link[0], href=link[1], className="btn btn-quiet"))
    if undo_token:
        body.append(
            html.Button(undo_text, id=undo_id(undo_token), type="button", className="btn btn-quiet")
        )
    attributes: dict[str, Any] = {}
    if kind not in (Status.BAD, Status.WARN):
        attributes["duration"] = 12_000 if undo_token else 6_000
    return dbc.Toast(
        html.Div(body, className="toast-line"),
        is_open=True,
        dismissable=True,
        header=_SPOKEN[kind],
        className=f"rota-toast rota-toast-{kind}",
        **attributes,
    )


_SPOKEN = {
    Status.GOOD: "Done",
    Status.WARN: "Careful",
    Status.BAD: "Not done",
    Status.INFO: "For information",
    Status.NEUTRAL: "Note",
}


def error_toast(error: RotaError) -> Component:
    """The toast of an error a person can do something about."""
    return toast(Status.BAD, error.message, hint=error.hint)


def error_panel(
    message: str,
    *,
    hint: str = "",
    title: str = "That did not work",
    action: Component | None = None,
) -> Component:
    """An error in place of content: what happened, that nothing was lost, what to do."""
    return _panel(Status.BAD, title, message, hint, action, role="alert")


def error_page(error: RotaError) -> Component:
    """The panel of an error that kept a page from being built."""
    if error.http_status == 403:
        return no_permission(error.message, ask=error.hint)
    return error_panel(error.message, hint=error.hint or "Nothing was changed.")


def broken_page() -> Component:
    """The panel of a fault of ours that kept a page from being built."""
    return error_panel(
        "The fault is on our side and has been written down; nothing was changed.",
        hint="Reload the page. If it happens again, tell your administrator the time.",
        title="This page could not be built",
    )


def no_permission(
    message: str = "This page is not part of what you may see.", *, ask: str = ""
) -> Component:
    """No permission: says whom to ask."""
    hint = ask or "Ask your administrator if you need it for your work."
    return _panel(Status.WARN, "Not for you to open", message, hint, None, icon_name="lock-fill")


def empty_state(
    title: str,
    text: str = "",
    *,
    action: Component | None = None,
    icon_name: str = "inbox",
) -> Component:
    """An empty place: what is missing and the button that does something about it."""
    return _panel(Status.NEUTRAL, title, text, "", action, icon_name=icon_name)


def _panel(
    status: Status,
    title: str,
    text: str,
    hint: str,
    action: Component | None,
    *,
    icon_name: str = "",
    role: str = "note",
) -> Component:
    parts: list[Component] = [
        icon(icon_name or STATUS_ICONS[status], class_name="state-icon"),
        html.H2(title, className="state-title"),
    ]
    parts += [html.P(line, className="state-text") for line in (text, hint) if line]
    if action is not None:
        parts.append(html.Div(action, className="state-action"))
    return html.Div(parts, className=f"state state-{status}", role=role)


def skeleton(kind: str = "text", *, rows: int = 3, height: int = 0) -> Component:
    """Grey shapes that keep the layout while something loads: ``text``, ``cards`` or ``block``."""
    style = {"height": f"{height}px"} if height else {}
    bones = [html.Div(className=f"bone bone-{kind}", style=style) for _ in range(rows)]
    return html.Div(
        [*bones, html.Span("Loading", className="visually-hidden")],
        className=f"skeleton skeleton-{kind}",
        role="status",
    )


def loading(
    children: Component | Sequence[Component],
    *,
    id: str | None = None,
    target: dict[str, str | list[str]] | None = None,
    placeholder: Component | None = None,
) -> Component:
    """Content that shows a skeleton after 300 ms of waiting, never a flicker."""
    attributes: dict[str, Any] = {}
    if id:
        attributes["id"] = id
    if target:
        attributes["target_components"] = target
    return dcc.Loading(
        children,
        delay_show=300,
        delay_hide=150,
        show_initially=False,
        overlay_style={"visibility": "visible", "opacity": 0.55},
        custom_spinner=placeholder or html.Div(className="spinner", role="status", title="Loading"),
        **attributes,
    )


def progress(
    share: float | None, *, text: str, detail: str = "", id: str | None = None
) -> Component:
    """Progress of a job, 0 to 1, or moving without a number when ``share`` is None."""
    known = share is not None
    done = round(min(1.0, max(0.0, share or 0.0)) * 100)
    attributes: dict[str, Any] = {"aria-label": text}
    if known:
        attributes |= {"aria-valuenow": str(done), "aria-valuemin": "0", "aria-valuemax": "100"}
    fill = html.Div(
        className="progress-fill" if known else "progress-fill progress-unknown",
        style={"width": f"{done}%"} if known else {},
    )
    words = [html.Span(text), html.Span(detail or (f"{done}%" if known else ""), className="num")]
    return html.Div(
        [
            html.Div(words, className="progress-words"),
            html.Div(fill, role="progressbar", className="progress-track", **attributes),
        ],
        className="progress-block",
        **({"id": id} if id else {}),
    )
