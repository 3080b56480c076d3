"""Charts that judge a forecast: by distance, by unit, by level, and what a level costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from components import formats, theme
from components.charts.template import DATE_AXIS, Figure, empty, figure, heights


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A service level in percent, what it costs in pence, and the shifts expected short."""

    level: float
    pence: int
    short: float
    shifts: int


def service_curve_figure(
    points: Sequence[CurvePoint], planned: CurvePoint | None, chosen: float
) -> Figure:
    """Cost against shifts expected short, level by level; the rota as planned beside it."""
    if not points:
        return empty("No forecast to weigh.")
    mark = min(points, key=lambda point: abs(point.level - chosen))
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "name": "Service level",
            "mode": "lines+markers+text",
            "x": [point.pence / 100 for point in points],
            "y": [round(point.short, 2) for point in points],
            "text": [f"{point.level:g}%" if _labelled(point.level) else "" for point in points],
            "textposition": "top right",
            "cliponaxis": False,
            "textfont": {"size": 11},
            "line": {"color": theme.TEAL, "width": 2},
            "marker": {"size": [11 if point is mark else 5 for point in points]},
            "customdata": [[point.level, point.shifts] for point in points],
            "hovertemplate": "%{customdata[0]:g}%: %{customdata[1]} shifts, £%{x:,.0f},"
            " %{y:.1f} expected short<extra></extra>",
        }
    ]
    if planned is not None:
        traces.append(
            {
                "type": "scatter",
                "name": "Rota as planned",
                "mode": "markers+text",
                "x": [planned.pence / 100],
                "y": [round(planned.short, 2)],
                "text": ["planned"],
                "textposition": "top center",
                "textfont": {"size": 11},
                "marker": {"size": 12, "symbol": "diamond", "color": theme.AMBER},
                "hovertemplate": "As planned: £%{x:,.0f}, %{y:.1f} expected short<extra></extra>",
            }
        )
    rows = [[f"{p.level:g}%", p.shifts, p.pence / 100, round(p.short, 2)] for p in points]
    if planned is not None:
        rows.append(["planned", planned.shifts, planned.pence / 100, round(planned.short, 2)])
    return figure(
        traces,
        {
            "xaxis": {"title": {"text": "Cost (£)"}, "tickformat": ",.0f"},
            "yaxis": {"title": {"text": "Shifts expected short"}, "rangemode": "tozero"},
            "showlegend": False,
        },
        columns=["Service level", "Shifts", "Cost (£)", "Shifts expected short"],
        rows=rows,
    )


def _labelled(level: float) -> bool:
    return level in (50, 70, 80, 90, 95, 99)


def weeks_figure(by_week: Mapping[str, Sequence[float | None]]) -> Figure:
    """WAPE by week ahead, a bar per forecaster; keys are the names to show."""
    if not any(value is not None for values in by_week.values() for value in values):
        return empty("No unit has been trained yet.")
    colours = (theme.TEAL, theme.BLUE, theme.SLATE)
    count = max(len(values) for values in by_week.values())
    weeks = [f"Week {week + 1}" for week in range(count)]
    traces = [
        {
            "type": "bar",
            "name": name,
            "x": weeks,
            "y": [None if value is None else round(100 * value, 2) for value in values],
            "marker": {"color": colour},
            "hovertemplate": f"{name}, %{{x}}: %{{y:.1f}}%<extra></extra>",
        }
        for (name, values), colour in zip(by_week.items(), colours, strict=False)
    ]
    return figure(
        traces,
        {"barmode": "group", "yaxis": {"title": {"text": "Error (WAPE, %)"}}},
        columns=["Week ahead", *by_week],
        rows=[
            [week, *(_percent(values[index]) for values in by_week.values())]
            for index, week in enumerate(weeks)
        ],
    )


def calibration_figure(held: Mapping[float, float]) -> Figure:
    """Promised against kept: the share of days on which each staffing level was enough."""
    if not held:
        return empty("No unit has enough past windows yet.")
    levels = sorted(held)
    ends = [levels[0] * 100, levels[-1] * 100]
    return figure(
        [
            {
                "type": "scatter", "name": "Kept as promised", "mode": "lines",
                "x": ends, "y": ends, "hoverinfo": "skip",
                "line": {"color": theme.SLATE, "width": 1, "dash": "dash"},
            },
            {
                "type": "scatter", "name": "This home", "mode": "lines+markers",
                "x": [100 * level for level in levels],
                "y": [round(100 * held[level], 2) for level in levels],
                "line": {"color": theme.TEAL, "width": 2}, "marker": {"size": 7},
                "hovertemplate": "Promised %{x:g}%, kept %{y:.1f}%<extra></extra>",
            },
        ],
        {
            "xaxis": {"title": {"text": "Promised (% of days)"}},
            "yaxis": {"title": {"text": "Kept (% of days)"}},
        },
        columns=["Promised (%)", "Kept (%)"],
        rows=[[round(100 * level, 1), _percent(held[level])] for level in levels],
    )  # fmt: skip


def unit_errors_figure(units: Sequence[str], by_week: Sequence[Sequence[float | None]]) -> Figure:
    """Units down, weeks ahead across: the error in percent, printed in every cell."""
    if not units:
        return empty("No unit has been trained yet.")
    weeks = [f"Week {week + 1}" for week in range(max(len(values) for values in by_week))]
    shown = [[_percent(value) for value in values] for values in by_week]
    trace = {
        "type": "heatmap", "x": weeks, "y": list(units), "z": shown,
        "text": [["" if v is None else f"{v:.1f}" for v in values] for values in shown],
        "texttemplate": "%{text}", "textfont": {"size": 11, "color": theme.LIGHT.ink},
        "hovertemplate": "%{y}, %{x}: %{z:.1f}%<extra></extra>",
        "colorscale": [[0, theme.rgba(theme.TEAL, 0.06)], [1, theme.rgba(theme.TEAL, 0.6)]],
        "showscale": False, "xgap": 2, "ygap": 2,
    }  # fmt: skip
    return figure(
        [trace],
        {
            "xaxis": {"side": "top", "showline": False},
            "yaxis": {"autorange": "reversed", "showgrid": False},
        },
        columns=["Unit", *(f"{week} (WAPE, %)" for week in weeks)],
        rows=[[unit, *values] for unit, values in zip(units, shown, strict=True)],
    )


@dataclass(frozen=True, slots=True)
class HappenedDay:
    """A day that was forecast and is over, summed over what is shown; hours."""

    day: date
    expected: float
    actual: float
    last_week: float | None = None


def happened_figure(days: Sequence[HappenedDay]) -> Figure:
    """The last forecasts as a line, what happened as dots, last week as a thin line."""
    if not days:
        return empty("No forecast day is over yet: the nightly check writes them down.")
    x = [day.day.isoformat() for day in days]
    return figure(
        [
            {
                "type": "scatter", "name": "Same day last week", "mode": "lines", "x": x,
                "y": [day.last_week for day in days],
                "line": {"color": theme.SLATE, "width": 1, "dash": "dot"},
                "hovertemplate": "%{y:.1f} h",
            },
            {
                "type": "scatter", "name": "Forecast", "mode": "lines", "x": x,
                "y": [round(day.expected, 2) for day in days],
                "line": {"color": theme.TEAL, "width": 2}, "hovertemplate": "%{y:.1f} h",
            },
            {
                "type": "scatter", "name": "Happened", "mode": "markers", "x": x,
                "y": [round(day.actual, 2) for day in days],
                "marker": {"size": 5, "color": theme.LIGHT.ink}, "hovertemplate": "%{y:.1f} h",
            },
        ],
        {"xaxis": {**DATE_AXIS}, "yaxis": {"title": {"text": "Hours"}}},
        columns=["Day", "Forecast (h)", "Happened (h)", "Same day last week (h)"],
        rows=[
            [day.day.isoformat(), round(day.expected, 2), round(day.actual, 2), day.last_week]
            for day in days
        ],
    )  # fmt: skip


def cases_figure(
    base: Sequence[tuple[date, float]], other: Sequence[tuple[date, float]], name: str
) -> Figure:
    """Hours on duty by day as expected, and under an assumption."""
    if not base:
        return empty("No unit of this home has a forecast yet.")
    same = list(base) == list(other)

    def line(title: str, values: Sequence[tuple[date, float]], colour: str) -> dict[str, Any]:
        return {
            "type": "scatter", "name": title, "mode": "lines",
            "x": [day.isoformat() for day, _ in values], "y": [round(v, 1) for _, v in values],
            "line": {"color": colour, "width": 2}, "hovertemplate": "%{y:.0f} h",
        }  # fmt: skip

    traces = [line("As expected", base, theme.TEAL)]
    if not same:
        traces.append(line(name, other, theme.AMBER))
    return figure(
        traces,
        {
            "xaxis": {**DATE_AXIS},
            "yaxis": {
                "title": {"text": "Hours on duty"},
                **heights([hours for _, hours in (*base, *other)]),
            },
        },
        columns=["Day", "As expected (h)", f"{name} (h)"],
        rows=[
            [day.isoformat(), round(before, 1), round(after, 1)]
            for (day, before), (_, after) in zip(base, other, strict=True)
        ],
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def share_words(share: float | None) -> str:
    """A share in words for a table, with one decimal."""
    return "–" if share is None else formats.percent(share, 1)
