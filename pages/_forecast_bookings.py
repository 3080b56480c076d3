"""Residents booked in and out, on the forecast screen of a unit."""

from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.feedback import toast
from components.forms import button, date_field, field, form_row, icon_button, text_field
from components.shell import Ids as Shell
from components.state import parse_search
from components.tables import simple_table
from components.theme import Status
from pages._forecast_parts import PATH, Ids
from pages._forecast_sum import asked
from pages._inputs import afresh, day_of, text_of
from rota.access.permissions import Permission
from rota.access.scope import homes_of
from rota.errors import InvalidInput, RotaError
from rota.forecasting import bookings
from rota.forecasting.screen import ForecastScreen
from rota.jobs import service as jobs
from server.context import current_actor, reading, working
from server.gate import requires

DAY, CHANGE, NOTE, BOOK = (f"forecast-booking-{part}" for part in ("day", "change", "note", "save"))
CANCEL = "forecast-booking-cancel"


def booked_card(shown: ForecastScreen, *, may_book: bool) -> Component:
    """Who is booked to come or to leave from today on, and the form for one more.

    Always there, so that its callback has an address; hidden where there is nothing to say.
    """
    rows: list[list[Any]] = [
        [
            formats.day(each.day),
            f"{each.change:+d}",
            each.note,
            icon_button(
                "x-lg", f"Cancel the booking of {formats.day(each.day)}",
                id={"type": CANCEL, "row": each.id},
            ) if may_book else "",
        ]
        for each in shown.booked
    ]  # fmt: skip
    words = (
        simple_table(["From", ("Residents", "num"), "Note", ""], rows, caption="Residents booked")
        if rows
        else html.P("Nobody is booked to come or to leave.", className="text-muted")
    )
    form = html.Div(
        [
            form_row(
                field("From", date_field(DAY, min=shown.today.isoformat()), required=True),
                field(
                    "Residents more or fewer",
                    text_field(CHANGE, kind="number", min=-bookings.MOST_CHANGE,
                               max=bookings.MOST_CHANGE, step=1),
                    hint="2 come, -1 leaves",
                    required=True,
                ),
                field("Note", text_field(NOTE, maxlength=bookings.LONGEST_NOTE),
                      hint="No names of residents"),
            ),
            html.Div(button("Book", id=BOOK, icon_name="plus-lg"), className="actions"),
        ],
        hidden=not may_book,
    )  # fmt: skip
    return html.Div(
        card([words, form], title="Residents booked in and out"),
        hidden=bool(shown.parts) or not (may_book or rows),
    )


def _whole(value: Any) -> int:
    """The number of the form. Raises :class:`InvalidInput`."""
    text = str(value).strip() if isinstance(value, int | float | str) else ""
    sign, digits = (text[:1], text[1:]) if text[:1] in ("-", "+") else ("", text)
    if isinstance(value, bool) or not digits.isascii() or not digits.isdigit() or len(digits) > 4:
        raise InvalidInput("Residents more or fewer is a whole number, such as 2 or -1.")
    return -int(digits) if sign == "-" else int(digits)


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(BOOK, "n_clicks"),
    Input({"type": CANCEL, "row": ALL}, "n_clicks"),
    State(DAY, "value"),
    State(CHANGE, "value"),
    State(NOTE, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.SET_REQUIREMENT)
def book(
    _book: int | None, _cancel: Any, day: Any, change: Any, note: Any, search: str | None
) -> tuple[Any, Any]:
    """Book residents in or out of the unit shown, or cancel that, and forecast it anew."""
    if not any(entry.get("value") for entry in ctx.triggered):
        return no_update, no_update
    with reading() as session:
        actor = current_actor()
        place, _ = asked(session, actor, homes_of(session, actor), parse_search(search))
    if place.unit is None:
        raise InvalidInput("Residents belong to a unit.", hint="Choose one in the bar above.")
    trigger = ctx.triggered_id
    with working() as uow:
        if isinstance(trigger, dict):
            unit_id = bookings.cancel_booking(uow, _row(trigger))
            said = "Booking cancelled"
        else:
            unit_id = place.unit.id
            when = day_of(day, "From")
            made = bookings.book_residents(uow, unit_id, when, _whole(change), text_of(note, 120))
            many = abs(made.change)
            word = "resident" if many == 1 else "residents"
            way = "more" if made.change > 0 else "fewer"
            said = f"{many} {word} {way} from {formats.day(when)}"
        job = None
        if actor.may(Permission.TRAIN_FORECAST, place.home.id if place.home else None):
            inputs, key, home_id = place.training()
            job = jobs.submit(uow, "train", inputs, key=key, home_id=home_id)
        uow.commit()
    toasts = [toast(Status.GOOD, said)]
    if job is not None:
        try:
            jobs.dispatch(job.id)
        except RotaError as error:
            toasts.append(toast(Status.WARN, error.message, hint=error.hint))
    return afresh(parse_search(search).href(PATH), search), toasts


def _row(trigger: dict[str, Any]) -> int:
    row = trigger.get("row")
    if isinstance(row, bool) or not isinstance(row, int) or not 0 < row < 2**31:
        raise InvalidInput("The page sent something that cannot be read.", hint="Load it again.")
    return row
