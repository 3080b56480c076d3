"""How scenarios and the jobs that make them look: values in, components out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from components import formats
from components.charts.graph import chart
from components.charts.scenarios import GapPoint, gap_figure
from components.feedback import empty_state, progress
from components.forms import button, link_button
from components.scenario_cards import Measure, ScenarioCard, scenario_cards
from components.state import ScreenState
from components.tables import simple_table
from components.theme import Status
from pages._scenario_ids import COMPARE, OPEN
from rota.jobs.service import JobView
from rota.optimisation.queries import Difference, ScenarioView

PATH = "/scenarios/"
APPLY, UNDO, CANCEL = "scenario-apply", "scenario-undo", "scenario-cancel"
#: rows of the difference that are drawn at once
MOST_ROWS = 200


def cards(scenarios: Sequence[ScenarioView], state: ScreenState, *, may_apply: bool) -> Component:
    """Every scenario side by side, or what to do when there is none."""
    if not scenarios:
        return empty_state(
            "No scenario yet",
            "Choose a period at the top and start an optimisation: it decides every day and unit "
            "of the home together, and changes nothing until you apply it.",
            icon_name="sliders",
        )
    return scenario_cards([_card(view, state, may_apply) for view in scenarios])


def _card(view: ScenarioView, state: ScreenState, may_apply: bool) -> ScenarioCard:
    word, status = standing_of(view)
    actions: list[Component] = []
    if may_apply and view.is_applied:
        actions.append(
            button("Undo", id={"type": UNDO, "id": view.id}, icon_name="arrow-counterclockwise")
        )
    elif may_apply and view.is_fresh:
        actions.append(button("Apply as draft", id={"type": APPLY, "id": view.id}, kind="primary"))
    elif may_apply:
        actions.append(
            link_button("Solve again from here", _open(view, state, "accept"), kind="primary")
        )
    actions.append(link_button("Open", _open(view, state, "")))
    alone = state.to(q=str(view.id), scenario=None).href(COMPARE)
    actions.append(link_button("Compare", alone, kind="quiet"))
    return ScenarioCard(
        title=view.name,
        state=word,
        state_status=status,
        measures=_measures(view),
        href=state.to(scenario=view.id).href(PATH),
        detail=f"{formats.period(view.start, view.end)} · {_quality(view)} · {view.created_by}",
        chosen=state.scenario == view.id,
        actions=actions,
    )


def _open(view: ScenarioView, state: ScreenState, tab: str) -> str:
    return state.to(scenario=view.id, view=tab).href(OPEN)


def standing_of(view: ScenarioView) -> tuple[str, Status]:
    """Whether a scenario can be used, in a word."""
    if view.is_partly_applied:
        return "Partly in the rota", Status.GOOD
    if view.is_applied:
        return "In the rota", Status.GOOD
    if not view.is_fresh:
        return "Rota has moved", Status.WARN
    if view.is_undone:
        return "Undone", Status.NEUTRAL
    return "Ready", Status.INFO


def _quality(view: ScenarioView) -> str:
    if view.gap is None:
        return "no bound proved"
    if view.gap <= 0.001:
        return "proved best"
    return f"within {formats.percent(view.gap, 1)} of the best"


def _measures(view: ScenarioView) -> list[Measure]:
    before, after = view.before, view.after
    return [
        _measure("Cost", before, after, "cost_pence", formats.money, formats.change_money),
        _measure("Unfilled shifts", before, after, "unfilled", formats.number, formats.change),
        _hours("Agency hours", before, after, "agency_minutes"),
        _hours("Overtime hours", before, after, "overtime_minutes"),
        _measure("Rule breaches", before, after, "breaches", formats.number, formats.change),
        Measure("Solved in", f"{formats.number(view.seconds)} s"),
    ]


def _measure(
    label: str, before: dict[str, Any], after: dict[str, Any], key: str, show: Any, change: Any
) -> Measure:
    then, now = before.get(key, 0), after.get(key, 0)
    delta = now - then
    status = Status.NEUTRAL if not delta else (Status.GOOD if delta < 0 else Status.BAD)
    return Measure(label, show(now), change(delta) if delta else "", status)


def _hours(label: str, before: dict[str, Any], after: dict[str, Any], key: str) -> Measure:
    then, now = before.get(key, 0) / 60, after.get(key, 0) / 60
    delta = now - then
    status = Status.NEUTRAL if not delta else (Status.GOOD if delta < 0 else Status.BAD)
    return Measure(label, formats.hours(now), formats.change(delta) if delta else "", status)


def jobs_panel(jobs: Sequence[JobView]) -> list[Component]:
    """Optimisations at work, with the falling curve and a way to stop them; failures said."""
    parts: list[Component] = []
    for job in jobs:
        if job.is_active:
            parts.append(_running(job))
        elif job.has_failed:
            parts.append(
                html.Div(
                    [html.Strong("The last optimisation failed. "), html.Span(job.error)],
                    className="panel padded text-bad",
                    role="alert",
                )
            )
    return parts


def _running(job: JobView) -> Component:
    trace = job.detail.get("trace", [])
    points = [
        GapPoint(point["seconds"], (point["cost"] - point["bound"]) / point["cost"])
        for point in trace
        if point.get("cost") and point.get("bound") is not None
    ]
    waiting = job.is_waiting
    parts: list[Component] = [
        progress(
            None if waiting else job.progress,
            text=f"Optimising {job.inputs.get('start', '')} to {job.inputs.get('end', '')}",
            detail=job.message,
        ),
        button("Cancel", id={"type": CANCEL, "id": job.id}, icon_name="x-lg"),
    ]
    if trace and trace[-1].get("cost"):
        parts.append(html.P(_best_so_far(trace), role="status"))
    if points:
        parts.append(
            chart(
                f"scenario-gap-{job.id}", gap_figure(points), title="Distance to the best possible",
                description="How far the best rota found so far may be from the best possible.",
                filename="optimisation-gap", height=180, tools=False,
            )
        )  # fmt: skip
    return html.Div(parts, className="panel padded stack")


def _best_so_far(trace: Sequence[dict[str, Any]]) -> str:
    """What is known at this moment: the best value, how far it fell, the proved distance."""
    first, last = trace[0], trace[-1]
    words = f"Best so far {formats.money(last['cost'])}, gaps priced"
    if first.get("cost", 0) > last["cost"]:
        words += f"; {formats.money(first['cost'] - last['cost'])} better than at the start"
    if last.get("bound") is not None:
        gap = max(0.0, (last["cost"] - last["bound"]) / abs(last["cost"]))
        words += f"; at most {formats.percent(gap, 1)} above the best possible"
    return f"{words}."


def difference_table(rows: Sequence[Difference], *, explanation: str) -> Component:
    """What the chosen scenario would change, or has changed, against the rota as it stands."""
    if not rows:
        return html.Div(
            [
                html.P(explanation, className="muted"),
                empty_state(
                    "No difference",
                    "The rota already is what this scenario says.",
                    icon_name="check2-circle",
                ),
            ]
        )
    table = simple_table(
        ["Day", "Unit", "Shift", "In the rota now", "In the scenario"],
        [
            [
                formats.day(row.date), row.unit, row.shift,
                ", ".join(row.before) or "–", ", ".join(row.after) or "–",
            ]
            for row in rows[:MOST_ROWS]
        ],
        caption="Differences between the scenario and the rota",
    )  # fmt: skip
    count = formats.plural(len(rows), "place differs", "places differ")
    more = f" The first {MOST_ROWS} are shown." if len(rows) > MOST_ROWS else ""
    return html.Div(
        [
            html.P(f"{explanation} {count}.{more}", className="muted"),
            html.Div(table, className="table-scroll"),
        ]
    )
