"""The rota on paper, and as a table of text: the same grid as the screen's, complete and small.

One HTML document that brings its styles along: opened in the browser it is the print view,
printed by :func:`rota.reports.pdf.pdf_of` it is the PDF. Every line is there (the screen's grid
draws only those in view), headings repeat on every page.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from rota.models import Band
from rota.reports.csv_file import is_dangerous
from rota.reports.pdf import Paper
from rota.reports.rota_grid import Palette
from rota.roster.grid import GridPerson, GridShift, WeekGrid
from rota.roster.slots import SlotCover

_ABSENCES = {"AL": "leave", "S": "sick", "T": "training", "A": "leave"}
_ABSENCE_WORDS = (("AL", "Annual leave"), ("S", "Sick"), ("T", "Training"), ("A", "Other absence"))
_MARKS = (
    ("o", "D", "overtime"), ("d", "D", "not yet published"), ("x", "D", "supernumerary"),
)  # fmt: skip
#: type size and width of a day, in points, for one and for two to four weeks
_SIZES: Mapping[Paper, tuple[float, float]] = {"A4": (8.0, 6.2), "A3": (10.5, 8.6)}

_STYLE = """
* { box-sizing: border-box; }
body { margin: 0; padding: 16px; color: #000; background: #fff;
  font: var(--size)/1.25 Inter, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0; font-size: 1.6em; }
.facts { margin: 2px 0 8px; color: #333; }
nav { margin-bottom: 12px; font: 14px/1.4 Arial, sans-serif; }
nav a { margin-right: 16px; color: #0b6e6e; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
col.name { width: 15%; } col.role { width: 5.5%; } col.hours { width: 6.5%; }
th, td { border: .5pt solid #999; padding: 1px 2px; text-align: center; overflow: hidden; }
thead th { background: #eee; font-weight: 600; white-space: pre-line; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.name { text-align: left; white-space: nowrap; }
.unit td { text-align: left; font-weight: 700; background: #f4f4f4; }
.we { background: #f0f2f4; } .hol { background: #fff3d6; } .mon { border-left: 1.2pt solid #444; }
.code { font-weight: 600; }
.o { text-decoration: overline; } .d { font-style: italic; } .x { outline: .6pt dotted #000; }
.open { border: 1pt dashed #b42318; color: #b42318; background: #fff; }
.short { font-weight: 700; color: #b42318; }
.legend { display: flex; flex-wrap: wrap; gap: 3px 14px; margin-top: 8px; }
.legend span.code { padding: 0 4px; margin-right: 3px; }
@media print { body { padding: 0; } nav { display: none; }
  td, th, .code { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a printed rota: where, and facts such as its version and the time."""

    title: str
    facts: Sequence[str]


def rota_page(
    grid: WeekGrid,
    heading: Heading,
    palette: Palette,
    *,
    paper: Paper = "A4",
    links: Iterable[tuple[str, str]] = (),
) -> str:
    """The rota as one HTML document; ``links`` (text, address) are for the screen only."""
    few, many = _SIZES[paper]
    size = few if grid.period.days <= 14 else many
    facts = " · ".join(heading.facts)
    page = (
        f"@page {{ size: {paper} landscape; margin: 9mm 9mm 12mm;"
        f' @bottom-left {{ content: "{_in_css(heading.title)}"; font-size: 7pt; }}'
        ' @bottom-right { content: "Page " counter(page) " of " counter(pages); font-size: 7pt; } }'
    )
    anchors = "".join(f'<a href="{escape(href)}">{escape(text)}</a>' for text, href in links)
    return "".join(
        [
            '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',
            f"<title>{escape(heading.title)}</title>",
            f"<style>:root {{ --size: {size}pt; }}{page}{_STYLE}{_colours(palette)}</style>",
            "</head><body>",
            f'<nav aria-label="This rota">{anchors}</nav>' if anchors else "",
            f"<h1>{escape(heading.title)}</h1>",
            f'<p class="facts">{escape(facts)}</p>',
            *_table(grid),
            *_legend(grid),
            "</body></html>",
        ]
    )


def rota_csv(grid: WeekGrid, heading: Heading) -> str:
    """The rota as CSV: people down, days across, cover beneath; safe to open in a spreadsheet."""
    days = list(grid.period)
    rows: list[list[str]] = [
        [heading.title, *heading.facts],
        ["Unit", "Name", "Role", "Contracted hours", "Rostered hours", "Nights", "Weekend days",
         *(day.isoformat() for day in days)],
    ]  # fmt: skip
    for unit, people in _by_unit(grid):
        for person in people:
            rows.append(
                [
                    unit, person.name, person.role_code,
                    f"{person.contracted_minutes / 60:.2f}", f"{person.rostered_minutes / 60:.2f}",
                    str(person.nights), str(person.weekend_days),
                    *(_text(person, day) for day in days),
                ]
            )  # fmt: skip
    for label, shifts in (("Agency", grid.agency), ("Open shifts", grid.vacancies)):
        codes = [[s.code for s in shifts if s.date == day] for day in days]
        rows.append(["", label, "", "", "", "", "", *(" ".join(found) for found in codes)])
    for label, _, slots in _cover_lines(grid):
        cells = (f"{slot.planned} of {slot.minimum}" if slot else "" for slot in slots)
        rows.append(["", label, "", "", "", "", "", *cells])
    stream = io.StringIO()
    safe = [[f"'{cell}" if is_dangerous(cell) else cell for cell in row] for row in rows]
    csv.writer(stream, lineterminator="\r\n").writerows(safe)
    return "\ufeff" + stream.getvalue()


def _in_css(text: str) -> str:
    return "".join(c if c.isalnum() or c in " ,.–-" else f"\\{ord(c):06x} " for c in text)


def _colours(palette: Palette) -> str:
    return "".join(
        f".k-{name}{{background:{background};color:{ink}}}"
        for name, (background, ink) in palette.items()
    )


def _by_unit(grid: WeekGrid) -> Iterator[tuple[str, list[GridPerson]]]:
    """The people unit by unit, then those from elsewhere."""
    shown = [grid.unit_id] if grid.unit_id is not None else list(grid.units)
    here = {unit_id: [] for unit_id in shown}  # type: dict[int | None, list[GridPerson]]
    others: list[GridPerson] = []
    for person in grid.people:
        own = person.unit_id if person.home_id == grid.home_id else None
        here.get(own, others).append(person)
    for unit_id, people in here.items():
        if people:
            yield grid.units[unit_id or 0], people
    if others:
        yield "From elsewhere", others


def _day_class(grid: WeekGrid, day: date) -> str:
    names = ["hol"] if day in grid.holidays else ["we"] if day.weekday() >= 5 else []
    return " ".join([*names, *(["mon"] if day.weekday() == 0 else [])])


def _table(grid: WeekGrid) -> Iterator[str]:
    days = list(grid.period)
    yield '<table><colgroup><col class="name"><col class="role"><col class="hours">'
    yield "<col>" * len(days) + "</colgroup><thead><tr>"
    yield '<th class="name">Name</th><th>Role</th><th>Hours</th>'
    for day in days:
        title = f' title="{escape(grid.holidays[day])}"' if day in grid.holidays else ""
        yield f'<th class="{_day_class(grid, day)}"{title}>{day:%a}\n{day.day}</th>'
    yield "</tr></thead><tbody>"
    for unit, people in _by_unit(grid):
        yield f'<tr class="unit"><td colspan="{len(days) + 3}">{escape(unit)}</td></tr>'
        for person in people:
            hours = f"{_hours(person.rostered_minutes)} / {_hours(person.contracted_minutes)}"
            yield f'<tr><td class="name">{escape(person.name)}</td>'
            yield f"<td>{escape(person.role_code)}</td><td>{hours}</td>"
            for day in days:
                yield f'<td class="{_day_class(grid, day)}">{_cell(person, day)}</td>'
            yield "</tr>"
    yield from _lines(grid, days)
    yield "</tbody></table>"


def _hours(minutes: int) -> str:
    return f"{round(minutes / 60, 1):g}"


def _lines(grid: WeekGrid, days: Sequence[date]) -> Iterator[str]:
    """Agency, open shifts and cover, which are nobody's own."""
    yield f'<tr class="unit"><td colspan="{len(days) + 3}">Cover</td></tr>'
    for label, shifts in (("Agency", grid.agency), ("Open shifts", grid.vacancies)):
        yield f'<tr><td class="name">{label}</td><td></td><td></td>'
        for day in days:
            found = [_span(shift) for shift in shifts if shift.date == day]
            yield f'<td class="{_day_class(grid, day)}">{" ".join(found)}</td>'
        yield "</tr>"
    for label, _, slots in _cover_lines(grid):
        yield f'<tr><td class="name">{label}</td><td></td><td></td>'
        for day, slot in zip(days, slots, strict=True):
            text = slot.text if slot else ""
            short = " short" if slot and slot.short else ""
            sign = f" −{slot.short}" if slot and slot.short else ""
            yield f'<td class="{_day_class(grid, day)}{short}">{text}{sign}</td>'
        yield "</tr>"


def _cover_lines(grid: WeekGrid) -> Iterator[tuple[str, Band, list[SlotCover | None]]]:
    for band, label in ((Band.DAY, "Day cover"), (Band.NIGHT, "Night cover")):
        yield label, band, [grid.cover.get((day, band)) for day in grid.period]


def _cell(person: GridPerson, day: date) -> str:
    shifts, away = person.days.get(day, ()), person.absences.get(day)
    if shifts:
        return " ".join(_span(shift) for shift in shifts)
    if away:
        return f'<span class="code k-{_ABSENCES.get(away, "leave")}">{escape(away)}</span>'
    return ""


def _span(shift: GridShift) -> str:
    names = ["code", "open" if shift.is_vacant else f"k-{shift.kind.category.replace('_', '-')}"]
    names += ["o"] if shift.is_overtime else []
    names += ["d"] if not shift.is_published else []
    names += ["x"] if shift.is_supernumerary else []
    return f'<span class="{" ".join(names)}">{escape(shift.code)}</span>'


def _text(person: GridPerson, day: date) -> str:
    shifts = person.days.get(day, ())
    return "+".join(shift.code for shift in shifts) or person.absences.get(day, "")


def _legend(grid: WeekGrid) -> Iterator[str]:
    yield '<div class="legend">'
    for kind in grid.kinds.values():
        if kind.is_active:
            category = kind.category.replace("_", "-")
            words = f"{escape(kind.name)} {kind.hours_text}"
            yield f'<div><span class="code k-{category}">{escape(kind.code)}</span>{words}</div>'
    for code, words in _ABSENCE_WORDS:
        yield f'<div><span class="code k-{_ABSENCES[code]}">{code}</span>{words}</div>'
    yield '<div><span class="code open">D</span>open shift</div>'
    for name, code, words in _MARKS:
        yield f'<div><span class="code {name}">{code}</span>{words}</div>'
    yield "</div>"
