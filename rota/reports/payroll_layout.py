"""The layout of the payroll extract: which columns under which titles, which code an element has.

It is a dated limit like any other (``policy_settings``), so every earlier layout stays on record
and an extract of an old period comes out as it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.policies import SettingRow, own_rows, resolve_policy, store_limit
from rota.reports.document import Kind

SETTING = "payroll_layout"

#: every pay element there is, in the order of the summary
ELEMENTS: dict[str, str] = {
    "basic-day": "Basic, day",
    "basic-night": "Basic, night",
    "basic-weekend": "Basic, weekend",
    "basic-holiday": "Basic, bank holiday",
    "overtime-day": "Overtime, day",
    "overtime-night": "Overtime, night",
    "overtime-weekend": "Overtime, weekend",
    "overtime-holiday": "Overtime, bank holiday",
    "sickness": "Sickness",
    "annual-leave": "Annual leave",
}


@dataclass(frozen=True, slots=True)
class Field:
    """Something a column can hold."""

    kind: Kind = Kind.TEXT
    total: bool = False
    width: int = 0


FIELDS: dict[str, Field] = {
    "sap": Field(width=12), "name": Field(width=28), "role": Field(width=10), "home": Field(),
    "unit": Field(), "code": Field(width=12), "element": Field(width=24),
    "hours": Field(Kind.MINUTES, total=True), "rate": Field(Kind.PENCE),
    "amount": Field(Kind.PENCE, total=True), "days": Field(Kind.NUMBER, total=True),
    "from": Field(Kind.DAY), "to": Field(Kind.DAY),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """One column: what it holds and what it is called."""

    field: str
    title: str


@dataclass(frozen=True, slots=True)
class PayrollLayout:
    """A named layout; ``codes`` has a code for every element."""

    name: str
    columns: tuple[LayoutColumn, ...]
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Policy:
    payroll_layout: PayrollLayout


#: as shipped; the codes are the elements' own keys until payroll gives theirs
DEFAULT: dict[str, Any] = {
    "name": "Standard",
    "columns": [
        {"field": "sap", "title": "SAP number"},
        {"field": "name", "title": "Name"},
        {"field": "home", "title": "Home"},
        {"field": "role", "title": "Role"},
        {"field": "code", "title": "Code"},
        {"field": "element", "title": "Pay element"},
        {"field": "hours", "title": "Hours"},
        {"field": "rate", "title": "Rate"},
        {"field": "amount", "title": "Amount"},
        {"field": "from", "title": "From"},
        {"field": "to", "title": "To"},
    ],
    "codes": {},
}


def payroll_layout(session: Session, day: date) -> PayrollLayout:
    """The layout in force on a day."""
    shipped = SettingRow(SETTING, DEFAULT, date(2000, 1, 1), "As shipped")
    rows = [shipped, *(row for row in own_rows(session) if row.name == SETTING)]
    return resolve_policy(_Policy, rows, day, _parsed).payroll_layout


def set_payroll_layout(
    uow: UnitOfWork, layout: Mapping[str, Any], effective_from: date, reason: str
) -> None:
    """Lay the extract out otherwise from a day on; earlier layouts stay on record.

    Raises :class:`InvalidInput` naming what is wrong, :class:`~rota.errors.NotAllowed` for
    anybody but an administrator.
    """
    store_limit(uow, SettingRow(SETTING, dict(layout), effective_from, reason), _checked)


def _checked(name: str, value: Any) -> PayrollLayout:
    """As :func:`_parsed`, but saying what is wrong in words for the person who typed it."""
    try:
        return _parsed(name, value)
    except (TypeError, ValueError, KeyError) as error:
        raise InvalidInput(f"The layout cannot be read: {error}.") from None


def _parsed(_name: str, value: Any) -> PayrollLayout:
    """The stored layout. Raises ValueError or TypeError with what is wrong."""
    if not isinstance(value, dict) or not isinstance(value.get("columns"), list):
        raise TypeError("it is not a table of columns")
    columns = tuple(_column(one) for one in value["columns"])
    if not columns or len({one.field for one in columns}) != len(columns):
        raise ValueError("each field once, and at least one")
    codes = value.get("codes", {})
    if not isinstance(codes, dict) or not codes.keys() <= ELEMENTS.keys():
        raise ValueError(f"codes are for {', '.join(ELEMENTS)}")
    if not all(isinstance(code, str) and len(code) <= 20 for code in codes.values()):
        raise ValueError("a code is a text of at most 20 characters")
    name = value.get("name", "")
    if not isinstance(name, str) or not 1 <= len(name) <= 60:
        raise ValueError("a layout needs a name of at most 60 characters")
    return PayrollLayout(
        name, columns, {element: codes.get(element, element) for element in ELEMENTS}
    )


def _column(one: Any) -> LayoutColumn:
    if not isinstance(one, dict) or one.get("field") not in FIELDS:
        raise ValueError(f"a column's field is one of {', '.join(FIELDS)}")
    title = one.get("title")
    if not isinstance(title, str) or not 1 <= len(title) <= 60:
        raise ValueError("a column's title has 1 to 60 characters")
    return LayoutColumn(one["field"], title)
