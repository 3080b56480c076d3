"""Publishing the rota and copying a week: each a question, then one use case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from dash import Input, Output, State, callback, html, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.feedback import toast
from components.forms import button, date_field, dialog, field, form_row
from components.tables import simple_table
from components.theme import Status
from pages._rota_cells import skipped_list
from pages._rota_ids import Ids
from pages._rota_place import History, Place, place_of
from pages._rota_refresh import look_again
from pages._undo import say
from rota.access.permissions import Permission
from rota.errors import InvalidInput
from rota.roster.bulk import copy_week
from rota.roster.edits import ApplyPatterns, CopyWeek, Done
from rota.roster.patterns import apply_patterns
from rota.roster.publishing import DraftChange, draft_changes, publish
from server.context import current_actor, reading, working
from server.gate import requires

#: rows of a list of changes that are shown; the rest is a number
MOST_SHOWN = 40


def publish_dialog() -> Component:
    """What will be told to whom, before it is."""
    return dialog(
        Ids.PUBLISH_DIALOG,
        "Publish the rota",
        html.Div(id=Ids.PUBLISH_BODY),
        actions=[button("Publish", id=Ids.PUBLISH_GO, kind="primary", icon_name="send")],
        size="lg",
    )


def copy_dialog(monday: date) -> Component:
    """From which week to which."""
    return dialog(
        Ids.COPY_DIALOG,
        "Copy a week",
        [
            html.P("Everybody's shifts of one week are written again in another. People who have"
                   " a shift already, are away or may not by the rules are skipped and listed."),
            form_row(
                field("From the week of", date_field(Ids.COPY_FROM, monday), required=True),
                field(
                    "To the week of",
                    date_field(Ids.COPY_TO, monday + timedelta(weeks=1)),
                    required=True,
                ),
            ),
        ],
        actions=[button("Copy", id=Ids.COPY_GO, kind="primary", icon_name="copy")],
    )  # fmt: skip


def fill_dialog(place: Place) -> Component:
    """Whose patterns, over which days."""
    where = place.unit_name or place.home.name
    return dialog(
        Ids.FILL_DIALOG,
        "Fill from patterns",
        html.P(
            f"Everybody's rolling pattern in {where} is written out from "
            f"{formats.period(place.period.start, place.period.end)}. Days that have a shift stay "
            "as they are; who is away or may not by the rules is skipped and listed."
        ),
        actions=[button("Fill", id=Ids.FILL_GO, kind="primary", icon_name="arrow-repeat")],
    )


@callback(
    Output(Ids.PUBLISH_DIALOG, "is_open"),
    Output(Ids.PUBLISH_BODY, "children"),
    Output(Ids.PUBLISH_GO, "disabled"),
    Input(Ids.PUBLISH, "n_clicks"),
    State(Ids.PLACE, "data"),
    prevent_initial_call=True,
)
@requires(Permission.PUBLISH_ROTA)
def open_publish(clicks: int | None, stored: object) -> tuple[Any, ...]:
    """The list of what has changed, for whom, and at what notice."""
    if not clicks:
        raise PreventUpdate
    place = place_of(stored)
    current_actor().require(Permission.PUBLISH_ROTA, place.home.id)
    with reading() as session:
        changes = draft_changes(session, place.home.id, place.unit_id, place.period)
    return True, _changes(changes), not changes


def _changes(changes: Sequence[DraftChange]) -> Component:
    if not changes:
        return html.P("Nothing has changed since the rota was last published.")
    people = len({change.staff_id for change in changes if change.staff_id is not None})
    shortest = min(change.notice_days for change in changes)
    rows = [
        (change.name, formats.day(change.day), change.text, _notice(change.notice_days))
        for change in changes[:MOST_SHOWN]
    ]
    parts: list[Component] = [
        html.P(
            f"{formats.plural(len(changes), 'change')} for {formats.plural(people, 'person', 'people')}; "
            f"the shortest notice is {_notice(shortest)}."
        ),
        simple_table(["Person", "Day", "Change", "Notice"], rows, caption="Changes to publish"),
    ]
    if len(changes) > MOST_SHOWN:
        parts.append(html.P(f"and {len(changes) - MOST_SHOWN} more", className="muted"))
    return html.Div(parts)


def _notice(days: int) -> str:
    return formats.plural(days, "day") if days >= 0 else "in the past"


@callback(
    Output(Ids.PUBLISH_DIALOG, "is_open", allow_duplicate=True),
    Input(Ids.PUBLISH_GO, "n_clicks"),
    State(Ids.PLACE, "data"),
    prevent_initial_call=True,
)
@requires(Permission.PUBLISH_ROTA)
def go_publish(clicks: int | None, stored: object) -> bool:
    """Publish what the dialog listed."""
    if not clicks:
        raise PreventUpdate
    place = place_of(stored)
    with working() as uow:
        published = publish(uow, place.home.id, place.unit_id, place.period)
        uow.commit()
    words = (
        f"Version {published.number} published: {formats.plural(len(published.changes), 'change')} "
        f"for {formats.plural(published.people, 'person', 'people')}"
    )
    say(toast(Status.GOOD, words))
    look_again()
    return False


@callback(
    Output(Ids.COPY_DIALOG, "is_open"),
    Input(Ids.COPY, "n_clicks"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_ROTA)
def open_copy(clicks: int | None) -> bool:
    """Ask from which week to which."""
    if not clicks:
        raise PreventUpdate
    return True


@callback(
    Output(Ids.COPY_DIALOG, "is_open", allow_duplicate=True),
    Output(Ids.HISTORY, "data", allow_duplicate=True),
    Input(Ids.COPY_GO, "n_clicks"),
    State(Ids.COPY_FROM, "value"),
    State(Ids.COPY_TO, "value"),
    State(Ids.PLACE, "data"),
    State(Ids.HISTORY, "data"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_ROTA)
def go_copy(
    clicks: int | None, source: object, target: object, stored: object, past: object
) -> tuple[Any, ...]:
    """Copy the week; the open grid follows by itself."""
    if not clicks:
        raise PreventUpdate
    place = place_of(stored)
    command = CopyWeek(place.home.id, _day(source), _day(target), place.unit_id)
    with working() as uow:
        done = copy_week(uow, command)
        uow.commit()
    _say_what_was_done(done)
    return False, History.of(past).done(done.change_set_id).stored()


@callback(
    Output(Ids.FILL_DIALOG, "is_open"),
    Input(Ids.FILL, "n_clicks"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_ROTA)
def open_fill(clicks: int | None) -> bool:
    """Ask before everybody's pattern is written out."""
    if not clicks:
        raise PreventUpdate
    return True


@callback(
    Output(Ids.FILL_DIALOG, "is_open", allow_duplicate=True),
    Output(Ids.HISTORY, "data", allow_duplicate=True),
    Input(Ids.FILL_GO, "n_clicks"),
    State(Ids.PLACE, "data"),
    State(Ids.HISTORY, "data"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_ROTA)
def go_fill(clicks: int | None, stored: object, past: object) -> tuple[Any, ...]:
    """Write everybody's pattern out over the weeks shown; the open grid follows by itself."""
    if not clicks:
        raise PreventUpdate
    place = place_of(stored)
    with working() as uow:
        done = apply_patterns(uow, ApplyPatterns(place.home.id, place.period, place.unit_id))
        uow.commit()
    _say_what_was_done(done)
    return False, History.of(past).done(done.change_set_id).stored()


def _say_what_was_done(done: Done) -> None:
    """A toast with undo; what was skipped, and why, is listed in the panel."""
    written = formats.plural(len(done.shift_ids), "shift")
    hint = f"{len(done.skipped)} skipped, listed beside the rota" if done.skipped else ""
    kind = Status.WARN if done.skipped else Status.GOOD
    words = f"{done.label}: {written}"
    say(toast(kind, words, hint=hint, undo_token=str(done.change_set_id)))
    look_again()
    if done.skipped:
        set_props(Ids.DRAWER_TITLE, {"children": f"Skipped {len(done.skipped)}"})
        set_props(Ids.DRAWER_BODY, {"children": skipped_list(done.skipped)})
        set_props(Ids.DRAWER, {"is_open": True})


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInput("Choose two days.", hint="Any day of the week will do.") from error
