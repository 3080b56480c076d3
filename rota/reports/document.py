"""A report as plain values: one source for the screen, the workbook and the CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

#: text, a number, pence, minutes, a share, a day or an instant; null is an empty cell
Value = str | int | float | date | datetime | None


class Kind(StrEnum):
    """What the values of a column are, and so how they are written."""

    TEXT = "text"
    NUMBER = "number"
    #: integer pence, written as pounds
    PENCE = "pence"
    #: integer minutes, written as hours
    MINUTES = "minutes"
    #: a share of one, written as a percentage
    SHARE = "share"
    DAY = "day"
    #: a month, by its first day
    MONTH = "month"
    #: an aware instant, written in Europe/London
    INSTANT = "instant"


class Chart(StrEnum):
    """How the figures of a table are drawn, on screen and on paper alike."""

    #: months, a column for each source of hours, total, budget
    MONTHS_BY_SOURCE = "months by source"
    #: groups, a column for each source of hours
    GROUPS_BY_SOURCE = "groups by source"
    #: bars of ``Section.drawn`` (else the first column that is added up), summed by the first column
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, what its values are, and whether they are added up below."""

    title: str
    kind: Kind = Kind.TEXT
    total: bool = False
    #: characters; 0 lets the title and kind decide
    width: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a report; a sheet of its workbook."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    note: str = ""
    chart: Chart | None = None
    #: the column that bars are drawn of
    drawn: int | None = None

    def totals(self) -> list[float | None]:
        """The sum of each column that is added up, in its own unit; null for the others."""
        sums: list[float | None] = [0 if column.total else None for column in self.columns]
        for row in self.rows:
            for index, column in enumerate(self.columns):
                value = row[index]
                if column.total and isinstance(value, int | float):
                    sums[index] = (sums[index] or 0) + value
        return sums

    @property
    def has_totals(self) -> bool:
        """Whether any column is added up."""
        return any(column.total for column in self.columns)


@dataclass(frozen=True, slots=True)
class Document:
    """A report: what it is about, what its words mean, and its tables.

    ``facts`` are name and value (home, period, filters, data version, time); ``definitions``
    say what is measured. ``file_name`` has no ending.
    """

    title: str
    file_name: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    definitions: tuple[tuple[str, str], ...] = field(default_factory=tuple)
