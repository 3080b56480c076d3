"""Vacancies offered to people, and people who say they would take one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.base import Base, UtcDateTime, choice, utc_now
from rota.models.people import Staff
from rota.models.shifts import Shift


class OfferState(StrEnum):
    """Where an offer stands. ``volunteered`` is the person's own proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CLOSED = "closed"
    VOLUNTEERED = "volunteered"


class ShiftOffer(Base):
    """One vacancy and one person: offered by a manager, or proposed by the person."""

    __tablename__ = "shift_offers"
    __table_args__ = (
        UniqueConstraint("shift_id", "staff_id"),
        Index("idx_offer_staff_state", "staff_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[OfferState] = mapped_column(choice(OfferState), default=OfferState.OPEN)
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    #: the answer must come before; null for a person's own proposal
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    shift: Mapped[Shift] = relationship()
    staff: Mapped[Staff] = relationship()


class AgencyRequestState(StrEnum):
    """How a request for an agency shift stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class AgencyRequest(Base):
    """An agency shift above the home's limit, asked for by a manager, decided by a senior one."""

    __tablename__ = "agency_requests"
    __table_args__ = (Index("idx_agency_request_shift", "shift_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="CASCADE"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    #: the price that was known when it was asked for
    cost_pence: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[AgencyRequestState] = mapped_column(
        choice(AgencyRequestState), default=AgencyRequestState.WAITING
    )
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    decision_reason: Mapped[str] = mapped_column(String(300), default="")
