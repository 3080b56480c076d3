"""Schedules, tokens and kept patterns as their screens call them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine, select

from rota.access.actor import system_actor
from rota.api.tokens import use_token
from rota.database import UnitOfWork, reading
from rota.models import CareHome, Job, MailSchedule, SavedView, UserRole
from tests import factories as make
from tests.factories import administrator
from tests.server.conftest import Browser, LogIn


@pytest.fixture
def home(sqlite_engine: Engine) -> CareHome:
    """A home of the person who is logged in."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        made = make.make_home(uow.session, "Orchard Grove")
        uow.commit()
    return made


def output_of(browser: Browser, *parts: str) -> str:
    """The key of the callback that has these inputs."""
    for key, declared in browser.app.callback_map.items():
        if all(any(part in i["id"] for i in declared["inputs"]) for part in parts):
            return str(key)
    raise AssertionError(parts)


def test_a_schedule_is_made_and_taken_away(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, home)
    key = output_of(browser, "sending-save")
    form = ["Monday summary", "weekly-summary", str(home.id), "w0", "07:00", ["om"], ""]
    assert browser.call(key, [1], form).status_code == 200
    with reading(sqlite_engine) as session:
        row = session.scalars(select(MailSchedule)).one()
        assert (row.name, row.home_id, row.roles) == ("Monday summary", home.id, ["om"])
    remove = output_of(browser, "sending-remove")
    changed = {"changedPropIds": [f'{{"schedule":{row.id},"type":"sending-remove"}}.n_clicks']}
    assert browser.call(remove, [1], [""], override=changed).status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        ["", "weekly-summary", "all", "w0", "07:00", ["om"], ""],
        ["a", "secrets", "all", "w0", "07:00", ["om"], ""],
        ["a", "weekly-summary", "x", "w0", "07:00", ["om"], ""],
        ["a", "weekly-summary", "all", "w9", "07:00", ["om"], ""],
        ["a", "weekly-summary", "all", "w0", "25:00", ["om"], ""],
        ["a", "weekly-summary", "all", "w0", "07:00", [], ""],
        ["a", "weekly-summary", "all", "w0", "07:00", ["root"], ""],
        ["a", "weekly-summary", "all", "w0", "07:00", [{}], ""],
    ],
)
def test_a_schedule_that_makes_no_sense_is_not_stored(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine, form: list[object]
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, home)
    answer = browser.call(output_of(browser, "sending-save"), [1], form)
    assert answer.status_code < 500
    with reading(sqlite_engine) as session:
        assert session.scalars(select(MailSchedule)).all() == []


def test_a_token_is_shown_once_and_opens_the_data(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ANALYST, home)
    key = output_of(browser, "data-make")
    answer = browser.call(key, [1], ["Power BI", "all", "90", "no"]).text
    (clear,) = set(re.findall(r"rota_[\w-]{40,}", answer))
    with UnitOfWork(system_actor("x", frozenset()), engine=sqlite_engine) as uow:
        assert use_token(uow, clear, "/").home_ids == {home.id}
    assert clear not in browser.get("/reports/data/").text
    named = browser.call(key, [1], ["Power BI", "all", "90", "yes"])
    assert "rota_" not in named.text, "an analyst sees no people"


def test_a_pattern_is_kept_under_a_name(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ANALYST, home)
    key = output_of(browser, "explore-save")
    address = "?view=cost.unit.none.agency.bars.12"
    assert browser.call(key, [1], ["Agency by unit", address]).status_code == 200
    with reading(sqlite_engine) as session:
        view = session.scalars(select(SavedView)).one()
    assert view.address == "/costs/explore/?view=cost.unit.none.agency.bars.12"
    assert browser.call(key, [1], ["x", "?view=javascript:alert(1)"]).status_code < 500
    with reading(sqlite_engine) as session:
        assert len(session.scalars(select(SavedView)).all()) == 1


def test_a_large_workbook_is_asked_for_by_its_address_once(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr("rota.jobs.service.dispatch", sent.append)
    browser = log_in(UserRole.ANALYST, home)
    key = output_of(browser, "shifts-workbook-ask")
    address = f"?home={home.id}&from=2026-01-01&to=2026-12-31&source=agency"
    for _ in range(2):
        answer = browser.call(key, [1], [address])
        assert answer.status_code == 200 and "Waiting for a worker" in answer.text
    with reading(sqlite_engine) as session:
        (job,) = session.scalars(select(Job)).all()
    assert sent == [job.id, job.id]
    assert (job.kind, job.inputs["home_ids"], job.inputs["source"]) == (
        "workbook", [home.id], "agency",
    )  # fmt: skip
    assert browser.get(f"/download/made/{job.id}").status_code == 404
    for bad in ("", "?from=x", f"?home={home.id + 1}&from=2026-01-01&to=2026-01-02"):
        assert browser.call(key, [1], [bad]).status_code < 500
    with reading(sqlite_engine) as session:
        assert len(session.scalars(select(Job)).all()) == 1
