"""One's own account: the second factor, and the browsers that are logged in."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

import segno
from flask import Blueprint, Response, flash, g, redirect, render_template, request

from rota.access import second_factor as factor
from rota.access import service, sessions
from rota.access.permissions import ROLE_NAMES, Permission
from rota.errors import InvalidInput, RotaError
from server.accounts import CodeForm, begin, home_of
from server.context import current_actor, reading, working
from server.session_cookie import IDLE_SECONDS

blueprint = Blueprint("own_account", __name__, url_prefix="/accounts")


@functools.lru_cache(maxsize=16)
def _qr(uri: str) -> str:
    """A QR code as a data address; nothing of it is stored or sent elsewhere."""
    return cast(str, segno.make(uri, error="m").svg_data_uri(scale=5, border=2))


@blueprint.get("/")
def overview() -> str:
    """What one can do with one's account."""
    actor = current_actor()
    actor.require(Permission.VIEW_ACCOUNT)
    user_id = cast(int, actor.user_id)
    with reading() as session:
        status = factor.status(session, user_id)
        views = sessions.own_sessions(
            session, user_id, g.rota_login.session_id, timedelta(seconds=IDLE_SECONDS)
        )
    return render_template(
        "own_account.html", name=actor.name, role=ROLE_NAMES[actor.role], factor=status,
        sessions=views, home=home_of(actor.role), form=CodeForm(),
    )  # fmt: skip


@blueprint.route("/second-factor/", methods=["GET", "POST"])
def second_factor() -> Response | str | tuple[str, int]:
    """Set up the authenticator app: a QR code, then a first code from it."""
    form, error = CodeForm(), None
    if form.validate_on_submit():
        try:
            with working() as uow:
                codes = factor.confirm(uow, form.code.data or "")
                uow.commit()
        except RotaError as refusal:
            error = refusal
        else:
            return render_template(
                "recovery_codes.html", codes=codes, home=home_of(current_actor().role)
            )
    try:
        with working() as uow:
            secret, uri = factor.begin(uow)
            uow.commit()
    except InvalidInput:
        return cast(Response, redirect("/accounts/", 303))
    return render_template(
        "second_factor.html", form=form, error=error, secret=_grouped(secret), qr=_qr(uri),
        must=g.rota_login.must_enrol,
    ), 400 if error else 200  # fmt: skip


def _grouped(secret: str) -> str:
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


@blueprint.post("/second-factor/remove/")
def remove_second_factor() -> Response:
    """Take the second factor away, against a code; also the way to another phone."""
    with _refusals_flashed(), working() as uow:
        factor.remove(uow, _code())
        uow.commit()
        flash("The second factor was removed.", "good")
    return _back()


@blueprint.post("/second-factor/codes/")
def recovery_codes() -> Response | str:
    """New recovery codes, against a code of the app; the old ones stop working."""
    with _refusals_flashed(), working() as uow:
        codes = factor.renew_recovery_codes(uow, _code())
        uow.commit()
        return render_template("recovery_codes.html", codes=codes, home="/accounts/")
    return _back()


def _code() -> str:
    return (request.form.get("code") or "")[:40]


def _back() -> Response:
    return cast(Response, redirect("/accounts/", 303))


@contextmanager
def _refusals_flashed() -> Iterator[None]:
    try:
        yield
    except RotaError as error:
        flash(str(error), "bad")


@blueprint.post("/sessions/<int:session_id>/end/")
def end_session(session_id: int) -> Response:
    """End one of one's own sessions."""
    with working() as uow:
        sessions.end_session(uow, session_id)
        uow.commit()
    flash("That session has ended.", "good")
    return _back()


@blueprint.post("/sessions/end-others/")
def end_other_sessions() -> Response:
    """End every session but this one; it goes on under a new cookie."""
    with working() as uow:
        service.end_sessions(uow, cast(int, uow.actor.user_id))
        uow.commit()
    flash("Every other session has ended.", "good")
    return begin(g.rota_login, "/accounts/")
