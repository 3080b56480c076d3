"""Two or three scenarios side by side, and who works when in one against another."""

from __future__ import annotations

from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from components.cards import card
from components.feedback import empty_state
from components.filters import segmented
from components.forms import link_button
from components.shell import page
from components.state import ScreenState, parse_query
from pages import _scenario_view as view_of
from pages._inputs import whole
from pages._scenario_ids import COMPARE, LIST, OPEN
from rota.access.permissions import Permission
from rota.errors import InvalidInput
from rota.optimisation import queries
from rota.optimisation.comparison import MOST_COMPARED, compare, person_days
from rota.optimisation.queries import ScenarioView
from server.context import current_actor, reading

dash.register_page(
    __name__,
    path=COMPARE,
    name="Scenarios side by side",
    title="Scenarios side by side · Staff Rota",
    order=62,
    permission=Permission.VIEW_SCENARIOS,
)


def layout(**query: Any) -> Component:
    """The scenarios whose numbers stand in ``q``, separated by commas."""
    state = parse_query(query)
    back = link_button("All scenarios", state.to(q="", scenario=None).href(LIST))
    ids = chosen_ids(state.q)
    if not ids:
        return page("Scenarios side by side", [
            empty_state("Nothing to compare", "Choose two or three scenarios of one period.",
                        action=back)
        ])  # fmt: skip
    actor = current_actor()
    with reading() as session:
        views = [queries.scenario_view(session, actor, i) for i in ids]
        found = compare(session, actor, ids)
        others = [
            v for v in queries.scenarios_of(session, actor, views[0].home_id)
            if (v.start, v.end) == (views[0].start, views[0].end) and v.id not in ids
        ]  # fmt: skip
        shown = views[-1]
        base = state.scenario if state.scenario in ids and state.scenario != shown.id else None
        people = person_days(session, actor, shown.id, against=base)
        units = queries.unit_names(session, actor, shown.home_id)
    return page(
        "Scenarios side by side",
        [
            _add(state, ids, others),
            card(view_of.compare_table(found), title="The same measures"),
            _against(state, views, base),
            view_of.changes(people, shown, units),
        ],
        subtitle="The change against the rota stands under each number",
        secondary=[back],
    )


def chosen_ids(q: str) -> list[int]:
    """The scenario numbers of the address. Raises :class:`InvalidInput`."""
    parts = [part for part in q.split(",") if part]
    ids = list(dict.fromkeys(whole({"v": part}, "v") for part in parts))
    if len(ids) > MOST_COMPARED:
        raise InvalidInput(f"At most {MOST_COMPARED} scenarios stand side by side.")
    return ids


def _add(state: ScreenState, ids: list[int], others: list[ScenarioView]) -> Component:
    if len(ids) >= MOST_COMPARED or not others:
        return html.Div()
    links = [
        link_button(f"Add {view.name}",
                    state.to(q=",".join(map(str, [*ids, view.id]))).href(COMPARE), kind="quiet",
                    icon_name="plus")
        for view in others[:6]
    ]  # fmt: skip
    return html.Div(links, className="scenario-links")


def _against(state: ScreenState, views: list[ScenarioView], base: int | None) -> Component:
    shown = views[-1]
    options = [("The rota", state.to(scenario=None).href(COMPARE), base is None, "")]
    options += [
        (view.name, state.to(scenario=view.id).href(COMPARE), base == view.id, "")
        for view in views[:-1]
    ]
    return html.Div(
        [
            html.Span(f"“{shown.name}” against", className="muted"),
            segmented("Against", options),
            link_button("Open it", state.to(scenario=shown.id, q="").href(OPEN), kind="quiet"),
        ],
        className="scenario-links",
    )
