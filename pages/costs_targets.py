"""Targets: what a measure should be, and the limit beyond which it is red."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.feedback import toast
from components.filters import Choices, Option, filter_bar
from components.forms import button, field, form_row, link_button, text_field
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._inputs import afresh
from pages._measure_words import written
from pages._numbers import no_home, numbers_tabs
from pages._numbers_forms import read_value, terms_tabs, typed, unit_of
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.calendar import london_today
from rota.costs.comparison import COMPARED
from rota.costs.measures import BY_KEY, Measure
from rota.costs.targets import SetTarget, StoredTarget, set_target, targets_of
from rota.errors import NotFound
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/costs/targets/"


class Ids:
    """What callbacks of this page address."""

    TARGET = "targets-target"
    LIMIT = "targets-limit"
    SAVE = "targets-save"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Targets",
    title="Targets · Staff Rota",
    order=76,
    permission=Permission.VIEW_COSTS,
)


def layout(**query: Any) -> Component:
    """The targets of a home or of all, one of them opened (its measure in ``status``)."""
    state = parse_query(query)
    actor = current_actor()
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("Targets", no_home())
        home = choose_home(homes, state.home) if state.home else None
        stored = targets_of(session, actor, home.id if home else None)
    body: list[Component] = [numbers_tabs("Budgets", state), terms_tabs("Targets", state)]
    if state.status:
        measure = _measure(state.status)
        may_edit = actor.may(Permission.SET_TARGETS)
        body.append(_form(measure, stored.get(measure.key), home, state, may_edit))
    body.append(_table(stored, home, state))
    choices = Choices(
        PATH, homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        period=False, all_homes=True,
    )  # fmt: skip
    return page(
        "Targets",
        body,
        subtitle=f"{home.name if home else 'For every home without its own'} · to the target "
        "green, to the limit amber, beyond it red",
        filters=filter_bar(state.to(status=""), choices, today=london_today()),
    )


def _measure(key: str) -> Measure:
    if key not in BY_KEY:
        raise NotFound("There is no such measure.", hint="Choose one of the table.")
    return BY_KEY[key]


def _form(
    measure: Measure,
    stored: StoredTarget | None,
    home: HomeChoice | None,
    state: ScreenState,
    may_edit: bool,
) -> Component:
    close = link_button("Close", state.to(status="").href(PATH))
    if not may_edit:
        words = "Senior Managers and administrators set targets."
        return card([html.P(words), html.Div(close, className="actions")], title=measure.name)
    hint = unit_of(measure)
    side = "above" if measure.less_is_better else "below"
    return card(
        [
            html.P(measure.definition, className="muted"),
            form_row(
                field(
                    f"Target ({hint})" if hint else "Target",
                    text_field(Ids.TARGET, typed(measure, stored.target if stored else None),
                               inputmode="decimal", maxlength=20),
                    hint="Leave both empty to have no target.",
                ),
                field(
                    f"Limit ({hint})" if hint else "Limit",
                    text_field(Ids.LIMIT, typed(measure, stored.limit if stored else None),
                               inputmode="decimal", maxlength=20),
                    hint=f"Not on the good side of the target: at it or {side}.",
                ),
            ),
            html.Div([button("Save", id=Ids.SAVE, kind="primary"), close], className="actions"),
        ],
        title=f"{measure.name}, {home.name if home else 'all homes'}",
    )  # fmt: skip


def _table(
    stored: Mapping[str, StoredTarget], home: HomeChoice | None, state: ScreenState
) -> Component:
    rows: list[Sequence[Any]] = []
    for measure in COMPARED:
        one = stored.get(measure.key)
        sign = "≤" if measure.less_is_better else "≥"
        whose = "" if one is None else "Its own" if one.home_id is not None else "All homes"
        rows.append(
            [
                dcc.Link(measure.name, href=state.to(status=measure.key).href(PATH)),
                f"{sign} {written(measure, one.target)}" if one else formats.NONE,
                f"{sign} {written(measure, one.limit)}" if one else formats.NONE,
                whose,
                f"{one.set_by}, {formats.moment(one.set_at)}" if one else "",
                measure.definition,
            ]
        )
    return card(
        simple_table(
            ["Measure", ("Target", "num"), ("Limit", "num"), "For", "Set by", "Definition"], rows,
            caption=f"Targets of {home.name if home else 'all homes'}",
        ),
        flush=True,
    )  # fmt: skip


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    State(Ids.TARGET, "value"),
    State(Ids.LIMIT, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.SET_TARGETS)
def save_target(clicks: int | None, target: Any, limit: Any, search: str | None) -> tuple[Any, Any]:
    """Set, change or take away the target that is open."""
    if not clicks:
        return no_update, no_update
    state = parse_search(search)
    measure = _measure(state.status)
    command = SetTarget(
        measure.key, read_value(measure, "Target", target), read_value(measure, "Limit", limit),
        state.home,
    )  # fmt: skip
    with working() as uow:
        set_target(uow, command)
        uow.commit()
    said = toast(Status.GOOD, f"The target of {measure.name.lower()} was saved")
    return [said], afresh(state.to(status="").href(PATH), search)
