"""The one way in: deny by default, then decide what may be called by whom.

Before anything else runs, a request must be for something public or come with a living
session. A Dash callback must exist, be sent in the shape it was declared with (Dash itself
ignores the ids of inputs and trusts positions), and carry a permission that the actor has.
The service decides again, on the object.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import dash
from flask import Flask, Response, abort, g, jsonify, redirect, request, session, url_for
from flask_login import current_user

from rota.access.permissions import Permission
from rota.access.service import LoggedIn
from server.context import current_actor

Function = TypeVar("Function", bound=Callable[..., Any])

#: what a stranger may call, by endpoint
PUBLIC = frozenset(
    {
        "accounts.login",
        "accounts.code",
        "accounts.invitation",
        "calendars.feed",  # public by its secret, see server/calendars.py
        "health.health",
        "health.live",
        "health.ready",
        "metrics.metrics",
        "static",
    }
)
#: what somebody with a temporary password may call besides
UNTIL_PASSWORD_CHANGED = frozenset({"accounts.change_password", "accounts.logout"})
#: what somebody may call whose role needs a second factor that is not set up yet
UNTIL_ENROLLED = UNTIL_PASSWORD_CHANGED | {"own_account.second_factor"}
#: callbacks of Dash itself: the router of pages (each page guards itself) and its title
INTERNAL_OUTPUTS = frozenset(
    {".._pages_content.children..._pages_store.data..", "_pages_dummy.children"}
)
MARK = "__rota_permission__"


def requires(permission: Permission) -> Callable[[Function], Function]:
    """Declare (and enforce) the permission of a callback or view; goes *under* ``@callback``."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            current_actor().require(permission)
            return function(*args, **kwargs)

        setattr(guarded, MARK, permission)
        return cast(Function, guarded)

    return decorate


def declared_permission(function: Callable[..., Any] | None) -> Permission | None:
    """The permission a function was marked with, looking through its wrappers."""
    while function is not None:
        if MARK in getattr(function, "__dict__", {}):
            return cast(Permission, getattr(function, MARK))
        function = getattr(function, "__wrapped__", None)
    return None


def install(server: Flask, app: dash.Dash | None = None) -> None:
    """Put the gate in front of everything. Must come before CSRF protection."""

    @server.before_request
    def gate() -> Response | None:
        if request.endpoint in PUBLIC or _is_asset(server) or _asks_with_token():
            return None
        login = _login()
        if login is None:
            return _ask_to_log_in()
        g.rota_login = login
        if login.must_change_password and request.endpoint not in UNTIL_PASSWORD_CHANGED:
            return _ask_first("accounts.change_password", "The temporary password must be changed")
        if login.must_enrol and request.endpoint not in UNTIL_ENROLLED:
            return _ask_first("own_account.second_factor", "A second factor must be set up")
        if request.path == "/_dash-update-component":
            _check_callback(cast(dash.Dash, server.extensions["rota_dash"]))
        elif request.endpoint == "/<path:path>":
            _check_page(login)
        return None


def _is_asset(server: Flask) -> bool:
    """Style sheets and scripts carry no data, and the login page needs them."""
    return request.method == "GET" and request.path.startswith(server.config["ASSETS_PREFIX"])


def _asks_with_token() -> bool:
    """Whether the data interface answers, which checks a token and knows no session."""
    endpoint = request.endpoint or ""
    return request.path.startswith("/api/v1/") and (not endpoint or endpoint.startswith("api."))


def _login() -> LoggedIn | None:
    if not current_user.is_authenticated:
        return None
    return cast(LoggedIn, current_user.login)


def _wants_page() -> bool:
    return request.method == "GET" and not request.path.startswith("/_")


def _ask_to_log_in() -> Response:
    if _wants_page():
        target = request.full_path.rstrip("?")
        return cast(Response, redirect(url_for("accounts.login", next=target)))
    if "half" not in session:  # an old tab must not spoil a login that waits for its code
        session.clear()
    return _refusal(401, "Your session has ended.", "Log in again.")


def _ask_first(endpoint: str, what: str) -> Response:
    if _wants_page():
        return cast(Response, redirect(url_for(endpoint)))
    return _refusal(401, f"{what} first.", "")


def _refusal(status: int, message: str, hint: str) -> Response:
    response = jsonify(message=message, hint=hint)
    response.status_code = status
    return response


def _check_page(login: LoggedIn) -> None:
    """404 for an address that is no page, 403 for a page that is not this role's."""
    page = page_at(request.path)
    if page is None:
        abort(404)
    login.actor.require(page["permission"])


def page_at(path: str) -> dict[str, Any] | None:
    """The registered page at this address."""
    for page in dash.page_registry.values():
        if page["path"].strip("/") == path.strip("/"):
            return cast(dict[str, Any], page)
    return None


def _check_callback(app: dash.Dash) -> None:
    if request.mimetype != "application/json":
        abort(415)
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        abort(400, "This is not a call of a page's function.")
    declared = app.callback_map.get(body["output"])
    if declared is None:
        abort(404, "There is no such function.")
    _check_shape(declared, body)
    if body["output"] in INTERNAL_OUTPUTS:
        return
    permission = declared_permission(declared.get("callback"))
    if permission is None:
        abort(403, "This function says nothing about who may call it.")
    if not current_actor().may(permission) and _presses_nothing(body):
        # the renderer calls the functions of buttons that this role was not given, with no
        # button pressed, when a page appears: nothing runs, and nothing needs refusing
        abort(Response(status=204))
    current_actor().require(permission)


def _presses_nothing(body: dict[str, Any]) -> bool:
    """Whether every input is empty: no button pressed, no value given."""
    values = [
        one.get("value")
        for value in body["inputs"]
        for one in (value if isinstance(value, list) else [value])
    ]
    return not any(values)


def _check_shape(declared: dict[str, Any], body: dict[str, Any]) -> None:
    """Refuse values under other ids than the declared ones: Dash reads them by position."""
    if not isinstance(body.get("outputs"), dict | list):
        abort(400, "The outputs are missing.")
    for part in ("inputs", "state"):
        given = body.get(part, [])
        wanted = declared.get(part, [])
        if not isinstance(given, list) or len(given) != len(wanted):
            abort(400, "The values do not match the function.")
        for value, dependency in zip(given, wanted, strict=True):
            for one in value if isinstance(value, list) else [value]:
                if not isinstance(one, dict) or not _same_id(one, dependency):
                    abort(400, "The values do not match the function.")


def _same_id(value: dict[str, Any], dependency: dict[str, Any]) -> bool:
    if value.get("property") != dependency["property"]:
        return False
    wanted, given = dependency["id"], value.get("id")
    if isinstance(wanted, str) and wanted.startswith("{"):
        wanted = json.loads(wanted)
    if not isinstance(wanted, dict):
        return bool(given == wanted)
    if not isinstance(given, dict) or given.keys() != wanted.keys():
        return False
    # a list in the declaration is a wildcard (["ALL"], ["MATCH"])
    return all(isinstance(w, list) or given[key] == w for key, w in wanted.items())
