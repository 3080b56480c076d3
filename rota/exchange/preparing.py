"""From files to a plan: every record read, checked and ready to load; nothing written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rota.errors import InvalidInput
from rota.exchange.catalogue import NOT_STATED, known_role
from rota.exchange.checks import check_plan
from rota.exchange.context import Context
from rota.exchange.dialects import FIELDS, FRAMEWORK_MODELS, MODELS
from rota.exchange.fields import FieldReader
from rota.exchange.findings import Code
from rota.exchange.keys import Stored, keys_of_stored
from rota.exchange.parsed import Item, Kind
from rota.exchange.plan import Plan
from rota.exchange.readers_people import account_of, manages
from rota.exchange.reading import MAX_MEGABYTES, Malformed, Record, read_records
from rota.exchange.stored import introduce
from rota.exchange.taking import Taking

#: called with what is being done and how many records that concerns
Progress = Callable[[str, Sequence[Any]], Iterable[Any]]


def no_progress(_label: str, items: Sequence[Any]) -> Iterable[Any]:
    """Do the same without showing anything."""
    return items


def read_files(
    paths: Sequence[Path], max_megabytes: int = MAX_MEGABYTES
) -> tuple[list[Record], list[Malformed]]:
    """Every record of every file.

    Raises :class:`InvalidInput` for a file that is unusable as a whole, and for models
    that are not known: one line that names each with its number of records.
    """
    records: list[Record] = []
    malformed: list[Malformed] = []
    unknown: Counter[tuple[str, str]] = Counter()
    for path in paths:
        for element in read_records(path, max_megabytes):
            if isinstance(element, Malformed):
                malformed.append(element)
            elif element.model in MODELS or element.model in FRAMEWORK_MODELS:
                records.append(element)
            else:
                unknown[path.name, element.model[:80]] += 1
    if unknown:
        named = ", ".join(
            f'"{model}" ({count} in {file})' for (file, model), count in unknown.most_common(5)
        )
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        raise InvalidInput(f"Unknown model: {named}{more}. Nothing was written.")
    return records, malformed


def prepare(
    records: list[Record],
    malformed: list[Malformed],
    stored: Stored,
    today: date,
    progress: Progress = no_progress,
) -> Plan:
    """Read and check every record against the others and against what is stored."""
    plan = Plan(records=len(records) + len(malformed), keys=keys_of_stored(stored))
    context = plan.context
    introduce(context, stored)
    for element in malformed:
        context.findings.add(Code.RECORD_SHAPE, element.where, "", element.reason)
    by_kind = _sorted_by_kind(records, plan)
    records.clear()  # each is let go once it has been read: files may be large
    taking = Taking(plan, stored)
    for kind in Kind:
        if kind is Kind.SHIFT_TYPE:
            _assume_roles(by_kind[Kind.PERSON], context)
        waiting = by_kind.pop(kind, [])
        waiting.reverse()
        for _ in progress(f"Checking {kind.value}", range(len(waiting))):
            taking.take(kind, waiting.pop())
    _promise_accounts(plan, stored)
    check_plan(plan.items, context, today)
    return plan


def _sorted_by_kind(records: list[Record], plan: Plan) -> dict[Kind, list[Record]]:
    """Records by kind. ``scheduling.user`` is a person, or the account of one."""
    context = plan.context
    described = {str(_sap(record)) for record in records if record.model == "scheduling.staff"}
    known = described | context.references.people.stored_numbers
    referred = {
        str(value)
        for record in records
        if MODELS.get(record.model) in (Kind.SHIFT, Kind.LEAVE)
        for key in FIELDS[Kind.SHIFT]["person"]
        if (value := record.fields.get(key)) is not None
    }
    by_kind: dict[Kind, list[Record]] = defaultdict(list)
    for record in records:
        if record.model in FRAMEWORK_MODELS:
            context.findings.add(Code.FRAMEWORK_RECORD, record.where, "model", record.model)
            continue
        kind = MODELS[record.model]
        if record.model == "scheduling.user":
            sap = str(_sap(record))
            bare = "role" not in record.fields and "unit" not in record.fields
            is_referred = sap in referred or str(record.pk) in referred
            if sap in described or (bare and (sap in known or not is_referred)):
                kind = Kind.ACCOUNT
                if not bare:
                    plan.fallbacks[sap] = record.fields
        by_kind[kind].append(record)
    return by_kind


def _assume_roles(people: list[Record], context: Context) -> None:
    """Make the usual roles that only people name, before shift types ask which there are."""
    for record in people:
        reader = FieldReader(Kind.PERSON, record.fields, record.where, context.findings)
        value = reader.raw("role")
        usual = known_role(value) if isinstance(value, str) else None
        if usual is not None and usual.code != NOT_STATED:
            context.role(reader, "role", value)


def _sap(record: Record) -> object:
    for name in FIELDS[Kind.PERSON]["sap_number"]:
        if record.fields.get(name) not in (None, ""):
            return record.fields[name]
    return record.pk


def _promise_accounts(plan: Plan, stored: Stored) -> None:
    """Accounts for managers and superusers of whom the files hold no account."""
    taken = {item.value.sap_number for item in plan.items[Kind.ACCOUNT]} | stored.accounts.keys()
    for item in plan.items[Kind.PERSON]:
        administers = item.value.sap_number in plan.superusers
        if item.value.sap_number not in taken and manages(item.value, is_superuser=administers):
            account = account_of(item.value, is_superuser=administers)
            plan.items[Kind.ACCOUNT].append(
                Item(Kind.ACCOUNT, account, None, {}, item.where, frozenset())
            )
