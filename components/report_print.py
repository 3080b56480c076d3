"""A report as one self-contained HTML page: what is printed to PDF.

The charts are the figures of the screen, drawn by the same Plotly, so that they are equal and
stay vector. Everything (style, type, script) is within the page; nothing is fetched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

from components import formats, theme
from components.charts.template import Figure
from components.report_tables import is_words, section_figure, written, written_totals
from rota.reports.document import Document, Section

#: on paper nobody reads more rows of one table; the workbook has them all
MOST_PRINTED_ROWS = 1_500


@dataclass(frozen=True, slots=True)
class PrintParts:
    """What the page brings with it: Plotly's script and the type as a ``data:`` address."""

    plotly_script: str
    font_address: str


def report_html(document: Document, parts: PrintParts) -> str:
    """The page. A report without charts brings no script."""
    figures = [section_figure(section) for section in document.sections]
    bodies = [
        _section(number, section, figure)
        for number, (section, figure) in enumerate(zip(document.sections, figures, strict=True))
    ]
    draws = any(figure is not None for figure in figures)
    script = f"<script>{parts.plotly_script}</script>" if draws else ""
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in document.facts
    )
    meanings = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in document.definitions
    )
    return (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{escape(document.title)}</title><style>{_style(parts)}</style>{script}</head>"
        f"<body><h1>{escape(document.title)}</h1><dl class=facts>{facts}</dl>"
        f"{''.join(bodies)}"
        f"<h2>What the figures mean</h2><dl class=meanings>{meanings}</dl></body></html>"
    )


def _section(number: int, section: Section, figure: Figure | None) -> str:
    chart = ""
    if figure is not None:
        # a closing tag within the data would end the script
        data = json.dumps(figure, allow_nan=False).replace("<", "\\u003c")
        height = 300 if len(section.rows) <= 12 else min(620, 90 + 20 * len(section.rows))
        chart = (
            f'<div class=chart id=chart{number} style="height:{height}px"></div><script>'
            f"(f=>Plotly.newPlot('chart{number}',f.data,{{...f.layout,width:1000,height:{height}}},"
            f"{{staticPlot:true}}))({data})</script>"
        )
    return f"<section><h2>{escape(section.name)}</h2>{chart}{_table(section)}</section>"


def _table(section: Section) -> str:
    if not section.rows:
        return "<p>Nothing in this period.</p>"
    classes = ["" if is_words(column) else " class=num" for column in section.columns]
    head = "".join(
        f"<th{c}>{escape(column.title)}</th>"
        for c, column in zip(classes, section.columns, strict=True)
    )
    shown = section.rows[:MOST_PRINTED_ROWS]
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{c}>{escape(written(column, value))}</td>"
            for c, column, value in zip(classes, section.columns, row, strict=True)
        )
        + "</tr>"
        for row in shown
    )
    totals = written_totals(section)
    foot = ""
    if totals:
        cells = (f"<td{c}>{escape(text)}</td>" for c, text in zip(classes, totals, strict=True))
        foot = f"<tfoot><tr>{''.join(cells)}</tr></tfoot>"
    notes = [section.note]
    if len(shown) < len(section.rows):
        count = formats.number(len(section.rows))
        notes.insert(0, f"The first {formats.number(len(shown))} of {count} rows; the workbook "
                        "has all; the totals are of all.")  # fmt: skip
    note = " ".join(filter(None, notes))
    return (
        f"<p class=note>{escape(note)}</p>" if note else ""
    ) + f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table>"


def _style(parts: PrintParts) -> str:
    ink, muted, line = theme.LIGHT.ink, theme.LIGHT.muted, theme.LIGHT.line
    return f"""
@font-face{{font-family:"Inter Variable";src:url({parts.font_address}) format("woff2");
font-weight:100 900}}
@page{{margin:14mm 12mm 16mm;@bottom-right{{content:counter(page) " / " counter(pages);
font:9px "Inter Variable",sans-serif;color:{muted}}}}}
body{{font:11px/1.4 {theme.FONT};font-feature-settings:"tnum";color:{ink};margin:0;width:1000px}}
h1{{font-size:20px;margin:0 0 8px}} h2{{font-size:14px;margin:20px 0 6px;break-after:avoid}}
dl{{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px;margin:0}}
dt{{color:{muted}}} dd{{margin:0}} .note{{color:{muted};margin:0 0 6px}}
.chart{{break-inside:avoid}}
table{{border-collapse:collapse;width:100%}} thead{{display:table-header-group}}
tr{{break-inside:avoid}} th{{text-align:left;font-weight:600;border-bottom:1px solid {ink}}}
th,td{{padding:3px 8px 3px 0;vertical-align:top}} td{{border-bottom:1px solid {line}}}
.num{{text-align:right;white-space:nowrap}} tfoot{{display:table-row-group;font-weight:600}}
""".strip()
