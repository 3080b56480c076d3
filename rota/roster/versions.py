"""The published versions of a rota: listed, taken back, and put back as they were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.calendar import Period, day_text, london_today, period_text
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound, RuleBreach
from rota.leave.guard import absences_of, locked_person
from rota.models import (
    ChangeItem,
    ChangeSet,
    Classification,
    Publication,
    Shift,
    Staff,
    Unit,
    User,
    utc_now,
)
from rota.portable_sql import list_length
from rota.roster.changes import ChangeRecorder, restore_state, shift_state
from rota.roster.findings import findings_of
from rota.roster.publishing import changes_between, current_states, in_place, record_version
from rota.rules import Severity, Verdict

MOST_LISTED = 30
#: what the recorded state of a shift may differ in without being another shift
_BOOKKEEPING = ("is_published", "cost_pence", "legacy")


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of a home's (or unit's) rota.

    ``in_force`` says that no newer one of the same place covers its weeks and that it has not
    been taken back. ``changes`` counts later changes of shifts that somebody had been told of, with the
    shortest notice any of them gave in hours (negative: after it had begun).
    """

    id: int
    number: int
    unit: str
    period: Period
    published_at: datetime
    by: str
    withdrawn_at: datetime | None
    shifts: int
    changes: int
    shortest_notice_hours: float | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """A version put back: the new version's number and what could not be as it was."""

    number: int
    change_set_id: int
    shifts: int
    left_open: tuple[str, ...]


def versions(session: Session, home_id: int, unit_id: int | None, period: Period) -> list[Version]:
    """The versions that touch a period of a home, or of one of its units, newest first.

    Three statements; the stored shifts themselves are not read.
    """
    rows = session.execute(
        select(
            Publication.id, Publication.number, Unit.name, Publication.start_date,
            Publication.end_date, Publication.published_at, User.name, Publication.withdrawn_at,
            list_length(Publication.snapshot),
        )
        .outerjoin(Unit, Unit.id == Publication.unit_id)
        .outerjoin(User, User.id == Publication.published_by_id)
        .where(
            Publication.home_id == home_id,
            Publication.start_date <= period.end,
            Publication.end_date >= period.start,
            or_(Publication.unit_id.is_(None), Publication.unit_id == unit_id)
            if unit_id is not None
            else Publication.home_id == home_id,
        )
        .order_by(Publication.published_at.desc(), Publication.id.desc())
        .limit(MOST_LISTED)
    ).all()  # fmt: skip
    since = min((row.published_at for row in rows), default=None)
    notices = _notices(session, home_id, since) if since is not None else []
    found: list[Version] = []
    later: datetime | None = None
    for row in rows:
        mine = [
            minutes
            for at, minutes in notices
            if at > row.published_at and (later is None or at <= later)
        ]
        found.append(
            Version(
                row.id, row.number, row[2] or "", Period(row.start_date, row.end_date),
                row.published_at, row[6] or "", row.withdrawn_at, int(row[8] or 0), len(mine),
                min(mine) / 60 if mine else None,
                row.withdrawn_at is None and not _is_covered(found, row),
            )
        )  # fmt: skip
        later = row.published_at
    return found


def _is_covered(newer: list[Version], row: Any) -> bool:
    return any(
        version.in_force
        and version.unit in ("", row[2] or "")
        and version.period.start <= row.start_date
        and version.period.end >= row.end_date
        for version in newer
    )


def _notices(session: Session, home_id: int, since: datetime) -> list[tuple[datetime, int]]:
    rows = session.execute(
        select(ChangeSet.created_at, ChangeItem.notice_minutes)
        .join(ChangeItem, ChangeItem.change_set_id == ChangeSet.id)
        .where(
            ChangeSet.home_id == home_id,
            ChangeSet.created_at > since,
            ChangeItem.notice_minutes.is_not(None),
        )
    )
    return [(at, minutes) for at, minutes in rows if minutes is not None]


def unpublish(uow: UnitOfWork, publication_id: int, reason: str) -> int:
    """Take a version back: its shifts from today on are a draft again, which only managers see.

    Every version of the same place and days goes with it; they stay stored and can be
    restored. Gives how many shifts it concerns. Raises :class:`NotFound`,
    :class:`Conflict` when it was taken back already, :class:`InvalidInput` without a reason.
    """
    publication = _publication(uow, publication_id)
    if publication.withdrawn_at is not None:
        raise Conflict("This version has been taken back already.")
    if not reason.strip():
        raise InvalidInput("Say why the rota is taken back.", hint="It is kept in the audit.")
    today = london_today()
    if publication.end_date < today:
        raise InvalidInput("This rota is over.", hint="What was worked stays on record.")
    ahead = Period(max(publication.start_date, today), publication.end_date)
    same_place = (
        and_(True)
        if publication.unit_id is None
        else or_(Publication.unit_id == publication.unit_id, Publication.unit_id.is_(None))
    )
    uow.session.execute(
        update(Publication)
        .where(
            Publication.home_id == publication.home_id, same_place,
            Publication.withdrawn_at.is_(None),
            Publication.start_date >= publication.start_date,
            Publication.end_date <= publication.end_date,
        )
        .values(withdrawn_at=utc_now())
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    shifts = uow.session.execute(
        update(Shift)
        .where(*in_place(publication.home_id, publication.unit_id, ahead), Shift.is_published)
        .values(is_published=False, version=Shift.version + 1)
        .execution_options(synchronize_session=False)
    )
    count = int(shifts.rowcount)  # type: ignore[attr-defined]
    uow.session.flush()
    uow.session.expire_all()
    uow.audit(
        "unpublish", "publication", publication_id, home_id=publication.home_id,
        after={"number": publication.number, "shifts": count}, reason=reason.strip()[:300],
    )  # fmt: skip
    uow.touch(publication.home_id)
    return count


def restore(uow: UnitOfWork, publication_id: int) -> Restored:
    """Put the rota from today on back as it was in a version, and publish that anew.

    One change set, which can be undone. Whoever is away by now is not put back: that shift
    is left open. Raises :class:`RuleBreach` when somebody would break a rule that they keep
    today (nothing is changed then), :class:`InvalidInput` when nothing would change.
    """
    publication = _publication(uow, publication_id)
    home_id, unit_id = publication.home_id, publication.unit_id
    today = london_today()
    if publication.end_date < today:
        raise InvalidInput("This version is over.", hint="What was worked stays on record.")
    ahead = Period(max(publication.start_date, today), publication.end_date)
    wanted = {
        int(state["id"]): {name: value for name, value in state.items() if name != "id"}
        for state in publication.snapshot
        if date.fromisoformat(state["date"]) in ahead
    }
    now = current_states(uow.session, home_id, unit_id, ahead)
    changed = {key: state for key, state in wanted.items() if not _same(now.get(key), state)}
    gone = now.keys() - wanted.keys()
    if not changed and not gone:
        raise InvalidInput("The rota is as it was in this version.")
    people = {s["user_id"] for s in changed.values() if s["user_id"] is not None}
    people |= {now[key]["user_id"] for key in gone | (changed.keys() & now.keys())} - {None}
    for staff_id in sorted(people):
        locked_person(uow.session, staff_id)
    before = _barred(findings_of(uow.session, people, ahead))
    label = f"Restore version {publication.number} ({period_text(ahead)})"
    recorder = ChangeRecorder(uow, home_id, "restore", label)
    left_open = _write(uow, recorder, changed, gone)
    uow.session.flush()
    broken = _barred(findings_of(uow.session, people, ahead)) - before
    if broken:
        staff_id, words = sorted(broken)[0]
        name = uow.session.get_one(Staff, staff_id).name
        raise RuleBreach(
            f"Version {publication.number} cannot be restored as it was. {name}: {words}.",
            hint="Something else has changed since. Nothing was changed.",
        )
    change = recorder.finish()
    pairs = {item.shift_id: (item.before, item.after) for item in change.items}
    changes = changes_between(uow.session, pairs)
    published = record_version(uow, home_id, unit_id, ahead, changes)
    return Restored(published.number, change.id, len(change.items), tuple(left_open))


def _write(
    uow: UnitOfWork,
    recorder: ChangeRecorder,
    changed: dict[int, dict[str, Any]],
    gone: Iterable[int],
) -> list[str]:
    """Lay the recorded states over the rota; gives what had to be left open."""
    found = uow.session.scalars(
        select(Shift)
        .where(Shift.id.in_(sorted({*changed, *gone})))
        .order_by(Shift.id)
        .with_for_update(of=Shift)
    )
    stored = {shift.id: shift for shift in found}
    before = {key: shift_state(shift) for key, shift in stored.items()}
    for key in sorted(gone):
        if key in stored:
            recorder.note(key, before[key], None)
            uow.session.delete(stored[key])
    # everybody steps aside first, past the guard against double booking
    for key in changed:
        if key in stored and stored[key].user_id is not None:
            stored[key].user_id, stored[key].is_vacant = None, True
    uow.session.flush()
    left: list[str] = []
    away = _away(uow.session, changed.values())
    for key, state in sorted(changed.items()):
        shift = stored.get(key) or Shift(id=key)
        restore_state(shift, {**state, "is_published": True})
        if (shift.user_id, shift.date) in away:
            left.append(f"{day_text(shift.date)}: {away[shift.user_id, shift.date]}")
            shift.user_id, shift.is_vacant = None, True
            shift.vacancy_reason, shift.vacant_since = "leave", utc_now()
            shift.classification, shift.cost_pence = Classification.REGULAR, 0
        shift.change_set_id = recorder.change_set.id
        uow.session.add(shift)
        uow.session.flush()
        recorder.note(key, before.get(key), shift_state(shift))
    return left


def _away(session: Session, states: Iterable[dict[str, Any]]) -> dict[tuple[int | None, date], str]:
    """Who of the people of some states is away by now, and why, by person and day."""
    pairs = [
        (s["user_id"], date.fromisoformat(s["date"])) for s in states if s["user_id"] is not None
    ]
    if not pairs:
        return {}
    days = [day for _, day in pairs]
    absences = absences_of(session, {who for who, _ in pairs}, Period(min(days), max(days)))
    return {
        (who, day): why
        for who, day in pairs
        for period, why in absences.get(who, ())
        if day in period
    }


def _barred(findings: dict[int, list[Verdict]]) -> set[tuple[int, str]]:
    return {
        (staff_id, f"{verdict.title}: {verdict.message}")
        for staff_id, verdicts in findings.items()
        for verdict in verdicts
        if verdict.severity is Severity.BARRED
    }


def _same(now: dict[str, Any] | None, then: dict[str, Any]) -> bool:
    return now is not None and all(
        now.get(name) == value for name, value in then.items() if name not in _BOOKKEEPING
    )


def _publication(uow: UnitOfWork, publication_id: int) -> Publication:
    publication = uow.session.get(Publication, publication_id)
    if publication is None:
        raise NotFound("There is no such version.")
    uow.actor.require(Permission.PUBLISH_ROTA, publication.home_id)
    return publication


__all__ = ["Restored", "Version", "restore", "unpublish", "versions"]
