"""Dated events such as school holidays: read from a file, loaded, and given to forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.forecasting.csv_text import named_rows
from rota.models import DatedEvent

COLUMNS = ("name", "first_day", "last_day")
_LONGEST_NAME = 60
#: a longer event is a term, not a holiday
LONGEST_DAYS = 120


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """An event from ``first`` to ``last``, both included."""

    first: date
    last: date
    name: str


def events(session: Session, start: date, end: date) -> tuple[Event, ...]:
    """The stored events that touch a period, both ends included, in order. One statement."""
    rows = session.execute(
        select(DatedEvent.first_day, DatedEvent.last_day, DatedEvent.name)
        .where(DatedEvent.last_day >= start, DatedEvent.first_day <= end)
        .order_by(DatedEvent.first_day, DatedEvent.name)
    )
    return tuple(Event(*row) for row in rows)


def load_events(uow: UnitOfWork, found: Sequence[Event]) -> int:
    """Put the events of a file in place of those of the same names in its years.

    Gives how many they are. Other years and other names stay, so that a new school year
    does not forget the old ones.
    Raises :class:`NotAllowed` and, for nothing at all, :class:`InvalidInput`.
    """
    uow.actor.require(Permission.ADMINISTER)
    if not found:
        raise InvalidInput("There is no event to load.")
    first, last = min(event.first for event in found), max(event.last for event in found)
    uow.session.execute(
        delete(DatedEvent).where(
            DatedEvent.last_day >= first,
            DatedEvent.first_day <= last,
            DatedEvent.name.in_(sorted({event.name for event in found})),
        )
    )
    uow.session.add_all(
        DatedEvent(name=event.name, first_day=event.first, last_day=event.last) for event in found
    )
    uow.audit(
        "load", "dated_events", 0,
        after={"events": len(found), "from": first.isoformat(), "to": last.isoformat()},
    )  # fmt: skip
    return len(found)


def read_events(path: Path) -> tuple[Event, ...]:
    """The events of a CSV with name, first_day and last_day; an empty last day is one day.

    Raises :class:`InvalidInput` naming the row (the header is row 1) and why.
    """
    found = tuple(
        sorted(_event(f"{path}, row {n}", cells) for n, cells in named_rows(path, COLUMNS))
    )
    if not found:
        raise InvalidInput(f"{path} has no events.", hint=f"Columns: {', '.join(COLUMNS)}.")
    ends: dict[str, date] = {}
    for event in found:
        if event.first <= ends.get(event.name, date.min):
            raise InvalidInput(
                f"{path}: {event.name} of {event.first} begins before the one before it ends."
            )
        ends[event.name] = event.last
    return found


def _event(where: str, cells: dict[str, str]) -> Event:
    name = cells["name"]
    if not name or len(name) > _LONGEST_NAME:
        raise InvalidInput(f"{where}: give a name of at most {_LONGEST_NAME} characters.")
    first = _date(where, "first_day", cells["first_day"])
    last = _date(where, "last_day", cells["last_day"]) if cells["last_day"] else first
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise InvalidInput(
            f"{where}: it lasts from {first} to {last}.",
            hint=f"1 to {LONGEST_DAYS} days: the holidays, not the terms.",
        )
    return Event(first, last, name)


def _date(where: str, what: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"{where}: {what} is {text!r}, not a date.", hint="Write dates as YYYY-MM-DD."
        ) from None
