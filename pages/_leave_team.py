"""The team's calendar, absence, and requests that were decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import card, chip
from components.feedback import empty_state
from components.forms import button
from components.tables import simple_table
from components.theme import Status
from pages._leave_ids import TYPE_WORDS, Ids
from pages._leave_talks import due_chip, talk_button
from rota.calendar import bank_holiday
from rota.leave.facts import LeaveStatus
from rota.leave.queries import RequestRow, SpellRow, TeamCalendar, TeamRow
from rota.leave.sickness import Bradford

#: code and class of a day away, as the rota's legend paints them
_CODES = {
    "annual": ("AL", "shift-leave"),
    "toil": ("TO", "shift-leave"),
    "training": ("T", "shift-training"),
    "sick": ("S", "shift-sick"),
    "sickness": ("S", "shift-sick"),
}
_OTHER = ("L", "shift-leave")
_STATUS = {
    LeaveStatus.APPROVED: ("Approved", Status.GOOD),
    LeaveStatus.REJECTED: ("Rejected", Status.BAD),
    LeaveStatus.WITHDRAWN: ("Withdrawn", Status.NEUTRAL),
    LeaveStatus.PENDING: ("Waiting", Status.WARN),
}


def calendar_panel(calendar: TeamCalendar, today: date) -> Component:
    """People down, days across, who is away and why; how many are off on top."""
    if not calendar.rows:
        return empty_state("Nobody in this unit yet", "People appear here once they work here.")
    days = list(calendar.period)
    head = [html.Th("Person", scope="col", className="team-name")]
    head += [_day_head(day, today) for day in days]
    body = [_person(row, days, today) for row in calendar.rows]
    counts = [html.Th(f"Off, at most {calendar.limit}", scope="row", className="team-name")]
    counts += [_count(calendar, day, today) for day in days]
    caption = "Who is away on which day; the first row counts them"
    table = html.Table(
        [
            html.Caption(caption, className="visually-hidden"),
            html.Thead([html.Tr(head), html.Tr(counts, className="team-off")]),
            html.Tbody(body),
        ],
        className="team",
    )
    scroll = html.Div(
        table,
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )
    return card([scroll, _key()], flush=True)


def _day_head(day: date, today: date) -> Component:
    holiday = bank_holiday(day)
    title = formats.day_long(day) + (f", {holiday}" if holiday else "")
    parts = [formats.weekday(day)[:2], html.Br(), str(day.day)]
    if holiday:
        parts.append("*")
    return html.Th(parts, scope="col", className=_day_class(day, today), title=title)


def _person(row: TeamRow, days: Sequence[date], today: date) -> Component:
    cells: list[Component] = [html.Th(row.name, scope="row", className="team-name", title=row.role)]
    for day in days:
        found = row.away.get(day)
        cells.append(
            html.Td(away_mark(*found) if found else None, className=_day_class(day, today))
        )
    return html.Tr(cells)


def away_mark(why: str, decided: bool) -> Component:
    """The code of a day away, as the rota's legend paints it; with a question mark if asked."""
    code, name = _CODES.get(why, _OTHER)
    words = why if decided else f"{why}, asked for"
    classes = f"code {name}" if decided else f"code {name} is-waiting"
    return html.Span(code if decided else f"{code}?", className=classes, title=words)


def _count(calendar: TeamCalendar, day: date, today: date) -> Component:
    off = calendar.off[day]
    names = _day_class(day, today) + (" over" if off > calendar.limit else "")
    return html.Td(str(off) if off else "", className=names.strip())


def _day_class(day: date, today: date) -> str:
    names = []
    if day.weekday() >= 5:
        names.append("day-weekend")
    if day == today:
        names.append("is-today")
    return " ".join(names)


def _key() -> Component:
    entries = (
        (away_mark("annual", True), "annual leave"),
        (away_mark("annual", False), "asked for, not decided"),
        (away_mark("sickness", True), "sick"),
        (away_mark("training", True), "training"),
        (html.Span("*"), "bank holiday"),
    )
    return html.Ul(
        [html.Li([mark, html.Span(words)]) for mark, words in entries],
        className="legend panel-body",
        **{"aria-label": "Codes of the calendar"},
    )


@dataclass(frozen=True, slots=True)
class HealthView:
    """What only those who decide leave see of sickness: Bradford factors by person, the talks
    held by spell, and the days by which the others are due."""

    scores: dict[int, Bradford]
    held: dict[int, tuple[date, str]]
    due: dict[int, date]


def sickness_panel(
    rows: Sequence[SpellRow],
    today: date,
    health: HealthView | None,
    *,
    may_report: bool,
    repairs: Mapping[int, Component],
) -> Component:
    """Open spells first, each with the buttons that end it and that fill its shifts, then those
    of the last weeks; ``health`` only for those who may see it, ``repairs`` by spell the button
    that fills what it has left open."""
    if not rows:
        return empty_state(
            "Nobody is off sick", "A spell appears here when it is reported.", icon_name="heart"
        )
    lines = []
    for row in rows:
        is_open = row.ended_on is None
        days = ((row.ended_on or max(today, row.started_on)) - row.started_on).days + 1
        actions = [repairs[row.id]] if row.id in repairs else []
        if is_open and may_report:
            actions.append(button("Back at work", id={"type": Ids.BACK_TYPE, "spell": row.id}))
        own = [_score(health.scores.get(row.staff_id)), _talk(row, health, today)] if health else []
        lines.append(
            [
                row.name,
                html.Div([row.role, html.Div(row.unit, className="muted")]),
                formats.day(row.started_on),
                chip("Open", Status.WARN) if is_open else formats.day(row.ended_on),
                formats.plural(days, "day"),
                *own,
                html.Div(actions, className="row-actions") if actions else "",
            ]
        )
    more: list[str | tuple[str, Literal["num", "text"]]] = (
        [("Bradford", "num"), "Return talk"] if health else []
    )
    table = simple_table(
        ["Person", "Role", "From", "To", ("Length", "num"), *more, ""],
        lines,
        caption="Spells of absence, open ones first",
    )
    if health is None:
        return card(table, flush=True)
    caution = html.P(
        "Bradford: spells squared times days, over 52 weeks. Read it with care: many short "
        "spells may have one cause that the law protects, such as a disability or pregnancy.",
        className="muted panel-body",
    )
    return card([table, caution], flush=True)


def _talk(row: SpellRow, health: HealthView, today: date) -> Component | str:
    if row.id in health.held:
        held_on, held_by = health.held[row.id]
        title = f"Held by {held_by}; open the talk with {row.name}"
        return talk_button(row.id, formats.day(held_on), title)
    due = health.due.get(row.id)
    return "" if due is None else due_chip(due, today)


def _score(found: Bradford | None) -> Component | str:
    if found is None:
        return "0"
    if not found.step:
        return str(found.score)
    status = Status.WARN if found.step < len(found.steps) else Status.BAD
    step = found.steps[found.step - 1]
    return chip(f"{found.score}, past {step}", status)


def decided_panel(rows: Sequence[RequestRow]) -> Component:
    """What was decided, the latest leave first."""
    if not rows:
        return empty_state("Nothing decided yet", "Decided requests of this home appear here.")
    lines = [
        [
            row.name,
            formats.period(row.period.start, row.period.end),
            TYPE_WORDS[row.leave_type],
            formats.hours_from_minutes(row.minutes),
            status_chip(row.status),
            row.decision_reason,
        ]
        for row in rows
    ]
    return card(
        simple_table(
            ["Person", "Days", "Kind", ("Hours", "num"), "State", "Reason"],
            lines,
            caption="Requests that were decided",
        ),
        flush=True,
    )


def status_chip(status: LeaveStatus) -> Component:
    """Where a request stands, as icon, word and colour."""
    word, colour = _STATUS[status]
    return chip(word, colour)
