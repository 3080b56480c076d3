"""Logging in and out, and changing one's password: plain views, so that no callback is public.

What one does with one's own account once inside (second factor, sessions) is in
``server/own_account.py``.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from rota.access import invitations, service
from rota.access.passwords import MINIMUM_LENGTH
from rota.access.service import LoggedIn, TooManyAttempts
from rota.access.sessions import SEEN_EVERY, end_session, note_seen
from rota.database import UnitOfWork, glancing
from rota.errors import InvalidInput, RotaError
from rota.models import UserRole
from server import devices
from server.context import source, working
from server.session_cookie import begin_ages, is_over

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")

#: how long a right password waits for its code (seconds)
HALF_SECONDS = 5 * 60
#: hashing a password takes about 30 ms of CPU: a burst of logins must not starve the pages
_hashing = threading.BoundedSemaphore(2)


class SessionUser(UserMixin):  # type: ignore[misc]
    """What flask-login keeps: the session's id with its secret."""

    def __init__(self, login: LoggedIn, secret: str) -> None:
        self.login = login
        self.id = f"{login.session_id}.{secret}"


class LoginForm(FlaskForm):  # type: ignore[misc]
    """SAP number and password."""

    sap_number = StringField("SAP number", validators=[DataRequired(), Length(max=32)])
    password = PasswordField("Password", validators=[DataRequired(), Length(max=200)])


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the authenticator app, or a recovery code."""

    code = StringField("Code", validators=[DataRequired(), Length(max=40)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The current password and the new one, twice."""

    current = PasswordField("Current password", validators=[DataRequired(), Length(max=200)])
    new = PasswordField("New password", validators=[DataRequired(), Length(max=200)])
    repeat = PasswordField(
        "New password again", validators=[EqualTo("new", "The two new passwords differ.")]
    )


def install(server: Flask) -> None:
    """Register the views and teach flask-login our accounts."""
    manager = LoginManager(server)
    # cookies are bound to the account's epoch, not to the address: phones change it all day
    manager.session_protection = None

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(identifier: str) -> SessionUser | None:
        session_id, _, secret = identifier.partition(".")
        if not (session_id.isdigit() and len(session_id) < 19 and secret) or is_over():
            return None
        with glancing() as database:
            login = service.load_session(database, int(session_id), secret)
        if login is None:
            return None
        _note_seen(login)
        return SessionUser(login, secret)

    server.register_blueprint(blueprint)


def _note_seen(login: LoggedIn) -> None:
    """Keep "last seen" of the list of sessions, now and then; nothing depends on it."""
    now = time.time()
    if abs(now - session.get("noted", 0)) < SEEN_EVERY.total_seconds():
        return
    session["noted"] = int(now)
    with suppress(RotaError), UnitOfWork(login.actor, source=source()) as uow:
        note_seen(uow, cast(int, login.session_id))
        uow.commit()


def begin(login: LoggedIn, target: str | None = None) -> Response:
    """Begin a fresh session (nothing of an earlier one stays) and go to ``target``."""
    with UnitOfWork(login.actor, source=source()) as uow:
        started = service.start(
            uow, login, address=source(), user_agent=request.headers.get("User-Agent", "")
        )
        uow.commit()
    session.clear()
    begin_ages()
    login_user(SessionUser(started, started.secret))
    g.rota_login = started
    if started.must_change_password:
        target = "/accounts/password/"
    elif started.must_enrol:
        target = "/accounts/second-factor/"
    response = make_response(redirect(target or home_of(started.actor.role), 303))
    response.delete_cookie("_csrf_token")
    devices.remember(response, cast(int, started.actor.user_id))
    return response


def home_of(role: UserRole) -> str:
    """The first page of a role."""
    return "/my/" if role == UserRole.CARE_STAFF else "/dashboard/"


def safe_target(target: str | None) -> str | None:
    """``next`` when it is a path on this very host; anything else is ignored."""
    if not target or not target.startswith("/") or len(target) > 2000:
        return None
    if target[1:2] in {"/", "\\"} or any(ord(c) < 32 or c == "\\" for c in target):
        return None
    if "%2f%2f" in target.lower()[:10] or "%5c" in target.lower()[:10]:
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


@blueprint.route("/login/", methods=["GET", "POST"])
def login() -> Response | tuple[str, int]:
    """The login page."""
    form = LoginForm()
    target = safe_target(request.args.get("next"))
    if not form.validate_on_submit():
        status = 400 if request.method == "POST" else 200
        return render_template("login.html", form=form, error=None), status
    try:
        logged_in = _check(form)
    except TooManyAttempts as error:
        return render_template("login.html", form=form, error=error), 429
    except RotaError as error:
        return render_template("login.html", form=form, error=error), error.http_status
    if not logged_in.needs_code:
        return begin(logged_in, target)
    # half a login: it opens nothing but the page that asks for the code
    session.clear()
    session["half"] = {
        "user": logged_in.actor.user_id, "epoch": logged_in.epoch, "at": int(time.time()),
        "next": target,
    }  # fmt: skip
    return cast(Response, redirect("/accounts/code/", 303))


@blueprint.route("/code/", methods=["GET", "POST"])
def code() -> Response | tuple[str, int]:
    """The second step of a login: a code of the authenticator app."""
    half = session.get("half")
    if not isinstance(half, dict) or time.time() - half["at"] > HALF_SECONDS:
        session.pop("half", None)
        return cast(Response, redirect("/accounts/login/", 303))
    form = CodeForm()
    if not form.validate_on_submit():
        status = 400 if request.method == "POST" else 200
        return render_template("code.html", form=form, error=None), status
    try:
        nobody = service.system_actor("Login", frozenset())
        with UnitOfWork(nobody, source=source()) as uow:
            logged_in = service.check_code(
                uow, half["user"], half["epoch"], form.code.data or "", devices.origin()
            )
    except RotaError as error:
        form.code.data = ""
        return render_template("code.html", form=form, error=error), error.http_status
    return begin(logged_in, half["next"])


def _check(form: LoginForm) -> LoggedIn:
    if not _hashing.acquire(timeout=10):
        raise TooManyAttempts("Many people are logging in just now.", hint="Try again shortly.")
    try:
        nobody = service.system_actor("Login", frozenset())
        with UnitOfWork(nobody, source=source()) as uow:
            return service.log_in(
                uow, form.sap_number.data or "", form.password.data or "", devices.origin()
            )
    finally:
        _hashing.release()


class InvitationForm(FlaskForm):  # type: ignore[misc]
    """The invitation's code (put in by the page from the link) and the new password, twice."""

    token = StringField("Invitation code", validators=[DataRequired(), Length(max=100)])
    new = PasswordField("Password", validators=[DataRequired(), Length(max=200)])
    repeat = PasswordField(
        "Password again", validators=[EqualTo("new", "The two passwords differ.")]
    )


@blueprint.route("/invitation/", methods=["GET", "POST"])
def invitation() -> Response | tuple[str, int]:
    """Accept an invitation: choose a password. The code comes in the link's fragment."""
    form = InvitationForm()
    error: RotaError | None = None
    if form.validate_on_submit():
        try:
            accepted = _accept(form)
        except RotaError as refusal:
            error = refusal
        else:
            return begin(accepted)
    elif form.errors:
        error = InvalidInput(str(next(iter(form.errors.values()))[0]))
    page = render_template("invitation.html", form=form, error=error, minimum=MINIMUM_LENGTH)
    return page, error.http_status if error else 200


def _accept(form: InvitationForm) -> LoggedIn:
    """Hashing is paced like a login: guesses of codes must not starve the pages either."""
    if not _hashing.acquire(timeout=10):
        raise TooManyAttempts("Many people are logging in just now.", hint="Try again shortly.")
    try:
        nobody = service.system_actor("Invitation", frozenset())
        with UnitOfWork(nobody, source=source()) as uow:
            accepted = invitations.accept(uow, form.token.data or "", form.new.data or "")
            uow.commit()
            return accepted
    finally:
        _hashing.release()


@blueprint.route("/logout/", methods=["POST"])
def logout() -> Response:
    """Log out: this session ends, also copies of its cookie; those elsewhere go on."""
    with working() as uow:
        end_session(uow, cast(int, g.rota_login.session_id))
        uow.commit()
    logout_user()
    session.clear()
    response = make_response(redirect("/accounts/login/", 303))
    response.delete_cookie("_csrf_token")
    return response


@blueprint.route("/password/", methods=["GET", "POST"])
def change_password() -> Response | tuple[str, int]:
    """Change one's password."""
    form = PasswordForm()
    must = g.rota_login.must_change_password
    error: RotaError | None = None
    if form.validate_on_submit():
        try:
            with working() as uow:
                logged_in = service.change_own_password(uow, form.current.data, form.new.data)
                uow.commit()
        except InvalidInput as refusal:
            error = refusal
        else:
            return begin(logged_in)
    elif form.errors:
        first = next(iter(form.errors.values()))[0]
        error = InvalidInput(str(first))
    status = 400 if error else 200
    return render_template(
        "change_password.html", form=form, error=error, must=must, minimum=MINIMUM_LENGTH
    ), status
