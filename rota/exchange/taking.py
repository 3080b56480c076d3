"""Taking one record after another into a plan, noticing repetition and contradiction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rota.exchange.context import Context
from rota.exchange.dialects import NEVER_KEPT, keys_of, stated
from rota.exchange.findings import Code
from rota.exchange.interpreting import compose, interpret
from rota.exchange.keys import Stored
from rota.exchange.legacy import digest, remember
from rota.exchange.names import name_key
from rota.exchange.parsed import Item, Kind
from rota.exchange.plan import Plan
from rota.exchange.readers_people import is_superuser
from rota.exchange.reading import Record
from rota.exchange.references import Lookup

#: attributes that may be spelled differently and still be the same
SPELLINGS: dict[Kind, tuple[str, ...]] = {
    Kind.ROLE: ("code",),
    Kind.HOME: ("name",),
    Kind.UNIT: ("home", "name"),
}

_NATURAL_KEY: dict[Kind, Callable[[Any], object]] = {
    Kind.ROLE: lambda role: name_key(role.code),
    Kind.HOME: lambda home: name_key(home.name),
    Kind.UNIT: lambda unit: (unit.home, name_key(unit.name)),
    Kind.SHIFT_TYPE: lambda kind: kind.code,
    Kind.PATTERN: lambda pattern: pattern.name,
    Kind.PERSON: lambda person: person.sap_number,
    Kind.ACCOUNT: lambda account: account.sap_number,
    Kind.SHIFT: lambda shift: shift.key,
    Kind.LEAVE: lambda leave: leave.key,
}


class Taking:
    """The records taken so far."""

    def __init__(self, plan: Plan, stored: Stored) -> None:
        self._plan = plan
        self._context = plan.context
        self._stored = stored
        #: position among the plan's items, by kind and natural key
        self._places: dict[tuple[Kind, object], int] = {}
        #: by model, then primary key
        self._pks: dict[str, dict[str, Any]] = defaultdict(dict)

    def take(self, kind: Kind, record: Record) -> None:
        """Read a record into the plan, or note why it cannot be taken."""
        plan, context = self._plan, self._context
        _note_password(context, record)
        fields = record.fields
        if record.model == "scheduling.staff":
            fields = {**plan.fallbacks.get(str(fields.get("sap_number")), {}), **fields}
        value = interpret(kind, record.model, record.pk, fields, record.where, context)
        if value is None:
            _mark_broken(context, kind, record)
            return
        pk = None if record.pk is None else str(record.pk)
        if pk is not None and not self._pk_is_free(kind, pk, value, record):
            return
        key = (kind, _NATURAL_KEY[kind](value))
        place = self._places.get(key)
        if place is None:
            self._places[key] = len(plan.items[kind])
            value = self._with_stored(kind, value, record)
            _register(plan, kind, value, record)
        elif kind is Kind.LEAVE and plan.items[kind][place].value == value:
            context.findings.add(Code.REPEATED_RECORD, record.where, "", "the same request again")
            return
        elif not _may_repeat(kind, value):
            self._repeat(kind, place, value, record)
            return
        plan.items[kind].append(_item(plan, kind, value, pk, record))

    def _pk_is_free(self, kind: Kind, pk: str, value: Any, record: Record) -> bool:
        """Whether the record is to be taken: its primary key is new, or means something else."""
        other = self._pks[record.model].setdefault(pk, value)
        if other is value:
            return True
        if kind in (Kind.SHIFT, Kind.LEAVE):
            if other == value:
                self._context.findings.add(
                    Code.REPEATED_RECORD, record.where, "", "the same record again"
                )
                return False
            if kind is Kind.SHIFT and (other.date, other.unit) != (value.date, value.unit):
                return True
        elif _NATURAL_KEY[kind](other) == _NATURAL_KEY[kind](value):
            return True
        what = f"{record.model} {record.pk} is also another record"
        self._context.findings.add(Code.KEY_TWICE, record.where, "pk", what)
        return False

    def _with_stored(self, kind: Kind, value: Any, record: Record) -> Any:
        """A person as they will be: what the record leaves out stays as it is stored."""
        if kind is not Kind.PERSON or value.sap_number not in self._stored.people:
            return value
        _, known = self._stored.people[value.sap_number]
        says = _stated(kind, value, record.fields)
        return replace(known, **{name: getattr(value, name) for name in says})

    def _repeat(self, kind: Kind, place: int, value: Any, record: Record) -> None:
        """The same thing again: what both say must agree; what only the second says is added."""
        plan, context = self._plan, self._context
        first = plan.items[kind][place]
        says = _stated(kind, value, record.fields)
        # a shift is one thing or another as a whole: what goes without saying counts too
        both = frozenset(type(value).__slots__) if kind is Kind.SHIFT else says & first.stated
        differing = [
            name
            for name in type(value).__slots__
            if name in both
            and name not in SPELLINGS.get(kind, ())
            and getattr(first.value, name) != getattr(value, name)
        ]
        if differing:
            _note_contradiction(context, kind, value, record, differing)
        else:
            context.findings.add(Code.REPEATED_RECORD, record.where, "", "the same record again")
        added = {name: getattr(value, name) for name in says - first.stated}
        merged = replace(first.value, **added) if added else first.value
        plan.items[kind][place] = replace(first, value=merged, stated=first.stated | says)
        _register(plan, kind, merged, record)


def _note_contradiction(
    context: Context, kind: Kind, value: Any, record: Record, differing: list[str]
) -> None:
    code = {
        Kind.PERSON: Code.DUPLICATE_SAP,
        Kind.ACCOUNT: Code.DUPLICATE_SAP,
        Kind.SHIFT: Code.OVERLAPPING_SHIFTS,
    }.get(kind, Code.CONTRADICTION)
    what = f"SAP number {value.sap_number}" if code is not Code.CONTRADICTION else "the same"
    names = keys_of(kind, differing[0], record.fields)
    field_name = next((name for name in names if name in record.fields), differing[0])
    context.findings.add(
        code,
        record.where,
        "date" if kind is Kind.SHIFT else field_name,
        f"{what} again, other {', '.join(differing)}",
    )


def _stated(kind: Kind, value: Any, fields: dict[str, Any]) -> frozenset[str]:
    return stated(kind, tuple(type(value).__slots__), frozenset(fields))


def _note_password(context: Context, record: Record) -> None:
    password = record.fields.get("password")
    if isinstance(password, str) and len(password) > 1 and not password.startswith("!"):
        context.findings.add(Code.PASSWORD, record.where, "password", "left out")


def _mark_broken(context: Context, kind: Kind, record: Record) -> None:
    """What cannot be read is noted once, not again for everything that refers to it."""
    references = context.references
    lookups: dict[Kind, Lookup[Any]] = {
        Kind.ROLE: references.roles,
        Kind.HOME: references.homes,
        Kind.UNIT: references.units,
        Kind.SHIFT_TYPE: references.shift_types,
        Kind.PATTERN: references.patterns,
    }
    if kind in lookups:
        lookups[kind].add_broken(record.pk, str(record.fields.get("name") or ""))
    elif kind is Kind.PERSON:
        references.people.broken.add(str(record.pk))


def _may_repeat(kind: Kind, value: Any) -> bool:
    """Vacancies and agency shifts may be alike, and so may requests for the same days."""
    return kind is Kind.LEAVE or (kind is Kind.SHIFT and value.sap_number is None)


def _register(plan: Plan, kind: Kind, value: Any, record: Record) -> None:
    """Let later records refer to this one."""
    context, references, pk = plan.context, plan.context.references, record.pk
    raw = str(record.fields.get("name") or "")
    if kind is Kind.ROLE:
        context.roles[value.code] = value
        description = str(record.fields.get("description") or "")
        names = [name for name in (raw, value.code, value.name, description) if name]
        references.roles.add(value.code, pk, *names)
        _set_key(plan.keys.roles, value.code, pk)
    elif kind is Kind.HOME:
        references.homes.add(value.name, pk, raw, value.name)
        _set_key(plan.keys.homes, value.name, pk)
    elif kind is Kind.UNIT:
        key = (value.home, value.name)
        context.units[key] = value
        for name in (raw, value.name):
            context.units_of_home[value.home, name_key(name)] = key
        references.units.add(key, pk, raw, value.name, f"{value.home} {value.name}")
        _set_key(plan.keys.units, key, pk)
    elif kind is Kind.SHIFT_TYPE:
        context.shift_types[value.code] = value
        names = [name for name in (raw, value.code, value.name) if name]
        references.shift_types.add(value.code, pk, *names)
        _set_key(plan.keys.shift_types, value.code, pk)
    elif kind is Kind.PATTERN:
        references.patterns.add(value.name, pk, value.name)
        _set_key(plan.keys.patterns, value.name, pk)
    elif kind is Kind.PERSON:
        people = references.people
        context.people[value.sap_number] = value
        if is_superuser(record.fields):
            plan.superusers.add(value.sap_number)
        people.numbers.add(value.sap_number)
        table = people.staff_pks if record.model == "scheduling.staff" else people.account_pks
        table.setdefault(str(pk), value.sap_number)
        _set_key(plan.keys.people, value.sap_number, pk)
    elif kind is Kind.ACCOUNT:
        references.people.account_pks.setdefault(str(pk), value.sap_number)


def _set_key(table: dict[Any, Any], key: Any, pk: object) -> None:
    if table.get(key) is None:
        table[key] = pk


def _item(plan: Plan, kind: Kind, value: Any, pk: str | None, record: Record) -> Item:
    written = compose(kind, value, record.model, record.pk, plan.keys, plan.context)
    legacy = remember(kind, record.model, record.pk, record.fields, written)
    if kind not in (Kind.SHIFT, Kind.LEAVE):
        legacy["digest"] = digest(
            {name: v for name, v in record.fields.items() if name not in NEVER_KEPT}
        )
    elif legacy.keys() <= {"model", "keys"}:
        # thousands of records of one shape share what is kept of it
        shape = (legacy.get("model", ""), *legacy.get("keys", ()))
        legacy = plan.shapes.setdefault(shape, legacy)
    return Item(kind, value, pk, legacy, record.where, _stated(kind, value, record.fields))
