"""A report as an Excel workbook: a cover sheet, then a sheet for every table.

Numbers are numbers and days are days; the first row and column stay in sight, rows can be
filtered, totals are formulas. Text is always written as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from rota.calendar import LONDON
from rota.reports.csv_file import is_dangerous
from rota.reports.document import Column, Document, Kind, Section, Value

#: what Excel takes in one cell and in a sheet's name
_LONGEST_TEXT = 32_767
_LONGEST_NAME = 31
_NUMBER_FORMATS = {
    Kind.NUMBER: "#,##0.##",
    Kind.PENCE: "£#,##0.00;[Red]-£#,##0.00",
    Kind.MINUTES: "#,##0.00",
    Kind.SHARE: "0.0%",
    Kind.DAY: "ddd d mmm yyyy",
    Kind.MONTH: "mmmm yyyy",
    Kind.INSTANT: "dd/mm/yyyy hh:mm",
}
_WIDTHS = {
    Kind.TEXT: 22, Kind.NUMBER: 10, Kind.PENCE: 14, Kind.MINUTES: 11, Kind.SHARE: 10,
    Kind.DAY: 17, Kind.MONTH: 17, Kind.INSTANT: 17,
}  # fmt: skip
_ACCENT = "#0B6E6E"
_PROGRESS_ROWS = 1000
_DAY_NOUGHT = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class _Styles:
    title: Format
    head: Format
    name: Format
    wrapped: Format
    note: Format
    quoted: Format
    cells: dict[Kind, Format]
    totals: dict[Kind, Format]


def write_workbook(
    document: Document,
    stream: IO[bytes],
    *,
    constant_memory: bool = False,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write the workbook to ``stream``.

    ``constant_memory`` keeps only one row at a time: for tables of tens of thousands of
    rows. ``progress`` is told how many rows have been written, every thousand rows.
    """
    options = {
        "constant_memory": constant_memory,
        # nothing that stands in a cell is ever guessed to be a formula, number or link
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_date_format": "dd/mm/yyyy",
    }
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": document.title, "author": "Staff Rota"})
        styles = _styles(book)
        names = _sheet_names(document.sections)
        _cover(book.add_worksheet("About"), document, names, styles)
        written = 0
        for section, name in zip(document.sections, names, strict=True):
            written = _table(book.add_worksheet(name), section, styles, written, progress)


def _styles(book: xlsxwriter.Workbook) -> _Styles:
    base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}

    def make(**more: Any) -> Format:
        return book.add_format({**base, **more})

    return _Styles(
        title=make(bold=True, font_size=16, font_color=_ACCENT),
        head=make(bold=True, font_color="#FFFFFF", bg_color=_ACCENT, text_wrap=True, border=1),
        name=make(bold=True),
        wrapped=make(text_wrap=True),
        note=make(italic=True, font_color="#5A6675", text_wrap=True),
        quoted=make(quote_prefix=True),
        cells={kind: make(num_format=_NUMBER_FORMATS.get(kind, "@")) for kind in Kind},
        totals={
            kind: make(bold=True, top=1, num_format=_NUMBER_FORMATS.get(kind, "@")) for kind in Kind
        },
    )


def _sheet_names(sections: Sequence[Section]) -> list[str]:
    """Names Excel accepts, each once."""
    names: list[str] = []
    for section in sections:
        plain = re.sub(r"[\[\]:*?/\\']", " ", section.name).strip()[:_LONGEST_NAME] or "Table"
        name, number = plain, 2
        while name.casefold() in {"about", *(other.casefold() for other in names)}:
            ending = f" {number}"
            name, number = plain[: _LONGEST_NAME - len(ending)] + ending, number + 1
        names.append(name)
    return names


def _cover(sheet: Worksheet, document: Document, names: Sequence[str], styles: _Styles) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, document.title, styles.title)
    row = 2
    for name, value in document.facts:
        sheet.write_string(row, 0, name, styles.name)
        sheet.write_string(row, 1, value, styles.wrapped)
        row += 1
    row += 1
    for section, name in zip(document.sections, names, strict=True):
        sheet.write_string(row, 0, f"Sheet “{name}”", styles.name)
        count = len(section.rows)
        words = f"{count:,} row{'' if count == 1 else 's'}. {section.note}".strip()
        sheet.write_string(row, 1, words, styles.wrapped)
        row += 1
    if document.definitions:
        row += 1
        sheet.write_string(row, 0, "What the figures mean", styles.name)
        for name, text in document.definitions:
            row += 1
            sheet.write_string(row, 0, name, styles.name)
            sheet.write_string(row, 1, text, styles.wrapped)


def _table(
    sheet: Worksheet,
    section: Section,
    styles: _Styles,
    written: int,
    progress: Callable[[int], None] | None,
) -> int:
    """One table with its head, rows and totals; gives how many rows are written in all."""
    for index, column in enumerate(section.columns):
        width = column.width or max(_WIDTHS[column.kind], len(column.title) + 3)
        sheet.set_column(index, index, width)
    for index, column in enumerate(section.columns):
        sheet.write_string(0, index, column.title, styles.head)
    sheet.freeze_panes(1, 1)
    last = 0
    for last, row in enumerate(section.rows, 1):
        for index, (column, value) in enumerate(zip(section.columns, row, strict=True)):
            _write(sheet, last, index, column, value, styles)
        if progress is not None and (written + last) % _PROGRESS_ROWS == 0:
            progress(written + last)
    sheet.autofilter(0, 0, max(last, 1), len(section.columns) - 1)
    if section.has_totals and last:
        _write_totals(sheet, section, last, styles)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&F&CPage &P of &N&R&D")
    return written + last


def _write(
    sheet: Worksheet, row: int, index: int, column: Column, value: Value, styles: _Styles
) -> None:
    style = styles.cells[column.kind]
    if value is None:
        return
    if isinstance(value, str):
        quoted = styles.quoted if is_dangerous(value) else style
        sheet.write_string(row, index, value[:_LONGEST_TEXT], quoted)
    elif isinstance(value, date):  # an instant is one too
        sheet.write_number(row, index, _serial(value), style)
    else:
        sheet.write_number(row, index, _in_cell(column.kind, value), style)


@lru_cache(maxsize=8192)
def _serial(value: date) -> float:
    """Days since Excel's day nought; an instant as London's clocks show it. A year of shifts
    has many days and times again and again: worked out once, they cost nothing."""
    if not isinstance(value, datetime):
        return (value - _DAY_NOUGHT).days
    local = value.astimezone(LONDON)
    seconds = (local.hour * 60 + local.minute) * 60 + local.second
    return (local.date() - _DAY_NOUGHT).days + seconds / 86_400


def _in_cell(kind: Kind, value: float) -> float:
    """Pounds for pence and hours for minutes; everything else as it is."""
    if kind is Kind.PENCE:
        return value / 100
    return value / 60 if kind is Kind.MINUTES else value


def _write_totals(sheet: Worksheet, section: Section, last: int, styles: _Styles) -> None:
    """Totals that follow the filter, with the value they have before anybody filters."""
    for index, (column, total) in enumerate(zip(section.columns, section.totals(), strict=True)):
        style = styles.totals[column.kind]
        if total is not None:
            letter = xl_col_to_name(index)
            formula = f"=SUBTOTAL(9,{letter}2:{letter}{last + 1})"
            sheet.write_formula(last + 1, index, formula, style, _in_cell(column.kind, total))
        elif index == 0:
            sheet.write_string(last + 1, 0, "Total", styles.totals[Kind.TEXT])
        else:
            sheet.write_blank(last + 1, index, None, style)
