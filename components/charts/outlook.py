"""The financial year: what is spent, planned and expected in each month, against the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from components import formats, theme
from components.charts.costs import budget_line
from components.charts.template import Figure, empty, figure

#: where the money of a month stands, from the ground up, with its colour
_PARTS = (
    ("spent", "Spent", theme.TEAL), ("planned", "Planned rota", theme.BLUE),
    ("run_rate", "Run rate", theme.SLATE),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutlookMonth:
    """One month in pence; the budget is null where none is set."""

    month: date
    spent: int
    planned: int
    run_rate: int
    budget: int | None = None

    @property
    def forecast(self) -> int:
        """All parts together."""
        return self.spent + self.planned + self.run_rate


def outlook_figure(months: Sequence[OutlookMonth]) -> Figure:
    """Stacked bars in pounds, the budget as a step line."""
    if not any(m.forecast or m.budget is not None for m in months):
        return empty("Nothing was spent or planned in this year.")
    names = [formats.month_short(m.month) for m in months]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": label,
            "x": names,
            "y": [getattr(m, key) / 100 for m in months],
            "marker": {"color": colour},
            "hovertemplate": "£%{y:,.0f}",
        }
        for key, label, colour in _PARTS
        if any(getattr(m, key) for m in months)
    ]
    if any(m.budget is not None for m in months):
        traces.append(budget_line(names, [m.budget for m in months]))
    layout = {
        "barmode": "stack",
        "xaxis": {
            "type": "category", "tickangle": 0, "tickvals": names,
            "ticktext": [
                name.split()[0] + (f"<br>{m.month.year}" if i == 0 or m.month.month == 1 else "")
                for i, (name, m) in enumerate(zip(names, months, strict=True))
            ],
        },
        "yaxis": {
            "title": {"text": "Cost"}, "tickprefix": "£", "tickformat": "~s",
            "rangemode": "tozero",
        },
        "legend": {"traceorder": "normal"},
    }  # fmt: skip
    rows = [
        [
            formats.month(m.month), m.spent / 100, m.planned / 100, m.run_rate / 100,
            m.forecast / 100, None if m.budget is None else m.budget / 100,
        ]
        for m in months
    ]  # fmt: skip
    columns = [
        "Month",
        "Spent (£)",
        "Planned rota (£)",
        "Run rate (£)",
        "Forecast (£)",
        "Budget (£)",
    ]
    return figure(traces, layout, columns=columns, rows=rows, min_width=80 + 36 * len(months))
