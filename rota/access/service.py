"""Accounts: logging in, passwords, and the actor that a session stands for.

How often somebody may guess is in :mod:`rota.access.throttle`; the second factor in
:mod:`rota.access.second_factor`; what a cookie stands for in :mod:`rota.access.sessions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from rota.access import second_factor
from rota.access.actor import Actor, system_actor
from rota.access.passwords import (
    check_strength,
    generate_password,
    hash_password,
    needs_rehash,
    verify_password,
)
from rota.access.permissions import Permission
from rota.access.sessions import begin_session, is_secret_of
from rota.access.throttle import (
    FREE_ATTEMPTS,
    Origin,
    TooManyAttempts,
    note,
    note_failure,
    refuse_while_waiting,
)
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound
from rota.models import CareHome, HomeGrant, LoginOutcome, User, UserRole, UserSession, utc_now

__all__ = [
    "FREE_ATTEMPTS", "LoggedIn", "TooManyAttempts", "actor_of", "change_account",
    "change_own_password", "check_code", "create_user", "end_sessions", "home_ids_of",
    "installation_actor", "load_session", "log_in", "reset_password", "start", "system_actor",
]  # fmt: skip

#: how long a temporary password can be used
TEMPORARY_PASSWORD_LIFE = timedelta(days=14)

ANYWHERE = Origin()
WRONG_CREDENTIALS = "That SAP number and password do not match."


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session's account as the gate needs it: who, as whom, since which epoch.

    ``needs_code``: the password was right and the second factor is still to come; this is not
    yet a session. ``must_enrol``: the role needs a second factor and has none.
    """

    actor: Actor
    epoch: int
    must_change_password: bool
    must_enrol: bool = False
    needs_code: bool = False
    session_id: int | None = None
    #: what the session's cookie holds; only where a session has just begun
    secret: str = ""
    #: (home, data version) of the actor's homes, by home; only of a session that was loaded
    data_versions: tuple[tuple[int, int], ...] = ()
    #: changes whenever the data of any home does; only of a session that was loaded
    organisation_version: int = 0


def home_ids_of(session: Session, user: User) -> frozenset[int]:
    """The homes an account may work with."""
    query = select(CareHome.id).where(CareHome.is_active)
    if not (user.all_homes or user.role == UserRole.ADMINISTRATOR):
        query = query.join(HomeGrant, HomeGrant.home_id == CareHome.id).where(
            HomeGrant.user_id == user.id
        )
    return frozenset(session.scalars(query))


def actor_of(session: Session, user: User) -> Actor:
    """The account as an actor."""
    return Actor(
        user_id=user.id,
        name=user.name,
        role=user.role,
        home_ids=home_ids_of(session, user),
        staff_id=user.staff_id,
    )


def logged_in(session: Session, user: User, **more: Any) -> LoggedIn:
    """What a session of this account is to the gate."""
    must_enrol = second_factor.is_required(user.role) and not second_factor.is_enrolled(user)
    return LoggedIn(
        actor_of(session, user), user.epoch, user.must_change_password, must_enrol, **more
    )


_any_home = aliased(CareHome)
_granted = exists().where(HomeGrant.user_id == User.id, HomeGrant.home_id == CareHome.id)
_sees = or_(User.all_homes, User.role == UserRole.ADMINISTRATOR, _granted)
#: made once: making it takes longer than asking it, and every request asks it
_OF_SESSION = (
    select(
        UserSession.secret_hash, User.id.label("user_id"), User.name, User.role,
        User.staff_id, User.epoch, User.must_change_password, User.totp_sealed,
        User.totp_confirmed_at,
        CareHome.id.label("home_id"), CareHome.data_version,
        select(func.sum(_any_home.data_version)).scalar_subquery().label("organisation_version"),
    )
    .join(User, User.id == UserSession.user_id)
    .outerjoin(CareHome, CareHome.is_active & _sees)
    .where(
        UserSession.id == bindparam("session_id"),
        UserSession.ended_at.is_(None),
        UserSession.epoch == User.epoch,
        User.is_active,
    )
    .order_by(CareHome.id)
)  # fmt: skip


def load_session(session: Session | Connection, session_id: int, secret: str) -> LoggedIn | None:
    """What a session cookie stands for now; null once it, the account or its epoch ended.

    One statement of plain columns, because every request asks it: a row for each of the
    actor's homes, with the version of its data, and one of the whole organisation's.
    """
    rows = session.execute(_OF_SESSION, {"session_id": session_id}).all()
    if not rows or not is_secret_of(rows[0].secret_hash, secret):
        return None
    user = rows[0]
    versions = tuple((row.home_id, row.data_version) for row in rows if row.home_id is not None)
    homes = frozenset(home_id for home_id, _ in versions)
    return LoggedIn(
        Actor(user.user_id, user.name, user.role, homes, user.staff_id),
        user.epoch,
        user.must_change_password,
        # the row has the account's columns that are asked about
        second_factor.is_required(user.role) and not second_factor.is_enrolled(cast(User, user)),
        session_id=session_id,
        data_versions=versions,
        organisation_version=user.organisation_version or 0,
    )


def log_in(uow: UnitOfWork, sap_number: str, password: str, origin: Origin = ANYWHERE) -> LoggedIn:
    """Check the credentials; commits its own bookkeeping of failures.

    Raises :class:`InvalidInput` with one wording for unknown accounts, wrong, expired or
    deactivated ones, and :class:`TooManyAttempts` while the account or address waits. The
    answer is no session yet: see :func:`start`, after :func:`check_code` if it is needed.
    """
    now = utc_now()
    sap_number = sap_number.strip()
    user = uow.session.scalar(select(User).where(User.sap_number == sap_number))
    refuse_while_waiting(uow, user, sap_number, origin, now)
    stored = user.password_hash if user is not None else None
    # the hash takes a while: do not hold a transaction (SQLite: every writer) for it
    uow.session.rollback()
    right = verify_password(stored, password)
    user = uow.session.scalar(select(User).where(User.sap_number == sap_number))
    usable = (
        user is not None
        and user.is_active
        and not (user.password_expires_at is not None and user.password_expires_at < now)
    )
    if user is None or not right or not usable:
        note_failure(uow, user, sap_number, origin, now)
        raise InvalidInput(WRONG_CREDENTIALS)
    if needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    if second_factor.is_enrolled(user):
        # not in yet: failures of the code go on counting from those of the password
        uow.commit()
        return logged_in(uow.session, user, needs_code=True)
    return _is_in(uow, user, origin, now)


def check_code(
    uow: UnitOfWork, user_id: int, epoch: int, code: str, origin: Origin = ANYWHERE
) -> LoggedIn:
    """The second step of a login: a code of the app or a recovery code.

    Raises :class:`InvalidInput` and :class:`TooManyAttempts` like :func:`log_in`.
    """
    user = uow.session.get(User, user_id)
    if user is None or not user.is_active or user.epoch != epoch:
        raise InvalidInput(WRONG_CREDENTIALS)
    uow.actor = actor_of(uow.session, user)
    second_factor.check_throttled(uow, user, code, origin)
    return _is_in(uow, user, origin, utc_now())


def _is_in(uow: UnitOfWork, user: User, origin: Origin, now: datetime) -> LoggedIn:
    user.failed_logins = 0
    user.locked_until = None
    user.last_login_at = now
    uow.actor = actor_of(uow.session, user)
    note(uow, user, user.sap_number, origin, LoginOutcome.OK, now)
    uow.audit("log in", "user", user.id)
    uow.commit()
    return logged_in(uow.session, user)


def start(uow: UnitOfWork, login: LoggedIn, *, address: str, user_agent: str) -> LoggedIn:
    """Begin the session of somebody who has just proved who they are."""
    user = _account(uow.session, login.actor.user_id)
    session_id, secret = begin_session(uow, user, address=address, user_agent=user_agent)
    return logged_in(uow.session, user, session_id=session_id, secret=secret)


def change_own_password(uow: UnitOfWork, current: str, new: str) -> LoggedIn:
    """Change the actor's password and end every other session of the account."""
    uow.actor.require(Permission.VIEW_ACCOUNT)
    user = _account(uow.session, uow.actor.user_id)
    if not verify_password(user.password_hash, current):
        raise InvalidInput("The current password is not right.")
    if new == current:
        raise InvalidInput("The new password must differ from the current one.")
    check_strength(new, name=user.name, sap_number=user.sap_number)
    user.password_hash = hash_password(new)
    user.must_change_password = False
    user.password_expires_at = None
    user.epoch += 1
    uow.audit("change password", "user", user.id)
    return logged_in(uow.session, user)


def end_sessions(uow: UnitOfWork, user_id: int) -> None:
    """End every session of an account (one's own, or anybody's as administrator)."""
    if user_id != uow.actor.user_id:
        uow.actor.require(Permission.ADMINISTER)
    _account(uow.session, user_id).epoch += 1
    uow.audit("end sessions", "user", user_id)


def create_user(
    uow: UnitOfWork,
    *,
    sap_number: str,
    name: str,
    role: UserRole,
    email: str = "",
    staff_id: int | None = None,
    home_ids: frozenset[int] = frozenset(),
    all_homes: bool = False,
    password: str | None = None,
) -> tuple[User, str]:
    """Create an account; gives it and its password in clear, to be shown once.

    Without ``password`` a temporary one is made that must be changed at the first login.
    """
    uow.actor.require(Permission.ADMINISTER)
    sap_number, name = sap_number.strip(), name.strip()
    if not sap_number or not name:
        raise InvalidInput("An account needs a SAP number and a name.")
    if uow.session.scalar(select(User.id).where(User.sap_number == sap_number)):
        raise Conflict(f"There is already an account {sap_number}.")
    if password is not None:
        check_strength(password, name=name, sap_number=sap_number)
    clear = password or generate_password()
    user = User(
        sap_number=sap_number,
        name=name,
        email=email,
        role=role,
        staff_id=staff_id,
        all_homes=all_homes,
        password_hash=hash_password(clear),
        must_change_password=password is None,
        password_expires_at=None if password else utc_now() + TEMPORARY_PASSWORD_LIFE,
        grants=[HomeGrant(home_id=home_id) for home_id in sorted(home_ids)],
    )
    uow.session.add(user)
    uow.session.flush()
    uow.audit("create", "user", user.id, after={"sap_number": sap_number, "role": role.value})
    return user, clear


def reset_password(uow: UnitOfWork, user_id: int) -> str:
    """Give an account a new temporary password (in clear, shown once); ends its sessions."""
    uow.actor.require(Permission.ADMINISTER)
    user = _account(uow.session, user_id)
    clear = generate_password()
    user.password_hash = hash_password(clear)
    user.must_change_password = True
    user.password_expires_at = utc_now() + TEMPORARY_PASSWORD_LIFE
    user.failed_logins = 0
    user.locked_until = None
    user.epoch += 1
    uow.audit("reset password", "user", user.id)
    return clear


def change_account(
    uow: UnitOfWork,
    user_id: int,
    *,
    role: UserRole,
    is_active: bool,
    all_homes: bool,
    home_ids: frozenset[int],
) -> User:
    """Change what an account may do; takes effect on its next request."""
    uow.actor.require(Permission.ADMINISTER)
    user = _account(uow.session, user_id)
    if user.id == uow.actor.user_id and (not is_active or role != user.role):
        raise InvalidInput("You cannot take your own account away; ask another administrator.")
    before = {"role": user.role.value, "active": user.is_active, "all_homes": user.all_homes}
    user.role, user.is_active, user.all_homes = role, is_active, all_homes
    user.grants = [HomeGrant(user_id=user.id, home_id=home_id) for home_id in sorted(home_ids)]
    user.epoch += 1
    after = {"role": role.value, "active": is_active, "homes": sorted(home_ids)}
    uow.audit("change", "user", user.id, before=before, after=after)
    return user


def _account(session: Session, user_id: int | None) -> User:
    user = session.get(User, user_id) if user_id is not None else None
    if user is None:
        raise NotFound("There is no such account.")
    return user


def installation_actor(session: Session, name: str = "Installation") -> Actor:
    """The installation itself acting on every home (command line, schedules, jobs)."""
    return system_actor(name, frozenset(session.scalars(select(CareHome.id))))
