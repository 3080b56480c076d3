"""Why can't this be filled? People by rules in plain English, and the nearest lawful moves.

Everybody of the pool is judged by every rule, also those whose grade does not fit, because
"nobody of that grade is left" is an answer too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.rules import Change, Rulebook, Severity, Verdict, check_change
from rota.vacancies.ground import load_ground
from rota.vacancies.pool import load_pool
from rota.vacancies.queries import vacancy as read_vacancy
from rota.vacancies.swaps import Swap, nearest_swaps
from rota.vacancies.values import Vacancy

#: what the rules say about each person
Said = Mapping[int, tuple[Verdict, ...]]


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """A rule that stands in somebody's way: what it says, its basis, how many it bars."""

    key: str
    title: str
    statement: str
    basis: str
    barred: int
    warned: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One person with what each rule says; ``cells`` in the order of the columns."""

    staff_id: int
    name: str
    role: str
    role_code: str
    unit: str
    home: str
    severity: Severity
    cells: tuple[Verdict | None, ...]

    @property
    def obstacles(self) -> int:
        """Rules that bar the person."""
        return len(self.against)

    @property
    def against(self) -> tuple[Verdict, ...]:
        """What bars the person, in the order of the columns."""
        return tuple(c for c in self.cells if c is not None and c.severity is Severity.BARRED)


@dataclass(frozen=True, slots=True)
class Matrix:
    """People × rules for one vacancy, those nearest to taking it first, and lawful swaps."""

    vacancy: Vacancy
    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]
    swaps: tuple[Swap, ...]

    @property
    def free(self) -> int:
        """People nothing speaks against."""
        return sum(1 for row in self.rows if row.severity is Severity.OK)


def why_not(session: Session, actor: Actor, shift_id: int) -> Matrix:
    """The matrix of one vacancy. Raises :class:`NotFound`, :class:`NotAllowed`."""
    vacancy = read_vacancy(session, actor, shift_id)
    pool = load_pool(session, vacancy, load_ground(session, [vacancy]), everybody=True)
    timelines = pool.ground.timelines(session, [person.id for person in pool.people])
    said = {
        staff_id: check_change(timeline, Change.add(pool.shift), pool.rulebook).verdicts
        for staff_id, timeline in timelines.items()
    }
    columns = columns_of(pool.rulebook, said)
    rows = [row_of(p, said[p.id], columns) for p in pool.people if p.id in said]
    rows.sort(key=lambda row: (row.severity, row.obstacles, _weight(row), row.name))
    # only moves the actor may carry out: taking somebody off another home's shift is not
    homes = {h for h in actor.home_ids if actor.may(Permission.FILL_VACANCY, h)}
    swaps = nearest_swaps(session, pool, timelines, said, homes | {vacancy.home_id})
    return Matrix(vacancy, tuple(columns), tuple(rows), swaps)


class Someone(Protocol):
    """Who a row of the matrix is about."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def role_code(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def home(self) -> str: ...


def columns_of(rulebook: Rulebook, said: Said) -> list[MatrixColumn]:
    """The rules that say something against somebody, in the order of the rule book."""
    found = []
    for rule in rulebook.rules:
        worst = [
            max(v.severity for v in verdicts if v.rule == rule.key)
            for verdicts in said.values()
            if any(v.rule == rule.key for v in verdicts)
        ]
        barred = sum(1 for severity in worst if severity is Severity.BARRED)
        if worst:
            found.append(
                MatrixColumn(
                    rule.key, rule.title, rule.statement, rule.basis, barred, len(worst) - barred
                )
            )
    return found


def row_of(
    person: Someone, verdicts: tuple[Verdict, ...], columns: list[MatrixColumn]
) -> MatrixRow:
    """One person's row: the gravest verdict of each rule."""
    by_rule: dict[str, Verdict] = {}
    for verdict in verdicts:
        known = by_rule.get(verdict.rule)
        if known is None or verdict.is_worse_than(known):
            by_rule[verdict.rule] = verdict
    severity = max((v.severity for v in verdicts), default=Severity.OK)
    cells = tuple(by_rule.get(column.key) for column in columns)
    return MatrixRow(
        person.id,
        person.name,
        person.role,
        person.role_code,
        person.unit,
        person.home,
        severity,
        cells,
    )


def _weight(row: MatrixRow) -> int:
    return sum(cell.excess for cell in row.cells if cell is not None)
