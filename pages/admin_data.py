"""Administration of reference data: one editor for every table of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.feedback import empty_state, toast
from components.filters import segmented
from components.forms import (
    button,
    field,
    form_row,
    link_button,
    text_field,
)
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._admin_parts import admin_tabs
from pages._inputs import afresh, clicked, text_of, whole
from pages._record_forms import control, difference, given
from rota.access.permissions import Permission
from rota.administration import service
from rota.administration.catalogue import TABLES, table_called
from rota.administration.fields import Choices, Field, Kind
from rota.administration.tables import Table
from rota.errors import InvalidInput
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/admin/data/"
NEW = "new"


class Ids:
    """What callbacks of this page address."""

    SEARCH = "admin-data-search"
    FIELD = "admin-data-field"
    REASON = "admin-data-reason"
    SAVE = "admin-data-save"
    REMOVE = "admin-data-remove"
    BACK = "admin-data-put-back"
    MARK = "admin-data-mark"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Reference data",
    title="Reference data · Staff Rota",
    order=91,
    permission=Permission.ADMINISTER,
)


def layout(**query: Any) -> Component:
    """One table, with one of its rows opened or a new one begun."""
    state = parse_query(query)
    table = table_called(state.view or TABLES[0].key)
    actor = current_actor()
    with reading() as session:
        lists = service.choices_of(session, table)
        shown = service.rows(session, actor, table, search=state.q)
        opened = service.row(session, actor, table, state.row) if state.row else None
        past = service.history(session, actor, table, state.row) if state.row else []
    here = ScreenState(view=table.key)
    # always there: the callback of "put back" listens to any number of buttons, also none
    body: list[Component] = [dcc.Store(Ids.MARK, data=opened.mark if opened else "")]
    if opened is not None or state.status == NEW:
        body.append(_form(table, opened, lists, here))
    if opened is not None and past:
        body.append(_history(table, past, lists))
    body.append(field("Find", text_field(Ids.SEARCH, state.q, kind="search", debounce=True)))
    body.append(_rows(table, shown, lists, here))
    return page(
        "Administration",
        [
            admin_tabs("Reference data"),
            html.Div(
                segmented(
                    "Table",
                    [
                        (one.title, ScreenState(view=one.key).href(PATH), one is table, one.title)
                        for one in TABLES
                    ],
                ),
                className="segment-rows",
            ),
            *body,
        ],
        subtitle=table.about,
        primary=link_button(f"New {table.one}", here.to(status=NEW).href(PATH), kind="primary"),
    )


def _rows(
    table: Table, shown: Sequence[service.RowView], lists: Mapping[str, Choices], here: ScreenState
) -> Component:
    if not shown:
        return empty_state(f"No {table.one} yet", f"“New {table.one}” makes the first one.")
    listed = [f for f in table.fields if f.listed]
    rows = []
    for one in shown:
        cells: list[Any] = [f.show(one.values[f.key], lists.get(f.key, ())) for f in listed]
        cells[0] = dcc.Link(cells[0], href=here.to(row=one.id).href(PATH))
        rows.append(cells)
    titles: list[Any] = [
        (f.label, "num")
        if f.kind in (Kind.WHOLE, Kind.MONEY, Kind.HOURS, Kind.DECIMAL)
        else f.label
        for f in listed
    ]
    return card(simple_table(titles, rows, caption=table.title), flush=True)


def _form(
    table: Table,
    opened: service.RowView | None,
    lists: Mapping[str, Choices],
    here: ScreenState,
) -> Component:
    controls = [
        control(
            Ids.FIELD,
            f,
            opened.values.get(f.key) if opened else _beginning(f),
            lists,
            opened is not None,
        )
        for f in table.fields
    ]
    reason = field(
        "Reason",
        text_field(Ids.REASON, "", maxlength=400),
        hint="Needed for a row that is in force." if opened and table.dated else "",
    )
    remove = html.Div(
        button("Delete", id=Ids.REMOVE, kind="danger", icon_name="trash"),
        hidden=opened is None or not table.deletable,
    )
    return card(
        [
            form_row(*controls),
            reason,
            html.Div(
                [
                    button("Create" if opened is None else "Save", id=Ids.SAVE, kind="primary"),
                    link_button("Cancel", here.href(PATH)),
                    remove,
                ],
                className="actions",
            ),
        ],
        title=f"New {table.one}" if opened is None else f"Change {table.one}",
    )


def _beginning(f: Field) -> Any:
    """What a new row starts with: in use, and otherwise nothing."""
    return (f.kind is Kind.FLAG and f.key in ("is_active", "counts_to_cover")) or None


def _history(
    table: Table, past: Sequence[service.Change], lists: Mapping[str, Choices]
) -> Component:
    rows = [
        [
            formats.moment(one.at),
            one.actor,
            one.action,
            difference(table, one, lists),
            one.reason,
            button(
                "Put back", id={"type": Ids.BACK, "row": one.id}, icon_name="arrow-counterclockwise"
            ),
        ]
        for one in past
    ]
    return card(
        simple_table(["When", "Who", "Did", "What", "Reason", ""], rows, caption="History"),
        title="History",
        flush=True,
    )


@callback(
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SEARCH, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def find_rows(text: Any, search: str | None) -> Any:
    """Search the table."""
    state = parse_search(search)
    wanted = text_of(text, 100)
    return no_update if wanted == state.q else state.to(q=wanted, row=None).href(PATH)


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    Input(Ids.REMOVE, "n_clicks"),
    State({"type": Ids.FIELD, "key": ALL}, "value"),
    State({"type": Ids.FIELD, "key": ALL}, "id"),
    State(Ids.REASON, "value"),
    State(Ids.MARK, "data"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def save_row(
    saved: int | None, removed: int | None, values: Any, ids: Any, reason: Any, mark: Any,
    search: str | None,
) -> tuple[Any, Any]:  # fmt: skip
    """Make, change or delete a row."""
    if not saved and not removed:
        return no_update, no_update
    state = parse_search(search)
    table = table_called(state.view or TABLES[0].key)
    words, seen = text_of(reason, 400), text_of(mark, 64)
    with working() as uow:
        if ctx.triggered_id == Ids.REMOVE:
            if state.row is None:
                raise InvalidInput("Choose a row first.")
            done = service.remove(uow, table, state.row, mark=seen, reason=words)
            said = f"The {table.one} was deleted"
        else:
            raw = given(values, ids)
            done = service.save(uow, table, state.row, raw, mark=seen, reason=words)
            said = f"The {table.one} was saved"
        uow.commit()
    here = ScreenState(view=table.key).href(PATH)
    return [toast(Status.GOOD, said, hint=done.note)], afresh(here, search)


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input({"type": Ids.BACK, "row": ALL}, "n_clicks"),
    State(Ids.MARK, "data"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def put_back(_clicks: Any, mark: Any, search: str | None) -> tuple[Any, Any]:
    """Undo one change of the row that is open."""
    identity = clicked(ctx)
    state = parse_search(search)
    table = table_called(state.view or TABLES[0].key)
    with working() as uow:
        service.put_back(uow, table, whole(identity, "row"), mark=text_of(mark, 64))
        uow.commit()
    here = ScreenState(view=table.key).href(PATH)
    return [toast(Status.GOOD, f"The {table.one} is as it was before")], afresh(here, search)
