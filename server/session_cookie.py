"""The session's cookie: signed by Flask, with ages that survive a clock that is put back.

Two servers' clocks are never quite the same, and a clock may be set while people work. Flask
takes a cookie that was signed "in the future" for one that has run out: whoever was logged in
by the faster server would be a stranger to the other.
"""

from __future__ import annotations

import time

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from rota.access.throttle import CLOCKS_APART

#: a session that was not used for this long, or is older than that, has ended (seconds)
IDLE_SECONDS = 2 * 3600
ABSOLUTE_SECONDS = 12 * 3600
#: between two writes of "last used" into the cookie (seconds)
_NOTED_EVERY = 60


class _Signer(TimestampSigner):
    """Takes what was signed ahead of this clock for signed just now."""

    def unsign(self, signed_value, max_age=None, return_timestamp=False):  # type: ignore[no-untyped-def]
        """As itsdangerous, whose other checks all hold."""
        try:
            return super().unsign(signed_value, max_age, return_timestamp)
        except SignatureExpired as error:
            if error.date_signed is None or error.date_signed.timestamp() <= self.get_timestamp():
                raise
            return super().unsign(signed_value, None, return_timestamp)


class SessionCookie(SecureCookieSessionInterface):
    """Flask's own, with that signer."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads the cookie."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = _Signer
        return serializer


def begin_ages() -> None:
    """This session begins now."""
    session["started"] = session["used"] = session["noted"] = int(time.time())


def is_over() -> bool:
    """Whether this session was not used for too long or is too old; else it is in use now.

    An age ahead of the clock becomes now, or the session would last longer than others.
    """
    now = int(time.time())
    started, used = session.get("started", 0), session.get("used", 0)
    if now - started > ABSOLUTE_SECONDS or now - used > IDLE_SECONDS:
        return True
    if abs(now - used) > _NOTED_EVERY:
        session["used"] = now
    if started - now > CLOCKS_APART.total_seconds():
        session["started"] = now
    return False
