"""Item 7: a forecast is made in the background and shown with its band and its error."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.models import HomeGrant, Unit, User, UserRole
from tests.browser.conftest import Installation, LogIn


@pytest.fixture
def unit_query(installation: Installation) -> str:
    """The address of the first unit with residents of the manager's home."""
    with Session(installation.engine) as session:
        unit = session.scalars(
            select(Unit)
            .join(HomeGrant, HomeGrant.home_id == Unit.home_id)
            .join(User, User.id == HomeGrant.user_id)
            .where(
                Unit.is_management.is_(False),
                User.sap_number == installation.logins[UserRole.OPERATIONAL_MANAGER],
            )
            .order_by(Unit.home_id, Unit.name)
        ).first()
        assert unit is not None
        return f"home={unit.home_id}&unit={unit.id}"


@pytest.mark.slow
def test_a_manager_makes_and_reads_the_forecast_of_the_home(log_in: LogIn) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/forecast/")
    expect(page.locator(".page")).to_contain_text("all units")
    # another journey may have made it already; trained whole, the sum has its band
    start = page.get_by_role("button", name="Make the forecast")
    again = page.get_by_role("button", name="Train again")
    expect(start.or_(again)).to_be_visible()
    start.or_(again).click()
    expect(page.get_by_text("Days inside the 80% band")).to_be_visible(timeout=120_000)
    words = page.locator(".page").inner_text()
    assert "last week" in words.lower(), "the error does not stand beside last week's"
    assert "each unit staffed by itself" in words
    # from the sum to what it is made of
    page.get_by_role("table", name="What the sum is made of").get_by_role("link").first.click()
    expect(page.get_by_text("How it was made")).to_be_visible()


def test_an_analyst_reads_forecasts_but_trains_none(log_in: LogIn) -> None:
    page = log_in(UserRole.ANALYST).open("/forecast/")
    expect(page.locator("h1").first).to_have_text("Forecast")
    expect(page.get_by_role("button", name="Train")).to_have_count(0)


@pytest.mark.slow
def test_a_manager_turns_a_service_level_into_the_requirement(
    log_in: LogIn, unit_query: str
) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open(f"/forecast/?{unit_query}&view=day")
    start = page.get_by_role("button", name="Make the forecast")
    if start.count():
        start.click()
    expect(page.locator("#forecast-level-text")).to_contain_text("So you need", timeout=120_000)
    before = page.locator("#forecast-level-text").inner_text()
    page.locator("#forecast-level").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#forecast-level-text")).to_contain_text("Enough on 95% of days")
    assert page.locator("#forecast-level-text").inner_text() != before
    expect(page.locator("#forecast-curve-title")).to_contain_text("95%")
    page.get_by_role("button", name="Accept as requirement").click()
    expect(page.get_by_text("requirements for 28 days at 95%")).to_be_visible()
    expect(page.get_by_text("Accepted as requirement by")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("28 accepted requirements withdrawn")).to_be_visible()


@pytest.mark.slow
def test_accuracy_and_what_if_follow_from_the_forecast(log_in: LogIn, unit_query: str) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open(f"/forecast/?{unit_query}")
    start = page.get_by_role("button", name="Make the forecast")
    if start.count():
        start.click()
    expect(page.locator("#forecast-chart .js-plotly-plot, .js-plotly-plot").first).to_be_visible(
        timeout=120_000
    )
    page.get_by_role("link", name="Accuracy").click()
    expect(page.locator("h1").first).to_have_text("Forecast accuracy")
    expect(page.get_by_text("Unit by unit")).to_be_visible()
    page.get_by_role("link", name="What if").click()
    expect(page.locator("h1").first).to_have_text("What if")
    page.get_by_role("button", name="Five more residents a unit").click()
    expect(page.locator("#what-if-chart-title")).to_contain_text("shifts,")
    page.get_by_role("button", name="As expected").click()
    expect(page.locator("#what-if-chart-title")).to_contain_text("choose what might be otherwise")
