"""The rota as the grid's component wants it: from values of the domain to rows and cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dash.development.base_component import Component

from components import formats
from components.cards import chip
from components.day_list import DayShift, OnShift
from components.legend import Code
from components.rota_grid import Cover, CoverRow, GridCell, GridRow
from components.theme import Category, Status
from rota.roster.grid import CellFlag, GridPerson, GridShift, Totals, WeekGrid
from rota.roster.queries import COVER_BANDS
from rota.roster.shift_types import ShiftKind
from rota.roster.slots import SlotCover
from rota.rules import Severity

_ABSENCE_CATEGORIES = {"AL": Category.LEAVE, "S": Category.SICK, "T": Category.TRAINING}
_ABSENCE_WORDS = {"AL": "Annual leave", "S": "Sick", "T": "Training", "A": "Away"}
#: codes of absence in the legend, after the shift types
ABSENCE_CODES = (
    Code("AL", "Annual leave", Category.LEAVE),
    Code("S", "Sick", Category.SICK),
    Code("A", "Other absence", Category.LEAVE),
    Code("?", "Open shift", Category.VACANCY),
)
CoverByDay = Mapping[tuple[date, Any], SlotCover]
_MARK_OF = {Severity.OK: "", Severity.WARNED: "warning", Severity.BARRED: "breach"}
Flags = Mapping[tuple[int, date | None], CellFlag]


@dataclass(frozen=True, slots=True)
class Screen:
    """What a rota screen shows, ready to be cached: rows, cover and head."""

    rows: tuple[GridRow, ...]
    cover: tuple[CoverRow, ...]
    holidays: Mapping[date, str]
    codes: tuple[Code, ...]
    totals: Totals
    shares: Mapping[str, float] = field(default_factory=dict)
    days: Mapping[date, tuple[DayShift, ...]] = field(default_factory=dict)
    short: Mapping[date, int] = field(default_factory=dict)


def screen_of(grid: WeekGrid, flags: Flags) -> Screen:
    """A week grid and the rules' marks as a screen."""
    return Screen(
        rows=tuple(grid_rows(grid, flags)),
        cover=tuple(cover_rows(grid.cover)),
        holidays=dict(grid.holidays),
        codes=tuple(codes_of(grid.kinds.values())),
        totals=grid.totals,
        shares=shares_of(grid.people),
        days=_by_day(grid),
        short={
            day: sum(grid.cover[day, band].short for band in COVER_BANDS) for day in grid.period
        },
    )


def codes_of(kinds: Iterable[ShiftKind]) -> list[Code]:
    """The palette: every active code with the key that picks it, a letter where it has one."""
    found, digit = [], 0
    for kind in kinds:
        if not kind.is_active:
            continue
        key = kind.code.lower() if len(kind.code) == 1 else ""
        if not key:
            digit += 1
            key = str(digit) if digit <= 9 else ""
        found.append(Code(kind.code, kind.name, category_of(kind), kind.hours_text, key))
    return found


def category_of(kind: ShiftKind) -> Category:
    """How a shift type is painted."""
    try:
        return Category(kind.category.replace("_", "-"))
    except ValueError:
        return Category.NIGHT if kind.is_night else Category.DAY


def grid_rows(grid: WeekGrid, flags: Flags) -> list[GridRow]:
    """Unit by unit: a heading, its open shifts, agency workers, then its people."""
    rows: list[GridRow] = []
    people: dict[int | None, list[GridPerson]] = {}
    for person in grid.people:
        here = person.unit_id if person.home_id == grid.home_id else None
        people.setdefault(here, []).append(person)
    shown = [grid.unit_id] if grid.unit_id is not None else list(grid.units)
    for unit_id in shown:
        members = people.pop(unit_id, [])
        if grid.unit_id is None:
            rows.append(GridRow(f"u{unit_id}", grid.units[unit_id], heading=True))
        rows += open_rows(unit_id, grid.vacancies, grid.agency)
        rows += [person_row(person, flags) for person in members]
    visiting = [person for group in people.values() for person in group]
    if visiting:
        rows.append(GridRow("visiting", "From elsewhere", heading=True))
        rows += [person_row(person, flags) for person in visiting]
    return rows


def open_rows(
    unit_id: int, vacancies: Iterable[GridShift], agency: Iterable[GridShift]
) -> list[GridRow]:
    """The two lines of a unit that are nobody's own: open shifts and agency workers."""
    return [
        GridRow(
            f"o{unit_id}",
            "Open shifts",
            vacancies=True,
            cells=_counted(unit_id, vacancies, Category.VACANCY, "open"),
        ),
        GridRow(
            f"a{unit_id}",
            "Agency",
            vacancies=True,
            cells=_counted(unit_id, agency, None, "agency"),
        ),
    ]


def _counted(
    unit_id: int, shifts: Iterable[GridShift], category: Category | None, word: str
) -> dict[date, GridCell]:
    days: dict[date, list[GridShift]] = {}
    for shift in shifts:
        if shift.unit_id == unit_id:
            days.setdefault(shift.date, []).append(shift)
    cells = {}
    for day, entries in days.items():
        codes = ", ".join(sorted(shift.code for shift in entries))
        words = f"{len(entries)} {word}: {codes}"
        text = entries[0].code if len(entries) == 1 else str(len(entries))
        marks = () if category else ("agency",)
        cells[day] = GridCell(text, category or category_of(entries[0].kind), marks, words)
    return cells


def person_row(person: GridPerson, flags: Flags) -> GridRow:
    """One person's line."""
    cells = {
        day: GridCell(
            code, _ABSENCE_CATEGORIES.get(code, Category.LEAVE), note=_ABSENCE_WORDS.get(code, "")
        )
        for day, code in person.absences.items()
    }
    for day, shifts in person.days.items():
        cells[day] = _cell(shifts, flags.get((person.id, day)), person.absences.get(day, ""))
    on_line = flags.get((person.id, None))
    balance = f"{person.nights} nights, {person.weekend_days} weekend days"
    return GridRow(
        id=f"p{person.id}",
        name=person.name,
        grade=person.role_code,
        contracted_hours=person.contracted_minutes / 60,
        rostered_hours=person.rostered_minutes / 60,
        cells=cells,
        note=f"{on_line.words} · {balance}" if on_line else balance,
        nights=person.nights,
        weekend_days=person.weekend_days,
        flag=_MARK_OF[on_line.severity] if on_line else "",
    )


def _cell(shifts: Sequence[GridShift], flag: CellFlag | None, away: str) -> GridCell:
    first = shifts[0]
    marks = [
        mark
        for mark, holds in (
            ("overtime", any(s.is_overtime for s in shifts)),
            ("draft", any(not s.is_published for s in shifts)),
            ("locked", any(s.is_locked for s in shifts)),
            ("extra", any(s.is_supernumerary for s in shifts)),
            ("note", any(s.note for s in shifts)),
            ("breach", away),
        )
        if holds
    ]
    words = [s.kind.name for s in shifts]
    words += [s.note for s in shifts if s.note]
    words += [_ABSENCE_WORDS.get(away, "Away")] if away else []
    return GridCell(
        "+".join(s.code for s in shifts),
        category_of(first.kind),
        tuple(marks),
        " · ".join(words),
        token=",".join(f"{s.id}:{s.version}" for s in shifts),
        flag=_MARK_OF[flag.severity] if flag else "",
        flag_note=flag.words if flag else "",
    )


def cover_rows(cover: CoverByDay) -> list[CoverRow]:
    """The lines beneath: planned against required, for day and for night, then the seniors
    among them."""
    rows = []
    for band in COVER_BANDS:
        slots = {day: slot for (day, of), slot in cover.items() if of is band}
        everybody = {day: Cover(slot.planned, slot.minimum) for day, slot in slots.items()}
        seniors = {day: Cover(slot.senior, slot.senior_minimum) for day, slot in slots.items()}
        word = band.value.capitalize()
        rows.append(CoverRow(f"cover-{band.value}", f"{word} cover", everybody))
        rows.append(CoverRow(f"cover-{band.value}-senior", f"of them seniors, {band}", seniors))
    return rows


def shares_of(people: Iterable[GridPerson]) -> dict[str, float]:
    """Nights and weekend days per contracted hour of the period, by role: the share that
    somebody's contract makes theirs."""
    burdens: dict[str, int] = {}
    minutes: dict[str, int] = {}
    for person in people:
        if person.contracted_minutes:
            role = person.role_code
            burdens[role] = burdens.get(role, 0) + person.nights + person.weekend_days
            minutes[role] = minutes.get(role, 0) + person.contracted_minutes
    return {role: round(burden * 60 / minutes[role], 4) for role, burden in burdens.items()}


def _by_day(grid: WeekGrid) -> dict[date, tuple[DayShift, ...]]:
    """Each day as a list, for the phone: shift by shift, who works and what is open."""
    working: dict[tuple[date, int], list[OnShift]] = {}
    for person in grid.people:
        for day, shifts in person.days.items():
            for shift in shifts:
                if shift.unit_id in grid.units and _is_shown(grid, shift):
                    unit = "" if grid.unit_id else grid.units[shift.unit_id]
                    detail = " · ".join(filter(None, (person.role_code, unit)))
                    working.setdefault((day, shift.kind.id), []).append(
                        OnShift(person.name, detail)
                    )
    for shift in grid.agency:
        working.setdefault((shift.date, shift.kind.id), []).append(
            OnShift(shift.agency_worker or "Agency worker", "agency")
        )
    for shift in grid.vacancies:
        unit = "" if grid.unit_id else grid.units.get(shift.unit_id, "")
        working.setdefault((shift.date, shift.kind.id), []).append(OnShift("", unit))
    days: dict[date, tuple[DayShift, ...]] = {}
    for day in grid.period:
        days[day] = tuple(
            DayShift(
                kind.code,
                category_of(kind),
                kind.name,
                kind.hours_text,
                sorted(people, key=lambda person: (not person.name, person.name)),
            )
            for kind in grid.kinds.values()
            if (people := working.get((day, kind.id)))
        )
    return days


def _is_shown(grid: WeekGrid, shift: GridShift) -> bool:
    return grid.unit_id is None or shift.unit_id == grid.unit_id


def headline(totals: Totals, *, with_cost: bool) -> list[Component | str]:
    """``2 012 h rostered · £41,230 · 14 open shifts`` and how much of it is draft."""
    words = [f"{formats.number(totals.paid_minutes / 60)} h rostered"]
    if with_cost:
        words.append(formats.money(totals.cost_pence))
    words.append(formats.plural(totals.vacancies, "open shift"))
    parts: list[Component | str] = [" · ".join(words) + " "]
    if totals.drafts:
        draft = f"Draft, {formats.plural(totals.drafts, 'shift')}"
        parts.append(chip(draft, Status.WARN, icon_name="pencil-fill"))
    return parts
