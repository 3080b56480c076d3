"""Login, logout, sessions that end when they must."""

from __future__ import annotations

import time

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine

from rota.access import service
from rota.database import UnitOfWork
from rota.models import UserRole
from server.accounts import safe_target
from server.session_cookie import ABSOLUTE_SECONDS, IDLE_SECONDS
from tests.factories import administrator
from tests.server.conftest import PASSWORD, LogIn, post_login


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https:evil.example", "\\evil", "/\\evil", "https://evil.example/",
     "%2f%2fevil", "/%2f%2fevil", "javascript:alert(1)", "", "/a\nb", "x" * 3000],
)  # fmt: skip
def test_login_never_leads_to_another_host(target: str) -> None:
    assert safe_target(target) is None


def test_login_leads_back_to_where_one_was(server: Flask, log_in: LogIn) -> None:
    log_in(UserRole.ANALYST, sap="back")
    answer = post_login(server.test_client(), "back", PASSWORD, "?next=/costs/%3Fhome%3D1")
    assert answer.location == "/costs/?home=1"


def test_unknown_user_and_wrong_password_look_the_same(server: Flask, log_in: LogIn) -> None:
    log_in(UserRole.ANALYST, sap="known")
    known = post_login(server.test_client(), "known", "Wrong-12345")
    unknown = post_login(server.test_client(), "other", "Wrong-12345")
    assert known.status_code == unknown.status_code == 400
    assert service.WRONG_CREDENTIALS in known.text and service.WRONG_CREDENTIALS in unknown.text


def test_six_bad_logins_are_answered_with_429_and_a_neighbour_still_gets_in(
    server: Flask, log_in: LogIn
) -> None:
    log_in(UserRole.ANALYST, sap="victim")
    log_in(UserRole.ANALYST, sap="neighbour")
    codes = [
        post_login(server.test_client(), "victim", "Wrong-12345").status_code for _ in range(6)
    ]
    assert codes == [400] * 5 + [429]
    assert post_login(server.test_client(), "neighbour", PASSWORD).status_code == 303


def test_a_temporary_password_opens_only_the_page_that_changes_it(
    server: Flask, sqlite_engine: Engine
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        _, clear = service.create_user(
            uow, sap_number="new", name="New Person", role=UserRole.ANALYST
        )
        uow.commit()
    client = server.test_client()
    assert post_login(client, "new", clear).location == "/accounts/password/"
    assert client.get("/dashboard/").location == "/accounts/password/"
    assert client.get("/_dash-layout").status_code == 401


def test_logging_out_ends_copies_of_the_cookie(server: Flask, log_in: LogIn) -> None:
    browser = log_in(UserRole.ANALYST)
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    browser.client.post("/accounts/logout/", headers={"X-CSRFToken": browser.token})
    thief = server.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/_dash-layout").status_code == 401


def test_deactivation_and_role_change_take_effect_on_the_next_request(
    sqlite_engine: Engine, log_in: LogIn
) -> None:
    from sqlalchemy import select

    from rota.models import User

    browser = log_in(UserRole.OPERATIONAL_MANAGER)
    assert browser.get("/_dash-layout").status_code == 200
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        user_id = uow.session.scalars(select(User.id)).one()
        service.change_account(
            uow, user_id, role=UserRole.OPERATIONAL_MANAGER, is_active=False, all_homes=False,
            home_ids=frozenset(),
        )  # fmt: skip
        uow.commit()
    assert browser.get("/_dash-layout").status_code == 401


def test_login_gives_a_new_session(server: Flask, log_in: LogIn) -> None:
    log_in(UserRole.ANALYST, sap="fixed")
    client = server.test_client()
    client.get("/accounts/login/")
    before = client.get_cookie("session")
    post_login(client, "fixed", PASSWORD)
    after = client.get_cookie("session")
    assert before and after and before.value != after.value


@pytest.mark.parametrize("key_and_age", [("used", IDLE_SECONDS), ("started", ABSOLUTE_SECONDS)])
def test_a_session_ends_by_idleness_and_by_age(log_in: LogIn, key_and_age: tuple[str, int]) -> None:
    key, age = key_and_age
    browser = log_in(UserRole.ANALYST)
    with browser.client.session_transaction() as session:
        session[key] = int(time.time()) - age - 5
    assert browser.get("/_dash-layout").status_code == 401


def test_a_clock_put_back_ends_no_session_and_makes_none_longer(log_in: LogIn) -> None:
    """Two servers' clocks, or one that is set: a cookie of an hour from now is one of now."""
    with time_machine.travel(time.time() + 3600, tick=True):
        browser = log_in(UserRole.ANALYST)
    assert browser.get("/_dash-layout").status_code == 200
    with browser.client.session_transaction() as session:
        assert max(session["used"], session["started"]) <= time.time()
    with time_machine.travel(time.time() + IDLE_SECONDS + 5, tick=True):
        assert browser.get("/_dash-layout").status_code == 401


def test_a_cookie_that_is_too_old_is_still_none(log_in: LogIn) -> None:
    browser = log_in(UserRole.ANALYST)
    with time_machine.travel(time.time() + ABSOLUTE_SECONDS + 5, tick=True):
        assert browser.get("/_dash-layout").status_code == 401


def test_changing_the_password_needs_the_current_one(log_in: LogIn) -> None:
    browser = log_in(UserRole.ANALYST)
    answer = browser.client.post(
        "/accounts/password/",
        data={"current": "Wrong-12345", "new": "Bracken-9911", "repeat": "Bracken-9911"},
        headers={"X-CSRFToken": browser.token},
    )
    assert answer.status_code == 400
    assert "current password is not right" in answer.text
