"""Tokens of the data interface: make one, see it once, revoke it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card, chip
from components.feedback import empty_state, toast
from components.forms import button, field, form_row, link_button, select, text_field
from components.shell import Ids as Shell
from components.shell import page
from components.tables import facts, simple_table
from components.theme import Status
from pages._inputs import afresh, clicked, text_of, whole
from rota.access.permissions import Permission
from rota.access.scope import homes_of
from rota.api.description import BASE
from rota.api.resources import RESOURCES
from rota.api.tokens import MOST_REQUESTS, TokenRow, create_token, revoke_token, tokens
from rota.errors import InvalidInput
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/reports/data/"
REVOKE = "data-revoke"
_LIVES = [("30", "30 days"), ("90", "90 days"), ("365", "A year")]


class Ids:
    """What callbacks of this page address."""

    NAME = "data-name"
    HOME = "data-home"
    DAYS = "data-days"
    PEOPLE = "data-people"
    MAKE = "data-make"
    ONCE = "data-once"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Data for other programs",
    title="Data for other programs · Staff Rota",
    order=83,
    permission=Permission.EXPORT_DATA,
)


def layout(**_: Any) -> Component:
    """The actor's tokens, and what they open."""
    actor = current_actor()
    with reading() as session:
        homes = [(str(home.id), home.name) for home in homes_of(session, actor)]
        rows = tokens(session, actor)
    kinds = [("no", "Without names of people")]
    if actor.may(Permission.VIEW_CONTACTS):
        kinds.append(("yes", "With names of people"))
    return page(
        "Data for other programs",
        [
            card(
                [
                    form_row(
                        field("What is it for", text_field(Ids.NAME, placeholder="Power BI"),
                              required=True),
                        field("Homes", select(Ids.HOME, [("all", "All my homes"), *homes], "all"),
                              required=True),
                        field("Lives", select(Ids.DAYS, _LIVES, "90"), required=True),
                        field("Shows", select(Ids.PEOPLE, kinds, "no"), required=True),
                    ),
                    html.Div(button("Make a token", id=Ids.MAKE, kind="primary"),
                             className="actions"),
                    html.Div(id=Ids.ONCE, role="status"),
                ],
                title="New token",
            ),
            _table(rows),
            card(
                facts(
                    [
                        *((f"{BASE}/{one.name}", one.description) for one in RESOURCES),
                        ("How to ask", "Send the header “Authorization: Bearer …”; add format=csv "
                         f"for CSV. At most {MOST_REQUESTS} requests a minute."),
                    ]
                ),
                title="What there is",
            ),
        ],
        subtitle="Read-only, the same figures as on screen; every request is on the record",
        secondary=[
            link_button("Reports", "/reports/", icon_name="arrow-left"),
            link_button("Description (OpenAPI)", f"{BASE}/openapi.json", external=True,
                        icon_name="filetype-json"),
        ],
    )  # fmt: skip


def _table(rows: Sequence[TokenRow]) -> Component:
    if not rows:
        return card(empty_state("No token yet", "Make one for each program.", icon_name="key"))
    lines = [
        [
            one.name,
            one.owner,
            html.Code(f"{one.hint}…"),
            "No names" if one.is_anonymous else "Names of people",
            formats.moment(one.expires_at),
            formats.moment(one.last_used_at) if one.last_used_at else "Never",
            chip("Open", Status.GOOD) if one.is_valid else chip("Closed", Status.NEUTRAL),
            button("Revoke", id={"type": REVOKE, "token": one.id}, kind="quiet")
            if one.is_valid
            else "",
        ]
        for one in rows
    ]
    table = simple_table(
        ["For", "Owner", "Begins", "Shows", "Ends", "Last used", "State", ""], lines,
        caption="Tokens",
    )  # fmt: skip
    return card(html.Div(table, className="table-scroll"), flush=True)


@callback(
    Output(Ids.ONCE, "children"),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(Ids.MAKE, "n_clicks"),
    State(Ids.NAME, "value"),
    State(Ids.HOME, "value"),
    State(Ids.DAYS, "value"),
    State(Ids.PEOPLE, "value"),
    prevent_initial_call=True,
)
@requires(Permission.EXPORT_DATA)
def make(pressed: int | None, name: Any, home: Any, days: Any, people: Any) -> Any:
    """Make a token and show it, once."""
    if not pressed:
        return no_update, no_update
    if days not in [life for life, _ in _LIVES] or people not in ("no", "yes"):
        raise InvalidInput("Choose from the lists.")
    homes = None if home == "all" else [whole({"home": home}, "home")]
    with working() as uow:
        _, clear = create_token(
            uow, text_of(name, 80), days=int(days), home_ids=homes, is_anonymous=people == "no"
        )
        uow.commit()
    shown = html.Div(
        [
            html.Span("The token, shown this once: "),
            html.Code(clear, className="num", style={"overflowWrap": "anywhere"}),
        ],
        className="panel padded",
    )
    return shown, [toast(Status.GOOD, "The token was made", hint="Copy it now.")]


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input({"type": REVOKE, "token": ALL}, "n_clicks"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.EXPORT_DATA)
def revoke(_pressed: Any, search: str | None) -> Any:
    """Close a token from its next request on."""
    token_id = whole(clicked(ctx), "token")
    with working() as uow:
        revoke_token(uow, token_id)
        uow.commit()
    return [toast(Status.GOOD, "The token opens nothing any more")], afresh(PATH, search)
