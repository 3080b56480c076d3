"""What is answered when something goes wrong: a page for people, JSON for scripts."""

from __future__ import annotations

from contextlib import suppress

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from rota.database import UnitOfWork
from rota.errors import RotaError
from server.context import current_login, source
from server.limits import RateLimit
from server.metrics import ERRORS, REFUSALS

log = structlog.get_logger(__name__)

#: what a status says by itself: title, what happened, what to do
_WORDS = {
    400: (
        "That could not be read",
        "The request was not complete or too old.",
        "Go back, reload the page and try once more.",
    ),
    401: (
        "Please log in",
        "Your session has ended.",
        "Log in again; what you had saved is safe.",
    ),
    403: (
        "Not for you to open",
        "This page, or this home, is not part of what you may see.",
        "Ask your administrator if you need it for your work.",
    ),
    404: (
        "There is no such page",
        "The address may be mistyped, or the thing was removed.",
        "Start from the overview and find it from there.",
    ),
    405: (
        "That way is closed",
        "This address does not answer that kind of request.",
        "Go back and use the buttons on the page.",
    ),
    413: (
        "That is too large",
        "Nothing was read from it and nothing was changed.",
        "Send less at once.",
    ),
    415: (
        "That kind of content is not read here",
        "Nothing was changed.",
        "Go back and use the buttons on the page.",
    ),
    429: (
        "Too many attempts",
        "For safety this is closed for a moment.",
        "Wait a little, then try again.",
    ),
    500: (
        "Something broke on our side",
        "Nothing you had saved is lost. The fault has been written down.",
        "Try again; if it happens again, tell your administrator the time it happened.",
    ),
    503: (
        "Back in a moment",
        "Something the rota needs, such as its database, is not there just now. "
        "Nothing you had saved is lost.",
        "Try again in a minute.",
    ),
}


def install(server: Flask) -> None:
    """Register the handlers."""

    @server.errorhandler(RotaError)
    def rota_error(error: RotaError) -> tuple[Response | str, int]:
        if error.http_status == 403:
            _note_refusal()
        return answer(error.http_status, error.message, error.hint)

    @server.errorhandler(CSRFError)
    def csrf_error(error: CSRFError) -> tuple[Response | str, int]:
        return answer(403, "The form was too old or came from elsewhere.", "Load the page again.")

    @server.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> tuple[Response | str, int] | HTTPException:
        code = error.code or 500
        if code < 400:
            return error
        return answer(code, "" if _is_stock(error) else error.description or "", "")

    @server.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[Response | str, int]:
        # the rule rather than the address: an address may hold a secret (a calendar's)
        rule = request.url_rule.rule if request.url_rule else ""
        ERRORS.labels(type(error).__name__).inc()
        log.exception("unexpected error", path=rule, kind=type(error).__name__)
        return answer(500, "", "")


#: one line for each person and thing a minute: a loop must not fill the audit
refusals = RateLimit(1, 60)


def _note_refusal() -> None:
    """Put a refusal on record: who wanted what; for the report of refusals."""
    login = current_login()
    if login is None:
        return
    REFUSALS.inc()
    wanted = request.path
    if wanted == "/_dash-update-component":
        body = request.get_json(silent=True)
        wanted = str(body.get("output", "")) if isinstance(body, dict) else ""
    if refusals.wait(f"{login.actor.user_id} {wanted}"):
        return
    with suppress(RotaError), UnitOfWork(login.actor, source=source()) as uow:
        uow.audit("refused", "permission", after={"wanted": wanted[:200]})
        uow.commit()


def _is_stock(error: HTTPException) -> bool:
    """Whether the description is the library's own rather than one we gave."""
    return error.description == type(error).description


def answer(status: int, message: str, hint: str) -> tuple[Response | str, int]:
    """The error as a page or as JSON, depending on who asked."""
    title, usual, next_step = _WORDS.get(status, _WORDS[500])
    message, hint = message or usual, hint or next_step
    for_script = request.path.startswith(("/_", "/health", "/api/"))
    if for_script or request.accept_mimetypes.best == "application/json":
        return jsonify(message=message, hint=hint), status
    page = render_template("error.html", code=status, title=title, message=message, hint=hint)
    return page, status
