"""What people say and do about their own work: availability, wishes, swaps, calendar feeds."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.base import Base, Json, UtcDateTime, Versioned, choice, utc_now
from rota.models.homes import Band
from rota.models.people import Staff
from rota.models.shifts import Shift


class AvailabilityKind(StrEnum):
    """What somebody says about days of theirs. Neither binds the manager."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"


class Availability(Base):
    """Days on which somebody could work more, or would rather not be asked."""

    __tablename__ = "availability"
    __table_args__ = (
        CheckConstraint("end_date >= start_date", name="order"),
        Index("idx_availability_staff", "staff_id", "start_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    start_date: Mapped[date]
    end_date: Mapped[date]
    kind: Mapped[AvailabilityKind] = mapped_column(choice(AvailabilityKind))
    #: day or night only; null is both
    band: Mapped[Band | None] = mapped_column(choice(Band), default=None)
    note: Mapped[str] = mapped_column(String(200), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class WorkPreference(Versioned, Base):
    """How somebody likes to work, week in, week out. One row a person."""

    __tablename__ = "work_preferences"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    #: day or night; null is no preference
    band: Mapped[Band | None] = mapped_column(choice(Band), default=None)
    #: weekdays, 0 is Monday
    liked_weekdays: Mapped[list[Any]] = mapped_column(Json, default=list)
    avoided_weekdays: Mapped[list[Any]] = mapped_column(Json, default=list)
    #: whether they want to be asked for extra shifts at all
    wants_extra: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class SwapState(StrEnum):
    """Where a proposed swap stands. ``agreed``: the colleague said yes, the manager decides."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


#: states in which a swap still waits for somebody
SWAP_OPEN = (SwapState.PROPOSED, SwapState.AGREED)


class SwapProposal(Versioned, Base):
    """Two people would take each other's shift: both agree, the rules agree, a manager decides.

    ``terms`` are the two shifts as they were proposed: when one has changed since, the agreement
    is about something else and cannot be applied.
    """

    __tablename__ = "swap_proposals"
    __table_args__ = (
        CheckConstraint("staff_id <> other_staff_id", name="two_people"),
        Index("idx_swap_staff", "staff_id", "state"),
        Index("idx_swap_other", "other_staff_id", "state"),
        Index("idx_swap_home", "home_id", "state"),
        # a shift is promised to one colleague at a time
        Index(
            "uq_swap_open_shift",
            "shift_id",
            unique=True,
            postgresql_where=text("state IN ('proposed', 'agreed')"),
            sqlite_where=text("state IN ('proposed', 'agreed')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("care_homes.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    other_staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="CASCADE"))
    other_shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="CASCADE"))
    terms: Mapped[list[Any]] = mapped_column(Json)
    state: Mapped[SwapState] = mapped_column(choice(SwapState), default=SwapState.PROPOSED)
    note: Mapped[str] = mapped_column(String(200), default="")
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    decision_reason: Mapped[str] = mapped_column(String(300), default="")
    #: the change of the rota; no foreign key, a change set may be pruned
    change_set_id: Mapped[int | None] = mapped_column(default=None)

    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    other_staff: Mapped[Staff] = relationship(foreign_keys=[other_staff_id])
    shift: Mapped[Shift] = relationship(foreign_keys=[shift_id])
    other_shift: Mapped[Shift] = relationship(foreign_keys=[other_shift_id])


class CalendarFeed(Base):
    """A private address of somebody's shifts for their own calendar program.

    Only the digest of its secret is kept: a copy of the database opens no feed.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (Index("idx_feed_staff", "staff_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    #: the account that made it: it opens nothing once the account is closed
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
