"""The one way a chart comes onto a page: framed, named, exportable and private.

Plotly's own toolbar offers to send a chart to a cloud service. Every chart therefore goes
through :func:`chart`, which closes that door; a test forbids ``dcc.Graph`` anywhere else.
"""

from __future__ import annotations

import re
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.charts.template import ROTA, Figure
from components.icons import icon

#: closes the way out twice: the button is gone and its address is empty
CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "displaylogo": False,
    "showSendToCloud": False,
    "showEditInChartStudio": False,
    "plotlyServerURL": "",
    "responsive": True,
    "doubleClickDelay": 400,
    "locale": "en",
}


def chart(
    id: str,
    figure: Figure,
    *,
    title: str,
    description: str,
    filename: str,
    subtitle: str = "",
    height: int = 320,
    tools: bool = True,
    table: bool = False,
    clickable: bool = False,
    min_width: int = 0,
    class_name: str = "",
) -> Component:
    """A chart in its frame.

    ``title`` states the finding ("Agency share fell to 6%"), ``subtitle`` the definition and
    period; ``description`` is the sentence a screen reader says and the caption under the chart
    on paper. ``filename`` without ending names the PNG, SVG, CSV and XLSX files. A callback may replace
    ``figure`` of ``id``, ``children`` of ``{id}-title``, ``{id}-subtitle``, ``{id}-description``.
    ``table`` puts the figure's data underneath, folded away. ``min_width`` in pixels, by
    default what the figure says it needs, makes a wide figure scroll sideways on a phone.
    """
    layout = {"template": ROTA, **figure.get("layout", {})}
    min_width = min_width or (layout.get("meta") or {}).get("min_width", 0)
    label = f"{id}-title"
    head: list[Component] = [
        html.Div(
            [
                html.H2(title, id=label, className="chart-title"),
                html.P(subtitle, id=f"{id}-subtitle", className="chart-subtitle"),
            ],
            className="chart-words",
        )
    ]
    if tools:
        head.append(_tools(title))
    body = dcc.Graph(
        id=id,
        figure={**figure, "layout": layout},
        config=CONFIG,
        responsive=True,
        className="chart-graph clickable" if clickable else "chart-graph",
        style={"height": f"{height}px"} | ({"minWidth": f"{min_width}px"} if min_width else {}),
    )
    parts: list[Component] = [
        html.Div(head, className="chart-head"),
        html.Div(
            body,
            role="img",
            className="chart-body",
            **{"aria-labelledby": label, "aria-describedby": f"{id}-description"},
        ),
        html.Figcaption(description, id=f"{id}-description", className="chart-description"),
    ]
    if table:
        parts.append(chart_table(figure))
    return html.Figure(
        parts,
        className=f"chart {class_name}".strip(),
        **{"data-filename": _safe_name(filename), "aria-labelledby": label},
    )


def chart_table(figure: Figure) -> Component:
    """The figure's data as a table, folded under the chart: for reading and for screen readers."""
    meta = figure.get("layout", {}).get("meta") or {}
    columns, rows = meta.get("columns", []), meta.get("rows", [])
    numeric = [any(isinstance(row[i], int | float) for row in rows) for i, _ in enumerate(columns)]

    def cell(value: Any, i: int) -> Component:
        text = "" if value is None else f"{value:,}" if isinstance(value, int | float) else value
        return html.Td(text, className="num" if numeric[i] else None)

    return html.Details(
        [
            html.Summary("Show the figures"),
            html.Div(
                html.Table(
                    [
                        html.Thead(
                            html.Tr(
                                [
                                    html.Th(c, scope="col", className="num" if n else None)
                                    for c, n in zip(columns, numeric, strict=True)
                                ]
                            )
                        ),
                        html.Tbody(
                            [html.Tr([cell(v, i) for i, v in enumerate(row)]) for row in rows]
                        ),
                    ],
                    className="table-plain",
                ),
                className="table-scroll",
                tabIndex=0,
            ),
        ],
        className="chart-figures",
    )


#: sizes of a picture in pixels, by what it is for; empty is as large as on the screen
SIZES = (("", "As shown"), ("1280x720", "Slide"), ("1600x600", "Wide"), ("1000x1000", "Square"))


def _tools(title: str) -> Component:
    """Export buttons; ``assets/charts.js`` listens for them, no callback is involved."""
    kinds = (
        ("png", "PNG", "Save as picture (PNG)"),
        ("svg", "SVG", "Save as drawing (SVG)"),
        ("csv", "CSV", "Save the figures (CSV)"),
        ("xlsx", "XLSX", "Save the figures (XLSX)"),
        ("link", "Link", "Copy a link to this chart"),
    )
    buttons: list[Component] = [
        html.Button(
            [icon(icons[kind]), html.Span(word)] if kind in icons else html.Span(word),
            type="button",
            className="chart-tool",
            title=hint,
            **{"data-export": kind, "aria-label": f"{hint}: {title}"},
        )
        for icons in [{"png": "download", "link": "link-45deg"}]
        for kind, word, hint in kinds
    ]
    size = html.Select(
        [html.Option(words, value=value) for value, words in SIZES],
        className="chart-size",
        title="Size of the picture",
        **{"aria-label": f"Size of the picture: {title}"},
    )
    return html.Div([size, *buttons], className="chart-tools")


def _safe_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "chart"
