"""One measure by one or two things: bars, stacked or lying, a line, or a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components import theme
from components.charts.template import Figure, empty, figure

#: how a pattern can be drawn
CHARTS = {"bars": "Bars", "lines": "Lines", "heat": "Heat map"}
_COLOURS = (theme.TEAL, theme.AMBER, theme.BLUE, theme.ROSE, theme.PLUM, theme.SLATE)
_SOURCES = {"Contracted": theme.TEAL, "Overtime": theme.AMBER, "Bank": theme.BLUE,
            "Agency": theme.ROSE}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """One value in pounds, hours or a number; ``second`` is empty without a second split."""

    first: str
    second: str
    value: float | None


def pattern_figure(
    amounts: Sequence[Amount], *, kind: str, title: str, money: bool = False, stacks: bool = True
) -> Figure:
    """The values in the order given; what is not known is not drawn. ``stacks``: the values of
    one first thing add up to something."""
    if not any(amount.value is not None for amount in amounts):
        return empty("Nothing to draw here.")
    firsts = list(dict.fromkeys(amount.first for amount in amounts))
    seconds = list(dict.fromkeys(amount.second for amount in amounts))
    values = {(amount.first, amount.second): amount.value for amount in amounts}
    prefix = "£" if money else ""
    axis = {"title": {"text": title}, "tickprefix": prefix, "tickformat": "~s"}
    rows = [[a.first, *([a.second] if seconds != [""] else []), a.value] for a in amounts]
    head = ["Split", *(["Within"] if seconds != [""] else []), title + (" (£)" if money else "")]
    options: dict[str, Any] = {
        "columns": head, "rows": rows, "min_width": 120 + 30 * len(firsts),
    }  # fmt: skip
    if kind == "heat":
        trace = {
            "type": "heatmap", "x": firsts, "y": seconds,
            "z": [[values.get((first, second)) for first in firsts] for second in seconds],
            "colorscale": theme.SEQUENTIAL,
            "hovertemplate": f"%{{x}} %{{y}}<br>{prefix}%{{z:,.2~f}}<extra></extra>",
            "colorbar": {"thickness": 10, "outlinewidth": 0, "tickprefix": prefix},
        }  # fmt: skip
        layout: dict[str, Any] = {
            "hovermode": "closest", "xaxis": {"type": "category"},
            "yaxis": {"type": "category", "showgrid": False, "autorange": "reversed"},
        }  # fmt: skip
        return figure([trace], layout, **options)
    traces: list[dict[str, Any]] = []
    for number, second in enumerate(seconds):
        colour = _SOURCES.get(second, _COLOURS[number % len(_COLOURS)])
        trace = {
            "name": second or title, "x": firsts,
            "y": [values.get((first, second)) for first in firsts],
            "hovertemplate": f"{prefix}%{{y:,.2~f}}",
        }  # fmt: skip
        if kind == "lines":
            trace |= {"type": "scatter", "mode": "lines+markers", "line": {"color": colour}}
        else:
            trace |= {"type": "bar", "marker": {"color": colour}}
        traces.append(trace)
    layout = {
        "barmode": "stack" if stacks else "group",
        "xaxis": {"type": "category"},
        "yaxis": {**axis, "rangemode": "tozero"},
        "showlegend": seconds != [""],
    }
    return figure(traces, layout, **options)
