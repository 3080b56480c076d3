"""The two charts of the forecast page: what is expected, and what each service level costs."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from components import formats
from components.charts.forecast import ForecastPoint, forecast_figure
from components.charts.forecast_quality import CurvePoint, service_curve_figure
from components.charts.graph import chart
from pages._forecast_parts import VIEW_WORDS, Ids
from rota.forecasting.screen import ForecastScreen
from rota.forecasting.staffing import LevelPoint, as_planned, at_level, curve


def main_chart(shown: ForecastScreen, level: int) -> Component:
    """History, forecast, plan and level, with the holidays named."""
    words = VIEW_WORDS[shown.view][1]
    leaning = "The band leans to where the sum has lately been. " if shown.parts else ""
    return chart(
        Ids.CHART,
        main_figure(shown, level),
        title=_finding(shown),
        subtitle=f"{words.capitalize()}, {shown.place.name}",
        description=(
            f"Dots: {words} until yesterday. Line: expected, with its 80% band. {leaning}"
            "Steps: what is planned so far. Dashes: the staffing level chosen below."
        ),
        filename=f"forecast-{shown.place.name}-{shown.view}",
        height=380,
        table=True,
    )


def main_figure(shown: ForecastScreen, level: int) -> dict[str, Any]:
    """The figure of :func:`main_chart`."""
    staffing = dict(shown.staffing(level))
    points = [
        ForecastPoint(
            day=day.day,
            actual=day.worked,
            expected=day.expected,
            low=day.lower,
            high=day.upper,
            planned=day.planned,
            staffing=staffing.get(day.day),
        )
        for day in shown.days
    ]
    return forecast_figure(
        points, unit="hours", today=shown.today, level_name=f"Enough on {level}%",
        events=shown.holidays,
        spans=[(event.first, event.last, event.name) for event in shown.events],
    )  # fmt: skip


def _finding(shown: ForecastScreen) -> str:
    """What the chart says, as a sentence."""
    past = [day.worked for day in shown.days if day.worked is not None][-28:]
    ahead = [row.expected for row in shown.ahead]
    if not past or not ahead:
        return "Expected hours"
    before, after = sum(past) / len(past), sum(ahead) / len(ahead)
    change = (after - before) / before if before else 0.0
    if abs(change) < 0.02:
        return f"About {formats.number(after, 1)} h a day, as in the last four weeks"
    word = "more" if change > 0 else "less"
    return f"{formats.number(after, 1)} h a day, {formats.percent(abs(change))} {word} than lately"


def curve_chart(shown: ForecastScreen, level: int) -> Component:
    """What each level costs and leaves short, with today's position."""
    made = chart(
        Ids.CURVE,
        curve_figure(shown, level),
        title=curve_title(shown, level),
        subtitle=f"{shown.place.name}, next {len(shown.ahead)} days, at recent cost",
        description="Cost of each service level against the shifts expected short of people.",
        filename=f"service-level-{shown.place.name}",
        height=300,
        table=True,
    )
    # always there, so that the slider has something to redraw
    return html.Div(made, hidden=not shown.plans)


def curve_title(shown: ForecastScreen, level: int) -> str:
    """What the chosen level buys against the rota as planned, as a sentence."""
    if not shown.plans:
        return ""
    chosen, planned = at_level(shown.plans, level), as_planned(shown.plans)
    more = chosen.pence - planned.pence
    short, before = formats.number(chosen.short, 1), formats.number(planned.short, 1)
    return (
        f"{level}% costs {formats.money(abs(more))} {'more' if more > 0 else 'less'} than planned"
        f" and leaves {short} shifts short, not {before}"
    )


def curve_figure(shown: ForecastScreen, level: int) -> dict[str, Any]:
    """The figure of :func:`curve_chart`; empty where nobody is rostered by the series."""
    points = [_curve_point(point) for point in curve(shown.plans)] if shown.plans else []
    planned = _curve_point(as_planned(shown.plans)) if shown.plans else None
    return service_curve_figure(points, planned, level)


def _curve_point(point: LevelPoint) -> CurvePoint:
    return CurvePoint(point.level or 0.0, point.pence, point.short, point.shifts)
