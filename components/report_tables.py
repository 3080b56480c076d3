"""A report's values as a person reads them, and its tables and charts for screen and paper."""

from __future__ import annotations

from datetime import date, datetime

from components import formats
from components.charts.bars import Bar, bars_figure
from components.charts.costs import SOURCES, CostMonth, Group, comparison_figure, costs_figure
from components.charts.template import Figure
from rota.reports.document import Chart, Column, Kind, Section, Value


def written(column: Column, value: Value) -> str:
    """A value as a person reads it; a dash where there is none."""
    if value is None:
        return formats.NONE
    match column.kind, value:
        case Kind.PENCE, int() | float():
            return formats.money_exact(round(value))
        case Kind.MINUTES, int() | float():
            return formats.hours(value / 60)
        case Kind.SHARE, int() | float():
            return formats.percent(value, 1)
        case Kind.NUMBER, int() | float():
            return formats.trimmed(value, 2)
        case Kind.INSTANT, datetime():
            return formats.moment(value)
        case Kind.MONTH, date():
            return formats.month(value)
        case Kind.DAY, date():
            return formats.day_year(value)
        case _:
            return str(value)


def is_words(column: Column) -> bool:
    """Whether its values stand to the left."""
    return column.kind in (Kind.TEXT, Kind.DAY, Kind.MONTH, Kind.INSTANT)


def written_totals(section: Section) -> list[str]:
    """The last line of a table; empty when nothing is added up."""
    if not section.has_totals:
        return []
    footer = [
        written(column, total) if column.total else ""
        for column, total in zip(section.columns, section.totals(), strict=True)
    ]
    footer[0] = footer[0] or "Total"
    return footer


def section_figure(section: Section) -> Figure | None:
    """The chart of a table, made of the very values of its rows; null for a table without."""
    if section.chart is None or not section.rows:
        return None
    match section.chart:
        case Chart.MONTHS_BY_SOURCE:
            budget = _place(section, "Budget")
            return costs_figure(
                [
                    CostMonth(_day(row[0]), _sources(section, row), _pence(row[budget]))
                    for row in section.rows
                ]
            )
        case Chart.GROUPS_BY_SOURCE:
            return comparison_figure(
                [Group(str(row[0]), _sources(section, row)) for row in section.rows]
            )
        case Chart.BARS:
            place = section.drawn
            if place is None:
                place = next(i for i, column in enumerate(section.columns) if column.total)
            sums: dict[str, float] = {}
            for row in section.rows:
                value = row[place]
                label = written(section.columns[0], row[0])
                sums[label] = sums.get(label, 0) + (value if isinstance(value, int | float) else 0)
            column = section.columns[place]
            return bars_figure(
                [Bar(name, _unit(column, value)) for name, value in sums.items()],
                title=f"{column.title} (%)" if column.kind is Kind.SHARE else column.title,
                money=column.kind is Kind.PENCE,
            )


def _unit(column: Column, value: float) -> float:
    """Pounds for pence, hours for minutes, per cent for shares."""
    return value / {Kind.PENCE: 100, Kind.MINUTES: 60, Kind.SHARE: 0.01}.get(column.kind, 1)


def _place(section: Section, title: str) -> int:
    return next(i for i, column in enumerate(section.columns) if column.title == title)


def _sources(section: Section, row: object) -> dict[str, int]:
    titles = [column.title for column in section.columns]
    return {
        key: _pence(row[titles.index(label)]) or 0  # type: ignore[index]
        for key, label, _ in SOURCES
        if label in titles
    }


def _pence(value: Value) -> int | None:
    return value if isinstance(value, int) else None


def _day(value: Value) -> date:
    assert isinstance(value, date)
    return value
