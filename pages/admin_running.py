"""Administration of what runs: checklists, jobs, schedules, outbox, logins."""

from __future__ import annotations

from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, html
from dash.development.base_component import Component

from components import formats
from components.cards import card, chip
from components.feedback import empty_state, toast
from components.filters import segmented
from components.forms import button
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query
from components.tables import simple_table
from components.theme import Status
from pages._admin_parts import admin_tabs
from pages._inputs import afresh, clicked, whole
from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.report import access_report
from rota.jobs import service as jobs
from rota.jobs.kinds import KINDS
from rota.jobs.schedules import SCHEDULES
from rota.mail import schedules
from rota.mail import service as mail
from rota.operations.checklists import checklists
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/admin/running/"
VIEWS = {
    "": "Checklists",
    "jobs": "Jobs",
    "schedules": "Schedules",
    "outbox": "Outbox",
    "logins": "Logins",
}


class Ids:
    """What callbacks of this page address."""

    RETRY = "admin-running-retry"
    CANCEL = "admin-running-cancel"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Running it",
    title="Running it · Staff Rota",
    order=93,
    permission=Permission.ADMINISTER,
)

_STATES = {"done": Status.GOOD, "sent": Status.GOOD, "failed": Status.BAD, "bounced": Status.BAD,
           "cancelled": Status.NEUTRAL}  # fmt: skip
_BAD_MAIL = ("failed", "bounced")


def layout(**query: Any) -> Component:
    """One of the views."""
    state = parse_query(query)
    view = state.view if state.view in VIEWS else ""
    draw = {"": _checklists, "jobs": _jobs, "schedules": _schedules, "outbox": _outbox,
            "logins": _logins}[view]  # fmt: skip
    with reading() as session:
        body = draw(session, current_actor())
    return page(
        "Administration",
        [
            admin_tabs("Running it"),
            segmented(
                "View",
                [
                    (words, ScreenState(view=key).href(PATH), key == view, words)
                    for key, words in VIEWS.items()
                ],
            ),
            *body,
        ],
        subtitle="What waits, runs and went wrong, measured now",
    )


def _checklists(session: Any, actor: Actor) -> list[Component]:
    found = []
    for one in checklists(session, actor):
        rows = [[line.words, _met(line.met), line.found] for line in one.lines]
        table = simple_table(["Line", "State", "Measured"], rows, caption=one.title)
        found.append(card(table, title=f"{one.title}: {one.met} of {len(one.lines)}", flush=True))
    return [html.Div(found, className="stack")]


def _met(met: bool | None) -> Component:
    if met is None:
        return chip("Look", Status.INFO)
    return chip("Met", Status.GOOD) if met else chip("Not met", Status.WARN)


def _state(value: str) -> Component:
    return chip(value.capitalize(), _STATES.get(value, Status.INFO))


def _jobs(session: Any, actor: Actor) -> list[Component]:
    shown = jobs.recent(session, actor, limit=100)
    if not shown:
        return [empty_state("No background work yet", "Optimisations and trainings stand here.")]
    rows = [
        [
            one.title,
            _state(one.state.value),
            one.error or one.message,
            one.requested_by,
            formats.moment(one.created_at),
            formats.moment(one.finished_at) if one.finished_at else "–",
            button("Cancel", id={"type": Ids.CANCEL, "row": one.id}) if one.is_active else "",
        ]
        for one in shown
    ]
    titles = ["What", "State", "Message", "Asked by", "Asked", "Finished", ""]
    return [card(simple_table(titles, rows, caption="Jobs"), flush=True)]


def _schedules(session: Any, actor: Actor) -> list[Component]:
    clock = [
        [KINDS[line.kind].title, line.words()[:1].upper() + line.words()[1:]]
        for line in SCHEDULES.values()
    ]
    reports = [
        [row.name, row.what, row.home or "Each reader's homes", "On" if row.is_active else "Off"]
        for row in schedules.schedules(session, actor)
    ]
    parts = [
        card(
            simple_table(["Work", "When"], clock, caption="By the clock"),
            title="By the clock",
            flush=True,
        )
    ]
    if reports:
        table = simple_table(["Name", "What", "Homes", "State"], reports, caption="Reports by mail")
        parts.append(card(table, title="Reports by mail", flush=True))
    else:
        parts.append(empty_state("No report goes by mail", "Schedule one on the reports page."))
    return parts


def _outbox(session: Any, actor: Actor) -> list[Component]:
    counts = mail.outbox_counts(session)
    shown = mail.outbox(session, actor, limit=200)
    if not shown:
        return [empty_state("No message yet", "Invitations and reports leave through here.")]
    rows = [
        [
            one.subject,
            one.to,
            _state(one.state.value),
            str(one.attempts),
            formats.moment(one.sent_at or one.created_at),
            one.error,
            button("Send again", id={"type": Ids.RETRY, "row": one.id})
            if one.state.value in _BAD_MAIL
            else "",
        ]
        for one in shown
    ]
    words = ", ".join(f"{count} {state.value}" for state, count in counts.items() if count)
    titles = ["Subject", "To", "State", ("Tries", "num"), "When", "Error", ""]
    return [card(simple_table(titles, rows, caption="Outbox"), title=words, flush=True)]  # type: ignore[arg-type]


def _logins(session: Any, actor: Actor) -> list[Component]:
    report = access_report(session, actor)
    if not (report.addresses or report.refusals):
        return [empty_state("Nothing in seven days", "No login failed and nothing was refused.")]
    addresses = [
        [
            one.address,
            str(one.failed),
            str(one.names),
            str(one.succeeded),
            formats.moment(one.last_at),
        ]
        for one in report.addresses
    ]
    accounts = [
        [one.name, one.sap_number, str(one.failed), formats.moment(one.last_at)]
        for one in report.accounts
    ]
    refusals = [
        [one.actor, one.wanted, formats.moment(one.at), one.source] for one in report.refusals
    ]
    tables: list[tuple[str, list[Any], list[list[str]]]] = [
        ("Failed logins by address",
         ["Address", ("Failed", "num"), ("Names", "num"), ("Got in", "num"), "Last"], addresses),
        ("By account", ["Name", "SAP number", ("Failed", "num"), "Last"], accounts),
        ("Refused", ["Who", "Wanted", "When", "From"], refusals),
    ]  # fmt: skip
    return [
        card(simple_table(titles, rows, caption=title), title=title, flush=True)
        for title, titles, rows in tables
        if rows
    ]


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input({"type": Ids.RETRY, "row": ALL}, "n_clicks"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def send_again(_clicks: Any, search: str | None) -> tuple[Any, Any]:
    """Send a failed message again."""
    message_id = whole(clicked(ctx), "row")
    with working() as uow:
        mail.retry(uow, message_id)
        uow.commit()
    here = afresh(ScreenState(view="outbox").href(PATH), search)
    return [toast(Status.GOOD, "The message is sent again")], here


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input({"type": Ids.CANCEL, "row": ALL}, "n_clicks"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def cancel_job(_clicks: Any, search: str | None) -> tuple[Any, Any]:
    """Stop a job."""
    job_id = whole(clicked(ctx), "row")
    with working() as uow:
        jobs.cancel(uow, job_id)
        uow.commit()
    here = afresh(ScreenState(view="jobs").href(PATH), search)
    return [toast(Status.GOOD, "The job is being stopped")], here
