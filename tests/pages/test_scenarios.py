"""A scenario's pages through the server: every view is built, its inputs are edited."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from pages._scenario_view import PRICE_WORDS
from rota.models import UserRole
from rota.optimisation.prices import Prices
from tests.pages.test_leave_and_vacancies import page_of
from tests.rota.optimisation.homes import make_small_home, optimise
from tests.server.conftest import LogIn


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


@pytest.mark.parametrize("asked", ["99", "0", "9999999999999999999999"])
def test_a_scenario_that_is_not_there_is_said(
    sqlite_engine: Engine, log_in: LogIn, asked: str
) -> None:
    home = make_small_home(sqlite_engine)
    browser = log_in(UserRole.OPERATIONAL_MANAGER, home.home)
    page = page_of(browser, f"/scenarios/open/?scenario={asked}")
    assert "could not be built" not in page
