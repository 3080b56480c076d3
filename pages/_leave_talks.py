"""Return-to-work talks: which are still to be held, and the form that records one."""

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
from components.forms import (
    button,
    date_field,
    dialog,
    field,
    form_row,
    radios,
    text_area,
    text_field,
)
from components.state import parse_search
from components.tables import simple_table
from components.theme import Status
from pages._inputs import afresh, clicked, day_of, text_of, whole
from pages._leave_ids import PATH, Ids
from pages._undo import say
from rota.access.permissions import Permission
from rota.errors import InvalidInput
from rota.leave.return_talks import (
    LONGEST_NAME,
    LONGEST_WORDS,
    TalkDue,
    TalkOutcome,
    TalkWords,
    record_talk,
    talk_of,
)
from server.context import current_actor, reading, working
from server.gate import requires

OUTCOMES: tuple[tuple[str, str], ...] = (
    (TalkOutcome.FIT.value, "Fit for all duties"),
    (TalkOutcome.ADJUSTED.value, "Fit with adjustments"),
    (TalkOutcome.REFERRED.value, "Referred to occupational health"),
    (TalkOutcome.NOT_FIT.value, "Not fit yet"),
)


def due_panel(rows: Sequence[TalkDue], today: date) -> Component:
    """The talks still to be held, the longest overdue first."""
    overdue = sum(row.due_on < today for row in rows)
    words = formats.plural(len(rows), "return talk") + " to be held"
    if overdue:
        words += f", {overdue} overdue"
    lines = [
        [
            row.name, row.unit, formats.period(row.started_on, row.ended_on),
            due_chip(row.due_on, today),
            talk_button(row.spell_id, "Record…", f"Record the talk with {row.name}"),
        ]
        for row in rows
    ]  # fmt: skip
    table = simple_table(["Person", "Unit", "Off sick", "Due by", ""], lines, caption=words)
    return card(table, title=words, flush=True)


def due_chip(due_on: date, today: date) -> Component:
    """By when a talk is due; red when that has passed."""
    if due_on < today:
        return chip(f"{formats.day(due_on)}, overdue", Status.BAD)
    return chip(formats.day(due_on), Status.WARN if due_on == today else Status.NEUTRAL)


def talk_button(spell_id: int, words: str, title: str) -> Component:
    """The button that opens the form of a spell."""
    return button(words, id={"type": Ids.TALK_TYPE, "spell": spell_id}, kind="quiet", title=title)


def talk_dialog(today: date) -> Component:
    """Who spoke with the person, when, and what was agreed; filled when it opens."""
    return dialog(
        Ids.TALK,
        "Return-to-work talk",
        [
            dcc.Store(id=Ids.TALK_CHOSEN),
            html.P(id=Ids.TALK_WORDS, className="muted"),
            form_row(
                field("Held on", date_field(Ids.TALK_DAY, max=today.isoformat()), required=True),
                field("Who spoke with them", text_field(Ids.TALK_BY, maxLength=LONGEST_NAME),
                      required=True),
            ),
            field("Outcome", radios(Ids.TALK_OUTCOME, OUTCOMES, OUTCOMES[0][0], inline=False),
                  required=True),
            field(
                "Adjustments agreed", text_area(Ids.TALK_AGREED, rows=3, maxLength=LONGEST_WORDS),
                hint="What the team has to know; no diagnosis.",
            ),
            field("Looked at again on", date_field(Ids.TALK_REVIEW)),
        ],
        actions=[button("Save the talk", id=Ids.TALK_SEND, kind="primary")],
    )  # fmt: skip


@callback(
    Output(Ids.TALK, "is_open"), Output(Ids.TALK_CHOSEN, "data"), Output(Ids.TALK_WORDS, "children"),
    Output(Ids.TALK_DAY, "value"), Output(Ids.TALK_BY, "value"), Output(Ids.TALK_OUTCOME, "value"),
    Output(Ids.TALK_AGREED, "value"), Output(Ids.TALK_REVIEW, "value"),
    Input({"type": Ids.TALK_TYPE, "spell": ALL}, "n_clicks"), prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def open_talk(_clicks: Any) -> Any:
    """Show what is on record about a spell, or an empty form."""
    actor = current_actor()
    with reading() as session:
        talk = talk_of(session, actor, whole(clicked(ctx), "spell"))
    words = f"{talk.name}, off until {formats.day(talk.last_day_off)}. Only who decides leave sees this."
    return (
        True, {"spell": talk.spell_id, "version": talk.version}, words,
        talk.held_on.isoformat() if talk.held_on else None, talk.held_by or actor.name,
        talk.outcome.value, talk.adjustments,
        talk.review_on.isoformat() if talk.review_on else None,
    )  # fmt: skip


@callback(
    Output(Ids.GO, "href", allow_duplicate=True), Input(Ids.TALK_SEND, "n_clicks"),
    State(Ids.TALK_CHOSEN, "data"), State(Ids.TALK_DAY, "value"), State(Ids.TALK_BY, "value"),
    State(Ids.TALK_OUTCOME, "value"), State(Ids.TALK_AGREED, "value"),
    State(Ids.TALK_REVIEW, "value"), State(Ids.GO, "search"), prevent_initial_call=True,
    running=[(Output(Ids.TALK_SEND, "disabled"), True, False)],
)  # fmt: skip
@requires(Permission.DECIDE_LEAVE)
def save_talk(
    clicks: Any, chosen: Any, day: Any, by: Any, outcome: Any, agreed: Any, review: Any,
    search: str | None,
) -> str:  # fmt: skip
    """Record the talk, or correct it."""
    if not clicks:
        raise PreventUpdate
    try:
        found = TalkOutcome(outcome)
    except ValueError as error:
        raise InvalidInput("Choose what came out of the talk.") from error
    said = TalkWords(
        day_of(day, "The day of the talk"), text_of(by, LONGEST_NAME), found,
        text_of(agreed, LONGEST_WORDS), day_of(review, "The review") if review else None,
    )  # fmt: skip
    # nothing is on record yet: version 0, which whole() does not take
    known = isinstance(chosen, dict) and chosen.get("version") != 0
    with working() as uow:
        record_talk(
            uow, whole(chosen, "spell"), said, version=whole(chosen, "version") if known else 0
        )
        uow.commit()
    say(toast(Status.GOOD, "The talk is on record"))
    return afresh(parse_search(search).to(view="sickness").href(PATH), search)
