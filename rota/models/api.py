"""What leaves to other programs, and what analysts keep: tokens and saved views."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.access import User
from rota.models.base import Base, Json, UtcDateTime, utc_now


class ApiToken(Base):
    """A key to the data interface. Only its hash is kept; it can never be more than its owner."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    #: SHA-256 of the whole token in hexadecimal: it is 256 random bits, nothing to guess
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: the first characters, by which people tell tokens apart
    hint: Mapped[str] = mapped_column(String(16))
    #: null: every home its owner works with
    home_ids: Mapped[list[int] | None] = mapped_column(Json, default=None)
    is_anonymous: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    #: requests within the window that began then
    window_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    window_requests: Mapped[int] = mapped_column(default=0)

    user: Mapped[User] = relationship()


class SavedView(Base):
    """A screen somebody keeps under a name: its address within the site."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(500))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
