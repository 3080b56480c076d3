"""One application for the run (Dash keeps global registries), a fresh database for each test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import dash
import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, update
from werkzeug.test import TestResponse

from rota.access import second_factor, service
from rota.database import UnitOfWork, use_engine
from rota.models import CareHome, User, UserRole, utc_now
from rota.settings import load_settings
from server.factory import create_app, create_server
from tests.factories import administrator

PASSWORD = "Thistle-44117"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@cache
def the_app() -> dash.Dash:
    """The one application of this process: Dash hands its registered callbacks out only once."""
    settings = load_settings(debug=True, redis_url="", database_url="sqlite://", _env_file=None)
    return create_app(create_server(settings))


@pytest.fixture(scope="session")
def app() -> dash.Dash:
    """The application with all its pages.

    The tests of pages import this fixture, which makes it a second one to pytest.
    """
    return the_app()


@pytest.fixture
def server(app: dash.Dash, sqlite_engine: Engine) -> Iterator[Flask]:
    """The Flask server on a fresh database, remembering nothing of the one before it."""
    use_engine(sqlite_engine)
    from server import answers, problems
    from server.cache import cache

    with app.server.app_context():
        cache.clear()
    answers.memory.clear()
    problems.refusals.clear()
    yield app.server
    use_engine(None)


@dataclass
class Browser:
    """A logged-in client that speaks Dash's protocol."""

    client: FlaskClient
    app: dash.Dash

    def get(self, path: str) -> TestResponse:
        """Open an address."""
        return self.client.get(path)

    @property
    def token(self) -> str:
        """The CSRF token as the renderer reads it."""
        self.client.get("/accounts/password/")
        cookie = self.client.get_cookie("_csrf_token")
        return cookie.value if cookie else ""

    def call(
        self,
        output: str,
        values: list[Any] | None = None,
        state: list[Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        override: dict[str, Any] | None = None,
    ) -> TestResponse:
        """Call a callback with values by position, as the renderer would; ``override``
        replaces parts of the body."""
        declared = self.app.callback_map[output]
        body = {
            "output": output,
            "outputs": outputs_of(output),
            "inputs": _filled(declared["inputs"], values),
            "state": _filled(declared["state"], state),
            "changedPropIds": [],
            **(override or {}),
        }
        return self.client.post(
            "/_dash-update-component", data=json.dumps(body), content_type="application/json",
            headers=headers if headers is not None else {"X-CSRFToken": self.token},
        )  # fmt: skip


def outputs_of(output: str) -> Any:
    """The ``outputs`` that belong to an output key."""
    output = re.sub(r"@[0-9a-f]+", "", output)
    if output.startswith(".."):
        return [_output(part) for part in output.strip(".").split("...")]
    return _output(output)


def _output(part: str) -> dict[str, Any]:
    identifier, _, prop = part.rpartition(".")
    if identifier.startswith("{"):
        return {"id": _no_wildcards(json.loads(identifier)), "property": prop}
    return {"id": identifier, "property": prop}


def _no_wildcards(identifier: dict[str, Any]) -> dict[str, Any]:
    return {key: 1 if isinstance(value, list) else value for key, value in identifier.items()}


def _filled(dependencies: list[dict[str, Any]], values: list[Any] | None) -> list[Any]:
    filled: list[Any] = []
    for position, dependency in enumerate(dependencies):
        value = values[position] if values is not None else 1
        identifier: Any = dependency["id"]
        if identifier.startswith("{"):
            wanted = json.loads(identifier)
            identifier = _no_wildcards(wanted)
            if any(entry == ["ALL"] for entry in wanted.values()):
                given = {"id": identifier, "property": dependency["property"], "value": value}
                filled.append([given])
                continue
        filled.append({"id": identifier, "property": dependency["property"], "value": value})
    return filled


LogIn = Callable[..., Browser]


@pytest.fixture
def log_in(app: dash.Dash, server: Flask, sqlite_engine: Engine) -> LogIn:
    """``log_in(role, *homes)`` makes an account and gives a logged-in browser."""

    def make(
        role: UserRole, *homes: CareHome, sap: str = "", staff_id: int | None = None
    ) -> Browser:
        sap = sap or f"T{role.value}"
        with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
            service.create_user(
                uow, sap_number=sap, name="Zed Tester", role=role, password=PASSWORD,
                home_ids=frozenset(home.id for home in homes), staff_id=staff_id,
            )  # fmt: skip
            uow.commit()
        if second_factor.is_required(role):
            enrol(sqlite_engine, sap)
        browser = Browser(server.test_client(), app)
        response = post_login(browser.client, sap, PASSWORD)
        assert response.status_code == 303, response.text
        if response.location == "/accounts/code/":
            response = post_code(browser.client, pyotp.TOTP(TOTP_SECRET).now())
            assert response.status_code == 303, response.text
        return browser

    return make


def enrol(engine: Engine, sap: str, key: str | None = None) -> None:
    """Give an account the second factor :data:`TOTP_SECRET`, whose next code is unused."""
    with engine.begin() as connection:
        connection.execute(
            update(User)
            .where(User.sap_number == sap)
            .values(
                totp_sealed=second_factor.seal(TOTP_SECRET, key), totp_confirmed_at=utc_now(),
                totp_last_step=0,
            )
        )  # fmt: skip


def post_code(client: FlaskClient, code: str) -> TestResponse:
    """Fill in the second step of a login."""
    page = client.get("/accounts/code/")
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return client.post("/accounts/code/", data={"code": code, "csrf_token": found[1]})


def post_login(client: FlaskClient, sap: str, password: str, query: str = "") -> TestResponse:
    """Fill in the login form."""
    page = client.get("/accounts/login/")
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return client.post(
        f"/accounts/login/{query}",
        data={"sap_number": sap, "password": password, "csrf_token": found[1]},
    )
