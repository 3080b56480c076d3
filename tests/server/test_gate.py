"""The one way in: nothing is open that does not say to whom."""

from __future__ import annotations

import dash
import pytest
from dash.exceptions import PreventUpdate
from flask import Flask

from rota.access.permissions import PERMISSIONS, Permission
from rota.models import UserRole
from server.gate import INTERNAL_OUTPUTS, declared_permission
from tests.server.conftest import LogIn

ROLES = list(UserRole)


def server_callbacks(app: dash.Dash) -> list[str]:
    """Every callback that runs in the server, by output."""
    return [
        output
        for output, declared in app.callback_map.items()
        if declared.get("callback") is not None and output not in INTERNAL_OUTPUTS
    ]


def test_every_callback_declares_a_permission(app: dash.Dash, server: Flask) -> None:
    server.test_client().get("/accounts/login/")  # Dash registers its router on the first request
    callbacks = server_callbacks(app)
    assert callbacks, "there are no callbacks: this test looks at nothing"
    silent = [o for o in callbacks if declared_permission(app.callback_map[o]["callback"]) is None]
    assert silent == []


def test_every_page_declares_a_permission_and_has_a_layout(app: dash.Dash) -> None:
    assert len(dash.page_registry) >= 8
    for page in dash.page_registry.values():
        assert isinstance(page["permission"], Permission), page["module"]
        assert callable(page["layout"]), page["module"]
        assert page["path"].startswith("/") and page["path"].endswith("/"), page["path"]


@pytest.mark.parametrize("role", ROLES, ids=[role.value for role in ROLES])
def test_role_by_callback_matrix(
    app: dash.Dash, log_in: LogIn, role: UserRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = log_in(role)
    token = {"X-CSRFToken": browser.token}
    for output in server_callbacks(app):
        permission = declared_permission(app.callback_map[output]["callback"])

        def reached(*_: object, **__: object) -> None:
            raise PreventUpdate

        reached.__rota_permission__ = permission  # type: ignore[attr-defined]
        monkeypatch.setitem(app.callback_map[output], "callback", reached)
        status = browser.call(output, headers=token).status_code
        allowed = permission in PERMISSIONS[role]
        assert (status != 403) == allowed, (output, permission, status)


def test_a_call_that_presses_nothing_runs_nothing_for_who_may_not(
    app: dash.Dash, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The renderer makes such calls by itself when a page appears."""
    ran = []
    browser = log_in(UserRole.ANALYST)
    token = {"X-CSRFToken": browser.token}
    forbidden = [
        output
        for output in server_callbacks(app)
        if declared_permission(app.callback_map[output]["callback"])
        not in PERMISSIONS[UserRole.ANALYST]
    ]
    assert forbidden
    for output in forbidden:
        permission = declared_permission(app.callback_map[output]["callback"])

        def runs(*_: object, **__: object) -> None:
            ran.append(1)

        runs.__rota_permission__ = permission  # type: ignore[attr-defined]
        monkeypatch.setitem(app.callback_map[output], "callback", runs)
        empty = [None] * len(app.callback_map[output]["inputs"])
        assert browser.call(output, empty, headers=token).status_code == 204
    assert ran == []


@pytest.mark.parametrize("role", ROLES, ids=[role.value for role in ROLES])
def test_role_by_page_matrix(app: dash.Dash, log_in: LogIn, role: UserRole) -> None:
    browser = log_in(role)
    for page in dash.page_registry.values():
        allowed = page["permission"] in PERMISSIONS[role]
        assert browser.get(page["path"]).status_code == (200 if allowed else 403), page["path"]


@pytest.mark.parametrize("path", ["/_dash-layout", "/_dash-dependencies", "/_reload-hash"])
def test_a_stranger_gets_no_body_from_dash(server: Flask, path: str) -> None:
    answer = server.test_client().get(path)
    assert answer.status_code == 401
    assert b"props" not in answer.data and b"callback" not in answer.data


def test_a_stranger_cannot_call_anything(app: dash.Dash, server: Flask) -> None:
    client = server.test_client()
    for output in server_callbacks(app):
        answer = client.post("/_dash-update-component", json={"output": output})
        assert answer.status_code == 401


def test_a_stranger_is_sent_to_the_login_and_back(server: Flask) -> None:
    answer = server.test_client().get("/rota/?home=3&weeks=2")
    assert answer.status_code == 302
    assert answer.location == "/accounts/login/?next=/rota/?home%3D3%26weeks%3D2"


def test_an_unknown_address_is_404(log_in: LogIn) -> None:
    assert log_in(UserRole.ADMINISTRATOR).get("/no/such/page").status_code == 404


@pytest.fixture
def any_callback(app: dash.Dash, server: Flask) -> str:
    """A callback with at least one value."""
    return next(
        output
        for output in server_callbacks(app)
        if app.callback_map[output]["inputs"]
        and not app.callback_map[output]["inputs"][0]["id"].startswith("{")
    )


@pytest.mark.parametrize("headers", [{}, {"X-CSRFToken": "wrong"}], ids=["none", "wrong"])
def test_a_call_without_the_csrf_token_is_refused(
    log_in: LogIn, any_callback: str, headers: dict[str, str]
) -> None:
    assert log_in(UserRole.ADMINISTRATOR).call(any_callback, headers=headers).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_call_that_is_not_json_is_refused(log_in: LogIn, kind: str) -> None:
    browser = log_in(UserRole.ADMINISTRATOR)
    answer = browser.client.post(
        "/_dash-update-component", data="{}", content_type=kind,
        headers={"X-CSRFToken": browser.token},
    )  # fmt: skip
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "change",
    [
        {"output": "nothing.here"},
        {"inputs": []},
        {"inputs": "text"},
        {"inputs": [None] * 9},
        {"state": [{"id": "extra", "property": "value", "value": 1}] * 30},
        {"outputs": None},
    ],
    ids=["unknown output", "no inputs", "text", "nulls", "extra state", "no outputs"],
)
def test_a_malformed_call_is_refused_without_a_trace(
    log_in: LogIn, any_callback: str, change: dict[str, object]
) -> None:
    answer = log_in(UserRole.ADMINISTRATOR).call(any_callback, override=change)
    assert answer.status_code in (400, 404)
    assert b"Traceback" not in answer.data


def test_values_under_other_ids_are_refused(
    app: dash.Dash, log_in: LogIn, any_callback: str
) -> None:
    """Dash reads values by position; a guard that searches by id could be deceived."""
    forged = [
        {"id": f"forged-{n}", "property": d["property"], "value": 1}
        for n, d in enumerate(app.callback_map[any_callback]["inputs"])
    ]
    answer = log_in(UserRole.ADMINISTRATOR).call(any_callback, override={"inputs": forged})
    assert answer.status_code == 400


def test_five_megabytes_are_too_much(log_in: LogIn, any_callback: str) -> None:
    answer = log_in(UserRole.ADMINISTRATOR).call(
        any_callback, override={"padding": "x" * 5_000_000}
    )
    assert answer.status_code == 413
