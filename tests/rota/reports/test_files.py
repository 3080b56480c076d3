"""Workbooks and CSV files, read back with other libraries than wrote them."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from rota.reports.csv_file import csv_pieces, csv_text
from rota.reports.document import Column, Document, Kind, Section
from rota.reports.workbook import write_workbook

DANGERS = ["=1+1", "+441", "-2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "|cmd"]
COLUMNS = (
    Column("Day", Kind.DAY), Column("Who"), Column("Hours", Kind.MINUTES, total=True),
    Column("Cost", Kind.PENCE, total=True), Column("Share", Kind.SHARE),
    Column("At", Kind.INSTANT), Column("Count", Kind.NUMBER, total=True),
    Column("Month", Kind.MONTH),
)  # fmt: skip
SUMMER = datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
ROWS = (
    (date(2026, 7, 1), "Mairi", 690, 12345, 0.25, SUMMER, 2, date(2026, 7, 1)),
    (date(2026, 7, 2), "=1+1", 30, None, None, None, -1, None),
    (date(2026, 7, 3), None, 0, -55, 0.0, SUMMER, 0, date(2026, 8, 1)),
)


def document(*sections: Section) -> Document:
    return Document(
        title="Costs, Orchard Grove",
        file_name="costs",
        facts=(("Home", "Orchard Grove"), ("Data version", "=7")),
        sections=sections or (Section("Shifts", COLUMNS, ROWS, note="A note."),),
        definitions=(("Cost", "Loaded cost."),),
    )


def read(made: Document, *, values: bool = False, **options: bool) -> dict[str, Worksheet]:
    stream = io.BytesIO()
    write_workbook(made, stream, **options)  # type: ignore[arg-type]
    stream.seek(0)
    book = load_workbook(stream, data_only=values)
    return {sheet.title: sheet for sheet in book.worksheets}


@pytest.mark.parametrize("constant_memory", [False, True])
def test_numbers_are_numbers_and_days_are_days(constant_memory: bool) -> None:
    sheet = read(document(), constant_memory=constant_memory)["Shifts"]
    first = [cell.value for cell in sheet[2]]
    assert first == [
        datetime(2026, 7, 1), "Mairi", 11.5, 123.45, 0.25, datetime(2026, 7, 1, 8, 30), 2,
        datetime(2026, 7, 1),
    ]  # fmt: skip
    assert sheet["D2"].number_format.startswith("£")
    assert [cell.value for cell in sheet[3]][3:6] == [None, None, None]
    assert sheet["D4"].value == -0.55


def test_heads_are_frozen_rows_are_filtered_and_columns_are_wide_enough() -> None:
    sheet = read(document())["Shifts"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:H4"
    assert all(sheet.column_dimensions[c].width > 9 for c in "ABCDEFGH")


def test_totals_are_formulas_that_agree_with_their_rows() -> None:
    formulas, values = read(document())["Shifts"], read(document(), values=True)["Shifts"]
    for letter in "CDG":
        formula = formulas[f"{letter}5"].value
        assert formula == f"=SUBTOTAL(9,{letter}2:{letter}4)"
        added = sum(values[f"{letter}{row}"].value or 0 for row in (2, 3, 4))
        assert values[f"{letter}5"].value == pytest.approx(added)
    assert formulas["A5"].value == "Total"
    assert formulas["E5"].value is None


@pytest.mark.parametrize("text", DANGERS)
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    section = Section("List", (Column(text), Column("Other")), [(text, "x")])
    made = document(section)
    sheet = read(made)["List"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A1"].data_type == "s"
    assert sheet["A2"].quotePrefix
    assert sheet["A2"].value.replace("_x000D_", "\r") == text
    head, row = list(csv.reader(io.StringIO(csv_text(section).lstrip("\ufeff"), newline="")))
    assert (head[0], row[0]) == (f"'{text}", f"'{text}")


def test_the_cover_says_what_the_file_is() -> None:
    sheet = read(document())["About"]
    cells = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=2) if row[0].value}
    assert sheet["A1"].value == "Costs, Orchard Grove"
    assert cells["Home"] == "Orchard Grove"
    assert cells["Data version"] == "=7"
    assert cells["Cost"] == "Loaded cost."
    assert cells["Sheet “Shifts”"] == "3 rows. A note."


def test_names_of_sheets_are_made_acceptable_and_unique() -> None:
    columns, rows = (Column("A"),), [("x",)]
    names = ["By unit/day: [all]*?", "by unit day   all", "x" * 50, "x" * 50, "About", "'"]
    sheets = read(document(*(Section(name, columns, rows) for name in names)))
    assert len(sheets) == len(names) + 1
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in sheets)


def test_an_empty_table_is_a_head_without_totals() -> None:
    sheet = read(document(Section("Empty", COLUMNS, [])))["Empty"]
    assert sheet.max_row == 1
    assert csv_text(Section("Empty", COLUMNS, [])).count("\r\n") == 1


def test_progress_is_told_every_thousand_rows() -> None:
    told: list[int] = []
    rows = [("x",)] * 2500
    made = document(*(Section(name, (Column("A"),), rows) for name in ("One", "Two")))
    write_workbook(made, io.BytesIO(), constant_memory=True, progress=told.append)
    assert told == [1000, 2000, 3000, 4000, 5000]


def test_a_csv_file_has_pounds_hours_and_iso_days() -> None:
    text = csv_text(Section("Shifts", COLUMNS, ROWS))
    assert text.startswith("\ufeffDay,Who,Hours")
    lines = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    assert lines[1] == [
        "2026-07-01", "Mairi", "11.50", "123.45", "0.2500", "2026-07-01 08:30", "2", "2026-07",
    ]  # fmt: skip
    assert lines[2][1:4] == ["'=1+1", "0.50", ""]
    assert lines[3][3] == "-0.55"  # a negative number is no formula


def test_a_csv_file_comes_in_pieces() -> None:
    pieces = list(csv_pieces(Section("Long", (Column("A"),), [("x",)] * 1200)))
    assert len(pieces) == 4
    assert "".join(pieces).count("x\r\n") == 1200


@given(st.lists(st.tuples(st.text(), st.integers(-(10**9), 10**9)), max_size=20))
def test_whatever_is_written_is_read_back(rows: list[tuple[str, int]]) -> None:
    section = Section("T", (Column("A"), Column("B", Kind.PENCE, total=True)), rows)
    lines = list(csv.reader(io.StringIO(csv_text(section)[1:], newline="")))
    assert len(lines) == len(rows) + 1
    for (text, pence), line in zip(rows, lines[1:], strict=True):
        assert line[0].removeprefix("'") == text.removeprefix("'")
        assert round(float(line[1]) * 100) == pence
        assert not line[0].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
