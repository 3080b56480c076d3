"""The carer's leave: the balance, asking for leave, and what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.cards import card, chip
from components.feedback import toast
from components.forms import button, date_field, field, form_row, text_area
from components.state import ScreenState, parse_search
from components.theme import Status
from pages._inputs import afresh, clicked, day_of, kind_of, text_of, whole
from pages._leave_dialogs import kind_select
from pages._leave_ids import TYPE_WORDS
from pages._leave_team import status_chip
from pages._my_ids import PATH, Ids
from pages._undo import say
from rota.access.permissions import Permission
from rota.calendar import Period
from rota.errors import InvalidInput
from rota.leave.automatic import ask_and_decide
from rota.leave.facts import LeaveStatus, Light, Pace
from rota.leave.ledger import Balance
from rota.leave.mine import MyPage, estimate
from rota.leave.queries import RequestRow
from rota.leave.service import withdraw
from server.context import current_actor, reading, working
from server.gate import requires

_LIGHTS = {Light.GREEN: Status.GOOD, Light.AMBER: Status.WARN, Light.RED: Status.BAD}
_AHEAD = {True: "ahead of", False: "behind"}


def leave_tab(mine: MyPage, today: date) -> Component:
    """Balance and form beside what was asked for."""
    return html.Div(
        [
            html.Div(
                [
                    card(balance_bar(mine.balance, mine.pace), title="My leave"),
                    card(_form(today), title="Ask for leave"),
                ],
                className="stack",
            ),
            card(_requests(mine.requests, today), title="My requests"),
        ],
        className="my-columns",
    )


def balance_bar(account: Balance, pace: Pace) -> Component:
    """The year's leave as one bar: taken, booked, waiting, and where the target stands."""
    whole_year = max(1, account.entitlement)
    parts = (
        ("taken", account.taken, "taken"),
        ("booked", account.booked, "booked"),
        ("waiting", account.waiting, "asked for"),
    )
    bar = [
        html.Span(
            className=f"balance-{name}",
            style={"width": f"{min(100, 100 * minutes / whole_year):.1f}%"},
        )
        for name, minutes, _ in parts
        if minutes > 0
    ]
    target = min(100.0, pace.target_percent)
    bar.append(html.Span(className="balance-target", style={"left": f"{target:.1f}%"}))
    left = formats.hours_from_minutes(account.remaining)
    words = [
        f"{formats.hours_from_minutes(minutes)} {word}" for _, minutes, word in parts if minutes
    ]
    if account.toil:
        words.append(f"{formats.hours_from_minutes(account.toil)} time off in lieu")
    behind = pace.behind_percent
    points = formats.plural(round(abs(behind)), "point")
    said = "on pace" if pace.light is Light.GREEN else f"{points} {_AHEAD[behind < 0]} the year"
    return html.Div(
        [
            html.Div(
                [
                    html.Strong(
                        f"{left} left of {formats.hours_from_minutes(account.entitlement)}"
                    ),
                    chip(said.capitalize(), _LIGHTS[pace.light]),
                ],
                className="vacancy-title",
            ),
            html.Div(bar, className="balance-bar", **{"aria-hidden": "true"}),
            html.Div([html.Span(w, className="muted") for w in words], className="balance-key"),
            html.Div(f"Leave year to {formats.day_year(account.year.end)}", className="muted"),
        ],
        className="balance",
    )


def _form(today: date) -> Component:
    return html.Div(
        [
            form_row(
                field("First day", date_field(Ids.START, min=today.isoformat()), required=True),
                field("Last day", date_field(Ids.END, min=today.isoformat()), required=True),
            ),
            field("Kind", kind_select(Ids.TYPE), required=True),
            field("Note for your manager", text_area(Ids.REASON, rows=2)),
            html.Div(id=Ids.COST, className="muted", role="status"),
            button("Send the request", id=Ids.SEND, kind="primary"),
        ],
        className="form-stack",
    )


def _requests(found: Sequence[RequestRow], today: date) -> Component:
    if not found:
        return html.P("You have asked for nothing yet this leave year.", className="muted")
    return html.Ul([_request(row, today) for row in found], className="checks my-requests")


def _request(row: RequestRow, today: date) -> Component:
    when = formats.period(row.period.start, row.period.end)
    kind = f"{TYPE_WORDS[row.leave_type]}, {formats.hours_from_minutes(row.minutes)}"
    parts: list[Component] = [
        html.Div(
            [
                html.Div([html.Strong(when), " ", status_chip(row.status)]),
                html.Div(
                    " · ".join(w for w in (kind, row.decision_reason) if w), className="muted"
                ),
            ]
        )
    ]
    waiting = row.status is LeaveStatus.PENDING
    ahead = row.status is LeaveStatus.APPROVED and row.period.start > today
    if waiting or ahead:
        identity = {"type": Ids.WITHDRAW, "request": row.id, "version": row.version}
        parts.append(button("Withdraw", id=identity, kind="quiet", title=f"Withdraw {when}"))
    return html.Li(parts)


@callback(
    Output(Ids.COST, "children"), Input(Ids.START, "value"), Input(Ids.END, "value"),
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.REQUEST_LEAVE)
def show_cost(start: Any, end: Any) -> str:
    """What the days would cost and leave, as soon as both are chosen."""
    if not start or not end:
        return ""
    try:
        period = Period(day_of(start, "The first day"), day_of(end, "The last day"))
    except InvalidInput as wrong:
        return str(wrong)
    if period.days > 366:
        return "A request covers a year at most."
    with reading() as session:
        cost = estimate(session, current_actor(), period)
    shifts = formats.plural(cost.working_days, "working day")
    left = formats.hours_from_minutes(cost.left_after)
    return f"{shifts}, {formats.hours_from_minutes(cost.minutes)}; {left} left after this"


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input(Ids.SEND, "n_clicks"), State(Ids.START, "value"), State(Ids.END, "value"),
    State(Ids.TYPE, "value"), State(Ids.REASON, "value"), State(Ids.GO, "search"),
    prevent_initial_call=True, running=[(Output(Ids.SEND, "disabled"), True, False)],
)  # fmt: skip
@requires(Permission.REQUEST_LEAVE)
def send(clicks: Any, start: Any, end: Any, kind: Any, words: Any, search: str | None) -> Any:
    """Ask for one's own leave; who asks comes from the session, never from the page."""
    actor = current_actor()
    if not clicks:
        raise PreventUpdate
    if actor.staff_id is None:
        raise InvalidInput("Your account belongs to nobody on the payroll.")
    with working() as uow:
        receipt = ask_and_decide(
            uow, actor.staff_id, day_of(start, "The first day"), day_of(end, "The last day"),
            kind_of(kind), text_of(words),
        )  # fmt: skip
        uow.commit()
    hours = formats.hours_from_minutes(receipt.minutes)
    if receipt.status is LeaveStatus.APPROVED:
        message = toast(Status.GOOD, f"Approved: {hours}")
    else:
        message = toast(Status.GOOD, f"Sent: {hours}", hint=" ".join(receipt.notes))
    say(message)
    return afresh(parse_search(search).href(PATH), search)


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input({"type": Ids.WITHDRAW, "request": ALL, "version": ALL}, "n_clicks"),
    State(Ids.GO, "search"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.REQUEST_LEAVE)
def take_back(_clicks: Any, search: str | None) -> Any:
    """Withdraw one's own request."""
    identity = clicked(ctx)
    with working() as uow:
        done = withdraw(uow, whole(identity, "request"), whole(identity, "version"))
        uow.commit()
    text = "Withdrawn"
    if done.minutes:
        text += f": {formats.hours_from_minutes(done.minutes)} given back"
    if done.shifts_back:
        text += f", you are back on {formats.plural(done.shifts_back, 'shift')}"
    hint = (
        f"{formats.plural(done.shifts_kept_by_others, 'shift')} stay with who took them"
        if done.shifts_kept_by_others
        else ""
    )
    state: ScreenState = parse_search(search)
    say(toast(Status.GOOD, text, hint=hint))
    return afresh(state.href(PATH), search)
