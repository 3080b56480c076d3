"""Columns: whole rows of one person with their price and the demands they serve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rota.optimisation.arrays import Arrays
from rota.optimisation.person_arrays import Ints, Row


@dataclass(frozen=True, slots=True)
class Column:
    """One lawful row of ``person``; ``served`` are the demands it counts towards."""

    person: int
    row: Row
    cost: float
    served: Ints


@dataclass(slots=True)
class Pool:
    """Every column met, each once, by person."""

    arrays: Arrays
    limit: int = 400  #: columns remembered per person; the oldest are forgotten
    known: list[dict[bytes, Column]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known = [{} for _ in self.arrays.people]

    def column(self, person: int, row: Row) -> Column:
        """The column of ``row``, made at first sight; meeting it again makes it young."""
        shelf = self.known[person]
        key = row.tobytes()
        found = shelf.pop(key, None)
        if found is None:
            row = row.copy()
            row.setflags(write=False)
            found = Column(
                person, row, self.arrays.own_cost(person, row), self.arrays.served(person, row)
            )
            while len(shelf) >= self.limit:
                shelf.pop(next(iter(shelf)))
        shelf[key] = found
        return found

    def young(self, person: int, count: int) -> list[Column]:
        """The ``count`` columns of ``person`` met last."""
        shelf = list(self.known[person].values())
        return shelf[-count:]


def entries(
    columns: Sequence[Column], first_person_row: int
) -> tuple[list[float], list[int], NDArray[np.int64]]:
    """(costs, starts, row indexes) of ``columns``; each also enters its person's row."""
    costs: list[float] = []
    starts: list[int] = []
    parts: list[NDArray[np.int64]] = []
    total = 0
    for column in columns:
        costs.append(column.cost)
        starts.append(total)
        parts.append(np.append(column.served, first_person_row + column.person))
        total += len(column.served) + 1
    return costs, starts, np.concatenate(parts) if parts else np.empty(0, np.int64)


def roster_of(chosen: Iterable[Column], people: int, days: int) -> NDArray[np.int16]:
    """The roster (people × days) that ``chosen``, one column per person, makes."""
    roster = np.full((people, days), -1, dtype=np.int16)
    for column in chosen:
        roster[column.person] = column.row
    return roster
