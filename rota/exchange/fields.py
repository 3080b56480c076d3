"""Reading the fields of one record: any of the names, typed, bounded, with findings.

A value that cannot be used is noted and replaced by the default, so that the rest of the
record is checked too; an error among the findings stops the import anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from rota.exchange.dialects import FIELDS, has_similar, keys_of, similar_name
from rota.exchange.findings import Code, Findings, Where
from rota.exchange.names import name_key
from rota.exchange.parsed import Kind

E = TypeVar("E", bound=StrEnum)

#: texts of which a part will do here; the export gives back the whole
_MAY_BE_CUT = frozenset({"note", "reason", "decision_reason", "phone", "postcode", "team"})
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
_TRUE = frozenset({"true", "t", "yes", "y", "1", "on"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "off", ""})
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
_DATE_LENGTH = 10
MAX_EMAIL = 254


class FieldReader:
    """The fields of one record, by the attribute they mean."""

    __slots__ = ("_kind", "_names", "fields", "findings", "where")

    def __init__(
        self, kind: Kind, fields: dict[str, object], where: Where, findings: Findings
    ) -> None:
        self.fields = fields
        self.where = where
        self.findings = findings
        self._kind = kind
        self._names = FIELDS[kind]

    def key(self, attribute: str) -> str:
        """The field name under which an attribute came, or its usual one."""
        names = self._names[attribute]
        fallback = ""
        for name in names:
            if name in self.fields:
                if self.fields[name] not in (None, ""):
                    return name
                fallback = fallback or name
        if not fallback and has_similar(self._kind, attribute):
            fallback = similar_name(self._kind, attribute, frozenset(self.fields)) or ""
        return fallback or names[0]

    def spellings(self, attribute: str) -> list[object]:
        """The values under every one of the names that is there."""
        names = keys_of(self._kind, attribute, self.fields)
        return [self.fields[name] for name in names if name in self.fields]

    def raw(self, attribute: str) -> object:
        """The first value that says something; null when none does."""
        value = self.fields.get(self.key(attribute))
        return None if isinstance(value, str) and not value.strip() else value

    def has(self, attribute: str) -> bool:
        """Whether any of the names is there at all, even empty."""
        return self.key(attribute) in self.fields

    def note(self, code: Code, attribute: str, message: str) -> None:
        """Note a finding in the field an attribute came from."""
        self.findings.add(code, self.where, self.key(attribute), message)

    def required(self, attribute: str, value: object) -> None:
        """Note that a required field says nothing."""
        if value in (None, ""):
            self.note(Code.REQUIRED_MISSING, attribute, "is missing or empty")

    def text(self, attribute: str, longest: int, default: str = "") -> str:
        """Text without blanks around it; a number is taken as text."""
        value = self.raw(attribute)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.note(Code.WRONG_TYPE, attribute, f"{_shown(value)} is not text")
            return default
        text = str(value).strip()
        if len(text) > longest and attribute in _MAY_BE_CUT:
            self.note(Code.TEXT_CUT, attribute, f"{len(text)} characters, {longest} are shown")
            return text[:longest].strip()
        if len(text) > longest:
            self.note(
                Code.TOO_LONG, attribute, f"{len(text)} characters, at most {longest} are kept"
            )
            return text[:longest]
        return text

    def integer(self, attribute: str, low: int, high: int, default: int = 0) -> int:
        """A whole number, also as text or as a decimal without a fraction."""
        number = self.decimal(attribute, low, high)
        if number is None:
            return default
        if number != number.to_integral_value():
            self.note(Code.WRONG_TYPE, attribute, f"{number} is not a whole number")
            return default
        return int(number)

    def decimal(self, attribute: str, low: int, high: int) -> Decimal | None:
        """A number within bounds, also as text; null when absent or unusable."""
        value = self.raw(attribute)
        if value is None:
            return None
        number = None
        if not isinstance(value, bool) and isinstance(value, int | float | str):
            try:
                number = Decimal(str(value).strip().replace(",", ""))
            except InvalidOperation:
                number = None
        if number is None or not number.is_finite():
            self.note(Code.WRONG_TYPE, attribute, f"{_shown(value)} is not a number")
            return None
        if not low <= number <= high:
            self.note(
                Code.OUT_OF_RANGE, attribute, f"{_shown(value)} is not between {low} and {high}"
            )
            return None
        return number

    def flag(self, attribute: str, *, default: bool) -> bool:
        """True or false, also as text or as 0 and 1."""
        value = self.raw(attribute)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = str(value).strip().casefold()
        if isinstance(value, int | str) and word in _TRUE | _FALSE:
            return word in _TRUE
        self.note(Code.WRONG_TYPE, attribute, f"{_shown(value)} is neither true nor false")
        return default

    def day(self, attribute: str) -> date | None:
        """A date ``YYYY-MM-DD``; of a date with a time the date."""
        value = self.raw(attribute)
        if value is None:
            return None
        try:
            if not isinstance(value, str):
                raise ValueError
            text = value.strip()
            if len(text) > _DATE_LENGTH:
                day = datetime.fromisoformat(text).date()
            elif len(text) == _DATE_LENGTH:
                day = date.fromisoformat(text)
            else:
                raise ValueError
        except ValueError:
            self.note(Code.BAD_DATE, attribute, f"{_shown(value)} is not a date YYYY-MM-DD")
            return None
        if not EARLIEST <= day <= LATEST:
            self.note(Code.OUT_OF_RANGE, attribute, f"{day} is not between 1900 and 2100")
            return None
        return day

    def moment(self, attribute: str) -> datetime | None:
        """An instant; without a zone it is taken as UTC, as the old system wrote it."""
        value = self.raw(attribute)
        if value is None:
            return None
        try:
            if not isinstance(value, str):
                raise ValueError
            moment = datetime.fromisoformat(value.strip())
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.note(Code.BAD_DATE, attribute, f"{_shown(value)} is not a date and time")
            return None
        if not EARLIEST <= moment.date() <= LATEST:
            self.note(Code.OUT_OF_RANGE, attribute, f"{moment.date()} is not between 1900 and 2100")
            return None
        return moment

    def clock(self, attribute: str) -> time | None:
        """A time of day ``HH:MM`` or ``HH:MM:SS``."""
        value = self.raw(attribute)
        if value is None:
            return None
        try:
            if not isinstance(value, str) or ":" not in value:
                raise ValueError
            at = time.fromisoformat(value.strip())
            if at.tzinfo is not None or at.second or at.microsecond:
                raise ValueError
        except ValueError:
            self.note(Code.BAD_TIME, attribute, f"{_shown(value)} is not a time HH:MM")
            return None
        return at

    def pence(self, attribute: str) -> int | None:
        """An amount of pounds, in pence."""
        pounds = self.decimal(attribute, 0, 20_000_000)
        if pounds is None:
            return None
        pence = pounds * 100
        if pence != pence.to_integral_value():
            self.note(Code.WRONG_TYPE, attribute, f"{pounds} has fractions of a penny")
        return int(pence)

    def email(self, attribute: str) -> str:
        """An e-mail address, or nothing and a warning."""
        address = self.text(attribute, MAX_EMAIL)
        if address and not is_email(address):
            self.note(Code.BAD_EMAIL, attribute, f'"{address[:80]}" is not an e-mail address')
            return ""
        return address

    def one_of(self, attribute: str, words: dict[str, E], default: E) -> E | None:
        """A member by any of its words; null when the word is not known (not noted)."""
        value = self.raw(attribute)
        if value is None:
            return default
        return words.get(name_key(str(value)))


def is_email(address: str) -> bool:
    """Whether an address has the form of one that mail can be sent to."""
    local = address.partition("@")[0]
    return (
        _EMAIL.fullmatch(address) is not None
        and ".." not in address
        and not local.startswith(".")
        and not local.endswith(".")
    )


def words_of(kind: type[E], further: Iterable[tuple[str, E]] = ()) -> dict[str, E]:
    """Every spelling of an enumeration: its values, its names and more."""
    words = {name_key(member.value): member for member in kind}
    words.update({name_key(member.name): member for member in kind})
    words.update({name_key(word): member for word, member in further})
    return words


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
