"""What the rules of work say about everybody: by rule, home, week and person."""

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
)
from rota.calendar import london_today, monday
from rota.models import CompensatoryRest, Staff
from rota.portable_sql import as_number
from rota.reports.document import Chart, Column, Kind, Section, Value
from rota.roster.findings import rule_findings
from rota.rules import Severity, Verdict

DEFINITIONS = (
    ("Barred", "The rota breaks a rule, and no compensatory rest makes it lawful."),
    ("Warned", "Allowed, but somebody should look: near a limit, or a lawful exception."),
    ("Rest owed", "Compensatory rest recorded and not yet taken; overdue when its day has passed."),
    ("Findings", "One for each person and thing found, by the same rules as the rota's grid."),
)

_Found = tuple[int, int, Verdict]


def compliance_board(session: Session, actor: Actor, question: BoardQuestion) -> Board:
    """The findings of the rules in the period."""
    question.check(actor, Permission.VIEW_ROTA)
    found: list[_Found] = [
        (home.id, staff_id, verdict)
        for home in question.homes
        for staff_id, verdicts in rule_findings(session, home.id, None, question.period).items()
        for verdict in verdicts
        if verdict.severity is not Severity.OK
    ]
    owed, overdue = _rest_owed(session, question)
    barred = sum(verdict.severity is Severity.BARRED for *_, verdict in found)
    people = len({staff_id for _, staff_id, _ in found})
    return Board(
        _finding(found, barred),
        (
            BoardFigure("Barred", barred, Kind.NUMBER, "findings against a rule", barred == 0),
            BoardFigure("Warned", len(found) - barred, Kind.NUMBER, "to look at"),
            BoardFigure("People", people, Kind.NUMBER, "with any finding"),
            BoardFigure("Rest owed", owed, Kind.NUMBER, f"{overdue} overdue", overdue == 0),
        ),
        (
            _by_rule(found), _by_home(question, found), _by_week(question, found),
            _by_person(session, actor, question, found),
        ),
        DEFINITIONS,
    )  # fmt: skip


def _finding(found: Sequence[_Found], barred: int) -> str:
    if not found:
        return "Every rule of work is kept"
    sums: defaultdict[str, int] = defaultdict(int)
    for *_, verdict in found:
        sums[verdict.title] += 1
    title, most = max(sums.items(), key=lambda pair: (pair[1], pair[0]))
    head = "Nothing is barred" if not barred else f"{barred:,} findings against a rule"
    return f"{head}; most findings ({most:,}) are about {title[:1].lower()}{title[1:]}"


def _rest_owed(session: Session, question: BoardQuestion) -> tuple[int, int]:
    count, late = session.execute(
        select(
            func.count(),
            func.sum(as_number(CompensatoryRest.due_on < london_today())),
        )
        .join(Staff, Staff.id == CompensatoryRest.staff_id)
        .where(Staff.home_id.in_(question.home_ids), CompensatoryRest.taken_on.is_(None))
    ).one()
    return int(count), int(late or 0)


_COUNTS = (
    Column("Barred", Kind.NUMBER, total=True), Column("Warned", Kind.NUMBER, total=True),
    Column("Findings", Kind.NUMBER, total=True),
)  # fmt: skip


def _counts(found: Sequence[Verdict]) -> list[Value]:
    barred = sum(verdict.severity is Severity.BARRED for verdict in found)
    return [barred, len(found) - barred, len(found)]


def _by_rule(found: Sequence[_Found]) -> BoardTable:
    groups: defaultdict[str, list[Verdict]] = defaultdict(list)
    for *_, verdict in found:
        groups[verdict.title].append(verdict)
    rows: list[Sequence[Value]] = [
        [title, *_counts(each)]
        for title, each in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]
    columns = (Column("Rule", width=30), *_COUNTS)
    return BoardTable(Section("By rule", columns, rows, chart=Chart.BARS, drawn=3))


def _by_home(question: BoardQuestion, found: Sequence[_Found]) -> BoardTable:
    rows: list[Sequence[Value]] = [
        [home.name, *_counts([v for home_id, _, v in found if home_id == home.id])]
        for home in question.homes
    ]
    places = tuple(question.place(Leads.HERE, home_id=home.id) for home in question.homes)
    return BoardTable(Section("By home", (Column("Home", width=24), *_COUNTS), rows), places)


def _by_week(question: BoardQuestion, found: Sequence[_Found]) -> BoardTable:
    """By the week of the first day inside the period; what only began before it (an average) or
    lies after it is in the first or last week. Findings without a day are in none."""
    period = question.period
    groups: defaultdict[object, list[Verdict]] = defaultdict(list)
    for *_, verdict in found:
        if verdict.dates:
            edge = min(max(verdict.dates[0], period.start), period.end)
            groups[monday(next((d for d in verdict.dates if d in period), edge))].append(verdict)
    rows: list[Sequence[Value]] = [
        [week, *_counts(groups[week])]  # type: ignore[list-item]
        for week in sorted(groups)  # type: ignore[type-var]
    ]
    note = "" if all(v.dates for *_, v in found) else "Findings without a day are in no week."
    columns = (Column("Week from", Kind.DAY), *_COUNTS)
    return BoardTable(
        Section("By week", columns, rows, note=note, chart=Chart.BARS, drawn=3)
    )  # fmt: skip


def _by_person(
    session: Session, actor: Actor, question: BoardQuestion, found: Sequence[_Found]
) -> BoardTable:
    groups: defaultdict[tuple[int, int], list[Verdict]] = defaultdict(list)
    for home_id, staff_id, verdict in found:
        groups[staff_id, home_id].append(verdict)
    order = sorted(
        groups,
        key=lambda key: (
            -sum(v.severity is Severity.BARRED for v in groups[key]), -len(groups[key]), key,
        ),
    )  # fmt: skip
    names = people_names(
        session, sorted({i for i, _ in order}), named=actor.may(Permission.VIEW_CONTACTS)
    )
    rows: list[Sequence[Value]] = []
    places = []
    for key in order:
        staff_id, home_id = key
        worst = max(groups[key], key=lambda verdict: (verdict.severity, verdict.excess))
        rows.append(
            [names.get(staff_id, ""), question.home_names[home_id], *_counts(groups[key]),
             worst.title, worst.message]
        )  # fmt: skip
        day = worst.dates[0] if worst.dates else question.period.start
        places.append(Place(Leads.ROTA, home_id, None, staff_id, day, day))
    columns = (
        Column("Person", width=26), Column("Home"), *_COUNTS, Column("Gravest", width=24),
        Column("What was found", width=60),
    )  # fmt: skip
    return BoardTable(Section("By person, the gravest first", columns, rows), tuple(places))
