"""Tables: the AG Grid factory for long lists and plain HTML tables for short ones.

Values travel as numbers and are written by functions in
``assets/dashAgGridFunctions.js``, which follow :mod:`components.formats`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

Kind = Literal[
    "text", "number", "hours", "money", "pence", "percent", "date", "status", "link", "code"
]
_NUMERIC = ("number", "hours", "money", "pence", "percent")
_FORMATTERS = {
    "number": "rotaNumber(params.value)",
    "hours": "rotaHours(params.value)",
    "money": "rotaMoney(params.value)",
    "pence": "rotaPence(params.value)",
    "percent": "rotaPercent(params.value)",
    "date": "rotaDay(params.value)",
}
_RENDERERS = {"status": "RotaStatus", "link": "RotaLink", "code": "RotaCode"}

#: the theme comes from the style sheet (``assets/ui-grid.css``), in both colour schemes
THEME = {"function": "themeQuartz"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid.

    ``kind`` says what the values are: hours and numbers as numbers, money as pence, percent as
    a share of one, dates as ``YYYY-MM-DD``, status as ``"good|Approved"``, link as
    ``{"text", "href"}``, code as ``"D|day"``.
    """

    field: str
    title: str
    kind: Kind = "text"
    width: int = 0
    flex: int = 0
    pinned: bool = False
    hint: str = ""
    sort: Literal["", "asc", "desc"] = ""
    filter: bool = False
    wrap: bool = False

    def definition(self) -> dict[str, Any]:
        """The AG Grid column definition."""
        made: dict[str, Any] = {"field": self.field, "headerName": self.title}
        if self.kind in _NUMERIC:
            made |= {"type": "rightAligned", "cellClass": "num"}
        if self.kind in _FORMATTERS:
            made["valueFormatter"] = {"function": _FORMATTERS[self.kind]}
        if self.kind in _RENDERERS:
            made["cellRenderer"] = _RENDERERS[self.kind]
        if self.kind == "link":
            made["comparator"] = {"function": "rotaByText(params)"}
        optional: dict[str, Any] = {
            "width": self.width,
            "flex": self.flex,
            "headerTooltip": self.hint,
            "sort": self.sort,
        }
        made |= {key: value for key, value in optional.items() if value}
        if self.flex:
            made["minWidth"] = self.width or 140
        if self.pinned:
            made["pinned"] = "left"
        if self.filter:
            made["filter"] = "agTextColumnFilter" if self.kind == "text" else True
            made["floatingFilter"] = False
        if self.wrap:
            made |= {"wrapText": True, "autoHeight": True}
        return made


def grid(
    id: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    row_id: str = "id",
    label: str,
    height: int = 0,
    select: Literal["", "one", "many"] = "",
    totals: Sequence[Mapping[str, Any]] = (),
    empty: str = "Nothing to show.",
    page_size: int = 0,
) -> Component:
    """A table to sort and filter. Without ``height`` it is as tall as its rows (up to 100).

    ``totals`` are rows kept at the bottom. A callback changes it by ``rowData`` or
    ``rowTransaction`` of ``id``.
    """
    options: dict[str, Any] = {
        "theme": THEME,
        "headerHeight": 36,
        "suppressCellFocus": False,
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "animateRows": False,
        "suppressMovableColumns": True,
        "tooltipShowDelay": 400,
        "localeText": {"noRowsToShow": empty},
    }
    if not height:
        options["domLayout"] = "autoHeight"
    if totals:
        options["pinnedBottomRowData"] = [dict(row) for row in totals]
    if select:
        many = select == "many"
        options["rowSelection"] = {
            "mode": "multiRow" if many else "singleRow",
            "checkboxes": many,
            "headerCheckbox": many,
            "enableClickSelection": not many,
        }
    if page_size:
        options |= {
            "pagination": True,
            "paginationPageSize": page_size,
            "paginationPageSizeSelector": False,
        }
    table = dag.AgGrid(
        id=id,
        columnDefs=[column.definition() for column in columns],
        rowData=[{**row, row_id: str(row[row_id])} for row in rows],
        getRowId=f"params.data.{row_id}",
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "minWidth": 64,
            "suppressHeaderMenuButton": True,
            "cellDataType": False,
        },
        dashGridOptions=options,
        dangerously_allow_code=False,
        className="rota-table",
        style={"height": f"{height}px"} if height else {"height": None},
    )
    return html.Div(table, className="grid-frame", role="region", **{"aria-label": label})


def simple_table(
    columns: Sequence[str | tuple[str, Literal["num", "text"]]],
    rows: Sequence[Sequence[Component | str | int | float | None]],
    *,
    caption: str,
    show_caption: bool = False,
    footer: Sequence[Component | str | int | float | None] = (),
    id: str | None = None,
) -> Component:
    """A short table. A column given as ``(title, "num")`` stands right in tabular figures.

    Values must already be formatted (:mod:`components.formats`); ``None`` is shown as a dash.
    The first cell of each row is its heading.
    """
    titles = [c if isinstance(c, str) else c[0] for c in columns]
    classes = ["num" if not isinstance(c, str) and c[1] == "num" else None for c in columns]

    def line(row: Sequence[Any]) -> Component:
        cells: list[Component] = []
        for i, value in enumerate(row):
            shown = "–" if value is None else value
            if i == 0:
                cells.append(html.Th(shown, scope="row", className=classes[i]))
            else:
                cells.append(html.Td(shown, className=classes[i]))
        return html.Tr(cells)

    parts: list[Component] = [
        html.Caption(caption, className=None if show_caption else "visually-hidden"),
        html.Thead(
            html.Tr(
                [
                    html.Th(title, scope="col", className=name)
                    for title, name in zip(titles, classes, strict=True)
                ]
            )
        ),
        html.Tbody([line(row) for row in rows]),
    ]
    if footer:
        parts.append(html.Tfoot(line(footer)))
    attributes = {"id": id} if id else {}
    return html.Div(
        html.Table(parts, className="table-plain", **attributes),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )


def facts(pairs: Sequence[tuple[str, Component | str]]) -> Component:
    """Names and values under each other, as in a drawer: ``Cost  £243``."""
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value)], className="fact") for name, value in pairs],
        className="facts",
    )
