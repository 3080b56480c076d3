"""How evenly weekends, nights and bank holidays lie on people."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
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
)
from rota.costs.measures import Burden, fairness
from rota.costs.people import BurdenKind, burdens
from rota.models import Staff
from rota.reports.document import Chart, Column, Kind, Section, Value

_WORDS = {
    BurdenKind.WEEKEND: "Weekends", BurdenKind.NIGHT: "Nights",
    BurdenKind.HOLIDAY: "Bank holidays",
}  # fmt: skip
DEFINITIONS = (
    ("Share", "A person's hours of a burden ÷ what their contract would make of the home's "
     "hours: 1 is fair, 2 is twice one's share."),
    ("Gini", "0 when everybody carries their share, near 1 when one person carries all."),
    ("People", "Active people with guaranteed hours; others have no pro-rata share."),
)  # fmt: skip


def fairness_board(session: Session, actor: Actor, question: BoardQuestion) -> Board:
    """Fairness of each home, and of each person in it. Six statements at most."""
    question.check(actor, Permission.VIEW_COSTS)
    by_kind = {
        kind: burdens(session, actor, question.home_ids, question.period, kind)
        for kind in BurdenKind
    }
    home_of = _homes(session, question)
    homes = _by_home(question, by_kind, home_of)
    people = _by_person(session, actor, question, by_kind, home_of)
    figures = []
    for kind in BurdenKind:
        place = _gini_place(kind)
        found = [v for row in homes.section.rows if isinstance(v := row[place], int | float)]
        mean = sum(found) / len(found) if found else None
        figures.append(
            BoardFigure(
                f"{_WORDS[kind]}, Gini", None if mean is None else round(mean, 3), Kind.NUMBER,
                "mean of the homes; 0 is even" if len(question.homes) > 1 else "0 is even",
            )
        )  # fmt: skip
    return Board(_finding(people), tuple(figures), (homes, people), DEFINITIONS)


def _homes(session: Session, question: BoardQuestion) -> dict[int, int]:
    rows = session.execute(
        select(Staff.id, Staff.home_id).where(Staff.home_id.in_(question.home_ids))
    )
    return {row.id: row.home_id for row in rows if row.home_id is not None}


def _gini_place(kind: BurdenKind) -> int:
    return 2 + 2 * list(BurdenKind).index(kind)


def _by_home(
    question: BoardQuestion, by_kind: dict[BurdenKind, list[Burden]], home_of: dict[int, int]
) -> BoardTable:
    rows: list[Sequence[Value]] = []
    for home in question.homes:
        mine = {i for i, home_id in home_of.items() if home_id == home.id}
        employed = {b.staff_id for b in by_kind[BurdenKind.WEEKEND] if b.contracted_minutes > 0}
        row: list[Value] = [home.name, len(mine & employed)]
        for kind in BurdenKind:
            found = fairness([b for b in by_kind[kind] if b.staff_id in mine])
            row += (
                [None, None] if found is None else [round(found.gini, 3), round(found.highest, 2)]
            )
        rows.append(row)
    columns = [Column("Home", width=24), Column("People", Kind.NUMBER, total=True)]
    for kind in BurdenKind:
        word = _WORDS[kind]
        columns += [
            Column(f"{word}, Gini", Kind.NUMBER), Column("highest share", Kind.NUMBER),
        ]  # fmt: skip
    section = Section("By home", tuple(columns), rows, chart=Chart.BARS, drawn=2)
    return BoardTable(
        section, tuple(question.place(Leads.HERE, home_id=h.id) for h in question.homes)
    )


def _by_person(
    session: Session,
    actor: Actor,
    question: BoardQuestion,
    by_kind: dict[BurdenKind, list[Burden]],
    home_of: dict[int, int],
) -> BoardTable:
    """People by their heaviest share, the worst off first."""
    minutes: dict[int, dict[BurdenKind, int]] = {}
    contract: dict[int, int] = {}
    rate: dict[tuple[int, BurdenKind], float] = {}
    for kind, found in by_kind.items():
        for burden in found:
            minutes.setdefault(burden.staff_id, {})[kind] = burden.minutes
            contract[burden.staff_id] = burden.contracted_minutes
    for home in question.homes:
        ids = [i for i in minutes if home_of.get(i) == home.id and contract[i] > 0]
        hours = sum(contract[i] for i in ids)
        for kind in BurdenKind:
            whole = sum(minutes[i].get(kind, 0) for i in ids)
            if hours > 0:
                rate[home.id, kind] = whole / hours
    shares: dict[int, dict[BurdenKind, float]] = {}
    for staff_id, of in minutes.items():
        if contract[staff_id] <= 0 or staff_id not in home_of:
            continue
        shares[staff_id] = {
            kind: of.get(kind, 0) / (contract[staff_id] * fair)
            for kind in BurdenKind
            if (fair := rate.get((home_of[staff_id], kind), 0)) > 0
        }
    order = sorted((i for i in shares if shares[i]), key=lambda i: (-max(shares[i].values()), i))
    names = people_names(session, order, named=actor.may(Permission.VIEW_CONTACTS))
    rows: list[Sequence[Value]] = []
    for staff_id in order:
        row: list[Value] = [
            names.get(staff_id, ""), question.home_names[home_of[staff_id]], contract[staff_id],
        ]  # fmt: skip
        for kind in BurdenKind:
            one = shares[staff_id].get(kind)
            row += [minutes[staff_id].get(kind, 0), None if one is None else round(one, 2)]
        rows.append(row)
    columns = [Column("Person", width=26), Column("Home"), Column("Contract", Kind.MINUTES)]
    for kind in BurdenKind:
        columns += [Column(_WORDS[kind], Kind.MINUTES, total=True), Column("share", Kind.NUMBER)]
    places = tuple(
        Place(Leads.ROTA, home_of[i], None, i, question.period.start, question.period.end)
        for i in order
    )
    return BoardTable(Section("By person, the worst off first", tuple(columns), rows), places)


def _finding(people: BoardTable) -> str:
    heaviest: tuple[float, str] | None = None
    for kind in BurdenKind:
        place = 4 + 2 * list(BurdenKind).index(kind)
        for row in people.section.rows:
            value = row[place]
            if isinstance(value, int | float) and (heaviest is None or value > heaviest[0]):
                heaviest = float(value), _WORDS[kind].lower()
    if heaviest is None:
        return "Nobody with a contract carries a burden in this period"
    return f"The heaviest load is {heaviest[0]:g} times a fair share of {heaviest[1]}"
