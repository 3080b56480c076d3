"""What the buttons of the leave screen do: parse, call the use case, say what happened."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import ALL, Input, Output, State, callback, ctx
from dash.exceptions import PreventUpdate

from components import formats
from components.feedback import UNDO_TYPE, toast
from components.state import ScreenState, parse_search
from components.theme import Status
from pages._inputs import afresh, clicked, day_of, kind_of, text_of, whole
from pages._leave_dialogs import bulk_body
from pages._leave_ids import PATH, READY_REASONS, Ids
from pages._undo import APPROVAL, SPELL, say, undo_token
from rota.access.permissions import Permission
from rota.errors import InvalidInput
from rota.leave.automatic import ask_and_decide, decide_many, preview
from rota.leave.facts import LeaveStatus
from rota.leave.queries import requests
from rota.leave.release import released_text
from rota.leave.service import Approved, approve, reject
from rota.leave.sickness import report_sick, return_to_work
from server.context import current_actor, reading, working
from server.gate import requires

_go = Output(Ids.GO, "href", allow_duplicate=True)
_search = State(Ids.GO, "search")


def _list(search: str | None) -> str:
    """The address of the list, with the filters kept."""
    return afresh(parse_search(search).to(view="").href(PATH), search)


def _approved_toast(done: Approved) -> Any:
    text = f"Approved: {formats.hours_from_minutes(done.minutes)}, {released_text(done.released)}"
    return toast(Status.GOOD, text, undo_token=f"{APPROVAL}{done.request_id}")


@callback(
    _go, Input(Ids.APPROVE, "n_clicks"), State(Ids.CHOSEN, "data"), _search,
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def approve_whole(clicks: Any, chosen: Any, search: str | None) -> Any:
    """Approve the request that is open."""
    if not clicks:
        raise PreventUpdate
    with working() as uow:
        done = approve(uow, whole(chosen, "id"), whole(chosen, "version"))
        uow.commit()
    say(_approved_toast(done))
    return _list(search)


@callback(
    Output(Ids.REJECT, "is_open"), Input(Ids.REJECT_OPEN, "n_clicks"), prevent_initial_call=True
)
@requires(Permission.DECIDE_LEAVE)
def open_reject(clicks: Any) -> bool:
    """Ask why."""
    return bool(clicks)


@callback(
    _go, Input(Ids.REJECT_SEND, "n_clicks"), State(Ids.CHOSEN, "data"),
    State(Ids.REJECT_READY, "value"), State(Ids.REJECT_TEXT, "value"), _search,
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def send_reject(clicks: Any, chosen: Any, ready: Any, words: Any, search: str | None) -> Any:
    """Reject the request that is open, with a ready reason, one's own words, or both."""
    if not clicks:
        raise PreventUpdate
    reason = " ".join(w for w in (dict(READY_REASONS).get(str(ready), ""), text_of(words)) if w)
    with working() as uow:
        reject(uow, whole(chosen, "id"), whole(chosen, "version"), reason)
        uow.commit()
    say(toast(Status.GOOD, "Rejected; the person sees the reason."))
    return _list(search)


@callback(Output(Ids.PART, "is_open"), Input(Ids.PART_OPEN, "n_clicks"), prevent_initial_call=True)
@requires(Permission.DECIDE_LEAVE)
def open_part(clicks: Any) -> bool:
    """Ask which days."""
    return bool(clicks)


@callback(
    _go, Input(Ids.PART_SEND, "n_clicks"), State(Ids.CHOSEN, "data"),
    State(Ids.PART_DAYS, "value"), State(Ids.PART_REASON, "value"), _search,
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def send_part(clicks: Any, chosen: Any, days: Any, words: Any, search: str | None) -> Any:
    """Approve the ticked days and refuse the others."""
    if not clicks:
        raise PreventUpdate
    if not isinstance(days, list) or len(days) > 366:
        raise InvalidInput("Tick the days that are granted.")
    granted = [day_of(day, "A ticked day") for day in days]
    with working() as uow:
        done = approve(
            uow, whole(chosen, "id"), whole(chosen, "version"), days=granted,
            reason=text_of(words),
        )  # fmt: skip
        uow.commit()
    say(_approved_toast(done))
    return _list(search)


@callback(
    Output(Ids.BULK, "is_open"), Output(Ids.BULK_BODY, "children"),
    Output(Ids.BULK_CHOSEN, "data"), Input(Ids.BULK_OPEN, "n_clicks"), _search,
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def open_bulk(clicks: Any, search: str | None) -> Any:
    """Show what approving each waiting request would do."""
    if not clicks:
        raise PreventUpdate
    state = parse_search(search)
    actor = current_actor()
    with reading() as session:
        home_id = state.home or min(actor.home_ids, default=0)
        waiting = requests(session, actor, home_id, unit_id=state.unit)
    with working() as uow:
        found = preview(uow, [row.id for row in waiting])
    return True, bulk_body(found), {str(p.request_id): p.version for p in found}


@callback(
    _go, Input(Ids.BULK_SEND, "n_clicks"), State(Ids.BULK_CHOSEN, "data"),
    State(f"{Ids.BULK}-ticked", "value", allow_optional=True), _search, prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def send_bulk(clicks: Any, versions: Any, ticked: Any, search: str | None) -> Any:
    """Approve the ticked requests, each alone."""
    if not clicks:
        raise PreventUpdate
    if not isinstance(ticked, list) or not ticked:
        raise InvalidInput("Nothing is ticked.", hint="Tick the requests to approve.")
    wanted = {whole({"id": key}, "id"): whole(versions, str(key)) for key in ticked}
    with working() as uow:
        results = decide_many(uow, wanted)
        uow.commit()
    done = [result for result in results if result.worked]
    toasts = [toast(Status.GOOD, f"{formats.plural(len(done), 'request')} approved")]
    toasts += [toast(Status.BAD, f"{r.name}: {r.error}") for r in results if not r.worked]
    say(*toasts)
    return _list(search)


@callback(Output(Ids.ASK, "is_open"), Input(Ids.ASK_OPEN, "n_clicks"), prevent_initial_call=True)
@requires(Permission.DECIDE_LEAVE)
def open_ask(clicks: Any) -> bool:
    """Ask for whom and when."""
    return bool(clicks)


@callback(
    _go, Input(Ids.ASK_SEND, "n_clicks"), State(Ids.ASK_PERSON, "value"),
    State(Ids.ASK_START, "value"), State(Ids.ASK_END, "value"), State(Ids.ASK_TYPE, "value"),
    State(Ids.ASK_REASON, "value"), _search, prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def send_ask(
    clicks: Any, person: Any, start: Any, end: Any, kind: Any, words: Any, search: str | None
) -> Any:
    """Record a request for somebody."""
    if not clicks:
        raise PreventUpdate
    if not person:
        raise InvalidInput("Choose for whom the request is.")
    with working() as uow:
        receipt = ask_and_decide(
            uow, whole({"id": person}, "id"), day_of(start, "The first day"),
            day_of(end, "The last day"), kind_of(kind), text_of(words),
        )  # fmt: skip
        uow.commit()
    hours = formats.hours_from_minutes(receipt.minutes)
    approved = receipt.status is LeaveStatus.APPROVED
    text = f"Approved at once: {hours}" if approved else f"Request recorded: {hours}"
    view = "" if approved else f"r{receipt.request_id}"
    href = parse_search(search).to(view=view).href(PATH)
    say(toast(Status.GOOD, text, hint=" ".join(receipt.notes)))
    return afresh(href, search)


@callback(Output(Ids.SICK, "is_open"), Input(Ids.SICK_OPEN, "n_clicks"), prevent_initial_call=True)
@requires(Permission.EDIT_ROTA)
def open_sick(clicks: Any) -> bool:
    """Ask who is sick."""
    return bool(clicks)


@callback(
    _go, Input(Ids.SICK_SEND, "n_clicks"), State(Ids.SICK_PERSON, "value"),
    State(Ids.SICK_START, "value"), State(Ids.SICK_END, "value"), State(Ids.SICK_NOTE, "value"),
    _search, prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def send_sick(
    clicks: Any, person: Any, start: Any, end: Any, words: Any, search: str | None
) -> Any:
    """Record a spell of sickness; the shifts become vacancies."""
    if not clicks:
        raise PreventUpdate
    if not person:
        raise InvalidInput("Choose who is sick.")
    last: date | None = day_of(end, "The last day") if end else None
    with working() as uow:
        done = report_sick(
            uow, whole({"id": person}, "id"), day_of(start, "The first day"), last,
            note=text_of(words, 300),
        )  # fmt: skip
        uow.commit()
    state = parse_search(search)
    say(
        toast(
            Status.GOOD,
            f"Reported: {released_text(done.released)}",
            undo_token=f"{SPELL}{done.spell_id}",
        )
    )
    if done.released.count:
        # the question now is who works these shifts
        plan = ScreenState(home=state.home, view=f"plan-{done.spell_id}")
        return plan.href("/vacancies/")
    return afresh(state.to(view="sickness").href(PATH), search)


@callback(
    _go, Input({"type": Ids.BACK_TYPE, "spell": ALL}, "n_clicks"), _search,
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def back_at_work(_clicks: Any, search: str | None) -> Any:
    """Close a spell: yesterday was its last day (today, if it began today)."""
    spell_id = whole(clicked(ctx), "spell")
    with working() as uow:
        spell = return_to_work(uow, spell_id)
        last = spell.ended_on
        uow.commit()
    text = f"Back at work; last day off {formats.day(last)}"
    say(toast(Status.GOOD, text))
    return afresh(parse_search(search).to(view="sickness").href(PATH), search)


@callback(
    _go, Input({"type": UNDO_TYPE, "token": ALL}, "n_clicks"), _search,
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def undo(_clicks: Any, search: str | None) -> Any:
    """Undo what the toast says."""
    token = str(clicked(ctx)["token"])
    with working() as uow:
        text = undo_token(uow, token)
        uow.commit()
    say(toast(Status.INFO, text))
    return _list(search)
