"""The savings ledger: what applied scenarios promised beside what they really saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import Kpi, card, chip, kpi_row
from components.charts.graph import chart
from components.charts.patterns import Amount, pattern_figure
from components.feedback import empty_state, toast
from components.filters import Choices, Option, filter_bar
from components.forms import link_button
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import facts, simple_table
from components.theme import Status
from pages._numbers import no_home, numbers_tabs
from pages._savings_replay import Ids as Replay
from pages._savings_replay import replay_panel
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.calendar import london_today
from rota.costs.explorer import last_full_month
from rota.costs.savings import LedgerLine, savings_ledger
from rota.errors import RotaError
from rota.jobs import service as jobs
from rota.optimisation.replay import ask_replay, newest_replay
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/costs/savings/"
LOCATION = "_pages_location"
#: how often a running replay is looked at (milliseconds)
TICK_MS = 2_000
#: a scenario that realised less of its promise is called a miss
_HIT = 0.8

dash.register_page(
    __name__,
    path=PATH,
    name="Savings",
    title="Savings · Staff Rota",
    order=74,
    permission=Permission.VIEW_COSTS,
)


def layout(**query: Any) -> Component:
    """The ledger of the home in the address, or of all."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("Savings", no_home())
        shown = [choose_home(homes, state.home)] if state.home else homes
        lines = savings_ledger(session, actor, shown, today)
        replay = _replay(session, shown, today)
    choices = Choices(
        PATH, homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        period=False, all_homes=True,
    )  # fmt: skip
    return page(
        "Savings",
        [numbers_tabs("Savings", state), *_content(lines, state), *replay],
        subtitle="Applied scenarios: promised when applied, realised since",
        filters=filter_bar(state, choices, today=today),
    )


def _replay(session: Any, shown: Sequence[HomeChoice], today: date) -> list[Component]:
    """The replay of the last full month, of one home at a time."""
    month = last_full_month(today)
    if len(shown) != 1:
        words = "Choose a home at the top to see what its last month could have saved."
        return [card(html.P(words, className="muted"), title=f"{formats.month(month)} replayed")]
    panel, active = _panel(session, shown[0], month)
    return [
        html.Div(panel, id=Replay.PANEL, className="stack"),
        dcc.Interval(Replay.TICK, interval=TICK_MS, disabled=not active),
    ]


def _panel(session: Any, home: HomeChoice, month: date) -> tuple[list[Component], bool]:
    actor = current_actor()
    job, found = newest_replay(session, actor, home.id, month)
    may_ask = actor.may(Permission.RUN_OPTIMISATION, home.id)
    return replay_panel(month, job, found, may_ask=may_ask), bool(job and job.is_active)


def _home_of(session: Any, search: str | None) -> HomeChoice:
    return choose_home(homes_of(session, current_actor()), parse_search(search).home)


@callback(
    Output(Replay.PANEL, "children", allow_duplicate=True),
    Output(Replay.TICK, "disabled", allow_duplicate=True),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(Replay.ASK, "n_clicks"),
    State(LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.RUN_OPTIMISATION)
def start_replay(clicks: int | None, search: str | None) -> tuple[Any, Any, Any]:
    """Ask for the replay of the last full month."""
    if not isinstance(clicks, int) or clicks < 1:
        return no_update, no_update, no_update
    today = london_today()
    month = last_full_month(today)
    with reading() as session:
        home = _home_of(session, search)
    with working() as uow:
        job_id = ask_replay(uow, home.id, month, today)
        uow.commit()
    said: Component = toast(Status.INFO, f"Replaying {formats.month(month)} of {home.name}")
    try:
        jobs.dispatch(job_id)
    except RotaError as error:
        said = toast(Status.WARN, error.message, hint=error.hint)
    with reading() as session:
        return _panel(session, home, month)[0], False, [said]


@callback(
    Output(Replay.PANEL, "children"),
    Output(Replay.TICK, "disabled"),
    Input(Replay.TICK, "n_intervals"),
    State(LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_COSTS)
def follow_replay(_ticks: int | None, search: str | None) -> tuple[Any, Any]:
    """How far the replay is, and its answer at the end."""
    with reading() as session:
        home = _home_of(session, search)
        panel, active = _panel(session, home, last_full_month(london_today()))
    return panel, not active


def _content(lines: Sequence[LedgerLine], state: ScreenState) -> list[Component]:
    if not lines:
        return [
            empty_state(
                "No scenario has been applied yet",
                "Run an optimisation and apply its answer: what it promises stands here.",
                action=link_button("Scenarios", state.href("/scenarios/"), kind="primary"),
                icon_name="piggy-bank",
            )
        ]
    due = sum(line.outcome.due_pence for line in lines)
    realised = sum(line.outcome.realised_pence for line in lines)
    return [
        kpi_row(
            [
                Kpi(
                    label="Promised for days that are over", value=formats.money(due),
                    detail=f"of {formats.money(sum(x.outcome.predicted_pence for x in lines))} in all",
                    icon="bullseye",
                ),
                Kpi(
                    label="Realised", value=formats.money(realised),
                    detail="replayed old rota less actual cost",
                    status=Status.GOOD if realised >= 0 else Status.BAD, icon="piggy-bank",
                ),
                Kpi(
                    label="Realisation",
                    value=formats.percent(realised / due if due > 0 else None),
                    detail=f"{_misses(lines)} of {formats.plural(len(lines), 'scenario')} missed",
                    icon="clipboard-check",
                ),
            ]
        ),
        card(
            [
                chart(
                    "savings-chart", _figure(lines), title=_finding(due, realised),
                    subtitle="Promised and realised by scenario, days that are over",
                    description=_finding(due, realised), filename="savings", height=300,
                ),
                html.Div(_table(lines), className="table-scroll"),
            ]
        ),
        card(
            facts(
                [
                    ("Promised", "Cost of every shift that applying changed, before less after, "
                     "recorded at that moment."),
                    ("Realised", "The old rota replayed, less what the same shifts cost now. An "
                     "absent person of the old rota is replaced at the mean price of cover."),
                    ("Realisation", "Realised ÷ promised, for days that are over."),
                    ("Unfilled", "Vacant hours of these shifts, in the old rota and now: a saving "
                     "made of gaps is none."),
                ]
            ),
            title="What the figures mean",
        ),
    ]  # fmt: skip


def _misses(lines: Sequence[LedgerLine]) -> int:
    return sum(_is_miss(line) for line in lines)


def _is_miss(line: LedgerLine) -> bool:
    ratio = line.outcome.realisation
    return line.outcome.realised_pence < 0 if ratio is None else ratio < _HIT


def _finding(due: int, realised: int) -> str:
    if due <= 0:
        return "Nothing was promised for days that are over"
    return f"{formats.money(realised)} of {formats.money(due)} promised was realised"


def _figure(lines: Sequence[LedgerLine]) -> Any:
    amounts = [
        Amount(line.name, word, pence / 100)
        for line in reversed(lines)
        for word, pence in (
            ("Promised", line.outcome.due_pence), ("Realised", line.outcome.realised_pence),
        )
    ]  # fmt: skip
    return pattern_figure(amounts, kind="bars", title="Saved", money=True, stacks=False)


def _table(lines: Sequence[LedgerLine]) -> Component:
    rows = [
        [
            dcc.Link(line.name, href=ScreenState(scenario=line.scenario_id).href("/scenarios/")),
            line.home,
            formats.period(line.start, line.end),
            formats.money(line.outcome.predicted_pence),
            formats.money(line.outcome.due_pence),
            formats.money(line.outcome.baseline_pence),
            formats.money(line.outcome.actual_pence),
            formats.money(line.outcome.realised_pence),
            _verdict(line),
            f"{formats.hours_from_minutes(line.outcome.unfilled_before_minutes)} → "
            f"{formats.hours_from_minutes(line.outcome.unfilled_now_minutes)}",
            formats.number(line.outcome.missing),
        ]
        for line in lines
    ]
    money = ("predicted_pence", "due_pence", "baseline_pence", "actual_pence", "realised_pence")
    sums = [formats.money(sum(getattr(x.outcome, name) for x in lines)) for name in money]
    return simple_table(
        ["Scenario", "Home", "Period", ("Promised", "num"), ("Due", "num"), ("Old rota", "num"),
         ("Actual", "num"), ("Realised", "num"), "Realisation", ("Unfilled", "num"),
         ("No rate", "num")],
        rows,
        caption="Savings ledger",
        footer=["Total", "", "", *sums, "", "",
                formats.number(sum(x.outcome.missing for x in lines))],
    )  # fmt: skip


def _verdict(line: LedgerLine) -> Component:
    found = line.outcome
    if found.realisation is None:
        if found.realised_pence < 0:
            return chip("Costs more", Status.BAD)
        return chip("Not due yet" if found.predicted_pence > 0 else "Nothing promised")
    words = formats.percent(found.realisation)
    if _is_miss(line):
        return chip(f"{words}, missed", Status.BAD)
    return chip(words, Status.GOOD)
