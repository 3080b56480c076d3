"""Colours the free cells of the grid while one paints: free, warned or barred, with the rule."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback
from dash.exceptions import PreventUpdate

from pages._rota_ids import Ids
from pages._rota_place import place_of
from rota.access.permissions import Permission
from rota.errors import InvalidInput
from rota.roster.painting import shades
from rota.rules import Severity
from server.context import current_actor, reading
from server.gate import requires

_LONGEST_CODE = 40
_LETTERS = {Severity.WARNED: "warned", Severity.BARRED: "barred"}


@callback(
    Output(Ids.SHADES, "data"),
    Input(Ids.BRUSH, "data"),
    State(Ids.PLACE, "data"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_ROTA)
def shade(brush: object, stored: object) -> dict[str, Any]:
    """What the rules say of the picked code, cell by cell: (kind, words)."""
    code = brush.get("code") if isinstance(brush, dict) else None
    if not code:
        raise PreventUpdate
    if not isinstance(code, str) or len(code) > _LONGEST_CODE:
        raise InvalidInput("That is no shift code.", hint="Choose one of the palette.")
    place = place_of(stored)
    current_actor().require(Permission.EDIT_ROTA, place.home.id)
    with reading() as session:
        found = shades(session, place.home.id, place.unit_id, place.period, code)
    cells: dict[str, dict[str, tuple[str, str]]] = {}
    for entry in found:
        words = (_LETTERS[entry.severity], entry.words)
        cells.setdefault(f"p{entry.staff_id}", {})[entry.day.isoformat()] = words
    return {"grid": Ids.GRID, "code": code, "cells": cells}


clientside_callback(
    ClientsideFunction("rota", "shade"),
    Output(Ids.SHADED, "data"),
    Input(Ids.SHADES, "data"),
    prevent_initial_call=True,
)
