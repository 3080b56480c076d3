"""The heat map of leave: a quarter or a leave year, and who is off on a day of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from dash import Input, Output, State, callback, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.cards import card, chip
from components.charts import graph
from components.charts.leave import HeatRow, leave_heat_figure
from components.feedback import empty_state
from components.filters import segmented
from components.forms import link_button
from components.icons import icon
from components.state import ScreenState, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._inputs import day_of
from pages._leave_ids import PATH, Ids, LeaveView
from pages._leave_team import away_mark
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.calendar import Period, bank_holiday, monday, weeks_from
from rota.database import Session
from rota.errors import InvalidInput, NotFound
from rota.leave.heat import LeaveHeat, OffRow, UnitDays, leave_heat, off_on
from rota.leave.policy import policy_for
from server.context import current_actor, reading
from server.gate import requires

#: weeks of a quarter
QUARTER = 13
#: days above the limit that are listed; the chart marks them all
LISTED = 12
_ROW, _AROUND = 34, 90


def heat_tab(
    session: Session, home: HomeChoice, state: ScreenState, view: LeaveView, today: date
) -> list[Component]:
    """The map, the days above the limit, and the names of the day that is open."""
    actor = current_actor()
    period = _period(session, home, state, view, today)
    heat = leave_heat(session, actor, home.id, period, state.unit)
    if not heat.units:
        return [empty_state("Nobody in this unit yet", "People appear here once they work here.")]
    parts = [_steps(state, view, period, today), _map(heat, view, today)]
    if view.day is not None:
        unit_id = view.unit if view.unit in {unit.id for unit in home.units} else state.unit
        rows = off_on(session, actor, home.id, view.day, unit_id)
        name = next((unit.name for unit in home.units if unit.id == unit_id), home.name)
        parts.append(_names(rows, view.day, name, state))
    parts.append(_over(heat, state, view))
    return parts


def _period(
    session: Session, home: HomeChoice, state: ScreenState, view: LeaveView, today: date
) -> Period:
    start = state.start or view.day or today
    if view.whole_year:
        return policy_for(session, start, home.id).year_of(start)
    return weeks_from(monday(start), QUARTER)


def _steps(state: ScreenState, view: LeaveView, period: Period, today: date) -> Component:
    """Quarter or leave year, the one before and the one after."""

    def to(whole_year: bool, start: date | None) -> str:
        other = LeaveView(tab="heat", whole_year=whole_year)
        return state.to(view=other.text, start=start).href(PATH)

    span = timedelta(days=period.days)
    before = period.start - (timedelta(days=1) if view.whole_year else span)
    words = formats.period(period.start, period.end)
    if period.start.year == period.end.year:
        words += f" {period.end.year}"
    return html.Div(
        [
            segmented(
                "How long",
                [
                    ("Quarter", to(False, state.start), not view.whole_year, "13 weeks"),
                    ("Leave year", to(True, state.start), view.whole_year, "The leave year"),
                ],
            ),
            html.Div(
                [
                    _arrow("chevron-left", "Earlier", to(view.whole_year, before)),
                    html.Span(words, className="heat-words num"),
                    _arrow("chevron-right", "Later", to(view.whole_year, period.start + span)),
                    dcc.Link("Today", href=to(view.whole_year, None), className="btn btn-quiet")
                    if today not in period
                    else "",
                ],
                className="heat-stepper",
            ),
        ],
        className="heat-steps",
    )


def _arrow(name: str, title: str, href: str) -> Component:
    return dcc.Link(
        [icon(name), html.Span(title, className="visually-hidden")],
        href=href,
        className="btn btn-quiet btn-icon",
        title=title,
    )


def _map(heat: LeaveHeat, view: LeaveView, today: date) -> Component:
    days = list(heat.period)
    over = list(heat.over())
    if over:
        title = f"{formats.plural(len(over), 'day')} of a unit above the limit"
    else:
        title = f"No unit has more than {heat.off_percent}% off"
    rows = [HeatRow(unit.unit, unit.team, unit.limit, unit.off, unit.asked) for unit in heat.units]
    holidays = {day: name for day in days if (name := bank_holiday(day))}
    figure = leave_heat_figure(rows, days, holidays=holidays, today=today)
    return card(
        graph.chart(
            Ids.HEAT,
            figure,
            title=title,
            subtitle=f"Share of each unit on leave or sick, darker is more, full colour from half; "
            f"a cross is more than {heat.off_percent}%, ▼ a bank holiday",
            description=f"{title}, {formats.period(heat.period.start, heat.period.end)}. "
            "Choose a cell to see the names.",
            filename="leave-heat-map",
            height=_ROW * len(rows) + _AROUND,
            clickable=True,
            table=True,
        )
    )


def _names(rows: Sequence[OffRow], day: date, place: str, state: ScreenState) -> Component:
    holiday = bank_holiday(day)
    title = f"{place}, {formats.day_year(day)}" + (f", {holiday}" if holiday else "")
    week = state.to(view="calendar", start=monday(day), weeks=2).href(PATH)
    action = [link_button("Calendar of that week", week, icon_name="calendar-week")]
    if not rows:
        return card(
            html.P("Nobody is off, and nobody has asked to be.", className="panel-body"),
            title=title, actions=action,
        )  # fmt: skip
    lines = [
        [
            row.name, row.unit, row.role,
            html.Span([away_mark(row.why, row.decided), f" {row.why}"], className="heat-why"),
            formats.period(row.period.start, row.period.end),
            chip("Certain", Status.NEUTRAL) if row.decided else chip("Asked for", Status.WARN),
        ]
        for row in rows
    ]  # fmt: skip
    table = simple_table(
        ["Person", "Unit", "Role", "Why", "Days", "State"], lines, caption=f"Off: {title}"
    )
    return card(table, title=title, actions=action, flush=True)


def _over(heat: LeaveHeat, state: ScreenState, view: LeaveView) -> Component:
    found = list(heat.over())
    if not found:
        return html.Div()
    links = [html.Li(_day_link(unit, day, state, view)) for unit, day in found[:LISTED]]
    more = len(found) - LISTED
    if more > 0:
        links.append(html.Li(f"and {more} more, marked above", className="muted"))
    return card(html.Ul(links, className="heat-over"), title="Above the limit")


def _day_link(unit: UnitDays, day: date, state: ScreenState, view: LeaveView) -> Component:
    to = replace(view, day=day, unit=unit.unit_id)
    words = f"{formats.day(day)}: {unit.unit}, {unit.off[day]} of {unit.team} off"
    return dcc.Link(words, href=state.to(view=to.text).href(PATH))


@callback(
    Output(Ids.GO, "href", allow_duplicate=True), Input(Ids.HEAT, "clickData"),
    State(Ids.GO, "search"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.VIEW_LEAVE)
def open_day(clicked: Any, search: str | None) -> str:
    """Show the names of the cell that was clicked."""
    if not clicked:
        raise PreventUpdate
    try:
        point = clicked["points"][0]
        name, day = str(point["y"]), day_of(str(point["x"])[:10], "The day")
    except (KeyError, IndexError, TypeError) as error:
        raise InvalidInput("The page sent something that cannot be read.") from error
    state, actor = parse_search(search), current_actor()
    with reading() as session:
        home = choose_home(homes_of(session, actor), state.home)
    unit = next((unit.id for unit in home.units if unit.name == name), None)
    if unit is None:
        raise NotFound("This home has no such unit.", hint="Load the page again.")
    whole_year = state.view.startswith("heat-year")
    view = LeaveView(tab="heat", whole_year=whole_year, day=day, unit=unit)
    return state.to(view=view.text).href(PATH)
