"""Rota: people down, days across; paint with a code, undo, publish. One intent, one use case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from components import rota_grid
from components.day_list import day_list, day_strip
from components.feedback import empty_state
from components.filters import Choices, Option, filter_bar
from components.forms import button, drawer, icon_button, link_button
from components.legend import legend
from components.shell import page
from components.state import ScreenState, parse_query
from pages import _rota_acts as acts
from pages import _rota_shades as colours
from pages._rota_cells import cells_dialog
from pages._rota_dialogs import copy_dialog, fill_dialog, publish_dialog
from pages._rota_ids import PATH, Ids
from pages._rota_panel import ACT
from pages._rota_place import History, Place
from pages._rota_refresh import screen_at
from pages._rota_versions import versions_dialog
from pages._rota_view import (
    ABSENCE_CODES,
    Screen,
    headline,
)
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, choose_unit, homes_of
from rota.calendar import london_today, weeks_from
from rota.roster.refresh import latest_change
from server.answers import SHARED
from server.context import current_actor, reading

#: how often an open screen asks whether somebody else has changed something
POLL_MS = 2500

dash.register_page(
    __name__,
    path=PATH,
    name="Rota",
    title="Rota · Staff Rota",
    order=20,
    icon="calendar3-week",
    permission=Permission.VIEW_ROTA,
    remembered=SHARED,
)


def layout(**query: Any) -> Component:
    """The rota of the home, unit and weeks that the address asks for."""
    state = parse_query(query)
    today = london_today()
    actor = current_actor()
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("Rota", _no_home())
        home = choose_home(homes, state.home)
        chosen = choose_unit(home, state.unit)
        start = state.beginning(today).start or today
        place = Place(home, chosen.id if chosen else None, weeks_from(start, state.weeks))
        newest = latest_change(session, home.id)
    screen = screen_at(place)
    editable = actor.may(Permission.EDIT_ROTA, home.id)
    state = replace(state, home=home.id, start=place.period.start)
    return page(
        "Rota",
        [
            *_stores(place, newest),
            _tools(screen, editable=editable),
            _grid(place, screen, today, editable=editable),
            _phone(state, screen, today),
            _foot(screen, state, editable=editable),
            drawer(Ids.DRAWER, "Shift"),
            cells_dialog(),
            publish_dialog(),
            versions_dialog(),
            copy_dialog(place.period.start),
            fill_dialog(place),
        ],
        subtitle=_subtitle(place, screen),
        filters=_filters(homes, home, state, today),
        secondary=_secondary(editable=editable),
        primary=_publish_button(home.id),
        fill=True,
    )


def _no_home() -> Component:
    return empty_state(
        "No home yet",
        "An administrator has to give you the homes that you work with.",
        icon_name="house-door",
    )


def _stores(place: Place, newest: int) -> list[Component]:
    seen = {"version": place.home.data_version, "change": newest}
    return [
        dcc.Store(id=Ids.PLACE, data=place.stored()),
        dcc.Store(id=Ids.SEEN, data=seen),
        dcc.Store(id=Ids.HISTORY, data=History().stored()),
        dcc.Store(id=Ids.PENDING),
        dcc.Store(id=Ids.SHADES),
        dcc.Store(id=Ids.SHADED),
        dcc.Store(id=Ids.MERGED),
        dcc.Store(id=Ids.COMPARED),
        dcc.Interval(id=Ids.POLL, interval=POLL_MS),
    ]


def _tools(screen: Screen, *, editable: bool) -> Component:
    if not editable:
        return html.Div(className="d-none")
    return html.Div(
        [
            rota_grid.palette(Ids.GRID, screen.codes),
            icon_button("arrow-counterclockwise", "Undo (Ctrl+Z)", id=_act("undo")),
            icon_button("arrow-clockwise", "Redo (Ctrl+Y)", id=_act("redo")),
        ],
        className="rota-tools not-phone",
    )


def _act(do: str) -> dict[str, str | int]:
    return {"type": ACT, "do": do, "shift": 0, "version": 0}


def _grid(place: Place, screen: Screen, today: date, *, editable: bool) -> Component:
    columns = rota_grid.columns(place.period.start, place.period.days // 7, screen.holidays)
    grid = rota_grid.rota_grid(
        Ids.GRID,
        columns,
        screen.rows,
        screen.cover,
        today=today,
        editable=editable,
        label=f"Rota of {place.home.name}",
        shares=screen.shares,
    )
    return html.Div(grid, className="rota-place not-phone")


def _foot(screen: Screen, state: ScreenState, *, editable: bool) -> Component:
    """The legend; what can be done with chosen cells; what was published; paper and files."""
    codes = html.Details(
        [html.Summary("Legend"), legend([*screen.codes, *ABSENCE_CODES])], className="rota-legend"
    )
    parts: list[Component] = [codes]
    if editable:
        parts.append(rota_grid.selection_bar(Ids.GRID))
    return html.Div([*parts, _ways_out(state, editable=editable)], className="rota-foot not-phone")


def _ways_out(state: ScreenState, *, editable: bool) -> Component:
    actor, here = current_actor(), state.to(view="")
    parts: list[Component] = []
    if editable:
        title = "Show what was published beside what is planned now"
        parts.append(
            button("Compare", id=Ids.COMPARE, kind="quiet", icon_name="file-diff", title=title)
        )
    if actor.may(Permission.PUBLISH_ROTA, state.home):
        parts.append(button("Versions", id=Ids.VERSIONS, kind="quiet", icon_name="clock-history"))
    files = [("Print", "/print/rota", "printer")]
    if actor.may(Permission.EXPORT_DATA):
        files += [
            (words, f"/download/rota-grid.{kind}", icon_name)
            for words, kind, icon_name in (
                ("PDF", "pdf", "file-earmark-pdf"),
                ("Workbook", "xlsx", "file-earmark-spreadsheet"),
                ("CSV", "csv", "filetype-csv"),
            )
        ]
    parts += [
        link_button(words, here.href(path), kind="quiet", icon_name=icon_name, external=True)
        for words, path, icon_name in files
    ]
    return html.Div(parts, className="rota-ways", role="group", **{"aria-label": "Versions, files"})


def _phone(state: ScreenState, screen: Screen, today: date) -> Component:
    """The days as lists, on a narrow screen instead of the grid."""
    first = state.start or today
    days = [first + timedelta(days=offset) for offset in range(7 * state.weeks)]
    chosen = _chosen_day(state, days, today)
    strip = [(d, state.to(view=d.isoformat()).href(PATH), screen.short.get(d, 0)) for d in days]
    return html.Div(
        [day_strip(strip, chosen, today), day_list(chosen, screen.days.get(chosen, ()))],
        className="only-phone",
    )


def _chosen_day(state: ScreenState, days: list[date], today: date) -> date:
    for day in days:
        if day.isoformat() == state.view:
            return day
    return today if today in days else days[0]


def _subtitle(place: Place, screen: Screen) -> Component:
    with_cost = current_actor().may(Permission.VIEW_COSTS, place.home.id)
    where = " · ".join(filter(None, (place.home.name, place.unit_name)))
    head = html.Span(headline(screen.totals, with_cost=with_cost), id=Ids.HEAD)
    return html.Span([f"{where} · ", head])


def _filters(
    homes: list[HomeChoice], home: HomeChoice, state: ScreenState, today: date
) -> Component:
    choices = Choices(
        PATH,
        homes=[Option(entry.id, entry.name) for entry in homes] if len(homes) > 1 else (),
        units=[Option(unit.id, unit.name) for unit in home.units],
    )
    return filter_bar(state, choices, today=today)


def _secondary(*, editable: bool) -> list[Component]:
    if not editable:
        return []
    return [
        button("Fill from patterns", id=Ids.FILL, icon_name="arrow-repeat"),
        button("Copy a week", id=Ids.COPY, icon_name="copy"),
    ]


def _publish_button(home_id: int) -> Component | None:
    if not current_actor().may(Permission.PUBLISH_ROTA, home_id):
        return None
    return button("Publish", id=Ids.PUBLISH, kind="primary", icon_name="send")


#: the page's callbacks live beside it; importing them registers them
__all__ = ["acts", "colours", "layout"]
