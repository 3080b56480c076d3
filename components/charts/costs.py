"""The cost chart: months as bars stacked by source of hours, against the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from components import formats, theme
from components.charts.template import Figure, empty, figure

#: who filled the hours, from the ground up, with their colours
SOURCES: tuple[tuple[str, str, str], ...] = (
    ("contracted", "Contracted", theme.TEAL),
    ("overtime", "Overtime", theme.AMBER),
    ("bank", "Bank", theme.BLUE),
    ("agency", "Agency", theme.ROSE),
)


#: pixels that hold the names of the sources and the budget in two lines beside the homes' names
_LEGEND_WIDTH = 480


@dataclass(frozen=True, slots=True)
class CostMonth:
    """One month in pence: by source (keys of :data:`SOURCES`) and the budget, if there is one."""

    month: date
    by_source: Mapping[str, int]
    budget: int | None = None
    projected: bool = False

    @property
    def total(self) -> int:
        """All sources together, in pence."""
        return sum(self.by_source.values())


def costs_figure(months: Sequence[CostMonth]) -> Figure:
    """Stacked bars in pounds with the budget as a step line; projected months are paler."""
    if not months:
        return empty("No costs in this period.")
    names = [formats.month_short(m.month) for m in months]
    traces: list[dict[str, Any]] = []
    for key, label, colour in SOURCES:
        pence = [m.by_source.get(key, 0) for m in months]
        if not any(pence):
            continue
        traces.append(
            {
                "type": "bar",
                "name": label,
                "x": names,
                "y": [p / 100 for p in pence],
                "marker": {
                    "color": colour,
                    "opacity": [0.5 if m.projected else 1 for m in months],
                },
                "customdata": [
                    formats.percent(p / m.total if m.total else 0)
                    for p, m in zip(pence, months, strict=True)
                ],
                "hovertemplate": "£%{y:,.0f} (%{customdata})",
            }
        )
    if any(m.budget is not None for m in months):
        traces.append(budget_line(names, [m.budget for m in months]))
    layout = {
        "barmode": "stack",
        "xaxis": _month_axis(months, names),
        "yaxis": {
            "title": {"text": "Cost"},
            "tickprefix": "£",
            "tickformat": "~s",
            "rangemode": "tozero",
        },
        "legend": {"traceorder": "normal"},
    }
    columns = ["Month", *(f"{label} (£)" for _, label, _ in SOURCES), "Total (£)", "Budget (£)"]
    rows = [
        [
            formats.month(m.month),
            *(m.by_source.get(key, 0) / 100 for key, _, _ in SOURCES),
            m.total / 100,
            None if m.budget is None else m.budget / 100,
        ]
        for m in months
    ]
    width = 80 + 36 * len(months)
    return figure(traces, layout, columns=columns, rows=rows, min_width=width)


def budget_line(names: Sequence[str], pence: Sequence[int | None]) -> dict[str, Any]:
    """The budget of each month as a dashed step; null where there is none."""
    return {
        "type": "scatter", "name": "Budget", "x": names,
        "y": [None if amount is None else amount / 100 for amount in pence],
        "mode": "lines",
        "line": {"shape": "hvh", "color": theme.LIGHT.ink, "width": 2, "dash": "4px,3px"},
        "hovertemplate": "£%{y:,.0f}",
    }  # fmt: skip


def _month_axis(months: Sequence[CostMonth], names: Sequence[str]) -> dict[str, Any]:
    """Months upright, the year only under the first and every January."""
    words = []
    for i, m in enumerate(months):
        year = f"<br>{m.month.year}" if i == 0 or m.month.month == 1 else ""
        words.append(formats.month_short(m.month).split()[0] + year)
    return {"type": "category", "tickvals": list(names), "ticktext": words, "tickangle": 0}


@dataclass(frozen=True, slots=True)
class Group:
    """One bar of a comparison: a home or unit with its cost by source in pence."""

    name: str
    by_source: Mapping[str, int]
    budget: int | None = None


def comparison_figure(groups: Sequence[Group]) -> Figure:
    """Homes or units as lying bars stacked by source, the dearest on top, budget as a tick."""
    if not groups:
        return empty("Nothing to compare in this period.")
    ordered = sorted(groups, key=lambda g: sum(g.by_source.values()))
    names = [g.name for g in ordered]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": label,
            "y": names,
            "x": [g.by_source.get(key, 0) / 100 for g in ordered],
            "marker": {"color": colour},
            "hovertemplate": "£%{x:,.0f}",
        }
        for key, label, colour in SOURCES
        if any(g.by_source.get(key) for g in ordered)
    ]
    if any(g.budget is not None for g in ordered):
        traces.append(
            {
                "type": "scatter",
                "name": "Budget",
                "y": names,
                "x": [None if g.budget is None else g.budget / 100 for g in ordered],
                "mode": "markers",
                "marker": {
                    "symbol": "line-ns-open",
                    "size": 22,
                    "color": theme.LIGHT.ink,
                    "line": {"width": 2, "color": theme.LIGHT.ink},
                },
                "hovertemplate": "£%{x:,.0f}",
            }
        )
    layout = {
        "barmode": "stack",
        "hovermode": "y unified",
        "xaxis": {
            "tickprefix": "£",
            "tickformat": "~s",
            "rangemode": "tozero",
            "showgrid": True,
            "showline": False,
        },
        "yaxis": {"showgrid": False, "type": "category"},
        "legend": {"traceorder": "normal"},
    }
    columns = ["Name", *(f"{label} (£)" for _, label, _ in SOURCES), "Budget (£)"]
    rows = [
        [
            g.name,
            *(g.by_source.get(key, 0) / 100 for key, _, _ in SOURCES),
            None if g.budget is None else g.budget / 100,
        ]
        for g in reversed(ordered)
    ]
    # narrower, the legend has a line for each source and covers the bars
    return figure(traces, layout, columns=columns, rows=rows, min_width=_LEGEND_WIDTH)
