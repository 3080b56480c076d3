"""Accuracy: how good the forecasts of a home have been, where they fell back, and what drifted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import Kpi, card, chip, kpi_row
from components.charts.forecast_quality import (
    HappenedDay,
    calibration_figure,
    happened_figure,
    share_words,
    unit_errors_figure,
    weeks_figure,
)
from components.charts.graph import chart
from components.feedback import empty_state
from components.filters import Choices, Option, filter_bar, segmented
from components.forms import link_button
from components.shell import page
from components.state import ScreenState, parse_query
from components.tables import simple_table
from components.theme import Status
from pages._forecast_explained import spoken
from pages._forecast_parts import ACCURACY_PATH, PATH, page_tabs
from rota.access.permissions import Permission
from rota.access.scope import choose_home, homes_of
from rota.calendar import london_today
from rota.forecasting.accuracy import AccuracyScreen, UnitAccuracy, accuracy_screen
from rota.forecasting.outcomes import Outcome
from server.context import current_actor, reading

_BANDS = {"all": "Day and night", "day": "Day", "night": "Night"}
_NAMES = {"ensemble": "Forecast", "prophet": "Prophet", "seasonal_naive": "Same as last week"}

dash.register_page(
    __name__,
    path=ACCURACY_PATH,
    name="Forecast accuracy",
    title="Forecast accuracy · Staff Rota",
    order=51,
    permission=Permission.VIEW_FORECAST,
)


def layout(**query: Any) -> Component:
    """The honesty panel of the home in the address."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        home = choose_home(homes, state.home)
        state = state.to(home=home.id, view=state.view if state.view in _BANDS else "all")
        shown = accuracy_screen(session, actor, home.id, state.view, today)
    return page(
        "Forecast accuracy",
        [page_tabs(state, ACCURACY_PATH), *_content(shown, state)],
        subtitle=f"{home.name} · hours on duty, {_BANDS[state.view].lower()}",
        filters=filter_bar(
            state,
            Choices(ACCURACY_PATH, homes=[Option(h.id, h.name) for h in homes], period=False),
            today=today,
            extra=[
                segmented(
                    "Part of the day",
                    [
                        (words, state.to(view=key).href(ACCURACY_PATH), key == state.view, words)
                        for key, words in _BANDS.items()
                    ],
                )
            ],
        ),
    )


def _content(shown: AccuracyScreen, state: ScreenState) -> list[Component]:
    if not shown.units:
        return [
            empty_state(
                "No unit has been trained yet",
                "Open a unit's forecast and make it: the training measures itself on past weeks.",
                action=link_button("To the forecast", ScreenState(home=state.home).href(PATH)),
                icon_name="bullseye",
            )
        ]
    return [
        *_alerts(shown),
        kpi_row(_cards(shown)),
        html.Div([_weeks(shown), _calibration(shown)], className="columns-2"),
        _units(shown),
        _happened(shown),
        _table(shown),
        *_fallbacks(shown),
    ]


def _alerts(shown: AccuracyScreen) -> list[Component]:
    if not shown.alerts:
        return []
    lines = [
        html.Li([chip("Drifted", Status.BAD), f" {alert.unit}: {alert.reason}."])
        for alert in shown.alerts
    ]
    return [
        card(
            [html.Ul(lines, className="plain-list"),
             html.P("Train the unit again, or look for a change in how it is staffed.")],
            title=f"{formats.plural(len(shown.alerts), 'unit')} drifted in the last four weeks",
        )
    ]  # fmt: skip


def _cards(shown: AccuracyScreen) -> list[Kpi]:
    wape, naive = shown.mean("wape"), shown.mean("naive_wape")
    coverage, since = shown.mean("coverage"), shown.since
    better = wape is not None and naive is not None and wape < naive
    return [
        Kpi(
            label="Error on weeks not seen",
            value=formats.percent(wape, 1),
            detail=f"{formats.percent(naive, 1)} for “the same as last week”",
            status=Status.GOOD if better else Status.WARN,
            icon="bullseye",
        ),
        Kpi(
            label="Days inside the 80% band",
            value=formats.percent(coverage),
            detail=f"mean of {formats.plural(len(shown.units), 'unit')}",
            status=Status.GOOD
            if coverage is not None and 0.75 <= coverage <= 0.85
            else Status.WARN,
            icon="distribute-vertical",
        ),
        Kpi(
            label="Since then, as it happened",
            value=formats.percent(since.wape, 1) if since.wape is not None else "–",
            detail=_since_words(shown),
            icon="calendar-check",
        ),
        Kpi(
            label="Stand-ins",
            value=str(len(shown.fallbacks)),
            detail=f"of {formats.plural(len(shown.units), 'unit')}",
            status=Status.WARN if shown.fallbacks else Status.GOOD,
            icon="arrow-return-left",
        ),
    ]


def _since_words(shown: AccuracyScreen) -> str:
    since = shown.since
    if since.wape is None or since.bias is None:
        return "no forecast day is over yet"
    word = "high" if since.bias > 0 else "low"
    band = f", band held {formats.percent(since.coverage)}" if since.coverage is not None else ""
    return f"{formats.percent(abs(since.bias), 1)} too {word}{band}"


def _weeks(shown: AccuracyScreen) -> Component:
    ours = [value for value in shown.by_week["ensemble"] if value is not None]
    title = "Error by weeks ahead"
    if len(ours) > 1 and ours[0]:
        grown = ours[-1] / ours[0] - 1
        title = (
            f"The error grows by {formats.percent(grown)} from week 1 to week {len(ours)}"
            if grown >= 0.005
            else "The error does not grow with the weeks ahead"
        )
    return chart(
        "accuracy-weeks",
        weeks_figure({_NAMES[name]: values for name, values in shown.by_week.items()}),
        title=title,
        subtitle="Sum of errors ÷ hours worked, on past weeks each had not seen; mean of units",
        description="Error of the forecast, of Prophet alone and of last week, by week ahead.",
        filename="forecast-error-by-week",
        height=280,
        table=True,
    )


def _calibration(shown: AccuracyScreen) -> Component:
    worst = max((abs(kept - level) for level, kept in shown.held.items()), default=0.0)
    return chart(
        "accuracy-calibration",
        calibration_figure(shown.held),
        title=f"Staffing levels keep their promise within {formats.number(100 * worst, 1)} points"
        if shown.held
        else "Promised and kept",
        subtitle="Share of past days on which each service level was enough; mean of units",
        description="For each promised service level, the share of days on which it was enough.",
        filename="forecast-calibration",
        height=280,
        table=True,
    )


def _units(shown: AccuracyScreen) -> Component:
    ranked = sorted(shown.units, key=lambda unit: -(unit.figure("wape") or 0.0))
    hardest = ranked[0]
    return chart(
        "accuracy-units",
        unit_errors_figure(
            [unit.place.name for unit in ranked], [unit.by_week("ensemble") for unit in ranked]
        ),
        title=f"{hardest.place.name} is hardest to forecast"
        f" ({formats.percent(hardest.figure('wape'), 1)})",
        subtitle="Error in % by unit and week ahead, on past weeks; small units err more",
        description="Error of the forecast by unit and week ahead, in percent of hours worked.",
        filename="forecast-error-by-unit",
        height=80 + 30 * len(ranked),
        table=True,
    )


def _happened(shown: AccuracyScreen) -> Component:
    if not shown.outcomes:
        return card(
            html.P("No forecast day is over yet: the nightly check writes them down."),
            title="The last forecasts and what happened",
        )
    days = _by_day(shown.outcomes, len({outcome.unit_id for outcome in shown.outcomes}))
    skill = shown.since.skill
    title = "The last forecasts and what happened"
    if skill is not None:
        share = formats.percent(abs(skill))
        title = (
            f"What was forecast erred {share} less than last week’s copy"
            if skill >= 0
            else f"Lately last week’s copy was {share} better than the forecast"
        )
    return chart(
        "accuracy-happened",
        happened_figure(days),
        title=title,
        subtitle="All units of the home; each day by the last forecast made before it",
        description="Forecast, actual hours and the same day of the last known week, by day.",
        filename="forecast-and-actual",
        height=280,
        table=True,
    )


def _by_day(outcomes: Sequence[Outcome], units: int) -> list[HappenedDay]:
    """The home's sums on days that every unit has."""
    by_day: dict[date, list[Outcome]] = {}
    for outcome in outcomes:
        by_day.setdefault(outcome.day, []).append(outcome)
    return [
        HappenedDay(
            day,
            sum(row.expected for row in rows),
            sum(row.actual for row in rows),
            sum(row.last_week or 0.0 for row in rows)
            if all(row.last_week is not None for row in rows)
            else None,
        )
        for day, rows in sorted(by_day.items())
        if len(rows) == units
    ]


def _table(shown: AccuracyScreen) -> Component:
    rows = [_row(unit) for unit in sorted(shown.units, key=lambda unit: unit.place.name)]
    return card(
        simple_table(
            [
                "Unit", ("WAPE", "num"), ("Last week", "num"), ("Skill", "num"), ("MASE", "num"),
                ("Bias", "num"), ("80% band", "num"), ("Happened: WAPE", "num"),
                ("Happened: bias", "num"), ("Happened: band", "num"), "Made by",
            ],
            rows,
            caption="Errors of each unit's forecast",
        ),
        title="Unit by unit",
        flush=True,
    )  # fmt: skip


def _row(unit: UnitAccuracy) -> list[Component | str | int | float | None]:
    since = unit.since
    bias, mase = unit.figure("bias"), unit.figure("mase")
    return [
        unit.place.name,
        share_words(unit.figure("wape")),
        share_words(unit.figure("naive_wape")),
        share_words(unit.skill),
        formats.number(mase, 2) if mase is not None else None,
        formats.change(bias, 2) if bias is not None else None,
        share_words(unit.figure("coverage")),
        share_words(since.wape),
        share_words(since.bias),
        share_words(since.coverage),
        spoken(unit.model.model).capitalize() if unit.model.fallback else "Ensemble",
    ]


def _fallbacks(shown: AccuracyScreen) -> list[Component]:
    lines = [
        html.Li(f"{unit.place.name}: “{spoken(unit.model.model)}” stands in,"
                f" {unit.model.fallback}.")
        for unit in shown.fallbacks
    ]  # fmt: skip
    lines += [html.Li(f"{place.name}: not trained yet.") for place in shown.untrained]
    if not lines:
        return []
    return [card(html.Ul(lines), title="Where something else stands in, and why")]
