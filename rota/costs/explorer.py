"""What the cost screen, its workbook and its CSV show: one value, so that they cannot differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice
from rota.calendar import WEEKDAY_NAMES, month_of, months_after
from rota.costs.months import months_between
from rota.costs.queries import budgets, cost_by, role_names, shift_type_names
from rota.costs.values import BudgetLine, CostRow, CostScope, CostTotals, Dimension, Key
from rota.costs.variance import Variance, Work, variance
from rota.errors import InvalidInput
from rota.models import Band, Classification

#: what the second chart can compare
GROUPINGS = (
    Dimension.HOME, Dimension.UNIT, Dimension.ROLE, Dimension.BAND, Dimension.WEEKDAY,
    Dimension.SHIFT_TYPE,
)  # fmt: skip
MOST_MONTHS = 36
SOURCE_NAMES = {
    Classification.REGULAR: "Contracted",
    Classification.OVERTIME: "Overtime",
    Classification.BANK: "Bank",
    Classification.AGENCY: "Agency",
}
BAND_NAMES = {Band.DAY: "Day", Band.NIGHT: "Night", Band.OFFICE: "Office"}
_NOTHING = CostTotals()


@dataclass(frozen=True, slots=True)
class CostQuestion:
    """Which months of which homes are asked about, and what they are compared by."""

    homes: tuple[HomeChoice, ...]
    first_month: date
    months: int = 12
    unit_id: int | None = None
    by: Dimension = Dimension.UNIT

    def __post_init__(self) -> None:
        if not 1 <= self.months <= MOST_MONTHS:
            raise InvalidInput(f"Choose from 1 to {MOST_MONTHS} months.")
        if self.by not in GROUPINGS:
            raise InvalidInput("Costs are not compared that way.")

    @property
    def scope(self) -> CostScope:
        """The shifts that are summed."""
        start = self.first_month.replace(day=1)
        end = months_after(start, self.months) - timedelta(days=1)
        return CostScope(frozenset(home.id for home in self.homes), start, end, self.unit_id)


@dataclass(frozen=True, slots=True)
class CostLine:
    """One month or one group: its totals by source, and its budget where there is one."""

    key: Key
    label: str
    by_source: Mapping[Classification, CostTotals]
    budget_pence: int | None = None

    @property
    def total(self) -> CostTotals:
        """All sources together."""
        return sum(self.by_source.values(), _NOTHING)

    @property
    def variance_pence(self) -> int | None:
        """Cost less budget; positive is over."""
        return None if self.budget_pence is None else self.total.pence - self.budget_pence


@dataclass(frozen=True, slots=True)
class CostReport:
    """Costs of a question by month and by group; both sum to ``total``."""

    question: CostQuestion
    months: tuple[CostLine, ...]
    groups: tuple[CostLine, ...]

    @property
    def total(self) -> CostTotals:
        """Everything in the period."""
        return sum((line.total for line in self.months), _NOTHING)

    @property
    def budget_pence(self) -> int | None:
        """The budgets of the period; null when no month has one."""
        known = [line.budget_pence for line in self.months if line.budget_pence is not None]
        return sum(known) if known else None

    def month(self, month: date) -> CostLine | None:
        """The line of a month, if it is in the period."""
        return next((line for line in self.months if line.key == month), None)

    def why(self, month: date) -> Variance | None:
        """Why a month costs what the month before it did not: volume, mix and rate."""
        actual, base = self.month(month), self.month(months_after(month, -1))
        if actual is None or base is None:
            return None
        return variance(_work(base), _work(actual))


def cost_report(session: Session, actor: Actor, question: CostQuestion) -> CostReport:
    """Costs by month and by group, against budget. At most four statements.

    Every month of the period has a line, also one without shifts. Raises
    :class:`~rota.errors.NotAllowed` for a home the actor does not work with.
    """
    actor.require(Permission.VIEW_COSTS)
    scope = question.scope
    by_month = cost_by(session, actor, scope, Dimension.MONTH, Dimension.SOURCE)
    by_group = cost_by(session, actor, scope, question.by, Dimension.SOURCE)
    planned = budgets(session, actor, scope)
    return CostReport(
        question=question,
        months=tuple(_month_lines(scope, by_month, planned)),
        groups=tuple(_group_lines(session, question, by_group, planned)),
    )


def _month_lines(
    scope: CostScope, rows: Sequence[CostRow], planned: Sequence[BudgetLine]
) -> list[CostLine]:
    found = _by_first_key(rows)
    budget = _sums((line.month, line.pence) for line in planned)
    return [
        CostLine(month, f"{month:%B %Y}", found.get(month, {}), budget.get(month))
        for month in months_between(scope.start, scope.end)
    ]


def _group_lines(
    session: Session,
    question: CostQuestion,
    rows: Sequence[CostRow],
    planned: Sequence[BudgetLine],
) -> list[CostLine]:
    names = _names(session, question)
    budget: Mapping[Key, int] = {}
    if question.by is Dimension.HOME:
        budget = _sums((line.home_id, line.pence) for line in planned)
    return [
        CostLine(key, names.get(key, "Not known"), by_source, budget.get(key))
        for key, by_source in _by_first_key(rows).items()
    ]


def _names(session: Session, question: CostQuestion) -> Mapping[Any, str]:
    match question.by:
        case Dimension.HOME:
            return {home.id: home.name for home in question.homes}
        case Dimension.UNIT:
            return {unit.id: unit.name for home in question.homes for unit in home.units}
        case Dimension.ROLE:
            return {None: "No role given"} | role_names(session)
        case Dimension.SHIFT_TYPE:
            return shift_type_names(session)
        case Dimension.WEEKDAY:
            return dict(enumerate(WEEKDAY_NAMES))
        case _:
            return {band.value: name for band, name in BAND_NAMES.items()}


def _by_first_key(rows: Sequence[CostRow]) -> dict[Key, dict[Classification, CostTotals]]:
    found: dict[Key, dict[Classification, CostTotals]] = {}
    for row in rows:
        key, source = row.keys
        found.setdefault(key, {})[Classification(str(source))] = row.totals
    return found


def _sums(pairs: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for key, pence in pairs:
        found[key] = found.get(key, 0) + pence
    return found


def _work(line: CostLine) -> dict[Classification, Work]:
    return {
        source: Work(totals.minutes - totals.missing_minutes, totals.pence)
        for source, totals in line.by_source.items()
    }


def last_full_month(today: date) -> date:
    """The first day of the month before today's."""
    return months_after(month_of(today).start, -1)
