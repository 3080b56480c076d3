"""The Plotly template ``rota`` and its dark sister, and how a figure dict is put together.

Plain dicts: importing plotly costs a web worker memory and a validated figure costs time.
On screen only ``rota`` is sent; the style sheet repaints it in the dark theme (see
:mod:`components.theme`). ``rota-dark`` is for files rendered on the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from components import theme

Figure = dict[str, Any]
Cell = str | int | float | None

#: tools that leave the house or say nothing to a rota planner
REMOVED_TOOLS = [
    "sendChartToCloud",
    "lasso2d",
    "select2d",
    "autoScale2d",
    "toggleSpikelines",
    "hoverClosestCartesian",
    "hoverCompareCartesian",
]


def _template(palette: theme.Palette, *, dark: bool) -> dict[str, Any]:
    axis = {
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zerolinecolor": palette.line_strong,
        "zerolinewidth": 1,
        "tickcolor": palette.line,
        "tickfont": {"color": palette.muted, "size": 12},
        "title": {"font": {"color": palette.muted, "size": 12}, "standoff": 8},
        "automargin": True,
        "ticks": "",
    }
    return {
        "layout": {
            "font": {"family": theme.FONT, "size": 12, "color": palette.ink},
            "colorway": [pair[dark] for pair in theme.CHART_COLOURS],
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 48, "r": 16, "t": 12, "b": 36},
            "xaxis": {**axis, "showgrid": False, "showline": True},
            "yaxis": {**axis, "showgrid": True, "zeroline": True},
            "legend": {
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1.02,
                "yanchor": "bottom",
                "font": {"color": palette.muted, "size": 12},
                "title": {"text": ""},
            },
            "hoverlabel": {
                "bgcolor": palette.surface,
                "bordercolor": palette.line_strong,
                "font": {"color": palette.ink, "size": 12, "family": theme.FONT},
                "align": "left",
            },
            "hovermode": "x unified",
            "bargap": 0.28,
            "colorscale": {"sequential": theme.SEQUENTIAL, "diverging": theme.DIVERGING},
            "modebar": {"remove": REMOVED_TOOLS},
            "separators": ".,",
            "transition": {"duration": 0},
        },
        "data": {
            "bar": [{"marker": {"line": {"width": 0}}, "textfont": {"size": 12}}],
            "scatter": [{"line": {"width": 2}, "marker": {"size": 6}}],
            "heatmap": [{"xgap": 2, "ygap": 2, "colorbar": {"thickness": 10, "outlinewidth": 0}}],
        },
    }


ROTA = _template(theme.LIGHT, dark=False)
ROTA_DARK = _template(theme.DARK, dark=True)
TEMPLATES = {"rota": ROTA, "rota-dark": ROTA_DARK}


def figure(
    data: list[dict[str, Any]],
    layout: dict[str, Any] | None = None,
    *,
    columns: Sequence[str] = (),
    rows: Sequence[Sequence[Cell]] = (),
    min_width: int = 0,
) -> Figure:
    """A figure in the house template.

    ``columns`` and ``rows`` are the figure's data as a person would read it: what the CSV button
    saves and what stands in the table under the chart. ``min_width`` in pixels is what its labels
    need: on a phone the chart scrolls sideways rather than letting them run into each other.
    """
    whole: dict[str, Any] = {"template": ROTA, **(layout or {})}
    meta: dict[str, Any] = {}
    if columns:
        meta = {"columns": list(columns), "rows": [list(row) for row in rows]}
    if min_width:
        meta["min_width"] = min_width
    if meta:
        whole["meta"] = meta
    return {"data": data, "layout": whole}


def empty(message: str) -> Figure:
    """A figure with nothing in it but a sentence that says why."""
    return figure(
        [],
        {
            "xaxis": {"visible": False},
            "yaxis": {"visible": False},
            "annotations": [
                {
                    "text": message,
                    "showarrow": False,
                    "xref": "paper",
                    "yref": "paper",
                    "x": 0.5,
                    "y": 0.5,
                    "font": {"size": 14, "color": theme.LIGHT.muted},
                }
            ],
        },
    )


def iso(days: Sequence[date]) -> list[str]:
    """Days as Plotly reads them."""
    return [day.isoformat() for day in days]


#: a date axis that says "3 Mar", and the weekday on hover
DATE_AXIS: dict[str, Any] = {
    "type": "date",
    "tickformat": "%-d %b",
    "hoverformat": "%a %-d %b %Y",
}


def heights(values: Sequence[float], *, named: bool = False) -> dict[str, Any]:
    """The range of a vertical axis of dots and lines: from zero, unless that wastes the panel.

    Where all values lie high above zero, what matters would be pressed against the top; bars
    still need their zero and do not belong here. Days that are ``named`` at their foot get
    room for it.
    """
    low, high = min(values, default=0.0), max(values, default=0.0)
    if low < 0.5 * high or high <= 0:
        return {"rangemode": "tozero"}
    room = max(high - low, 0.02 * high)
    return {"range": [max(low - room * (0.6 if named else 0.15), 0.0), high + 0.1 * room]}
