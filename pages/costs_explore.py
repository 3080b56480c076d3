"""The pattern explorer: choose a measure and its splits, keep it under a name, share the link."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.charts.graph import chart
from components.charts.patterns import CHARTS, Amount, pattern_figure
from components.feedback import empty_state, toast
from components.filters import Choices, Option, filter_bar, segmented
from components.forms import button, field, text_field
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._inputs import afresh, clicked, text_of, whole
from pages._numbers import no_home, numbers_tabs
from rota.access.permissions import Permission
from rota.access.scope import choose_home, homes_of
from rota.calendar import london_today, month_of, months_after
from rota.costs.explorer import SOURCE_NAMES, CostQuestion
from rota.costs.patterns import (
    ADDRESS,
    MEASURE_NAMES,
    PatternAnswer,
    PatternMeasure,
    explore,
    remove_view,
    save_view,
    saved_views,
)
from rota.costs.values import CostScope, Dimension
from server.cache import remembered
from server.context import current_actor, reading, working
from server.cost_addresses import shifts_href
from server.gate import requires
from server.pattern_addresses import PATTERN_MONTHS, PatternView, parse_pattern

PATH = "/costs/explore/"
REMOVE = "explore-remove"


class Ids:
    """What callbacks of this page address."""

    CHART = "explore-chart"
    NAME = "explore-name"
    SAVE = "explore-save"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Explore",
    title="Explore · Staff Rota",
    order=73,
    permission=Permission.VIEW_COSTS,
)

_WORDS = {
    Dimension.MONTH: "Month", Dimension.DAY: "Day", Dimension.SOURCE: "Source",
    Dimension.HOME: "Home", Dimension.UNIT: "Unit", Dimension.ROLE: "Role",
    Dimension.BAND: "Day or night", Dimension.WEEKDAY: "Weekday",
    Dimension.SHIFT_TYPE: "Shift type",
}  # fmt: skip


def layout(**query: Any) -> Component:
    """The pattern that the address asks for."""
    state = parse_query(query)
    view = parse_pattern(state.view)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("Explore", no_home())
        shown = [choose_home(homes, state.home)] if state.home else homes
        first = state.start.replace(day=1) if state.start else _first(view, today)
        scope = CostScope(
            frozenset(home.id for home in shown), first,
            months_after(first, view.months) - timedelta(days=1),
        )  # fmt: skip
        if view.source:
            scope = scope.within(Dimension.SOURCE, view.source)
        answer = remembered(
            "explore", shown, (view.text, first),
            lambda: explore(session, actor, shown, scope, view.pattern),
        )  # fmt: skip
        views = saved_views(session, actor)
    question = CostQuestion(tuple(shown), first, view.months)
    place = shown[0].name if len(shown) == 1 else "All homes"
    period = f"{formats.month(first)} – {formats.month(scope.end)}"
    choices = Choices(
        PATH, homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        period=False, all_homes=True,
    )  # fmt: skip
    return page(
        "Explore",
        [
            numbers_tabs("Explore", state),
            html.Div(
                [
                    html.Div(
                        [_choices(state, view), _answer(answer, view, question)], className="stack"
                    ),
                    _kept(views),
                ],
                className="columns-side",
            ),
        ],
        subtitle=f"{place} · {period} · worked and planned shifts",
        filters=filter_bar(state, choices, today=first, extra=[_lengths(state, view)]),
    )


def _first(view: PatternView, today: date) -> date:
    return months_after(month_of(today).start, 1 - view.months)


def _lengths(state: ScreenState, view: PatternView) -> Component:
    return segmented(
        "Months shown",
        [
            (f"{n}m", _href(state.to(start=None), replace(view, months=n)), n == view.months,
             f"{n} months")
            for n in PATTERN_MONTHS
        ],
    )  # fmt: skip


def _href(state: ScreenState, view: PatternView) -> str:
    return state.to(view=view.text).href(PATH)


def _choices(state: ScreenState, view: PatternView) -> Component:
    """Every choice is a link: the address is the pattern."""

    def group(label: str, options: list[tuple[str, PatternView, bool]]) -> Component:
        links = [(words, _href(state, to), on, words) for words, to, on in options]
        return html.Div([html.Div(label, className="field-label"), segmented(label, links)])

    withins: list[Dimension | None] = [None, Dimension.SOURCE, Dimension.BAND, Dimension.WEEKDAY]
    return card(
        [
            group("Measure", [(words, replace(view, measure=m), m is view.measure)
                              for m, words in MEASURE_NAMES.items()]),
            group("Split by", [(_WORDS[d], replace(view, by=d, within=None if d is view.within
                                                   else view.within), d is view.by)
                               for d in Dimension]),
            group("Within", [(_WORDS[d] if d else "Nothing", replace(view, within=d),
                              d is view.within) for d in withins if d is not view.by]),
            group("Only", [("All sources", replace(view, source=""), not view.source),
                           *((words, replace(view, source=s.value), s.value == view.source)
                             for s, words in SOURCE_NAMES.items())]),
            group("Drawn as", [(words, replace(view, chart=c), c == view.chart)
                               for c, words in CHARTS.items()]),
        ],
        title="What to show",
    )  # fmt: skip


def _answer(answer: PatternAnswer, view: PatternView, question: CostQuestion) -> Component:
    if not answer.rows:
        return card(empty_state("No shifts like that", "Choose other months or sources."))
    unit = _unit(view.measure)
    amounts = [
        Amount(row.label, row.second_label, None if row.value is None else row.value / unit)
        for row in answer.rows
    ]
    title = _finding(answer, view)
    name = MEASURE_NAMES[view.measure]
    split = _WORDS[view.by].lower() + (f" and {_WORDS[view.within].lower()}" if view.within else "")
    return card(
        [
            chart(
                Ids.CHART,
                pattern_figure(
                    amounts,
                    kind=view.chart,
                    title=name,
                    money=unit == 100,
                    stacks=view.measure is not PatternMeasure.COST_PER_HOUR,
                ),
                title=title,
                subtitle=f"{name} by {split}",
                description=f"{title}. {name} by {split}.",
                filename=f"pattern-{view.text.replace('.', '-').replace(' ', '-')}",
                height=380,
            ),
            _table(answer, view, question),
        ]
    )


def _unit(measure: PatternMeasure) -> int:
    """Pence in a pound, minutes in an hour."""
    if measure in (PatternMeasure.COST, PatternMeasure.COST_PER_HOUR):
        return 100
    return 60 if measure is PatternMeasure.HOURS else 1


def _finding(answer: PatternAnswer, view: PatternView) -> str:
    groups = [(label, sum(v or 0 for v in of.values())) for label, of in answer.grouped().items()]
    if view.measure is PatternMeasure.COST_PER_HOUR:
        return f"{_written(view.measure, answer.total_value)} an hour on the whole"
    label, most = max(groups, key=lambda pair: pair[1])
    whole = answer.total_value or 0
    if whole <= 0:
        return f"No {MEASURE_NAMES[view.measure].lower()} here"
    return f"{label} has {formats.percent(most / whole)} of {_written(view.measure, whole)}"


def _written(measure: PatternMeasure, value: float | None) -> str:
    if value is None:
        return formats.NONE
    match measure:
        case PatternMeasure.COST:
            return formats.money(round(value))
        case PatternMeasure.COST_PER_HOUR:
            return formats.money_exact(round(value))
        case PatternMeasure.HOURS:
            return formats.hours_from_minutes(round(value))
        case _:
            return formats.number(round(value))


def _table(answer: PatternAnswer, view: PatternView, question: CostQuestion) -> Component:
    rows = []
    for row in answer.rows:
        scope = answer.scope.within(view.by, row.key)
        if view.within:
            scope = scope.within(view.within, row.second)
        link = dcc.Link(_written(view.measure, row.value), href=shifts_href(scope, question))
        rows.append([row.label, *([row.second_label] if view.within else []), link])
    head: list[Any] = [_WORDS[view.by], *([_WORDS[view.within]] if view.within else []),
                       (MEASURE_NAMES[view.measure], "num")]  # fmt: skip
    footer = ["Total", *([""] if view.within else []), _written(view.measure, answer.total_value)]
    return html.Details(
        [
            html.Summary(f"{formats.plural(len(rows), 'figure')}; each opens its shifts"),
            html.Div(
                simple_table(head, rows, caption="The figures of the chart", footer=footer),
                className="table-scroll",
            ),
        ]
    )


def _kept(views: list[Any]) -> Component:
    entries: list[Component] = [
        html.Div(
            [
                dcc.Link(one.name, href=one.address),
                button("Remove", id={"type": REMOVE, "view": one.id}, kind="quiet"),
            ],
            className="actions",
        )
        for one in views
    ]
    return card(
        [
            field("Keep this as", text_field(Ids.NAME, placeholder="Agency nights by unit"),
                  hint="The address of this page is the pattern: copy it to share it."),
            button("Keep", id=Ids.SAVE, kind="primary"),
            html.Div(entries or html.P("Nothing kept yet.", className="muted"), className="stack"),
        ],
        title="Kept patterns",
    )  # fmt: skip


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    State(Ids.NAME, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_COSTS)
def keep(pressed: int | None, name: Any, search: str | None) -> Any:
    """Keep the pattern in the address under a name."""
    if not pressed:
        return no_update, no_update
    state = parse_search(search)
    state = state.to(view=parse_pattern(state.view).text)
    with working() as uow:
        view = save_view(uow, text_of(name, 80), f"{ADDRESS}{state.query()}")
        uow.commit()
    return [toast(Status.GOOD, f"“{view.name}” is kept")], afresh(state.href(PATH), search)


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input({"type": REMOVE, "view": ALL}, "n_clicks"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_COSTS)
def forget(_pressed: Any, search: str | None) -> Any:
    """Remove a kept pattern."""
    view_id = whole(clicked(ctx), "view")
    with working() as uow:
        remove_view(uow, view_id)
        uow.commit()
    return [toast(Status.GOOD, "Removed")], afresh(parse_search(search).href(PATH), search)
