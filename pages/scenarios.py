"""Scenarios: optimise a period of a home, compare, apply as a draft, undo."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.feedback import toast
from components.filters import Choices, Option, filter_bar
from components.forms import button, field, select, text_field
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.theme import Status
from pages._inputs import number_of, text_of
from pages._scenario_parts import (
    APPLY,
    CANCEL,
    PATH,
    UNDO,
    cards,
    difference_table,
    jobs_panel,
)
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.calendar import london_today
from rota.errors import InvalidInput, RotaError
from rota.jobs import service as jobs
from rota.optimisation import queries, service
from rota.optimisation.requests import OptimisationRequest
from server.context import current_actor, reading, working
from server.gate import requires


class Ids:
    """What callbacks of this page address."""

    START = "scenarios-start"
    EFFORT = "scenarios-effort"
    NAME = "scenarios-name"
    LEVEL = "scenarios-level"
    JOBS = "scenarios-jobs"
    CARDS = "scenarios-cards"
    DIFFERENCE = "scenarios-difference"
    TICK = "scenarios-tick"
    LOCATION = "_pages_location"


#: seconds of search by what the manager chooses
EFFORTS = {"10": "10 s, a first look", "25": "25 s, usual", "60": "1 min", "180": "3 min, thorough"}
TICK_MS = 1_000

dash.register_page(
    __name__,
    path=PATH,
    name="Scenarios",
    title="Scenarios · Staff Rota",
    order=60,
    icon="sliders",
    permission=Permission.VIEW_SCENARIOS,
)


def layout(**query: Any) -> Component:
    """The scenarios of the home in the address, with the one that is chosen opened."""
    state = _planned(parse_query(query))
    actor = current_actor()
    with reading() as session:
        homes = homes_of(session, actor)
        home = choose_home(homes, state.home)
        state = state.to(home=home.id, scenario=state.scenario)
        running = _jobs_of(session, home)
        shown = _cards(session, home, state)
        difference = _difference(session, state)
    may_run = actor.may(Permission.RUN_OPTIMISATION, home.id)
    today = london_today()
    options = [Option(h.id, h.name) for h in homes]
    return page(
        "Scenarios",
        [
            _form(state, may_run),
            html.Div(
                jobs_panel(running), id=Ids.JOBS, className="stack", **{"aria-live": "polite"}
            ),
            html.Div(shown, id=Ids.CARDS),
            html.Div(difference, id=Ids.DIFFERENCE),
            dcc.Interval(
                Ids.TICK, interval=TICK_MS, disabled=not any(j.is_active for j in running)
            ),
        ],
        subtitle=f"{home.name}: every unit and day decided together, checked by the rules of work",
        filters=filter_bar(state, Choices(PATH, homes=options), today=today),
    )


def _planned(state: ScreenState) -> ScreenState:
    """By default the first whole week that is a fortnight away, one week long."""
    if state.start is not None:
        return state
    today = london_today()
    start = today - timedelta(days=today.weekday()) + timedelta(weeks=2)
    return state.to(start=start, weeks=1, scenario=state.scenario)


def _form(state: ScreenState, may_run: bool) -> Component:
    if not may_run or state.start is None or state.end is None:
        # the callback's values must exist even where there is nothing to start
        parts = (Ids.START, Ids.EFFORT, Ids.NAME, Ids.LEVEL)
        return html.Div([html.Div(id=part) for part in parts], hidden=True)
    words = formats.period(state.start, state.end)
    return card(
        html.Div(
            [
                field(
                    "Time to search",
                    select(Ids.EFFORT, list(EFFORTS.items()), "25"),
                    hint="It runs in the background; you can leave this page.",
                    required=True,
                ),
                field(
                    "Service level, %",
                    text_field(Ids.LEVEL, kind="number"),
                    hint="50 to 99, from the forecast; empty: as required.",
                ),
                field("Name", text_field(Ids.NAME, maxLength=120)),
                button("Start", id=Ids.START, kind="primary", icon_name="play-fill"),
            ],
            className="form-line",
        ),
        title=f"Optimise {words}",
    )


def _jobs_of(session: Any, home: HomeChoice) -> list[jobs.JobView]:
    """Active optimisations of the home, and the newest one if it failed."""
    seen = [
        job
        for job in jobs.recent(session, current_actor())
        if job.kind == "optimise" and job.home_id == home.id
    ]
    return [job for n, job in enumerate(seen) if job.is_active or n == 0]


def _cards(session: Any, home: HomeChoice, state: ScreenState) -> Component:
    actor = current_actor()
    return cards(
        queries.scenarios_of(session, actor, home.id),
        state,
        may_apply=actor.may(Permission.APPLY_SCENARIO, home.id),
    )


def _difference(session: Any, state: ScreenState) -> Component | None:
    if state.scenario is None:
        return None
    actor = current_actor()
    scenario = service.scenario_of(session, actor, state.scenario)
    rows = queries.difference(session, actor, state.scenario)
    return card(
        difference_table(rows, explanation=scenario.explanation),
        title=f"What “{scenario.name}” changes",
    )


@callback(
    Output(Ids.JOBS, "children", allow_duplicate=True),
    Output(Ids.TICK, "disabled", allow_duplicate=True),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(Ids.START, "n_clicks"),
    State(Ids.EFFORT, "value"),
    State(Ids.NAME, "value"),
    State(Ids.LEVEL, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.RUN_OPTIMISATION)
def start(
    clicks: int | None, effort: Any, name: Any, level: Any, search: str | None
) -> tuple[Any, Any, Any]:
    """Start an optimisation of the period in the address."""
    if not clicks:
        return no_update, no_update, no_update
    if not isinstance(effort, str) or effort not in EFFORTS:
        raise InvalidInput("Choose how long to search.")
    state = _planned(parse_search(search))
    with reading() as session:
        home = choose_home(homes_of(session, current_actor()), state.home)
    if state.start is None or state.end is None:
        raise InvalidInput("Choose a period first.")
    request = OptimisationRequest(
        home.id, state.start, state.end, seconds=float(effort), name=text_of(name, 120),
        service_level=None if level in (None, "") else number_of(level, "The service level"),
    )  # fmt: skip
    with working() as uow:
        job = jobs.submit(uow, "optimise", request.as_inputs(), key=request.key, home_id=home.id)
        uow.commit()
    said: Component = toast(Status.INFO, f"Optimising {formats.period(state.start, state.end)}")
    try:
        jobs.dispatch(job.id)
    except RotaError as error:
        said = toast(Status.WARN, error.message, hint=error.hint)
    with reading() as session:
        return jobs_panel(_jobs_of(session, home)), False, [said]


@callback(
    Output(Ids.JOBS, "children"),
    Output(Ids.CARDS, "children"),
    Output(Ids.TICK, "disabled"),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(Ids.TICK, "n_intervals"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_SCENARIOS)
def follow(_ticks: int | None, search: str | None) -> tuple[Any, Any, Any, Any]:
    """How far the jobs are; when the last one ends, the new scenario appears."""
    state = _planned(parse_search(search))
    with reading() as session:
        home = choose_home(homes_of(session, current_actor()), state.home)
        seen = _jobs_of(session, home)
        if any(job.is_active for job in seen):
            return jobs_panel(seen), no_update, False, no_update
        shown = _cards(session, home, state)
    said: Any = no_update
    if seen and seen[0].result.get("scenario_id"):
        href = state.to(home=home.id, scenario=int(seen[0].result["scenario_id"])).href(PATH)
        said = [toast(Status.GOOD, "The scenario is ready", link=("See what changes", href))]
    return jobs_panel(seen), shown, True, said


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input({"type": CANCEL, "id": ALL}, "n_clicks"),
    prevent_initial_call=True,
)
@requires(Permission.RUN_OPTIMISATION)
def cancel(clicks: list[int | None]) -> Any:
    """Stop a job."""
    if not any(clicks):
        return no_update
    with working() as uow:
        jobs.cancel(uow, _clicked())
        uow.commit()
    return [toast(Status.INFO, "The optimisation stops; nothing was changed")]


@callback(
    Output(Ids.CARDS, "children", allow_duplicate=True),
    Output(Ids.DIFFERENCE, "children", allow_duplicate=True),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input({"type": APPLY, "id": ALL}, "n_clicks"),
    Input({"type": UNDO, "id": ALL}, "n_clicks"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.APPLY_SCENARIO)
def apply_or_undo(
    applied: list[int | None], undone: list[int | None], search: str | None
) -> tuple[Any, Any, Any]:
    """Put a scenario into the rota as a draft, or take it out again."""
    if not any(applied) and not any(undone):
        return no_update, no_update, no_update
    scenario_id, applies = _clicked(), ctx.triggered_id["type"] == APPLY
    with working() as uow:
        name = service.scenario_of(uow.session, uow.actor, scenario_id).name
        if applies:
            service.apply_scenario(uow, scenario_id)
        else:
            service.undo_scenario(uow, scenario_id)
        uow.commit()
    state = _planned(parse_search(search))
    with reading() as session:
        home = choose_home(homes_of(session, current_actor()), state.home)
        shown = _cards(session, home, state)
        difference = _difference(session, state)
    words = f"“{name}” is in the rota as a draft" if applies else f"“{name}” was taken out again"
    href = state.to(home=home.id).href("/rota/")
    return shown, difference, [toast(Status.GOOD, words, link=("Open the rota", href))]


def _clicked() -> int:
    """The id of the button that was pressed. It came from the browser: it must be a number."""
    clicked = ctx.triggered_id
    if not isinstance(clicked, dict) or not isinstance(clicked.get("id"), int):
        raise InvalidInput("That button is not known.")
    return int(clicked["id"])
