"""Tokens of the data interface: made, shown once, used, limited, revoked; all on the record.

A token reads and never writes. It can be no more than its owner is at that moment, is cut to the
homes it was made for, and is anonymous unless its owner may see people and asked for them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, or_, select, update
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.service import actor_of
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.models import ApiToken, User, UserRole, utc_now

PREFIX = "rota_"
LONGEST_LIFE_DAYS = 366
MOST_TOKENS = 20
#: requests a token may make within a window
WINDOW = timedelta(minutes=1)
MOST_REQUESTS = 120


class Unauthorised(NotAllowed):
    """There is no such token any more, or there never was: one wording for all of it."""

    http_status = 401


class TooManyRequests(NotAllowed):
    """The token has used up its window."""

    http_status = 429


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it; the token itself is nowhere."""

    id: int
    name: str
    owner: str
    hint: str
    home_ids: tuple[int, ...] | None
    is_anonymous: bool
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    @property
    def is_valid(self) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and self.expires_at > utc_now()


def create_token(
    uow: UnitOfWork,
    name: str,
    *,
    days: int = 90,
    home_ids: Collection[int] | None = None,
    is_anonymous: bool = True,
) -> tuple[ApiToken, str]:
    """Make a token for the actor; gives it and its text, which is shown once.

    Raises :class:`NotAllowed` for homes or names of people that the actor may not see,
    :class:`InvalidInput` for a name or a life that makes no sense.
    """
    uow.actor.require(Permission.EXPORT_DATA)
    if uow.actor.user_id is None:
        raise NotAllowed("A token belongs to an account.")
    for home_id in home_ids or ():
        uow.actor.require(Permission.EXPORT_DATA, home_id)
    if not is_anonymous:
        uow.actor.require(Permission.VIEW_CONTACTS)
    name = name.strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise InvalidInput("A token needs a name of at most 80 characters.")
    if not 1 <= days <= LONGEST_LIFE_DAYS:
        raise InvalidInput(f"A token lives from 1 to {LONGEST_LIFE_DAYS} days.")
    mine = [row for row in tokens(uow.session, uow.actor) if row.is_valid]
    if len(mine) >= MOST_TOKENS:
        raise InvalidInput(f"You have {MOST_TOKENS} tokens.", hint="Revoke one you do not need.")
    clear = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        user_id=uow.actor.user_id, name=name, token_hash=_hash(clear), hint=clear[:10],
        home_ids=sorted(set(home_ids)) if home_ids else None, is_anonymous=is_anonymous,
        expires_at=utc_now() + timedelta(days=days),
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    uow.audit(
        "create token", "api_token", row.id,
        after={"name": name, "homes": row.home_ids, "anonymous": is_anonymous, "days": days},
    )  # fmt: skip
    return row, clear


def tokens(session: Session, actor: Actor) -> list[TokenRow]:
    """The actor's tokens, newest first; everybody's for an administrator."""
    actor.require(Permission.EXPORT_DATA)
    query = (
        select(ApiToken, User.name)
        .join(User, User.id == ApiToken.user_id)
        .order_by(ApiToken.id.desc())
    )
    if not actor.may(Permission.ADMINISTER):
        query = query.where(ApiToken.user_id == (actor.user_id or 0))
    return [
        TokenRow(
            row.id, row.name, owner, row.hint,
            tuple(row.home_ids) if row.home_ids is not None else None, row.is_anonymous,
            row.created_at, row.expires_at, row.revoked_at, row.last_used_at,
        )
        for row, owner in session.execute(query)
    ]  # fmt: skip


def revoke_token(uow: UnitOfWork, token_id: int) -> None:
    """Close a token, one's own or (as administrator) anybody's, from the next request on."""
    uow.actor.require(Permission.EXPORT_DATA)
    row = uow.session.get(ApiToken, token_id)
    if row is None or (
        row.user_id != uow.actor.user_id and not uow.actor.may(Permission.ADMINISTER)
    ):
        raise NotFound("There is no such token.")
    if row.revoked_at is None:
        row.revoked_at = utc_now()
        uow.audit("revoke token", "api_token", row.id)


def use_token(uow: UnitOfWork, clear: str, request: str) -> Actor:
    """Who a token stands for in this request; commits its counting and the audit line.

    The actor is an analyst (nothing else reads) unless the token shows people. Raises
    :class:`Unauthorised` and :class:`TooManyRequests`.
    """
    now = utc_now()
    row = None
    if clear.startswith(PREFIX) and len(clear) <= 80:
        row = uow.session.scalar(select(ApiToken).where(ApiToken.token_hash == _hash(clear)))
    if row is None or row.revoked_at is not None or row.expires_at <= now or not row.user.is_active:
        raise Unauthorised("This token is not valid.", hint="Make a new one on the data page.")
    owner = actor_of(uow.session, row.user)
    if not owner.may(Permission.EXPORT_DATA):
        raise Unauthorised("This token is not valid.", hint="Make a new one on the data page.")
    _count(uow, row, now)
    homes = owner.home_ids if row.home_ids is None else owner.home_ids & set(row.home_ids)
    shows_people = not row.is_anonymous and owner.may(Permission.VIEW_CONTACTS)
    uow.actor = owner
    uow.audit("read data", "api_token", row.id, after={"request": request[:300]})
    uow.commit()
    return Actor(
        user_id=owner.user_id, name=f"{owner.name} (token {row.name})",
        role=owner.role if shows_people else UserRole.ANALYST, home_ids=homes,
    )  # fmt: skip


def _count(uow: UnitOfWork, row: ApiToken, now: datetime) -> None:
    """Count a request in the database itself, so that every process counts alike."""
    begins = or_(ApiToken.window_started_at.is_(None), ApiToken.window_started_at <= now - WINDOW)
    counted = uow.session.execute(
        update(ApiToken)
        .where(ApiToken.id == row.id, or_(begins, ApiToken.window_requests < MOST_REQUESTS))
        .values(
            window_requests=case((begins, 1), else_=ApiToken.window_requests + 1),
            window_started_at=case((begins, now), else_=ApiToken.window_started_at),
            last_used_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    if not counted.rowcount:  # type: ignore[attr-defined]
        raise TooManyRequests(
            f"A token may make {MOST_REQUESTS} requests a minute.", hint="Wait a minute."
        )


def _hash(clear: str) -> str:
    return hashlib.sha256(clear.encode()).hexdigest()
