"""Shifts with nobody on them: where, when, and who filled the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.boards.values import (
    Board,
    BoardFigure,
    BoardQuestion,
    BoardTable,
    Leads,
    Place,
    share,
)
from rota.calendar import WEEKDAY_NAMES, london_today
from rota.costs.explorer import BAND_NAMES
from rota.costs.months import months_between
from rota.models import Band, Classification, Shift, ShiftType
from rota.portable_sql import as_number, month_start, weekday
from rota.reports.document import Chart, Column, Kind, Section, Value

#: open shifts listed; the next come first
MOST_SHIFTS = 500
DEFINITIONS = (
    ("Open", "Hours of shifts with nobody on them, over and to come."),
    ("Share open", "Open hours ÷ hours of all shifts planned. Homes side by side shows what is "
     "missing against the requirement instead."),
    ("Cover", "Hours worked by overtime, bank and agency: what filled gaps cost more."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cell:
    """Shifts of one home, unit, month, weekday and band; hours as minutes."""

    home_id: int
    unit_id: int
    month: date
    weekday: int
    band: Band
    shifts: int
    minutes: int
    open_shifts: int
    open_minutes: int
    cover_minutes: int


def vacancies_board(session: Session, actor: Actor, question: BoardQuestion) -> Board:
    """Open shifts by month, home, unit, weekday and band. Two statements."""
    question.check(actor, Permission.VIEW_VACANCIES)
    cells = _cells(session, question)
    minutes, opened = sum(c.minutes for c in cells), sum(c.open_minutes for c in cells)
    whole = share(opened, minutes)
    shifts = _shifts(session, question)
    today = london_today()
    over = sum(1 for p in shifts.places if p and p.start and p.start < today)
    months = months_between(question.period.start, question.period.end)
    by_month = _table("By month", Column("Month", Kind.MONTH), [
        (month, [c for c in cells if c.month == month], Place(Leads.MONTH, start=month))
        for month in months
    ] if cells else [], chart=True)  # fmt: skip
    trend = [row[3] for row in by_month.section.rows]
    return Board(
        _finding(whole, cells),
        (
            BoardFigure("Share open", whole, Kind.SHARE, "of the hours planned",
                        trend=tuple(float(v) for v in trend if isinstance(v, int | float))),
            BoardFigure("Open shifts", sum(c.open_shifts for c in cells), Kind.NUMBER,
                        f"{over} of the listed are over" if over else "all still to come"),
            BoardFigure("Open hours", opened, Kind.MINUTES, "nobody is on them"),
            BoardFigure("Cover", sum(c.cover_minutes for c in cells), Kind.MINUTES,
                        "worked by overtime, bank and agency"),
        ),
        (
            by_month,
            _table("By home", Column("Home", width=24), [
                (home.name, [c for c in cells if c.home_id == home.id],
                 question.place(Leads.VACANCIES, home_id=home.id)) for home in question.homes
            ]),
            _table("By weekday", Column("Weekday"), [
                (name, [c for c in cells if c.weekday == i], None)
                for i, name in enumerate(WEEKDAY_NAMES)
            ] if cells else [], chart=True),
            _table("By day and night", Column("Band"), [
                (words, of, None) for band, words in BAND_NAMES.items()
                if (of := [c for c in cells if c.band is band])
            ]),
            _units(question, cells),
            shifts,
        ),
        DEFINITIONS,
    )  # fmt: skip


def _finding(whole: float | None, cells: Sequence[_Cell]) -> str:
    if whole is None:
        return "Nothing is planned in this period"
    if whole == 0:
        return "Every planned shift has somebody on it"
    sums: defaultdict[int, int] = defaultdict(int)
    for cell in cells:
        sums[cell.weekday] += cell.open_minutes
    worst = max(sums, key=lambda day: (sums[day], -day))
    return f"{whole * 100:.1f}% of planned hours are open, most on {WEEKDAY_NAMES[worst]}s"


def _cells(session: Session, question: BoardQuestion) -> list[_Cell]:
    month, day = month_start(Shift.date), weekday(Shift.date)
    is_open = as_number(Shift.is_vacant)
    cover = as_number(Shift.classification != Classification.REGULAR) * (1 - is_open)
    rows = session.execute(
        select(
            Shift.home_id, Shift.unit_id, month, day, ShiftType.band, func.count(),
            func.sum(Shift.paid_minutes), func.sum(is_open),
            func.sum(is_open * Shift.paid_minutes), func.sum(cover * Shift.paid_minutes),
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(
            Shift.home_id.in_(question.home_ids),
            Shift.date.between(question.period.start, question.period.end),
        )
        .group_by(Shift.home_id, Shift.unit_id, month, day, ShiftType.band)
    )  # fmt: skip
    return [
        _Cell(home, unit, first, int(number), band, *(int(v or 0) for v in values))
        for home, unit, first, number, band, *values in rows
    ]


def _table(
    name: str,
    head: Column,
    groups: Sequence[tuple[Value, Sequence[_Cell], Place | None]],
    *,
    chart: bool = False,
) -> BoardTable:
    rows: list[Sequence[Value]] = [[label, *_sums(cells)] for label, cells, _ in groups]
    section = Section(
        name, (head, *_SUMS), rows, chart=Chart.BARS if chart else None,
        drawn=2 if chart else None,
    )  # fmt: skip
    return BoardTable(section, tuple(place for *_, place in groups))


_SUMS = (
    Column("Open shifts", Kind.NUMBER, total=True), Column("Open hours", Kind.MINUTES, total=True),
    Column("Share open", Kind.SHARE), Column("Cover hours", Kind.MINUTES, total=True),
    Column("Planned hours", Kind.MINUTES, total=True),
)  # fmt: skip


def _sums(cells: Sequence[_Cell]) -> list[Value]:
    minutes, opened = sum(c.minutes for c in cells), sum(c.open_minutes for c in cells)
    return [
        sum(c.open_shifts for c in cells), opened, share(opened, minutes),
        sum(c.cover_minutes for c in cells), minutes,
    ]  # fmt: skip


def _units(question: BoardQuestion, cells: Sequence[_Cell]) -> BoardTable:
    by_unit: defaultdict[int, list[_Cell]] = defaultdict(list)
    for cell in cells:
        by_unit[cell.unit_id].append(cell)
    order = sorted(
        (unit for unit in by_unit if unit in question.unit_names),
        key=lambda unit: (-sum(c.open_minutes for c in by_unit[unit]), unit),
    )
    several = len(question.homes) > 1
    rows: list[Sequence[Value]] = []
    for unit in order:
        home_id, name = question.unit_names[unit]
        home = [question.home_names[home_id]] if several else []
        rows.append([name, *home, *_sums(by_unit[unit])])
    columns = (Column("Unit", width=22), *([Column("Home")] if several else []), *_SUMS)
    places = tuple(question.place(Leads.SHIFTS, unit) for unit in order)
    return BoardTable(Section("By unit", columns, rows), places)


def _shifts(session: Session, question: BoardQuestion) -> BoardTable:
    """The open shifts themselves, those to come first: what every figure above adds up."""
    names, today = question.unit_names, london_today()
    found = session.execute(
        select(
            Shift.date, Shift.unit_id, ShiftType.code, ShiftType.band, Shift.paid_minutes,
            Shift.vacancy_reason,
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(
            Shift.is_vacant, Shift.unit_id.in_(sorted(names)),
            Shift.date.between(question.period.start, question.period.end),
        )
        .order_by(as_number(Shift.date < today), Shift.date, Shift.id)
        .limit(MOST_SHIFTS + 1)
    ).all()  # fmt: skip
    note = f"The first {MOST_SHIFTS}." if len(found) > MOST_SHIFTS else ""
    found = found[:MOST_SHIFTS]
    rows: list[Sequence[Value]] = [
        [row.date, question.home_names[names[row.unit_id][0]], names[row.unit_id][1], row.code,
         BAND_NAMES[row.band], row.vacancy_reason.replace("_", " "), row.paid_minutes]
        for row in found
    ]  # fmt: skip
    columns = (
        Column("Day", Kind.DAY), Column("Home"), Column("Unit"), Column("Shift", width=9),
        Column("Band", width=9), Column("Why open"), Column("Hours", Kind.MINUTES, total=True),
    )  # fmt: skip
    places = tuple(
        Place(Leads.ROTA, names[row.unit_id][0], row.unit_id, None, row.date, row.date)
        for row in found
    )
    return BoardTable(Section("Open shifts", columns, rows, note=note), places)
