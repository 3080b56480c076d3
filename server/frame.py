"""The callbacks of the frame: what the search finds and the counts beside the navigation.

Registered by a function, once per application, like everything outside ``pages/``.
"""

from __future__ import annotations

from typing import Any

import dash
from dash import ALL, Input, Output, State
from dash.development.base_component import Component

from components import shell
from components.cards import badge
from components.overlays import SearchHit, search_results
from components.state import ScreenState
from components.theme import Status
from rota.access.actor import Actor
from rota.access.finding import Found, Kind, find
from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.overview.queries import FORTNIGHT, open_shifts, waiting_leave
from server.context import current_actor, reading
from server.gate import requires

#: where each kind of thing leads
_PATHS = {Kind.PERSON: "/rota/", Kind.UNIT: "/rota/", Kind.DAY: "/rota/", Kind.HOME: "/dashboard/"}


def register(app: dash.Dash) -> None:
    """Add the frame's callbacks to ``app``."""

    @app.callback(
        Output(shell.Ids.SEARCH_RESULTS, "children"),
        Input(shell.Ids.SEARCH_INPUT, "value"),
        prevent_initial_call=True,
    )
    @requires(Permission.VIEW_ROTA)
    def search(value: object) -> list[Component]:
        """What matches the words, pages first."""
        text = value.strip() if isinstance(value, str) else ""
        actor = current_actor()
        with reading() as session:
            found = find(session, actor, text, london_today())
        return search_results([*_pages(actor, text), *map(_hit, found)], text)

    @app.callback(
        Output({"type": shell.Ids.BADGE_TYPE, "path": ALL}, "children"),
        Input("_pages_location", "pathname"),
        State({"type": shell.Ids.BADGE_TYPE, "path": ALL}, "id"),
    )
    @requires(Permission.VIEW_ACCOUNT)
    def counts(_pathname: object, ids: list[dict[str, Any]]) -> list[Any]:
        """What waits, on every change of page."""
        waiting = waiting_counts(current_actor())
        return [
            waiting.get(str(entry.get("path")), "") if isinstance(entry, dict) else ""
            for entry in ids
        ]


def waiting_counts(actor: Actor) -> dict[str, Component]:
    """The badges of the navigation by address: open shifts of a fortnight, leave to decide."""
    today = london_today()
    shown: dict[str, tuple[int, str]] = {}
    with reading() as session:
        if actor.may(Permission.FILL_VACANCY):
            count = open_shifts(session, actor.home_ids, today, FORTNIGHT)
            shown["/vacancies/"] = (count, "open shifts in a fortnight")
        if actor.may(Permission.DECIDE_LEAVE):
            count = waiting_leave(session, actor.home_ids).count
            shown["/leave/"] = (count, "requests waiting")
    return {
        path: badge(count, label=of, status=Status.WARN)
        for path, (count, of) in shown.items()
        if count
    }


def _pages(actor: Actor, text: str) -> list[SearchHit]:
    if len(text) < 2:
        return []
    return [
        SearchHit("Page", page["name"], page["path"])
        for page in dash.page_registry.values()
        if "icon" in page
        and actor.may(page["permission"])
        and page["name"].lower().startswith(text.lower())
    ]


def _hit(found: Found) -> SearchHit:
    state = ScreenState(home=found.home_id, unit=found.unit_id, person=found.person_id)
    if found.kind is Kind.DAY:
        state = ScreenState(start=found.day, weeks=1)
    return SearchHit(found.kind.value, found.name, state.href(_PATHS[found.kind]), found.detail)
