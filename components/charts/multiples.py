"""Small multiples: one measure of several homes, each in its own small frame on the same scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components import theme
from components.charts.template import Figure, empty, figure


@dataclass(frozen=True, slots=True)
class Multiple:
    """One home: its values in order (null: nothing to divide by) and its target, if it has one."""

    name: str
    values: tuple[float | None, ...]
    target: float | None = None


def multiples_figure(
    multiples: Sequence[Multiple], labels: Sequence[str], *, title: str, prefix: str = "",
    suffix: str = "", across: int = 5,
) -> Figure:  # fmt: skip
    """Lines side by side, ``across`` in a row, on one scale; the last value is written.

    ``prefix`` and ``suffix`` are the unit ("£", "%"); a target is a dashed line.
    """
    if not any(value is not None for one in multiples for value in one.values):
        return empty("Nothing to draw in these months.")
    rows = (len(multiples) + across - 1) // across
    width, height = 1 / min(across, len(multiples)), 1 / rows
    known = [v for one in multiples for v in (*one.values, one.target) if v is not None]
    low, high = min(known), max(known)
    room = (high - low) * 0.15 or abs(high) * 0.1 or 1.0
    span = [low - room, high + room * 1.6]
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "showlegend": False, "hovermode": "closest", "annotations": [], "shapes": [],
        "margin": {"l": 8, "r": 8, "t": 8, "b": 24},
    }  # fmt: skip
    for i, one in enumerate(multiples):
        column, line, number = i % across, i // across, "" if i == 0 else str(i + 1)
        left, top = column * width, 1 - line * height
        domain = [left + width * 0.06, left + width * 0.94]
        layout[f"xaxis{number}"] = {
            "domain": domain, "anchor": f"y{number}", "type": "category", "showgrid": False,
            "tickvals": [labels[0], labels[-1]], "fixedrange": True, "tickangle": 0,
            "tickfont": {"size": 10, "color": theme.LIGHT.muted},
        }  # fmt: skip
        layout[f"yaxis{number}"] = {
            "domain": [top - height * 0.82, top - height * 0.14], "anchor": f"x{number}",
            "range": span, "visible": False, "fixedrange": True,
        }  # fmt: skip
        axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        traces.append(
            {
                "type": "scatter", "mode": "lines+markers", "name": one.name, "x": list(labels),
                "y": list(one.values), "line": {"color": theme.TEAL, "width": 2},
                "marker": {"size": 4, "color": theme.TEAL},
                "hovertemplate": f"{one.name}, %{{x}}: {prefix}%{{y:,.2~f}}{suffix}<extra></extra>",
                **axes,
            }
        )  # fmt: skip
        if one.target is not None:
            layout["shapes"].append(
                {
                    "type": "line", "xref": f"x{number} domain", "yref": f"y{number}", "x0": 0,
                    "x1": 1, "y0": one.target, "y1": one.target,
                    "line": {"width": 1, "dash": "dot", "color": theme.SLATE},
                }
            )  # fmt: skip
        layout["annotations"].append(
            {
                "text": f"<b>{one.name}</b>", "showarrow": False, "xref": "paper",
                "yref": "paper", "x": domain[0], "y": top, "xanchor": "left", "yanchor": "top",
                "font": {"size": 12},
            }
        )  # fmt: skip
        last = next((v for v in reversed(one.values) if v is not None), None)
        if last is not None:
            layout["annotations"].append(
                {
                    "text": f"{prefix}{last:,.2f}{suffix}" if abs(last) < 1000
                    else f"{prefix}{last:,.0f}{suffix}",
                    "showarrow": False, "xref": "paper", "yref": "paper", "x": domain[1],
                    "y": top, "xanchor": "right", "yanchor": "top", "font": {"size": 12},
                }
            )  # fmt: skip
    unit = f" ({prefix or suffix})" if prefix or suffix else ""
    return figure(
        traces, layout, columns=["Home", *(f"{title} {label}{unit}" for label in labels), "Target"],
        rows=[[one.name, *one.values, one.target] for one in multiples],
        min_width=200 * min(across, len(multiples)),
    )  # fmt: skip
