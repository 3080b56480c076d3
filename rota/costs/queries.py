"""What shifts cost, split any way one likes: one SQL aggregate each, on both databases.

A vacancy costs nothing and is in no sum. A shift whose rate is missing has no cost; it is
counted as such and never taken as zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.costs.values import (
    BudgetLine,
    CostRow,
    CostScope,
    CostTotals,
    Dimension,
    Key,
    ShiftLine,
)
from rota.models import (
    Agency,
    Budget,
    CareHome,
    Classification,
    Role,
    Shift,
    ShiftType,
    Staff,
    Unit,
)
from rota.portable_sql import as_number, month_start, weekday
from rota.roster.cover import WORKED_ROLE_ID

S = TypeVar("S", bound=Select[*tuple[Any, ...]])

_EXPRESSIONS: dict[Dimension, ColumnElement[Any] | InstrumentedAttribute[Any]] = {
    Dimension.MONTH: month_start(Shift.date),
    Dimension.DAY: Shift.date,
    Dimension.SOURCE: Shift.classification,
    Dimension.HOME: Shift.home_id,
    Dimension.UNIT: Shift.unit_id,
    Dimension.ROLE: WORKED_ROLE_ID,
    Dimension.BAND: ShiftType.band,
    Dimension.WEEKDAY: weekday(Shift.date),
    Dimension.SHIFT_TYPE: Shift.shift_type_id,
}
_RATE_IS_MISSING = Shift.cost_pence.is_(None)


def cost_by(
    session: Session, actor: Actor, scope: CostScope, *dimensions: Dimension
) -> list[CostRow]:
    """The totals of a scope under every combination of these dimensions, in their order.

    One statement. Combinations without a shift have no row; without dimensions there is
    one row, of everything. Raises :class:`~rota.errors.NotAllowed` for a home that is not
    the actor's.
    """
    _check(actor, scope)
    keys = [_EXPRESSIONS[dimension] for dimension in dimensions]
    statement = select(
        *keys,
        func.count(),
        func.sum(Shift.paid_minutes),
        func.sum(Shift.cost_pence),
        func.sum(as_number(_RATE_IS_MISSING)),
        func.sum(as_number(_RATE_IS_MISSING) * Shift.paid_minutes),
    ).select_from(Shift)
    statement = _joined(statement, scope, dimensions).where(*_conditions(scope))
    if keys:
        statement = statement.group_by(*keys)
    rows = [
        CostRow(tuple(_plain(key) for key in row[: len(keys)]), _totals(row[len(keys) :]))
        for row in session.execute(statement)
    ]
    return sorted(
        rows, key=lambda row: [_rank(d, k) for d, k in zip(dimensions, row.keys, strict=True)]
    )


def cost_total(session: Session, actor: Actor, scope: CostScope) -> CostTotals:
    """Everything in a scope, summed. One statement."""
    (row,) = cost_by(session, actor, scope)
    return row.totals


def shifts_behind(
    session: Session, actor: Actor, scope: CostScope, *, limit: int = 200, offset: int = 0
) -> list[ShiftLine]:
    """The shifts that a figure sums, by day and home, at most ``limit`` from ``offset`` on.

    One statement. People are named only to those who may see personal data.
    """
    _check(actor, scope)
    statement = (
        select(
            Shift.id, Shift.date, CareHome.name, Unit.name, ShiftType.code, Shift.starts_at,
            Shift.ends_at, Staff.first_name, Staff.last_name, Agency.name, Role.code,
            Shift.classification, Shift.paid_minutes, Shift.cost_pence, Shift.is_published,
        )
        .select_from(Shift)
        .join(CareHome, CareHome.id == Shift.home_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Staff, Staff.id == Shift.user_id, isouter=True)
        .join(Agency, Agency.id == Shift.agency_id, isouter=True)
        .join(Role, Role.id == WORKED_ROLE_ID, isouter=True)
        .where(*_conditions(scope))
        .order_by(Shift.date, Shift.home_id, Shift.unit_id, Shift.starts_at, Shift.id)
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    named = actor.may(Permission.VIEW_CONTACTS)
    return [_line(row, named) for row in session.execute(statement)]


def budgets(session: Session, actor: Actor, scope: CostScope) -> list[BudgetLine]:
    """The budgets of the homes and months of a scope, by home, month and source.

    One statement; nothing when the scope is only a part of what its homes spend, for a
    budget is set for a whole home.
    """
    _check(actor, scope)
    if not scope.is_whole:
        return []
    statement = (
        select(Budget.home_id, Budget.month, Budget.source, Budget.pence)
        .where(
            Budget.home_id.in_(sorted(scope.home_ids)),
            Budget.month.between(scope.start.replace(day=1), scope.end),
        )
        .order_by(Budget.home_id, Budget.month, Budget.source)
    )
    if scope.source is not None:
        statement = statement.where(Budget.source == scope.source.value)
    return [
        BudgetLine(home_id, month, Classification(source), pence)
        for home_id, month, source, pence in session.execute(statement)
    ]


def role_names(session: Session) -> dict[int, str]:
    """Every role's code by its id."""
    return {row.id: row.code for row in session.execute(select(Role.id, Role.code))}


def shift_type_names(session: Session) -> dict[int, str]:
    """Every shift type's name by its id."""
    rows = session.execute(select(ShiftType.id, ShiftType.name))
    return {row.id: row.name for row in rows}


def _check(actor: Actor, scope: CostScope) -> None:
    actor.require(Permission.VIEW_COSTS)
    for home_id in scope.home_ids:
        actor.require(Permission.VIEW_COSTS, home_id)


def _joined(statement: S, scope: CostScope, dimensions: Iterable[Dimension]) -> S:
    """Join only what is asked for: most figures are answered from the index alone."""
    wanted = set(dimensions)
    if Dimension.ROLE in wanted or scope.role_id is not None or scope.role_is_unknown:
        statement = statement.join(Staff, Staff.id == Shift.user_id, isouter=True)
    if Dimension.BAND in wanted or scope.band is not None:
        statement = statement.join(ShiftType, ShiftType.id == Shift.shift_type_id)
    return statement


def _conditions(scope: CostScope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Shift.home_id.in_(sorted(scope.home_ids)),
        Shift.date.between(scope.start, scope.end),
        Shift.is_vacant.is_(False),
    ]
    narrowing: list[tuple[Any, Any]] = [
        (Shift.unit_id, scope.unit_id),
        (Shift.classification, scope.source),
        (WORKED_ROLE_ID, scope.role_id),
        (ShiftType.band, scope.band),
        (weekday(Shift.date), scope.weekday),
        (Shift.shift_type_id, scope.shift_type_id),
    ]
    conditions += [column == value for column, value in narrowing if value is not None]
    if scope.role_is_unknown:
        conditions.append(WORKED_ROLE_ID.is_(None))
    if scope.only_missing_rates:
        conditions.append(_RATE_IS_MISSING)
    return conditions


def _totals(values: Any) -> CostTotals:
    return CostTotals(*(int(value or 0) for value in values))


def _plain(key: Any) -> Key:
    plain: Key = key.value if isinstance(key, StrEnum) else key
    return plain


_ORDERS: dict[Dimension, list[str]] = {
    Dimension.SOURCE: [source.value for source in Classification],
    Dimension.BAND: ["day", "night", "office"],
}


def _rank(dimension: Dimension, key: Key) -> tuple[bool, Any]:
    """Where a key stands among its kind; the unknown last."""
    if key is None:
        return True, 0
    if isinstance(key, str):
        return False, _ORDERS[dimension].index(key)
    return False, key.toordinal() if isinstance(key, date) else key


def _line(row: Any, named: bool) -> ShiftLine:
    (shift_id, day, home, unit, code, starts_at, ends_at, first, last, agency, role,
     source, minutes, pence, is_published) = row  # fmt: skip
    if agency is not None:
        worker = agency
    else:
        worker = f"{first} {last}".strip() if named else "Own staff"
    return ShiftLine(
        id=shift_id, date=day, home=home, unit=unit, shift_type=code, starts_at=starts_at,
        ends_at=ends_at, worker=worker, role=role or "", source=source, minutes=minutes,
        pence=pence, is_published=is_published,
    )  # fmt: skip
