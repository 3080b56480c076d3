"""What is published: the draft compared with it in the grid, the versions, taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import (
    ALL,
    ClientsideFunction,
    Input,
    Output,
    State,
    callback,
    clientside_callback,
    ctx,
    html,
    no_update,
)
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.cards import chip
from components.feedback import toast
from components.forms import button, dialog, field, text_field
from components.tables import simple_table
from components.theme import Status
from pages._rota_ids import Ids
from pages._rota_place import History, Place, place_of, whole_number
from pages._rota_refresh import look_again
from pages._undo import say
from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.errors import InvalidInput
from rota.roster.publishing import draft_changes
from rota.roster.versions import Version, restore, unpublish, versions
from server.context import current_actor, reading, working
from server.gate import requires

VERSION = "rota-version"


def versions_dialog() -> Component:
    """The versions of the weeks shown, and what can be done with each."""
    return dialog(
        Ids.VERSIONS_DIALOG,
        "Published versions",
        [
            html.Div(id=Ids.VERSIONS_BODY),
            field(
                "Reason for taking a version back",
                text_field(Ids.VERSIONS_REASON, maxlength=300),
                hint="People no longer see these weeks then. It is kept in the audit.",
            ),
        ],
        actions=[],
        size="lg",
    )


@callback(
    Output(Ids.VERSIONS_DIALOG, "is_open"),
    Output(Ids.VERSIONS_BODY, "children"),
    Input(Ids.VERSIONS, "n_clicks"),
    State(Ids.PLACE, "data"),
    prevent_initial_call=True,
)
@requires(Permission.PUBLISH_ROTA)
def open_versions(clicks: int | None, stored: object) -> tuple[bool, Component]:
    """List the versions that touch the weeks shown."""
    if not clicks:
        raise PreventUpdate
    return True, _listed(place_of(stored))


def _listed(place: Place) -> Component:
    current_actor().require(Permission.PUBLISH_ROTA, place.home.id)
    with reading() as session:
        found = versions(session, place.home.id, place.unit_id, place.period)
    return _table(found)


def _table(found: Sequence[Version]) -> Component:
    if not found:
        return html.P("Nothing has been published for these weeks yet.")
    rows = [
        [
            str(version.number),
            html.Div(
                [
                    html.Div(formats.period(version.period.start, version.period.end)),
                    html.Div(version.unit or "Whole home", className="muted"),
                ]
            ),
            html.Div(
                [
                    html.Div(formats.moment(version.published_at)),
                    html.Div(version.by or "Import", className="muted"),
                ]
            ),
            _since(version),
            _state(version),
            _buttons(version),
        ]
        for version in found
    ]
    heads = ["No.", "Weeks", "Published", "Changed since", "State", ""]
    return simple_table(heads, rows, caption="Published versions, newest first")


def _since(version: Version) -> str:
    if not version.changes:
        return "Nothing"
    words = formats.plural(version.changes, "shift")
    notice = version.shortest_notice_hours or 0
    if notice < 0:
        return f"{words}, one after it had begun"
    span = formats.plural(int(notice // 24), "day") if notice >= 48 else f"{notice:.0f} h"
    return f"{words}, shortest notice {span}"


def _state(version: Version) -> Component:
    if version.withdrawn_at is not None:
        return chip("Taken back", Status.WARN)
    return chip("In force", Status.GOOD) if version.in_force else chip("Earlier", Status.NEUTRAL)


def _buttons(version: Version) -> Component:
    parts = []
    if version.shifts:
        parts.append(
            button(
                "Restore",
                id={"type": VERSION, "do": "restore", "id": version.id},
                title=f"Put the rota back as it was in version {version.number}, and publish it",
            )
        )
    if version.in_force and version.period.end >= london_today():
        parts.append(
            button(
                "Take back",
                id={"type": VERSION, "do": "unpublish", "id": version.id},
                kind="danger",
                title="Make these weeks a draft again",
            )
        )
    return html.Div(parts, className="actions")


@callback(
    Output(Ids.VERSIONS_BODY, "children", allow_duplicate=True),
    Output(Ids.HISTORY, "data", allow_duplicate=True),
    Input({"type": VERSION, "do": ALL, "id": ALL}, "n_clicks"),
    State(Ids.VERSIONS_REASON, "value"),
    State(Ids.PLACE, "data"),
    State(Ids.HISTORY, "data"),
    prevent_initial_call=True,
)
@requires(Permission.PUBLISH_ROTA)
def act_on_version(clicks: object, reason: object, stored: object, past: object) -> tuple[Any, ...]:
    """Restore a version, or take one back; the open grid follows by itself."""
    asked = ctx.triggered_id
    if not isinstance(asked, dict) or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    place, version_id = place_of(stored), whole_number(asked.get("id"))
    history: Any = no_update
    with working() as uow:
        if asked.get("do") == "restore":
            done = restore(uow, version_id)
            uow.commit()
            words = f"Restored and published as version {done.number}"
            hint = f"{formats.plural(len(done.left_open), 'shift')} left open: " + "; ".join(
                done.left_open[:3]
            )
            token = str(done.change_set_id)
            say(
                toast(
                    Status.WARN if done.left_open else Status.GOOD,
                    f"{words}: {formats.plural(done.shifts, 'shift')}",
                    hint=hint if done.left_open else "",
                    undo_token=token,
                )
            )
            history = History.of(past).done(done.change_set_id).stored()
        elif asked.get("do") == "unpublish":
            count = unpublish(uow, version_id, reason if isinstance(reason, str) else "")
            uow.commit()
            verb = "is a draft" if count == 1 else "are a draft"
            say(toast(Status.GOOD, f"Taken back: {formats.plural(count, 'shift')} {verb}"))
        else:
            raise InvalidInput("That could not be read.", hint="Load the page again.")
    look_again()
    return _listed(place), history


@callback(
    Output(Ids.COMPARED, "data"),
    Output(Ids.COMPARE, "aria-pressed"),
    Input(Ids.COMPARE, "n_clicks"),
    Input(Ids.SEEN, "data"),
    State(Ids.PLACE, "data"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_ROTA)
def compare(clicks: int | None, seen: object, stored: object) -> tuple[Any, str]:
    """What people last saw in the cells that have changed since; a second press takes it off."""
    if not isinstance(clicks, int) or not clicks:
        raise PreventUpdate
    if clicks % 2 == 0:
        if ctx.triggered_id != Ids.COMPARE:
            raise PreventUpdate
        return {"grid": Ids.GRID, "cells": None}, "false"
    place = place_of(stored)
    current_actor().require(Permission.EDIT_ROTA, place.home.id)
    with reading() as session:
        changes = draft_changes(session, place.home.id, place.unit_id, place.period)
    cells: dict[str, dict[str, str]] = {}
    for change in changes:
        if change.staff_id is not None:
            line = cells.setdefault(f"p{change.staff_id}", {})
            day = change.day.isoformat()
            line[day] = change.before or line.get(day, "")
    if ctx.triggered_id == Ids.COMPARE:
        count = sum(len(days) for days in cells.values())
        verb = "differs" if count == 1 else "differ"
        words = f"{formats.plural(count, 'cell')} {verb} from what was published"
        say(toast(Status.INFO, words if count else "Nothing differs from what was published"))
    return {"grid": Ids.GRID, "cells": cells}, "true"


clientside_callback(
    ClientsideFunction("rota", "compare"),
    Output(Ids.MERGED, "data", allow_duplicate=True),
    Input(Ids.COMPARED, "data"),
    prevent_initial_call=True,
)
