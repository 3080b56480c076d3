"""How often somebody may guess, without shutting out a home or letting guesses through.

Three counts, each in the database, so that they hold with several servers and without a cache:

* **by account**, from browsers that never logged in to it: after :data:`FREE_ATTEMPTS` failures
  the account waits, twice as long after each further one. An address that changes changes
  nothing.
* **by known browser**: one that has logged in to the account before carries a signed cookie
  and is counted by itself. Whoever bombards an account from outside does not lock its owner
  out (the "device cookies" of OWASP's authentication guidance).
* **by address, for spraying** (one password on many accounts): a whole home sits behind one
  address, so what counts is how many *different* names failed there and never succeeded,
  against how many got in. Beyond that, unknown browsers at the address are let through one at
  a time, slowly; known ones as ever. When it happens from everywhere at once, unknown browsers
  have fewer free attempts.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.models import LoginAttempt, LoginOutcome, User
from rota.settings import get_settings

FREE_ATTEMPTS = 5
#: while names are being tried from everywhere, an unknown browser has these
FREE_ATTEMPTS_WHILE_SPRAYED = 2
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
#: so far may two servers' clocks be apart
CLOCKS_APART = timedelta(minutes=1)
#: what is looked back at for spraying
WINDOW = timedelta(minutes=10)
#: different names that fail at one address before it looks like spraying, besides as many as
#: got in there
STRANGERS_AT_ADDRESS = 20
STRANGERS_ANYWHERE = 100
#: then one unknown browser of the address may try this often
PACE = timedelta(seconds=10)


class TooManyAttempts(NotAllowed):
    """The account, browser or address waits after repeated failures."""

    http_status = 429


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that logged in to an account before, by its cookie (checked by its signature)."""

    user_id: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attempt comes from. A browser on a shared desk is known to several accounts."""

    address: str = ""
    devices: tuple[Device, ...] = ()

    def nonce_for(self, user: User | None) -> str:
        """The known browser's mark, if it is known to this very account."""
        known = (d.nonce for d in self.devices if user is not None and d.user_id == user.id)
        return next(known, "")


def typed_hash(sap_number: str) -> str:
    """What was typed as a name, unreadable but comparable."""
    key = get_settings().signing_key.encode()
    return hmac.new(key, sap_number.strip().casefold().encode(), hashlib.sha256).hexdigest()[:32]


def refuse_while_waiting(
    uow: UnitOfWork, user: User | None, sap_number: str, origin: Origin, now: datetime
) -> None:
    """Raise :class:`TooManyAttempts` if this attempt must wait (and note that it was made)."""
    seconds = _seconds_to_wait(uow.session, user, sap_number, origin, now)
    if seconds <= 0:
        return
    note(uow, user, sap_number, origin, LoginOutcome.WAITING, now)
    uow.commit()
    raise TooManyAttempts("Too many attempts.", hint=f"Try again in {seconds} seconds.")


def _seconds_to_wait(
    session: Session, user: User | None, sap_number: str, origin: Origin, now: datetime
) -> int:
    nonce = origin.nonce_for(user)
    if nonce:
        until = _waits_until(session, LoginAttempt.device == nonce, now)
    else:
        # an account that does not exist waits like one that does: nothing is to be learned
        until = (
            user.locked_until
            if user is not None
            else _waits_until(session, LoginAttempt.typed_hash == typed_hash(sap_number), now)
        )
        paced = _address_waits_until(session, origin.address, now)
        until = max(filter(None, (until, paced)), default=None)
    # nobody is ever made to wait so long: the clock was put back since
    if until is None or until <= now or until > now + LONGEST_WAIT + CLOCKS_APART:
        return 0
    return int((until - now).total_seconds()) + 1


def _waits_until(session: Session, of_whom: ColumnElement[bool], now: datetime) -> datetime | None:
    """Failures of a known browser or unknown name since it last got in, within the last hour."""
    rows = session.execute(
        select(LoginAttempt.at, LoginAttempt.outcome)
        .where(
            of_whom,
            LoginAttempt.at > now - timedelta(hours=1),
            LoginAttempt.outcome != LoginOutcome.WAITING,
        )
        .order_by(LoginAttempt.id.desc())
        .limit(FREE_ATTEMPTS + 6)
    ).all()
    failures = 0
    for _, outcome in rows:
        if outcome is LoginOutcome.OK:
            break
        failures += 1
    if failures < FREE_ATTEMPTS:
        return None
    latest: datetime = rows[0][0]
    return latest + wait_after(failures - FREE_ATTEMPTS)


def wait_after(over: int) -> timedelta:
    """How long to wait after this many failures beyond the free ones."""
    return min(FIRST_WAIT * (1 << min(over, 10)), LONGEST_WAIT)


def _address_waits_until(session: Session, address: str, now: datetime) -> datetime | None:
    if not address:
        return None
    strangers, _, latest = _strangers(session, now, address)
    if strangers <= STRANGERS_AT_ADDRESS or latest is None:
        return None
    return latest + PACE


def _strangers(
    session: Session, now: datetime, address: str = ""
) -> tuple[int, int, datetime | None]:
    """Names that failed and never got in, beyond as many as got in; those; the last failure."""
    got_in = func.max(case((LoginAttempt.outcome == LoginOutcome.OK, 1), else_=0))
    last_wrong = func.max(
        case((LoginAttempt.outcome != LoginOutcome.OK, LoginAttempt.at), else_=None)
    )
    query = select(got_in.label("got_in"), last_wrong.label("last_wrong")).where(
        # none from before a clock was put back
        LoginAttempt.at.between(now - WINDOW, now + CLOCKS_APART),
        LoginAttempt.outcome != LoginOutcome.WAITING,
        LoginAttempt.device == "",
    )
    if address:
        query = query.where(LoginAttempt.address == address)
    names = query.group_by(LoginAttempt.typed_hash).subquery()
    failed, succeeded, latest = session.execute(
        select(
            func.coalesce(func.sum(1 - names.c.got_in), 0),
            func.coalesce(func.sum(names.c.got_in), 0),
            func.max(names.c.last_wrong),
        )
    ).one()
    return max(0, int(failed) - int(succeeded)), int(succeeded), latest


def is_sprayed(session: Session, now: datetime) -> bool:
    """Whether many different names fail, from everywhere together."""
    return _strangers(session, now)[0] > STRANGERS_ANYWHERE


def note(
    uow: UnitOfWork,
    user: User | None,
    sap_number: str,
    origin: Origin,
    outcome: LoginOutcome,
    now: datetime,
) -> None:
    """Write an attempt down (the caller commits)."""
    uow.session.add(
        LoginAttempt(
            at=now, user_id=user.id if user else None, typed_hash=typed_hash(sap_number),
            address=origin.address[:64], device=origin.nonce_for(user), outcome=outcome,
        )
    )  # fmt: skip


def note_failure(
    uow: UnitOfWork,
    user: User | None,
    sap_number: str,
    origin: Origin,
    now: datetime,
    outcome: LoginOutcome = LoginOutcome.WRONG,
) -> None:
    """Count a failure, in the database itself so that parallel guesses all count; commits."""
    note(uow, user, sap_number, origin, outcome, now)
    if user is not None:
        if not origin.nonce_for(user):
            uow.session.execute(
                update(User).where(User.id == user.id).values(failed_logins=User.failed_logins + 1)
            )
            uow.session.refresh(user)
            free = FREE_ATTEMPTS_WHILE_SPRAYED if is_sprayed(uow.session, now) else FREE_ATTEMPTS
            over = user.failed_logins - free
            if over >= 0:
                user.locked_until = now + wait_after(over)
        uow.audit("failed login", "user", user.id, after={"failures": user.failed_logins})
    uow.commit()
