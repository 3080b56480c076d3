"""Costs: months by source against budget, what they are made of, and why they changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import kpi_row
from components.feedback import empty_state
from components.filters import Choices, Option, filter_bar, segmented, step_arrow
from components.forms import link_button
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from pages._costs_cards import cost_cards
from pages._costs_panels import Ids, groups_panel, months_panel, why_panel
from pages._numbers import no_home, numbers_tabs
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, choose_unit, homes_of
from rota.calendar import Period, london_today, month_of, months_after
from rota.costs.explorer import (
    CostQuestion,
    CostReport,
    cost_report,
)
from server.answers import SHARED
from server.cache import remembered
from server.context import current_actor, reading
from server.cost_addresses import (
    MONTH_CHOICES,
    PATH,
    SHIFTS_PATH,
    CostView,
    first_month,
    parse_view,
)
from server.gate import requires

dash.register_page(
    __name__,
    path=PATH,
    name="Costs",
    title="Costs · Staff Rota",
    order=70,
    icon="currency-pound",
    permission=Permission.VIEW_COSTS,
    remembered=SHARED,
)


def layout(**query: Any) -> Component:
    """The costs of the homes, months and split that the address asks for."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        shown = [choose_home(homes, state.home)] if state.home or len(homes) == 1 else homes
        if not shown:
            return page("Costs", no_home())
        if len(shown) == 1:
            choose_unit(shown[0], state.unit)
        view = parse_view(state.view, one_home=len(shown) == 1)
        question = CostQuestion(
            homes=tuple(shown),
            first_month=first_month(state, view.months, today),
            months=view.months,
            unit_id=state.unit if len(shown) == 1 else None,
            by=view.by,
        )
        report = remembered(
            "costs",
            shown,
            (question.scope.start, question.months, question.unit_id, question.by),
            lambda: cost_report(session, actor, question),
        )
    return page(
        "Costs",
        [numbers_tabs("Costs", state), *_content(report, state, view, today)],
        subtitle=_subtitle(report),
        filters=_filters(homes, state, view, question),
        secondary=_exports(state, view, question),
    )


def _subtitle(report: CostReport) -> str:
    question = report.question
    homes = question.homes[0].name if len(question.homes) == 1 else "All homes"
    names = {unit.id: unit.name for home in question.homes for unit in home.units}
    place = f"{homes}, {names[question.unit_id]}" if question.unit_id else homes
    scope = question.scope
    months = f"{formats.month(scope.start)} – {formats.month(scope.end)}"
    return f"{place} · {months} · worked and planned shifts at the rates of their day"


def _filters(
    homes: Sequence[HomeChoice], state: ScreenState, view: CostView, question: CostQuestion
) -> Component:
    units = []
    if len(question.homes) == 1:
        units = [Option(unit.id, unit.name) for unit in question.homes[0].units]
    place = state.to(view=view.text)
    choices = Choices(
        PATH,
        homes=[Option(home.id, home.name) for home in homes] if len(homes) > 1 else (),
        units=units,
        period=False,
        all_homes=True,
    )
    return filter_bar(
        place,
        choices,
        today=question.first_month,
        extra=[_stepper(place, question), _lengths(place, view)],
    )


def _stepper(state: ScreenState, question: CostQuestion) -> Component:
    """‹ Dec 25 – Nov 26 ›, a whole length at a time."""
    first, last = question.scope.start, question.scope.end

    def link(sign: int, name: str, words: str) -> Component:
        start = months_after(first, sign * question.months)
        return step_arrow(name, words, state.to(start=start).href(PATH))

    words = formats.month_short(first)
    if question.months > 1:
        words = f"{words} – {formats.month_short(last)}"
    return html.Div(
        [
            link(-1, "chevron-left", "Earlier months"),
            html.Span(words, className="period period-words"),
            link(1, "chevron-right", "Later months"),
            dcc.Link(
                "Now",
                href=state.to(start=None).href(PATH),
                className="bar-button period-today",
                title="Go to the months up to now",
            ),
        ],
        className="stepper",
    )


def _lengths(state: ScreenState, view: CostView) -> Component:
    return segmented(
        "Months shown",
        [
            (
                f"{n}m",
                state.to(start=None, view=replace(view, months=n).text).href(PATH),
                n == view.months,
                f"{n} months",
            )
            for n in MONTH_CHOICES
        ],
    )


def _exports(state: ScreenState, view: CostView, question: CostQuestion) -> list[Component]:
    place = state.to(start=question.scope.start, view=view.text)
    return [
        link_button("CSV", place.href("/download/costs.csv"), icon_name="filetype-csv", external=True),
        link_button(
            "Workbook", place.href("/download/costs.xlsx"), icon_name="file-earmark-spreadsheet",
            external=True,
        ),
    ]  # fmt: skip


def _content(
    report: CostReport, state: ScreenState, view: CostView, today: date
) -> list[Component]:
    if not report.total.shifts and report.budget_pence is None:
        return [
            empty_state(
                "No shifts in these months",
                "Choose other months, or build the rota first.",
                action=link_button("Open the rota", state.href("/rota/"), kind="primary"),
                icon_name="currency-pound",
            )
        ]
    return [
        kpi_row(cost_cards(report, today)),
        months_panel(report, today),
        why_panel(report, state, today),
        groups_panel(report, state, view),
        dcc.Location(id=Ids.GO, refresh="callback-nav"),
    ]


@callback(
    Output(Ids.GO, "href"),
    Input(Ids.CHART, "clickData"),
    State("_pages_location", "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_COSTS)
def open_month(click: dict[str, Any] | None, search: str | None) -> Any:
    """A click on a bar opens the shifts of its month; the page opened checks the homes."""
    month = _clicked_month(click)
    if month is None:
        return no_update
    state = parse_search(search)
    pairs = [("home", state.home), ("unit", state.unit)]
    query = [(name, str(value)) for name, value in pairs if value is not None]
    query += [("from", month.start.isoformat()), ("to", month.end.isoformat())]
    return f"{SHIFTS_PATH}?{urlencode(query)}"


def _clicked_month(click: dict[str, Any] | None) -> Period | None:
    """The month of the bar, from its place on the axis (``Nov 26``)."""
    try:
        place = str(click["points"][0]["x"]) if click else ""
        return month_of(datetime.strptime(place, "%b %y").replace(tzinfo=UTC).date())
    except (KeyError, IndexError, TypeError, ValueError):
        return None
