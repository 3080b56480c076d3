"""Cover as a table of links: units down, days and nights across, "3/4" in every cell.

The same values as :mod:`components.charts.heatmap`, as HTML: each cell leads to its day, it is
read by screen readers, prints, follows the theme and scrolls under a sticky first column.

A fortnight of a home is hundreds of cells, and Dash's renderer takes time that grows with the
square of the components it replaces (seconds from a thousand on). So a cell is one component:
only a gap is a link of its own, and a click on any other cell is caught by ``assets/shell.js``.
Days and units are links for the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.charts.heatmap import CoverCell
from components.icons import icon

BANDS = {"day": ("sun", "Day"), "night": ("moon", "Night")}


def cover_matrix(
    cells: Sequence[CoverCell],
    *,
    today: date,
    href: Callable[[CoverCell], str],
    caption: str,
    row_href: Callable[[str], str] | None = None,
    day_href: Callable[[date], str] | None = None,
    row_title: str = "Unit",
) -> Component:
    """The table. ``href`` gives where a cell leads, ``row_href`` and ``day_href`` where the name
    of a row and of a day lead."""
    units = list(dict.fromkeys(cell.unit for cell in cells))
    days = sorted({cell.day for cell in cells})
    bands = [band for band in BANDS if any(cell.band == band for cell in cells)]
    found = {(c.unit, c.day, c.band): c for c in cells}
    head = [html.Th(row_title, scope="col", className="matrix-unit", rowSpan=2)]
    head += [
        html.Th(
            _day(day, day_href),
            scope="colgroup",
            colSpan=len(bands),
            className=_day_class(day, today),
            title=formats.day_long(day),
        )
        for day in days
    ]
    second = [
        html.Th(
            icon(BANDS[band][0], label=BANDS[band][1]),
            scope="col",
            className=f"matrix-band {_edge(i)}".strip(),
            title=BANDS[band][1],
        )
        for _ in days
        for i, band in enumerate(bands)
    ]
    body = []
    for unit in units:
        name = dcc.Link(unit, href=row_href(unit)) if row_href else unit
        row: list[Component] = [html.Th(name, scope="row", className="matrix-unit")]
        for day in days:
            for i, band in enumerate(bands):
                row.append(_cell(found.get((unit, day, band)), href, _edge(i)))
        body.append(html.Tr(row))
    return html.Div(
        html.Table(
            [
                html.Caption(caption, className="visually-hidden"),
                html.Thead([html.Tr(head), html.Tr(second)]),
                html.Tbody(body),
            ],
            className="matrix",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )


def _cell(cell: CoverCell | None, href: Callable[[CoverCell], str], edge: str) -> Component:
    if cell is None:
        return html.Td(className=edge)
    gap = cell.gap
    kind = "even" if gap == 0 else "over" if gap > 0 else "short" if gap == -1 else "worse"
    words = "as required" if gap == 0 else f"{gap} more" if gap > 0 else f"{-gap} short"
    spoken = (
        f"{cell.unit}, {formats.day(cell.day)} {cell.band}: "
        f"{cell.planned} of {cell.required}, {words}"
    )
    text, place = f"{cell.planned}/{cell.required}", href(cell)
    if gap < 0:
        link = dcc.Link(
            [
                html.Span(text, **{"aria-hidden": "true"}),
                html.Span(spoken, className="visually-hidden"),
            ],
            href=place,
            className=f"matrix-cell matrix-{kind}",
            title=spoken,
        )
        return html.Td(link, className=edge)
    return html.Td(
        text,
        className=f"matrix-cell matrix-plain matrix-{kind} {edge}".strip(),
        title=spoken,
        **{"data-href": place, "aria-label": spoken},
    )


def _day(day: date, href: Callable[[date], str] | None) -> Component | list[Component | str]:
    words: list[Component | str] = [
        f"{formats.weekday(day)} ",
        html.Span(str(day.day), className="matrix-date"),
    ]
    return dcc.Link(words, href=href(day), className="matrix-day-link") if href else words


def _edge(band: int) -> str:
    return "matrix-edge" if band == 0 else ""


def _day_class(day: date, today: date) -> str:
    names = ["matrix-day", "matrix-edge"]
    if day.weekday() >= 5:
        names.append("day-weekend")
    if day == today:
        names.append("matrix-today")
    return " ".join(names)


def matrix_key() -> Component:
    """What the colours of the matrix mean, in words."""
    entries = (
        ("worse", "two or more short"),
        ("short", "one short"),
        ("even", "as required"),
        ("over", "more than required"),
    )
    return html.Ul(
        [
            html.Li([html.Span("2/4", className=f"matrix-cell matrix-{kind}"), html.Span(words)])
            for kind, words in entries
        ],
        className="legend",
        **{"aria-label": "Colours of the cover table"},
    )
