"""Two periods side by side: which ones, and lines that add up to each of them."""

from __future__ import annotations

from datetime import date

import pytest

from rota.access.scope import homes_of
from rota.calendar import Period
from rota.costs.compare import Against, Span, compare, periods_of
from rota.costs.queries import cost_total
from rota.costs.values import CostScope, CostTotals, Dimension
from rota.database import UnitOfWork
from tests.rota.costs.test_cost_queries import analyst, random_home


@pytest.mark.parametrize(
    ("span", "against", "month", "base", "actual"),
    [
        (Span.MONTH, Against.BEFORE, (2026, 3), ("2026-02-01", "2026-02-28"),
         ("2026-03-01", "2026-03-31")),
        (Span.MONTH, Against.LAST_YEAR, (2025, 2), ("2024-02-01", "2024-02-29"),
         ("2025-02-01", "2025-02-28")),
        (Span.QUARTER, Against.BEFORE, (2026, 1), ("2025-08-01", "2025-10-31"),
         ("2025-11-01", "2026-01-31")),
        (Span.QUARTER, Against.LAST_YEAR, (2026, 6), ("2025-04-01", "2025-06-30"),
         ("2026-04-01", "2026-06-30")),
        (Span.YEAR_TO_DATE, Against.BEFORE, (2026, 3), ("2024-04-01", "2025-03-31"),
         ("2025-04-01", "2026-03-31")),
        (Span.YEAR_TO_DATE, Against.BEFORE, (2026, 4), ("2025-04-01", "2025-04-30"),
         ("2026-04-01", "2026-04-30")),
    ],
)  # fmt: skip
def test_which_periods_are_compared(
    span: Span, against: Against, month: tuple[int, int], base: tuple[str, str],
    actual: tuple[str, str],
) -> None:  # fmt: skip
    found = periods_of(span, against, date(*month, 17))
    assert found == tuple(Period(*map(date.fromisoformat, pair)) for pair in (base, actual))


@pytest.mark.parametrize(
    "by", [Dimension.SOURCE, Dimension.UNIT, Dimension.ROLE, Dimension.WEEKDAY]
)
def test_the_lines_of_both_periods_add_up(uow: UnitOfWork, by: Dimension) -> None:
    home = random_home(uow.session, 9)
    who = analyst(home)
    scopes = [
        CostScope(frozenset({home.id}), date(2026, month, 1), date(2026, month, 28))
        for month in (2, 3)
    ]
    lines = compare(uow.session, who, homes_of(uow.session, who), scopes[0], scopes[1], by)
    totals = [cost_total(uow.session, who, scope) for scope in scopes]
    assert sum((line.base for line in lines), CostTotals()) == totals[0]
    assert sum((line.actual for line in lines), CostTotals()) == totals[1]
    assert sum(line.change_pence for line in lines) == totals[1].pence - totals[0].pence
    assert all(line.label for line in lines)
