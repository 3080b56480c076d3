"""Leave as a heat map: units down, days across, the share of each unit that is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from components import formats, theme
from components.charts.template import Figure, empty, figure, iso

#: the share at which the colour is full
_FULL = 0.5


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A unit: how many of its ``team`` are off, or have asked to be, by day; at most ``limit``."""

    unit: str
    team: int
    limit: int
    off: Mapping[date, int]
    asked: Mapping[date, int]


def leave_heat_figure(
    rows: Sequence[HeatRow],
    days: Sequence[date],
    *,
    holidays: Mapping[date, str],
    today: date,
) -> Figure:
    """The share off by unit and day; a cross marks more than the policy wants, a triangle above
    the days a bank holiday.

    A click tells the day and the unit's name (Dash hands on no ``customdata`` of a heat map).
    """
    if not rows:
        return empty("Nobody in this home yet.")
    x = iso(days)
    trace = {
        "type": "heatmap", "name": "Share off", "x": x, "y": [row.unit for row in rows],
        "z": [[round(row.off.get(day, 0) / row.team, 3) for day in days] for row in rows],
        "text": [[_words(row, day, holidays) for day in days] for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
        "zmin": 0, "zmax": _FULL, "colorscale": theme.SEQUENTIAL, "showscale": False,
        "xgap": 1 if len(days) < 120 else 0, "ygap": 3,
    }  # fmt: skip
    over = [(row, day) for row in rows for day in days if row.off.get(day, 0) > row.limit]
    marks = {
        "type": "scatter", "mode": "markers", "name": "Over the limit",
        "x": iso([day for _, day in over]), "y": [row.unit for row, _ in over],
        "hoverinfo": "skip",  # a mark would catch the pointer for the days beside it
        "marker": {"symbol": "x-thin", "size": 7 if len(days) < 120 else 5,
                   "line": {"width": 2, "color": theme.LIGHT.bad}, "color": theme.LIGHT.bad},
    }  # fmt: skip
    shown = [day for day in days if day in holidays]
    annotations = [
        {"x": day.isoformat(), "y": 1, "yref": "paper", "yanchor": "bottom", "text": "▼",
         "showarrow": False, "hovertext": holidays[day],
         "font": {"size": 9, "color": theme.LIGHT.muted}}
        for day in shown
    ]  # fmt: skip
    line = {
        "type": "line", "x0": today.isoformat(), "x1": today.isoformat(), "y0": 0, "y1": 1,
        "yref": "paper", "line": {"color": theme.TEAL, "width": 2},
    }  # fmt: skip
    layout = {
        "hovermode": "closest",
        "showlegend": False,
        "annotations": annotations,
        "shapes": [line] if days[0] <= today <= days[-1] else [],
        "xaxis": {
            "type": "date", "showline": False, "tickformat": "%-d %b",
            # a cell stands around its day's first moment
            "range": [_half_before(days[0]), _half_after(days[-1])],
            "dtick": "M1" if len(days) > 120 else 7 * 86_400_000, "tick0": x[0],
        },
        "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False,
                  "zeroline": False},
        "margin": {"l": 110, "r": 8, "t": 20, "b": 28},
    }  # fmt: skip
    data_rows = [
        [row.unit, day.isoformat(), row.off.get(day, 0), row.asked.get(day, 0), row.team, row.limit]
        for day in days
        for row in rows
        if row.off.get(day, 0) or row.asked.get(day, 0)
    ]
    columns = ["Unit", "Day", "Off", "Asked for", "People", "At most off"]
    return figure([trace, marks], layout, columns=columns, rows=data_rows, min_width=760)


def _half_before(day: date) -> str:
    return f"{date.fromordinal(day.toordinal() - 1).isoformat()} 12:00"


def _half_after(day: date) -> str:
    return f"{day.isoformat()} 12:00"


def _words(row: HeatRow, day: date, holidays: Mapping[date, str]) -> str:
    off, asked = row.off.get(day, 0), row.asked.get(day, 0)
    words = f"{row.unit}, {formats.day(day)}<br>{off} of {row.team} off, at most {row.limit}"
    if asked:
        words += f"<br>{asked} more asked for"
    if day in holidays:
        words += f"<br>{holidays[day]}"
    return words
