"""A scenario's pages through the server: every view is built, its inputs are edited."""

from __future__ import annotations

import dash
import pytest
from sqlalchemy import Engine, select

from pages._scenario_view import PRICE_WORDS
from rota.database import reading
from rota.models import Job, UserRole
from rota.optimisation.prices import Prices
from tests.factories import MONDAY
from tests.pages.test_leave_and_vacancies import Press, output_of, page_of, press
from tests.rota.optimisation.homes import make_small_home, optimise
from tests.server.conftest import LogIn

__all__ = ["press"]


def test_every_price_has_words() -> None:
    assert set(PRICE_WORDS) == set(Prices().as_inputs())


def test_every_view_of_a_scenario_is_built(sqlite_engine: Engine, log_in: LogIn) -> None:
    home = make_small_home(sqlite_engine)
    scenario = optimise(home).scenario_id
    browser = log_in(UserRole.OPERATIONAL_MANAGER, home.home)
    for view, words in {
        "": "What it is worth", "why": "Why this person?", "risk": "expected to fall below",
        "if": "Sharing people between units and homes", "accept": "Shifts that change",
        "edit": "beyond a fair share",
    }.items():  # fmt: skip
        assert words in page_of(browser, f"/scenarios/open/?scenario={scenario}&view={view}"), view
    for part in ("units", "days", "people"):
        page = page_of(browser, f"/scenarios/open/?scenario={scenario}&view=accept&status={part}")
        assert f"{part.capitalize()} to accept" in page
    assert "The same measures" in page_of(browser, f"/scenarios/compare/?q={scenario}")
    assert "Rule breaches" in page_of(browser, f"/scenarios/?scenario={scenario}")


def asked_of(engine: Engine) -> list[Job]:
    with reading(engine) as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def test_a_named_optimisation_at_a_service_level_is_asked_for_once(
    sqlite_engine: Engine, log_in: LogIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rota.jobs.service.dispatch", lambda _job_id: None)
    home = make_small_home(sqlite_engine)
    browser = log_in(UserRole.OPERATIONAL_MANAGER, home.home)
    search = f"?home={home.home.id}&start={MONDAY}&weeks=1"
    for name in ("A name", "The same again"):
        answer = press(browser, "scenarios.start", "scenarios-start", ["10", name, 90, search])
        assert answer.status_code == 200, answer.text[:300]
    (job,) = asked_of(sqlite_engine)
    assert (job.inputs["name"], job.inputs["service_level"]) == ("A name", 90)
    press(browser, "scenarios.start", "scenarios-start", ["60", "Longer", None, search])
    assert [job.inputs["seconds"] for job in asked_of(sqlite_engine)] == [10, 60]


@pytest.mark.parametrize(
    ("effort", "level"), [("7", None), (["10"], None), ("10", 30), ("10", "x"), ("10", 1e99)]
)
def test_a_question_that_makes_no_sense_starts_nothing(
    sqlite_engine: Engine, log_in: LogIn, press: Press, effort: object, level: object
) -> None:
    home = make_small_home(sqlite_engine)
    browser = log_in(UserRole.OPERATIONAL_MANAGER, home.home)
    search = f"?home={home.home.id}&start={MONDAY}&weeks=1"
    answer = press(browser, "scenarios.start", "scenarios-start", [effort, "", level, search])
    assert answer.status_code < 500
    assert asked_of(sqlite_engine) == []


def test_a_click_on_the_frontier_opens_its_rota(
    sqlite_engine: Engine, log_in: LogIn, app: dash.Dash
) -> None:
    home = make_small_home(sqlite_engine)
    browser = log_in(UserRole.OPERATIONAL_MANAGER, home.home)
    click = {"points": [{"customdata": [12, "x"]}]}
    answer = browser.call(output_of(app, "open_point"), [click], ["?scenario=3&view=if"])
    assert answer.get_json()["response"]["scenario-go"]["href"] == "/scenarios/open/?scenario=12"


@pytest.mark.parametrize("asked", ["99", "0", "9999999999999999999999"])
def test_a_scenario_that_is_not_there_is_said(
    sqlite_engine: Engine, log_in: LogIn, asked: str
) -> None:
    home = make_small_home(sqlite_engine)
    browser = log_in(UserRole.OPERATIONAL_MANAGER, home.home)
    page = page_of(browser, f"/scenarios/open/?scenario={asked}")
    assert "could not be built" not in page
