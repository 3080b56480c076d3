"""Homes side by side: every measure with change, trend, rank and traffic light."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import card, sparkline
from components.charts.graph import chart
from components.charts.multiples import Multiple, multiples_figure
from components.filters import segmented, step_arrow
from components.forms import link_button
from components.icons import icon
from components.shell import page
from components.state import ScreenState, parse_query
from components.tables import facts, simple_table
from components.theme import STATUS_ICONS, Status
from pages._measure_words import change_written, written
from pages._numbers import no_home, numbers_tabs
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.calendar import london_today, month_of, months_after
from rota.costs.comparison import (
    COMPARED,
    TREND_MONTHS,
    WITH_TREND,
    Comparison,
    Light,
    Reading,
    Target,
    compare_homes,
)
from rota.costs.explorer import last_full_month
from rota.costs.measures import BY_KEY, Kind, Measure
from rota.errors import InvalidInput
from server.answers import SHARED
from server.cache import remembered
from server.context import current_actor, reading
from server.cost_addresses import PATH as COSTS_PATH
from server.cost_addresses import SHIFTS_PATH

PATH = "/costs/homes/"
#: homes in a row of small multiples
_ACROSS = 5

dash.register_page(
    __name__,
    path=PATH,
    name="Homes side by side",
    title="Homes side by side · Staff Rota",
    order=72,
    permission=Permission.VIEW_COSTS,
    remembered=SHARED,
)

_LIGHTS = {Light.GREEN: Status.GOOD, Light.AMBER: Status.WARN, Light.RED: Status.BAD}
_LIGHT_WORDS = {Light.GREEN: "on target", Light.AMBER: "near limit", Light.RED: "over limit"}


def layout(**query: Any) -> Component:
    """The measures of the month in the address, or of the last full month."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    month = state.start.replace(day=1) if state.start else last_full_month(today)
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("Homes side by side", no_home())
        if state.home is not None:
            choose_home(homes, state.home)  # all are shown; one of somebody else's is refused
        found = remembered(
            "compare",
            homes,
            (month,),
            lambda: compare_homes(session, actor, homes, month),
        )
    return page(
        "Homes side by side",
        [
            numbers_tabs("Homes", state),
            _multiples(found, state),
            card(_table(found), title=formats.month(month), flush=True),
            card(facts([(m.name, m.definition) for m in COMPARED]), title="What the figures mean"),
        ],
        subtitle="Each measure with its change on last month and on last year, and its rank",
        filters=_stepper(month, today, state),
        secondary=[link_button("Targets", "/costs/targets/", icon_name="bullseye")],
    )


def _stepper(month: date, today: date, state: ScreenState) -> Component:
    def arrow(name: str, words: str, to: date) -> Component:
        return step_arrow(name, words, state.to(start=to).href(PATH))

    return html.Div(
        html.Div(
            [
                arrow("chevron-left", "Month before", months_after(month, -1)),
                html.Span(formats.month(month), className="period period-words"),
                arrow("chevron-right", "Month after", months_after(month, 1)),
                dcc.Link(
                    "This month",
                    href=state.to(start=month_of(today).start).href(PATH),
                    className="bar-button period-today",
                ),
            ],
            className="stepper",
        ),
        className="filters",
        role="group",
        **{"aria-label": "What is shown"},
    )


def _multiples(found: Comparison, state: ScreenState) -> Component:
    """The chosen measure of every home over six months, side by side on one scale."""
    if state.view and state.view not in WITH_TREND:
        raise InvalidInput("This measure has no trend here.", hint="Choose one of the row.")
    measure = BY_KEY[state.view or WITH_TREND[0]]
    factor, prefix, suffix = {
        Kind.PENCE: (0.01, "£", ""), Kind.SHARE: (100, "", "%"),
    }.get(measure.kind, (1, "", ""))  # fmt: skip
    months = [months_after(found.month, -back) for back in range(TREND_MONTHS - 1, -1, -1)]
    series = [(home, found.readings[home.id][measure.key]) for home in found.homes]
    shown = [
        Multiple(
            home.name,
            tuple(None if v is None else round(v * factor, 2) for v in one.series),
            None if one.target is None else one.target.target * factor,
        )
        for home, one in series
    ]
    switch = segmented(
        "Measure",
        [
            (BY_KEY[key].name, state.to(view=key).href(PATH), key == measure.key, BY_KEY[key].name)
            for key in WITH_TREND
        ],
    )
    title = _multiples_title(measure, series)
    rows = (len(shown) + _ACROSS - 1) // _ACROSS
    return card(
        [
            html.Div(switch, className="actions segment-rows"),
            chart(
                "homes-multiples",
                multiples_figure(
                    shown, [formats.month_short(m) for m in months], title=measure.name,
                    prefix=prefix, suffix=suffix, across=_ACROSS,
                ),
                title=title,
                subtitle=f"{measure.definition} Six months, one scale; dotted is the target.",
                description=f"{title}; {measure.name.lower()} of each home over six months.",
                filename=f"homes-{measure.key}-{found.month:%Y-%m}",
                height=150 * rows + 32,
            ),
        ]
    )  # fmt: skip


def _multiples_title(measure: Measure, series: Sequence[tuple[HomeChoice, Reading]]) -> str:
    known = [(home, one) for home, one in series if one.value is not None and one.rank is not None]
    if not known:
        return f"No {measure.name.lower()} in this month"
    best = min(known, key=lambda pair: pair[1].rank or 0)
    worst = max(known, key=lambda pair: pair[1].rank or 0)
    words = f"{best[0].name} {written(measure, best[1].value)}"
    if best[0] is worst[0]:
        return f"{measure.name}: {words}"
    return f"{measure.name} from {words} to {worst[0].name} {written(measure, worst[1].value)}"


def _table(found: Comparison) -> Component:
    several = len(found.homes) > 1
    columns: list[Any] = ["Measure", *((home.name, "num") for home in found.homes)]
    if several:
        columns.append(("All homes", "num"))
    rows = []
    for measure in COMPARED:
        cells: list[Component | str] = [_name(measure, found)]
        for home in found.homes:
            reading_of = found.readings[home.id][measure.key]
            cells.append(_cell(measure, reading_of, _link(measure, home, found.month), several))
        if several:
            cells.append(_cell(measure, found.together[measure.key], "", several=False))
        rows.append(cells)
    return simple_table(columns, rows, caption=f"Homes side by side, {formats.month(found.month)}")


def _name(measure: Measure, found: Comparison) -> Component:
    target = found.together[measure.key].target
    parts: list[Component | str] = [html.Span(measure.name, title=measure.definition)]
    if target is not None:
        parts.append(html.Div(_target_words(measure, target), className="kpi-detail"))
    return html.Div(parts)


def _target_words(measure: Measure, target: Target) -> str:
    """The thresholds of a traffic light, in words."""
    sign = "≤" if measure.less_is_better else "≥"
    own = "own target" if target.is_own else "target"
    return f"{own} {sign} {written(measure, target.target)}, limit {written(measure, target.limit)}"


def _cell(measure: Measure, value: Reading, href: str, several: bool) -> Component:
    words = written(measure, value.value)
    number: Component = html.Strong(words)
    if href and value.value is not None:
        number = dcc.Link(number, href=href)
    head: list[Component | str] = [number]
    if value.light is not Light.NONE and value.target is not None:
        status = _LIGHTS[value.light]
        title = f"{_LIGHT_WORDS[value.light]}: {_target_words(measure, value.target)}"
        head.insert(0, icon(STATUS_ICONS[status], label=title, class_name=f"text-{status}"))
        head.insert(1, " ")
    parts: list[Component] = [html.Div(head)]
    if len(value.trend) > 2:
        trend = sparkline(value.trend, label=f"{measure.name}, six months")
        parts.append(html.Div(trend, style={"display": "flex", "justifyContent": "flex-end"}))
    parts.append(html.Div(_changes(measure, value), className="kpi-detail"))
    if several and value.rank is not None:
        parts.append(html.Div(f"{_ordinal(value.rank)} of the homes", className="kpi-detail"))
    return html.Div(parts)


def _changes(measure: Measure, value: Reading) -> list[Component | str]:
    parts: list[Component | str] = []
    for change, words in ((value.change, "on month"), (value.change_on_year, "on year")):
        if change is None:
            continue
        text = f"{change_written(measure, change)} {words}"
        better = (change < 0) == measure.less_is_better
        name = "" if text.startswith("±") else "text-good" if better else "text-warn"
        parts.append(html.Div(text, className=name or None))
    return parts


def _ordinal(number: int) -> str:
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


def _link(measure: Measure, home: HomeChoice, month: date) -> str:
    """Where a number leads: to the shifts it sums, or to the report that lists them."""
    whole = month_of(month)
    shifts = f"{SHIFTS_PATH}?home={home.id}&from={whole.start}&to={whole.end}"
    place = ScreenState(home=home.id, start=whole.start)
    match measure.key:
        case "agency_share" | "agency_premium":
            return f"{shifts}&source=agency"
        case "overtime_share":
            return f"{shifts}&source=overtime"
        case "cost" | "cost_per_care_hour" | "cost_per_resident_day":
            return shifts
        case "unfilled_rate" | "senior_short":
            return place.to(view="weekly-summary").href("/reports/")
        case "absence" | "spells":
            return place.to(view="absence.1").href("/boards/")
        case "rest_shortfalls":
            return place.to(view="rules.1").href("/boards/")
        case "forecast_error":
            return ScreenState(home=home.id).href("/forecast/accuracy/")
        case "budget_used":
            return place.to(view="12m-unit", start=months_after(whole.start, -11)).href(COSTS_PATH)
        case _:
            return place.to(view="monthly-report").href("/reports/")
