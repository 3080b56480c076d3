"""``/calendar/<secret>.ics``: the one address that is public by a secret.

A calendar program has no login. What the secret opens is decided in
:mod:`rota.carer.feed`; here it is asked no oftener than a program needs, is never cached on the
way and never written to a log (see :mod:`server.problems`).
"""

from __future__ import annotations

import hashlib
import re

from flask import Blueprint, Response, current_app, request

from rota import database
from rota.access.actor import system_actor
from rota.carer.feed import note_read, open_feed
from rota.database import UnitOfWork
from rota.errors import NotFound, Unavailable
from rota.reports.calendar_feed import calendar_file
from server.limits import RateLimit

blueprint = Blueprint("calendars", __name__, url_prefix="/calendar")

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
#: a program asks every hour or quarter of an hour; several devices share one address
_BY_ADDRESS = RateLimit(60, 600)
#: whoever asks for what does not exist is guessing
_GUESSES = RateLimit(20, 600)


@blueprint.get("/<secret>.ics")
def feed(secret: str) -> Response:
    """One person's shifts; 404 for anything that opens nothing, 429 for too often."""
    caller = request.remote_addr or ""
    key = hashlib.blake2b(secret.encode(), digest_size=16).hexdigest()
    wait = _BY_ADDRESS.wait(key)
    if wait:
        return _plain("Asked too often.", 429, wait)
    try:
        if not _SECRET.fullmatch(secret):
            raise NotFound("There is no such calendar.")
        with database.reading() as session:
            feed_id, found = open_feed(session, secret)
    except NotFound:
        wait = _GUESSES.wait(caller)
        return _plain("Asked too often.", 429, wait) if wait else _plain("No such calendar.", 404)
    _note(feed_id)
    response = Response(calendar_file(found, _host()), mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'inline; filename="my-shifts.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    return _private(response)


def _note(feed_id: int) -> None:
    """Note the reading; a calendar is not refused because the database is busy writing."""
    try:
        with UnitOfWork(system_actor("calendar", frozenset()), source="calendar") as uow:
            if note_read(uow.session, feed_id):
                uow.commit()
    except Unavailable:
        return


def _host() -> str:
    hosts = current_app.config["TRUSTED_HOSTS"] or ["staff-rota"]
    return str(hosts[0]).lstrip(".")


def _plain(text: str, status: int, retry_after: int = 0) -> Response:
    response = Response(text, status=status, mimetype="text/plain")
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return _private(response)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
