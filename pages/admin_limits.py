"""Administration of limits: thresholds of the rules, leave, and filling vacancies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.feedback import empty_state, toast
from components.filters import segmented
from components.forms import button, date_field, field, form_row, link_button, select, text_field
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._admin_parts import admin_tabs
from pages._inputs import afresh, clicked, day_of, text_of, whole
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, homes_of
from rota.administration import limits, service
from rota.administration.catalogue import table_called
from rota.administration.fields import Choices, Kind
from rota.errors import InvalidInput
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/admin/limits/"


class Ids:
    """What callbacks of this page address."""

    SEARCH = "admin-limits-search"
    VALUE = "admin-limits-value"
    FROM = "admin-limits-from"
    WHOM = "admin-limits-whom"
    REASON = "admin-limits-reason"
    SAVE = "admin-limits-save"
    WITHDRAW = "admin-limits-withdraw"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Limits",
    title="Limits · Staff Rota",
    order=92,
    permission=Permission.ADMINISTER,
)


def layout(**query: Any) -> Component:
    """The limits of one group, one of them opened (its name stands in ``status``)."""
    state = parse_query(query)
    group = state.view or limits.RULES
    actor = current_actor()
    with reading() as session:
        shown = limits.limits(session, actor, group, search=state.q)
        homes = homes_of(session, actor)
        roles = service.choices_of(session, table_called("pay-rates"))["role_id"]
    here = ScreenState(view=group)
    opened = next((one for one in shown if one.name == state.status), None)
    body: list[Component] = [_form(opened, homes, roles, here)] if opened else []
    body.append(field("Find", text_field(Ids.SEARCH, state.q, kind="search", debounce=True)))
    body.append(_table(shown, here))
    return page(
        "Administration",
        [
            admin_tabs("Limits"),
            segmented(
                "Group",
                [
                    (words, ScreenState(view=key).href(PATH), key == group, words)
                    for key, words in limits.GROUPS.items()
                ],
            ),
            *body,
        ],
        subtitle="Every threshold with the day it holds from. What the law says can be overruled "
        "here, with a reason, on the record.",
    )


def _table(shown: Sequence[limits.LimitView], here: ScreenState) -> Component:
    if not shown:
        return empty_state("No limit like that", "Search by a word of its name.")
    rows = [
        [
            dcc.Link(one.label, href=here.to(status=one.name).href(PATH)),
            one.value,
            one.shipped if one.shipped != one.value else "",
            one.unit,
            "; ".join(
                f"{row.whom} {row.value} from {formats.day(row.effective_from)}"
                for row in one.rows[:3]
            ),
        ]
        for one in shown
    ]
    titles = ["Limit", "Today", "As shipped", "In", "Your own rows"]
    return card(simple_table(titles, rows, caption="Limits"), flush=True)


def _form(
    opened: limits.LimitView, homes: Sequence[HomeChoice], roles: Choices, here: ScreenState
) -> Component:
    kind = limits.field_of(opened.group, opened.name).kind
    if kind is Kind.FLAG:
        value: Component = select(Ids.VALUE, [("yes", "Yes"), ("no", "No")], opened.value.lower())
    else:
        value = text_field(Ids.VALUE, "", placeholder=opened.value, maxlength=500)
    whom = [("", "Everybody")]
    if opened.group != limits.FILLING:
        whom += [(f"role:{key}", f"Grade {code}") for key, code in roles]
    if opened.group != limits.RULES:
        whom += [(f"home:{home.id}", home.name) for home in homes]
    past = [
        [
            row.value,
            row.whom,
            formats.day(row.effective_from),
            row.reason,
            button("Withdraw", id={"type": Ids.WITHDRAW, "row": row.id})
            if row.can_be_withdrawn
            else "On record",
        ]
        for row in opened.rows
    ]
    return card(
        [
            form_row(
                field("New value", value, required=True, hint=opened.unit),
                field("From", date_field(Ids.FROM), required=True),
                field("For", select(Ids.WHOM, whom, ""), required=True),
                field("Reason", text_field(Ids.REASON, "", maxlength=400), required=True),
            ),
            html.Div(
                [
                    button("Set", id=Ids.SAVE, kind="primary"),
                    link_button("Cancel", here.href(PATH)),
                ],
                className="actions",
            ),
            simple_table(["Value", "For", "From", "Reason", ""], past, caption="Rows of your own")
            if past
            else html.P("No row of your own: what the product ships holds.", className="muted"),
        ],
        title=opened.label,
    )


@callback(
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SEARCH, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def find_limit(text: Any, search: str | None) -> Any:
    """Search the limits."""
    state = parse_search(search)
    wanted = text_of(text, 100)
    return no_update if wanted == state.q else state.to(q=wanted, status="").href(PATH)


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    State(Ids.VALUE, "value"),
    State(Ids.FROM, "value"),
    State(Ids.WHOM, "value"),
    State(Ids.REASON, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def set_limit(
    clicks: int | None, value: Any, since: Any, whom: Any, reason: Any, search: str | None
) -> tuple[Any, Any]:
    """Set a limit from a day on."""
    if not clicks:
        return no_update, no_update
    state = parse_search(search)
    group = state.view or limits.RULES
    role_id, home_id = _whom(whom)
    if limits.field_of(group, state.status).kind is Kind.FLAG:
        if value not in ("yes", "no"):
            raise InvalidInput("Choose yes or no.")
        value = value == "yes"
    command = limits.SetLimit(
        group, state.status, value, day_of(since, "From"), text_of(reason, 400), role_id, home_id
    )
    with working() as uow:
        limits.set_limit(uow, command)
        uow.commit()
    said = toast(Status.GOOD, "The limit was set", hint="What held before stays on record.")
    return [said], afresh(ScreenState(view=group).href(PATH), search)


def _whom(value: Any) -> tuple[int | None, int | None]:
    """The grade or home chosen. Raises :class:`InvalidInput`."""
    if value in (None, ""):
        return None, None
    kind, _, key = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind not in ("role", "home"):
        raise InvalidInput("Choose whom it is for from the list.")
    number = whole({"id": key}, "id")
    return (number, None) if kind == "role" else (None, number)


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input({"type": Ids.WITHDRAW, "row": ALL}, "n_clicks"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def withdraw_limit(_clicks: Any, search: str | None) -> tuple[Any, Any]:
    """Take back a row whose day has not come."""
    row_id = whole(clicked(ctx), "row")
    state = parse_search(search)
    group = state.view or limits.RULES
    with working() as uow:
        limits.withdraw(uow, group, row_id)
        uow.commit()
    here = ScreenState(view=group).href(PATH)
    return [toast(Status.GOOD, "The row was withdrawn")], afresh(here, search)
