"""Plain bars: one amount for each of a few named things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components import theme
from components.charts.template import Figure, empty, figure


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; money in pounds, time in hours. Null: not known, no bar."""

    name: str
    value: float | None


def bars_figure(bars: Sequence[Bar], *, title: str, money: bool = False) -> Figure:
    """Lying bars in the order given, from the top down; negative amounts go to the left."""
    if not any(bar.value is not None for bar in bars):
        return empty("Nothing to draw in this period.")
    prefix = "£" if money else ""
    largest = max(abs(bar.value) for bar in bars if bar.value is not None)
    trace = {
        "type": "bar",
        "orientation": "h",
        "name": title,
        "x": [bar.value for bar in reversed(bars)],
        "y": [bar.name for bar in reversed(bars)],
        "marker": {"color": theme.TEAL},
        "hovertemplate": f"{prefix}%{{x:,.2~f}}<extra></extra>",
    }
    layout = {
        "hovermode": "y unified",
        "showlegend": False,
        "xaxis": {
            "title": {"text": title},
            "tickprefix": prefix,
            # "250m" for a quarter is nobody's way of writing it
            "tickformat": "~s" if largest >= 1000 else ",.2~f",
            "rangemode": "tozero",
            "showgrid": True,
            "showline": False,
        },
        "yaxis": {"showgrid": False, "type": "category"},
    }
    unit = " (£)" if money else ""
    return figure(
        [trace], layout, columns=["Name", f"{title}{unit}"],
        rows=[[bar.name, bar.value] for bar in bars],
    )  # fmt: skip
