"""How people like to work, and what they wish for one shift: asked by the candidate ranking."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import DAYS_PER_WEEK
from rota.carer.own import myself
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput
from rota.leave.guard import locked_person
from rota.models import Availability, AvailabilityKind, Band, WorkPreference, utc_now


class Wish(IntEnum):
    """What somebody wishes for one shift, the most willing first."""

    AVAILABLE = 0
    PREFERS = 1
    SAYS_NOTHING = 2
    RATHER_NOT = 3
    UNAVAILABLE = 4

    @property
    def words(self) -> str:
        """Why somebody is more or less likely to say yes; empty when nothing is known."""
        return (
            "Has offered to work that day",
            "Likes to work then",
            "",
            "Would rather not work then",
            "Has asked not to be called that day",
        )[self]


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody likes to work. Weekdays are 0 (Monday) to 6; ``version`` 0 is never said."""

    band: Band | None = None
    liked: frozenset[int] = frozenset()
    avoided: frozenset[int] = frozenset()
    wants_extra: bool = True
    version: int = 0

    def wish(self, day: date, band: Band) -> Wish:
        """What these say about a shift of a band on a day."""
        weekday = day.weekday()
        other_band = self.band is not None and band is not self.band
        if not self.wants_extra or weekday in self.avoided or other_band:
            return Wish.RATHER_NOT
        if weekday in self.liked or self.band is band:
            return Wish.PREFERS
        return Wish.SAYS_NOTHING


def wishes(session: Session, staff_ids: Collection[int], day: date, band: Band) -> dict[int, Wish]:
    """What people wish for a shift of a band on a day, for those who said anything.

    What they said about the very day outweighs what they like in general. Two statements.
    """
    ids = sorted(set(staff_ids))
    if not ids:
        return {}
    found: dict[int, Wish] = {}
    for row in session.scalars(select(WorkPreference).where(WorkPreference.staff_id.in_(ids))):
        wish = _preferences(row).wish(day, band)
        if wish is not Wish.SAYS_NOTHING:
            found[row.staff_id] = wish
    said = session.execute(
        select(Availability.staff_id, Availability.kind, Availability.band).where(
            Availability.staff_id.in_(ids),
            Availability.start_date <= day,
            Availability.end_date >= day,
        )
    )
    for staff_id, kind, only in said:
        if only is None or only is band:
            available = kind is AvailabilityKind.AVAILABLE
            found[staff_id] = Wish.AVAILABLE if available else Wish.UNAVAILABLE
    return found


def my_preferences(session: Session, actor: Actor) -> Preferences:
    """How the actor likes to work."""
    actor.require(Permission.VIEW_OWN_ROTA)
    row = session.get(WorkPreference, myself(session, actor).id)
    return _preferences(row) if row is not None else Preferences()


def set_preferences(
    uow: UnitOfWork,
    version: int,
    *,
    band: Band | None,
    liked: Collection[int] = (),
    avoided: Collection[int] = (),
    wants_extra: bool = True,
) -> Preferences:
    """Say how one likes to work; ``version`` is the one that was looked at.

    Raises :class:`InvalidInput` for no weekday or one both liked and avoided,
    :class:`Conflict` when they were changed on another screen meanwhile.
    """
    uow.actor.require(Permission.OFFER_WORK)
    person = locked_person(uow.session, myself(uow.session, uow.actor).id)
    days = {*liked, *avoided}
    if any(not isinstance(d, int) or not 0 <= d < DAYS_PER_WEEK for d in days):
        raise InvalidInput("A weekday is Monday to Sunday.")
    if set(liked) & set(avoided):
        raise InvalidInput(
            "A weekday is either liked or avoided, not both.", hint="Untick it in one of the lists."
        )
    if band is Band.OFFICE:
        raise InvalidInput("Choose days, nights or no preference.")
    row = uow.session.get(WorkPreference, person.id, populate_existing=True)
    wanted = Preferences(band, frozenset(liked), frozenset(avoided), wants_extra)
    current = _preferences(row) if row is not None else Preferences()
    if _same(wanted, current):
        return current  # sent twice
    if current.version != version:
        raise Conflict(
            "Your preferences were changed on another screen meanwhile; nothing was saved.",
            hint="Look at them again, then save.",
        )
    before = _state(current) if row is not None else None
    if row is None:
        row = WorkPreference(staff_id=person.id)
        uow.session.add(row)
    row.band, row.wants_extra, row.updated_at = band, wants_extra, utc_now()
    row.liked_weekdays, row.avoided_weekdays = sorted(set(liked)), sorted(set(avoided))
    uow.session.flush()
    uow.audit(
        "set preferences", "staff", person.id, home_id=person.home_id, before=before,
        after=_state(wanted),
    )  # fmt: skip
    uow.touch(person.home_id)
    return _preferences(row)


def _preferences(row: WorkPreference) -> Preferences:
    return Preferences(
        row.band, frozenset(row.liked_weekdays), frozenset(row.avoided_weekdays), row.wants_extra,
        row.version,
    )  # fmt: skip


def _same(one: Preferences, other: Preferences) -> bool:
    return _state(one) == _state(other)


def _state(p: Preferences) -> dict[str, object]:
    return {
        "band": p.band.value if p.band else None,
        "liked": sorted(p.liked),
        "avoided": sorted(p.avoided),
        "wants_extra": p.wants_extra,
    }
