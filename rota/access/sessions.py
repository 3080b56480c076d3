"""Sessions: a row for each browser that is logged in, which its owner can end."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import NotFound
from rota.models import User, UserSession, utc_now

#: how exactly "last seen" is kept: a write for every request would cost more than it tells
SEEN_EVERY = timedelta(minutes=10)
#: a row is of no use to anybody after this
KEPT = timedelta(days=90)

_SYSTEMS = (
    ("iPad", "iPad"), ("iPhone", "iPhone"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as its owner sees it."""

    id: int
    device: str
    address: str
    started_at: datetime
    seen_at: datetime
    is_this: bool


def device_words(user_agent: str) -> str:
    """Browser and system in words; nothing that would tell two phones of a kind apart."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next(
        (name for mark, name in _SYSTEMS if re.search(rf"\b{re.escape(mark)}", user_agent)), ""
    )
    return " on ".join(part for part in (browser, system) if part) or "Unknown device"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_session(uow: UnitOfWork, user: User, *, address: str, user_agent: str) -> tuple[int, str]:
    """A new session of an account: its id and the secret for the cookie (never stored)."""
    secret = secrets.token_urlsafe(24)
    row = UserSession(
        user_id=user.id, secret_hash=_hash(secret), epoch=user.epoch,
        device=device_words(user_agent), address=address[:64],
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    return row.id, secret


def is_secret_of(secret_hash: str, secret: str) -> bool:
    """Whether a cookie's secret is the one that was stored, in constant time."""
    return hmac.compare_digest(secret_hash, _hash(secret))


def note_seen(uow: UnitOfWork, session_id: int) -> None:
    """Write down that a session is in use."""
    uow.session.execute(
        update(UserSession).where(UserSession.id == session_id).values(seen_at=utc_now())
    )


def own_sessions(
    session: Session, user_id: int, this: int | None, idle: timedelta
) -> list[SessionView]:
    """The account's living sessions, this one first, then the last used."""
    epoch = select(User.epoch).where(User.id == user_id).scalar_subquery()
    rows = session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.ended_at.is_(None),
            UserSession.epoch == epoch,
            UserSession.seen_at > utc_now() - idle - SEEN_EVERY,
        )
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
    ).all()
    views = [
        SessionView(row.id, row.device, row.address, row.started_at, row.seen_at, row.id == this)
        for row in rows
    ]
    return sorted(views, key=lambda view: not view.is_this)


def end_session(uow: UnitOfWork, session_id: int) -> None:
    """End one of one's own sessions (anybody's as administrator). Copies of its cookie die too.

    Raises :class:`NotFound` for a session that is somebody else's or was never there.
    """
    uow.actor.require(Permission.VIEW_ACCOUNT)
    row = uow.session.get(UserSession, session_id)
    if row is None or (
        row.user_id != uow.actor.user_id and not uow.actor.may(Permission.ADMINISTER)
    ):
        raise NotFound("There is no such session.", hint="It may have ended by itself.")
    row.ended_at = row.ended_at or utc_now()
    uow.audit("end session", "user", row.user_id)


def prune(uow: UnitOfWork) -> int:
    """Delete sessions nobody can use any more; gives how many."""
    gone = uow.session.execute(delete(UserSession).where(UserSession.seen_at < utc_now() - KEPT))
    return int(gone.rowcount or 0)  # type: ignore[attr-defined]
