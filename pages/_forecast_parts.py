"""The parts of the forecast screen: cards, the staffing level with its trade, how it was made."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import Kpi, card
from components.charts.forecast import ForecastPoint, forecast_figure
from components.charts.forecast_quality import CurvePoint, service_curve_figure
from components.charts.graph import chart
from components.feedback import progress
from components.filters import segmented
from components.forms import button, field, slider, tabs
from components.state import ScreenState
from components.theme import Status
from rota.forecasting.screen import ForecastScreen
from rota.forecasting.staffing import BandPlan, LevelPoint, as_planned, at_level, curve, needed
from rota.jobs.service import JobView

PATH, ACCURACY_PATH, WHAT_IF_PATH = "/forecast/", "/forecast/accuracy/", "/forecast/what-if/"
USUAL_LEVEL = 90
VIEW_WORDS = {
    "all": ("All", "hours on duty, day and night together"),
    "day": ("Day", "hours on duty by day"),
    "night": ("Night", "hours on duty by night"),
    "need": ("Need", "hours that the residents' dependency asks for"),
    "absence": ("Absence", "hours lost to sickness and other absence"),
    "agency": ("Agency", "hours worked by agency staff"),
}
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


class Ids:
    """What callbacks of the forecast page address."""

    CHART = "forecast-chart"
    CURVE = "forecast-curve"
    LEVEL = "forecast-level"
    LEVEL_TEXT = "forecast-level-text"
    ACCEPT = "forecast-accept"
    WITHDRAW = "forecast-withdraw"
    START = "forecast-start"
    JOB = "forecast-job"
    TICK = "forecast-tick"
    GO = "forecast-go"
    LOCATION = "_pages_location"


def page_tabs(state: ScreenState, shown: str) -> Component:
    """Forecast, accuracy, what if: the same home and unit on each."""
    kept = ScreenState(home=state.home, unit=state.unit)
    options = (("Forecast", PATH), ("Accuracy", ACCURACY_PATH), ("What if", WHAT_IF_PATH))
    return tabs(
        "Forecast pages", [(text, kept.href(path), path == shown) for text, path in options]
    )


def view_switch(state: ScreenState) -> Component:
    """Which series: links that keep home and unit."""
    return segmented(
        "What is forecast",
        [
            (words, state.to(view=key).href(PATH), key == state.view, detail)
            for key, (words, detail) in VIEW_WORDS.items()
        ],
    )


def cards_of(shown: ForecastScreen) -> list[Kpi]:
    expected = sum(row.expected for row in shown.ahead) / len(shown.ahead)
    cards = [
        Kpi(
            label=f"Expected a day, next {len(shown.ahead)} days",
            value=f"{formats.number(expected, 1)} h",
            detail=_people(expected, shown),
            trend=tuple(row.expected for row in shown.ahead),
            trend_label="Expected hours by day",
            icon="graph-up",
        )
    ]
    if shown.model is None:
        return cards
    figures = shown.model.metrics
    wape, naive = figures.get("wape"), figures.get("naive_wape")
    if wape is not None and naive is not None:
        better = wape < naive
        cards.append(
            Kpi(
                label="Error on weeks it had not seen",
                value=formats.percent(wape, 1),
                detail=f"{formats.percent(naive, 1)} for “the same as last week”",
                status=Status.GOOD if better else Status.WARN,
                icon="bullseye",
            )
        )
    coverage = figures.get("coverage")
    if coverage is not None:
        cards.append(
            Kpi(
                label="Days inside the 80% band",
                value=formats.percent(coverage),
                detail=f"of {formats.plural(figures.get('windows', 0), 'past window')}",
                status=Status.GOOD if 0.75 <= coverage <= 0.85 else Status.WARN,
                icon="distribute-vertical",
            )
        )
    cards.append(
        Kpi(
            label="Model",
            value=_model_words(shown),
            detail=shown.model.fallback or f"trained {formats.moment(shown.model.trained_at)}",
            status=Status.WARN if shown.model.fallback else None,
            icon="cpu",
        )
    )
    return cards


def _model_words(shown: ForecastScreen) -> str:
    if shown.parts:
        units = sum(part.forecast for part in shown.parts)
        return f"Sum of {formats.plural(units, 'unit')}"
    return "Stand-in" if shown.model and shown.model.fallback else "Ensemble"


def _people(hours: float, shown: ForecastScreen) -> str:
    each = shown.hours_per_person
    if each <= 0:
        return ""
    return f"about {formats.number(hours / each, 1)} people of {formats.number(each, 1)} h"


def level_card(
    shown: ForecastScreen, level: int, *, may_train: bool, may_accept: bool, active: bool
) -> Component:
    """The slider, what it asks for in people, and accepting it as the requirement."""
    parts: list[Component] = [
        field(
            "Service level: share of days on which staffing is enough",
            slider(Ids.LEVEL, level, low=50, high=99),
            required=True,
        ),
        html.Div(level_words(shown, level), id=Ids.LEVEL_TEXT, role="status"),
    ]
    if not shown.complete:
        parts.append(
            html.P("Some days are missing or older than eight days.", className="text-warn")
        )
    words = "Train again" if may_train else "Refresh"
    again = button(words, id=Ids.START, icon_name="arrow-repeat", disabled=active)
    # a whole home is trained, never just refreshed
    acts = [html.Span(again, hidden=bool(shown.parts) and not may_train)]
    # a requirement belongs to a unit
    staffed = may_accept and bool(shown.plans) and not shown.parts
    acts.append(
        html.Span(
            [
                button("Accept as requirement", id=Ids.ACCEPT, kind="primary", icon_name="check2"),
                button("Withdraw", id=Ids.WITHDRAW, disabled=shown.accepted is None),
            ],
            className="actions",
            hidden=not staffed,
        )
    )
    parts.append(html.Div(acts, className="actions"))
    if shown.accepted is not None:
        note = shown.accepted
        parts.append(
            html.P(
                f"Accepted as requirement by {note.by}, {formats.moment(note.at)}, for "
                f"{formats.period(note.first, note.last)}.",
                className="text-muted",
            )
        )
    return card(parts, title="Staffing level")


def level_words(shown: ForecastScreen, level: int) -> list[Component]:
    """What a level asks for: hours, people on the day that matters, and over all days."""
    hours = [value for _, value in shown.staffing(level)]
    if not hours:
        return [html.P("How sure the sum is will be known after the next training of all of it.")]
    mean = sum(hours) / len(hours)
    lines = [f"Enough on {level}% of days: {formats.number(mean, 1)} h a day on average."]
    if shown.plans:
        lines.append(_day_words(shown.plans, level))
        asked, planned = at_level(shown.plans, level), as_planned(shown.plans)
        apart = ", each unit staffed by itself" if shown.parts else ""
        lines.append(
            f"Over {formats.plural(len(shown.ahead), 'day')}{apart}: {_point_words(asked)}. "
            f"The rota as planned: {_point_words(planned)}."
        )
    return [html.P(line) for line in lines]


def _point_words(point: LevelPoint) -> str:
    cost = f", {formats.money(point.pence)}" if point.pence else ""
    return (
        f"{formats.plural(point.shifts, 'shift')}{cost}, "
        f"{formats.number(point.short, 1)} expected short"
    )


def _day_words(plans: tuple[BandPlan, ...], level: int) -> str:
    """ "So you need 7 by day, 4 by night on Sat 7 Mar (you have 6, 4)": the shortest day."""
    people = [needed(plan, level) for plan in plans]
    days = [row.day for row in plans[0].days]
    if not days:
        return ""

    def missing(day: date) -> int:
        return sum(
            max(count.get(day, 0) - plan.planned.get(day, 0), 0)
            for plan, count in zip(plans, people, strict=True)
        )

    day = max(days, key=lambda each: (missing(each), -each.toordinal()))
    wanted: dict[str, int] = {}
    have: dict[str, int] = {}
    for plan, count in zip(plans, people, strict=True):
        wanted[plan.band] = wanted.get(plan.band, 0) + count.get(day, 0)
        have[plan.band] = have.get(plan.band, 0) + plan.planned.get(day, 0)
    words = ", ".join(f"{count} by {band}" for band, count in wanted.items())
    there = ", ".join(str(count) for count in have.values())
    return f"So you need {words} on {formats.day(day)} (you have {there})."


def main_chart(shown: ForecastScreen, level: int) -> Component:
    """History, forecast, plan and level, with the holidays named."""
    words = VIEW_WORDS[shown.view][1]
    return chart(
        Ids.CHART,
        main_figure(shown, level),
        title=_finding(shown),
        subtitle=f"{words.capitalize()}, {shown.place.name}",
        description=(
            f"Dots: {words} until yesterday. Line: expected, with its 80% band. "
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


def explained(shown: ForecastScreen) -> Component:
    """What the forecast is made of, who speaks in it, and what was found in the data."""
    if shown.model is None:
        return html.Div()
    figures = shown.model.metrics
    lines = [*_part_lines(figures.get("parts") or {}, figures.get("pattern_days") or 0)]
    weights = figures.get("weights", {})
    if weights:
        said = ", ".join(f"{spoken(n)} {formats.percent(share)}" for n, share in weights.items())
        lines.append(f"Made of {said}: weighed by their errors on the unit's own past weeks.")
    each = figures.get("hours_each_resident") or 0.0
    if each:
        lines.append(
            f"A resident more or fewer has meant {formats.change(each, 1)} h a day; those booked"
            " are counted so."
        )
    for day, value in figures.get("outliers", [])[-5:]:
        lines.append(f"{formats.trimmed(value)} h on {day} was left out as a likely mistake.")
    for day, change in figures.get("shifts", []):
        lines.append(f"The level has been new since {day} ({formats.trimmed(change)} h).")
    return card(html.Ul([html.Li(line) for line in lines]), title="How it was made")


def _part_lines(parts: dict[str, Any], pattern_days: int) -> list[str]:
    """The components in words: level, week, pattern, holidays."""
    lines = []
    if parts.get("level"):
        first, last = parts["level"]
        way = "stays at" if abs(last - first) < 0.01 * max(abs(first), 1) else "goes to"
        lines.append(
            f"Level: {formats.number(first, 1)} h a day, {way} {formats.number(last, 1)} h."
        )
    week = [(name, value) for name, value in zip(_WEEKDAYS, parts.get("week") or [], strict=False)
            if value is not None]  # fmt: skip
    if week:
        high, low = max(week, key=lambda p: p[1]), min(week, key=lambda p: p[1])
        lines.append(
            f"Week: {high[0]} {formats.change(high[1], 1)} h, {low[0]}"
            f" {formats.change(low[1], 1)} h."
        )
    if pattern_days:
        swing = parts.get("pattern") or []
        effect = (
            f" ({formats.change(swing[0], 1)} to {formats.change(swing[1], 1)} h)" if swing else ""
        )
        lines.append(f"A pattern of {pattern_days} days is used{effect}.")
    for day, effect in (parts.get("holidays") or [])[:6]:
        named = formats.day(date.fromisoformat(day))
        lines.append(f"Holiday on {named}: {formats.change(effect, 1)} h.")
    return lines


def spoken(name: str) -> str:
    """A forecaster's name for people."""
    return {
        "prophet": "Prophet", "prophet_year": "Prophet with the year",
        "prophet_residents": "Prophet with the residents",
        "ets": "exponential smoothing", "level": "learnt level",
        "weekday_mean_26": "weekday mean of 26 weeks",
        "weekday_mean_4": "weekday mean of 4 weeks", "seasonal_naive": "last week",
        "weekday_median_26": "usual weekday of 26 weeks", "median_56": "usual day of 8 weeks",
        "last_value": "last value",
    }.get(name, name.replace("_", " "))  # fmt: skip


def job_panel(job: JobView | None) -> list[Component]:
    """How far the work is, or why it failed."""
    if job is None:
        return []
    if job.is_active:
        share = job.progress or None
        return [
            html.Div(progress(share, text=job.title, detail=job.message), className="panel padded")
        ]
    return [
        html.Div(
            [html.Strong("The last forecast failed. "), html.Span(job.error)],
            className="panel padded text-bad",
            role="alert",
        )
    ]
