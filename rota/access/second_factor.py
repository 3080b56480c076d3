"""The second factor: codes of an authenticator app (RFC 6238), and codes for when it is lost.

The shared secret is stored sealed with a key derived from SECRET_KEY: a stolen copy of the
database opens no account. Recovery codes are random and kept as hashes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.access.throttle import Origin, note_failure, refuse_while_waiting
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.models import LoginOutcome, RecoveryCode, User, UserRole, utc_now
from rota.settings import get_settings

ISSUER = "Staff Rota"
STEP_SECONDS = 30
#: clocks may differ by this many steps either way
TOLERANCE_STEPS = 1
RECOVERY_CODES = 10
WRONG_CODE = "That code is not right, or it was used already."
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def is_required(role: UserRole) -> bool:
    """Whether an account of this role must have a second factor."""
    return role == UserRole.ADMINISTRATOR


def is_enrolled(user: User) -> bool:
    """Whether a code is asked for at login."""
    return bool(user.totp_sealed) and user.totp_confirmed_at is not None


def _box(key: str) -> Fernet:
    derived = hashlib.blake2b(key.encode(), digest_size=32, person=b"rota-totp").digest()
    return Fernet(base64.urlsafe_b64encode(derived))


def seal(secret: str, key: str | None = None) -> str:
    """The secret as it is stored; ``key`` is SECRET_KEY unless another is given."""
    return _box(key or get_settings().signing_key).encrypt(secret.encode()).decode()


def _secret_of(user: User) -> str:
    try:
        return _box(get_settings().signing_key).decrypt(user.totp_sealed.encode()).decode()
    except InvalidToken:
        # SECRET_KEY was changed: recovery codes still work, and an administrator can reset
        return ""


def begin(uow: UnitOfWork) -> tuple[str, str]:
    """A secret for the actor's app, as text and as an ``otpauth:`` address; not yet in force.

    Asked again before it is proved, it gives the same secret, so that a reloaded page still
    fits the app. Raises :class:`InvalidInput` when a second factor is in force.
    """
    user = _own(uow)
    if is_enrolled(user):
        raise InvalidInput("A second factor is set up already.", hint="Remove it first.")
    secret = _secret_of(user) if user.totp_sealed else ""
    if not secret:
        secret = pyotp.random_base32()
        user.totp_sealed = seal(secret)
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.sap_number, issuer_name=ISSUER)


def confirm(uow: UnitOfWork, code: str) -> list[str]:
    """Put the second factor in force with a first code; gives recovery codes, shown once.

    Raises :class:`InvalidInput` for a wrong code.
    """
    user = _own(uow)
    if not user.totp_sealed or is_enrolled(user):
        raise InvalidInput("There is nothing to confirm.", hint="Set up the second factor first.")
    if not _take_code(uow, user, code):
        raise InvalidInput(WRONG_CODE, hint="Check that the clock of your phone is right.")
    user.totp_confirmed_at = utc_now()
    uow.audit("set up second factor", "user", user.id)
    return _new_codes(uow, user)


@dataclass(frozen=True, slots=True)
class FactorStatus:
    """What the owner of an account sees of its second factor."""

    sap_number: str
    is_enrolled: bool
    is_required: bool
    recovery_codes_left: int


def status(session: Session, user_id: int) -> FactorStatus:
    """How an account stands. Raises :class:`NotFound`."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    left = session.scalar(
        select(func.count(RecoveryCode.id)).where(
            RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
        )
    )
    return FactorStatus(user.sap_number, is_enrolled(user), is_required(user.role), left or 0)


def remove(uow: UnitOfWork, code: str) -> None:
    """Take the actor's own second factor away, against a code.

    Where the role requires one, another must be set up before anything else is possible: this
    is also how one changes to another phone. Raises :class:`InvalidInput` for a wrong code.
    """
    user = _own(uow)
    check_throttled(uow, user, code)
    _forget(uow, user)
    uow.audit("remove second factor", "user", user.id)


def reset(uow: UnitOfWork, user_id: int) -> None:
    """Take anybody's second factor away (a lost phone); ends the account's sessions."""
    uow.actor.require(Permission.ADMINISTER)
    user = uow.session.get(User, user_id)
    if user is None:
        raise InvalidInput("There is no such account.")
    _forget(uow, user)
    user.epoch += 1
    uow.audit("reset second factor", "user", user.id)


def _forget(uow: UnitOfWork, user: User) -> None:
    user.totp_sealed, user.totp_confirmed_at, user.totp_last_step = "", None, 0
    uow.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def check(uow: UnitOfWork, user: User, code: str) -> None:
    """Take a code of the app, or one recovery code. Raises :class:`InvalidInput`."""
    if not (_take_code(uow, user, code) or _take_recovery_code(uow, user, code)):
        raise InvalidInput(WRONG_CODE)


def check_throttled(uow: UnitOfWork, user: User, code: str, origin: Origin | None = None) -> None:
    """Like :func:`check`, throttled and on record like a password; commits a failure."""
    origin = origin or Origin()
    now = utc_now()
    refuse_while_waiting(uow, user, user.sap_number, origin, now)
    try:
        check(uow, user, code)
    except InvalidInput:
        uow.session.rollback()
        user = uow.session.get_one(User, user.id)
        note_failure(uow, user, user.sap_number, origin, now, LoginOutcome.WRONG_CODE)
        raise


def _take_code(uow: UnitOfWork, user: User, code: str) -> bool:
    """Whether the code is one of now and was not used; it is then used."""
    digits = "".join(code.split())
    secret = _secret_of(user)
    if not secret or len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return False
    totp, now = pyotp.TOTP(secret), int(time.time()) // STEP_SECONDS
    for step in range(now - TOLERANCE_STEPS, now + TOLERANCE_STEPS + 1):
        if step > user.totp_last_step and hmac.compare_digest(totp.generate_otp(step), digits):
            # decided by the database: the same code sent twice at once works once
            taken = uow.session.execute(
                update(User)
                .where(User.id == user.id, User.totp_last_step < step)
                .values(totp_last_step=step)
            )
            uow.session.refresh(user, ["totp_last_step"])
            return bool(taken.rowcount)  # type: ignore[attr-defined]
    return False


def _hash(code: str) -> str:
    plain = "".join(c for c in code.casefold() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _take_recovery_code(uow: UnitOfWork, user: User, code: str) -> bool:
    if len(code) > 40:
        return False
    taken = uow.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=utc_now())
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        return False
    uow.audit("use recovery code", "user", user.id)
    return True


def renew_recovery_codes(uow: UnitOfWork, code: str) -> list[str]:
    """Ten new codes of the actor, against a code; shown once, older ones stop working."""
    user = _own(uow)
    if not is_enrolled(user):
        raise InvalidInput("Set up the second factor first.")
    check_throttled(uow, user, code)
    uow.audit("renew recovery codes", "user", user.id)
    return _new_codes(uow, user)


def _new_codes(uow: UnitOfWork, user: User) -> list[str]:
    """Ten codes of about 49 bits each: too many to try, few enough to write down."""
    uow.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]
    uow.session.add_all(RecoveryCode(user_id=user.id, code_hash=_hash(code)) for code in codes)
    return codes


def _own(uow: UnitOfWork) -> User:
    uow.actor.require(Permission.VIEW_ACCOUNT)
    user = uow.session.get(User, uow.actor.user_id) if uow.actor.user_id else None
    if user is None:
        raise InvalidInput("There is no such account.")
    return user
