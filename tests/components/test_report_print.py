"""The printed report: the screen's figures, escaped, complete, with nothing to fetch."""

from __future__ import annotations

import json
import re
from datetime import date

from components.charts.costs import CostMonth, costs_figure
from components.report_print import MOST_PRINTED_ROWS, PrintParts, report_html
from components.report_tables import section_figure
from rota.reports.document import Chart, Column, Document, Kind, Section

PARTS = PrintParts("/* plotly */", "data:font/woff2;base64,AAAA")
MONTHS = Section(
    "By month",
    (
        Column("Month", Kind.MONTH), Column("Contracted", Kind.PENCE, total=True),
        Column("Agency", Kind.PENCE, total=True), Column("Total", Kind.PENCE, total=True),
        Column("Budget", Kind.PENCE, total=True),
    ),
    [[date(2026, 5, 1), 10_000, 500, 10_500, None], [date(2026, 6, 1), 9_000, 0, 9_000, 9_500]],
    chart=Chart.MONTHS_BY_SOURCE,
)  # fmt: skip


def document(*sections: Section, title: str = "Costs") -> Document:
    return Document(
        title, "costs", (("Home", "Orchard <Grove>"),), sections, (("Cost", "Loaded."),)
    )


def test_the_chart_is_the_screens_with_the_rows_values() -> None:
    wanted = costs_figure(
        [
            CostMonth(date(2026, 5, 1), {"contracted": 10_000, "agency": 500}),
            CostMonth(date(2026, 6, 1), {"contracted": 9_000, "agency": 0}, 9_500),
        ]
    )
    assert section_figure(MONTHS) == wanted
    page = report_html(document(MONTHS), PARTS)
    found = re.search(r"staticPlot:true\}\)\)\((.*?)\)</script>", page)
    assert found is not None
    assert json.loads(found[1]) == json.loads(json.dumps(wanted))


def test_bars_add_up_the_rows_of_a_name() -> None:
    section = Section(
        "By home",
        (Column("Home"), Column("Owed", Kind.PENCE, total=True)),
        [["A", 150], ["B", None], ["A", -50]],
        chart=Chart.BARS,
    )
    figure = section_figure(section)
    assert figure is not None
    assert figure["layout"]["meta"]["rows"] == [["A", 1.0], ["B", 0.0]]


def test_what_people_wrote_is_text_in_it() -> None:
    hostile = Section("<b>x</b>", (Column("Home"),), [["</script><img src=x onerror=alert(1)>"]])
    page = report_html(document(hostile, title="<i>T"), PARTS)
    assert "<img" not in page
    assert "<i>" not in page
    assert "Orchard &lt;Grove&gt;" in page


def test_a_name_in_a_chart_cannot_end_its_script() -> None:
    section = Section(
        "By home",
        (Column("Home"), Column("Owed", Kind.PENCE, total=True)),
        [["</script><script>alert(1)</script>", 1]],
        chart=Chart.BARS,
    )
    assert "</script><script>alert" not in report_html(document(section), PARTS)


def test_a_long_table_says_that_it_was_cut_and_sums_all_of_it() -> None:
    rows = [["x", 100]] * (MOST_PRINTED_ROWS + 7)
    section = Section("Shifts", (Column("Unit"), Column("Cost", Kind.PENCE, total=True)), rows)
    page = report_html(document(section), PARTS)
    assert page.count("<td>x</td>") == MOST_PRINTED_ROWS
    assert "The first 1,500 of 1,507 rows" in page
    assert "£1,507.00" in page


def test_nothing_is_fetched_and_a_page_without_charts_brings_no_script() -> None:
    page = report_html(document(Section("Empty", (Column("Unit"),), [])), PARTS)
    assert "Nothing in this period." in page
    assert "<script" not in page
    assert not re.search(r"(src|href)\s*=", page)
