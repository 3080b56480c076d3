"""Every dashboard there is, and a dashboard as a report for its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.boards.absence import absence_board
from rota.boards.compliance import compliance_board
from rota.boards.fairness import fairness_board
from rota.boards.leave_cost import leave_board
from rota.boards.vacancies import vacancies_board
from rota.boards.values import Board, BoardFigure, BoardQuestion
from rota.calendar import Period, months_after
from rota.errors import NotFound
from rota.reports.document import Column, Document, Kind, Section, Value
from rota.reports.request import ReportRequest


@dataclass(frozen=True, slots=True)
class BoardKind:
    """One dashboard; ``most_months`` is as far as it reaches."""

    key: str
    title: str
    description: str
    permission: Permission
    build: Callable[[Session, Actor, BoardQuestion], Board]
    most_months: int = 12


BOARDS: tuple[BoardKind, ...] = (
    BoardKind("fairness", "Fairness", "How evenly weekends, nights and bank holidays lie",
              Permission.VIEW_COSTS, fairness_board),
    BoardKind("absence", "Absence", "Hours lost, where, when and how often",
              Permission.VIEW_COSTS, absence_board),
    # the rules look at every shift of everybody: a month of five homes takes seconds
    BoardKind("rules", "Compliance", "What the rules of work say about everybody",
              Permission.VIEW_ROTA, compliance_board, most_months=1),
    BoardKind("leave", "Leave cost", "Hours of leave, what they are paid, and the pace",
              Permission.VIEW_COSTS, leave_board),
    BoardKind("vacancies", "Vacancies", "Shifts with nobody on them, and what covered the others",
              Permission.VIEW_VACANCIES, vacancies_board),
)  # fmt: skip
_BY_KEY = {kind.key: kind for kind in BOARDS}


def board_called(key: str) -> BoardKind:
    """The dashboard of this key. Raises :class:`NotFound`."""
    if key not in _BY_KEY:
        raise NotFound("There is no such dashboard.", hint="Choose one of the tabs.")
    return _BY_KEY[key]


def months_up_to(month: date, count: int) -> Period:
    """So many whole months of which this is the last."""
    first = months_after(month.replace(day=1), 1 - count)
    return Period(first, months_after(month.replace(day=1), 1) - timedelta(days=1))


def board_document(
    kind: BoardKind, board: Board, actor: Actor, question: BoardQuestion, made_at: datetime
) -> Document:
    """A dashboard as a report: its figures, then its tables, as they stand on the screen."""
    request = ReportRequest(question.homes, question.period, made_at)
    rows: list[list[Value]] = [
        [figure.label, readable(figure), _UNITS.get(figure.kind, ""), figure.detail]
        for figure in board.figures
    ]
    columns = (
        Column("Figure", width=26), Column("Value", Kind.NUMBER), Column("In", width=8),
        Column("Of", width=40),
    )  # fmt: skip
    return Document(
        title=f"{kind.title}, {request.place}",
        file_name=request.file_name(f"dashboard-{kind.key}"),
        facts=(*request.facts(actor), ("Finding", board.finding)),
        sections=(Section("Figures", columns, rows), *(table.section for table in board.tables)),
        definitions=board.definitions,
    )


_UNITS = {Kind.PENCE: "£", Kind.MINUTES: "hours", Kind.SHARE: "%"}


def readable(figure: BoardFigure) -> float | None:
    """A figure in pounds, hours or per cent."""
    if not isinstance(figure.value, int | float):
        return None
    factor = {Kind.PENCE: 0.01, Kind.MINUTES: 1 / 60, Kind.SHARE: 100}.get(figure.kind, 1)
    return round(figure.value * factor, 3)
