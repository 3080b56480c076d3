"""One scenario: what it changes, accepting it whole or in part, its inputs to solve again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.cards import card, chip
from components.feedback import empty_state, toast
from components.filters import segmented
from components.forms import button, link_button, tabs
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.theme import Status
from pages import _scenario_view as view_of
from pages._inputs import number_of, text_of, whole
from pages._scenario_ids import COMPARE, LIST, OPEN, Ids
from pages._scenario_parts import standing_of
from pages._scenario_studies import panel
from pages._scenario_why import risk, why
from pages._undo import say
from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.errors import InvalidInput, RotaError
from rota.jobs import service as jobs
from rota.optimisation import queries, service, studies
from rota.optimisation.acceptance import Part, Selection
from rota.optimisation.comparison import compare, person_days
from rota.optimisation.queries import ScenarioView
from server.context import current_actor, reading, working
from server.gate import requires

VIEWS = (
    ("", "What changes"), ("why", "Why?"), ("risk", "Risk"), ("if", "What if?"),
    ("accept", "Accept"), ("edit", "Edit and solve again"),
)  # fmt: skip
PARTS = (("whole", "Whole"), ("units", "By unit"), ("days", "By day"), ("people", "By person"))

dash.register_page(
    __name__,
    path=OPEN,
    name="Scenario",
    title="Scenario · Staff Rota",
    order=61,
    permission=Permission.VIEW_SCENARIOS,
)


def layout(**query: Any) -> Component:
    """The scenario in the address, in the view in the address."""
    state = parse_query(query)
    if state.scenario is None:
        return page(
            "Scenario",
            [
                empty_state(
                    "No scenario chosen", "Open one from the list.",
                    action=link_button("All scenarios", state.href(LIST)),
                )
            ],
        )  # fmt: skip
    actor = current_actor()
    with reading() as session:
        view = queries.scenario_view(session, actor, state.scenario)
        content = _content(session, view, state)
    word, status = standing_of(view)
    listed = state.to(home=view.home_id, scenario=None, view="", start=None)
    return page(
        view.name,
        [
            html.Div([chip(word, status), html.Span(view.explanation, className="muted")],
                     className="scenario-links"),
            tabs("Views of the scenario", [
                (text, state.to(view=key, status="", q="", person=None, start=None).href(OPEN), state.view == key)
                for key, text in VIEWS
            ]),
            html.Div(content, className="stack"),
            dcc.Location(id=Ids.GO, refresh="callback-nav"),
        ],
        subtitle=f"{formats.period(view.start, view.end)}, within {_gap(view)} of the best possible",
        secondary=[link_button("All scenarios", listed.href(LIST))],
    )  # fmt: skip


def _gap(view: ScenarioView) -> str:
    return "an unknown distance" if view.gap is None else formats.percent(view.gap, 1)


def _content(session: Any, view: ScenarioView, state: ScreenState) -> list[Component]:
    actor = current_actor()
    if state.view == "accept":
        return _accept(session, view, state)
    if state.view == "why":
        return why(session, view, state)
    if state.view == "risk":
        return risk(session, view)
    if state.view == "if":
        return [panel(view, state, studies.studies_of(session, actor, view.id))]
    if state.view == "edit":
        if not actor.may(Permission.RUN_OPTIMISATION, view.home_id):
            return [card(view_of.stamp(view), title="Inputs")]
        request = service.request_of(session, actor, view.id)
        return [view_of.edit_form(request), card(view_of.stamp(view), title="As computed")]
    people = person_days(session, actor, view.id)
    units = queries.unit_names(session, actor, view.home_id)
    measures = compare(session, actor, [view.id])
    link = state.to(view="", scenario=None, q=str(view.id)).href(COMPARE)
    return [
        html.Div(
            [
                card(view_of.compare_table(measures), title="What it is worth", actions=[
                    link_button("Compare with another", link)]),
                card(view_of.stamp(view), title="Computed from"),
            ],
            className="columns-2",
        ),
        view_of.changes(people, view, units),
    ]  # fmt: skip


def _accept(session: Any, view: ScenarioView, state: ScreenState) -> list[Component]:
    actor = current_actor()
    if not actor.may(Permission.APPLY_SCENARIO, view.home_id):
        return [empty_state("Not for you to accept",
                            "An operational manager of the home can accept a scenario.",
                            icon_name="lock-fill")]  # fmt: skip
    parts: list[Component] = []
    if not view.is_fresh:
        return [
            empty_state(
                "The rota has moved since",
                "Nothing can be applied from here. Solve the same question again from the rota "
                "as it is now.",
                icon_name="arrow-repeat",
                action=button("Solve again from here", id=Ids.RESOLVE, kind="primary"),
            )
        ]
    if view.is_applied and not view.is_partly_applied:
        return [empty_state("It is in the rota", "Undo it from the list of scenarios.",
                            icon_name="check2-circle")]  # fmt: skip
    part = _part(state)
    parts.append(
        segmented("Accept", [
            (text, state.to(status=key).href(OPEN), key == part.value, text) for key, text in PARTS
        ])
    )  # fmt: skip
    if view.is_partly_applied:
        parts.append(
            html.P("Parts of it are in the rota; more can be accepted.", className="muted")
        )
    parts.append(view_of.part_choice(part.value, queries.parts_of(session, actor, view.id, part)))
    shown: Any = ""
    if part is Part.WHOLE:
        shown = _preview(session, view.id, Selection())
    parts.append(html.Div(shown, id=Ids.PREVIEW, **{"aria-live": "polite"}))
    parts.append(
        html.Div(button("Apply as draft", id=Ids.ACCEPT, kind="primary"), className="actions")
    )
    return [card(parts, title="Accept as a draft, undone in one click")]


def _preview(session: Any, scenario_id: int, selection: Selection) -> Component:
    actor = current_actor()
    plan = service.preview_acceptance(session, actor, scenario_id, selection)
    names = queries.staff_names(session, plan.brought)
    return view_of.preview(plan, names, london_today())


def _part(state: ScreenState) -> Part:
    try:
        return Part(state.status or "whole")
    except ValueError:
        raise InvalidInput("A scenario is accepted whole, by unit, day or person.") from None


def _selection(state: ScreenState, chosen: Any) -> Selection:
    part = _part(state)
    values = chosen if isinstance(chosen, list) else []
    if part is Part.WHOLE:
        return Selection()
    if part is Part.DAYS:
        try:
            return Selection(part, days=frozenset(date.fromisoformat(str(v)) for v in values))
        except ValueError:
            raise InvalidInput("Choose days of the scenario.") from None
    return Selection(part, frozenset(whole({"v": v}, "v") for v in values))


def _scenario_id(state: ScreenState) -> int:
    if state.scenario is None:
        raise InvalidInput("Choose a scenario first.")
    return state.scenario


@callback(
    Output(Ids.PREVIEW, "children"),
    Input(Ids.PART, "value"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.APPLY_SCENARIO)
def show_preview(chosen: Any, search: str | None) -> Any:
    """What accepting the chosen part would do."""
    state = parse_search(search)
    if not chosen:
        return ""
    with reading() as session:
        return _preview(session, _scenario_id(state), _selection(state, chosen))


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input(Ids.ACCEPT, "n_clicks"),
    State(Ids.PART, "value"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.APPLY_SCENARIO)
def accept(clicks: int | None, chosen: Any, search: str | None) -> Any:
    """Put the chosen part into the rota as a draft; the toast undoes it."""
    if not clicks:
        raise PreventUpdate
    state = parse_search(search)
    selection = _selection(state, chosen)
    with working() as uow:
        change_set_id = service.apply_scenario(uow, _scenario_id(state), selection)
        view = queries.scenario_view(uow.session, uow.actor, _scenario_id(state))
        uow.commit()
    del change_set_id  # undone through the scenario, so that its state follows
    say(toast(Status.GOOD, f"“{view.name}” is in the rota as a draft",
              link=("Undo or open it", state.to(view="", status="").href(LIST))))  # fmt: skip
    return state.to(view="accept", status="", page=state.page + 1).href(OPEN)


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input(Ids.RESOLVE, "n_clicks"),
    State({"type": Ids.PRICE, "name": ALL}, "id"),
    State({"type": Ids.PRICE, "name": ALL}, "value"),
    State(Ids.NAME, "value", allow_optional=True),
    State(Ids.SECONDS, "value", allow_optional=True),
    State(Ids.SEED, "value", allow_optional=True),
    State(Ids.LEVEL, "value", allow_optional=True),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.RUN_OPTIMISATION)
def solve_again(
    clicks: int | None, ids: Any, values: Any, name: Any, seconds: Any, seed: Any, level: Any,
    search: str | None,
) -> Any:  # fmt: skip
    """Solve the same question, edited or not, from the rota as it is now."""
    if not clicks:
        raise PreventUpdate
    state = parse_search(search)
    with reading() as session:
        request = service.request_of(session, current_actor(), _scenario_id(state))
    if ids:
        request = replace(
            request,
            name=text_of(name, 120) or request.name,
            seconds=float(number_of(seconds, "The time in seconds")),
            seed=number_of(seed, "The seed"),
            service_level=None if level in (None, "") else number_of(level, "The service level"),
            prices=view_of.read_prices(ids, values),
        )
    with working() as uow:
        job = jobs.submit(
            uow, "optimise", request.as_inputs(), key=request.key, home_id=request.home_id
        )
        uow.commit()
    try:
        jobs.dispatch(job.id)
    except RotaError as error:
        say(toast(Status.WARN, error.message, hint=error.hint))
    return state.to(home=request.home_id, scenario=None, view="", status="").href(LIST)


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input(Ids.DUPLICATE, "n_clicks"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.RUN_OPTIMISATION)
def duplicate(clicks: int | None, search: str | None) -> Any:
    """Copy the scenario and open the copy."""
    if not clicks:
        raise PreventUpdate
    state = parse_search(search)
    with working() as uow:
        copy_id = service.duplicate_scenario(uow, _scenario_id(state))
        uow.commit()
    say(toast(Status.GOOD, "Duplicated: this is the copy"))
    return state.to(scenario=copy_id, view="edit", status="").href(OPEN)
