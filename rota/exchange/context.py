"""What is known while records are read: references, and what has been read so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from rota.exchange.catalogue import known_role, known_shift_type
from rota.exchange.fields import FieldReader
from rota.exchange.findings import Code, Findings
from rota.exchange.names import initials, name_key
from rota.exchange.parsed import (
    ParsedPerson,
    ParsedRole,
    ParsedShiftType,
    ParsedUnit,
    UnitKey,
)
from rota.exchange.references import Ambiguous, Broken, Lookup, References, Unknown

K = TypeVar("K")


@dataclass(slots=True)
class Context:
    """References and everything read or stored so far, by natural key."""

    findings: Findings = field(default_factory=Findings)
    #: reading a record again, to compare: nothing is noted or made, and nothing but the
    #: record decides what it says
    is_quiet: bool = False
    references: References = field(default_factory=References)
    roles: dict[str, ParsedRole] = field(default_factory=dict)
    units: dict[UnitKey, ParsedUnit] = field(default_factory=dict)
    #: by home and any spelling of the unit's name
    units_of_home: dict[tuple[str, str], UnitKey] = field(default_factory=dict)
    shift_types: dict[str, ParsedShiftType] = field(default_factory=dict)
    people: dict[str, ParsedPerson] = field(default_factory=dict)
    #: made from the catalogue because a file names but does not describe them
    assumed_roles: dict[str, ParsedRole] = field(default_factory=dict)
    assumed_shift_types: dict[str, ParsedShiftType] = field(default_factory=dict)

    def resolve(
        self, reader: FieldReader, attribute: str, lookup: Lookup[K], unknown: Code
    ) -> K | None:
        """What a field refers to; null when it says nothing or, noted, nothing known."""
        value = reader.raw(attribute)
        if value is None:
            return None
        try:
            return find(lookup, value)
        except Ambiguous:
            reader.note(Code.AMBIGUOUS_NAME, attribute, f'"{value}" fits more than one')
        except Broken:
            pass
        except Unknown:
            reader.note(unknown, attribute, f"{shown(value)} is not known")
        return None

    def role(self, reader: FieldReader, attribute: str, value: object) -> str | None:
        """The code of a role given by key, code or title; the usual ones are made."""
        try:
            return find(self.references.roles, value)
        except Ambiguous:
            reader.note(Code.AMBIGUOUS_NAME, attribute, f'"{value}" fits more than one role')
            return None
        except Broken:
            return None
        except Unknown:
            pass
        usual = known_role(value) if isinstance(value, str) else None
        if usual is None:
            reader.note(Code.UNKNOWN_ROLE, attribute, f"role {shown(value)} is not known")
            return None
        if usual.code not in self.roles:
            self.assume_role(usual)
            reader.note(Code.ROLE_ASSUMED, attribute, f'"{value}" is taken for {usual.code}')
        return usual.code

    def assume_role(self, usual: ParsedRole) -> None:
        """Make a role that no file describes."""
        if self.is_quiet:
            return
        self.roles[usual.code] = self.assumed_roles[usual.code] = usual
        self.references.roles.add(usual.code, None, usual.code, usual.name)

    def shift_type(self, reader: FieldReader, attribute: str, value: object) -> str | None:
        """The code of a shift type given by key, code, name or initials; usual ones are made."""
        try:
            return find(self.references.shift_types, value)
        except Ambiguous:
            reader.note(Code.AMBIGUOUS_NAME, attribute, f'"{value}" fits more than one shift type')
            return None
        except Broken:
            return None
        except Unknown:
            pass
        text = value if isinstance(value, str) else ""
        by_initials = [
            code for code, kind in self.shift_types.items() if initials(kind.name) == text.upper()
        ]
        if text and len(by_initials) == 1:
            return by_initials[0]
        usual = known_shift_type(text) if text else None
        if usual is None:
            reader.note(
                Code.UNKNOWN_SHIFT_TYPE, attribute, f"shift type {shown(value)} is not known"
            )
            return None
        if usual.code not in self.shift_types:
            self.assume_shift_type(usual)
            reader.note(
                Code.SHIFT_TYPE_ASSUMED,
                attribute,
                f'"{value}" is taken for {usual.name.lower()} '
                f"{usual.start_time:%H:%M}–{usual.end_time:%H:%M}",
            )
        return usual.code

    def assume_shift_type(self, usual: ParsedShiftType) -> None:
        """Make a shift type that no file describes."""
        if self.is_quiet:
            return
        self.shift_types[usual.code] = self.assumed_shift_types[usual.code] = usual
        self.references.shift_types.add(usual.code, None, usual.code, usual.name)

    def unit(self, reader: FieldReader, attribute: str, home: str | None) -> UnitKey | None:
        """The unit of a field; a home named beside it settles a name that two homes share."""
        value = reader.raw(attribute)
        if home is not None and isinstance(value, str):
            mine = self.units_of_home.get((home, name_key(value)))
            if mine is not None:
                return mine
        return self.resolve(reader, attribute, self.references.units, Code.UNKNOWN_UNIT)


def find(lookup: Lookup[K], value: object) -> K:
    """What a value refers to; a list is a natural key.

    Raises :class:`~rota.exchange.references.Unknown` or ``Ambiguous``.
    """
    if isinstance(value, list):
        if not value or not all(isinstance(part, str | int) for part in value):
            raise Unknown(str(value))
        if len(value) == 1:
            return lookup.find(value[0])
        for order in (value, value[::-1]):
            try:
                return lookup.find(" ".join(str(part) for part in order))
            except Broken:
                raise
            except Unknown:
                continue
        return lookup.find(value[-1])
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unknown(str(value))
    return lookup.find(value)


def shown(value: object) -> str:
    """A value as a message shows it."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
