"""Finding what a field refers to: by primary key, by name, or by a natural key in a list.

A primary key means what the *files* say it means; only what they do not describe is
looked up among what is stored. Names match whatever their case and separators.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from rota.exchange.names import name_key
from rota.exchange.parsed import UnitKey

K = TypeVar("K")


class Unknown(Exception):
    """Nothing has this key or name."""


class Broken(Unknown):
    """What has this key or name could not be read, which has been noted already."""


class Ambiguous(Exception):
    """More than one thing has this name."""


@dataclass(slots=True)
class Lookup(Generic[K]):
    """From primary keys and names to natural keys, the files' before the database's."""

    _by_pk: dict[str, K] = field(default_factory=dict)
    _by_name: dict[str, set[K]] = field(default_factory=dict)
    _stored_by_pk: dict[str, K] = field(default_factory=dict)
    _stored_by_name: dict[str, set[K]] = field(default_factory=dict)
    _broken: set[str] = field(default_factory=set)

    def add(self, key: K, pk: object, *names: str) -> None:
        """Something a file describes."""
        if pk is not None:
            self._by_pk.setdefault(str(pk), key)
        for name in names:
            self._by_name.setdefault(name_key(name), set()).add(key)

    def add_stored(self, key: K, pk: object, *names: str) -> None:
        """Something the database already holds."""
        if pk is not None:
            self._stored_by_pk.setdefault(str(pk), key)
        for name in names:
            self._stored_by_name.setdefault(name_key(name), set()).add(key)

    def add_broken(self, pk: object, *names: str) -> None:
        """Something a file describes in a way that cannot be read."""
        self._broken.update(name_key(name) for name in names if name)
        if pk is not None:
            self._broken.add(str(pk))

    def find(self, value: object) -> K:
        """What ``value`` refers to. Raises :class:`Unknown` or :class:`Ambiguous`."""
        text = str(value)
        if isinstance(value, str):
            found = self._named(self._by_name, text)
            if found is not None:
                return found
        for table in (self._by_pk, self._stored_by_pk):
            if text in table:
                return table[text]
        if isinstance(value, str):
            found = self._named(self._stored_by_name, text)
            if found is not None:
                return found
        raise Broken(text) if {text, name_key(text)} & self._broken else Unknown(text)

    @staticmethod
    def _named(names: dict[str, set[K]], text: str) -> K | None:
        found = names.get(name_key(text))
        if not found:
            return None
        if len(found) > 1:
            raise Ambiguous(text)
        return next(iter(found))


@dataclass(slots=True)
class People:
    """From what a shift or a leave request calls a person to the SAP number."""

    staff_pks: dict[str, str] = field(default_factory=dict)
    account_pks: dict[str, str] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    stored_pks: dict[str, str] = field(default_factory=dict)
    stored_numbers: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    def find(self, value: object) -> str:
        """The SAP number. Text is a SAP number first; a number is a primary key first.

        Raises :class:`Unknown`.
        """
        text = str(value).strip()
        by_number = text if text in self.numbers or text in self.stored_numbers else None
        if isinstance(value, str) and by_number:
            return by_number
        for table in (self.staff_pks, self.account_pks):
            number = table.get(text)
            if number in self.numbers or number in self.stored_numbers:
                return str(number)
        if text in self.stored_pks:
            return self.stored_pks[text]
        if by_number:
            return by_number
        raise Broken(text) if text in self.broken else Unknown(text)


@dataclass(slots=True)
class References:
    """Everything a record may refer to."""

    roles: Lookup[str] = field(default_factory=Lookup)
    homes: Lookup[str] = field(default_factory=Lookup)
    units: Lookup[UnitKey] = field(default_factory=Lookup)
    shift_types: Lookup[str] = field(default_factory=Lookup)
    patterns: Lookup[str] = field(default_factory=Lookup)
    people: People = field(default_factory=People)
