"""What if: the forecast, staff and cost of a home under an assumption, beside the base."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, State, callback, html
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.charts.forecast_quality import cases_figure
from components.charts.graph import chart
from components.feedback import empty_state
from components.filters import Choices, Option, filter_bar
from components.forms import button, field, form_row, link_button, select, slider, text_field
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import simple_table
from pages._forecast_parts import PATH, USUAL_LEVEL, WHAT_IF_PATH, page_tabs
from rota.access.permissions import Permission
from rota.access.scope import choose_home, homes_of
from rota.calendar import london_today
from rota.errors import InvalidInput
from rota.forecasting.what_if import DAYS, Assumption, Case, UnitBase, case, read_base
from server.context import current_actor, reading
from server.gate import requires


class Ids:
    """What callbacks of this page address."""

    RESIDENTS = "what-if-residents"
    DEPENDENCY = "what-if-dependency"
    CLOSED = "what-if-closed"
    OUTBREAK = "what-if-outbreak"
    LEVEL = "what-if-level"
    FOLLOWS = "what-if-follows"
    CHART = "what-if-chart"
    RESULT = "what-if-result"
    PRESET = "what-if-preset"
    LOCATION = "_pages_location"


#: ready questions: words -> (residents, dependency in %, closes a wing, has an outbreak)
PRESETS: dict[str, tuple[str, int, int, bool, bool]] = {
    "base": ("As expected", 0, 0, False, False),
    "five": ("Five more residents a unit", 5, 0, False, False),
    "wing": ("A wing closed", 0, 0, True, False),
    "frail": ("Dependency up 10%", 0, 10, False, False),
    "norovirus": ("A norovirus week", 0, 0, False, True),
}

dash.register_page(
    __name__,
    path=WHAT_IF_PATH,
    name="What if",
    title="What if · Staff Rota",
    order=52,
    permission=Permission.VIEW_FORECAST,
)


def layout(**query: Any) -> Component:
    """The questions and the answer for the home in the address."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        home = choose_home(homes, state.home)
        state = state.to(home=home.id)
        base = read_base(session, actor, home.id, today)
    content = _content(base) if base else [_nothing(state)]
    return page(
        "What if",
        [page_tabs(state, WHAT_IF_PATH), *content],
        subtitle=f"{home.name} · next {DAYS} days; nothing is written",
        filters=filter_bar(
            state,
            Choices(WHAT_IF_PATH, homes=[Option(h.id, h.name) for h in homes], period=False),
            today=today,
        ),
    )


def _nothing(state: ScreenState) -> Component:
    return empty_state(
        "No unit of this home has a forecast",
        "Make the forecasts first: an assumption changes a forecast.",
        action=link_button("To the forecast", ScreenState(home=state.home).href(PATH)),
        icon_name="question-circle",
    )


def _content(base: list[UnitBase]) -> list[Component]:
    units = [("0", "None"), *((str(unit.place.id), unit.place.name) for unit in base)]
    before = case(base, Assumption(), USUAL_LEVEL)
    return [
        card(
            [
                html.Div(
                    [
                        button(words, id={"type": Ids.PRESET, "key": key})
                        for key, (words, *_) in PRESETS.items()
                    ],
                    className="actions",
                    role="group",
                    **{"aria-label": "Ready questions"},
                ),
                form_row(
                    field("Residents more or fewer in each unit",
                          _number(Ids.RESIDENTS, -20, 20), hint="people", required=True),
                    field("Dependency of each resident",
                          _number(Ids.DEPENDENCY, -50, 100), hint="% more hours", required=True),
                    field("Wing closed", select(Ids.CLOSED, units, value="0"), required=True),
                    field("Norovirus week in", select(Ids.OUTBREAK, units, value="0"),
                          hint="from today: a fifth away, 15% more care", required=True),
                ),
                form_row(
                    field("Service level (%)", slider(Ids.LEVEL, USUAL_LEVEL, low=50, high=99)),
                    field("How far hours follow the residents (%)",
                          slider(Ids.FOLLOWS, 100, low=0, high=100, step=10)),
                ),
            ],
            title="Assumption",
        ),
        chart(
            Ids.CHART,
            cases_figure(before.by_day, before.by_day, "Assumed"),
            title=_finding(before, before),
            subtitle="Hours on duty of all units by day",
            description="Hours on duty by day as expected, and under the assumption.",
            filename="what-if",
            height=300,
            table=True,
        ),
        html.Div(_result(before, before, USUAL_LEVEL), id=Ids.RESULT, role="status"),
    ]  # fmt: skip


def _number(id: str, low: int, high: int) -> Component:
    return text_field(id, "0", kind="number", min=low, max=high, step=1, debounce=True)


def _finding(before: Case, after: Case) -> str:
    if after.assumption.is_base:
        return f"{formats.number(before.hours)} h expected; choose what might be otherwise"
    hours = after.hours - before.hours
    share = hours / before.hours if before.hours else 0.0
    pence = after.pence - before.pence
    return (
        f"{formats.change(hours)} h ({formats.change(100 * share, 1)}%),"
        f" {formats.change(after.shifts - before.shifts)} shifts, {formats.change_money(pence)}"
    )


def _result(before: Case, after: Case, level: int) -> Component:
    """Base and assumption side by side, then unit by unit."""
    measures = [
        ("Residents", sum(u.residents for u in before.units), sum(u.residents for u in after.units),
         lambda v: formats.number(v)),
        ("Hours on duty expected", before.hours, after.hours, lambda v: formats.number(v)),
        (f"Shifts to staff at {level}%", before.shifts, after.shifts, lambda v: formats.number(v)),
        ("Cost", before.pence, after.pence, lambda v: formats.money(round(v))),
        ("Shifts expected short", before.short, after.short, lambda v: formats.number(v, 1)),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for name, was, now, words in measures:
        if name == "Cost":
            change = formats.change_money(round(now - was))
        else:
            change = formats.change(now - was, 1 if name == "Shifts expected short" else 0)
        rows.append([name, words(was), words(now), change])
    by_unit = [
        [
            now.place.name, formats.number(now.residents), formats.number(was.hours),
            formats.number(now.hours), formats.number(was.staff.shifts),
            formats.number(now.staff.shifts),
            formats.change_money(now.staff.pence - was.staff.pence),
        ]
        for was, now in zip(before.units, after.units, strict=True)
    ]  # fmt: skip
    num = "num"
    return html.Div(
        [
            card(
                simple_table(
                    ["", ("As expected", num), ("Assumed", num), ("Change", num)],  # type: ignore[list-item]
                    rows, caption="Base and assumption side by side",
                ),
                title="Side by side", flush=True,
            ),
            card(
                simple_table(
                    ["Unit", ("Residents", num), ("Hours before", num), ("Hours assumed", num),  # type: ignore[list-item]
                     ("Shifts before", num), ("Shifts assumed", num), ("Cost", num)],  # type: ignore[list-item]
                    by_unit, caption="Base and assumption, unit by unit",
                ),
                title="Unit by unit", flush=True,
            ),
        ],
        className="stack",
    )  # fmt: skip


def _whole(value: Any, low: int, high: int, what: str) -> int:
    try:
        number = int(float(value))
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"{what} is not a number.") from None
    if not low <= number <= high:
        raise InvalidInput(f"{what} must be from {low} to {high}.")
    return number


def _read(search: str | None) -> list[UnitBase]:
    state = parse_search(search)
    actor = current_actor()
    with reading() as session:
        home = choose_home(homes_of(session, actor), state.home)
        return read_base(session, actor, home.id, london_today())


@callback(
    Output(Ids.CHART, "figure"),
    Output(f"{Ids.CHART}-title", "children"),
    Output(Ids.RESULT, "children"),
    Input(Ids.RESIDENTS, "value"),
    Input(Ids.DEPENDENCY, "value"),
    Input(Ids.CLOSED, "value"),
    Input(Ids.OUTBREAK, "value"),
    Input(Ids.LEVEL, "value"),
    Input(Ids.FOLLOWS, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_FORECAST)
def assume(
    residents: Any,
    dependency: Any,
    closed: Any,
    outbreak: Any,
    level: Any,
    follows: Any,
    search: str | None,
) -> tuple[Any, str, Any]:
    """Compute the case again, beside the base."""
    chosen = _whole(level, 50, 99, "The service level")
    share = _whole(follows, 0, 100, "How far hours follow") / 100
    assumption = Assumption(
        residents=_whole(residents, -60, 60, "The number of residents"),
        dependency=_whole(dependency, -50, 100, "The dependency shift") / 100,
        closed=_whole(closed, 0, 2**31 - 1, "The wing"),
        outbreak=_whole(outbreak, 0, 2**31 - 1, "The unit"),
    )
    base = _read(search)
    before = case(base, Assumption(), chosen)
    after = case(base, assumption, chosen, share)
    figure = cases_figure(before.by_day, after.by_day, "Assumed")
    return figure, _finding(before, after), _result(before, after, chosen)


@callback(
    Output(Ids.RESIDENTS, "value"),
    Output(Ids.DEPENDENCY, "value"),
    Output(Ids.CLOSED, "value"),
    Output(Ids.OUTBREAK, "value"),
    Input({"type": Ids.PRESET, "key": dash.ALL}, "n_clicks"),
    State(Ids.CLOSED, "options"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_FORECAST)
def preset(_clicks: Any, options: Any) -> tuple[Any, Any, Any, Any]:
    """Fill in a ready question; a wing or an outbreak takes the first unit."""
    from pages._inputs import clicked

    key = str(clicked(dash.ctx).get("key"))
    if key not in PRESETS:
        raise InvalidInput("There is no such question.")
    _, residents, dependency, closes, outbreak = PRESETS[key]
    units = [str(o["value"]) for o in options or [] if isinstance(o, dict) and "value" in o]
    first = next((value for value in units if value != "0"), "0")
    return residents, dependency, first if closes else "0", first if outbreak else "0"
