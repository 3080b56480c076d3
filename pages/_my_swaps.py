"""Swaps on the carer's page: what is proposed, and what a shift could be swapped for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import card, chip
from components.feedback import empty_state, toast
from components.forms import button, field, text_field
from components.legend import shift_code
from components.state import parse_search
from components.theme import Status
from pages._inputs import afresh, clicked, text_of, whole
from pages._my_ids import PATH, Ids
from pages._undo import say
from pages._vacancy_parts import category
from rota.access.permissions import Permission
from rota.carer.swap_queries import Swap, SwapOption, SwapShift
from rota.carer.swaps import answer_swap, propose_swap, withdraw_swap
from rota.carer.words import SwapState
from server.context import working
from server.gate import requires

_STATES = {
    SwapState.PROPOSED: Status.WARN,
    SwapState.AGREED: Status.INFO,
    SwapState.APPROVED: Status.GOOD,
    SwapState.REFUSED: Status.BAD,
    SwapState.DECLINED: Status.NEUTRAL,
    SwapState.WITHDRAWN: Status.NEUTRAL,
}


def swaps_tab(
    swaps: Sequence[Swap], sought: tuple[SwapShift, list[SwapOption]] | None, back: str
) -> Component:
    """The proposals; when a swap is sought for a shift, what it could be had for instead."""
    if sought is not None:
        return card(
            _options(*sought),
            title="Swap a shift",
            actions=[dcc.Link("All my swaps", href=back, className="btn btn-quiet")],
        )
    if not swaps:
        return empty_state(
            "No swap yet",
            "Choose Swap on a shift of your week to see what it could be swapped for.",
            icon_name="arrow-left-right",
        )
    return card(
        html.Ul([_swap(s) for s in swaps], className="checks my-requests"), title="My swaps"
    )


def shift_words(s: SwapShift) -> Component:
    """A shift in one line: code, day, times, unit."""
    times = f"{formats.clock(s.starts_at)}–{formats.clock(s.ends_at)}"
    return html.Span(
        [shift_code(s.code, category(s.category)), f" {formats.day(s.date)}, {times}, {s.unit}"],
        className="swap-shift",
    )


def _swap(s: Swap) -> Component:
    gives, gets = (s.gives, s.gets) if s.is_mine else (s.gets, s.gives)
    other = gets.name
    lines: list[Component] = [
        html.Div([html.Strong(other), " ", chip(s.words, _STATES[s.state])]),
        html.Div(["You give ", shift_words(gives)]),
        html.Div(["You get ", shift_words(gets)]),
    ]
    if s.note:
        lines.append(html.Div(f"“{s.note}”", className="muted"))
    return html.Li([html.Div(lines), html.Div(_actions(s, other), className="actions")])


def _actions(s: Swap, other: str) -> list[Component]:
    if not s.is_open:
        return []
    identity = {"swap": s.id, "version": s.version}
    if s.is_mine:
        title = f"Withdraw the swap with {other}"
        return [button("Withdraw", id={"type": Ids.SWAP_WITHDRAW, **identity}, kind="quiet",
                       title=title)]  # fmt: skip
    decline = button(
        "Decline", id={"type": Ids.SWAP_DECLINE, **identity}, kind="quiet",
        title=f"Decline the swap with {other}",
    )  # fmt: skip
    if s.state is SwapState.AGREED:
        return [decline]
    agree = button(
        "Agree", id={"type": Ids.SWAP_AGREE, **identity}, kind="primary",
        title=f"Agree to the swap with {other}",
    )  # fmt: skip
    return [agree, decline]


def _options(mine: SwapShift, options: Sequence[SwapOption]) -> Component:
    head = html.P(["You give ", shift_words(mine)])
    if not options:
        words = "No colleague's shift within two weeks that both of you may lawfully take."
        return html.Div([head, html.P(words, className="muted")])
    return html.Div(
        [
            head,
            field("Note for your colleague", text_field(Ids.SWAP_NOTE, maxLength=200)),
            html.P("Both of you may lawfully take these. Your colleague answers first, then "
                   "your manager decides.", className="muted"),
            html.Ul([_option(mine, o) for o in options], className="checks my-requests"),
        ],
        className="form-stack",
    )  # fmt: skip


def _option(mine: SwapShift, o: SwapOption) -> Component:
    words = [html.Div([html.Strong(o.shift.name)]), html.Div(shift_words(o.shift))]
    if o.warnings:
        words.append(html.Div(". ".join(o.warnings), className="muted"))
    identity = {"type": Ids.SWAP_PROPOSE, "mine": mine.shift_id, "other": o.shift.shift_id}
    title = f"Ask {o.shift.name} for {formats.day(o.shift.date)}"
    return html.Li([html.Div(words), button("Ask", id=identity, title=title)])


_go = Output(Ids.GO, "href", allow_duplicate=True)


@callback(
    _go, Input({"type": Ids.SWAP_PROPOSE, "mine": ALL, "other": ALL}, "n_clicks"),
    State(Ids.SWAP_NOTE, "value"), State(Ids.GO, "search"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.OFFER_WORK)
def propose(_clicks: Any, note: Any, search: str | None) -> str:
    """Ask a colleague to swap."""
    identity = clicked(ctx)
    with working() as uow:
        propose_swap(uow, whole(identity, "mine"), whole(identity, "other"), text_of(note, 200))
        uow.commit()
    say(toast(Status.GOOD, "Asked; you see the answer here"))
    return afresh(parse_search(search).to(view="swaps").href(PATH), search)


@callback(
    _go, Input({"type": Ids.SWAP_AGREE, "swap": ALL, "version": ALL}, "n_clicks"),
    State(Ids.GO, "search"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.OFFER_WORK)
def agree(_clicks: Any, search: str | None) -> str:
    """Agree to a swap that was proposed."""
    return _answer(clicked(ctx), True, "You agreed; your manager decides", search)


@callback(
    _go, Input({"type": Ids.SWAP_DECLINE, "swap": ALL, "version": ALL}, "n_clicks"),
    State(Ids.GO, "search"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.OFFER_WORK)
def decline(_clicks: Any, search: str | None) -> str:
    """Decline a swap that was proposed."""
    return _answer(clicked(ctx), False, "Declined; nothing changes", search)


def _answer(identity: dict[str, Any], yes: bool, words: str, search: str | None) -> str:
    with working() as uow:
        answer_swap(uow, whole(identity, "swap"), whole(identity, "version"), agree=yes)
        uow.commit()
    say(toast(Status.GOOD, words))
    return afresh(parse_search(search).href(PATH), search)


@callback(
    _go, Input({"type": Ids.SWAP_WITHDRAW, "swap": ALL, "version": ALL}, "n_clicks"),
    State(Ids.GO, "search"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.OFFER_WORK)
def take_back(_clicks: Any, search: str | None) -> str:
    """Withdraw a swap one proposed."""
    identity = clicked(ctx)
    with working() as uow:
        withdraw_swap(uow, whole(identity, "swap"), whole(identity, "version"))
        uow.commit()
    say(toast(Status.INFO, "Withdrawn"))
    return afresh(parse_search(search).href(PATH), search)
