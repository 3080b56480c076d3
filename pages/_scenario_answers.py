"""What the studies of a scenario found: results of jobs in, components out."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from components import formats
from components.charts.graph import chart
from components.charts.scenarios import LevelPoint, TradeOff, levels_figure, tradeoff_figure
from components.forms import link_button
from components.state import ScreenState
from components.tables import simple_table
from pages._scenario_ids import OPEN, Ids
from rota.optimisation.studies import Study

_VARIANTS = {"apart": "Units apart", "today": "As today", "pooled": "All units shared"}
_BEYOND_CONTRACTS = (
    "Cost: what comes on top of contracted pay, with gaps, changes, strange units and unused "
    "contracts at the scenario's prices. Every rota was checked by the rules of work."
)


def answer(study: Study, scenario_id: int, state: ScreenState) -> list[Component]:
    """What a study found, in words, tables and a chart."""
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
        html.P(_BEYOND_CONTRACTS, className="muted"),
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
             ("Below minimum", "num")],
            [
                [_VARIANTS[v["name"]], formats.money(v["pence"]), formats.money(v["bound"]),
                 formats.number(v.get("places_short"))]
                for v in result["variants"]
            ],
            caption="Three ways of sharing",
        )
    )  # fmt: skip
    parts.append(_checked(sum(v.get("taken_off", 0) for v in result["variants"])))
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
            f"and back; places below minimum go from {formats.number(before)} to "
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
        *([_checked(taken_off)] if (taken_off := sum(found.get("taken_off", [0]))) else []),
        simple_table(["Home", ("Gives", "num"), ("Gains", "num"),
                      ("Price of what is short", "num")],
                     rows, caption="Who gives and who gains between homes"),
    ]  # fmt: skip


def _checked(taken_off: int) -> Component:
    """That the rules have looked at it, what they took, and what the cost is made of."""
    words = _BEYOND_CONTRACTS
    if taken_off:
        words += (
            f" The rules of work took {formats.plural(taken_off, 'shift')} off again: the figures "
            "are without them."
        )
    return html.P(words, className="muted")


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
