"""Reports by mail: what is sent when to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card, chip
from components.feedback import empty_state, toast
from components.forms import (
    button,
    checks,
    field,
    form_row,
    link_button,
    select,
    text_field,
)
from components.shell import Ids as Shell
from components.shell import page
from components.tables import simple_table
from components.theme import Status
from pages._inputs import afresh, clicked, text_of, whole
from rota.access.permissions import ROLE_NAMES, Permission
from rota.access.scope import homes_of
from rota.calendar import WEEKDAY_NAMES
from rota.errors import InvalidInput
from rota.mail.facts import Frequency, UserRole
from rota.mail.schedules import (
    ScheduleRow,
    SetSchedule,
    remove_schedule,
    schedules,
    set_schedule,
)
from rota.mail.senders import SENDERS
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/reports/sending/"
REMOVE = "sending-remove"
_HOURS = [(f"{hour:02d}:00", f"{hour:02d}:00") for hour in range(24)]
_DAYS = [
    *((f"w{number}", f"Every {name}") for number, name in enumerate(WEEKDAY_NAMES)),
    *((f"m{day}", f"Day {day} of the month") for day in (1, 2, 5, 10, 15, 20, 25, 28)),
]


class Ids:
    """What callbacks of this page address."""

    NAME = "sending-name"
    WHAT = "sending-what"
    HOME = "sending-home"
    WHEN = "sending-when"
    AT = "sending-at"
    ROLES = "sending-roles"
    SAVE = "sending-save"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Reports by mail",
    title="Reports by mail · Staff Rota",
    order=82,
    permission=Permission.SCHEDULE_REPORTS,
)


def layout(**_: Any) -> Component:
    """The schedules of the actor's homes, and the form for a new one."""
    actor = current_actor()
    with reading() as session:
        homes = [(str(home.id), home.name) for home in homes_of(session, actor)]
        rows = schedules(session, actor)
    what = [(key, one.title) for key, one in SENDERS.items() if actor.may(one.permission)]
    return page(
        "Reports by mail",
        [_table(rows), _form(what, homes)],
        subtitle="Each reader gets what he or she may see, as PDF and workbook",
        secondary=[link_button("Reports", "/reports/", icon_name="arrow-left")],
    )


def _table(rows: Sequence[ScheduleRow]) -> Component:
    if not rows:
        return card(
            empty_state("Nothing is sent yet", "Say below what to send, when and to whom.",
                        icon_name="envelope")
        )  # fmt: skip
    lines = [
        [
            one.name,
            SENDERS[one.what].title if one.what in SENDERS else one.what,
            one.home,
            one.words,
            ", ".join(ROLE_NAMES[role] for role in one.roles) or formats.plural(
                len(one.user_ids), "person", "people"),
            formats.moment(one.next_at) if one.is_active else "Never: off",
            _last(one),
            button("Remove", id={"type": REMOVE, "schedule": one.id}, kind="quiet"),
        ]
        for one in rows
    ]  # fmt: skip
    table = simple_table(
        ["Name", "Report", "Home", "When", "To", "Next", "Last", ""], lines, caption="Schedules"
    )
    return card(html.Div(table, className="table-scroll"), flush=True)


def _last(one: ScheduleRow) -> Component | str:
    if one.last_at is None:
        return "Not yet"
    words = f"{formats.moment(one.last_at)}, {formats.plural(one.last_messages, 'message')}"
    if not one.last_error:
        return words
    return html.Div([html.Div(words), chip(one.last_error, Status.WARN)])


def _form(what: list[tuple[str, str]], homes: list[tuple[str, str]]) -> Component:
    places = [("all", "All homes of each reader"), *homes]
    roles = [
        (role.value, words) for role, words in ROLE_NAMES.items() if role is not UserRole.CARE_STAFF
    ]
    return card(
        [
            form_row(
                field("Name", text_field(Ids.NAME, placeholder="Monday summary"), required=True),
                field("Report", select(Ids.WHAT, what, what[0][0]), required=True),
                field("Home", select(Ids.HOME, places, "all"), required=True),
            ),
            form_row(
                field("When", select(Ids.WHEN, _DAYS, "w0"), required=True),
                field("At", select(Ids.AT, _HOURS, "07:00"), required=True,
                      hint="By London's clocks."),
            ),
            field("To everybody who is", checks(Ids.ROLES, roles, []), required=True),
            html.Div(button("Send it from now on", id=Ids.SAVE, kind="primary"),
                     className="actions"),
        ],
        title="New schedule",
    )  # fmt: skip


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    State(Ids.NAME, "value"),
    State(Ids.WHAT, "value"),
    State(Ids.HOME, "value"),
    State(Ids.WHEN, "value"),
    State(Ids.AT, "value"),
    State(Ids.ROLES, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.SCHEDULE_REPORTS)
def save(
    pressed: int | None, name: Any, what: Any, home: Any, when: Any, at: Any, roles: Any,
    search: str | None,
) -> Any:  # fmt: skip
    """Store a new schedule."""
    if not pressed:
        return no_update, no_update
    day = text_of(when, 5)
    if day not in dict(_DAYS) or at not in dict(_HOURS):
        raise InvalidInput("Choose the day and the hour from the lists.")
    weekly = day.startswith("w")
    command = SetSchedule(
        name=text_of(name, 120),
        what=text_of(what, 40),
        frequency=Frequency.WEEKLY if weekly else Frequency.MONTHLY,
        weekday=int(day[1:]) if weekly else 0,
        month_day=1 if weekly else int(day[1:]),
        at=time(int(at[:2])),
        home_id=None if home == "all" else whole({"home": home}, "home"),
        roles=_roles(roles),
    )
    with working() as uow:
        set_schedule(uow, command)
        uow.commit()
    return [toast(Status.GOOD, "It will be sent")], afresh(PATH, search)


def _roles(values: Any) -> tuple[UserRole, ...]:
    known = {role.value: role for role in UserRole}
    if not isinstance(values, list) or any(not isinstance(v, str) for v in values):
        raise InvalidInput("Choose who gets it.")
    if not set(values) <= set(known):
        raise InvalidInput("Choose roles from the list.")
    return tuple(known[value] for value in dict.fromkeys(values))


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input({"type": REMOVE, "schedule": ALL}, "n_clicks"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.SCHEDULE_REPORTS)
def remove(_pressed: Any, search: str | None) -> Any:
    """Take a schedule away."""
    schedule_id = whole(clicked(ctx), "schedule")
    with working() as uow:
        remove_schedule(uow, schedule_id)
        uow.commit()
    return [toast(Status.GOOD, "It is sent no more")], afresh(PATH, search)
