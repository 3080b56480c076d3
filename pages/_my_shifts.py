"""Open shifts on the carer's page: what is offered to them and what they may lawfully take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, html
from dash.development.base_component import Component

from components import formats
from components.feedback import toast
from components.forms import button
from components.legend import shift_code
from components.state import parse_search
from components.theme import Status
from pages._inputs import afresh, clicked, whole
from pages._undo import say
from pages._vacancy_parts import category
from rota.access.permissions import Permission
from rota.vacancies.offers import MyOffer, accept, decline, volunteer
from rota.vacancies.openings import Opening
from server.context import working
from server.gate import requires

PATH = "/my/"
GO = "my-go"
#: open shifts shown, those without a warning first
SHOWN = 8
ACCEPT = "my-accept"
DECLINE = "my-decline"
VOLUNTEER = "my-volunteer"


def open_shifts(offers: Sequence[MyOffer], found: Sequence[Opening]) -> Component:
    """Offers first, then the open shifts no rule forbids."""
    known = {o.shift_id for o in offers}
    fresh = sorted((o for o in found if o.shift_id not in known), key=lambda o: bool(o.warnings))
    lines = [_offer(o) for o in offers] + [_opening(o) for o in fresh[:SHOWN]]
    if not lines:
        return html.P("No open shift that you may lawfully take.", className="muted")
    return html.Ul(lines, className="checks my-requests")


def _offer(o: MyOffer) -> Component:
    note = o.words
    if o.is_open and o.expires_at is not None:
        note += f", answer by {formats.clock(o.expires_at)}"
    actions: list[Component] = []
    if o.is_open:
        actions = [
            button("Take it", id={"type": ACCEPT, "offer": o.offer_id}, kind="primary"),
            button("Decline", id={"type": DECLINE, "offer": o.offer_id}, kind="quiet"),
        ]
    elif o.words.startswith("You said"):
        actions = [button("Take back", id={"type": DECLINE, "offer": o.offer_id}, kind="quiet")]
    what = _what(o.date, o.starts_at, o.ends_at, o.code, o.category, o.unit)
    return html.Li([_words(what, note), html.Div(actions, className="actions")])


def _opening(o: Opening) -> Component:
    note = ". ".join(o.warnings) if o.warnings else formats.hours_from_minutes(o.paid_minutes)
    action = button("I can take it", id={"type": VOLUNTEER, "shift": o.shift_id})
    what = _what(o.date, o.starts_at, o.ends_at, o.code, o.category, o.unit)
    return html.Li([_words(what, note), action])


def _what(
    day: date, starts: datetime, ends: datetime, code: str, kind: str, unit: str
) -> list[Component | str]:
    times = f"{formats.clock(starts)}–{formats.clock(ends)}"
    return [shift_code(code, category(kind)), f" {formats.day(day)}, {times}, {unit}"]


def _words(what: list[Component | str], note: str) -> Component:
    return html.Div([html.Div(what), html.Div(note, className="muted")])


_go = Output(GO, "href", allow_duplicate=True)


@callback(
    _go, Input({"type": ACCEPT, "offer": ALL}, "n_clicks"), State(GO, "search"),
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.VIEW_OWN_ROTA)
def take_offer(_clicks: Any, search: str | None) -> str:
    """Accept an offer; the first who does has the shift."""
    with working() as uow:
        done = accept(uow, whole(clicked(ctx), "offer"))
        uow.commit()
    say(toast(Status.GOOD, "It is yours", hint=". ".join(done.warnings)))
    return afresh(parse_search(search).href(PATH), search)


@callback(
    _go, Input({"type": DECLINE, "offer": ALL}, "n_clicks"), State(GO, "search"),
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.VIEW_OWN_ROTA)
def turn_down(_clicks: Any, search: str | None) -> str:
    """Decline an offer, or take back one's own proposal."""
    with working() as uow:
        decline(uow, whole(clicked(ctx), "offer"))
        uow.commit()
    say(toast(Status.INFO, "Your manager sees that you cannot"))
    return afresh(parse_search(search).href(PATH), search)


@callback(
    _go, Input({"type": VOLUNTEER, "shift": ALL}, "n_clicks"), State(GO, "search"),
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.VIEW_OWN_ROTA)
def say_yes(_clicks: Any, search: str | None) -> str:
    """Say that one would take an open shift."""
    with working() as uow:
        volunteer(uow, whole(clicked(ctx), "shift"))
        uow.commit()
    say(toast(Status.GOOD, "Your manager sees that you would take it"))
    return afresh(parse_search(search).href(PATH), search)
