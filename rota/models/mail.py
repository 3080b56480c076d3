"""Mail that leaves: the outbox, its templates, and what is sent at which times."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.base import Base, Json, UtcDateTime, Versioned, choice, utc_now


class MailState(StrEnum):
    """Where a message stands. ``bounced``: the receiving server knows no such address."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


class OutboxMessage(Base):
    """One message to one address, written in the transaction that caused it."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index("idx_outbox_due", "state", "next_attempt_at"),
        Index("idx_outbox_about", "about"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    #: what sort of message it is (``report``, ``password``, …), for filters and statistics
    kind: Mapped[str] = mapped_column(String(40))
    #: what it is about (``leave_request:12``); empty: nothing in particular
    about: Mapped[str] = mapped_column(String(80), default="")
    to: Mapped[str] = mapped_column("to_address", String(254))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text, default=None)
    #: the Message-ID of every attempt, so that a message sent twice is recognised as one
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[MailState] = mapped_column(choice(MailState), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    #: not before; while it is being sent: when the sender is taken for dead
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    error: Mapped[str] = mapped_column(String(500), default="")

    attachments: Mapped[list[OutboxAttachment]] = relationship(
        cascade="all, delete-orphan", order_by="OutboxAttachment.id"
    )


class OutboxAttachment(Base):
    """A file that goes with a message."""

    __tablename__ = "outbox_attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("outbox_messages.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes]


class MailTemplate(Base):
    """The organisation's own wording of a message. The newest row of a key is in force; rows
    are added, never changed."""

    __tablename__ = "mail_templates"
    __table_args__ = (Index("idx_mail_template_key", "key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    #: empty: the message has no HTML part
    html: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(400), default="")
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Frequency(StrEnum):
    """How often something is sent."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


class MailSchedule(Versioned, Base):
    """Something that is sent at fixed times (of London's clocks) to roles or to people."""

    __tablename__ = "mail_schedules"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("month_day BETWEEN 1 AND 28", name="month_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    #: a key of :data:`rota.mail.senders.SENDERS`
    what: Mapped[str] = mapped_column(String(40))
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: null: each reader gets all the homes he or she works with
    home_id: Mapped[int | None] = mapped_column(ForeignKey("care_homes.id"), default=None)
    frequency: Mapped[Frequency] = mapped_column(choice(Frequency), default=Frequency.WEEKLY)
    #: Monday is 0
    weekday: Mapped[int] = mapped_column(default=0)
    month_day: Mapped[int] = mapped_column(default=1)
    at: Mapped[time] = mapped_column("at_time", default=time(7))
    #: values of UserRole
    roles: Mapped[list[str]] = mapped_column(Json, default=list)
    user_ids: Mapped[list[int]] = mapped_column(Json, default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    #: nothing due before this instant is sent
    active_since: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class MailScheduleRun(Base):
    """One time a schedule was due. The pair is unique, so that two workers send it once."""

    __tablename__ = "mail_schedule_runs"
    __table_args__ = (UniqueConstraint("schedule_id", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("mail_schedules.id", ondelete="CASCADE"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    messages: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
