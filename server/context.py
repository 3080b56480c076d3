"""Who is asking, and how a page reaches the database."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import g, has_request_context, request
from sqlalchemy.orm import Session

from rota import database
from rota.access.actor import Actor
from rota.access.service import LoggedIn
from rota.database import UnitOfWork
from rota.errors import NotAllowed


def current_login() -> LoggedIn | None:
    """The login of this request, or null for somebody who is not logged in."""
    return getattr(g, "rota_login", None)


def current_actor() -> Actor:
    """Who is asking. Raises :class:`NotAllowed` when nobody is logged in."""
    login = current_login()
    if login is None:
        raise NotAllowed("You are not logged in.", hint="Log in and try again.")
    return login.actor


def data_version_of(home_id: object) -> int | None:
    """The data version of one of the homes of whoever is asking, as it was found with their
    session; null for anybody else's home. Costs no statement."""
    login = current_login()
    return next((v for home, v in login.data_versions if home == home_id), None) if login else None


def source() -> str:
    """Where the request came from, for the audit."""
    return (request.remote_addr or "")[:64] if has_request_context() else ""


def reading() -> AbstractContextManager[Session]:
    """A session for queries."""
    return database.reading()


def working() -> UnitOfWork:
    """A unit of work of whoever is asking."""
    return UnitOfWork(current_actor(), source=source())
