"""Reading and changing reference data: checked, versioned by content, on record, undoable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.administration.fields import Choices, Kind
from rota.administration.tables import Table, Values, plain
from rota.calendar import london_today
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound
from rota.leave.guard import require_on
from rota.models import AuditEvent, Base, CareHome, UserRole

#: more rows than this are searched, not listed
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class RowView:
    """A row: its values by field, and a mark that changes with any of them."""

    id: int
    values: Values
    mark: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a row on record; ``before`` can be put back."""

    id: int
    at: datetime
    actor: str
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a change; ``note`` says what followed from it."""

    row_id: int
    note: str = ""


def choices_of(session: Session, table: Table) -> dict[str, Choices]:
    """The lists that fields of a table choose from."""
    return {field.key: tuple(field.choices(session)) for field in table.fields if field.choices}


def rows(
    session: Session, actor: Actor, table: Table, *, search: str = "", **only: Any
) -> list[RowView]:
    """The rows of a table that match ``search`` in what is shown of them, and hold ``only``
    these values."""
    actor.require(table.permission)
    order = []
    for name in table.order:
        column = getattr(table.model, name.lstrip("-"))
        order.append(column.desc() if name.startswith("-") else column)
    found = [
        view
        for row in session.scalars(select(table.model).filter_by(**only).order_by(*order))
        if _is_visible(session, actor, table, (view := _view(table, row)).values)
    ]
    if search:
        lists = choices_of(session, table)
        wanted = search.casefold()
        found = [
            view
            for view in found
            if any(
                wanted in f.show(view.values[f.key], lists.get(f.key, ())).casefold()
                for f in table.fields
            )
        ]
    return found[:MOST_ROWS]


def _is_visible(session: Session, actor: Actor, table: Table, values: Values) -> bool:
    home_id = table.home_of(session, values)
    if home_id is None or _is_closed(session, home_id):
        return actor.role is UserRole.ADMINISTRATOR
    return actor.may(table.permission, home_id)


def _is_closed(session: Session, home_id: int) -> bool:
    """A closed home is in nobody's scope, and must still be opened again by somebody."""
    home = session.get(CareHome, home_id)
    return home is not None and not home.is_active


def row(session: Session, actor: Actor, table: Table, row_id: int) -> RowView:
    """One row. Raises :class:`NotFound`."""
    actor.require(table.permission)
    view = _view(table, _load(session, table, row_id))
    _require(session, actor, table, view.values)
    return view


def save(
    uow: UnitOfWork,
    table: Table,
    row_id: int | None,
    raw: Mapping[str, Any],
    *,
    mark: str = "",
    reason: str = "",
) -> Saved:
    """Make a row (``row_id`` null) or change one, from what a form sent.

    ``mark`` is the row's as it was seen. Raises :class:`InvalidInput` naming the field,
    :class:`Conflict` when somebody changed the row since, :class:`NotAllowed`.
    """
    uow.actor.require(table.permission)
    lists = choices_of(uow.session, table)
    stored = None if row_id is None else _load(uow.session, table, row_id)
    before = None if stored is None else _view(table, stored)
    values: Values = {}
    for field in table.fields:
        if before is not None and field.fixed:
            values[field.key] = before.values[field.key]
        else:
            values[field.key] = field.parse(raw.get(field.key), lists.get(field.key, ()))
    return _write(uow, table, stored, before, values, mark, reason)


def remove(uow: UnitOfWork, table: Table, row_id: int, *, mark: str, reason: str = "") -> Saved:
    """Delete a row that nothing refers to. Raises :class:`Conflict` when something does."""
    uow.actor.require(table.permission)
    stored = _load(uow.session, table, row_id)
    before = _view(table, stored)
    _require(uow.session, uow.actor, table, before.values)
    if not table.deletable:
        raise InvalidInput(f"A {table.one} is closed, not deleted.")
    _same(before, mark)
    _reason(table, before.values, reason)
    home_id = table.home_of(uow.session, before.values)
    try:
        uow.session.delete(stored)
        uow.session.flush()
    except IntegrityError as error:
        raise Conflict(
            f"This {table.one} is in use; nothing was deleted.", hint="Close it instead."
        ) from error
    note = table.effect(uow, before.values, None)
    uow.audit(
        "delete", table.entity, row_id, home_id=home_id,
        before=_on_record(table, before.values, None), reason=reason,
    )  # fmt: skip
    uow.touch(home_id)
    return Saved(row_id, note)


def put_back(uow: UnitOfWork, table: Table, change_id: int, *, mark: str) -> Saved:
    """Undo a change: the row as it was before it, by the same checks as any change.

    A row that was deleted is made again; one that was made is deleted.
    """
    uow.actor.require(table.permission)
    event = uow.session.get(AuditEvent, change_id)
    if event is None or event.entity != table.entity or event.action not in _ACTIONS:
        raise NotFound("There is no such change.")
    if any(field.private for field in table.fields):
        # the history says that a name changed, not what it was: it cannot be written back
        raise InvalidInput(
            f"The history of a {table.one} does not hold what is private.",
            hint="Change the record itself.",
        )
    row_id, reason = int(event.entity_id), f"as before {event.at:%d/%m/%Y %H:%M} UTC"
    if event.before is None:
        return remove(uow, table, row_id, mark=mark, reason=reason)
    raw = {f.key: f.raw(_from_json(f.kind, event.before.get(f.key))) for f in table.fields}
    exists = uow.session.get(table.model, row_id) is not None
    return save(uow, table, row_id if exists else None, raw, mark=mark, reason=reason)


_ACTIONS = ("create", "change", "delete")


def history(session: Session, actor: Actor, table: Table, row_id: int) -> list[Change]:
    """What was done to a row, newest first. Raises :class:`NotAllowed`."""
    actor.require(table.permission)
    events = session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.entity == table.entity,
            AuditEvent.entity_id == str(row_id),
            AuditEvent.action.in_(_ACTIONS),
        )
        .order_by(AuditEvent.id.desc())
        .limit(50)
    ).all()
    for home_id in {event.home_id for event in events}:
        require_on(actor, table.permission, home_id)
    return [Change(e.id, e.at, e.actor, e.action, e.before, e.after, e.reason) for e in events]


def _write(
    uow: UnitOfWork,
    table: Table,
    stored: Base | None,
    before: RowView | None,
    values: Values,
    mark: str,
    reason: str,
) -> Saved:
    if len(reason) > 400:
        raise InvalidInput("The reason is longer than 400 characters.", hint="Shorten it.")
    _require(uow.session, uow.actor, table, values)
    if before is not None:
        _require(uow.session, uow.actor, table, before.values)
        _same(before, mark)
        if before.values == values:
            return Saved(before.id, "Nothing was different.")
        _reason(table, before.values, reason)
    table.check(uow.session, None if before is None else before.id, values)
    target = stored if stored is not None else table.model()
    for field in table.fields:
        _assign(uow.session, target, field.key, field.kind, values[field.key])
    if stored is None:
        uow.session.add(target)
    try:
        uow.session.flush()
    except IntegrityError as error:
        raise Conflict(
            f"There is already a {table.one} like that, or it contradicts another row.",
            hint="Look at the list; nothing was saved.",
        ) from error
    row_id = _id_of(target)
    home_id = table.home_of(uow.session, values)
    note = table.effect(uow, before.values if before else None, values)
    uow.audit(
        "create" if before is None else "change", table.entity, row_id, home_id=home_id,
        before=None if before is None else _on_record(table, before.values, values),
        after=_on_record(table, values, before.values, "another one")
        if before
        else _on_record(table, values, None),
        reason=reason,
    )  # fmt: skip
    uow.touch(home_id)
    return Saved(row_id, note)


def _assign(session: Session, target: Base, key: str, kind: Kind, value: Any) -> None:
    if kind is Kind.REFERENCES:
        related = inspect(type(target)).relationships[key].mapper.class_
        value = [session.get_one(related, each) for each in value]
    setattr(target, key, value)


def _view(table: Table, stored: Base) -> RowView:
    values: Values = {}
    for field in table.fields:
        value = getattr(stored, field.key)
        if field.kind is Kind.REFERENCES:
            value = sorted(each.id for each in value)
        elif isinstance(value, StrEnum):
            value = value.value
        values[field.key] = value
    text = json.dumps(_json(values), sort_keys=True)
    mark = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    return RowView(_id_of(stored), values, mark)


def _id_of(stored: Base) -> int:
    return int(stored.id)  # type: ignore[attr-defined]


def _json(values: Values) -> dict[str, Any]:
    return {key: plain(value) for key, value in values.items()}


def _on_record(
    table: Table, values: Values, other: Values | None, word: str = "given"
) -> dict[str, Any]:
    """The values for the audit; of what is private only whether the other row has the same,
    and else one word."""
    kept = _json(values)
    for each in (field for field in table.fields if field.private):
        value = values[each.key]
        same = other is not None and other[each.key] == value
        kept[each.key] = "as it was" if same else word if value else "nothing"
    return kept


def _from_json(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind is Kind.DATE:
        return datetime.fromisoformat(value).date()
    if kind is Kind.TIME:
        return datetime.strptime(value[:5], "%H:%M").replace(tzinfo=UTC).time()
    return value


def _load(session: Session, table: Table, row_id: int) -> Base:
    stored = session.get(table.model, row_id)
    if stored is None:
        raise NotFound(f"There is no such {table.one}.", hint="It may have been deleted.")
    return stored


def _same(before: RowView, mark: str) -> None:
    if before.mark != mark:
        raise Conflict(
            "Somebody else changed this in the meantime.",
            hint="Load the page again and look at the current values.",
        )


def _require(session: Session, actor: Actor, table: Table, values: Values) -> None:
    home_id = table.home_of(session, values)
    if home_id is not None and _is_closed(session, home_id):
        home_id = None
    require_on(actor, table.permission, home_id)


def _reason(table: Table, before: Values, reason: str) -> None:
    """A row that already holds is part of the past: it changes only for a reason."""
    if not table.dated or reason.strip():
        return
    if before[table.dated] <= london_today():
        raise InvalidInput(
            f"This {table.one} is in force already: say why it changes.",
            hint="For a change from some day on, add a new row with that day instead.",
        )
