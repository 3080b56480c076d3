"""What guards accounts: sessions, recovery codes, invitations and the record of logins."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.access import User
from rota.models.base import Base, UtcDateTime, choice, utc_now


class UserSession(Base):
    """A browser that is logged in. Its cookie holds a secret of which only the hash is here."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("idx_session_user", "user_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    secret_hash: Mapped[str] = mapped_column(String(64))
    #: the account's epoch when it began; a later epoch ends it
    epoch: Mapped[int]
    #: browser and system in words ("Firefox on Android"), never the whole header
    device: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    user: Mapped[User] = relationship()


class RecoveryCode(Base):
    """A code that stands in once for a lost second factor."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("idx_recovery_user", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class LoginOutcome(StrEnum):
    """How an attempt to log in ended."""

    OK = "ok"
    WRONG = "wrong"
    WRONG_CODE = "wrong_code"
    WAITING = "waiting"


class LoginAttempt(Base):
    """One attempt to log in. What was typed is kept only as a keyed hash: it may be a password
    in the wrong field, or somebody's number."""

    __tablename__ = "login_attempts"
    __table_args__ = (
        Index("idx_login_attempt_at", "at"),
        Index("idx_login_attempt_address", "address", "at"),
        Index("idx_login_attempt_device", "device", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
    typed_hash: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(64), default="")
    #: a browser that this account logged in from before; empty for any other
    device: Mapped[str] = mapped_column(String(32), default="")
    outcome: Mapped[LoginOutcome] = mapped_column(choice(LoginOutcome))


class Invitation(Base):
    """A way in for a new account, usable once until it expires. Only the token's hash is kept."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index("idx_invitation_user", "user_id", "created_at"),
        Index("idx_invitation_token", "token_hash", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    created_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    user: Mapped[User] = relationship(foreign_keys=[user_id])
