"""People: the records of a home's staff, one of them opened with everything that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components.cards import card
from components.feedback import empty_state, toast
from components.filters import Choices, Option, filter_bar
from components.forms import field, link_button, text_field
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._inputs import afresh, day_of, text_of
from pages._people_parts import (
    NEW,
    PATH,
    Ids,
    history_card,
    leaver_card,
    part_card,
    person_form,
    standing,
)
from pages._record_forms import given
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, choose_unit, homes_of
from rota.administration import people, service
from rota.administration.fields import Choices as Listed
from rota.administration.subjects_people import PARTS, PEOPLE
from rota.calendar import london_today
from rota.database import Session
from rota.errors import InvalidInput
from rota.leave.leaving import record_leaver, undo_leaver
from rota.leave.release import released_text
from server.context import current_actor, reading, working
from server.gate import requires

dash.register_page(
    __name__,
    path=PATH,
    name="People",
    title="People · Staff Rota",
    order=85,
    icon="people",
    permission=Permission.EDIT_PEOPLE,
)


def layout(**query: Any) -> Component:
    """The people of a home; one of them opened, or a new one begun."""
    state = parse_query(query)
    actor = current_actor()
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("People", empty_state("No home yet", "An administrator gives you one."))
        if state.person is not None:
            return _record(session, state, homes)
        home = choose_home(homes, state.home)
        unit = choose_unit(home, state.unit)
        state = state.to(home=home.id, unit=unit.id if unit else None)
        lists = _lists(session, homes)
        if state.status == NEW:
            return _beginning(state, lists)
        only = {"home_id": home.id, **({"unit_id": unit.id} if unit else {})}
        shown = service.rows(session, actor, PEOPLE, search=state.q, **only)
    choices = Choices(
        PATH,
        homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        units=[Option(u.id, u.name) for u in home.units],
        period=False,
    )
    return page(
        "People",
        [
            field("Find", text_field(Ids.SEARCH, state.q, kind="search", debounce=True)),
            _people(shown, lists, state),
        ],
        subtitle=f"{home.name}: {len(shown)} on record",
        filters=filter_bar(state, choices, today=london_today()),
        primary=link_button("New person", state.to(status=NEW).href(PATH), kind="primary"),
    )


def _lists(session: Session, homes: Sequence[HomeChoice]) -> dict[str, Listed]:
    """What the fields choose from: homes and units the actor works with, nobody else's."""
    lists = dict(service.choices_of(session, PEOPLE))
    mine = {str(home.id) for home in homes}
    units = {str(unit.id) for home in homes for unit in home.units}
    lists["home_id"] = [entry for entry in lists["home_id"] if entry[0] in mine]
    lists["unit_id"] = [entry for entry in lists["unit_id"] if entry[0] in units]
    return lists


def _people(
    shown: Sequence[service.RowView], lists: Mapping[str, Listed], state: ScreenState
) -> Component:
    if not shown:
        return empty_state("Nobody like that", "Search by name, SAP number, grade or unit.")

    def words(row: service.RowView, key: str) -> str:
        return PEOPLE.field(key).show(row.values[key], lists.get(key, ()))

    rows = [
        [
            dcc.Link(
                f"{row.values['first_name']} {row.values['last_name']}",
                href=state.to(person=row.id, q="").href(PATH),
            ),
            row.values["sap_number"],
            words(row, "role_id"),
            words(row, "unit_id").rpartition(": ")[2],
            words(row, "contracted_minutes"),
            words(row, "registration_expires"),
            standing(row.values),
        ]
        for row in shown
    ]
    columns: list[Any] = [
        "Name", "SAP number", "Grade", "Unit", ("Contract", "num"), "Registered until", "State",
    ]  # fmt: skip
    table = simple_table(columns, rows, caption="People")
    return card(html.Div(table, className="table-scroll"), flush=True)


def _beginning(state: ScreenState, lists: Mapping[str, Listed]) -> Component:
    start = {"home_id": state.home, "unit_id": state.unit, "is_active": True}
    return page(
        "New person",
        [person_form(None, start, lists, state.to(status="").href(PATH))],
        subtitle="They can be put on the rota as soon as they are created",
    )


def _record(session: Session, state: ScreenState, homes: Sequence[HomeChoice]) -> Component:
    actor, staff_id = current_actor(), state.person or 0
    opened = service.row(session, actor, PEOPLE, staff_id)
    lists = _lists(session, homes)
    here = ScreenState(home=state.home, unit=state.unit, person=staff_id)
    parts = []
    names: dict[str, Mapping[str, Listed]] = {PEOPLE.key: service.choices_of(session, PEOPLE)}
    for table in PARTS:
        rows = service.rows(session, actor, table, staff_id=staff_id)
        edited = next((row for row in rows if row.id == state.row), None)
        is_open = state.view == table.key and (edited is not None or state.status == NEW)
        names[table.key] = service.choices_of(session, table)
        opened_part = edited if is_open else None
        parts.append(
            part_card(table, rows, names[table.key], here, edited=opened_part, is_open=is_open)
        )
    past = people.record_history(session, actor, staff_id)
    name = f"{opened.values['first_name']} {opened.values['last_name']}"
    back = here.to(person=None)
    return page(
        name,
        [
            person_form(opened, opened.values, lists, back.href(PATH)),
            *parts,
            leaver_card(people.last_day(session, staff_id)),
            history_card(past, names),
        ],
        subtitle=f"SAP number {opened.values['sap_number']}",
        secondary=[link_button("All people", back.href(PATH))],
    )


@callback(
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SEARCH, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_PEOPLE)
def find_people(text: Any, search: str | None) -> Any:
    """Search the people of the home."""
    state = parse_search(search)
    wanted = text_of(text, 100)
    return no_update if wanted == state.q else state.to(q=wanted).href(PATH)


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    State({"type": Ids.FIELD, "key": ALL}, "value"),
    State({"type": Ids.FIELD, "key": ALL}, "id"),
    State(Ids.MARK, "data"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_PEOPLE)
def save_person(
    saved: int | None, values: Any, ids: Any, mark: Any, search: str | None
) -> tuple[Any, Any]:
    """Create a person or change the record; whoever saves second is told."""
    if not saved:
        return no_update, no_update
    state = parse_search(search)
    with working() as uow:
        done = service.save(uow, PEOPLE, state.person, given(values, ids), mark=text_of(mark, 64))
        uow.commit()
    said = "The record was saved" if state.person else "The person was created"
    here = state.to(person=done.row_id, status="", view="", row=None)
    return [toast(Status.GOOD, said, hint=done.note)], afresh(here.href(PATH), search)


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.PART_SAVE, "n_clicks"),
    Input(Ids.PART_REMOVE, "n_clicks"),
    State({"type": Ids.PART_FIELD, "key": ALL}, "value"),
    State({"type": Ids.PART_FIELD, "key": ALL}, "id"),
    State(Ids.PART_MARK, "data"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_PEOPLE)
def save_part(
    saved: int | None, removed: int | None, values: Any, ids: Any, mark: Any, search: str | None
) -> tuple[Any, Any]:
    """Add, change or remove training, an opt-out or a limit of the person in the address."""
    if not saved and not removed:
        return no_update, no_update
    state = parse_search(search)
    table, seen = people.part_called(state.view), text_of(mark, 64)
    if state.person is None:
        raise InvalidInput("Choose a person first.")
    with working() as uow:
        if ctx.triggered_id == Ids.PART_REMOVE:
            if state.row is None:
                raise InvalidInput("Choose an entry first.")
            service.remove(uow, table, state.row, mark=seen)
            said = f"The {table.one} was removed"
        else:
            raw = {**given(values, ids), "staff_id": state.person}
            service.save(uow, table, state.row, raw, mark=seen)
            said = f"The {table.one} was saved"
        uow.commit()
    here = state.to(status="", view="", row=None)
    return [toast(Status.GOOD, said)], afresh(here.href(PATH), search)


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.LEAVE, "n_clicks"),
    Input(Ids.STAY, "n_clicks"),
    State(Ids.LAST_DAY, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_PEOPLE)
def leave(left: int | None, stayed: int | None, day: Any, search: str | None) -> tuple[Any, Any]:
    """Record the last day, or take it back."""
    if not left and not stayed:
        return no_update, no_update
    state = parse_search(search)
    if state.person is None:
        raise InvalidInput("Choose a person first.")
    with working() as uow:
        if ctx.triggered_id == Ids.LEAVE:
            done = record_leaver(uow, state.person, day_of(day, "The last day"))
            said, hint = f"{done.name} leaves", released_text(done.released)
        else:
            said = f"{undo_leaver(uow, state.person, None)} stays"
            hint = "Shifts that became vacancies stay open."
        uow.commit()
    here = state.to(status="", view="", row=None)
    return [toast(Status.GOOD, said, hint=hint)], afresh(here.href(PATH), search)
