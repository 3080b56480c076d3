"""Policies as data: every limit is a dated row, the most particular row in force wins.

A policy (leave, filling vacancies) is a frozen dataclass; each of its fields is fed by rows of
the same name: rows shipped with the product, and over them the organisation's own in
``policy_settings``, for a home, a role or everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.models import PolicySetting

P = TypeVar("P")
#: turns a stored value into the type of a field; raises ValueError or TypeError
Parser = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One value of one limit from a day on. ``basis`` says where it comes from."""

    name: str
    value: Any
    effective_from: date
    basis: str = ""
    home_id: int | None = None
    role_id: int | None = None

    @property
    def rank(self) -> tuple[bool, bool, date]:
        """How particular the row is; the greatest of a name wins."""
        return self.home_id is not None, self.role_id is not None, self.effective_from


def resolve_policy(kind: type[P], rows: Iterable[SettingRow], day: date, parse: Parser) -> P:
    """The limits in force on a day, given the rows that apply to a home and role.

    Before the first row of a name its first value holds, so that a limit is never missing.
    Raises :class:`InvalidInput` for a value that is none.
    """
    by_name: dict[str, list[SettingRow]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    values: dict[str, Any] = {}
    for entry in fields(kind):  # type: ignore[arg-type]
        chosen = in_force(by_name[entry.name], day)
        values[entry.name] = parsed(entry.name, chosen.value, parse)
    return kind(**values)


def in_force(rows: Sequence[SettingRow], day: date) -> SettingRow:
    """The row of one limit that holds on a day: the most particular, then the latest."""
    begun = [row for row in rows if row.effective_from <= day]
    if begun:
        return max(begun, key=lambda row: row.rank)
    return min(rows, key=lambda row: row.effective_from)


def own_rows(
    session: Session, home_id: int | None = None, role_id: int | None = None
) -> list[SettingRow]:
    """The organisation's own rows that apply to a home and a role, oldest first."""
    rows = session.scalars(
        select(PolicySetting)
        .where(
            or_(PolicySetting.home_id.is_(None), PolicySetting.home_id == home_id),
            or_(PolicySetting.role_id.is_(None), PolicySetting.role_id == role_id),
        )
        .order_by(PolicySetting.id)
    )
    return [
        SettingRow(r.name, r.value, r.effective_from, r.reason, r.home_id, r.role_id) for r in rows
    ]


def store_limit(uow: UnitOfWork, row: SettingRow, parse: Parser) -> PolicySetting:
    """Store a limit from a day on; earlier rows stay on record. ``basis`` is the reason.

    Raises :class:`InvalidInput` for a value that is none, or no reason.
    """
    uow.actor.require(Permission.ADMINISTER, row.home_id)
    if not row.basis.strip():
        raise InvalidInput("Say why the limit changes.")
    parsed(row.name, row.value, parse)
    stored = PolicySetting(
        name=row.name, value=row.value, effective_from=row.effective_from, home_id=row.home_id,
        role_id=row.role_id, reason=row.basis.strip(), set_by_id=uow.actor.user_id,
    )  # fmt: skip
    uow.session.add(stored)
    uow.session.flush()
    uow.audit(
        "set limit", "policy_setting", stored.id, home_id=row.home_id,
        after={"name": row.name, "value": row.value, "from": row.effective_from.isoformat()},
        reason=row.basis,
    )  # fmt: skip
    uow.touch(row.home_id)
    return stored


def parsed(name: str, value: Any, parse: Parser) -> Any:
    """A stored value as its field's type. Raises :class:`InvalidInput`."""
    try:
        return parse(name, value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{value!r} is not a value of the limit {name!r}.") from error


def whole(value: Any) -> int:
    """A stored whole number, never below zero; raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(value)
    return value


def flag(value: Any) -> bool:
    """A stored yes or no; raises TypeError."""
    if not isinstance(value, bool):
        raise TypeError(value)
    return value
