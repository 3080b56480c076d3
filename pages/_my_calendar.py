"""The private calendar address on the carer's page: made once, shown once, revoked at once."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, callback, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import request

from components import formats
from components.cards import card
from components.feedback import toast
from components.forms import button, field, text_field
from components.theme import Status
from pages._my_ids import Ids
from pages._undo import say
from rota.access.permissions import Permission
from rota.carer.feed import FeedState, make_feed, my_feed, revoke_feed
from server.context import current_actor, reading, working
from server.gate import requires


def calendar_card(found: FeedState | None) -> Component:
    """My shifts in my own calendar."""
    return card(html.Div(_state(found), id=Ids.FEED), title="In my own calendar")


def _state(found: FeedState | None, address: str = "") -> list[Component]:
    parts: list[Component] = []
    if address:
        parts += [
            html.P("Add this address to your calendar as a subscription. It is shown only now."),
            html.Div(
                [
                    field("Calendar address", text_field("my-feed-address", address, readonly=True),
                          required=True),
                    dcc.Clipboard(
                        target_id="my-feed-address", title="Copy the address",
                        className="btn btn-secondary",
                    ),
                ],
                className="feed-address",
            ),
            html.P("Whoever has it sees your shifts: do not pass it on.", className="muted"),
        ]  # fmt: skip
    elif found is None:
        words = "Your phone's calendar can show your published shifts and follow every change."
        parts.append(html.P(words, className="muted"))
    else:
        read = (
            f"last read {formats.moment(found.last_read_at)}"
            if found.last_read_at
            else "not read yet"
        )
        words = f"An address exists since {formats.day_year(found.created_at.date())}, {read}."
        parts.append(html.P(words, className="muted"))
    new = "Make a new address" if found is not None or address else "Make a calendar address"
    revoke = button("End it", id=Ids.FEED_REVOKE, kind="quiet")
    parts.append(
        html.Div(
            [
                button(new, id=Ids.FEED_MAKE, icon_name="calendar-plus"),
                # kept in the page while there is nothing to end: its function listens to it
                html.Div(revoke, hidden=found is None and not address),
            ],
            className="actions",
        )
    )
    return parts


@callback(
    Output(Ids.FEED, "children"),
    Input(Ids.FEED_MAKE, "n_clicks"),
    prevent_initial_call=True,
    running=[(Output(Ids.FEED_MAKE, "disabled"), True, False)],
)
@requires(Permission.VIEW_OWN_ROTA)
def make_address(clicks: Any) -> Any:
    """Make a new address; an older one ends with it."""
    if not clicks:
        raise PreventUpdate
    with working() as uow:
        secret = make_feed(uow)
        uow.commit()
    with reading() as session:
        found = my_feed(session, current_actor())
    return _state(found, f"{request.host_url}calendar/{secret}.ics")


@callback(
    Output(Ids.FEED, "children", allow_duplicate=True),
    Input(Ids.FEED_REVOKE, "n_clicks"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_OWN_ROTA)
def end_address(clicks: Any) -> Any:
    """End the address at once."""
    if not clicks:
        raise PreventUpdate
    with working() as uow:
        revoke_feed(uow)
        uow.commit()
    say(toast(Status.GOOD, "The calendar address opens nothing any more"))
    return _state(None)
