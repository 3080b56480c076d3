"""The questions of the leave screen: reject, some days, many at once, ask for somebody, sick."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.forms import (
    button,
    checks,
    date_field,
    dialog,
    field,
    form_row,
    radios,
    select,
    text_area,
)
from pages._leave_ids import READY_REASONS, TYPE_WORDS, Ids
from rota.leave.automatic import Preview
from rota.leave.facts import DecisionFacts, LeaveType

ASKABLE = tuple(kind for kind in LeaveType if kind is not LeaveType.SICK)


def reject_dialog(facts: DecisionFacts) -> Component:
    """Why is it refused? Three ready answers, the fitting one chosen, and room for more."""
    return dialog(
        Ids.REJECT,
        "Reject this request?",
        [
            html.P(f"{facts.asked.name} will see the reason.", className="muted"),
            field(
                "Reason",
                radios(
                    Ids.REJECT_READY,
                    [*((key, words) for key, words in READY_REASONS), ("other", "Another reason")],
                    _fitting(facts),
                    inline=False,
                ),
                required=True,
            ),
            field("In your words", text_area(Ids.REJECT_TEXT, rows=2)),
        ],
        actions=[button("Reject the request", id=Ids.REJECT_SEND, kind="danger")],
    )


def _fitting(facts: DecisionFacts) -> str:
    failed = {check.key for check in facts.checks if not check.passed}
    if failed & {"others_off", "team_share"}:
        return "others"
    return "notice" if "minimum" not in failed and "notice" in failed else "cover"


def part_dialog(facts: DecisionFacts) -> Component:
    """Which days are granted? Days that would fall short start unticked."""
    short = set(facts.short_days)
    days = list(facts.asked.period)
    options = [
        (day.isoformat(), formats.day(day) + (" (falls short)" if day in short else ""))
        for day in days
    ]
    return dialog(
        Ids.PART,
        "Approve some days only",
        [
            field(
                "Days granted",
                checks(
                    Ids.PART_DAYS,
                    options,
                    [day.isoformat() for day in days if day not in short],
                    inline=False,
                ),
                required=True,
            ),
            field(
                "Why are the other days refused?",
                text_area(Ids.PART_REASON, READY_REASONS[0][1], rows=2),
                required=True,
            ),
        ],
        actions=[button("Approve these days", id=Ids.PART_SEND, kind="primary")],
    )


def bulk_dialog() -> Component:
    """Approve many at once: filled when it opens."""
    return dialog(
        Ids.BULK,
        "Approve several requests",
        [dcc.Store(id=Ids.BULK_CHOSEN), html.Div(id=Ids.BULK_BODY)],
        actions=[button("Approve the ticked ones", id=Ids.BULK_SEND, kind="primary")],
        size="lg",
    )


def bulk_body(found: Sequence[Preview]) -> Component:
    """Each waiting request with what approving it would do; those that fit are ticked."""
    options = [(str(p.request_id), _bulk_line(p)) for p in found]
    ticked = [str(p.request_id) for p in found if p.facts.fits_policy]
    words = (
        f"{formats.plural(len(ticked), 'request')} of {len(found)} meet every condition of the "
        "leave policy and are ticked. Each is taken alone, first asked first."
    )
    return html.Div(
        [
            html.P(words, className="muted"),
            field(
                "Requests",
                checks(f"{Ids.BULK}-ticked", options, ticked, inline=False),
                required=True,
            ),
        ]
    )


def _bulk_line(p: Preview) -> str:
    asked, price = p.facts.asked, p.facts.price
    when = formats.period(asked.period.start, asked.period.end)
    if p.facts.fits_policy:
        effect = "meets every condition"
    else:
        failed = [c.text for c in p.facts.checks if c.blocks_automatic and not c.passed]
        effect = failed[0]
    if price.cheapest_pence:
        effect += f", {formats.money(price.cheapest_pence)}"
    return f"{p.name}, {when}: {effect}"


def ask_dialog(people: Sequence[tuple[int, str]], today: date) -> Component:
    """Ask for somebody of the home."""
    return dialog(
        Ids.ASK,
        "New leave request",
        [
            field("For whom", person_select(Ids.ASK_PERSON, people), required=True),
            form_row(
                field(
                    "First day",
                    date_field(Ids.ASK_START, min=today.isoformat()),
                    required=True,
                ),
                field("Last day", date_field(Ids.ASK_END, min=today.isoformat()), required=True),
            ),
            field("Kind", kind_select(Ids.ASK_TYPE), required=True),
            field("Note", text_area(Ids.ASK_REASON, rows=2)),
        ],
        actions=[button("Send the request", id=Ids.ASK_SEND, kind="primary")],
    )


def sick_dialog(people: Sequence[tuple[int, str]], today: date) -> Component:
    """Somebody reports sick."""
    return dialog(
        Ids.SICK,
        "Report sickness",
        [
            field("Who", person_select(Ids.SICK_PERSON, people), required=True),
            form_row(
                field("First day", date_field(Ids.SICK_START, today), required=True),
                field(
                    "Last day",
                    date_field(Ids.SICK_END),
                    hint="Leave it empty while it is not known.",
                ),
            ),
            field("Note", text_area(Ids.SICK_NOTE, rows=2), hint="Nothing medical, please."),
            html.P("Their shifts become vacancies at once.", className="muted"),
        ],
        actions=[button("Report", id=Ids.SICK_SEND, kind="primary")],
    )


def person_select(id: str, people: Sequence[tuple[int, str]]) -> Component:
    """Choose one of the home's people."""
    options = [("", "Choose…"), *((str(staff_id), words) for staff_id, words in people)]
    return select(id, options, "")


def kind_select(id: str) -> Component:
    """Choose the kind of leave."""
    return select(id, [(kind.value, TYPE_WORDS[kind]) for kind in ASKABLE], LeaveType.ANNUAL.value)
