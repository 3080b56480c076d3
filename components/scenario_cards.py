"""Scenarios side by side: the same measures on every card, with the change against now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.cards import chip
from components.feedback import progress
from components.theme import Status


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, written out, and its change ("−£1,200") with what that change is."""

    label: str
    value: str
    change: str = ""
    status: Status = Status.NEUTRAL


@dataclass(frozen=True, slots=True)
class ScenarioCard:
    """One scenario; ``running`` is its share done (None: no number yet) while it runs."""

    title: str
    state: str
    state_status: Status
    measures: Sequence[Measure] = ()
    href: str = ""
    detail: str = ""
    is_running: bool = False
    running: float | None = None
    running_detail: str = ""
    chosen: bool = False
    actions: Sequence[Component] = ()


def scenario_cards(scenarios: Sequence[ScenarioCard]) -> Component:
    """Cards side by side, scrolling sideways when there are many; measures line up."""
    return html.Div([_card(s) for s in scenarios], className="scenarios")


def _card(scenario: ScenarioCard) -> Component:
    title: Component | str = scenario.title
    if scenario.href:
        title = dcc.Link(scenario.title, href=scenario.href)
    parts: list[Component] = [
        html.Div(
            [
                html.H2(title, className="card-heading"),
                chip(scenario.state, scenario.state_status),
            ],
            className="scenario-head",
        ),
        html.Div(scenario.detail, className="muted scenario-detail"),
    ]
    if scenario.is_running:
        parts.append(progress(scenario.running, text="Searching", detail=scenario.running_detail))
    if scenario.measures:
        parts.append(html.Dl([_measure(m) for m in scenario.measures], className="measures"))
    if scenario.actions:
        parts.append(html.Div(list(scenario.actions), className="actions scenario-actions"))
    return html.Section(
        parts, className="panel scenario is-on" if scenario.chosen else "panel scenario"
    )


def _measure(measure: Measure) -> Component:
    return html.Div(
        [
            html.Dt(measure.label),
            html.Dd(
                [
                    html.Span(measure.value, className="measure-value"),
                    html.Span(measure.change, className=f"measure-change text-{measure.status}"),
                ]
            ),
        ],
        className="measure",
    )
