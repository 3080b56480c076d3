"""The cookie by which a browser is known to accounts that logged in from it before.

Signed, so that nobody can claim to be known; it opens nothing, it only counts failures apart
(see :mod:`rota.access.throttle`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from rota.access.throttle import Device, Origin

COOKIE = "rota_device"
#: a desk is shared by this many people at most; the first ones are forgotten
MOST_ACCOUNTS = 12
LIFETIME_SECONDS = 400 * 24 * 3600


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="rota-device")


def _known() -> dict[str, str]:
    try:
        found = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {str(key): str(value)[:32] for key, value in found.items() if str(key).isdigit()}


def origin() -> Origin:
    """Where this request comes from."""
    devices = tuple(Device(int(user), nonce) for user, nonce in _known().items())
    return Origin((request.remote_addr or "")[:64], devices)


def remember(response: Response, user_id: int) -> None:
    """Make this browser known to the account that has just logged in."""
    known = _known()
    nonce = known.pop(str(user_id), None) or secrets.token_hex(12)
    known[str(user_id)] = nonce
    kept = dict(list(known.items())[-MOST_ACCOUNTS:])
    response.set_cookie(
        COOKIE,
        _serializer().dumps(kept),
        max_age=LIFETIME_SECONDS,
        path="/accounts/",
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
