"""Balances of the team, and one person's ledger with its corrections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import Input, Output, State, callback, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.cards import card, chip
from components.feedback import empty_state, toast
from components.forms import button, date_field, field, form_row, radios, text_field
from components.state import ScreenState, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._inputs import afresh, day_of, text_of, whole
from pages._leave_ids import PATH, Ids
from pages._undo import say
from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.errors import InvalidInput
from rota.leave.accounts import correct, record_toil
from rota.leave.balances import Account, TeamBalance, ledger_of, team_balances
from rota.leave.facts import Light
from server.context import working
from server.gate import requires

_LIGHTS = {
    Light.GREEN: ("On pace", Status.GOOD),
    Light.AMBER: ("Off pace", Status.WARN),
    Light.RED: ("Far off pace", Status.BAD),
}
_KINDS = (("correction", "Correction of the entitlement"), ("toil", "Time off in lieu"))
#: more hours at once are a typing mistake
_MOST_HOURS = 2000


def balances_tab(session: Any, actor: Actor, state: ScreenState, today: date) -> list[Component]:
    """Everybody's balance, or the ledger of the person in the address."""
    if state.person is not None:
        account = ledger_of(session, actor, state.person, today)
        may = actor.may(Permission.DECIDE_LEAVE, state.home)
        back = state.to(person=None).href(PATH)
        return _ledger(account, today, back, may_correct=may)
    rows = team_balances(session, actor, state.home or 0, today, state.unit)
    if not rows:
        return [empty_state("Nobody here yet", "People appear here once they work here.")]
    return [card(_team(rows, state), flush=True)]


def _team(rows: Sequence[TeamBalance], state: ScreenState) -> Component:
    lines = []
    for row in rows:
        b = row.balance
        word, colour = _LIGHTS[row.pace.light]
        lines.append(
            [
                dcc.Link(row.name, href=state.to(person=row.staff_id).href(PATH)),
                row.role,
                formats.hours_from_minutes(b.entitlement),
                formats.hours_from_minutes(b.taken),
                formats.hours_from_minutes(b.booked),
                formats.hours_from_minutes(b.waiting) if b.waiting else "",
                formats.hours_from_minutes(b.remaining),
                formats.hours_from_minutes(b.toil) if b.toil else "",
                chip(f"{row.pace.used_percent:.0f}%, {word.lower()}", colour),
            ]
        )
    year = rows[0].balance.year
    return simple_table(
        [
            "Person", "Role", ("Entitled", "num"), ("Taken", "num"), ("Booked", "num"),
            ("Asked for", "num"), ("Left", "num"), ("In lieu", "num"), "Used",
        ],
        lines,
        caption=f"Leave year {formats.day_year(year.start)} to {formats.day_year(year.end)}",
    )  # fmt: skip


def _ledger(account: Account, today: date, back: str, *, may_correct: bool) -> list[Component]:
    total, lines = 0, []
    for line in account.lines:
        total += line.minutes
        by = f"{line.recorded_by}, " if line.recorded_by else ""
        lines.append(
            [
                formats.day_year(line.on),
                line.kind,
                f"{'+' if line.minutes > 0 else ''}{formats.hours_from_minutes(line.minutes)}",
                formats.hours_from_minutes(total),
                line.reason,
                f"{by}{formats.moment(line.recorded_at)}",
            ]
        )
    table = simple_table(
        ["Day", "What", ("Hours", "num"), ("Sum", "num"), "Reason", "Recorded"],
        lines,
        caption=f"Leave ledger of {account.name}",
    )
    link = dcc.Link("‹ All balances", href=back, className="btn btn-quiet")
    left = formats.hours_from_minutes(account.balance.remaining)
    whole_year = formats.hours_from_minutes(account.balance.entitlement)
    ledger: Component = card(
        table if lines else html.P("No line in this leave year yet.", className="panel-body muted"),
        title=f"{account.name}: {left} left of {whole_year}",
        actions=[link],
        flush=True,
    )
    if not may_correct:
        return [ledger]
    return [html.Div([ledger, card(_form(account, today), title="Correct it")],
                     className="columns-side")]  # fmt: skip


def _form(account: Account, today: date) -> Component:
    return html.Div(
        [
            dcc.Store(id=Ids.FIX_PERSON, data={"person": account.staff_id}),
            field("What", radios(Ids.FIX_KIND, _KINDS, "correction", inline=False), required=True),
            form_row(
                field("Day", date_field(Ids.FIX_DAY, today), required=True),
                field(
                    "Hours, + or −", text_field(Ids.FIX_HOURS, kind="number", step=0.25),
                    required=True,
                ),
            ),
            field("Why?", text_field(Ids.FIX_REASON, maxLength=300), required=True,
                  hint="It stays on the record; nothing is ever overwritten."),
            button("Add the line", id=Ids.FIX_SEND, kind="primary"),
        ],
        className="form-stack",
    )  # fmt: skip


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input(Ids.FIX_SEND, "n_clicks"), State(Ids.FIX_PERSON, "data"), State(Ids.FIX_KIND, "value"),
    State(Ids.FIX_DAY, "value"), State(Ids.FIX_HOURS, "value"), State(Ids.FIX_REASON, "value"),
    State(Ids.GO, "search"), prevent_initial_call=True,
    running=[(Output(Ids.FIX_SEND, "disabled"), True, False)],
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def add_line(
    clicks: Any, person: Any, kind: Any, day: Any, hours: Any, reason: Any, search: str | None
) -> str:
    """Add a correction, or time off in lieu earned, to somebody's ledger."""
    if not clicks:
        raise PreventUpdate
    minutes = _minutes(hours)
    with working() as uow:
        write = record_toil if kind == "toil" else correct
        write(uow, whole(person, "person"), day_of(day, "The day"), minutes, text_of(reason, 300))
        uow.commit()
    sign = "+" if minutes > 0 else ""
    say(toast(Status.GOOD, f"Recorded: {sign}{formats.hours_from_minutes(minutes)}"))
    return afresh(parse_search(search).href(PATH), search)


def _minutes(hours: Any) -> int:
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not hours == hours:
        raise InvalidInput("The hours are not a number.", hint="Write 7.5 or -7.5.")
    if abs(hours) > _MOST_HOURS:
        raise InvalidInput("That is more than a year's hours.", hint="Check the number.")
    return round(hours * 60)
