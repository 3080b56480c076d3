"""What if? — studies of one scenario: asked with a button, answered by a background job."""

from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components.cards import card
from components.feedback import progress, toast
from components.forms import button
from components.state import ScreenState, parse_search
from components.theme import Status
from pages._inputs import clicked, whole
from pages._scenario_answers import answer
from pages._scenario_ids import OPEN, Ids
from pages._undo import say
from rota.access.permissions import Permission
from rota.errors import InvalidInput, RotaError
from rota.jobs import service as jobs
from rota.optimisation import studies
from rota.optimisation.queries import ScenarioView
from rota.optimisation.studies import Study
from server.context import current_actor, reading, working
from server.gate import requires

#: what each study does, before it is asked
_WORDS = {
    "worth": "Where one more person would save most, by solving the relaxation with them.",
    "frontier": "Rotas between cheap, fair and familiar, none beaten by another. About a minute.",
    "levels": "What staffing for 50 to 95% of days costs, and how many short shifts remain.",
    "pooling": "The same days with people apart, as today, shared by all units, and by near homes.",
    "robust": "Moves shifts, hour for hour and lawfully, to where they cut the risk most.",
    "repair": "Closes the gaps of the rota as it stands and disturbs as few people as possible.",
}
TICK_MS = 1_000


def panel(view: ScenarioView, state: ScreenState, found: dict[str, Study]) -> Component:
    """Every study of a scenario, each with its answer, its progress, or its button."""
    may = current_actor().may(Permission.RUN_OPTIMISATION, view.home_id)
    active = any(s.job is not None and s.job.is_active for s in found.values())
    return html.Div(
        [
            html.Div(cards(view.id, state, found, may), id=Ids.STUDIES, className="stack"),
            dcc.Interval(Ids.TICK, interval=TICK_MS, disabled=not active),
        ]
    )


def cards(
    scenario_id: int, state: ScreenState, found: dict[str, Study], may: bool
) -> list[Component]:
    """The cards, those with an answer first."""
    ranked = sorted(found.values(), key=lambda study: not study.result)
    return [_card(study, scenario_id, state, may) for study in ranked]


def _card(study: Study, scenario_id: int, state: ScreenState, may: bool) -> Component:
    job = study.job
    actions: list[Component] = []
    if job is not None and job.is_active:
        inner: list[Component] = [
            progress(None if job.is_waiting else job.progress, text=study.title,
                     detail=job.message)
        ]  # fmt: skip
        actions.append(button("Cancel", id={"type": Ids.ASK, "study": f"cancel-{job.id}"}))
    else:
        inner = [html.P(_WORDS[study.kind], className="muted")]
        if job is not None and job.has_failed:
            inner.append(html.P(job.error, className="text-bad", role="alert"))
        if study.result:
            inner += answer(study, scenario_id, state)
        if may:
            word = "Ask again" if study.result else "Work it out"
            actions.append(button(word, id={"type": Ids.ASK, "study": study.kind}))
    return card(html.Div(inner, className="stack"), title=study.title, actions=actions)


def _scenario(state: ScreenState) -> int:
    if state.scenario is None:
        raise InvalidInput("Choose a scenario first.")
    return state.scenario


@callback(
    Output(Ids.STUDIES, "children", allow_duplicate=True),
    Output(Ids.TICK, "disabled", allow_duplicate=True),
    Input({"type": Ids.ASK, "study": ALL}, "n_clicks"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.RUN_OPTIMISATION)
def ask(_clicks: Any, search: str | None) -> tuple[Any, bool]:
    """Ask for a study, or stop one."""
    wanted = str(clicked(ctx).get("study"))
    state = parse_search(search)
    scenario_id = _scenario(state)
    job_id = None
    with working() as uow:
        if wanted.startswith("cancel-"):
            jobs.cancel(uow, whole({"v": wanted.removeprefix("cancel-")}, "v"))
        else:
            job_id = studies.ask(uow, scenario_id, wanted)
        uow.commit()
    if job_id is not None:
        try:
            jobs.dispatch(job_id)
        except RotaError as error:
            say(toast(Status.WARN, error.message, hint=error.hint))
    return _again(scenario_id, state)[0], False


@callback(
    Output(Ids.STUDIES, "children"),
    Output(Ids.TICK, "disabled"),
    Input(Ids.TICK, "n_intervals"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_SCENARIOS)
def follow(_ticks: int | None, search: str | None) -> tuple[Any, bool]:
    """How far the studies are."""
    state = parse_search(search)
    return _again(_scenario(state), state)


def _again(scenario_id: int, state: ScreenState) -> tuple[Any, bool]:
    actor = current_actor()
    with reading() as session:
        found = studies.studies_of(session, actor, scenario_id)
    active = any(s.job is not None and s.job.is_active for s in found.values())
    may = actor.may(Permission.RUN_OPTIMISATION)
    return cards(scenario_id, state, found, may), not active


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input(Ids.FRONTIER, "clickData"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_SCENARIOS)
def open_point(data: Any, search: str | None) -> Any:
    """Open the rota of a point of the frontier."""
    try:
        scenario_id = data["points"][0]["customdata"][0]
    except (TypeError, KeyError, IndexError):
        raise PreventUpdate from None
    state = parse_search(search)
    return state.to(scenario=whole({"v": scenario_id}, "v"), view="", q="").href(OPEN)
