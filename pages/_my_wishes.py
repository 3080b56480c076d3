"""Days one could work more, days one cannot, and how one likes to work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.cards import card, chip
from components.feedback import toast
from components.forms import button, checks, date_field, field, form_row, radios, switch
from components.state import parse_search
from components.theme import Status
from pages._inputs import afresh, clicked, day_of, whole
from pages._my_ids import PATH, Ids
from pages._undo import say
from rota.access.permissions import Permission
from rota.carer.availability import Offered, offer_days, take_back_days
from rota.carer.preferences import Preferences, set_preferences
from rota.carer.words import AvailabilityKind, Band
from rota.errors import InvalidInput
from server.context import working
from server.gate import requires

_KINDS = ((AvailabilityKind.AVAILABLE.value, "I can work"),
          (AvailabilityKind.UNAVAILABLE.value, "Please do not ask me"))  # fmt: skip
_BANDS = (("", "Day or night"), (Band.DAY.value, "Day"), (Band.NIGHT.value, "Night"))
_LIKES = (("", "No preference"), (Band.DAY.value, "Days"), (Band.NIGHT.value, "Nights"))
_WEEKDAYS = tuple(
    (str(n), name) for n, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
)


def wishes_cards(said: Sequence[Offered], likes: Preferences, today: date) -> list[Component]:
    """Offering days, and preferences."""
    return [
        card(_days(said, today), title="When I can work more"),
        card(_likes(likes), title="How I like to work"),
    ]


def _days(said: Sequence[Offered], today: date) -> Component:
    first = {"min": today.isoformat()}
    parts: list[Component] = [
        form_row(
            field("From", date_field(Ids.DAYS_START, **first), required=True),
            field("To", date_field(Ids.DAYS_END, **first), required=True),
        ),
        field("What about these days?", radios(Ids.DAYS_KIND, _KINDS, _KINDS[0][0]), required=True),
        field("Shifts", radios(Ids.DAYS_BAND, _BANDS, ""), required=True),
        button("Save these days", id=Ids.DAYS_SEND, kind="primary"),
    ]
    if said:
        parts.append(html.Ul([_said(one) for one in said], className="checks my-requests"))
    return html.Div(parts, className="form-stack")


def _said(one: Offered) -> Component:
    when = formats.period(one.period.start, one.period.end)
    can = one.kind is AvailabilityKind.AVAILABLE
    band = dict(_BANDS)[one.band.value if one.band else ""].lower()
    words = html.Div(
        [
            html.Div(
                [html.Strong(when), " ",
                 chip("Can work" if can else "Not asked", Status.GOOD if can else Status.NEUTRAL)]
            ),
            html.Div(band, className="muted"),
        ]
    )  # fmt: skip
    identity = {"type": Ids.DAYS_REMOVE, "entry": one.id}
    return html.Li([words, button("Remove", id=identity, kind="quiet", title=f"Remove {when}")])


def _likes(likes: Preferences) -> Component:
    band = likes.band.value if likes.band else ""
    return html.Div(
        [
            dcc.Store(id=Ids.LIKES_VERSION, data=likes.version),
            field("I like", radios(Ids.LIKES_BAND, _LIKES, band), required=True),
            field(
                "Weekdays I like",
                checks(Ids.LIKES_DAYS, _WEEKDAYS, [str(n) for n in sorted(likes.liked)]),
            ),
            field(
                "Weekdays I would rather be off",
                checks(Ids.LIKES_NOT, _WEEKDAYS, [str(n) for n in sorted(likes.avoided)]),
            ),
            switch(Ids.LIKES_EXTRA, "Ask me for extra shifts", likes.wants_extra),
            html.P("Your manager sees this when a shift is open. It promises nothing.",
                   className="muted"),
            button("Save my preferences", id=Ids.LIKES_SAVE),
        ],
        className="form-stack",
    )  # fmt: skip


_go = Output(Ids.GO, "href", allow_duplicate=True)


@callback(
    _go, Input(Ids.DAYS_SEND, "n_clicks"), State(Ids.DAYS_START, "value"),
    State(Ids.DAYS_END, "value"), State(Ids.DAYS_KIND, "value"), State(Ids.DAYS_BAND, "value"),
    State(Ids.GO, "search"), prevent_initial_call=True,
    running=[(Output(Ids.DAYS_SEND, "disabled"), True, False)],
)  # fmt: skip
@requires(Permission.OFFER_WORK)
def save_days(clicks: Any, start: Any, end: Any, kind: Any, band: Any, search: str | None) -> str:
    """Offer days, or ask not to be called on them."""
    if not clicks:
        raise PreventUpdate
    with working() as uow:
        offer_days(
            uow, day_of(start, "The first day"), day_of(end, "The last day"), _kind(kind),
            band=_band(band),
        )  # fmt: skip
        uow.commit()
    say(toast(Status.GOOD, "Saved; your manager sees it with open shifts"))
    return afresh(parse_search(search).href(PATH), search)


@callback(
    _go, Input({"type": Ids.DAYS_REMOVE, "entry": ALL}, "n_clicks"), State(Ids.GO, "search"),
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.OFFER_WORK)
def remove_days(_clicks: Any, search: str | None) -> str:
    """Remove what one said about some days."""
    with working() as uow:
        take_back_days(uow, whole(clicked(ctx), "entry"))
        uow.commit()
    say(toast(Status.INFO, "Removed"))
    return afresh(parse_search(search).href(PATH), search)


@callback(
    _go, Input(Ids.LIKES_SAVE, "n_clicks"), State(Ids.LIKES_BAND, "value"),
    State(Ids.LIKES_DAYS, "value"), State(Ids.LIKES_NOT, "value"),
    State(Ids.LIKES_EXTRA, "value"), State(Ids.LIKES_VERSION, "data"), State(Ids.GO, "search"),
    prevent_initial_call=True, running=[(Output(Ids.LIKES_SAVE, "disabled"), True, False)],
)  # fmt: skip
@requires(Permission.OFFER_WORK)
def save_likes(
    clicks: Any, band: Any, liked: Any, avoided: Any, extra: Any, version: Any, search: str | None
) -> str:
    """Save how one likes to work."""
    if not clicks:
        raise PreventUpdate
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise InvalidInput("The page sent something that cannot be read.", hint="Load it again.")
    with working() as uow:
        set_preferences(
            uow, version, band=_band(band), liked=_weekdays(liked), avoided=_weekdays(avoided),
            wants_extra=bool(extra),
        )  # fmt: skip
        uow.commit()
    say(toast(Status.GOOD, "Saved"))
    return afresh(parse_search(search).href(PATH), search)


def _kind(value: Any) -> AvailabilityKind:
    try:
        return AvailabilityKind(value)
    except ValueError as error:
        raise InvalidInput("Say whether you can work on these days.") from error


def _band(value: Any) -> Band | None:
    if value in (None, ""):
        return None
    try:
        return Band(value)
    except ValueError as error:
        raise InvalidInput("Choose day, night or both.") from error


def _weekdays(values: Any) -> list[int]:
    known = dict(_WEEKDAYS)
    if not isinstance(values, list) or any(v not in known for v in values):
        raise InvalidInput("A weekday is Monday to Sunday.")
    return [int(v) for v in values]
