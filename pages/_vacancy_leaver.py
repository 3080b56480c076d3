"""Somebody leaves: the question on the vacancies screen, and what follows."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, callback, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.feedback import toast
from components.forms import button, date_field, dialog, field, form_row, select
from components.state import parse_search
from components.theme import Status
from pages._inputs import afresh, day_of, whole
from pages._undo import LEAVER, say
from pages._vacancy_parts import PATH, Ids
from rota.access.permissions import Permission
from rota.access.scope import choose_home, homes_of
from rota.leave.leaving import record_leaver
from rota.leave.queries import people_of
from rota.leave.release import released_text
from server.context import current_actor, reading, working
from server.gate import requires

OPEN, DIALOG = "vacancies-leaver-open", "vacancies-leaver"
PERSON, DAY, SEND = "vacancies-leaver-person", "vacancies-leaver-day", "vacancies-leaver-send"


def leaver_button() -> Component:
    """Opens the question."""
    return button("Somebody leaves…", id=OPEN, icon_name="box-arrow-right")


def leaver_dialog() -> Component:
    """Who leaves, and which day is the last; the names come when it opens."""
    return dialog(
        DIALOG,
        "Somebody leaves",
        [
            form_row(
                field("Who", select(PERSON, [("", "Choose…")], ""), required=True),
                field("Last day", date_field(DAY), required=True),
            ),
            html.P("Their shifts after that day become vacancies at once.", className="muted"),
        ],
        actions=[button("Record it", id=SEND, kind="primary")],
    )


@callback(
    Output(DIALOG, "is_open"), Output(PERSON, "options"), Output(PERSON, "value"),
    Input(OPEN, "n_clicks"),
    State(Ids.GO, "search"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def open_leaver(clicks: Any, search: str | None) -> Any:
    """Ask who, among the home's people."""
    if not clicks:
        raise PreventUpdate
    actor = current_actor()
    with reading() as session:
        home = choose_home(homes_of(session, actor), parse_search(search).home)
        people = people_of(session, actor, home.id)
    options = [("", "Choose…"), *((str(key), words) for key, words in people)]
    return True, [{"value": key, "label": words} for key, words in options], ""


@callback(
    Output(Ids.GO, "href", allow_duplicate=True), Input(SEND, "n_clicks"),
    State(PERSON, "value"), State(DAY, "value"), State(Ids.GO, "search"),
    prevent_initial_call=True, running=[(Output(SEND, "disabled"), True, False)],
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def send_leaver(clicks: Any, person: Any, day: Any, search: str | None) -> str:
    """Record the last day; the shifts after it become vacancies."""
    if not clicks:
        raise PreventUpdate
    with working() as uow:
        done = record_leaver(uow, whole({"id": person}, "id"), day_of(day, "The last day"))
        uow.commit()
    hint = ""
    if done.leave_after:
        hint = f"{formats.plural(done.leave_after, 'leave request')} after it to be looked at."
    say(
        toast(
            Status.GOOD,
            f"{done.name} leaves after {formats.day_year(done.last_day)}: "
            f"{released_text(done.released)}",
            hint=hint,
            undo_token=f"{LEAVER}{done.staff_id}-{done.released.change_set_id or 0}",
        )
    )
    return afresh(parse_search(search).to(view="").href(PATH), search)
