"""Reports: the catalogue, and each report on screen with its CSV file and workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import Tile, card, tiles
from components.charts.graph import chart
from components.downloads import file_links
from components.feedback import empty_state
from components.filters import Choices, Option, filter_bar, step_arrow
from components.forms import link_button
from components.report_tables import is_words, section_figure, written, written_totals
from components.shell import page
from components.state import ScreenState, parse_query
from components.tables import Column as GridColumn
from components.tables import facts, grid, simple_table
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.calendar import Period, london_today, period_text
from rota.reports.catalogue import Report, Span, report_called, reports_for
from rota.reports.document import Column, Document, Kind, Section, Value
from server.context import current_actor, reading
from server.downloads import report_request

PATH = "/reports/"
#: more rows than anybody reads on a screen; the files have them all
SHOWN_ROWS = 500
#: a table up to this long is plain HTML, which prints; a longer one is a grid
SHORT_ROWS = 30

dash.register_page(
    __name__,
    path=PATH,
    name="Reports",
    title="Reports · Staff Rota",
    order=80,
    icon="file-earmark-bar-graph",
    permission=Permission.VIEW_REPORTS,
)


def layout(**query: Any) -> Component:
    """The catalogue, or the report that the address names."""
    state = parse_query(query)
    if not state.view:
        return _catalogue(state)
    return _report(report_called(state.view), state)


def _catalogue(state: ScreenState) -> Component:
    entries = [
        Tile(
            report.title,
            report.description,
            state.to(view=report.key).href(PATH),
            report.icon,
            "Covers four weeks" if report.span is Span.FOUR_WEEKS else f"Covers a {report.span}",
        )
        for report in reports_for(current_actor())
    ]
    return page(
        "Reports",
        tiles(entries, label="Reports"),
        subtitle="Each on screen, as CSV, workbook and PDF, from the same figures",
        secondary=_ways_out(),
    )


def _ways_out() -> list[Component]:
    actor = current_actor()
    links = []
    if actor.may(Permission.SCHEDULE_REPORTS):
        links.append(link_button("By mail", "/reports/sending/", icon_name="envelope"))
    if actor.may(Permission.EXPORT_DATA):
        links.append(link_button("For other programs", "/reports/data/", icon_name="key"))
    return links


def _report(report: Report, state: ScreenState) -> Component:
    actor = current_actor()
    actor.require(report.permission)
    now = datetime.now(UTC)
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page(report.title, empty_state("No home yet", "Ask for the homes you need."))
        shown = (choose_home(homes, state.home),) if state.home else tuple(homes)
        asked = report_request(report, shown, state, now)
        document = report.build(session, actor, asked)
    return page(
        report.title,
        _content(document),
        subtitle=f"{asked.place} · {period_text(asked.period)}",
        filters=_filters(report, homes, shown, asked.period, state),
        secondary=_exports(report, state),
    )


def _filters(
    report: Report,
    homes: Sequence[HomeChoice],
    shown: Sequence[HomeChoice],
    period: Period,
    state: ScreenState,
) -> Component:
    units = [Option(u.id, u.name) for u in shown[0].units] if len(shown) == 1 else []
    choices = Choices(
        PATH,
        homes=[Option(home.id, home.name) for home in homes] if len(homes) > 1 else (),
        units=units,
        period=False,
        all_homes=True,
    )
    today = london_today()
    return filter_bar(
        state, choices, today=today, extra=[_stepper(report, period, state), _back(state)]
    )


def _back(state: ScreenState) -> Component:
    return dcc.Link(
        "All reports", href=state.to(view="", start=None).href(PATH), className="bar-button"
    )


def _stepper(report: Report, period: Period, state: ScreenState) -> Component:
    """‹ 2 – 8 Mar ›, one period of the report at a time."""
    before = report.span.around(period.start.fromordinal(period.start.toordinal() - 1))
    after = report.span.around(period.end.fromordinal(period.end.toordinal() + 1))
    earlier = before.end if report.span is Span.YEAR else before.start

    def arrow(name: str, words: str, day: Any) -> Component:
        return step_arrow(name, words, state.to(start=day).href(PATH))

    words = formats.period(period.start, period.end)
    return html.Div(
        [
            arrow("chevron-left", "Earlier", earlier),
            html.Span(words, className="period period-words"),
            arrow("chevron-right", "Later", after.start),
            dcc.Link(
                "Now", href=state.to(start=None).href(PATH), className="bar-button period-today"
            ),
        ],
        className="stepper",
    )


def _exports(report: Report, state: ScreenState) -> list[Component]:
    if not current_actor().may(Permission.EXPORT_DATA):
        return []
    return file_links(state, f"/download/report/{report.key}", "csv", "xlsx", "pdf")


def _content(document: Document) -> list[Component]:
    parts = [_section(section) for section in document.sections]
    about = [*document.facts, *document.definitions]
    parts.append(card(facts(about), title="About these figures"))
    return parts


def _section(section: Section) -> Component:
    if not section.rows:
        return card(
            empty_state("Nothing in this period", "Choose another period or home."),
            title=section.name,
        )
    if len(section.rows) > SHORT_ROWS:
        return _long_section(section)
    rows = section.rows
    columns: list[Any] = [
        column.title if is_words(column) else (column.title, "num") for column in section.columns
    ]
    shown = [
        [written(column, value) for column, value in zip(section.columns, row, strict=True)]
        for row in rows
    ]
    return card(
        [
            *_note(section),
            *_chart(section),
            simple_table(columns, shown, caption=section.name, footer=written_totals(section)),
        ],
        title=section.name,
    )


def _chart(section: Section) -> list[Component]:
    """The chart of a table that has one: the same figure stands in the PDF."""
    figure = section_figure(section)
    if figure is None:
        return []
    name = section.name.lower().replace(" ", "-")
    return [
        chart(
            f"report-chart-{name}", figure, title=section.name,
            description=f"{section.name}; the table underneath has the figures.",
            filename=f"report-{name}", height=min(620, max(260, 90 + 20 * len(section.rows))),
        )
    ]  # fmt: skip


def _long_section(section: Section) -> Component:
    """Many rows as a grid, one component: a table of thousands of cells freezes a browser."""
    shown = section.rows[:SHOWN_ROWS]
    columns = [
        GridColumn(
            f"c{index}",
            column.title,
            kind=_GRID_KINDS.get(column.kind, "text"),
            width=0 if index == 0 else 8 * max(column.width or 0, len(column.title) + 4, 15),
            flex=1 if index == 0 else 0,
        )
        for index, column in enumerate(section.columns)
    ]
    rows = [
        {"id": number, **{f"c{i}": _in_grid(c, v) for i, (c, v) in _cells(section, row)}}
        for number, row in enumerate(shown)
    ]
    totals: list[dict[str, Any]] = []
    if section.has_totals:
        sums = {f"c{i}": _in_grid(c, v) for i, (c, v) in _cells(section, section.totals())}
        totals = [{"id": "total", **sums, "c0": sums["c0"] or "Total"}]
    name = section.name.lower().replace(" ", "-")
    table = grid(
        f"report-{name}", columns, rows, label=section.name, totals=totals,
        height=min(640, 80 + 36 * len(rows)),
    )  # fmt: skip
    return card([*_note(section), *_chart(section), table], title=section.name)


def _cells(section: Section, row: Sequence[Value]) -> Any:
    return enumerate(zip(section.columns, row, strict=True))


def _note(section: Section) -> list[Component]:
    note = section.note
    if len(section.rows) > SHOWN_ROWS:
        count = formats.number(len(section.rows))
        note = f"The first {SHOWN_ROWS} of {count} rows; the files have all. {note}".strip()
    return [html.P(note, className="summary-line")] if note else []


_GRID_KINDS: dict[Kind, Any] = {
    Kind.NUMBER: "number", Kind.PENCE: "money", Kind.MINUTES: "hours", Kind.SHARE: "percent",
    Kind.DAY: "date",
}  # fmt: skip


def _in_grid(column: Column, value: Value) -> Any:
    """A value as the grid takes it: hours and pence as numbers, days as ISO text."""
    if value is None or isinstance(value, str):
        return value
    if column.kind in (Kind.INSTANT, Kind.MONTH):
        return written(column, value)
    if isinstance(value, date):
        return value.isoformat()
    return value / 60 if column.kind is Kind.MINUTES else value
