"""Who may log in, what they may do where, and the record of what they did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.base import Base, Imported, Json, UtcDateTime, choice, utc_now
from rota.models.people import Staff


class UserRole(StrEnum):
    """What a person does with the product; permissions hang on it."""

    OPERATIONAL_MANAGER = "om"
    SENIOR_MANAGER = "sm"
    ANALYST = "analyst"
    CARE_STAFF = "staff"
    ADMINISTRATOR = "admin"


class User(Imported, Base):
    """An account. The SAP number is the login name; ``epoch`` ends its older sessions."""

    __tablename__ = "users"
    __table_args__ = (Index("idx_user_sap", "sap_number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sap_number: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="")
    role: Mapped[UserRole] = mapped_column(choice(UserRole))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    all_homes: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    must_change_password: Mapped[bool] = mapped_column(default=True)
    #: a temporary password stops working at this instant
    password_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    epoch: Mapped[int] = mapped_column(default=1)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    #: the second factor's shared secret, sealed with the installation's key; empty: none
    totp_sealed: Mapped[str] = mapped_column(String(300), default="")
    #: null while the second factor has been begun but not proved
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    #: the time step of the last code taken: a code works once
    totp_last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    staff: Mapped[Staff | None] = relationship()
    grants: Mapped[list[HomeGrant]] = relationship(cascade="all, delete-orphan")


class HomeGrant(Base):
    """A home an account may work with."""

    __tablename__ = "home_grants"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    home_id: Mapped[int] = mapped_column(
        ForeignKey("care_homes.id", ondelete="CASCADE"), primary_key=True
    )


class AuditEvent(Base):
    """Who did what, when, from where, before and after. Rows are added, never changed."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("idx_audit_at", "at"),
        Index("idx_audit_entity", "entity", "entity_id"),
        Index("idx_audit_home", "home_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(64), default="")
    action: Mapped[str] = mapped_column(String(60))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[str] = mapped_column(String(40), default="")
    home_id: Mapped[int | None] = mapped_column(ForeignKey("care_homes.id"))
    before: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    reason: Mapped[str] = mapped_column(String(500), default="")
