"""Somebody starts: the record is made, changed, completed, and the second editor is told."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from rota.models import UserRole
from tests.browser.conftest import LogIn


def test_somebody_starts_and_the_record_is_kept(log_in: LogIn) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/people/")
    page.get_by_role("link", name="New person").click()
    page.get_by_label("First name").fill("Morven")
    page.get_by_label("Last name").fill("Starter")
    page.get_by_label("SAP number").fill("900555")
    page.get_by_label("Grade").select_option(label="SCA: Social care assistant")
    page.get_by_label("Employed as").select_option("permanent")
    page.get_by_label("Contracted hours").fill("35")
    page.get_by_label("First day").fill(date.today().isoformat())
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Morven Starter")).to_be_visible()
    address = page.url.split("&seen")[0]

    # another manager's screen shows the record as it is now
    other = log_in(UserRole.ADMINISTRATOR).page
    other.goto(address)
    other.get_by_label("Team").fill("B")

    page.get_by_label("Contracted hours").fill("24")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Contracted hours a week: 35 h → 24 h")).to_be_visible()
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_text("Somebody else changed this in the meantime")).to_be_visible()

    page.get_by_role("link", name="Add", exact=True).first.click()
    page.get_by_label("What").fill("FIRST_AID")
    page.get_by_label("Since").fill("2026-01-05")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("link", name="FIRST_AID")).to_be_visible()
    page.get_by_label("Last day").fill(date.today().isoformat())
    page.get_by_role("button", name="Record the last day").click()
    expect(page.get_by_text("The last day on record is")).to_be_visible()
