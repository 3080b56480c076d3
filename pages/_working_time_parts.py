"""The tables of the working-time screen: rest owed, exceptions without it, every finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import Kpi, card, chip, kpi_row, sparkline
from components.feedback import empty_state
from components.forms import button, date_field, dialog, field
from components.state import ScreenState
from components.tables import simple_table
from components.theme import Status
from rota.calendar import duration_text
from rota.roster.headroom import Headroom
from rota.roster.rest_queries import Finding, RestRow
from rota.rules import RULES, Rule, Severity

PATH = "/working-time/"
#: rest due within so many days is worth a warning
SOON = timedelta(days=7)
#: rows of a long list that are shown; the report has them all
SHOWN = 300
#: people shown of the weekly average, and how near (minutes a week) is near
TIGHTEST, NEAR = 60, 4 * 60
_STATUS = {
    Severity.OK: Status.GOOD, Severity.WARNED: Status.WARN, Severity.BARRED: Status.BAD,
}  # fmt: skip


class Ids:
    """Ids of the page."""

    GO = "working-time-go"
    TAKE_TYPE = "working-time-take"
    BACK_TYPE = "working-time-back"
    STRIKE_TYPE = "working-time-strike"
    RECORD_TYPE = "working-time-record"
    TAKE = "working-time-dialog"
    TAKE_WORDS = "working-time-words"
    TAKE_DAY = "working-time-day"
    CHOSEN = "working-time-chosen"
    SEND = "working-time-send"


def figures(owed: Sequence[RestRow], lacking: Sequence[Finding], today: date) -> Component:
    """What is owed, what is late, what cannot be given in time, what is not recorded."""
    overdue = sum(row.due_on < today for row in owed)
    late = sum(no_room(row) for row in owed)
    return kpi_row(
        [
            Kpi(
                "Rest owed", formats.hours_from_minutes(sum(row.owed_minutes for row in owed)),
                detail=formats.plural(len({row.staff_id for row in owed}), "person", "people"),
            ),
            Kpi("Overdue", formats.number(overdue),
                status=Status.BAD if overdue else Status.GOOD),
            Kpi("No room before it is due", formats.number(late),
                detail="as the rota is planned", status=Status.WARN if late else Status.GOOD),
            Kpi("Exceptions without rest", formats.number(len(lacking)),
                detail="unlawful until it is recorded",
                status=Status.BAD if lacking else Status.GOOD),
        ]
    )  # fmt: skip


def no_room(row: RestRow) -> bool:
    """Whether neither the past nor the planned rota gives the rest by its due date."""
    return row.arises and (row.rest_on is None or row.rest_on > row.due_on)


def owed_panel(
    rows: Sequence[RestRow], state: ScreenState, today: date, *, may_edit: bool
) -> Component:
    """Rest owed, the most pressing first, each with the day whose rest repays it."""
    if not rows:
        return empty_state(
            "No rest is owed",
            "It appears here when a shift is assigned after too short a rest.",
            icon_name="check2-circle",
        )
    lines = [
        [
            _person(row, state), row.unit, row.rule, formats.day(row.arose_on),
            duration_text(row.owed_minutes), _due(row, today), _room(row, today),
            _acts(row) if may_edit else "",
        ]
        for row in rows
    ]  # fmt: skip
    table = simple_table(
        ["Person", "Unit", "Rule", "Arose on", ("Owed", "num"), "Due by", "Where the rota gives it",
         ""],
        lines,
        caption="Compensatory rest owed, the most pressing first",
    )  # fmt: skip
    words = (
        "Working Time Regulations 1998, reg 24: rest cut short in continuous care is made good by "
        "as much rest on top of the 11 hours due every day. Days of leave or sickness do not count."
    )
    return card([table, html.P(words, className="muted panel-body")], flush=True)


def _person(row: RestRow, state: ScreenState) -> Component | str:
    if state.person == row.staff_id:
        return row.name
    return dcc.Link(row.name, href=state.to(view="taken", person=row.staff_id).href(PATH))


def _due(row: RestRow, today: date) -> Component:
    words = formats.day(row.due_on)
    if row.due_on < today:
        return chip(f"{words}, overdue", Status.BAD)
    return chip(words, Status.WARN if row.due_on <= today + SOON else Status.NEUTRAL)


def _room(row: RestRow, today: date) -> Component | str:
    if not row.arises:
        return "The exception is no longer on the rota"
    if row.rest_on is None:
        return chip("Nowhere yet: plan a longer rest", Status.WARN)
    words = formats.day(row.rest_on)
    if row.rest_on > row.due_on:
        return chip(f"{words}, after it is due", Status.WARN)
    return f"{words}, rested" if row.rest_on < today else f"{words}, planned"


def _acts(row: RestRow) -> Component | str:
    where = f"{row.name}, {formats.day(row.arose_on)}"
    if not row.arises:
        return button("Strike out", id={"type": Ids.STRIKE_TYPE, "entry": row.id}, kind="quiet",
                      title=f"No longer owed: {where}")  # fmt: skip
    day = row.rest_on.isoformat() if row.rest_on else ""
    return button("Taken…", id={"type": Ids.TAKE_TYPE, "entry": row.id, "day": day},
                  title=f"Record that it was taken: {where}")  # fmt: skip


def taken_panel(rows: Sequence[RestRow], *, may_edit: bool) -> Component:
    """Rest that was taken, the latest first."""
    if not rows:
        return empty_state("No rest was taken yet", "It is listed here once it is recorded.")
    lines = [
        [
            row.name, row.unit, row.rule, formats.day_year(row.arose_on),
            duration_text(row.owed_minutes), formats.day(row.due_on), _taken(row),
            button("Not taken", id={"type": Ids.BACK_TYPE, "entry": row.id}, kind="quiet",
                   title=f"Recorded by mistake: {row.name}, {formats.day(row.arose_on)}")
            if may_edit
            else "",
        ]
        for row in rows
    ]  # fmt: skip
    table = simple_table(
        ["Person", "Unit", "Rule", "Arose on", ("Owed", "num"), "Due by", "Taken on", ""],
        lines,
        caption="Compensatory rest that was taken",
    )
    return card(table, flush=True)


def _taken(row: RestRow) -> Component:
    late = row.taken_on is not None and row.taken_on > row.due_on
    words = formats.day_year(row.taken_on)
    return chip(f"{words}, late" if late else words, Status.WARN if late else Status.GOOD)


def lacking_panel(findings: Sequence[Finding], *, may_edit: bool) -> Component:
    """Exceptions on the rota that are lawful only once their rest is recorded."""
    if not findings:
        return empty_state(
            "Every exception has its rest on record",
            "Short rests on the rota that nobody recorded appear here.",
            icon_name="check2-circle",
        )
    lines = []
    for finding in findings[:SHOWN]:
        verdict = finding.verdict
        arising = verdict.arising_on
        identity = {
            "type": Ids.RECORD_TYPE, "person": finding.staff_id, "rule": verdict.rule,
            "day": arising.isoformat() if arising else "",
        }  # fmt: skip
        lines.append(
            [
                finding.name, verdict.title, formats.day(arising), _words(verdict.message),
                duration_text(verdict.owed_minutes), formats.day(verdict.owed_by),
                button("Record the rest", id=identity,
                       title=f"Record the rest owed to {finding.name}, {formats.day(arising)}")
                if may_edit
                else "",
            ]
        )  # fmt: skip
    table = simple_table(
        ["Person", "Rule", "Arises on", "What was found", ("Owed", "num"), "To be taken by", ""],
        lines,
        caption="Exceptions without recorded rest",
    )
    return card(table, flush=True)


def _words(message: str) -> Component:
    """A sentence in a table, which may take several lines."""
    return html.Div(message, className="cell-words")


def findings_panel(findings: Sequence[Finding]) -> Component:
    """Everything the rules say about the period, gravest first."""
    if not findings:
        return empty_state(
            "The rules find nothing", "Breaches and warnings of the period appear here.",
            icon_name="check2-circle",
        )  # fmt: skip
    lines: list[list[Component | str]] = [
        [
            finding.name,
            chip(finding.verdict.severity.word, _STATUS[finding.verdict.severity]),
            finding.verdict.title,
            formats.day(finding.verdict.dates[0]) if finding.verdict.dates else "",
            _words(finding.verdict.message),
        ]
        for finding in findings[:SHOWN]
    ]
    table = simple_table(
        ["Person", "Verdict", "Rule", "Day", "What was found"],
        lines,
        caption="What the rules of work say, gravest first",
    )
    more = len(findings) - SHOWN
    rest = [html.P(f"{more} more are in the report.", className="panel-body muted")]
    return card([table, *(rest if more > 0 else [])], flush=True)


def averages_panel(rows: Sequence[Headroom]) -> Component:
    """Who is nearest to the 48-hour average, with its course to the end of the planned rota."""
    counted = [row for row in rows if row.highest is not None]
    if not counted:
        return empty_state("Nobody has an average", "It is kept once somebody has worked.")
    lines = [
        [
            row.name, row.unit, row.role,
            formats.hours_from_minutes(row.now), formats.hours_from_minutes(row.highest),
            formats.day(row.highest_on), _left(row),
            sparkline([minutes / 60 for minutes in row.course],
                      label=f"Average of {row.name} by week, to the end of the planned rota"),
        ]
        for row in counted[:TIGHTEST]
    ]  # fmt: skip
    table = simple_table(
        ["Person", "Unit", "Role", ("This week", "num"), ("Highest", "num"), "In the week to",
         "May still work", "Course"],
        lines,
        caption="Weekly working time on average, the tightest first",
    )  # fmt: skip
    more, without = len(counted) - TIGHTEST, len(rows) - len(counted)
    words = (
        "Working Time Regulations 1998, reg 4: the average over the reference period (26 weeks "
        "for continuous care, otherwise 17, or since the start), days of leave and sickness made "
        "up, projected to the end of the planned rota. One long week is no breach."
    )
    if more > 0:
        words += f" {formats.plural(more, 'person', 'people')} with more headroom not shown."
    if without:
        words += f" {formats.plural(without, 'person', 'people')} opted out or under 18."
    return card([table, html.P(words, className="muted panel-body")], flush=True)


def _left(row: Headroom) -> Component | str:
    left = row.left or 0
    if left < 0:
        return chip(f"{formats.hours_from_minutes(-left)} too much", Status.BAD)
    near = row.limit is not None and row.highest is not None and row.limit - row.highest < NEAR
    words = formats.hours_from_minutes(left)
    return chip(words, Status.WARN) if near else words


def book_panel() -> Component:
    """Every rule of work: what it says and where it comes from."""
    lines = [
        [rule.title, _words(rule.statement), _words(rule.basis), _force(rule)] for rule in RULES
    ]  # fmt: skip
    table = simple_table(
        ["Rule", "What it says", "Basis", "When it is broken"], lines, caption="The rules of work"
    )
    words = (
        "The grid, the candidates, leave, the optimiser and this page apply the same rules. "
        "Thresholds are dated rows that an administrator sets under Admin, Limits."
    )
    return card([table, html.P(words, className="muted panel-body")], flush=True)


def _force(rule: Rule) -> Component:
    if rule.severity is Severity.WARNED:
        return chip("Warned", Status.WARN)
    words = "Barred, or a reason on record" if rule.may_be_overruled else "Barred"
    return chip(words, Status.BAD)


def take_dialog() -> Component:
    """On which day was the rest taken?"""
    return dialog(
        Ids.TAKE,
        "When was the rest taken?",
        [
            dcc.Store(id=Ids.CHOSEN),
            html.P(id=Ids.TAKE_WORDS, className="muted"),
            field("Day of the rest", date_field(Ids.TAKE_DAY), required=True),
        ],
        actions=[button("Record it as taken", id=Ids.SEND, kind="primary")],
    )
