"""What if? — studies of one scenario: asked with a button, answered by a background job."""

from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.cards import card
from components.charts.graph import chart
from components.charts.scenarios import LevelPoint, TradeOff, levels_figure, tradeoff_figure
from components.feedback import progress, toast
from components.forms import button, link_button
from components.state import ScreenState, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._inputs import clicked, whole
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
_VARIANTS = {"apart": "Units apart", "today": "As today", "pooled": "All units shared"}
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
            inner += _answer(study, scenario_id, state)
        if may:
            word = "Ask again" if study.result else "Work it out"
            actions.append(button(word, id={"type": Ids.ASK, "study": study.kind}))
    return card(html.Div(inner, className="stack"), title=study.title, actions=actions)


def _answer(study: Study, scenario_id: int, state: ScreenState) -> list[Component]:
    result = study.result
    if study.kind == "worth":
        return _worth(result)
    if study.kind == "frontier":
        return _frontier(result, scenario_id, state)
    if study.kind == "levels":
        return _levels(result)
    if study.kind == "pooling":
        return _pooling(result)
    if study.kind == "robust":
        return _robust(result, state)
    words = (
        f"Repaired in {formats.number(result['seconds'], 1)} s; "
        f"{formats.plural(result['unfilled'], 'place')} left open."
    )
    return [html.P(words), _open("Open the repair", result["repair_scenario_id"], state)]


def _open(text: str, scenario_id: int, state: ScreenState) -> Component:
    href = state.to(scenario=scenario_id, view="", status="", q="").href(OPEN)
    return html.Div(link_button(text, href))


def _worth(result: dict[str, Any]) -> list[Component]:
    if not result["worth"]:
        return [html.P("One more person would save nothing anywhere.")]
    items = [
        html.Li([f"{each['text']} saves ",
                 html.Strong(f"{formats.money(each['pence_a_week'])} a week")])
        for each in result["worth"]
    ]  # fmt: skip
    note = (
        "Ranked by the duals of the linear relaxation, then the relaxation solved again with the "
        "person there. Before the person's wage; gaps count at the scenario's price."
    )
    return [html.Ul(items, className="reasons"), html.P(note, className="muted")]


def _frontier(result: dict[str, Any], scenario_id: int, state: ScreenState) -> list[Component]:
    points = [
        TradeOff(p["scenario_id"], p["pence"], p["strange"], p["uneven"],
                 p["scenario_id"] == scenario_id)
        for p in result["points"]
    ]  # fmt: skip
    rows = [
        [formats.money(p.pence), formats.number(p.strange), formats.number(p.uneven, 1),
         "this scenario" if p.is_here else _open("Open", p.scenario, state)]
        for p in points
    ]  # fmt: skip
    return [
        chart(
            Ids.FRONTIER, tradeoff_figure(points),
            title=f"{formats.plural(len(points), 'rota')} of which none is beaten",
            subtitle="The number at a dot: weekend shifts above a fair share. Click opens the rota",
            description="Cost, shifts on strange units and weekend fairness of each rota.",
            filename="frontier", height=320, clickable=True,
        ),
        simple_table(
            [("Cost, gaps priced", "num"), ("On strange units", "num"),
             ("Weekend shifts above a fair share", "num"), "Rota"],
            rows, caption="The rotas of the frontier",
        ),
    ]  # fmt: skip


def _levels(result: dict[str, Any]) -> list[Component]:
    points = [
        LevelPoint(p["level"], p["people"], p["cost_pence"], p["expected_short"])
        for p in result["levels"]
    ]
    first, last = points[0], points[-1]
    title = (
        f"From {first.level} to {last.level}%: {formats.change_money(last.pence - first.pence)}, "
        f"short shifts {formats.number(first.expected_short, 1)} to "
        f"{formats.number(last.expected_short, 1)}"
    )
    rows = [
        [f"{p.level}%", formats.number(p.people), formats.money(p.pence),
         formats.number(p.expected_short, 1)]
        for p in points
    ]  # fmt: skip
    return [
        chart("scenario-levels", levels_figure(points), title=title,
              subtitle="Expected short shifts by the forecast's quantiles, as planned at the level",
              description="Cost and expected short shifts by service level.",
              filename="service-levels", height=300),
        simple_table(["Service level", ("People required", "num"), ("Cost", "num"),
                      ("Expected short shifts", "num")], rows, caption="By service level"),
    ]  # fmt: skip


def _pooling(result: dict[str, Any]) -> list[Component]:
    variants = {v["name"]: v for v in result["variants"]}
    parts: list[Component] = []
    if {"apart", "pooled"} <= set(variants):
        saved = variants["apart"]["pence"] - variants["pooled"]["pence"]
        parts.append(html.P(html.Strong(
            f"Sharing everybody is worth {formats.money(saved)} over units apart, in this period."
        )))  # fmt: skip
    parts.append(
        simple_table(
            ["Way", ("Cost, gaps priced", "num"), ("Proved at least", "num"),
             ("Places short", "num")],
            [
                [_VARIANTS[v["name"]], formats.money(v["pence"]), formats.money(v["bound"]),
                 formats.number(v["people_short"])]
                for v in result["variants"]
            ],
            caption="Three ways of sharing",
        )
    )  # fmt: skip
    if "pooled" in variants and "apart" in variants:
        before = {u["unit"]: u["short_pence"] for u in variants["apart"]["units"]}
        rows = [
            [u["unit"], formats.hours(u["lent"]), formats.hours(u["borrowed"]),
             formats.change_money(u["short_pence"] - before.get(u["unit"], 0)) or "£0"]
            for u in variants["pooled"]["units"]
        ]  # fmt: skip
        parts.append(
            simple_table(["Unit", ("Gives", "num"), ("Gains", "num"),
                          ("Price of what is short", "num")],
                         rows, caption="Who gives and who gains when all is shared")
        )  # fmt: skip
    return parts + (_between_homes(result["homes"]) if "homes" in result else [])


def _between_homes(found: dict[str, Any] | None) -> list[Component]:
    if found is None:
        words = "No home that you look after lies within the distance people may travel."
        return [html.P(words, className="muted")]
    saved = found["apart_pence"] - found["shared_pence"]
    before, after = found["places_short"]
    if saved >= 50:
        words = (
            f"Sharing with the homes near by is worth {formats.money(saved)} after the way there "
            f"and back; places short fall from {formats.number(before)} to "
            f"{formats.number(after)}."
        )
    else:
        words = "Sharing with the homes near by would save nothing: the way costs more."
    rows = [
        [h["home"], formats.hours(h["lent"]), formats.hours(h["borrowed"]),
         formats.change_money(h["short_pence"]) or "£0"]
        for h in found["homes"]
    ]  # fmt: skip
    return [
        html.P(html.Strong(words)),
        simple_table(["Home", ("Gives", "num"), ("Gains", "num"),
                      ("Price of what is short", "num")],
                     rows, caption="Who gives and who gains between homes"),
    ]  # fmt: skip


def _robust(result: dict[str, Any], state: ScreenState) -> list[Component]:
    before, after = result["before"], result["after"]
    if not result["moves"]:
        return [html.P("No lawful move of the same hours would make it safer.")]
    words = (
        f"{formats.plural(result['moves'], 'move')}: shifts expected below minimum fall from "
        f"{formats.number(before, 1)} to {formats.number(after, 1)}."
    )
    return [html.P(html.Strong(words)),
            _open("Open the safer rota", result["safer_scenario_id"], state)]  # fmt: skip


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
