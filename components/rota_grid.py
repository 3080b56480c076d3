"""The rota as a grid: people down, days across, cover at the bottom.

Values go in as frozen dataclasses; a page changes single lines and days through a store
(:func:`delta`). Whatever the mouse or the keyboard does becomes one *intent* in a store
(:func:`intent_id`), written by ``assets/rota-grid.js``::

    {"n": 7, "action": "assign", "row": "812", "day": "2026-03-03", "code": "D", "seen": "5:2"}

``seen`` is the cell's token, so that an edit of something that has changed since is found out.
``action`` is ``select`` (a cell was chosen), ``assign`` (with ``code``), ``clear``, ``lock``,
``move`` (``from`` is the token of the shift put down here), ``undo`` or ``redo``; or ``cells``,
which carries several as ``[row, day, token, code]`` and ``how`` they are changed. One server
callback on that store does the work.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.icons import icon
from components.legend import Code, shift_code
from components.tables import THEME
from components.theme import Category

PERSON_WIDTH = 220
BURDEN_WIDTH = 46
#: pixels a day takes at least and at most; between these the days share the room there is
DAY_WIDTH, WIDEST_DAY = 31, 120
#: the cookie in which the browser says how many pixels the days have (``assets/rota-grid.js``)
ROOM_COOKIE = "rota_room"


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One day of the period; ``holiday`` is its name when it is a bank holiday."""

    day: date
    holiday: str = ""

    @property
    def field(self) -> str:
        """The column's name in rows and intents: the ISO date."""
        return self.day.isoformat()


@dataclass(frozen=True, slots=True)
class GridCell:
    """What one person does on one day.

    ``marks`` from :data:`components.legend.MARKS`: overtime, agency, draft, locked, warning,
    breach. ``note`` is the sentence shown on hover and spoken. ``proposed`` is the code a
    scenario proposes instead (shown as a ghost beside it). ``token`` is what an intent on the
    cell brings back as ``seen``: which version of what was looked at. ``flag`` (``warning`` or
    ``breach``) and ``flag_note`` are what the rules say, apart from the rest because an edit
    elsewhere on the line can take them away.
    """

    code: str
    category: Category
    marks: tuple[str, ...] = ()
    note: str = ""
    proposed: str = ""
    token: str = ""
    flag: str = ""
    flag_note: str = ""

    def value(self) -> dict[str, Any]:
        """The cell as it travels: short keys, nothing empty."""
        made: dict[str, Any] = {"c": self.code, "k": str(self.category)}
        if self.marks:
            made["m"] = list(self.marks)
        if self.note:
            made["t"] = self.note
        if self.proposed:
            made["p"] = self.proposed
        if self.token:
            made["v"] = self.token
        if self.flag:
            made |= {"x": self.flag, "f": self.flag_note}
        return made


@dataclass(frozen=True, slots=True)
class GridRow:
    """One person, their hours in the period, and their days; or a heading (``heading=True``).

    ``flag`` (``warning`` or ``breach``) marks what the rules say about the person's weeks; the
    words go into ``note``. ``nights`` and ``weekend_days`` of the period are shown against the
    share that the contract makes the person's.
    """

    id: str
    name: str
    grade: str = ""
    contracted_hours: float = 0.0
    rostered_hours: float = 0.0
    cells: Mapping[date, GridCell] = field(default_factory=dict)
    note: str = ""
    flag: str = ""
    heading: bool = False
    vacancies: bool = False
    nights: int = 0
    weekend_days: int = 0

    def value(self) -> dict[str, Any]:
        """The row as it travels."""
        made: dict[str, Any] = {"id": self.id, "name": self.name}
        if self.heading:
            made["head"] = True
            return made
        if self.vacancies:
            made["open"] = True
            made["alert"] = any(c.category is Category.VACANCY for c in self.cells.values())
        else:
            made |= {
                "g": self.grade,
                "ch": round(self.contracted_hours, 2),
                "rh": round(self.rostered_hours, 2),
                "ni": self.nights,
                "we": self.weekend_days,
            }
        if self.note:
            made["note"] = self.note
        if self.flag:
            made["flag"] = self.flag
        for day, cell in self.cells.items():
            made[day.isoformat()] = cell.value()
        return made

    def delta(self, days: Collection[date]) -> dict[str, Any]:
        """What a line that is shown already must change: its head, some days, and the days the
        rules speak of. The script takes the rules' marks off every other day."""
        if self.heading or self.vacancies:
            return {"whole": self.value()}
        head = {key: value for key, value in self.value().items() if not key[0].isdigit()}
        del head["name"], head["g"], head["ch"]
        cells = {
            day.isoformat(): self.cells[day].value() if day in self.cells else None
            for day in sorted({*days, *(d for d, cell in self.cells.items() if cell.flag)})
        }
        return {**head, "days": cells}


@dataclass(frozen=True, slots=True)
class Cover:
    """Planned against required on one day for one shift."""

    planned: int
    required: int


@dataclass(frozen=True, slots=True)
class CoverRow:
    """One line of cover at the bottom, for one shift type."""

    id: str
    label: str
    days: Mapping[date, Cover]

    def value(self) -> dict[str, Any]:
        """The row as it travels."""
        return {"id": self.id, "name": self.label, "cover": True, **self.days_value()}

    def days_value(self) -> dict[str, Any]:
        """Its days alone, for changing some of them."""
        return {
            day.isoformat(): {"pl": cover.planned, "rq": cover.required}
            for day, cover in self.days.items()
        }


def columns(start: date, weeks: int, holidays: Mapping[date, str]) -> list[GridColumn]:
    """The days of a period with their bank holidays named."""
    days = (start + timedelta(days=i) for i in range(7 * weeks))
    return [GridColumn(day, holidays.get(day, "")) for day in days]


def intent_id(id: str) -> str:
    """The id of the store in which what the person did arrives."""
    return f"{id}-intent"


def delta_id(id: str) -> str:
    """The id of the store through which single lines and days are redrawn (:func:`delta`)."""
    return f"{id}-delta"


def delta(
    grid_id: str, rows: Sequence[GridRow], cover: Sequence[CoverRow], days: Collection[date]
) -> dict[str, Any]:
    """The smallest redrawing after an edit: some lines, of each some days, and their cover.

    ``assets/rota-grid.js`` merges it into what is shown; one edit is a few hundred bytes.
    """
    return {
        "grid": grid_id,
        "rows": [row.delta(days) for row in rows],
        "cover": {
            day.isoformat(): [
                [row.days[day].planned, row.days[day].required] if day in row.days else None
                for row in cover
            ]
            for day in sorted(days)
            if any(day in row.days for row in cover)
        },
    }


def brush_id(id: str) -> str:
    """The id of the store that says which code is being painted with (``{"code": "D"}``)."""
    return f"{id}-brush"


def rota_grid(
    id: str,
    days: Sequence[GridColumn],
    rows: Sequence[GridRow],
    cover: Sequence[CoverRow],
    *,
    today: date,
    editable: bool,
    label: str = "Rota",
    shares: Mapping[str, float] | None = None,
    room: int = 0,
) -> Component:
    """The grid and its intent store. It takes all the height of its place.

    ``shares`` are nights and weekend days per contracted hour that are usual, by grade: what
    the column of nights and weekends is measured by. ``room`` is how many pixels the days
    had when a rota was last open: with the right widths from the start, the browser lays out
    hundreds of cells once and not twice.
    ``editable`` lets clicks and keys ask for changes; it is a convenience of the screen, the
    service decides.
    """
    table = dag.AgGrid(
        id=id,
        columnDefs=_definitions(days, today, shares or {}, room),
        rowData=[row.value() for row in rows],
        getRowId="params.data.id",
        defaultColDef={
            "sortable": False,
            "resizable": False,
            "suppressMovable": True,
            "suppressHeaderMenuButton": True,
            "cellDataType": False,
            "suppressKeyboardEvent": {"function": "rotaOwnKey(params)"},
        },
        rowClassRules={
            "row-heading": "params.data.head === true",
            "row-open": "params.data.open === true",
            "row-cover": "params.data.cover === true",
        },
        dashGridOptions={
            "theme": THEME,
            "headerHeight": 40,
            "groupHeaderHeight": 24,
            "pinnedBottomRowData": [row.value() for row in cover],
            "animateRows": False,
            "suppressColumnVirtualisation": False,
            "suppressRowHoverHighlight": False,
            "rowBuffer": 2,
            "tooltipShowDelay": 500,
            "ensureDomOrder": True,
            "localeText": {"noRowsToShow": "Nobody works here yet."},
        },
        dangerously_allow_code=False,
        className="rota-grid",
        style={"height": "100%"},
    )
    return html.Div(
        [
            table,
            *(dcc.Store(id=name) for name in (intent_id(id), brush_id(id), delta_id(id))),
        ],
        className="rota-frame",
        role="region",
        **{
            "aria-label": label,
            "data-rota": id,
            "data-editable": "yes" if editable else "no",
        },
    )


def row_update(rows: Sequence[GridRow]) -> dict[str, Any]:
    """The ``rowTransaction`` that shows changed rows."""
    return {"update": [row.value() for row in rows], "async": False}


def cover_update(cover: Sequence[CoverRow]) -> list[dict[str, Any]]:
    """Cover rows for ``Patch()["pinnedBottomRowData"]`` of ``dashGridOptions``."""
    return [row.value() for row in cover]


def palette(grid_id: str, codes: Sequence[Code], *, id: str | None = None) -> Component:
    """The codes one paints with, each with the key that picks it.

    Picking a code starts painting: a click on a cell assigns it; Escape or "Select" ends it.
    The keys work on the focused cell as well, without the mouse.
    """
    tools: list[Component] = [
        _tool("", [icon("cursor"), "Select"], "Esc", "Choose cells without changing them", on=True)
    ]
    for number, code in enumerate(codes, start=1):
        key = code.key or (str(number) if number <= 9 else "")
        words = f"{code.label} {code.times}".strip()
        tools.append(_tool(code.code, [shift_code(code.code, code.category)], key, words))
    tools.append(_tool("-", [icon("eraser"), "Clear"], "Del", "Clear the shift"))
    tools.append(
        _tool(
            "~",
            [icon("arrows-move"), "Move"],
            "",
            "Move a shift: click it, then the day it goes to; onto another shift is a swap "
            "(Ctrl+X, Ctrl+V)",
        )
    )
    attributes = {"id": id} if id else {}
    return html.Div(
        tools,
        className="palette",
        role="toolbar",
        **attributes,
        **{"aria-label": "Codes to paint with", "data-palette": grid_id},
    )


def selection_bar(grid_id: str) -> Component:
    """What can be done with several chosen cells; hidden until there are some.

    Cells are chosen by dragging, Shift and a click, or Shift and the arrows; a code of the
    palette (or its key) then fills them all, ``Ctrl+D`` fills down, ``Ctrl+C`` and ``Ctrl+V``
    copy and paste tables of codes.
    """
    actions = (
        ("fill", "arrow-down-square", "Fill down", "The first line's codes in the others (Ctrl+D)"),
        ("clear", "eraser", "Clear", "Clear the chosen cells (Del)"),
        ("none", "x-lg", "Let go", "Choose none (Esc)"),
    )
    buttons = [
        html.Button(
            [icon(name), html.Span(text)],
            type="button",
            className="btn btn-secondary",
            title=title,
            **{"data-picked-do": what},
        )
        for what, name, text, title in actions
    ]
    words = html.Span("", className="num", role="status", **{"data-picked-count": "yes"})
    return html.Div(
        [words, *buttons], className="picked-bar", hidden=True, **{"data-picked-for": grid_id}
    )


def _tool(
    code: str, inner: list[Component | str], key: str, title: str, *, on: bool = False
) -> Component:
    parts = [*inner, *([html.Kbd(key.capitalize())] if key else [])]
    return html.Button(
        parts,
        type="button",
        className="palette-tool",
        title=f"{title} ({key})" if key else title,
        **{
            "data-code": code,
            "data-hotkey": key.lower(),
            "aria-pressed": "true" if on else "false",
            "aria-label": title,
        },
    )


def _definitions(
    days: Sequence[GridColumn], today: date, shares: Mapping[str, float], room: int
) -> list[dict[str, Any]]:
    person: dict[str, Any] = {
        "field": "name",
        "headerName": "Name",
        "pinned": "left",
        "width": PERSON_WIDTH,
        # the cell is drawn anew when its value changes: hours and marks belong to it
        "valueGetter": {"function": "rotaPerson(params)"},
        "cellRenderer": "RotaPerson",
        "cellClass": "cell-person",
        "headerClass": "head-person",
    }
    burden: dict[str, Any] = {
        "colId": "burden",
        "headerName": "N · W",
        "headerTooltip": "Nights and weekend days of the period; marked where they are more than a "
        "quarter above the share of the contract",
        "pinned": "left",
        "width": BURDEN_WIDTH,
        "valueGetter": {"function": "rotaBurden(params)"},
        "cellRenderer": "RotaBurden",
        "cellRendererParams": {"shares": dict(shares)},
        "cellClass": "cell-burden",
        "headerClass": "head-burden",
    }
    made: list[dict[str, Any]] = [
        {"headerName": "Staff", "headerClass": "head-week", "children": [person, burden]}
    ]
    widths = iter(day_widths(room, len(days)))
    for first in range(0, len(days), 7):
        week = days[first : first + 7]
        made.append(
            {
                "headerName": _week_name(week),
                "headerClass": "head-week",
                "marryChildren": True,
                "children": [_day(column, today, next(widths)) for column in week],
            }
        )
    return made


def _week_name(week: Sequence[GridColumn]) -> str:
    words = formats.period(week[0].day, week[-1].day)
    named = [f"{c.holiday} {formats.day(c.day)}" for c in week if c.holiday]
    return " · ".join([words, *named])


def day_widths(room: int, count: int) -> list[int]:
    """Whole pixels for each day so that they fill the room, the first ones taking what is over.

    ``fit`` in ``assets/rota-grid.js`` computes the same in the browser.
    """
    each = min(max(room // count, DAY_WIDTH), WIDEST_DAY)
    over = min(max(room - each * count, 0), count) if each < WIDEST_DAY else 0
    return [each + 1] * over + [each] * (count - over)


def _day(column: GridColumn, today: date, width: int) -> dict[str, Any]:
    classes = ["day"]
    if column.day.weekday() >= 5:
        classes.append("day-weekend")
    if column.holiday:
        classes.append("day-holiday")
    if column.day == today:
        classes.append("day-today")
    if column.day.weekday() == 0:
        classes.append("day-monday")
    words = formats.day_long(column.day)
    return {
        "field": column.field,
        "headerName": f"{formats.weekday(column.day)[:2]}\n{column.day.day}",
        "headerTooltip": f"{words}: {column.holiday}" if column.holiday else words,
        "headerClass": [f"head-{name}" for name in classes],
        "cellClass": classes,
        "cellRenderer": "RotaCell",
        "minWidth": DAY_WIDTH,
        "width": width,
        "maxWidth": WIDEST_DAY,
    }
