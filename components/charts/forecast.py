"""The forecast chart: actuals as dots, the model's line, its 80% band, the plan as steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from components import formats, theme
from components.charts.template import DATE_AXIS, Figure, empty, figure, heights


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """One day: what was, what is expected with its band, what is planned; any may be missing.

    ``staffing`` is the level that is enough at the chosen service level on that day.
    """

    day: date
    actual: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    planned: float | None = None
    staffing: float | None = None


#: upright names that fit side by side on a phone
LABELS_ABREAST = 22
#: letters of an upright name that fit the height
LONGEST_LABEL = 38


def forecast_figure(
    points: Sequence[ForecastPoint],
    *,
    unit: str = "hours",
    today: date | None = None,
    service_level: float | None = None,
    level_name: str = "Staffing level",
    coverage: float = 0.8,
    events: Sequence[tuple[date, str]] = (),
    spans: Sequence[tuple[date, date, str]] = (),
) -> Figure:
    """History and the days ahead over one date axis; ``unit`` names the vertical axis.

    ``service_level`` draws the level one plans for; ``today`` a line where history ends;
    ``events`` (holidays, a new level) are named at the foot of their day, ``spans`` (school
    holidays; first and last day) are shaded and named where they begin.
    """
    if not points:
        return empty("No history for this unit yet.")
    ahead = [p for p in points if p.expected is not None]
    banded = [p for p in ahead if p.low is not None and p.high is not None]
    past = [p for p in points if p.actual is not None]
    planned = [p for p in points if p.planned is not None]
    staffed = [p for p in points if p.staffing is not None]
    band_name = f"{formats.percent(coverage)} band"
    traces: list[dict[str, Any]] = []
    if banded:
        days = [p.day.isoformat() for p in banded]
        traces.append(
            {
                "type": "scatter",
                "name": band_name,
                "x": days + days[::-1],
                "y": [p.high for p in banded] + [p.low for p in reversed(banded)],
                "fill": "toself",
                "fillcolor": theme.rgba(theme.TEAL, 0.15),
                "line": {"width": 0},
                "mode": "lines",
                "hoverinfo": "skip",
            }
        )
    if ahead:
        traces.append(
            _line(ahead, "expected", "Expected", theme.TEAL)
            | {
                "customdata": [[p.low, p.high] for p in ahead],
                "hovertemplate": "%{y:.1f} (%{customdata[0]:.1f} – %{customdata[1]:.1f})"
                if len(banded) == len(ahead)
                else "%{y:.1f}",
            }
        )
    if planned:
        step = _line(planned, "planned", "Planned", theme.AMBER)
        step["line"] |= {"shape": "hvh", "width": 1.5}
        traces.append(step)
    if staffed:
        level = _line(staffed, "staffing", level_name, theme.PLUM)
        level["line"] |= {"dash": "dash", "width": 1.5}
        traces.append(level)
    if past:
        traces.append(
            {
                "type": "scatter",
                "name": "Actual",
                "x": [p.day.isoformat() for p in past],
                "y": [p.actual for p in past],
                "mode": "markers",
                "marker": {"size": 5, "color": theme.LIGHT.ink, "opacity": 0.75},
                "hovertemplate": "%{y:.1f}",
            }
        )
    values = [
        value
        for p in points
        for value in (p.actual, p.expected, p.low, p.high, p.planned, p.staffing)
        if value is not None
    ]
    layout: dict[str, Any] = {
        "xaxis": {**DATE_AXIS},
        "yaxis": {
            "title": {"text": unit.capitalize()},
            **heights(values, named=bool(events or spans)),
        },
        "legend": {"traceorder": "normal"},
        "shapes": [],
        "annotations": [],
    }
    if today is not None:
        layout["shapes"].append(_upright(today, theme.SLATE, "dot"))
        layout["annotations"].append(
            _note("Today", x=today.isoformat(), y=1, yref="paper", xanchor="left", yanchor="top")
        )
    first, last = points[0].day, points[-1].day
    layout["shapes"] += [
        _upright(day, theme.PLUM, "dot") for day, _ in events if first <= day <= last
    ]
    for day, words in _labels(events, first, last):
        layout["annotations"].append(
            _note(
                words, x=day.isoformat(), y=0.02, yref="paper",
                xanchor="right", yanchor="bottom", textangle=-90,
            )
        )  # fmt: skip
    for begin, end, name in spans:
        if begin <= last and end >= first:
            shaded = max(begin, first)
            at_the_rim = (last - shaded).days < (last - first).days / 20
            layout["shapes"].append(_shade(shaded, min(end, last)))
            layout["annotations"].append(
                _note(
                    name, x=shaded.isoformat(), y=0.02, yref="paper",
                    xanchor="right" if at_the_rim else "left", yanchor="bottom", textangle=-90,
                )
            )  # fmt: skip
    if service_level is not None:
        layout["shapes"].append(
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": service_level,
                "y1": service_level,
                "line": {"width": 1.5, "dash": "dash", "color": theme.PLUM},
            }
        )
        words = f"{level_name} {formats.trimmed(service_level)}"
        layout["annotations"].append(
            _note(words, xref="paper", x=1, y=service_level, xanchor="right", yanchor="bottom")
        )
    shown = ["actual", "expected", "low", "high", "planned", *(["staffing"] if staffed else [])]
    rows = [[p.day.isoformat(), *(_round(getattr(p, name)) for name in shown)] for p in points]
    return figure(
        traces,
        layout,
        columns=["Day", *(f"{name.capitalize()} ({unit})" for name in shown)],
        rows=rows,
    )


def _labels(events: Sequence[tuple[date, str]], first: date, last: date) -> list[tuple[date, str]]:
    """Where each name stands and what it says; days too near each other for two lines of text
    (on a phone) share one, as far as it fits the height."""
    near = (last - first) / LABELS_ABREAST
    found: list[tuple[date, str]] = []
    for day, name in sorted(events):
        if not first <= day <= last:
            continue
        if not found or day - found[-1][0] >= near:
            found.append((day, f"{formats.day(day)[4:]} {name}"))
            continue
        begun, words = found[-1]
        if name not in words and len(words) + len(name) <= LONGEST_LABEL:
            found[-1] = (begun, f"{words}, {name}")
    return found


def _shade(begin: date, end: date) -> dict[str, Any]:
    return {
        "type": "rect", "x0": begin.isoformat(), "x1": end.isoformat(), "yref": "paper",
        "y0": 0, "y1": 1, "line": {"width": 0}, "fillcolor": theme.rgba(theme.PLUM, 0.08),
        "layer": "below",
    }  # fmt: skip


def _upright(day: date, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "line", "x0": day.isoformat(), "x1": day.isoformat(), "yref": "paper",
        "y0": 0, "y1": 1, "line": {"width": 1, "dash": dash, "color": colour},
    }  # fmt: skip


def _line(points: Sequence[ForecastPoint], field: str, name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "x": [p.day.isoformat() for p in points],
        "y": [_round(getattr(p, field)) for p in points],
        "mode": "lines",
        "line": {"color": colour, "width": 2},
        "hovertemplate": "%{y:.1f}",
    }


def _note(text: str, **place: Any) -> dict[str, Any]:
    font = {"size": 11, "color": theme.LIGHT.muted}
    return {"text": text, "showarrow": False, "xshift": 0, "font": font, **place}


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
