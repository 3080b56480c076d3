"""Filling a vacancy: the list of gaps by urgency, who could work, and why nobody can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import chip
from components.icons import icon
from components.legend import shift_code
from components.theme import Category, Status

Verdict = Literal["free", "warned", "barred"]
_VERDICTS: dict[str, tuple[str, Status]] = {
    "free": ("Free", Status.GOOD),
    "warned": ("Warned", Status.WARN),
    "barred": ("Barred", Status.BAD),
}


@dataclass(frozen=True, slots=True)
class GapItem:
    """One open shift in the list; ``detail`` says what matters ("released to agency")."""

    id: int
    day: date
    code: str
    category: Category
    label: str
    place: str
    href: str
    detail: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person for one gap: verdict, reasons in plain English, cost, fairness."""

    id: int
    name: str
    grade: str
    verdict: Verdict
    reasons: Sequence[str] = ()
    pence: int | None = None
    source: str = ""
    fairness: str = ""
    hours: str = ""


def gap_list(groups: Sequence[tuple[str, Sequence[GapItem]]], *, today: date) -> Component:
    """Open shifts under headings such as "Within 48 hours", each a link that chooses it."""
    parts: list[Component] = []
    for title, items in groups:
        if not items:
            continue
        parts.append(
            html.H2(
                [title, html.Span(str(len(items)), className="count")], className="list-heading"
            )
        )
        parts.append(html.Ul([_gap(item, today) for item in items], className="gap-list"))
    return html.Div(parts, className="gaps")


def _gap(item: GapItem, today: date) -> Component:
    link = dcc.Link(
        [
            shift_code(item.code, item.category),
            html.Span(
                [
                    html.Span(f"{formats.day(item.day)}, {item.label}", className="gap-what"),
                    html.Span(
                        " · ".join(words for words in (item.place, item.detail) if words),
                        className="gap-where",
                    ),
                ],
                className="gap-words",
            ),
            html.Span(formats.relative_day(item.day, today), className="gap-when"),
        ],
        href=item.href,
        className="gap is-on" if item.chosen else "gap",
    )
    return html.Li(link)


def candidate_list(
    candidates: Sequence[Candidate], *, assign_type: str = "", assign_text: str = "Assign"
) -> Component:
    """People as rows, in the order given. Who is not barred has a button with the id
    ``{"type": assign_type, "person": candidate.id}``; without ``assign_type`` nobody has one.
    """
    return html.Ul(
        [_candidate(c, assign_type, assign_text) for c in candidates], className="candidates"
    )


def _candidate(person: Candidate, assign_type: str, assign_text: str) -> Component:
    word, status = _VERDICTS[person.verdict]
    facts = [words for words in (person.source, person.hours, person.fairness) if words]
    parts: list[Component] = [
        html.Div(chip(word, status), className="candidate-verdict"),
        html.Div(
            [
                html.Div(
                    [
                        html.Span(person.name, className="candidate-name"),
                        html.Span(person.grade, className="muted"),
                    ]
                ),
                html.Ul([html.Li(reason) for reason in person.reasons], className="reasons")
                if person.reasons
                else html.Div("No rule against it.", className="muted candidate-more"),
                *([html.Div(" · ".join(facts), className="muted candidate-more")] if facts else []),
            ],
            className="candidate-words",
        ),
        html.Div(formats.money(person.pence), className="candidate-cost num"),
    ]
    if assign_type and person.verdict != "barred":
        parts.append(
            html.Button(
                [
                    html.Span(assign_text),
                    html.Span(f" {person.name}", className="visually-hidden"),
                ],
                id={"type": assign_type, "person": person.id},
                type="button",
                className="btn btn-secondary" if person.verdict == "warned" else "btn btn-primary",
            )
        )
    return html.Li(parts, className=f"candidate candidate-{person.verdict}")


def rules_matrix(
    people: Sequence[tuple[int, str]],
    rules: Sequence[tuple[str, str]],
    broken: Mapping[tuple[int, str], str],
) -> Component:
    """ "Why can't this be filled?": people down, rules across, a cross with its reason where a
    rule stands in the way. ``people`` are (id, name), ``rules`` (key, name), ``broken`` gives the
    reason by (person id, rule key).
    """
    head = [html.Th("Person", scope="col")]
    head += [html.Th(name, scope="col", className="rule-name") for _, name in rules]
    rows = []
    for person, name in people:
        cells: list[Component] = [html.Th(name, scope="row")]
        for key, rule in rules:
            reason = broken.get((person, key))
            if reason is None:
                cells.append(
                    html.Td(icon("check", label=f"{rule}: kept"), className="rule-cell text-good")
                )
            else:
                cells.append(
                    html.Td(
                        icon("x-lg", label=f"{rule}: {reason}"),
                        className="rule-cell rule-broken",
                        title=reason,
                    )
                )
        rows.append(html.Tr(cells))
    caption = "Which rule keeps whom from this shift"
    return html.Div(
        html.Table(
            [
                html.Caption(caption, className="visually-hidden"),
                html.Thead(html.Tr(head)),
                html.Tbody(rows),
            ],
            className="table-plain rules-matrix",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )
