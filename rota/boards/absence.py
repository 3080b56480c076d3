"""Absence: hours lost, where, when, and how often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

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
    people_names,
    share,
)
from rota.calendar import WEEKDAY_NAMES
from rota.costs.explorer import BAND_NAMES
from rota.costs.months import months_between
from rota.costs.small_facts import small_facts
from rota.leave.sickness import bradford_of_home
from rota.models import AbsenceSpell, Band, LostShift, Unit
from rota.portable_sql import weekday
from rota.reports.document import Chart, Column, Kind, Section, Value

#: lost shifts listed; the newest come first
MOST_SHIFTS = 500
DEFINITIONS = (
    ("Absence", "Hours that absent people were rostered for and missed ÷ contracted hours."),
    ("Spells", "Absences that began in the period."),
    ("Bradford", "Spells² × days of sickness over 52 weeks. Use it with caution: it says how often "
     "somebody was away, not why. Only those who decide leave see it."),
)  # fmt: skip


def absence_board(session: Session, actor: Actor, question: BoardQuestion) -> Board:
    """Absence by month, home, unit, weekday and band, and the shifts lost."""
    question.check(actor, Permission.VIEW_COSTS)
    months = months_between(question.period.start, question.period.end)
    sums: defaultdict[tuple[int, object], dict[str, int]]
    sums = defaultdict(lambda: defaultdict(int))
    if question.homes:
        small_facts(session, sums, question.home_ids, months)  # type: ignore[arg-type]

    def total(name: str, homes: Sequence[int], of: Sequence[object]) -> int:
        return sum(sums[home, month].get(name, 0) for home in homes for month in of)

    ids = question.home_ids
    by_month: list[Sequence[Value]] = []
    for month in months:
        lost, contract = (
            total(n, ids, [month]) for n in ("lost_minutes", "contracted_staff_minutes")
        )
        by_month.append(
            [month, lost, contract, share(lost, contract), total("spells", ids, [month])]
        )
    by_home: list[Sequence[Value]] = []
    for home in question.homes:
        lost, contract = (
            total(n, [home.id], months) for n in ("lost_minutes", "contracted_staff_minutes")
        )
        by_home.append(
            [home.name, lost, contract, share(lost, contract), total("spells", [home.id], months)]
        )
    columns = (
        Column("Lost hours", Kind.MINUTES, total=True),
        Column("Contracted hours", Kind.MINUTES, total=True), Column("Absence", Kind.SHARE),
        Column("Spells", Kind.NUMBER, total=True),
    )  # fmt: skip
    lost, contract = (total(n, ids, months) for n in ("lost_minutes", "contracted_staff_minutes"))
    whole = share(lost, contract)
    rates = [row[3] for row in by_month]
    open_now = _open_spells(session, question)
    tables = [
        BoardTable(
            Section("By month", (Column("Month", Kind.MONTH), *columns), by_month,
                    chart=Chart.BARS, drawn=3),
            tuple(Place(Leads.MONTH, start=month) for month in months),
        ),
        BoardTable(
            Section("By home", (Column("Home", width=24), *columns), by_home),
            tuple(question.place(Leads.HERE, home_id=home.id) for home in question.homes),
        ),
        _by_unit(session, question),
        _by_weekday(session, question),
    ]  # fmt: skip
    if len(question.homes) == 1 and actor.may(Permission.DECIDE_LEAVE):
        tables.append(_bradford(session, actor, question))
    tables.append(_shifts(session, actor, question))
    return Board(
        _finding(whole, by_month),
        (
            BoardFigure("Absence", whole, Kind.SHARE, "of contracted hours",
                        trend=tuple(float(r) for r in rates if isinstance(r, int | float))),
            BoardFigure("Hours lost", lost, Kind.MINUTES, "rostered and missed"),
            BoardFigure("Spells", total("spells", ids, months), Kind.NUMBER, "begun in the period"),
            BoardFigure("Away today", open_now, Kind.NUMBER, "spells without an end"),
        ),
        tuple(tables),
        DEFINITIONS,
    )  # fmt: skip


def _finding(whole: float | None, by_month: Sequence[Sequence[Value]]) -> str:
    if whole is None:
        return "Nobody was under contract in this period"
    known = [row[3] for row in by_month if isinstance(row[3], int | float)]
    words = f"{whole * 100:.1f}% of contracted hours were lost"
    if len(known) < 2 or known[0] == known[-1]:
        return words
    return f"{words}, {'rising' if known[-1] > known[0] else 'falling'} over the period"


def _open_spells(session: Session, question: BoardQuestion) -> int:
    return int(
        session.scalar(
            select(func.count()).where(
                AbsenceSpell.home_id.in_(question.home_ids), AbsenceSpell.ended_on.is_(None)
            )
        )
        or 0
    )


def _by_unit(session: Session, question: BoardQuestion) -> BoardTable:
    names = question.unit_names
    found = session.execute(
        select(LostShift.unit_id, func.count(), func.sum(LostShift.minutes))
        .where(
            LostShift.unit_id.in_(sorted(names)),
            LostShift.date.between(question.period.start, question.period.end),
        )
        .group_by(LostShift.unit_id)
        .order_by(func.sum(LostShift.minutes).desc(), LostShift.unit_id)
    ).all()
    several = len(question.homes) > 1
    rows: list[Sequence[Value]] = [
        [names[unit][1], *([question.home_names[names[unit][0]]] if several else []), int(count),
         int(minutes)]
        for unit, count, minutes in found
    ]  # fmt: skip
    columns = (
        Column("Unit", width=22), *([Column("Home")] if several else []),
        Column("Lost shifts", Kind.NUMBER, total=True),
        Column("Lost hours", Kind.MINUTES, total=True),
    )  # fmt: skip
    places = tuple(question.place(Leads.ROTA, unit) for unit, _, _ in found)
    return BoardTable(Section("By unit", columns, rows), places)


def _by_weekday(session: Session, question: BoardQuestion) -> BoardTable:
    day = weekday(LostShift.date)
    found = session.execute(
        select(day, LostShift.band, func.sum(LostShift.minutes))
        .join(Unit, Unit.id == LostShift.unit_id)
        .where(
            Unit.home_id.in_(question.home_ids),
            LostShift.date.between(question.period.start, question.period.end),
        )
        .group_by(day, LostShift.band)
    )
    sums: defaultdict[tuple[int, str], int] = defaultdict(int)
    for number, band, minutes in found:
        sums[int(number), str(band)] += int(minutes)
    rows: list[Sequence[Value]] = [
        [name, *(sums[i, band] for band in Band), sum(sums[i, band] for band in Band)]
        for i, name in enumerate(WEEKDAY_NAMES)
    ] if sums else []  # fmt: skip
    columns = (
        Column("Weekday"),
        *(Column(BAND_NAMES[band], Kind.MINUTES, total=True) for band in Band),
        Column("Lost hours", Kind.MINUTES, total=True),
    )  # fmt: skip
    return BoardTable(Section("By weekday", columns, rows, chart=Chart.BARS, drawn=4))


def _bradford(session: Session, actor: Actor, question: BoardQuestion) -> BoardTable:
    home = question.homes[0]
    found = bradford_of_home(session, actor, home.id, question.period.end)
    order = sorted((i for i, one in found.items() if one.step), key=lambda i: (-found[i].score, i))
    names = people_names(session, order, named=actor.may(Permission.VIEW_CONTACTS))
    rows: list[Sequence[Value]] = [
        [names.get(i, ""), found[i].spells, found[i].days, found[i].score, found[i].step]
        for i in order
    ]
    columns = (
        Column("Person", width=26), Column("Spells", Kind.NUMBER), Column("Days", Kind.NUMBER),
        Column("Bradford", Kind.NUMBER), Column("Step reached", Kind.NUMBER),
    )  # fmt: skip
    places = tuple(
        Place(Leads.LEAVE, home.id, None, i, question.period.start) for i in order
    )  # fmt: skip
    section = Section(
        "Bradford factor, 52 weeks", columns, rows,
        note="A count, not a judgement: look at the reasons first.",
    )  # fmt: skip
    return BoardTable(section, places)


def _shifts(session: Session, actor: Actor, question: BoardQuestion) -> BoardTable:
    """The lost shifts themselves, the newest first: what every figure above adds up."""
    names = question.unit_names
    found = session.execute(
        select(
            LostShift.date, LostShift.unit_id, LostShift.band, LostShift.minutes,
            LostShift.staff_id,
        )
        .where(
            LostShift.unit_id.in_(sorted(names)),
            LostShift.date.between(question.period.start, question.period.end),
        )
        .order_by(LostShift.date.desc(), LostShift.id.desc())
        .limit(MOST_SHIFTS + 1)
    ).all()  # fmt: skip
    is_cut = len(found) > MOST_SHIFTS
    note = f"Only the newest {MOST_SHIFTS} lost shifts are listed." if is_cut else ""
    found = found[:MOST_SHIFTS]
    people = people_names(
        session, sorted({row.staff_id for row in found}), named=actor.may(Permission.VIEW_CONTACTS)
    )
    rows: list[Sequence[Value]] = [
        [row.date, question.home_names[names[row.unit_id][0]], names[row.unit_id][1],
         BAND_NAMES[Band(row.band)], people.get(row.staff_id, ""), row.minutes]
        for row in found
    ]  # fmt: skip
    columns = (
        Column("Day", Kind.DAY), Column("Home"), Column("Unit"), Column("Band", width=9),
        # a sum of some would contradict the tables above
        Column("Person", width=26), Column("Lost hours", Kind.MINUTES, total=not is_cut),
    )  # fmt: skip
    places = tuple(
        Place(Leads.ROTA, names[row.unit_id][0], row.unit_id, None, row.date, row.date)
        for row in found
    )
    return BoardTable(Section("Lost shifts", columns, rows, note=note), places)
