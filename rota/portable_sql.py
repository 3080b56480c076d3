"""The few SQL expressions that SQLite and PostgreSQL say differently, said once."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Date,
    Integer,
    String,
    case,
    cast,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class month_start(FunctionElement[date]):
    """``month_start(day)``: the first day of the month of a date."""

    type = Date()
    inherit_cache = True


class minutes_between(FunctionElement[int]):
    """``minutes_between(earlier, later)``: whole minutes between two instants."""

    type = Integer()
    inherit_cache = True


class days_before(FunctionElement[date]):
    """``days_before(day, count)``: the day ``count`` days earlier."""

    type = Date()
    inherit_cache = True


class weekday(FunctionElement[int]):
    """``weekday(day)``: Monday is 0, as in :meth:`datetime.date.weekday`."""

    type = Integer()
    inherit_cache = True


class week_number(FunctionElement[int]):
    """``week_number(day)``: weeks since Monday 3 January 2000, the same from Monday to Sunday."""

    type = Integer()
    inherit_cache = True


class list_length(FunctionElement[int]):
    """``list_length(column)``: how many entries a list stored as JSON has."""

    type = Integer()
    inherit_cache = True


def _arguments(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> list[str]:
    return [compiler.process(clause, **kw) for clause in element.clauses]


@compiles(month_start, "sqlite")
def _(element: month_start, compiler: SQLCompiler, **kw: Any) -> str:
    # text arithmetic: SQLite's date() parses and formats each value, ten times slower
    (day,) = _arguments(element, compiler, **kw)
    return f"(substr({day}, 1, 8) || '01')"


@compiles(month_start, "postgresql")
def _(element: month_start, compiler: SQLCompiler, **kw: Any) -> str:
    (day,) = _arguments(element, compiler, **kw)
    return f"CAST(date_trunc('month', CAST({day} AS timestamp)) AS date)"


@compiles(minutes_between, "sqlite")
def _(element: minutes_between, compiler: SQLCompiler, **kw: Any) -> str:
    earlier, later = _arguments(element, compiler, **kw)
    return f"CAST(ROUND((julianday({later}) - julianday({earlier})) * 1440) AS INTEGER)"


@compiles(minutes_between, "postgresql")
def _(element: minutes_between, compiler: SQLCompiler, **kw: Any) -> str:
    earlier, later = _arguments(element, compiler, **kw)
    return f"CAST(ROUND(EXTRACT(EPOCH FROM ({later} - {earlier})) / 60) AS INTEGER)"


@compiles(days_before, "sqlite")
def _(element: days_before, compiler: SQLCompiler, **kw: Any) -> str:
    day, count = _arguments(element, compiler, **kw)
    return f"date({day}, '-' || {count} || ' days')"


@compiles(days_before, "postgresql")
def _(element: days_before, compiler: SQLCompiler, **kw: Any) -> str:
    day, count = _arguments(element, compiler, **kw)
    return f"({day} - CAST({count} AS integer))"


@compiles(weekday, "sqlite")
def _(element: weekday, compiler: SQLCompiler, **kw: Any) -> str:
    (day,) = _arguments(element, compiler, **kw)
    return f"((CAST(strftime('%w', {day}) AS INTEGER) + 6) % 7)"


@compiles(weekday, "postgresql")
def _(element: weekday, compiler: SQLCompiler, **kw: Any) -> str:
    (day,) = _arguments(element, compiler, **kw)
    return f"(CAST(EXTRACT(ISODOW FROM {day}) AS INTEGER) - 1)"


@compiles(week_number, "sqlite")
def _(element: week_number, compiler: SQLCompiler, **kw: Any) -> str:
    (day,) = _arguments(element, compiler, **kw)
    return f"CAST((julianday({day}) - julianday('2000-01-03')) / 7 AS INTEGER)"


@compiles(week_number, "postgresql")
def _(element: week_number, compiler: SQLCompiler, **kw: Any) -> str:
    (day,) = _arguments(element, compiler, **kw)
    return f"(({day} - DATE '2000-01-03') / 7)"


@compiles(list_length, "sqlite")
def _(element: list_length, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = _arguments(element, compiler, **kw)
    return f"json_array_length({column})"


@compiles(list_length, "postgresql")
def _(element: list_length, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = _arguments(element, compiler, **kw)
    return f"jsonb_array_length({column})"


def is_json_null(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a JSON column holds nothing: SQL's null, or the JSON value ``null`` that writing
    ``None`` stores."""
    return or_(column.is_(None), cast(column, String) == "null")


def as_number(condition: ColumnExpressionArgument[bool]) -> ColumnElement[int]:
    """1 where a condition holds, else 0: to be summed on both databases."""
    return case((condition, 1), else_=0)
