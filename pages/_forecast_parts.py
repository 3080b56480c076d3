"""The parts of the forecast screen: cards, the staffing level with its trade, how it was made."""

from __future__ import annotations

from datetime import date, datetime

from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import Kpi, card
from components.feedback import progress
from components.filters import segmented
from components.forms import button, field, slider, tabs
from components.state import ScreenState
from components.theme import Status
from rota.forecasting.screen import ForecastScreen
from rota.forecasting.staffing import BandPlan, LevelPoint, as_planned, at_level, needed
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
            detail=shown.model.fallback or _trained(shown, shown.model.trained_at),
            status=Status.WARN if shown.model.fallback else None,
            icon="cpu",
        )
    )
    return cards


def _model_words(shown: ForecastScreen) -> str:
    if shown.parts:
        units = sum(part.forecast for part in shown.parts)
        return formats.plural(units, "unit")
    return "Stand-in" if shown.model and shown.model.fallback else "Ensemble"


def _trained(shown: ForecastScreen, at: datetime) -> str:
    words = f"trained {formats.moment(at)}"
    return f"added up, {words}" if shown.parts else words


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
