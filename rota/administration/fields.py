"""The kinds of values reference data is made of: read from a form, shown in a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from rota.calendar import date_text
from rota.errors import InvalidInput

#: (value as text, words)
Choices = Sequence[tuple[str, str]]
_LARGEST = 2**31 - 1
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


class Kind(StrEnum):
    """What a value is; decides how it is typed, stored and shown."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    NUMBER = "number"  # a float
    MONEY = "money"  # integer pence, typed in pounds
    HOURS = "hours"  # integer minutes, typed in hours
    CLOCK = "clock"  # minutes after midnight, typed as 23:00
    DATE = "date"
    TIME = "time"
    FLAG = "flag"
    CHOICE = "choice"  # text out of a list
    REFERENCE = "reference"  # the id of another row
    REFERENCES = "references"  # ids of several rows
    CYCLE = "cycle"  # a code for each day of a pattern; "-" is rest
    WORDS = "words"  # several short texts, separated by blanks or commas


@dataclass(frozen=True, slots=True)
class Field:
    """One column of reference data.

    ``low`` and ``high`` are in what is typed (pounds, hours); of a date, ``low`` is the first
    year that makes sense.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = True
    low: float = 0
    high: float = _LARGEST
    longest: int = 120
    hint: str = ""
    choices: Callable[[Session], Choices] | None = None
    #: shown in the table of all rows
    listed: bool = True
    #: set when the row is made and never changed afterwards
    fixed: bool = False
    #: an empty choice is stored as nothing, not as empty text
    nullable: bool = False
    #: somebody's own: the audit, which nothing is ever erased from, says that it changed, not what
    private: bool = False

    def parse(self, raw: Any, choices: Choices = ()) -> Any:
        """The value of what a form sent. Raises :class:`InvalidInput` naming the field."""
        if self.kind is Kind.FLAG:
            if raw not in (True, False, None):
                raise self._wrong("is yes or no")
            return bool(raw)
        if self.kind is Kind.REFERENCES:
            return self._references(raw, choices)
        text = self._text(raw)
        if not text:
            if self.required:
                raise self._wrong("is missing")
            if self.kind is Kind.WORDS:
                return []
            return "" if self._is_text and not self.nullable else None
        return self._parsed(text, choices)

    def _parsed(self, text: str, choices: Choices) -> Any:
        match self.kind:
            case Kind.WHOLE:
                return int(self._number(text, whole=True))
            case Kind.DECIMAL:
                return self._number(text)
            case Kind.NUMBER:
                return float(self._number(text))
            case Kind.MONEY:
                return self._scaled(text, 100, "pence")
            case Kind.HOURS:
                return self._scaled(text, 60, "minutes")
            case Kind.CLOCK:
                moment = self._time(text)
                return moment.hour * 60 + moment.minute
            case Kind.TIME:
                return self._time(text)
            case Kind.DATE:
                return self._date(text)
            case Kind.CHOICE | Kind.REFERENCE:
                if text not in {value for value, _ in choices}:
                    raise self._wrong("is not in the list")
                return int(text) if self.kind is Kind.REFERENCE else text
            case Kind.WORDS:
                return [part for part in re.split(r"[,\s]+", text) if part]
            case Kind.CYCLE:
                return ["" if part == "-" else part for part in re.split(r"[,\s]+", text) if part]
        return text

    @property
    def _is_text(self) -> bool:
        return self.kind in (Kind.TEXT, Kind.CHOICE)

    def _wrong(self, what: str) -> InvalidInput:
        return InvalidInput(f"{self.label} {what}.", hint="Nothing was changed.")

    def _text(self, raw: Any) -> str:
        if raw is None:
            return ""
        if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
            raise self._wrong("cannot be read")
        text = str(raw).strip()
        longest = self.longest if self._is_text else max(self.longest, 2000)
        if len(text) > longest:
            raise self._wrong(f"is longer than {longest} characters")
        if any(ord(c) < 32 and c not in "\n\r\t" for c in text):
            raise self._wrong("holds characters that cannot be stored")
        return text

    def _number(self, text: str, *, whole: bool = False) -> Decimal:
        try:
            value = Decimal(text.replace("£", "").replace(",", "").strip())
        except InvalidOperation:
            raise self._wrong("is not a number") from None
        if not value.is_finite() or (whole and value != value.to_integral_value()):
            raise self._wrong("is not a whole number" if whole else "is not a number")
        if not Decimal(str(self.low)) <= value <= Decimal(str(self.high)):
            raise self._wrong(f"must be from {self.low:g} to {self.high:g}")
        return value

    def _scaled(self, text: str, factor: int, what: str) -> int:
        value = self._number(text) * factor
        if abs(value - value.to_integral_value()) > Decimal("0.04"):
            raise self._wrong(f"does not come out in whole {what}")
        return int(value.to_integral_value())

    def _time(self, text: str) -> time:
        try:
            return time.fromisoformat(text[:5])
        except ValueError:
            raise self._wrong("is not a time such as 07:45") from None

    def _date(self, text: str) -> date:
        try:
            value = date.fromisoformat(text)
        except ValueError:
            raise self._wrong("is not a date") from None
        first = int(self.low) or _FIRST_YEAR
        if not first <= value.year <= _LAST_YEAR:
            raise self._wrong(f"lies outside {first} to {_LAST_YEAR}")
        return value

    def _references(self, raw: Any, choices: Choices) -> list[int]:
        known = {value for value, _ in choices}
        given = raw if isinstance(raw, list) else []
        if any(not isinstance(value, str) or value not in known for value in given):
            raise self._wrong("holds something that is not in the list")
        return sorted({int(value) for value in given})

    def raw(self, value: Any) -> Any:
        """A stored value as a form shows it."""
        if self.kind is Kind.FLAG:
            return bool(value)
        if self.kind is Kind.REFERENCES:
            return [str(each) for each in value or ()]
        if value is None:
            return ""
        match self.kind:
            case Kind.MONEY:
                return f"{value / 100:.2f}"
            case Kind.HOURS:
                return _plain(Decimal(value) / 60)
            case Kind.CLOCK:
                return f"{value // 60 % 24:02d}:{value % 60:02d}"
            case Kind.TIME:
                return f"{value:%H:%M}"
            case Kind.DECIMAL:
                return _plain(Decimal(str(value)))
            case Kind.DATE:
                return value.isoformat()
            case Kind.CYCLE:
                return " ".join(part or "-" for part in value)
            case Kind.WORDS:
                return " ".join(sorted(value) if isinstance(value, frozenset | set) else value)
        return str(value)

    def show(self, value: Any, choices: Choices = ()) -> str:
        """A stored value as a table shows it."""
        if value is None or value in ("", [], frozenset()):
            return "–"
        names = dict(choices)
        match self.kind:
            case Kind.FLAG:
                return "Yes" if value else "No"
            case Kind.MONEY:
                return f"£{value / 100:,.2f}"
            case Kind.HOURS:
                return f"{_plain(Decimal(value) / 60)} h"
            case Kind.DATE:
                return date_text(value)
            case Kind.CHOICE | Kind.REFERENCE:
                return names.get(str(value), str(value))
            case Kind.REFERENCES:
                return ", ".join(names.get(str(each), str(each)) for each in value)
        return str(self.raw(value))


def _plain(value: Decimal) -> str:
    rounded = value.quantize(Decimal("0.001"))
    return f"{rounded.normalize():f}"
