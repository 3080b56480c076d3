"""Two periods side by side by any dimension: what each cost and the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.scope import HomeChoice
from rota.calendar import Period, leave_year, month_of, months_after
from rota.costs.patterns import label_of, names_of
from rota.costs.queries import cost_by
from rota.costs.values import CostScope, CostTotals, Dimension, Key


class Span(StrEnum):
    """How long the periods are that are compared."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR_TO_DATE = "year"


class Against(StrEnum):
    """What a period is compared with."""

    BEFORE = "before"
    LAST_YEAR = "last"


def periods_of(span: Span, against: Against, month: date) -> tuple[Period, Period]:
    """The base and the period that ends with a month.

    A quarter is three months up to the month; the year to date begins on 1 April and compares
    with the same months of the year before, whatever was asked.
    """
    last = month_of(month)
    if span is Span.YEAR_TO_DATE:
        start = leave_year(last.start).start
    else:
        start = months_after(last.start, -2 if span is Span.QUARTER else 0)
    actual = Period(start, last.end)
    months = (last.start.year - start.year) * 12 + last.start.month - start.month + 1
    back = 12 if against is Against.LAST_YEAR or span is Span.YEAR_TO_DATE else months
    base_end = months_after(last.end + timedelta(days=1), -back) - timedelta(days=1)
    return Period(months_after(start, -back), base_end), actual


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One home, unit, role … in both periods."""

    key: Key
    label: str
    base: CostTotals
    actual: CostTotals

    @property
    def change_pence(self) -> int:
        """Actual less base."""
        return self.actual.pence - self.base.pence


def compare(
    session: Session,
    actor: Actor,
    homes: Sequence[HomeChoice],
    base: CostScope,
    actual: CostScope,
    by: Dimension,
) -> list[ComparedLine]:
    """The lines of both periods, in the order of the dimension. Two statements, and names.

    Raises :class:`~rota.errors.NotAllowed` for a home the actor does not work with.
    """
    before = {row.keys[0]: row.totals for row in cost_by(session, actor, base, by)}
    after = {row.keys[0]: row.totals for row in cost_by(session, actor, actual, by)}
    names = names_of(session, homes, by)
    nothing = CostTotals()
    keys = list(dict.fromkeys([*after, *before]))
    return [
        ComparedLine(
            key, label_of(by, key, names), before.get(key, nothing), after.get(key, nothing)
        )
        for key in keys
    ]
