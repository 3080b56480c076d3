"""Scenario charts: the frontier of cost against unfilled hours, and a running gap falling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components import formats, theme
from components.charts.template import Figure, empty, figure


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """One rota: what it costs and how many required hours it leaves unfilled."""

    name: str
    pence: int
    unfilled_hours: float
    is_current: bool = False
    is_chosen: bool = False


def frontier(points: Sequence[FrontierPoint]) -> list[FrontierPoint]:
    """The points that no other beats on both cost and unfilled hours, by rising cost."""
    best: list[FrontierPoint] = []
    for point in sorted(points, key=lambda p: (p.pence, p.unfilled_hours)):
        if not best or point.unfilled_hours < best[-1].unfilled_hours:
            best.append(point)
    return best


def frontier_figure(points: Sequence[FrontierPoint]) -> Figure:
    """Every scenario as a named dot, the frontier as a line, the current rota as a diamond."""
    if not points:
        return empty("No scenario yet.")
    edge = frontier(points)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "name": "Frontier",
            "mode": "lines",
            "x": [p.pence / 100 for p in edge],
            "y": [round(p.unfilled_hours, 1) for p in edge],
            "line": {"color": theme.SLATE, "width": 1.5, "dash": "dot", "shape": "hv"},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]
    for current, colour, symbol in ((True, theme.AMBER, "diamond"), (False, theme.TEAL, "circle")):
        group = [p for p in points if p.is_current is current]
        if not group:
            continue
        traces.append(
            {
                "type": "scatter",
                "name": "Current rota" if current else "Scenario",
                "mode": "markers+text",
                "x": [p.pence / 100 for p in group],
                "y": [round(p.unfilled_hours, 1) for p in group],
                "text": [p.name for p in group],
                "textposition": "top center",
                "textfont": {"size": 12},
                "marker": {
                    "color": colour,
                    "symbol": symbol,
                    "size": [15 if p.is_chosen else 10 for p in group],
                },
                "hovertemplate": "%{text}<br>£%{x:,.0f}, %{y} h unfilled<extra></extra>",
                "showlegend": False,
                "cliponaxis": False,
            }
        )
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "title": {"text": "Cost of the period"},
            "tickprefix": "£",
            "tickformat": "~s",
            "showgrid": True,
            "zeroline": False,
        },
        "yaxis": {"title": {"text": "Unfilled hours"}, "rangemode": "tozero"},
        "margin": {"l": 56, "r": 32, "t": 28, "b": 44},
    }
    rows = [[p.name, p.pence / 100, round(p.unfilled_hours, 1)] for p in points]
    return figure(traces, layout, columns=["Rota", "Cost (£)", "Unfilled (h)"], rows=rows)


@dataclass(frozen=True, slots=True)
class GapPoint:
    """The proven gap to the best possible, as a share, so many seconds after the start."""

    seconds: float
    gap: float


def gap_figure(points: Sequence[GapPoint], *, target: float | None = None) -> Figure:
    """The gap falling while a scenario runs; ``target`` is where it may stop."""
    if not points:
        return empty("The first solution is being looked for.")
    trace = {
        "type": "scatter",
        "name": "Gap",
        "mode": "lines",
        "x": [round(p.seconds, 1) for p in points],
        "y": [round(p.gap * 100, 2) for p in points],
        "line": {"color": theme.TEAL, "shape": "hv", "width": 2},
        "fill": "tozeroy",
        "fillcolor": theme.rgba(theme.TEAL, 0.12),
        "hovertemplate": "%{y:.1f}% after %{x:.0f} s<extra></extra>",
    }
    shapes = []
    if target is not None:
        line = {"width": 1, "dash": "dash", "color": theme.SLATE}
        level = target * 100
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": level,
                "y1": level,
                "line": line,
            }
        )
    layout = {
        "shapes": shapes,
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": {"title": {"text": "Seconds"}, "rangemode": "tozero"},
        "yaxis": {
            "title": {"text": "Gap to the best possible"},
            "ticksuffix": "%",
            "rangemode": "tozero",
        },
    }
    rows = [[round(p.seconds, 1), formats.percent(p.gap, 1)] for p in points]
    return figure([trace], layout, columns=["Seconds", "Gap"], rows=rows)


@dataclass(frozen=True, slots=True)
class TradeOff:
    """One rota of a frontier: pence, shifts on strange units, weekend shifts above a fair
    share; ``scenario`` opens it."""

    scenario: int
    pence: int
    strange: int
    uneven: float
    is_here: bool = False


def tradeoff_figure(points: Sequence[TradeOff]) -> Figure:
    """Cost across, strange units up, fairness as the number beside the dot; a click opens."""
    if not points:
        return empty("No frontier yet.")
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [p.pence / 100 for p in points],
        "y": [p.strange for p in points],
        "text": [f"{p.uneven:.0f}" for p in points],
        "textposition": "top center",
        "customdata": [[p.scenario] for p in points],
        "marker": {
            "color": [theme.AMBER if p.is_here else theme.TEAL for p in points],
            "symbol": ["diamond" if p.is_here else "circle" for p in points],
            "size": 13,
        },
        "hovertemplate": (
            "£%{x:,.0f}<br>%{y} shifts on strange units"
            "<br>%{text} weekend shifts above a fair share<extra></extra>"
        ),
        "cliponaxis": False,
    }
    layout = {
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": {"title": {"text": "Cost of the period, gaps priced"}, "tickprefix": "£",
                  "tickformat": "~s", "zeroline": False},
        "yaxis": {"title": {"text": "Shifts on strange units"}, "rangemode": "tozero"},
        "margin": {"l": 56, "r": 32, "t": 28, "b": 44},
    }  # fmt: skip
    rows = [[p.pence / 100, p.strange, p.uneven] for p in points]
    columns = ["Cost (£)", "Shifts on strange units", "Weekend shifts above a fair share"]
    return figure([trace], layout, columns=columns, rows=rows)


@dataclass(frozen=True, slots=True)
class LevelPoint:
    """A service level: people asked for, what they cost, expected short people."""

    level: int
    people: int
    pence: int
    expected_short: float


#: share of the drawn width within which two labels would cover one another
_SAME_PLACE = 0.04


def levels_figure(points: Sequence[LevelPoint]) -> Figure:
    """What it costs across, how many short shifts are to be expected up, by service level."""
    if not points:
        return empty("No service level yet.")
    trace = {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [p.pence / 100 for p in points],
        "y": [p.expected_short for p in points],
        "text": _level_labels(points),
        "customdata": [p.level for p in points],
        "textposition": "top right",
        "line": {"color": theme.TEAL, "width": 2},
        "marker": {"size": 8, "color": theme.TEAL},
        "hovertemplate": "%{customdata}%: £%{x:,.0f}, %{y:.1f} short shifts<extra></extra>",
        "cliponaxis": False,
    }
    layout = {
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": {"title": {"text": "Cost of the period"}, "tickprefix": "£",
                  "tickformat": ",.0f", "zeroline": False},
        "yaxis": {"title": {"text": "Expected short shifts"}, "rangemode": "tozero"},
        "margin": {"l": 56, "r": 48, "t": 28, "b": 44},
    }  # fmt: skip
    rows = [[p.level, p.people, p.pence / 100, p.expected_short] for p in points]
    columns = ["Service level (%)", "People required", "Cost (£)", "Expected short shifts"]
    return figure([trace], layout, columns=columns, rows=rows)


def _level_labels(points: Sequence[LevelPoint]) -> list[str]:
    """Levels that cost about the same lie on one another: one label for all of them."""
    width = max(p.pence for p in points) - min(p.pence for p in points)
    labels: list[str] = []
    first = 0
    for here, point in enumerate(points):
        last = here + 1 == len(points)
        if last or abs(points[here + 1].pence - point.pence) > width * _SAME_PLACE:
            labels += [""] * (here - first)
            run = points[first].level, point.level
            labels.append(f"{run[1]}%" if run[0] == run[1] else f"{run[0]}–{run[1]}%")
            first = here + 1
    return labels


@dataclass(frozen=True, slots=True)
class RiskCell:
    """The chance of one unit, day and band to fall below its minimum."""

    unit: str
    label: str
    chance: float


def risk_figure(cells: Sequence[RiskCell]) -> Figure:
    """The chance below minimum by unit and day/night, printed in every cell."""
    if not cells:
        return empty("No minimum in this period.")
    units = list(dict.fromkeys(cell.unit for cell in cells))
    labels = list(dict.fromkeys(cell.label for cell in cells))
    found = {(cell.unit, cell.label): cell.chance for cell in cells}
    values = [[found.get((unit, label)) for label in labels] for unit in units]
    trace = {
        "type": "heatmap",
        "x": labels,
        "y": units,
        "z": values,
        "text": [["" if v is None else f"{v * 100:.0f}%" for v in line] for line in values],
        "texttemplate": "%{text}",
        "textfont": {"size": 11, "color": theme.LIGHT.ink},
        "hovertemplate": "%{y}<br>%{x}<br>%{text} below the minimum<extra></extra>",
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "#FFFFFF"], [0.05, "#FBEFD9"], [0.3, "#F3C9A0"], [1, "#E58C7E"]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    layout = {
        "hovermode": "closest",
        "xaxis": {"type": "category", "side": "top", "showline": False, "tickangle": 0,
                  "ticktext": [label.replace(" ", "<br>") for label in labels],
                  "tickvals": labels},
        "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False,
                  "zeroline": False},
        "margin": {"l": 96, "r": 8, "t": 72, "b": 8},
    }  # fmt: skip
    rows = [[c.unit, c.label, round(c.chance, 4)] for c in cells]
    columns = ["Unit", "Day", "Chance below minimum"]
    return figure([trace], layout, columns=columns, rows=rows, min_width=104 + 46 * len(labels))
