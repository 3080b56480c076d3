"""Reads for administrators: accounts and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from rota.access.actor import Actor
from rota.access.permissions import ROLE_NAMES, Permission
from rota.errors import NotFound
from rota.models import AuditEvent, CareHome, User, UserRole, utc_now


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as the administrator sees it; never its hash."""

    id: int
    sap_number: str
    name: str
    email: str
    role: UserRole
    all_homes: bool
    home_ids: frozenset[int]
    is_active: bool
    must_change_password: bool
    is_locked: bool
    last_login_at: datetime | None

    @property
    def role_name(self) -> str:
        """The role in plain words."""
        return ROLE_NAMES[self.role]


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit trail."""

    at: datetime
    actor: str
    source: str
    action: str
    entity: str
    entity_id: str
    home: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str


def accounts(
    session: Session, actor: Actor, *, search: str = "", limit: int = 200
) -> list[AccountView]:
    """Accounts whose SAP number or name contains ``search``, managers first. Two statements."""
    actor.require(Permission.ADMINISTER)
    query = select(User).options(selectinload(User.grants))
    if search:
        pattern = f"%{_escaped(search.lower())}%"
        query = query.where(
            or_(
                func.lower(User.sap_number).like(pattern, escape="\\"),
                func.lower(User.name).like(pattern, escape="\\"),
            )
        )
    staff_last = case((User.role == UserRole.CARE_STAFF, 1), else_=0)
    rows = session.scalars(query.order_by(staff_last, User.name, User.id).limit(limit))
    return [_account(user) for user in rows]


def account(session: Session, actor: Actor, user_id: int) -> AccountView:
    """One account. Raises :class:`NotFound`."""
    actor.require(Permission.ADMINISTER)
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    return _account(user)


def _account(user: User) -> AccountView:
    return AccountView(
        id=user.id,
        sap_number=user.sap_number,
        name=user.name,
        email=user.email,
        role=user.role,
        all_homes=user.all_homes or user.role == UserRole.ADMINISTRATOR,
        home_ids=frozenset(grant.home_id for grant in user.grants),
        is_active=user.is_active,
        must_change_password=user.must_change_password,
        is_locked=user.locked_until is not None and user.locked_until > utc_now(),
        last_login_at=user.last_login_at,
    )


def audit_trail(
    session: Session, actor: Actor, *, search: str = "", limit: int = 100
) -> list[AuditLine]:
    """The newest audit lines of the actor's homes (and of none), newest first."""
    actor.require(Permission.VIEW_AUDIT)
    query = (
        select(AuditEvent, CareHome.name)
        .outerjoin(CareHome, CareHome.id == AuditEvent.home_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    if not actor.may(Permission.ADMINISTER):
        query = query.where(AuditEvent.home_id.in_(sorted(actor.home_ids)))
    if search:
        pattern = f"%{_escaped(search.lower())}%"
        query = query.where(
            or_(
                *(
                    func.lower(column).like(pattern, escape="\\")
                    for column in (AuditEvent.actor, AuditEvent.action, AuditEvent.entity)
                )
            )
        )
    return [
        AuditLine(
            event.at, event.actor, event.source, event.action, event.entity, event.entity_id,
            home or "", event.before, event.after, event.reason,
        )
        for event, home in session.execute(query)
    ]  # fmt: skip


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
