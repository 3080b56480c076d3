"""Invitations: how somebody gets into a new account without a password that can be guessed.

The token is random, works once and until it expires; the database keeps its hash. It stands in
the fragment of the link (``#…``), which browsers send to no server: it is in no access log.
The outbox must hold the message until it has left; its text is wiped as soon as the
invitation is used, revoked or replaced.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.passwords import check_strength, hash_password
from rota.access.permissions import ROLE_NAMES, Permission
from rota.access.quick_reference import quick_reference
from rota.access.service import LoggedIn, actor_of, logged_in
from rota.calendar import date_text, local_day
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.mail.service import Attachment, queue_template
from rota.models import (
    CareHome,
    HomeGrant,
    Invitation,
    MailState,
    OutboxMessage,
    Role,
    Staff,
    User,
    UserRole,
    utc_now,
)
from rota.settings import get_settings

LIFE = timedelta(days=7)
KIND = "welcome"
NO_LONGER = "This invitation does not work (any more)."
#: roles on the payroll that manage; everybody else who works is care staff
MANAGING = {
    "OM": UserRole.OPERATIONAL_MANAGER,
    "SM": UserRole.SENIOR_MANAGER,
    "HOS": UserRole.SENIOR_MANAGER,
}
_WIPED = "(The invitation was used, replaced or revoked; its text has been deleted.)"


class InvitationState(StrEnum):
    """Where an invitation stands; what became of its message included."""

    NONE = "Not invited"
    WAITING = "Message waits"
    SENT = "Invited"
    FAILED = "Message failed"
    BOUNCED = "Message came back"
    NO_ADDRESS = "No mail address"
    EXPIRED = "Expired"
    REVOKED = "Revoked"
    USED = "Accepted"


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation; ``token`` is shown or sent once and kept nowhere."""

    user_id: int
    sap_number: str
    name: str
    token: str
    mailed: bool


@dataclass(frozen=True, slots=True)
class InvitationView:
    """The latest invitation of an account."""

    state: InvitationState
    expires_at: datetime | None = None
    error: str = ""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(uow: UnitOfWork, user_id: int) -> Invited:
    """Invite an account's owner (again): earlier invitations stop working.

    Mails it when the account has an address; the caller may show the token otherwise.
    Raises :class:`NotFound`, :class:`InvalidInput` for a closed account.
    """
    uow.actor.require(Permission.ADMINISTER)
    user = uow.session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    if not user.is_active:
        raise InvalidInput("This account is closed.", hint="Open it before inviting.")
    _end_earlier(uow, user_id)
    token = secrets.token_urlsafe(24)
    invitation = Invitation(
        user_id=user_id, token_hash=_hash(token), created_by_id=uow.actor.user_id,
        expires_at=utc_now() + LIFE,
    )  # fmt: skip
    uow.session.add(invitation)
    uow.session.flush()
    mailed = bool(user.email)
    if mailed:
        _mail(uow, user, invitation, token)
    uow.audit("invite", "user", user_id, after={"mailed": mailed})
    return Invited(user_id, user.sap_number, user.name, token, mailed)


def _mail(uow: UnitOfWork, user: User, invitation: Invitation, token: str) -> None:
    site = get_settings().site_url.rstrip("/")
    homes = sorted(
        uow.session.scalars(
            select(CareHome.name)
            .join(HomeGrant, HomeGrant.home_id == CareHome.id)
            .where(HomeGrant.user_id == user.id)
        )
    )
    values = {
        "name": user.name, "role": ROLE_NAMES[user.role], "sap_number": user.sap_number,
        "homes": "all homes" if user.all_homes else ", ".join(homes) or "no home yet",
        "link": f"{site}/accounts/invitation/#{token}" if site else "", "code": token,
        "expires": date_text(local_day(invitation.expires_at)),
    }  # fmt: skip
    sheet = Attachment("first-steps.pdf", quick_reference(user.role), "application/pdf")
    queue_template(
        uow, KIND, values, to=user.email, attachments=[sheet], about=f"invitation:{invitation.id}"
    )


def revoke(uow: UnitOfWork, user_id: int) -> None:
    """Make an account's invitation useless. Raises :class:`NotFound` when there is none."""
    uow.actor.require(Permission.ADMINISTER)
    if not _end_earlier(uow, user_id):
        raise NotFound("There is no invitation to revoke.")
    uow.audit("revoke invitation", "user", user_id)


def _end_earlier(uow: UnitOfWork, user_id: int) -> int:
    ids = uow.session.scalars(
        select(Invitation.id).where(
            Invitation.user_id == user_id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
    ).all()
    uow.session.execute(
        update(Invitation).where(Invitation.id.in_(ids)).values(revoked_at=utc_now())
    )
    _wipe(uow, ids)
    return len(ids)


def _wipe(uow: UnitOfWork, invitation_ids: Sequence[int]) -> None:
    """Delete the text of messages that held a token; one that has not left, leaves no more."""
    about = [f"invitation:{each}" for each in invitation_ids]
    mine = OutboxMessage.about.in_(about)
    uow.session.execute(update(OutboxMessage).where(mine).values(text=_WIPED, html=None))
    uow.session.execute(
        update(OutboxMessage)
        .where(mine, OutboxMessage.state == MailState.QUEUED)
        .values(state=MailState.FAILED, error="The invitation was replaced or revoked.")
    )


def accept(uow: UnitOfWork, token: str, password: str) -> LoggedIn:
    """Choose the account's password by a valid invitation; it is then used up.

    Raises :class:`InvalidInput` with one wording for any token that does not work, and for a
    password that does not do.
    """
    now = utc_now()
    token = token.strip()
    if not 20 <= len(token) <= 100 or not token.isascii():
        raise InvalidInput(NO_LONGER, hint="Ask your administrator for a new one.")
    invitation = uow.session.scalar(select(Invitation).where(Invitation.token_hash == _hash(token)))
    user = uow.session.get(User, invitation.user_id) if invitation is not None else None
    if invitation is None or user is None or not user.is_active:
        raise InvalidInput(NO_LONGER, hint="Ask your administrator for a new one.")
    check_strength(password, name=user.name, sap_number=user.sap_number)
    # decided by the database: sent twice at once, it works once
    used = uow.session.execute(
        update(Invitation)
        .where(
            Invitation.id == invitation.id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        raise InvalidInput(NO_LONGER, hint="Ask your administrator for a new one.")
    user.password_hash = hash_password(password)
    user.must_change_password = False
    user.password_expires_at = None
    user.failed_logins, user.locked_until = 0, None
    user.epoch += 1
    user.last_login_at = now
    uow.actor = actor_of(uow.session, user)
    _wipe(uow, [invitation.id])
    uow.audit("accept invitation", "user", user.id)
    return logged_in(uow.session, user)


def states(session: Session, actor: Actor, user_ids: Sequence[int]) -> dict[int, InvitationView]:
    """How the latest invitation of each account stands. Two statements."""
    actor.require(Permission.ADMINISTER)
    latest: dict[int, Invitation] = {}
    for row in session.scalars(
        select(Invitation).where(Invitation.user_id.in_(user_ids)).order_by(Invitation.id)
    ):
        latest[row.user_id] = row
    about = {f"invitation:{row.id}": row.user_id for row in latest.values()}
    mails = {
        about[mail.about]: mail
        for mail in session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.kind == KIND, OutboxMessage.about.in_(sorted(about)))
            .order_by(OutboxMessage.id)
        )
    }
    return {user: _state(row, mails.get(user)) for user, row in latest.items()}


def _state(row: Invitation, mail: OutboxMessage | None) -> InvitationView:
    if row.used_at is not None:
        return InvitationView(InvitationState.USED)
    if row.revoked_at is not None:
        return InvitationView(InvitationState.REVOKED)
    if row.expires_at < utc_now():
        return InvitationView(InvitationState.EXPIRED, row.expires_at)
    if mail is None:
        return InvitationView(InvitationState.NO_ADDRESS, row.expires_at)
    by_mail = {
        MailState.SENT: InvitationState.SENT,
        MailState.FAILED: InvitationState.FAILED,
        MailState.BOUNCED: InvitationState.BOUNCED,
    }
    state = by_mail.get(mail.state, InvitationState.WAITING)
    return InvitationView(state, row.expires_at, mail.error)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made from a staff record."""

    staff_id: int
    sap_number: str
    name: str
    email: str
    role: UserRole
    home_id: int | None


def missing_accounts(
    session: Session, actor: Actor, *, all_staff: bool = False
) -> list[NewAccount]:
    """Active staff without an account: managers, or everybody if asked for."""
    actor.require(Permission.ADMINISTER)
    known = select(User.sap_number)
    query = (
        select(Staff, Role.code)
        .join(Role, Role.id == Staff.role_id)
        .where(Staff.is_active, Staff.sap_number.not_in(known))
        .order_by(Staff.sap_number)
    )
    if not all_staff:
        query = query.where(Role.code.in_(sorted(MANAGING)))
    return [
        NewAccount(
            person.id, person.sap_number, person.name, person.email,
            MANAGING.get(code, UserRole.CARE_STAFF), person.home_id,
        )
        for person, code in session.execute(query)
    ]  # fmt: skip


def create_invited(uow: UnitOfWork, new: NewAccount) -> Invited:
    """Make an account without any password, for its owner's home, and invite the owner."""
    uow.actor.require(Permission.ADMINISTER)
    user = User(
        sap_number=new.sap_number, name=new.name, email=new.email, role=new.role,
        staff_id=new.staff_id, password_hash="", must_change_password=True,
        grants=[HomeGrant(home_id=new.home_id)] if new.home_id is not None else [],
    )  # fmt: skip
    uow.session.add(user)
    uow.session.flush()
    uow.audit(
        "create", "user", user.id, after={"sap_number": new.sap_number, "role": new.role.value}
    )
    return invite(uow, user.id)
