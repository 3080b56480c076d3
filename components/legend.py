"""The legend of shift codes: what each code, colour and mark in the rota means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from components.theme import SHIFT_STYLES, Category


@dataclass(frozen=True, slots=True)
class Code:
    """A shift or absence code as the organisation uses it: ``D``, "Long day", 08:00–20:00."""

    code: str
    label: str
    category: Category
    times: str = ""
    key: str = ""


#: marks on a cell, and what they mean
MARKS: tuple[tuple[str, str], ...] = (
    ("overtime", "Overtime"),
    ("agency", "Agency"),
    ("draft", "Draft"),
    ("locked", "Locked"),
    ("extra", "Supernumerary"),
    ("note", "Note"),
    ("warning", "Rule warning"),
    ("breach", "Rule breach"),
)


def shift_code(code: str, category: Category, *, marks: Sequence[str] = ()) -> Component:
    """One code in its colours, as a cell of the grid shows it, for use outside the grid."""
    classes = " ".join(["code", f"shift-{category}", *(f"mark-{mark}" for mark in marks)])
    return html.Span(code, className=classes, title=SHIFT_STYLES[category].label)


def legend(codes: Sequence[Code], *, marks: bool = True, id: str | None = None) -> Component:
    """All codes with their words, then the marks."""
    entries = [
        html.Li(
            [
                shift_code(code.code, code.category),
                html.Span(code.label),
                *([html.Span(code.times, className="legend-times")] if code.times else []),
            ]
        )
        for code in codes
    ]
    if marks:
        entries += [
            html.Li([html.Span("D", className=f"code shift-day mark-{mark}"), html.Span(words)])
            for mark, words in MARKS
        ]
    attributes = {"id": id} if id else {}
    return html.Ul(
        entries,
        className="legend",
        tabIndex=0,
        **attributes,
        **{"aria-label": "Codes and marks"},
    )
