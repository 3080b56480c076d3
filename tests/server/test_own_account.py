"""Second factor and sessions as a browser meets them."""

from __future__ import annotations

import re

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from rota.access import invitations, service
from rota.database import UnitOfWork
from rota.models import UserRole
from server.devices import COOKIE
from tests.factories import administrator
from tests.server.conftest import (
    PASSWORD,
    TOTP_SECRET,
    LogIn,
    enrol,
    post_code,
    post_login,
)


def _administrator(engine: Engine, sap: str = "boss") -> None:
    with UnitOfWork(administrator(), engine=engine) as uow:
        service.create_user(
            uow, sap_number=sap, name="Boss", role=UserRole.ADMINISTRATOR, password=PASSWORD
        )
        uow.commit()


def _token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def test_an_administrator_sets_up_a_second_factor_before_anything_else(
    server: Flask, sqlite_engine: Engine
) -> None:
    _administrator(sqlite_engine)
    client = server.test_client()
    assert post_login(client, "boss", PASSWORD).location == "/accounts/second-factor/"
    assert client.get("/admin/").location == "/accounts/second-factor/"
    assert client.get("/_dash-layout").status_code == 401
    page = client.get("/accounts/second-factor/")
    secret = re.search(r'account-key num">([A-Z2-7 ]+)<', page.text)
    assert secret and "data:image/svg+xml" in page.text
    code = pyotp.TOTP(secret[1].replace(" ", "")).now()
    token = _token(client, "/accounts/second-factor/")
    wrong = client.post("/accounts/second-factor/", data={"code": "000000", "csrf_token": token})
    assert wrong.status_code == 400 and "not right" in wrong.text
    done = client.post("/accounts/second-factor/", data={"code": code, "csrf_token": token})
    assert len(re.findall(r"<li><code>", done.text)) == 10
    assert client.get("/admin/").status_code == 200


def test_half_a_login_opens_nothing(server: Flask, sqlite_engine: Engine) -> None:
    _administrator(sqlite_engine)
    enrol(sqlite_engine, "boss")
    client = server.test_client()
    assert post_login(client, "boss", PASSWORD).location == "/accounts/code/"
    assert client.get("/_dash-layout").status_code == 401
    assert client.get("/accounts/").status_code == 302
    assert post_code(client, "000000").status_code == 400
    assert post_code(client, pyotp.TOTP(TOTP_SECRET).now()).location == "/dashboard/"
    assert client.get("/_dash-layout").status_code == 200


def test_the_code_page_is_nothing_without_the_first_step(server: Flask) -> None:
    assert server.test_client().get("/accounts/code/").location == "/accounts/login/"


def test_half_a_login_waits_five_minutes_at_most(server: Flask, sqlite_engine: Engine) -> None:
    _administrator(sqlite_engine)
    enrol(sqlite_engine, "boss")
    client = server.test_client()
    post_login(client, "boss", PASSWORD)
    with client.session_transaction() as session:
        session["half"] = {**session["half"], "at": session["half"]["at"] - 301}
    assert client.get("/accounts/code/").location == "/accounts/login/"


def test_one_ends_another_session_and_stays_oneself(server: Flask, log_in: LogIn) -> None:
    here = log_in(UserRole.ANALYST, sap="two")
    there = server.test_client()
    post_login(there, "two", PASSWORD)
    page = here.get("/accounts/").text
    assert page.count("/end/") == 1 and "this browser" in page
    path = re.search(r"/accounts/sessions/\d+/end/", page)
    assert path
    here.client.post(path[0], data={"csrf_token": _token(here.client, "/accounts/")})
    assert there.get("/_dash-layout").status_code == 401
    assert here.get("/_dash-layout").status_code == 200


def test_nobody_ends_a_session_of_somebody_else(server: Flask, log_in: LogIn) -> None:
    victim, other = log_in(UserRole.ANALYST, sap="a"), log_in(UserRole.CARE_STAFF, sap="b")
    answer = other.client.post(
        "/accounts/sessions/1/end/",
        data={"csrf_token": _token(other.client, "/accounts/password/")},
    )
    assert answer.status_code == 404
    assert victim.get("/_dash-layout").status_code == 200


def test_ending_all_others_keeps_this_one(server: Flask, log_in: LogIn) -> None:
    here = log_in(UserRole.ANALYST, sap="two")
    there = server.test_client()
    post_login(there, "two", PASSWORD)
    answer = here.client.post(
        "/accounts/sessions/end-others/", data={"csrf_token": _token(here.client, "/accounts/")}
    )
    assert answer.status_code == 303
    assert there.get("/_dash-layout").status_code == 401
    assert here.get("/_dash-layout").status_code == 200


def test_logging_out_leaves_the_other_browser_alone(server: Flask, log_in: LogIn) -> None:
    here = log_in(UserRole.ANALYST, sap="two")
    there = server.test_client()
    post_login(there, "two", PASSWORD)
    here.client.post("/accounts/logout/", headers={"X-CSRFToken": here.token})
    assert here.get("/_dash-layout").status_code == 401
    assert there.get("/_dash-layout").status_code == 200


def test_a_browser_is_known_after_its_first_login_and_cannot_claim_to_be(
    server: Flask, log_in: LogIn
) -> None:
    browser = log_in(UserRole.ANALYST, sap="mine")
    cookie = browser.client.get_cookie(COOKIE, path="/accounts/")
    assert cookie is not None and cookie.http_only
    for _ in range(5):
        post_login(server.test_client(), "mine", "Wrong-12345")
    assert post_login(server.test_client(), "mine", PASSWORD).status_code == 429
    forger = server.test_client()
    forger.set_cookie(COOKIE, cookie.value[:-2] + "xx", path="/accounts/")
    assert post_login(forger, "mine", PASSWORD).status_code == 429
    assert post_login(browser.client, "mine", PASSWORD).status_code == 303


def test_an_invitation_is_accepted_and_used_up(server: Flask, sqlite_engine: Engine) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        user, _ = service.create_user(
            uow, sap_number="new", name="New Person", role=UserRole.ANALYST
        )
        token = invitations.invite(uow, user.id).token
        uow.commit()
    client = server.test_client()
    form = {"token": token, "new": "Kelpie-Otter-90817", "repeat": "Kelpie-Otter-90817"}
    form["csrf_token"] = _token(client, "/accounts/invitation/")
    assert client.post("/accounts/invitation/", data={**form, "repeat": "x"}).status_code == 400
    assert client.post("/accounts/invitation/", data=form).location == "/dashboard/"
    assert client.get("/_dash-layout").status_code == 200
    other = server.test_client()
    form["csrf_token"] = _token(other, "/accounts/invitation/")
    again = other.post("/accounts/invitation/", data=form)
    assert again.status_code == 400 and invitations.NO_LONGER in again.text
