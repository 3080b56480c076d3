"""Swaps that two people agreed on and a manager decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components.cards import card, chip
from components.feedback import empty_state, toast
from components.forms import button, dialog, field, text_area
from components.state import parse_search
from components.theme import Status
from pages._inputs import afresh, clicked, text_of, whole
from pages._leave_ids import PATH, Ids
from pages._my_swaps import shift_words
from pages._undo import say
from rota.access.permissions import Permission
from rota.carer.swap_queries import Swap
from rota.carer.swaps import approve_swap, refuse_swap
from server.context import working
from server.gate import requires


def swaps_panel(swaps: Sequence[Swap], *, may_decide: bool) -> list[Component]:
    """Each agreed swap with what the rules say now, and the two buttons."""
    if not swaps:
        return [
            empty_state(
                "No swap waits for you",
                "Swaps appear here once both people have agreed.",
                icon_name="arrow-left-right",
            )
        ]
    lines = html.Ul([_line(s, may_decide) for s in swaps], className="checks my-requests swaps")
    return [card(lines), *([_dialog()] if may_decide else [])]


def _line(s: Swap, may_decide: bool) -> Component:
    if s.obstacle:
        verdict = chip(s.obstacle, Status.BAD)
    elif s.warnings:
        verdict = chip("Lawful, with a warning", Status.WARN)
    else:
        verdict = chip("Lawful for both", Status.GOOD)
    words: list[Component] = [
        html.Div([html.Strong(f"{s.gives.name} and {s.gets.name}"), " ", verdict]),
        html.Div([f"{s.gives.name} gives ", shift_words(s.gives)]),
        html.Div([f"{s.gets.name} gives ", shift_words(s.gets)]),
        *[html.Div(w, className="muted") for w in s.warnings],
    ]
    if s.note:
        words.append(html.Div(f"“{s.note}”", className="muted"))
    if not may_decide:
        return html.Li(html.Div(words))
    identity = {"swap": s.id, "version": s.version}
    names = f"{s.gives.name} and {s.gets.name}"
    actions = [
        button(
            "Approve", id={"type": Ids.SWAP_YES, **identity}, kind="primary",
            disabled=bool(s.obstacle), title=f"Approve the swap of {names}",
        ),
        button(
            "Refuse…", id={"type": Ids.SWAP_NO, **identity}, title=f"Refuse the swap of {names}"
        ),
    ]  # fmt: skip
    return html.Li([html.Div(words), html.Div(actions, className="actions")])


def _dialog() -> Component:
    return dialog(
        Ids.SWAP_DIALOG,
        "Refuse the swap",
        [
            dcc.Store(id=Ids.SWAP_CHOSEN),
            field(
                "Why?",
                text_area(Ids.SWAP_REASON, rows=2),
                hint="Both people see it.",
                required=True,
            ),
        ],
        actions=[button("Refuse the swap", id=Ids.SWAP_SEND, kind="primary")],
    )


_go = Output(Ids.GO, "href", allow_duplicate=True)


@callback(
    _go, Input({"type": Ids.SWAP_YES, "swap": ALL, "version": ALL}, "n_clicks"),
    State(Ids.GO, "search"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def approve(_clicks: Any, search: str | None) -> str:
    """Let the two people swap."""
    identity = clicked(ctx)
    with working() as uow:
        done = approve_swap(uow, whole(identity, "swap"), whole(identity, "version"))
        uow.commit()
    say(toast(Status.GOOD, done.label, undo_token=str(done.change_set_id)))
    return afresh(parse_search(search).href(PATH), search)


@callback(
    Output(Ids.SWAP_DIALOG, "is_open"), Output(Ids.SWAP_CHOSEN, "data"),
    Input({"type": Ids.SWAP_NO, "swap": ALL, "version": ALL}, "n_clicks"),
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def ask_why(_clicks: Any) -> Any:
    """Ask for the reason."""
    return True, clicked(ctx)


@callback(
    _go, Input(Ids.SWAP_SEND, "n_clicks"), State(Ids.SWAP_CHOSEN, "data"),
    State(Ids.SWAP_REASON, "value"), State(Ids.GO, "search"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def refuse(clicks: Any, chosen: Any, reason: Any, search: str | None) -> str:
    """Refuse the swap that was chosen, with a reason."""
    if not clicks:
        raise PreventUpdate
    with working() as uow:
        refuse_swap(uow, whole(chosen, "swap"), whole(chosen, "version"), text_of(reason, 300))
        uow.commit()
    say(toast(Status.GOOD, "Refused; both people see the reason."))
    return afresh(parse_search(search).href(PATH), search)
