"""The parts of a person's record: values in, components out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import card, chip
from components.forms import button, date_field, field, form_row, link_button
from components.state import ScreenState
from components.tables import simple_table
from components.theme import Status
from pages._record_forms import control, difference
from rota.administration.fields import Choices
from rota.administration.service import Change, RowView
from rota.administration.subjects_people import PEOPLE
from rota.administration.tables import Table
from rota.calendar import date_text, london_today

PATH = "/people/"
NEW = "new"
#: days before it runs out that a registration is pointed at
_SOON_DAYS = 60
#: the form in groups: what somebody is, the contract, the pattern, the address
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Person", ("first_name", "last_name", "sap_number", "date_of_birth", "email", "phone")),
    (
        "Employment",
        ("role_id", "home_id", "unit_id", "employment", "contracted_minutes", "started_on",
         "works_other_homes", "is_active"),
    ),
    ("Registration", ("registration_number", "registration_expires")),
    ("Usual work", ("team", "pattern_id", "pattern_anchor", "preferred_shift")),
)  # fmt: skip


class Ids:
    """What callbacks of the page address."""

    SEARCH = "people-search"
    FIELD = "people-field"
    MARK = "people-mark"
    SAVE = "people-save"
    PART_FIELD = "people-part-field"
    PART_MARK = "people-part-mark"
    PART_SAVE = "people-part-save"
    PART_REMOVE = "people-part-remove"
    LAST_DAY = "people-last-day"
    LEAVE = "people-leave"
    STAY = "people-stay"
    LOCATION = "_pages_location"


def standing(values: Mapping[str, Any]) -> Component:
    """Whether somebody works here, and whether the registration is about to run out."""
    if not values["is_active"]:
        return chip("Not here any more", Status.NEUTRAL)
    expires: date | None = values["registration_expires"]
    if expires is not None and expires < london_today():
        return chip("Registration expired", Status.BAD)
    if expires is not None and (expires - london_today()).days <= _SOON_DAYS:
        return chip("Registration runs out", Status.WARN)
    return chip("Works here", Status.GOOD)


def person_form(
    opened: RowView | None,
    values: Mapping[str, Any],
    lists: Mapping[str, Choices],
    back: str,
) -> Component:
    """The record itself; a new one asks for the SAP number as well."""
    exists = opened is not None
    groups = [
        html.Fieldset(
            [
                html.Legend(title, className="form-legend"),
                form_row(
                    *(
                        control(Ids.FIELD, PEOPLE.field(key), values.get(key), lists, exists)
                        for key in keys
                    )
                ),
            ]
        )
        for title, keys in _GROUPS
    ]
    return card(
        [
            dcc.Store(Ids.MARK, data=opened.mark if opened else ""),
            *groups,
            html.Div(
                [
                    button("Save" if exists else "Create", id=Ids.SAVE, kind="primary"),
                    link_button("Cancel", back),
                ],
                className="actions",
            ),
        ],
        title="Record" if exists else "Who starts",
    )


def part_card(
    table: Table,
    rows: Sequence[RowView],
    lists: Mapping[str, Choices],
    here: ScreenState,
    *,
    edited: RowView | None,
    is_open: bool,
) -> Component:
    """One part of the record: its entries, and the form of the one that is open."""
    shown = [f for f in table.fields if f.listed]
    lines = []
    for row in rows:
        cells: list[Any] = [f.show(row.values[f.key], lists.get(f.key, ())) for f in shown]
        cells[0] = dcc.Link(cells[0], href=here.to(view=table.key, row=row.id).href(PATH))
        lines.append(cells)
    parts: list[Component] = []
    if lines:
        heads: list[Any] = [f.label for f in shown]
        parts.append(html.Div(simple_table(heads, lines, caption=table.title),
                              className="table-scroll"))  # fmt: skip
    elif not is_open:
        parts.append(html.P("Nothing on record.", className="muted"))
    if is_open:
        parts.append(_part_form(table, lists, here, edited))
    add = link_button("Add", here.to(view=table.key, status=NEW).href(PATH), icon_name="plus-lg")
    return card(parts, title=table.title, actions=[] if is_open else [add])


def _part_form(
    table: Table, lists: Mapping[str, Choices], here: ScreenState, edited: RowView | None
) -> Component:
    values = edited.values if edited else {}
    fields = [f for f in table.fields if f.key != "staff_id"]
    remove = html.Div(
        button("Remove", id=Ids.PART_REMOVE, kind="danger", icon_name="trash"),
        hidden=edited is None,
    )
    return html.Div(
        [
            dcc.Store(Ids.PART_MARK, data=edited.mark if edited else ""),
            form_row(*(
                control(Ids.PART_FIELD, f, values.get(f.key), lists, edited is not None)
                for f in fields
            )),
            html.Div(
                [
                    button("Save" if edited else "Add it", id=Ids.PART_SAVE, kind="primary"),
                    link_button("Cancel", here.href(PATH)),
                    remove,
                ],
                className="actions",
            ),
        ],
        className="part-form",
    )  # fmt: skip


def leaver_card(last_day: date | None) -> Component:
    """The last day: recorded here, or taken back while it stands.

    Both are always there, one of them hidden: one callback listens to both.
    """
    on_record = last_day is not None
    said = f"The last day on record is {date_text(last_day)}." if last_day else ""
    ask = [
        html.P("Shifts after the last day become vacancies at once.", className="muted"),
        form_row(field("Last day", date_field(Ids.LAST_DAY))),
        html.Div(
            button("Record the last day", id=Ids.LEAVE, icon_name="box-arrow-right"),
            className="actions",
        ),
    ]
    back = [html.P(said), html.Div(button("Stays after all", id=Ids.STAY), className="actions")]
    return card(
        [
            html.Div(ask, className="stack", hidden=on_record),
            html.Div(back, className="stack", hidden=not on_record),
        ],
        title="Leaving",
    )


def history_card(
    past: Sequence[tuple[Table, Change]], lists: Mapping[str, Mapping[str, Choices]]
) -> Component:
    """Everything that was done to the record; ``lists`` are the names by table and field."""
    rows = [
        [
            formats.moment(one.at),
            one.actor,
            f"{one.action.capitalize()}: {table.one}",
            difference(table, one, lists[table.key]) or one.reason,
        ]
        for table, one in past
    ]
    if not rows:
        return card(html.P("Nothing was changed here yet.", className="muted"), title="History")
    table = simple_table(["When", "Who", "Did", "What"], rows, caption="History")
    return card(html.Div(table, className="table-scroll"), title="History", flush=True)
