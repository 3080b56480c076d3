"""What lies over the page: the search (Ctrl K) and the list of keys (?).

Native dialogs, opened and closed by ``assets/shell.js``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.icons import icon

SEARCH_INPUT = "shell-search-input"
SEARCH_RESULTS = "shell-search-results"


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One thing the search found: kind ("Person", "Unit", "Page", "Day"), name, where it leads."""

    kind: str
    title: str
    href: str
    detail: str = ""


def search_results(hits: Sequence[SearchHit], query: str) -> list[Component]:
    """What stands under the search box: the children of ``SEARCH_RESULTS``."""
    if not hits:
        words = f"Nothing called “{query}”." if query else "A name, a unit, a page, or 3 mar."
        return [html.P(words, className="search-empty")]
    return [
        dcc.Link(
            [
                html.Span(hit.kind, className="search-kind"),
                html.Span(hit.title, className="search-title"),
                html.Span(hit.detail, className="search-detail"),
            ],
            href=hit.href,
            className="search-hit",
        )
        for hit in hits
    ]


#: the keys of the application, as the dialog behind "?" lists them
KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Everywhere",
        (
            ("Ctrl K", "Find a person, unit, page or day"),
            ("?", "This list"),
            ("Tab", "To the next thing; the ring shows where you are"),
            ("Esc", "Close what is open"),
        ),
    ),
    (
        "On the rota",
        (
            ("← ↑ → ↓", "Move between cells"),
            ("1 – 9", "Give the cell that code and move on"),
            ("Enter", "Open the cell, or paint it with the chosen code"),
            ("Del", "Clear the shift"),
            ("L", "Lock or unlock it"),
            ("Ctrl Z", "Undo; Ctrl Y does it again"),
        ),
    ),
)


def keys_dialog() -> Component:
    """The list of keys, closed; ``?`` opens it."""
    parts: list[Component] = [
        html.Div(
            [
                html.H2("Keys"),
                html.Button(
                    type="button",
                    className="btn-close",
                    **{"data-shell": "close", "aria-label": "Close"},
                ),
            ],
            className="keys-head",
        )
    ]
    for title, keys in KEYS:
        parts.append(html.H3(title))
        parts.append(
            html.Dl(
                [html.Div([html.Dt(html.Kbd(key)), html.Dd(words)]) for key, words in keys],
                className="keys",
            )
        )
    return html.Dialog(
        html.Div(parts, className="keys-box"),
        id="shell-keys",
        className="search-dialog",
        **{"aria-label": "Keys"},
    )


def search_dialog() -> Component:
    """The search, closed; a callback fills ``SEARCH_RESULTS`` from ``SEARCH_INPUT``."""
    return html.Dialog(
        html.Div(
            [
                html.Div(
                    [
                        icon("search"),
                        dcc.Input(
                            id=SEARCH_INPUT,
                            type="search",
                            placeholder="Find a person, unit, page or day",
                            debounce=0.15,
                            autoComplete="off",
                            className="search-input",
                        ),
                        html.Kbd("Esc"),
                    ],
                    className="search-line",
                ),
                html.Div(search_results([], ""), id=SEARCH_RESULTS, className="search-results"),
            ],
            className="search-box",
        ),
        id="shell-search",
        className="search-dialog",
        **{"aria-label": "Search"},
    )
