"""Redrawing an open rota: the whole screen once, afterwards as little as will do."""

from __future__ import annotations

import time
from typing import Any

from dash import (
    ClientsideFunction,
    Input,
    Output,
    Patch,
    State,
    callback,
    clientside_callback,
    no_update,
    set_props,
)
from dash.exceptions import PreventUpdate

from components import rota_grid
from pages._rota_ids import Ids
from pages._rota_place import Place, place_of, whole_number
from pages._rota_view import Screen, cover_rows, headline, open_rows, person_row, screen_of
from rota.access.permissions import Permission
from rota.access.scope import homes_of
from rota.errors import InvalidInput
from rota.roster.findings import findings_of, rule_findings
from rota.roster.grid import Totals, flags
from rota.roster.queries import week_grid
from rota.roster.refresh import changes_since, part_of_grid, totals_of
from server.cache import remembered
from server.context import current_actor, data_version_of, reading
from server.gate import requires


def screen_at(place: Place) -> Screen:
    """The screen of a place at the home's present data version."""

    def compute() -> Screen:
        home_id, period = place.home.id, place.period
        with reading() as session:
            grid = week_grid(session, home_id, place.unit_id, period.start, period.days // 7)
            found = rule_findings(session, home_id, place.unit_id, period)
        return screen_of(grid, flags(found, period))

    period = place.period
    return remembered("rota", [place.home], (place.unit_id, period.start, period.days), compute)


def refresh(place: Place, seen: object) -> tuple[Any, Any, Any, Any]:
    """Changed lines and days, grid options, row data and what is seen from now on.

    When every new data version since is a change set, the lines these concern are sent;
    otherwise (leave, a publication, somebody from elsewhere) the whole grid.
    """
    version, change = _seen(seen)
    home_id, period = place.home.id, place.period
    with reading() as session:
        current = next(h for h in homes_of(session, current_actor()) if h.id == home_id)
        since = changes_since(session, home_id, change, current_actor().user_id)
        now = {"version": current.data_version, "change": since.latest}
        place = Place(current, place.unit_id, period)
        _show_head(totals_of(session, home_id, place.unit_id, period), home_id)
        if since.count != current.data_version - version:
            return (*_everything(place), now)
        ids = since.staff_ids
        part = part_of_grid(session, home_id, place.unit_id, period, ids, since.days)
        marks = flags(findings_of(session, ids, period), period)
    if any(person.home_id != home_id for person in part.people):
        return (*_everything(place), now)
    shown = part.people
    if place.unit_id is not None:
        if any(person.unit_id != place.unit_id for person in shown):
            return (*_everything(place), now)
        shown = tuple(person for person in shown if person.unit_id == place.unit_id)
    rows = [person_row(person, marks) for person in shown]
    for unit_id in sorted(since.open_units):
        if place.unit_id in (None, unit_id):
            rows += open_rows(unit_id, part.vacancies, part.agency)
    changed = rota_grid.delta(Ids.GRID, rows, cover_rows(part.cover), since.days)
    return changed, no_update, no_update, now


def look_again() -> None:
    """Make the open grid ask at once what has changed, not at its next turn: what a page has
    just published, copied or restored must not look like somebody else's change to it."""
    set_props(Ids.POLL, {"n_intervals": int(time.time() * 10) % 10**9})


def _show_head(totals: Totals, home_id: int) -> None:
    with_cost = current_actor().may(Permission.VIEW_COSTS, home_id)
    set_props(Ids.HEAD, {"children": headline(totals, with_cost=with_cost)})


def _everything(place: Place) -> tuple[Any, Any, Any]:
    screen = screen_at(place)
    options = Patch()
    options["pinnedBottomRowData"] = [row.value() for row in screen.cover]
    return no_update, options, [row.value() for row in screen.rows]


def _seen(seen: object) -> tuple[int, int]:
    if isinstance(seen, dict):
        return whole_number(seen.get("version")), whole_number(seen.get("change"))
    raise InvalidInput("The screen has lost its place.", hint="Load the page again.")


clientside_callback(
    ClientsideFunction("rota", "merge"),
    Output(Ids.MERGED, "data"),
    Input(Ids.DELTA, "data"),
    prevent_initial_call=True,
)


@callback(
    Output(Ids.DELTA, "data", allow_duplicate=True),
    Output(Ids.GRID, "dashGridOptions", allow_duplicate=True),
    Output(Ids.GRID, "rowData", allow_duplicate=True),
    Output(Ids.SEEN, "data", allow_duplicate=True),
    Input(Ids.POLL, "n_intervals"),
    State(Ids.PLACE, "data"),
    State(Ids.SEEN, "data"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_ROTA)
def follow(ticks: object, stored: object, seen: object) -> tuple[Any, ...]:
    """Show what others have changed meanwhile; nothing is sent while nothing has."""
    if isinstance(stored, dict) and _seen(seen)[0] == data_version_of(stored.get("home")):
        raise PreventUpdate
    place = place_of(stored)
    if _seen(seen)[0] == place.home.data_version:
        raise PreventUpdate
    return refresh(place, seen)
