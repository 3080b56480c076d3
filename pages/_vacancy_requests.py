"""Agency shifts above the limit: what waits for approval, and deciding it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.feedback import toast
from components.forms import button, field, text_field
from components.state import ScreenState, parse_search
from components.theme import Status
from pages._inputs import afresh, clicked, whole
from pages._undo import say
from pages._vacancy_parts import PATH, Ids
from rota.access.permissions import Permission
from rota.errors import InvalidInput
from rota.vacancies.agency_requests import WaitingRequest, decide_request, withdraw_request
from server.context import working
from server.gate import requires

REQUEST = "vacancies-request"
REASON = "vacancies-request-reason"


def requests_card(
    found: Sequence[WaitingRequest], state: ScreenState, *, may_approve: bool, user_id: int | None
) -> Component:
    """What waits for approval, each with what the reader may do about it."""
    rows = [_row(one, state, may_approve=may_approve, user_id=user_id) for one in found]
    parts: list[Component] = [html.Ul(rows, className="candidates")]
    if may_approve:
        parts.append(
            html.Div(
                field(
                    "Reason for refusing",
                    text_field(REASON, maxlength=300),
                    hint="Whoever asked for it is told.",
                ),
                className="request-reason",
            )
        )
    count = formats.plural(len(found), "agency request")
    return card(parts, title=f"{count} above the limit", flush=True)


def _row(
    one: WaitingRequest, state: ScreenState, *, may_approve: bool, user_id: int | None
) -> Component:
    shift = f"{one.code} on {formats.day(one.date)}, {one.unit}"
    href = state.to(view=str(one.shift_id)).href(PATH)
    own = one.by_id is not None and one.by_id == user_id
    actions: list[Component] = []
    if may_approve and not own:
        actions = [
            _button("Approve", "approve", one, "primary"),
            _button("Refuse", "refuse", one, "secondary"),
        ]
    elif not may_approve:
        actions = [_button("Withdraw", "withdraw", one, "secondary")]
    by = f"asked for by {one.by or 'somebody'}, {formats.moment(one.at)}"
    return html.Li(
        [
            html.Div(
                [
                    html.Div(
                        [html.Span(one.agency, className="candidate-name"), " for ",
                         dcc.Link(shift, href=href)]
                    ),
                    html.Div(by, className="muted candidate-more"),
                ],
                className="candidate-words",
            ),
            html.Div(formats.money(one.cost_pence), className="candidate-cost num"),
            html.Div(actions, className="actions"),
        ],
        className="candidate request",
    )  # fmt: skip


def _button(text: str, do: str, one: WaitingRequest, kind: str) -> Component:
    return button(text, id={"type": REQUEST, "do": do, "id": one.id}, kind=kind)


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input({"type": REQUEST, "do": ALL, "id": ALL}, "n_clicks"),
    State(REASON, "value", allow_optional=True),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_VACANCIES)
def decide(_clicks: Any, reason: Any, search: str | None) -> str:
    """Approve, refuse or withdraw a request."""
    identity = clicked(ctx)
    request_id, do = whole(identity, "id"), identity.get("do")
    words = reason if isinstance(reason, str) else ""
    with working() as uow:
        if do == "withdraw":
            withdraw_request(uow, request_id)
            said = toast(Status.INFO, "The request is withdrawn")
        elif do in ("approve", "refuse"):
            filled = decide_request(uow, request_id, approve=do == "approve", reason=words)
            said = toast(Status.GOOD, f"Approved: {filled.label}" if filled else "Refused")
        else:
            raise InvalidInput("That could not be read.", hint="Load the page again.")
        uow.commit()
    say(said)
    return afresh(parse_search(search).href(PATH), search)
