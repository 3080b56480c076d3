"""Dashboards: fairness, absence, compliance, leave, vacancies; one page for their one shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import dash
from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import Kpi, card, kpi_row
from components.charts.graph import chart
from components.feedback import empty_state
from components.filters import Choices, Option, filter_bar, segmented, step_arrow
from components.forms import link_button, tabs
from components.report_tables import is_words, section_figure, written, written_totals
from components.shell import page
from components.state import ScreenState, parse_query
from components.tables import facts, simple_table
from components.theme import Status
from pages._numbers import no_home
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.boards.catalogue import BOARDS, months_up_to
from rota.boards.values import Board, BoardFigure, BoardQuestion, BoardTable, Leads, Place
from rota.calendar import london_today, months_after
from rota.costs.explorer import last_full_month
from rota.reports.document import Column, Kind, Value
from server.answers import SHARED
from server.board_addresses import MONTHS, BoardView, parse_board
from server.cache import remembered
from server.context import current_actor, reading
from server.cost_addresses import SHIFTS_PATH

PATH = "/boards/"
#: rows of a table on the screen; the files have them all
SHOWN_ROWS = 25

dash.register_page(
    __name__,
    path=PATH,
    name="Dashboards",
    title="Dashboards · Staff Rota",
    order=75,
    icon="bar-chart",
    permission=Permission.VIEW_REPORTS,
    remembered=SHARED,
)


def layout(**query: Any) -> Component:
    """The dashboard, months and home that the address asks for."""
    state = parse_query(query)
    view = parse_board(state.view)
    actor = current_actor()
    actor.require(view.kind.permission)
    month = (state.start or last_full_month(london_today())).replace(day=1)
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("Dashboards", [_tabs(view, state), no_home()])
        shown = [choose_home(homes, state.home)] if state.home else homes
        question = BoardQuestion(tuple(shown), months_up_to(month, view.months))
        # people are named, and their Bradford factor shown, only to some roles
        board = remembered(
            f"board {view.kind.key}", shown, (question.period, actor.role, london_today()),
            lambda: view.kind.build(session, actor, question),
        )  # fmt: skip
    place = shown[0].name if len(shown) == 1 else "All homes"
    period = formats.month(question.period.start)
    if view.months > 1:
        period += f" – {formats.month(question.period.end)}"
    return page(
        view.kind.title,
        [_tabs(view, state), *_content(board, question, view, state)],
        subtitle=f"{place} · {period} · {view.kind.description[:1].lower()}{view.kind.description[1:]}",
        filters=_filters(homes, view, state, month),
        secondary=_exports(view, state),
    )


def _tabs(view: BoardView, state: ScreenState) -> Component:
    actor = current_actor()
    return tabs(
        "Dashboard",
        [
            (kind.title, state.to(view=f"{kind.key}.{view.months}").href(PATH), kind is view.kind)
            for kind in BOARDS
            if actor.may(kind.permission)
        ],
    )


def _filters(
    homes: Sequence[HomeChoice], view: BoardView, state: ScreenState, month: date
) -> Component:
    def arrow(name: str, words: str, to: date) -> Component:
        return step_arrow(name, words, state.to(start=to).href(PATH))

    stepper = html.Div(
        [
            arrow("chevron-left", "Month before", months_after(month, -1)),
            html.Span(
                formats.month_short(month) if view.months == 1
                else f"to {formats.month_short(month)}",
                className="period period-words",
            ),
            arrow("chevron-right", "Month after", months_after(month, 1)),
        ],
        className="stepper",
    )  # fmt: skip
    extra = [stepper]
    if view.kind.most_months > 1:
        extra.append(
            segmented(
                "Months shown",
                [(f"{n}m", state.to(view=BoardView(view.kind, n).text).href(PATH),
                  n == view.months, f"{n} months") for n in MONTHS],
            )
        )  # fmt: skip
    choices = Choices(
        PATH, homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        period=False, all_homes=True,
    )  # fmt: skip
    return filter_bar(state, choices, today=month, extra=extra)


def _exports(view: BoardView, state: ScreenState) -> list[Component]:
    if not current_actor().may(Permission.EXPORT_DATA):
        return []
    place = state.to(view=view.text)
    return [
        link_button("CSV", place.href("/download/board.csv"), icon_name="filetype-csv", external=True),
        link_button(
            "Workbook", place.href("/download/board.xlsx"), icon_name="file-earmark-spreadsheet",
            external=True,
        ),
        link_button(
            "PDF", place.href("/download/board.pdf"), icon_name="file-earmark-pdf", external=True
        ),
    ]  # fmt: skip


def _content(
    board: Board, question: BoardQuestion, view: BoardView, state: ScreenState
) -> list[Component]:
    drawn = [table for table in board.tables if table.section.chart and table.section.rows]
    parts: list[Component] = [kpi_row([_kpi(figure) for figure in board.figures])]
    for number, table in enumerate(drawn):
        parts.append(_chart(board, table, view, is_first=number == 0))
    for table in board.tables:
        if len(question.homes) == 1 and table.section.name == "By home":
            continue  # one row that the figures on top have said already
        parts.append(_table(table, state))
    parts.append(card(facts(board.definitions), title="What the figures mean"))
    return parts


def _kpi(figure: BoardFigure) -> Kpi:
    status = {None: None, True: Status.GOOD, False: Status.WARN}[figure.is_good]
    column = Column(figure.label, figure.kind)
    value = written(column, figure.value)
    if figure.kind is Kind.PENCE and isinstance(figure.value, int | float):
        value = formats.money_short(round(figure.value))
    return Kpi(
        label=figure.label, value=value, detail=figure.detail, status=status,
        trend=figure.trend if len(figure.trend) > 1 else (), trend_label=f"{figure.label} by month",
    )  # fmt: skip


def _chart(board: Board, table: BoardTable, view: BoardView, *, is_first: bool) -> Component:
    section = table.section
    figure = section_figure(section)
    assert figure is not None
    name = section.name.lower().replace(" ", "-")
    drawn = section.columns[section.drawn or 0].title
    title = board.finding if is_first else f"{drawn} {section.name[:1].lower()}{section.name[1:]}"
    return card(
        chart(
            f"board-{view.kind.key}-{name}", figure, title=title,
            subtitle=f"{drawn} {section.name[:1].lower()}{section.name[1:]}" if is_first else "",
            description=f"{title}. The table {section.name.lower()} has the figures.",
            filename=f"{view.kind.key}-{name}",
            height=max(180, 96 + 26 * len(section.rows)),
        )
    )  # fmt: skip


def _table(table: BoardTable, state: ScreenState) -> Component:
    section = table.section
    if not section.rows:
        return card(
            empty_state("Nothing in this period", "Choose another month or home."),
            title=section.name,
        )
    rows = []
    for number, row in enumerate(section.rows[:SHOWN_ROWS]):
        cells: list[Component | str] = [
            written(column, value) for column, value in zip(section.columns, row, strict=True)
        ]
        place = table.places[number] if table.places else None
        if place is not None:
            cells[0] = dcc.Link(cells[0], href=_href(place, state))
        rows.append(cells)
    note = section.note
    if len(section.rows) > SHOWN_ROWS:
        count = formats.number(len(section.rows))
        note = f"The first {SHOWN_ROWS} of {count} rows; the files have all. {note}".strip()
    columns: list[Any] = [c.title if is_words(c) else (c.title, "num") for c in section.columns]
    return card(
        [
            *([html.P(note, className="summary-line")] if note else []),
            simple_table(columns, rows, caption=section.name, footer=written_totals(section)),
        ],
        title=section.name,
    )


def _href(place: Place, state: ScreenState) -> str:
    """The address that a row opens."""
    if place.leads is Leads.HERE:
        return state.to(home=place.home_id).href(PATH)
    if place.leads is Leads.MONTH:
        view = BoardView(parse_board(state.view).kind, 1)
        return state.to(start=place.start, view=view.text).href(PATH)
    if place.leads is Leads.SHIFTS:
        pairs: list[tuple[str, Value]] = [
            ("home", place.home_id), ("unit", place.unit_id), ("from", place.start),
            ("to", place.end), ("source", place.source or None),
        ]  # fmt: skip
        return f"{SHIFTS_PATH}?{urlencode([(k, str(v)) for k, v in pairs if v is not None])}"
    paths = {Leads.ROTA: "/rota/", Leads.LEAVE: "/leave/", Leads.VACANCIES: "/vacancies/"}
    there = ScreenState(home=place.home_id, unit=place.unit_id, person=place.person_id)
    if place.leads is Leads.ROTA:
        there = there.to(start=place.start, weeks=1 if place.start == place.end else 4)
    return there.href(paths[place.leads])
