"""Builds the Flask server and puts Dash into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, cast

import dash
import structlog
from dash import html, set_props
from flask import Flask, Response, redirect, request
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from components import formats, shell
from components.document import index_string
from components.feedback import broken_page, error_page, error_toast
from rota.access.permissions import Permission
from rota.database import serve_pages
from rota.errors import NotAllowed, RotaError
from rota.settings import Settings
from server import (
    accounts,
    answers,
    api,
    cache,
    calendars,
    chart_files,
    downloads,
    frame,
    gate,
    headers,
    health,
    metrics,
    own_account,
    problems,
    rota_files,
)
from server.context import current_actor, current_login
from server.plain import plain
from server.session_cookie import ABSOLUTE_SECONDS, SessionCookie

log = structlog.get_logger(__name__)
ROOT = Path(__file__).resolve().parent.parent
#: a callback carries a screen's state, not files
LARGEST_REQUEST = 1024 * 1024
ASSETS_PREFIX = "/static/"


def create_server(settings: Settings) -> Flask:
    """The Flask server without any page: login, gate, headers, health, metrics, errors.

    Raises :class:`InvalidInput` for settings that are not safe to serve with.
    """
    settings.check_serving()
    serve_pages()
    server = Flask("app", static_folder=None, template_folder=str(ROOT / "server" / "templates"))
    server.config.update(
        SECRET_KEY=settings.signing_key,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies and not settings.debug,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=ABSOLUTE_SECONDS),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        ASSETS_PREFIX=ASSETS_PREFIX,
        TRUSTED_HOSTS=None if settings.debug else list(settings.allowed_hosts),
    )
    server.session_interface = SessionCookie()
    # one proxy (nginx) in front says who the client is
    server.wsgi_app = ProxyFix(server.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    metrics.install(server)
    problems.install(server)
    headers.install(server)
    cache.install(server, settings)
    accounts.install(server)
    server.register_blueprint(own_account.blueprint)
    gate.install(server)
    CSRFProtect(server)
    answers.install(server)  # after whoever may refuse: only what was allowed is looked up
    server.register_blueprint(health.blueprint)
    server.register_blueprint(calendars.blueprint)
    server.register_blueprint(downloads.blueprint)
    server.register_blueprint(chart_files.blueprint)
    server.register_blueprint(rota_files.blueprint)
    server.register_blueprint(api.blueprint)
    _hand_out_csrf_token(server)

    @server.get("/")
    def first_page() -> Response:
        return cast(Response, redirect(accounts.home_of(current_actor().role)))

    server.jinja_env.globals["asset"] = lambda name: ASSETS_PREFIX + name
    server.jinja_env.filters["moment"] = formats.moment

    return server


def _hand_out_csrf_token(server: Flask) -> None:
    """Dash's renderer reads the token from this cookie and sends it back as a header."""

    @server.after_request
    def set_token(response: Response) -> Response:
        is_page = request.method == "GET" and response.mimetype == "text/html"
        if is_page and "_csrf_token" not in request.cookies:
            response.set_cookie(
                "_csrf_token",
                generate_csrf(),
                samesite="Lax",
                secure=server.config["SESSION_COOKIE_SECURE"],
            )
        return response


def create_app(server: Flask) -> dash.Dash:
    """The Dash application with every page of ``pages/`` behind the gate."""
    app = dash.Dash(
        "app",
        server=server,
        use_pages=True,
        pages_folder=str(ROOT / "pages"),
        assets_folder=str(ROOT / "assets"),
        assets_url_path=ASSETS_PREFIX.strip("/"),
        assets_ignore=r"^theme\.js$",  # loaded in the head, before anything is painted
        index_string=index_string(ASSETS_PREFIX),
        suppress_callback_exceptions=True,
        include_pages_meta=False,
        title="Staff Rota",
        update_title=None,  # type: ignore[arg-type]
        on_error=on_error,
        use_async=False,
        enable_mcp=False,
        serve_locally=True,
        compress=False,
    )
    server.extensions["rota_dash"] = app
    _guard_pages()
    shell.register(app)
    frame.register(app)
    app.layout = layout
    _set_up(server)
    headers.allow_scripts_of(server, app)
    return app


def _set_up(server: Flask) -> None:
    """Let Dash register its router and callbacks now, before any thread serves a request.

    Dash does it within its first request and says so before it has: a second request at that
    moment finds half of it.
    """
    hosts = server.config["TRUSTED_HOSTS"] or ["localhost"]
    with server.test_request_context("/health/live/", base_url=f"http://{hosts[0].lstrip('.')}"):
        server.preprocess_request()


def _guard_pages() -> None:
    """Every page says who may open it; its layout is built for nobody else."""
    for page in dash.page_registry.values():
        if not isinstance(page.get("permission"), Permission):
            raise RuntimeError(f"{page['module']} must register with a permission=")
        page["layout"] = guarded_layout(page["layout"], page["permission"])


def guarded_layout(layout: Callable[..., Any], permission: Permission) -> Callable[..., Any]:
    """``layout``, or the panel that says why not."""

    @wraps(layout)
    def guarded(**query: Any) -> Any:
        try:
            current_actor().require(permission)
            return plain(layout(**query))
        except RotaError as error:
            answers.forget()
            return shell.page("", error_page(error))
        except HTTPException:
            raise
        except Exception as error:
            # without this the old page would stay and look as if nothing had been asked
            answers.forget()
            log.error("page failed", kind=type(error).__name__, exc_info=error)
            return shell.page("", broken_page())

    return guarded


def layout() -> Any:
    """The frame for whoever is asking; the page inside comes by the router.

    Dash also builds it once to look at it, on its first request, whoever that is from.
    """
    login = current_login()
    if login is None:
        return html.Div(dash.page_container)
    actor = login.actor
    pages = sorted(
        (page for page in dash.page_registry.values() if "icon" in page),
        key=lambda page: page["order"],
    )
    nav = [
        shell.NavItem(page["name"], page["icon"], page["path"], section=page.get("section", ""))
        for page in pages
        if actor.may(page["permission"])
    ]
    return html.Div(
        shell.shell(
            shell.UserView(actor.name, actor.role_name),
            nav,
            dash.page_container,
            csrf_token=generate_csrf(),
            search=actor.may(Permission.VIEW_ROTA),
        )
    )


def on_error(error: Exception) -> None:
    """A callback's error: a toast that says what happened, never a traceback.

    A refusal is a real 403, so that a log or a test sees it as one.
    """
    answers.forget()
    if isinstance(error, NotAllowed):
        raise error
    if not isinstance(error, RotaError):
        log.error("callback failed", kind=type(error).__name__, exc_info=error)
        error = RotaError(
            "Something went wrong on our side; nothing was changed.", hint="Try again."
        )
    set_props(shell.Ids.TOASTS, {"children": [error_toast(error)]})
