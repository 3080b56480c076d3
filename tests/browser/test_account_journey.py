"""Item 2: log in, change the temporary password, log out; a session that ended."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from rota.access import service
from rota.database import UnitOfWork
from rota.models import UserRole
from tests.browser.conftest import Installation, LogIn, Visit
from tests.factories import administrator


def test_a_new_person_logs_in_chooses_a_password_and_logs_out(
    browser: Browser, installation: Installation
) -> None:
    with UnitOfWork(administrator(), engine=installation.engine) as uow:
        _, clear = service.create_user(
            uow, sap_number="900100", name="Iona Grant", role=UserRole.ANALYST, all_homes=True
        )
        uow.commit()
    context = browser.new_context()
    visit = Visit(context.new_page(), installation)
    page = visit.page
    page.goto(f"{installation.address}/costs/")
    page.fill("#sap_number", "900100")
    page.fill("#password", clear)
    page.keyboard.press("Enter")
    page.fill("#current", clear)
    page.fill("#new", "Heather-55102")
    page.fill("#repeat", "Heather-55102")
    page.keyboard.press("Enter")
    expect(page.locator("h1").first).to_have_text("Overview")
    page.get_by_role("button", name="Account of Iona Grant").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("h1").first).to_have_text("Log in")
    page.goto(f"{installation.address}/dashboard/")
    expect(page.locator("h1").first).to_have_text("Log in")
    assert visit.problems() == []
    context.close()


def test_a_wrong_password_is_answered_in_words(
    browser: Browser, installation: Installation
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{installation.address}/accounts/login/")
    page.fill("#sap_number", "nobody")
    page.fill("#password", "Wrong-12345")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    context.close()


def test_an_ended_session_leads_to_the_login_and_back(log_in: LogIn) -> None:
    visit = log_in(UserRole.SENIOR_MANAGER)
    visit.expected = ["401", "UNAUTHORIZED"]
    page = visit.open("/costs/")
    page.context.clear_cookies()
    page.get_by_role("link", name="Overview").first.click()
    page.wait_for_url("**/accounts/login/?next=**")


def test_the_frame_works_by_keyboard_and_in_the_dark(log_in: LogIn) -> None:
    visit = log_in(UserRole.ANALYST, dark=True)
    page = visit.open("/dashboard/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
