"""Role × callback × home, and values nobody would type: nothing leaks, nothing breaks, nothing
is written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import dash
import pytest
from flask import Flask
from sqlalchemy import Engine, or_, select, text
from structlog.testing import capture_logs

from rota.database import UnitOfWork
from rota.models import Base, CareHome, Staff, Unit, UserRole
from server.gate import declared_permission
from tests import factories as make
from tests.factories import administrator
from tests.server.conftest import Browser, LogIn
from tests.server.test_gate import server_callbacks

SECRET = "Zzyzx"
#: tables that a refused or read-only call may add lines to
_BOOKKEEPING = {"audit_events"}
HOSTILE: dict[str, Any] = {
    "text": "x' OR '1'='1'; DROP TABLE staff; --",
    "huge number": 1e308,
    "negative": -1,
    "yes": True,
    "nested": {"a": {"b": [1, {"c": None}]}},
    "long list": list(range(10_000)),
    "markup": "<img src=x onerror=alert(1)>",
    "null byte": "a\x00b",
    "long text": "9" * 5_000,
}


@dataclass
class Two:
    """A manager of one home, and what belongs to another."""

    browser: Browser
    other: CareHome
    unit_id: int
    staff_id: int
    shift_id: int


@pytest.fixture
def two(sqlite_engine: Engine, log_in: LogIn, request: pytest.FixtureRequest) -> Two:
    """Homes A and B, each with a unit, a person and a shift; B's are named after the secret."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        mine = make.make_home(uow.session, "Alder House")
        unit = make.make_unit(uow.session, mine, "Ash")
        make.make_shift(uow.session, unit, make.make_staff(uow.session, unit))
        other = make.make_home(uow.session, f"{SECRET} House")
        theirs = make.make_unit(uow.session, other, f"{SECRET} Unit")
        person = make.make_staff(uow.session, theirs, first_name=SECRET, last_name=SECRET)
        shift = make.make_shift(uow.session, theirs, person, note=SECRET)
        make.make_shift(uow.session, theirs)
        make.make_leave(uow.session, person, make.MONDAY, make.MONDAY, reason=SECRET)
        uow.commit()
        found = (other, theirs.id, person.id, shift.id)
    role = getattr(request, "param", UserRole.OPERATIONAL_MANAGER)
    return Two(log_in(role, mine), *found)


def fingerprint(engine: Engine, home_id: int) -> str:
    """A hash of every row of a home, its units and people; its data version included."""
    units = select(Unit.id).where(Unit.home_id == home_id)
    people = select(Staff.id).where(Staff.home_id == home_id)
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            owners = [
                table.c[column].in_(wanted)
                for column, wanted in (
                    ("home_id", [home_id]), ("unit_id", units), ("staff_id", people),
                )
                if column in table.c
            ]  # fmt: skip
            if table.name == "care_homes":
                owners = [table.c.id == home_id]
            if not owners or table.name in _BOOKKEEPING:
                continue
            rows = select(table).where(or_(*owners)).order_by(*table.primary_key.columns)
            for row in connection.execute(rows):
                digest.update(repr((table.name, *row)).encode())
    return digest.hexdigest()


def _state_of(app: dash.Dash, output: str, part: str, value: Any, search: str) -> list[Any]:
    """Values for a callback: the address where it asks for it, ``value`` elsewhere."""
    return [
        search if one["property"] == "search" else value for one in app.callback_map[output][part]
    ]


@pytest.mark.parametrize(
    "two",
    [UserRole.OPERATIONAL_MANAGER, UserRole.SENIOR_MANAGER, UserRole.ANALYST, UserRole.CARE_STAFF],
    ids=lambda role: role.value,
    indirect=True,
)
def test_role_by_callback_by_home_matrix(app: dash.Dash, two: Two, sqlite_engine: Engine) -> None:
    """Every callback, asked for another home's home, unit, person or shift: nothing of it comes
    back and nothing is written."""
    search = f"?home={two.other.id}&unit={two.unit_id}&person={two.staff_id}"
    before, token = fingerprint(sqlite_engine, two.other.id), {"X-CSRFToken": two.browser.token}
    asked = 0
    for output in server_callbacks(app):
        for value in (two.other.id, two.unit_id, two.staff_id, two.shift_id, str(two.shift_id)):
            answer = two.browser.call(
                output,
                _state_of(app, output, "inputs", value, search),
                _state_of(app, output, "state", value, search),
                headers=token,
            )
            assert SECRET not in answer.text, (output, value)
            asked += 1
    assert asked > 200
    assert fingerprint(sqlite_engine, two.other.id) == before


@pytest.mark.parametrize(
    "two",
    [UserRole.OPERATIONAL_MANAGER, UserRole.SENIOR_MANAGER, UserRole.ANALYST],
    ids=lambda role: role.value,
    indirect=True,
)
def test_role_by_page_by_home_matrix(two: Two) -> None:
    """Every page's layout for another home in its address."""
    router = ".._pages_content.children..._pages_store.data.."
    query = f"?home={two.other.id}&unit={two.unit_id}&person={two.staff_id}"
    token = {"X-CSRFToken": two.browser.token}
    for page in dash.page_registry.values():
        answer = two.browser.call(router, [page["path"], query], headers=token)
        assert SECRET not in answer.text, page["path"]


def _addresses(tree: Any) -> Iterator[str]:
    """Every address in an answer's components."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in {"href", "src", "action", "data-href"} and isinstance(value, str):
                yield value
            else:
                yield from _addresses(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _addresses(value)


def test_no_typed_text_becomes_an_address(two: Two, sqlite_engine: Engine) -> None:
    """Whatever a name is, every link of every page leads into this site, to mail or a telephone."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        for model, column in (
            (CareHome, "name"), (Unit, "name"), (Staff, "first_name"), (Staff, "last_name"),
        ):  # fmt: skip
            for row in uow.session.scalars(select(model)):
                setattr(row, column, f"javascript:alert({row.id})")
        uow.touch(None)
        uow.commit()
    router = ".._pages_content.children..._pages_store.data.."
    token = {"X-CSRFToken": two.browser.token}
    found, seen = 0, ""
    for page in dash.page_registry.values():
        answer = two.browser.call(router, [page["path"], ""], headers=token)
        seen += answer.text
        for address in _addresses(json.loads(answer.text) if answer.status_code == 200 else None):
            found += 1
            assert re.match(r"$|[/?#]|mailto:|tel:|https://", address), (page["path"], address)
    assert "javascript:alert" in seen, "the names are on the pages"
    assert found > 50


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_values_break_nothing_and_write_nothing(
    app: dash.Dash, two: Two, sqlite_engine: Engine, name: str
) -> None:
    """The strongest role's every callback with a value of the wrong kind everywhere."""
    value = HOSTILE[name]
    before, token = fingerprint(sqlite_engine, two.other.id), {"X-CSRFToken": two.browser.token}
    crashed = []
    for output in server_callbacks(app):
        if declared_permission(app.callback_map[output]["callback"]) is None:
            continue
        with capture_logs() as lines:
            answer = two.browser.call(
                output,
                _state_of(app, output, "inputs", value, "?view=x"),
                _state_of(app, output, "state", value, "?view=x"),
                headers=token,
            )
        broken = [
            line for line in lines if line["event"] in ("callback failed", "unexpected error")
        ]
        if broken or answer.status_code >= 500:
            crashed.append((output, answer.status_code, [line.get("kind") for line in broken]))
        assert "Traceback" not in answer.text and "sqlite3" not in answer.text, output
    assert crashed == []
    assert fingerprint(sqlite_engine, two.other.id) == before


def test_a_forged_handle_of_a_background_job_is_ignored(two: Two) -> None:
    """Nothing runs in the background by Dash's own means, so its handles name nothing."""
    router = ".._pages_content.children..._pages_store.data.."
    body = {
        "output": router,
        "outputs": [{"id": "_pages_content", "property": "children"},
                    {"id": "_pages_store", "property": "data"}],
        "inputs": [{"id": "_pages_location", "property": "pathname", "value": "/dashboard/"},
                   {"id": "_pages_location", "property": "search", "value": ""}],
        "state": [], "changedPropIds": ["_pages_location.pathname"],
    }  # fmt: skip
    token = {"X-CSRFToken": two.browser.token}
    address = "/_dash-update-component"
    plain = two.browser.client.post(address, json=body, headers=token)
    forged = two.browser.client.post(
        f"{address}?oldJob=1&oldJob=99999&job=../../etc/passwd&cacheKey={SECRET}&cancelJob=1",
        json=body, headers=token,
    )  # fmt: skip
    assert plain.status_code == forged.status_code == 200
    assert forged.json == plain.json


def test_a_name_of_the_database_is_never_run(two: Two, sqlite_engine: Engine) -> None:
    """SQL in every part of every address."""
    bad = "1;DROP%20TABLE%20staff--"
    for page in dash.page_registry.values():
        for key in ("home", "unit", "person", "start", "weeks", "view", "q", "status", "page"):
            assert two.browser.get(f"{page['path']}?{key}={bad}").status_code < 500
    with sqlite_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM staff")).scalar_one() == 2


def test_passive_checks_of_every_address(server: Flask, app: dash.Dash, log_in: LogIn) -> None:
    """What a passive scanner looks at: headers and cookies of every address there is."""
    browser = log_in(UserRole.ADMINISTRATOR)
    rules = [
        rule.rule for rule in server.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
    ]  # fmt: skip
    paths = {*rules, *(page["path"] for page in dash.page_registry.values()), "/static/tokens.css",
             "/nowhere", "/static/nothing.css"}  # fmt: skip
    assert len(paths) > 30
    for path in sorted(paths):
        answer = browser.get(path)
        headers = answer.headers
        assert answer.status_code < 500, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert "unsafe-eval" not in headers["Content-Security-Policy"], path
        for leak in ("X-Powered-By", "X-AspNet-Version", "Access-Control-Allow-Origin"):
            assert leak not in headers, path
        if not path.startswith("/static/"):
            assert "no-store" in headers.get("Cache-Control", "no-store"), path
        for cookie in headers.getlist("Set-Cookie"):
            assert (
                "SameSite=Lax" in cookie
                or "Max-Age=0" in cookie
                or "Expires=Thu, 01 Jan 1970" in cookie
            ), (path, cookie)
            # the renderer must read the CSRF token; nothing else may be read by a script
            assert "HttpOnly" in cookie or cookie.startswith("_csrf_token="), (path, cookie)
        assert b"Traceback" not in answer.data, path
