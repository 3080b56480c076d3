"""What a table of reference data is: its fields, whom it belongs to, what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.administration.fields import Field
from rota.database import UnitOfWork
from rota.models import Base

Values = dict[str, Any]
#: (session, id or null for a new row, values): raises InvalidInput when they make no sense
Check = Callable[[Session, int | None, Values], None]
#: (unit of work, values before or null, values after or null): what follows from it, in words
Effect = Callable[[UnitOfWork, Values | None, Values | None], str]


def nothing_else(_session: Session, _row_id: int | None, _values: Values) -> None:
    """No rule beyond those of the fields."""


def no_effect(_uow: UnitOfWork, _before: Values | None, _after: Values | None) -> str:
    """Nothing follows."""
    return ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of reference data that administrators edit."""

    key: str
    title: str
    one: str
    group: str
    about: str
    model: type[Base]
    fields: tuple[Field, ...]
    order: tuple[str, ...]
    permission: Permission = Permission.ADMINISTER
    #: the field that says from when a row holds; rows in force need a reason to be changed
    dated: str = ""
    #: the field that closes a row instead of deleting it
    closes_by: str = ""
    deletable: bool = True
    check: Check = nothing_else
    effect: Effect = no_effect
    #: which home the values belong to, for permission and caches; null: to all
    home_of: Callable[[Session, Values], int | None] = lambda _session, _values: None

    def field(self, key: str) -> Field:
        """One field by its key."""
        return next(field for field in self.fields if field.key == key)

    @property
    def entity(self) -> str:
        """The word in the audit trail."""
        return str(self.model.__tablename__)[:40]


def plain(value: Any) -> Any:
    """A value as JSON can hold it, for the audit."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return value
