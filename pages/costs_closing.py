"""Closed months: up to which month costs stay as they were reported."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, State, callback, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card, chip
from components.feedback import empty_state, toast
from components.forms import button, field, form_row, select, text_field
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query
from components.tables import simple_table
from components.theme import Status
from pages._inputs import afresh, day_of, text_of
from pages._numbers import numbers_tabs
from pages._numbers_forms import terms_tabs
from rota.access.permissions import Permission
from rota.calendar import london_today, month_of, months_after
from rota.costs.closing import Closing, close_months, closed_through, closings
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/costs/closing/"
OPEN = "open"
#: months that can be chosen, back from the last one that is over
_CHOICES = 24


class Ids:
    """What callbacks of this page address."""

    THROUGH = "closing-through"
    REASON = "closing-reason"
    SAVE = "closing-save"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Closed months",
    title="Closed months · Staff Rota",
    order=77,
    permission=Permission.VIEW_COSTS,
)


def layout(**query: Any) -> Component:
    """What is closed, by whom and why; the form for those who may."""
    state = parse_query(query)
    actor = current_actor()
    with reading() as session:
        past = closings(session, actor)
        through = closed_through(session)
    words = f"Closed to the end of {formats.month(through)}" if through else "No month is closed"
    body: list[Component] = [
        numbers_tabs("Budgets", state), terms_tabs("Closed months", state),
        html.Div(chip(words, Status.GOOD if through else Status.NEUTRAL, icon_name="lock")),
    ]  # fmt: skip
    if actor.may(Permission.EDIT_RATES):
        body.append(_form())
    body.append(_history(past))
    return page(
        "Closed months",
        body,
        subtitle="A rate that is changed afterwards prices nothing in a closed month again, "
        "unless somebody asks for it",
    )


def _form() -> Component:
    last = months_after(month_of(london_today()).start, -1)
    months = [months_after(last, -back) for back in range(_CHOICES)]
    options = [(month.isoformat(), formats.month(month)) for month in months]
    return card(
        [
            form_row(
                field(
                    "Close up to and with",
                    select(Ids.THROUGH, [*options, (OPEN, "Open all months again")],
                           months[0].isoformat()),
                    required=True,
                ),
                field("Reason", text_field(Ids.REASON, "", maxlength=400), required=True,
                      hint="It stays on the record."),
            ),
            html.Div(button("Save", id=Ids.SAVE, kind="primary"), className="actions"),
        ],
        title="Close months",
    )  # fmt: skip


def _history(past: list[Closing]) -> Component:
    if not past:
        return card(
            empty_state("No month has been closed yet", "Every closing stands here, with its reason.",
                        icon_name="lock"),
            title="History",
        )  # fmt: skip
    rows = [
        [formats.moment(one.set_at), one.set_by,
         formats.month(one.through) if one.through else "All open", one.reason]
        for one in past
    ]  # fmt: skip
    table = simple_table(["When", "Who", "Closed up to", "Reason"], rows, caption="History")
    return card(table, title="History", flush=True)


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    State(Ids.THROUGH, "value"),
    State(Ids.REASON, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_RATES)
def save_closing(
    clicks: int | None, through: Any, reason: Any, search: str | None
) -> tuple[Any, Any]:
    """Close months, or open them again."""
    if not clicks:
        return no_update, no_update
    month = None if through == OPEN else day_of(through, "The month")
    with working() as uow:
        close_months(uow, month, london_today(), text_of(reason, 400))
        uow.commit()
    said = (
        "All months are open" if month is None else f"Closed to the end of {formats.month(month)}"
    )
    return [toast(Status.GOOD, said)], afresh(ScreenState().href(PATH), search)
