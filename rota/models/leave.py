"""Leave requests, the entitlement ledger, and absence."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.base import Base, Imported, Json, UtcDateTime, Versioned, choice, utc_now
from rota.models.people import Staff


class LeaveType(StrEnum):
    """Why somebody is away by arrangement."""

    ANNUAL = "annual"
    SICK = "sick"
    TRAINING = "training"
    UNPAID = "unpaid"
    PARENTAL = "parental"
    COMPASSIONATE = "compassionate"
    TOIL = "toil"
    OTHER = "other"


class LeaveStatus(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class LeaveRequest(Imported, Versioned, Base):
    """A request for leave from a first to a last day, both included."""

    __tablename__ = "leave_requests"
    __table_args__ = (
        CheckConstraint("end_date >= start_date", name="order"),
        Index("idx_leave_status", "status", "home_id"),
        Index("idx_leave_staff", "staff_id", "start_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("care_homes.id"))
    start_date: Mapped[date]
    end_date: Mapped[date]
    leave_type: Mapped[LeaveType] = mapped_column(choice(LeaveType))
    status: Mapped[LeaveStatus] = mapped_column(choice(LeaveStatus), default=LeaveStatus.PENDING)
    minutes: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(500), default="")
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    decision_reason: Mapped[str] = mapped_column(String(500), default="")
    #: the change set that released the shifts; no foreign key, a change set may be pruned
    change_set_id: Mapped[int | None] = mapped_column(default=None)

    staff: Mapped[Staff] = relationship()


class LeaveEntry(Base):
    """A line of the entitlement ledger, in minutes.

    Lines are added, never changed: the database itself refuses an update (migration 0004).
    """

    __tablename__ = "leave_entries"
    __table_args__ = (Index("idx_leave_entry_staff", "staff_id", "leave_year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    #: the first day of the leave year it belongs to
    leave_year: Mapped[date]
    #: entitlement, carry_over, accrual, taken, returned, correction, toil
    kind: Mapped[str] = mapped_column(String(20))
    minutes: Mapped[int]
    on_date: Mapped[date]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("leave_requests.id"), default=None)
    reason: Mapped[str] = mapped_column(String(300), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)


class AbsenceSpell(Base):
    """A spell of sickness or other unplanned absence; open while ``ended_on`` is null."""

    __tablename__ = "absence_spells"
    __table_args__ = (Index("idx_absence_staff", "staff_id", "started_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("care_homes.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="sickness")
    started_on: Mapped[date]
    ended_on: Mapped[date | None] = mapped_column(default=None)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    note: Mapped[str] = mapped_column(String(300), default="")
    #: the change set that released the shifts; no foreign key, a change set may be pruned
    change_set_id: Mapped[int | None] = mapped_column(default=None)

    staff: Mapped[Staff] = relationship()


class TalkOutcome(StrEnum):
    """What came out of the talk after a spell of sickness."""

    FIT = "fit"
    ADJUSTED = "adjusted"
    REFERRED = "referred"
    NOT_FIT = "not_fit"


class ReturnTalk(Versioned, Base):
    """The talk with somebody back from sickness: one for each spell."""

    __tablename__ = "return_talks"
    __table_args__ = (UniqueConstraint("spell_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    spell_id: Mapped[int] = mapped_column(ForeignKey("absence_spells.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    held_on: Mapped[date]
    #: who spoke with the person; not always whoever wrote it down
    held_by: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[TalkOutcome] = mapped_column(choice(TalkOutcome))
    adjustments: Mapped[str] = mapped_column(String(1000), default="")
    #: when the adjustments are looked at again
    review_on: Mapped[date | None] = mapped_column(default=None)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class LostShift(Base):
    """A shift somebody was rostered for and missed through absence: the absence series."""

    __tablename__ = "lost_shifts"
    __table_args__ = (
        UniqueConstraint("spell_id", "date", "band"),
        Index("idx_lost_shift_unit_date", "unit_id", "date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    spell_id: Mapped[int] = mapped_column(ForeignKey("absence_spells.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    date: Mapped[date]
    band: Mapped[str] = mapped_column(String(20))
    minutes: Mapped[int]


class PolicySetting(Base):
    """A limit of a policy (leave, filling vacancies) from a date on, for one home, one role or everybody.

    The most particular row wins (home and role, then home, then role, then all), then the
    one with the latest ``effective_from``.
    """

    __tablename__ = "policy_settings"
    __table_args__ = (Index("idx_policy_setting", "name", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("care_homes.id"), default=None)
    role_id: Mapped[int | None] = mapped_column(ForeignKey("roles.id"), default=None)
    effective_from: Mapped[date]
    value: Mapped[Any] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(String(400), default="")
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
