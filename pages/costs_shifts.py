"""The shifts behind a figure of the cost screen, with their sum: the end of every drill-down."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card, summary_line
from components.feedback import empty_state, toast
from components.forms import link_button
from components.shell import Ids as Shell
from components.shell import page
from components.tables import Column, grid
from components.theme import Status
from pages._shifts_workbook import Ids, workbook_panel
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, choose_unit, homes_of
from rota.costs.explorer import SOURCE_NAMES
from rota.costs.queries import cost_total, shifts_behind
from rota.costs.values import CostScope, CostTotals, ShiftLine
from rota.errors import RotaError
from rota.jobs import service as jobs
from rota.jobs.service import JobView
from rota.reports.export_jobs import MANY_SHIFTS, ask_workbook, newest_workbook
from server.context import current_actor, reading, working
from server.cost_addresses import (
    PATH,
    SHIFTS_PATH,
    ShiftsQuery,
    parse_shifts_query,
    scope_of_query,
)
from server.gate import requires

PAGE_SIZE = 200
#: how often a workbook at work is looked at (milliseconds)
TICK_MS = 1_000

dash.register_page(
    __name__,
    path=SHIFTS_PATH,
    name="Shifts behind a cost",
    title="Shifts behind a cost · Staff Rota",
    order=71,
    permission=Permission.VIEW_COSTS,
)

_HOME = Column("home", "Home", width=140)
_COLUMNS = (
    Column("day", "Day", kind="date", width=110, pinned=True),
    Column("unit", "Unit", width=130),
    Column("type", "Shift", width=76),
    Column("times", "Times", width=112),
    Column("worker", "Worked by", flex=1),
    Column("role", "Role", width=86),
    Column("source", "Source", width=104),
    Column("hours", "Hours", kind="hours", width=86),
    Column("pence", "Cost", kind="pence", width=104, hint="Loaded cost at the rates of the day"),
)


def layout(**query: Any) -> Component:
    """The shifts that the address asks for, a page of them, with the sum of all."""
    asked = parse_shifts_query(query)
    actor = current_actor()
    with reading() as session:
        homes = homes_of(session, actor)
        shown = [choose_home(homes, asked.state.home)] if asked.state.home else homes
        if asked.state.unit is not None and len(shown) == 1:
            choose_unit(shown[0], asked.state.unit)
        scope = scope_of_query(asked, frozenset(home.id for home in shown))
        total = cost_total(session, actor, scope)
        lines = shifts_behind(
            session, actor, scope, limit=PAGE_SIZE, offset=(asked.state.page - 1) * PAGE_SIZE
        )
        is_large = total.shifts > MANY_SHIFTS and actor.may(Permission.EXPORT_DATA)
        job = newest_workbook(session, actor, scope) if is_large else None
    return page(
        "Shifts behind a cost",
        [
            *(_large(total, job) if is_large else []),
            *_content(asked, total, lines, one_home=len(shown) == 1),
        ],
        subtitle=_words(asked, shown),
        secondary=[
            link_button("Costs", asked.state.to(view="").href(PATH), icon_name="arrow-left"),
            *([] if is_large else [_workbook(asked)]),
        ],
    )


def _workbook(asked: ShiftsQuery) -> Component:
    return link_button(
        "Workbook",
        _address("/download/cost-shifts.xlsx", asked),
        icon_name="file-earmark-spreadsheet",
        external=True,
    )


def _large(total: CostTotals, job: JobView | None) -> list[Component]:
    """The way to a workbook that takes longer than anybody waits for a link."""
    return [
        html.Div(workbook_panel(total.shifts, job), id=Ids.PANEL),
        dcc.Interval(Ids.TICK, interval=TICK_MS, disabled=job is None or not job.is_active),
    ]


def _asked(session: Any, search: str | None) -> tuple[CostScope, int]:
    """The scope of an address that a callback received, in the actor's homes, and its shifts."""
    asked = parse_shifts_query(dict(parse_qsl((search or "").lstrip("?"))))
    actor = current_actor()
    homes = homes_of(session, actor)
    shown = [choose_home(homes, asked.state.home)] if asked.state.home else homes
    scope = scope_of_query(asked, frozenset(home.id for home in shown))
    return scope, cost_total(session, actor, scope).shifts


@callback(
    Output(Ids.PANEL, "children", allow_duplicate=True),
    Output(Ids.TICK, "disabled", allow_duplicate=True),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(Ids.ASK, "n_clicks"),
    State("_pages_location", "search"),
    prevent_initial_call=True,
)
@requires(Permission.EXPORT_DATA)
def make_workbook(clicks: int | None, search: str | None) -> tuple[Any, Any, Any]:
    """Ask the worker for the workbook of the shifts in the address."""
    if not isinstance(clicks, int) or clicks < 1:
        return no_update, no_update, no_update
    with reading() as session:
        scope, count = _asked(session, search)
    with working() as uow:
        job_id = ask_workbook(uow, scope)
        uow.commit()
    said: Component = toast(Status.INFO, "The workbook is being written")
    try:
        jobs.dispatch(job_id)
    except RotaError as error:
        said = toast(Status.WARN, error.message, hint=error.hint)
    with reading() as session:
        job = newest_workbook(session, current_actor(), scope)
    return workbook_panel(count, job), False, [said]


@callback(
    Output(Ids.PANEL, "children"),
    Output(Ids.TICK, "disabled"),
    Input(Ids.TICK, "n_intervals"),
    State("_pages_location", "search"),
    prevent_initial_call=True,
)
@requires(Permission.EXPORT_DATA)
def follow_workbook(_ticks: int | None, search: str | None) -> tuple[Any, Any]:
    """How far it is; at the end the link to the file."""
    with reading() as session:
        scope, count = _asked(session, search)
        job = newest_workbook(session, current_actor(), scope)
    return workbook_panel(count, job), job is None or not job.is_active


def _words(asked: ShiftsQuery, shown: list[HomeChoice]) -> str:
    """What is summed, in words: home, unit, period and what narrows it."""
    units = {unit.id: unit.name for home in shown for unit in home.units}
    parts = [shown[0].name if len(shown) == 1 else "All homes"]
    if asked.state.unit is not None:
        parts.append(units.get(asked.state.unit, "another unit"))
    first, last = formats.day_year(asked.start), formats.day_year(asked.end)
    parts.append(first if first == last else f"{first} – {last}")
    names = {source.value: name for source, name in SOURCE_NAMES.items()}
    if asked.source:
        parts.append(names[asked.source])
    if asked.band:
        parts.append({"day": "days", "night": "nights", "office": "office"}[asked.band])
    if asked.weekday is not None and asked.weekday < 7:
        days = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
        parts.append(days[asked.weekday])
    if asked.missing:
        parts.append("only those without a rate")
    return " · ".join(parts)


def _content(
    asked: ShiftsQuery, total: CostTotals, lines: list[ShiftLine], *, one_home: bool
) -> list[Component]:
    if not total.shifts:
        return [
            empty_state(
                "No shift under this figure",
                "Nothing was worked or planned there in this period.",
                action=link_button("Back to costs", PATH, kind="primary"),
                icon_name="search",
            )
        ]
    words = f"{formats.money_exact(total.pence)} for {formats.hours_from_minutes(total.minutes)}"
    if total.missing_rates:
        words += f"; {formats.plural(total.missing_rates, 'shift')} without a rate, in no sum"
    return [
        card(
            [
                summary_line(total.shifts, "shift"),
                html.P(words),
                grid(
                    "costs-shifts-table",
                    _COLUMNS if one_home else (_COLUMNS[0], _HOME, *_COLUMNS[1:]),
                    [_row(line) for line in lines],
                    label="The shifts, by day",
                    height=560,
                ),
                _pages(asked, total.shifts),
            ]
        )
    ]


def _row(line: ShiftLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "day": line.date.isoformat(),
        "home": line.home,
        "unit": line.unit,
        "type": line.shift_type,
        "times": f"{formats.clock(line.starts_at)}–{formats.clock(line.ends_at)}",
        "worker": line.worker,
        "role": line.role,
        "source": SOURCE_NAMES[line.source],
        "hours": line.minutes / 60,
        "pence": line.pence,
    }


def _pages(asked: ShiftsQuery, count: int) -> Component:
    """Earlier and later pages of the list, where there are more than one."""
    last = (count - 1) // PAGE_SIZE + 1
    here = asked.state.page
    if last == 1:
        return html.Div()
    links: list[Component | str] = [html.Span(f"Page {here} of {last}")]
    if here > 1:
        links.insert(0, dcc.Link("Earlier", href=_address(SHIFTS_PATH, asked, here - 1)))
    if here < last:
        links.append(dcc.Link("Later", href=_address(SHIFTS_PATH, asked, here + 1)))
    return html.Nav(links, className="actions", **{"aria-label": "Pages of the list"})


def _address(path: str, asked: ShiftsQuery, number: int = 1) -> str:
    pairs: list[tuple[str, object]] = [
        ("home", asked.state.home), ("unit", asked.state.unit), ("from", asked.start),
        ("to", asked.end), ("source", asked.source),
        ("role", "none" if asked.role_is_unknown else asked.role), ("band", asked.band),
        ("weekday", asked.weekday), ("type", asked.shift_type),
        ("missing", "1" if asked.missing else None), ("page", number if number > 1 else None),
    ]  # fmt: skip
    return f"{path}?{urlencode([(name, value) for name, value in pairs if value is not None])}"
