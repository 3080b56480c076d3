"""Months in a row, named by their first day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import CTE, literal, select, union_all

from rota.calendar import month_of, months_after


def months_between(first: date, last: date) -> list[date]:
    """The first day of every month from that of ``first`` to that of ``last``, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [months_after(first.replace(day=1), offset) for offset in range(count + 1)]


def month_table(months: Sequence[date]) -> CTE:
    """Months as rows (``first``, ``last``) to join dated rows to.

    A join on the range is answered from an index month by month; the same months as a chain
    of OR make SQLite read every row there ever was.
    """
    rows = [
        select(literal(month).label("first"), literal(month_of(month).end).label("last"))
        for month in months
    ]
    return union_all(*rows).cte("months")
