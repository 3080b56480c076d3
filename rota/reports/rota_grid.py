"""The week grid as a workbook: people down, days across, codes in their colours, cover beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from rota.models import Band
from rota.reports.csv_file import is_dangerous
from rota.roster.grid import GridPerson, GridShift, WeekGrid

#: background and ink of a category, as ``#RRGGBB``
Palette = Mapping[str, tuple[str, str]]
#: columns before the first day: name, role, contracted and rostered hours
_BEFORE = ("Name", "Role", "Contracted", "Rostered")
_ABSENCES = {"AL": "leave", "S": "sick", "T": "training", "A": "leave"}
_BANDS = ((Band.DAY, "Day"), (Band.NIGHT, "Night"))


class _Book:
    """Formats made once for each category and mark."""

    def __init__(self, book: xlsxwriter.Workbook, palette: Palette) -> None:
        self._book = book
        self._palette = palette
        self._made: dict[tuple[str, ...], Format] = {}
        self.title = self._format(bold=True, font_size=14)
        self.plain = self._format(font_color="#5A6675")
        self.head = self._format(bold=True, bg_color="#0B6E6E", font_color="#FFFFFF", align="center",
                                 text_wrap=True, border=1)  # fmt: skip
        self.weekend = self._format(bold=True, bg_color="#31868A", font_color="#FFFFFF",
                                    align="center", text_wrap=True, border=1)  # fmt: skip
        self.name = self._format(bold=True)
        self.text = self._format()
        self.hours = self._format(num_format="0.0")
        self.even = self._format(align="center", top=1)
        self.short = self._format(align="center", top=1, bold=True, font_color="#B42318",
                                  bg_color="#FCE9E7")  # fmt: skip

    def _format(self, **properties: Any) -> Format:
        return self._book.add_format({"font_name": "Calibri", "font_size": 10, **properties})

    def cell(self, category: str, *, overtime: bool, draft: bool) -> Format:
        """The format of a code: its colours, bold for overtime, italic for a draft."""
        key = (category, str(overtime), str(draft))
        if key not in self._made:
            background, ink = self._palette.get(category, ("#FFFFFF", "#17202B"))
            self._made[key] = self._format(
                bg_color=background, font_color=ink, align="center", border=1,
                border_color="#E1E5EA", bold=overtime, italic=draft,
            )  # fmt: skip
        return self._made[key]


def write_rota_grid(grid: WeekGrid, title: str, palette: Palette, stream: IO[bytes]) -> None:
    """Write the grid as an Excel workbook of two sheets: the rota and its legend.

    ``palette`` gives the colours of a shift type's category (as the screen paints it) and of
    ``leave``, ``sick``, ``training`` and ``vacancy``.
    """
    options = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as workbook:
        book = _Book(workbook, palette)
        _rota(workbook.add_worksheet("Rota"), grid, title, book)
        _legend(workbook.add_worksheet("Legend"), grid, book)


def _rota(sheet: Worksheet, grid: WeekGrid, title: str, book: _Book) -> None:
    days = list(grid.period)
    sheet.write_string(0, 0, title, book.title)
    sheet.write_string(1, 0, "Bold: overtime. Italic: not yet published. “?”: nobody on it.",
                       book.plain)  # fmt: skip
    _head(sheet, grid, days, book)
    row = 3
    for person in grid.people:
        _person(sheet, row, person, days, book)
        row += 1
    for label, shifts in (("Agency", grid.agency), ("Vacant", grid.vacancies)):
        row = _stacked(sheet, row, label, shifts, days, book)
    _cover(sheet, row, grid, days, book)
    sheet.freeze_panes(3, len(_BEFORE))
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 9)
    sheet.set_column(2, 3, 10)
    sheet.set_column(len(_BEFORE), len(_BEFORE) + len(days) - 1, 6.5)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.set_footer("&LPage &P of &N&R&D &T")


def _head(sheet: Worksheet, grid: WeekGrid, days: Sequence[date], book: _Book) -> None:
    for index, words in enumerate(_BEFORE):
        sheet.write_string(2, index, words, book.head)
    for index, day in enumerate(days, len(_BEFORE)):
        holiday = grid.holidays.get(day)
        style = book.weekend if day.weekday() >= 5 or holiday else book.head
        sheet.write_string(2, index, f"{day:%a}\n{day.day} {day:%b}", style)
        if holiday:
            sheet.write_comment(2, index, holiday)
    sheet.set_row(2, 28)


def _person(
    sheet: Worksheet, row: int, person: GridPerson, days: Sequence[date], book: _Book
) -> None:
    _text(sheet, row, 0, person.name, book.name)
    _text(sheet, row, 1, person.role_code, book.text)
    sheet.write_number(row, 2, person.contracted_minutes / 60, book.hours)
    sheet.write_number(row, 3, person.rostered_minutes / 60, book.hours)
    for index, day in enumerate(days, len(_BEFORE)):
        shifts = person.days.get(day, ())
        absence = person.absences.get(day)
        if shifts:
            _shifts(sheet, row, index, shifts, book)
        elif absence:
            style = book.cell(_ABSENCES.get(absence, "leave"), overtime=False, draft=False)
            _text(sheet, row, index, absence, style)


def _shifts(
    sheet: Worksheet, row: int, index: int, shifts: Sequence[GridShift], book: _Book
) -> None:
    first = shifts[0]
    category = "vacancy" if first.is_vacant else first.kind.category.replace("_", "-")
    style = book.cell(
        category,
        overtime=any(shift.is_overtime for shift in shifts),
        draft=any(not shift.is_published for shift in shifts),
    )
    codes = "+".join(f"{shift.code}?" if shift.is_vacant else shift.code for shift in shifts)
    _text(sheet, row, index, codes, style)


def _stacked(
    sheet: Worksheet,
    row: int,
    label: str,
    shifts: Sequence[GridShift],
    days: Sequence[date],
    book: _Book,
) -> int:
    """Shifts without a person of their own, as few lines as they need; gives the next row."""
    by_day: dict[date, list[GridShift]] = {}
    for shift in shifts:
        by_day.setdefault(shift.date, []).append(shift)
    lines = max((len(found) for found in by_day.values()), default=0)
    for line in range(lines):
        _text(sheet, row, 0, label, book.name)
        for index, day in enumerate(days, len(_BEFORE)):
            found = by_day.get(day, [])
            if line < len(found):
                _shifts(sheet, row, index, found[line : line + 1], book)
        row += 1
    return row


def _cover(sheet: Worksheet, row: int, grid: WeekGrid, days: Sequence[date], book: _Book) -> None:
    for offset, (band, label) in enumerate(_BANDS):
        sheet.write_string(row + offset, 0, f"{label}: planned/required", book.name)
        for index, day in enumerate(days, len(_BEFORE)):
            cover = grid.cover.get((day, band))
            if cover is not None:
                style = book.short if cover.short else book.even
                sheet.write_string(row + offset, index, cover.text, style)


def _legend(sheet: Worksheet, grid: WeekGrid, book: _Book) -> None:
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 40)
    for index, words in enumerate(("Code", "Meaning", "Times")):
        sheet.write_string(0, index, words, book.head)
    row = 1
    for kind in grid.kinds.values():
        category = kind.category.replace("_", "-")
        _text(sheet, row, 0, kind.code, book.cell(category, overtime=False, draft=False))
        _text(sheet, row, 1, kind.name, book.text)
        sheet.write_string(row, 2, kind.hours_text, book.text)
        row += 1
    for code, words in (("AL", "Annual leave"), ("S", "Sick"), ("T", "Training"),
                        ("A", "Other absence")):  # fmt: skip
        style = book.cell(_ABSENCES[code], overtime=False, draft=False)
        sheet.write_string(row, 0, code, style)
        sheet.write_string(row, 1, words, book.text)
        row += 1


def _text(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """Always as text, whatever it begins with; a rich format cannot also quote, text can."""
    sheet.write_string(row, column, f"'{text}" if is_dangerous(text) else text, style)
