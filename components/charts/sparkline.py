"""A trend without axes as a Plotly figure, for where hovering matters.

Cards use :func:`components.cards.sparkline`, which needs no Plotly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components import theme
from components.charts.template import Figure, figure


def sparkline_figure(
    values: Sequence[float],
    *,
    labels: Sequence[str] = (),
    target: float | None = None,
    colour: str = theme.TEAL,
) -> Figure:
    """The line, its last value as a dot, and a dashed ``target``."""
    x = list(labels) or list(range(len(values)))
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": x,
            "y": list(values),
            "mode": "lines",
            "line": {"color": colour, "width": 1.5},
            "hovertemplate": "%{x}: %{y}<extra></extra>",
        }
    ]
    if values:
        traces.append(
            {
                "type": "scatter",
                "x": x[-1:],
                "y": [values[-1]],
                "mode": "markers",
                "marker": {"color": colour, "size": 5},
                "hoverinfo": "skip",
            }
        )
    shapes = []
    if target is not None:
        line = {"width": 1, "dash": "dot", "color": theme.SLATE}
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": target,
                "y1": target,
                "line": line,
            }
        )
    layout = {
        "showlegend": False,
        "hovermode": "closest",
        "margin": {"l": 2, "r": 4, "t": 4, "b": 4},
        "xaxis": {"visible": False, "fixedrange": True},
        "yaxis": {"visible": False, "fixedrange": True},
        "shapes": shapes,
    }
    return figure(traces, layout)
