"""The difference of two rotas as a grid: what stands, and beside it what would, as a ghost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dash import html
from dash.development.base_component import Component

from components import formats
from components.legend import shift_code
from components.theme import Category

#: a day as it is drawn: code, its colours, and the unit if it is not the person's own
Drawn = tuple[str, Category, str]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One person: the days as they stand and as they would be (absent: free)."""

    name: str
    unit: str
    before: Mapping[date, Drawn]
    after: Mapping[date, Drawn]


def difference_grid(
    rows: Sequence[DifferenceRow], days: Sequence[date], *, caption: str
) -> Component:
    """People down, days across; a changed cell shows the old code struck out and the new one."""
    head = [html.Th("Person", scope="col")]
    head += [
        html.Th(
            [html.Span(f"{day:%a}"), html.Br(), html.Span(f"{day.day}")],
            scope="col",
            className="is-weekend" if day.weekday() >= 5 else None,
            title=formats.day_long(day),
        )
        for day in days
    ]
    body: list[Component] = []
    unit = None
    for row in rows:
        if row.unit != unit:
            unit = row.unit
            body.append(
                html.Tr(
                    html.Th(unit or "No unit", colSpan=len(days) + 1, scope="colgroup"),
                    className="difference-unit",
                )
            )
        cells = [_cell(day, row.before.get(day), row.after.get(day)) for day in days]
        body.append(html.Tr([html.Th(row.name, scope="row"), *cells]))
    return html.Div(
        html.Table(
            [
                html.Caption(caption, className="visually-hidden"),
                html.Thead(html.Tr(head)),
                html.Tbody(body),
            ],
            className="table-plain difference-grid",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )


def _cell(day: date, before: Drawn | None, after: Drawn | None) -> Component:
    weekend = " is-weekend" if day.weekday() >= 5 else ""
    if before == after:
        inner: list[Component | str] = [_code(before)] if before else []
        return html.Td(inner, className=f"difference-same{weekend}")
    parts: list[Component] = []
    if before:
        parts.append(html.Del(_code(before), className="difference-old"))
    if after:
        parts.append(html.Ins(_code(after), className="difference-new"))
    else:
        parts.append(html.Span("off", className="difference-off"))
    return html.Td(
        html.Div(parts, className="difference-both"),
        className=f"difference-changed{weekend}",
        title=f"{formats.day(day)}: {_words(before)} → {_words(after)}",
    )


def _code(drawn: Drawn) -> Component:
    return shift_code(drawn[0], drawn[1])


def _words(drawn: Drawn | None) -> str:
    if drawn is None:
        return "free"
    return f"{drawn[0]} on {drawn[2]}" if drawn[2] else drawn[0]
