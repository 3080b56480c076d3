"""The panel beside the grid: the chosen cell, what the rules say, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import chip
from components.forms import button, field, link_button, text_field
from components.legend import shift_code
from components.tables import facts
from components.theme import Status
from pages._rota_view import category_of
from rota.calendar import time_text
from rota.roster.grid import GridPerson, GridShift
from rota.roster.placing import LONGEST_NOTE, Refused
from rota.rules import Severity, Verdict

ACT = "rota-act"
REASON = {"type": "rota-reason", "of": "refusal"}
NOTE = "rota-note"
_SOURCES = {
    "regular": "Contracted hours", "overtime": "Overtime", "bank": "Bank", "agency": "Agency",
}  # fmt: skip
_STATUS = {Severity.BARRED: Status.BAD, Severity.WARNED: Status.WARN, Severity.OK: Status.GOOD}


def act_id(do: str, shift_id: int = 0, version: int = 0) -> dict[str, str | int]:
    """The id of a button that does something to a shift."""
    return {"type": ACT, "do": do, "shift": shift_id, "version": version}


def person_panel(
    person: GridPerson,
    day: date | None,
    verdicts: Iterable[Verdict],
    units: dict[int, str],
    *,
    editable: bool,
    with_cost: bool,
) -> list[Component]:
    """What somebody does on a day (or over the period), with everything the rules say."""
    parts: list[Component] = [_hours(person)]
    shifts = person.days.get(day, ()) if day else ()
    for shift in shifts:
        parts.append(_shift(shift, units, editable=editable, with_cost=with_cost))
    if day and not shifts:
        away = person.absences.get(day)
        words = {"AL": "On annual leave.", "S": "Off sick.", "T": "In training."}
        free = "Nothing on this day. Pick a code above and click the cell, or press its key."
        parts.append(html.P(words.get(away, "Away.") if away else free, className="muted"))
    concerned = [entry for entry in verdicts if not day or not entry.dates or _about(entry, day)]
    if concerned:
        parts.append(html.H3("What the rules say", className="panel-heading"))
        parts += [verdict_line(entry) for entry in concerned]
    return parts


def _about(verdict: Verdict, day: date) -> bool:
    return min(verdict.dates) <= day <= max(verdict.dates)


def verdict_line(verdict: Verdict) -> Component:
    """One verdict: how grave, its rule, its numbers."""
    return html.Div(
        [
            chip(verdict.title, _STATUS[verdict.severity]),
            html.P(f"{verdict.message}.", className="panel-words"),
        ],
        className="panel-verdict",
    )


def _hours(person: GridPerson) -> Component:
    return facts(
        [
            ("Contracted", formats.hours_from_minutes(person.contracted_minutes)),
            ("Rostered", formats.hours_from_minutes(person.rostered_minutes)),
            ("Nights", str(person.nights)),
            ("Weekend days", str(person.weekend_days)),
        ]
    )


def _shift(
    shift: GridShift, units: dict[int, str], *, editable: bool, with_cost: bool
) -> Component:
    pairs: list[tuple[str, Component | str]] = [
        ("Hours", f"{time_text(shift.starts_at)}–{time_text(shift.ends_at)}"),
        ("Unit", units.get(shift.unit_id, "Another home")),
        ("Source", _SOURCES[shift.classification.value]),
        ("State", "Published" if shift.is_published else "Draft"),
    ]
    if with_cost:
        pairs.append(("Cost", formats.money_exact(shift.cost_pence)))
    if shift.is_supernumerary:
        pairs.append(("Cover", "Supernumerary: does not count towards the minimum"))
    if shift.kind.is_sleep_in:
        counts = "is" if shift.kind.counts_as_working_time else "is not"
        pairs.append(("Sleep-in", f"The whole of it {counts} working time"))
    if shift.note and not editable:
        pairs.append(("Note", shift.note))
    head = html.Div(
        [shift_code(shift.code, category_of(shift.kind)), html.Span(shift.kind.name)],
        className="panel-shift-head",
    )
    actions: list[Component] = []
    if editable:
        lock = "unlock" if shift.is_locked else "lock"
        count = "counted" if shift.is_supernumerary else "supernumerary"
        actions = [
            button("Clear", id=act_id("clear", shift.id, shift.version), icon_name="eraser"),
            button(lock.capitalize(), id=act_id(lock, shift.id, shift.version), icon_name=lock),
            button(
                "Counts to cover" if shift.is_supernumerary else "Supernumerary",
                id=act_id(count, shift.id, shift.version),
            ),
        ]
        # a pattern of ids, as every button of the panel has
        box: Any = {"type": NOTE, "shift": shift.id}
        actions = [
            html.Div(
                [
                    field("Note", text_field(box, shift.note, maxlength=LONGEST_NOTE)),
                    button("Save note", id=act_id("note", shift.id, shift.version)),
                ],
                className="panel-note",
            ),
            *actions,
        ]
    return html.Section(
        [head, facts(pairs), html.Div(actions, className="actions")], className="panel-shift"
    )


def open_panel(
    day: date | None, shifts: Sequence[GridShift], href: str, *, editable: bool
) -> list[Component]:
    """The open or agency shifts of a unit, on a day or over the period."""
    shown = [shift for shift in shifts if day is None or shift.date == day]
    if not shown:
        return [html.P("Nothing here on this day.", className="muted")]
    parts: list[Component] = []
    for shift in shown:
        who = shift.agency_worker or ("Open shift" if shift.is_vacant else "Agency worker")
        words = (
            f"{formats.day(shift.date)}, {time_text(shift.starts_at)}–{time_text(shift.ends_at)}"
        )
        inner: list[Component | str] = [
            shift_code(shift.code, category_of(shift.kind)),
            html.Span(f"{who} · {words}"),
        ]
        if editable:
            inner.append(
                button("Remove", id=act_id("clear", shift.id, shift.version), kind="quiet")
            )
        parts.append(html.Div(inner, className="panel-shift-head"))
    if any(shift.is_vacant for shift in shown):
        parts.append(link_button("Fill open shifts", href, icon_name="person-plus"))
    return parts


def refusal_panel(refusal: Refused) -> list[Component]:
    """A refused shift with what would open it, when something would."""
    parts: list[Component] = [
        verdict_line(refusal.verdict),
        html.P(refusal.hint, className="muted"),
    ]
    if refusal.can_be_compensated:
        owed = formats.hours_from_minutes(refusal.verdict.owed_minutes)
        due = formats.day(refusal.verdict.owed_by)
        parts.append(html.P(f"{owed} of compensatory rest, to be taken by {due}."))
        parts.append(button("Record the rest and assign", id=act_id("again-rest"), kind="primary"))
    elif refusal.may_be_overruled:
        parts.append(field("Reason", text_field(REASON, maxlength=300), required=True))  # type: ignore[arg-type]
        parts.append(button("Set the rule aside", id=act_id("again-reason"), kind="primary"))
    return parts
