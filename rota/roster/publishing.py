"""Draft and published: what has changed since people last saw their rota, and publishing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.calendar import Period, london_today, period_text
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.models import ChangeItem, ChangeSet, Publication, Shift, Staff, Unit
from rota.roster.changes import TOLD, shift_state
from rota.roster.shift_types import load_shift_kinds


@dataclass(frozen=True, slots=True)
class DraftChange:
    """What publishing would tell somebody: a shift before and after.

    Codes are empty for "no shift"; ``staff_id`` is null where nobody's own rota changes (an
    open or agency shift). ``notice_days`` is from today to the shift.
    """

    shift_id: int
    staff_id: int | None
    name: str
    day: date
    before: str
    after: str
    notice_days: int

    @property
    def text(self) -> str:
        """``D`` → ``N``, ``new D``, ``no longer D``."""
        if not self.before:
            return f"new {self.after}"
        if not self.after:
            return f"no longer {self.before}"
        return (
            f"{self.before} → {self.after}"
            if self.before != self.after
            else f"{self.after} changed"
        )


@dataclass(frozen=True, slots=True)
class Published:
    """A published version and whom it tells what."""

    publication_id: int
    number: int
    changes: tuple[DraftChange, ...]

    @property
    def people(self) -> int:
        """How many people's rota changed."""
        return len({change.staff_id for change in self.changes if change.staff_id is not None})


def draft_changes(
    session: Session, home_id: int, unit_id: int | None, period: Period
) -> list[DraftChange]:
    """What differs from what people of a home (or unit) last saw published in a period.

    What was seen of a shift is its state before the first change since publication, as the
    record of changes has it.
    """
    seen = _last_seen(session, home_id, unit_id, period)
    now = current_states(session, home_id, unit_id, period)
    pairs = {}
    for shift_id in seen.keys() | now.keys():
        was, is_now = seen.get(shift_id), now.get(shift_id)
        if is_now is None or not (is_now["is_published"] or (was and _same(was, is_now))):
            pairs[shift_id] = (was, is_now)
    return changes_between(session, pairs)


#: a shift before and after as recorded states; null is "no shift"
StatePair = tuple[dict[str, Any] | None, dict[str, Any] | None]


def changes_between(session: Session, pairs: Mapping[int, StatePair]) -> list[DraftChange]:
    """What people are told of shifts before and after, in order of days and names."""
    names = _names(session, pairs.values())
    codes = {kind.id: kind.code for kind in load_shift_kinds(session).values()}
    today = london_today()
    found: list[DraftChange] = []

    def note(shift_id: int, state: dict[str, Any], before: str, after: str) -> None:
        day, staff_id = date.fromisoformat(state["date"]), state["user_id"]
        name = names.get(staff_id, "Somebody") if staff_id is not None else "Open or agency shift"
        found.append(DraftChange(shift_id, staff_id, name, day, before, after, (day - today).days))

    for shift_id, (was, is_now) in pairs.items():
        before = codes.get(was["shift_type_id"], "?") if was else ""
        after = codes.get(is_now["shift_type_id"], "?") if is_now else ""
        if was and is_now and all(was[key] == is_now[key] for key in ("user_id", "date")):
            note(shift_id, is_now, before, after)
            continue
        if was:
            note(shift_id, was, before, "")
        if is_now:
            note(shift_id, is_now, "", after)
    return sorted(found, key=lambda change: (change.day, change.name, change.shift_id))


def publish(uow: UnitOfWork, home_id: int, unit_id: int | None, period: Period) -> Published:
    """Make the rota of a home (or unit) as it stands what people see, as a numbered version.

    Raises :class:`InvalidInput` when nothing has changed since the last version.
    """
    uow.actor.require(Permission.PUBLISH_ROTA, home_id)
    if unit_id is not None:
        unit = uow.session.get(Unit, unit_id)
        if unit is None or unit.home_id != home_id:
            raise NotFound("This home has no such unit.")
    changes = draft_changes(uow.session, home_id, unit_id, period)
    if not changes:
        raise InvalidInput("Nothing has changed since the rota was last published.")
    return record_version(uow, home_id, unit_id, period, changes)


def record_version(
    uow: UnitOfWork,
    home_id: int,
    unit_id: int | None,
    period: Period,
    changes: Sequence[DraftChange],
) -> Published:
    """Store the rota as it stands as the next version, and mark its shifts as published."""
    latest = uow.session.scalar(
        select(func.max(Publication.number)).where(Publication.home_id == home_id)
    )
    snapshot = current_states(uow.session, home_id, unit_id, period)
    publication = Publication(
        home_id=home_id, unit_id=unit_id, start_date=period.start, end_date=period.end,
        number=(latest or 0) + 1, published_by_id=uow.actor.user_id,
        snapshot=[{"id": shift_id, **state} for shift_id, state in sorted(snapshot.items())],
    )  # fmt: skip
    uow.session.add(publication)
    uow.session.execute(
        update(Shift)
        .where(*in_place(home_id, unit_id, period), Shift.is_published.is_(False))
        .values(is_published=True, version=Shift.version + 1)
        .execution_options(synchronize_session=False)
    )
    uow.session.flush()
    uow.session.expire_all()
    shortest = min((change.notice_days for change in changes), default=None)
    uow.audit(
        "publish", "publication", publication.id, home_id=home_id,
        after={"number": publication.number, "unit_id": unit_id, "changes": len(changes),
               "shortest_notice_days": shortest},
        reason=f"Publish {period_text(period)}",
    )  # fmt: skip
    uow.touch(home_id)
    return Published(publication.id, publication.number, tuple(changes))


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in TOLD)


def in_place(home_id: int, unit_id: int | None, period: Period) -> tuple[Any, ...]:
    """The conditions for shifts of a home (or unit) in a period."""
    place = Shift.home_id == home_id if unit_id is None else Shift.unit_id == unit_id
    return place, Shift.date.between(period.start, period.end)


def current_states(
    session: Session, home_id: int, unit_id: int | None, period: Period
) -> dict[int, dict[str, Any]]:
    """The shifts of a home (or unit) in a period as they are now, by id."""
    shifts = session.scalars(select(Shift).where(*in_place(home_id, unit_id, period)))
    return {shift.id: shift_state(shift) for shift in shifts}


def _last_seen(
    session: Session, home_id: int, unit_id: int | None, period: Period
) -> dict[int, dict[str, Any]]:
    """Shifts changed since the last publication, as they were published; by shift id."""
    published_at = select(func.max(Publication.published_at)).where(
        Publication.home_id == home_id,
        Publication.withdrawn_at.is_(None),
        Publication.start_date <= period.end,
        Publication.end_date >= period.start,
    )
    if unit_id is not None:
        published_at = published_at.where(
            or_(Publication.unit_id.is_(None), Publication.unit_id == unit_id)
        )
    since = session.scalar(published_at)
    if since is None:
        return {}
    items = session.execute(
        select(ChangeItem.shift_id, ChangeItem.before)
        .join(ChangeSet, ChangeSet.id == ChangeItem.change_set_id)
        .where(ChangeSet.home_id == home_id, ChangeSet.created_at > since)
        .order_by(ChangeItem.id)
    )
    seen: dict[int, dict[str, Any]] = {}
    for shift_id, before in items:
        if before is not None and before["is_published"]:
            seen.setdefault(shift_id, before)
    return {
        shift_id: state
        for shift_id, state in seen.items()
        if state["home_id"] == home_id
        and date.fromisoformat(state["date"]) in period
        and (unit_id is None or state["unit_id"] == unit_id)
    }


def _names(session: Session, pairs: Iterable[StatePair]) -> dict[int, str]:
    ids = {state["user_id"] for pair in pairs for state in pair if state and state["user_id"]}
    rows = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name).where(Staff.id.in_(sorted(ids)))
    )
    return {row.id: f"{row.first_name} {row.last_name}".strip() for row in rows}
