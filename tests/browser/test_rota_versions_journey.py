"""Publishing, comparing with what was published, going back to a version, and paper."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.models import Shift, Staff, UserRole
from tests.browser.conftest import Installation, LogIn
from tests.browser.test_rota_journey import MONDAY, carers, code, toast

#: a week of its own, beyond the planned rota
WEEK = MONDAY + timedelta(weeks=4)


def cell(page: Page, person: Staff, day: date) -> Locator:
    return page.locator(f'.ag-row[row-id="p{person.id}"] .ag-cell[col-id="{day}"]').first


def on(installation: Installation, person: Staff) -> list[tuple[str, bool]]:
    with Session(installation.engine) as session:
        rows = session.scalars(select(Shift).where(Shift.user_id == person.id, Shift.date == WEEK))
        return [(shift.shift_type.code, shift.is_published) for shift in rows]


def test_a_week_is_published_compared_restored_taken_back_and_printed(
    log_in: LogIn, installation: Installation
) -> None:
    person = carers(installation, 1, unit=6)[0]
    visit = log_in(UserRole.OPERATIONAL_MANAGER)
    where = f"home={person.home_id}&unit={person.unit_id}&start={WEEK}&weeks=1"
    page = visit.open(f"/rota/?{where}")
    here = cell(page, person, WEEK)
    here.wait_for()
    page.wait_for_function("window.dash_ag_grid && dash_ag_grid.getApi('rota-grid')")
    code(page, "D").click()
    here.click()
    expect(here).to_contain_text("D")
    expect(toast(page)).to_contain_text("D for")

    page.locator("#rota-publish").click()
    question = page.locator("#rota-publish-dialog")
    expect(question).to_contain_text("1 change for 1 person")
    expect(question).to_contain_text(person.name)
    question.get_by_role("button", name="Publish").click()
    expect(toast(page)).to_contain_text(re.compile(r"Version \d+ published: 1 change for 1 person"))
    assert on(installation, person) == [("D", True)]
    # the grid shows at once that it is no draft any more, so the next edit is no conflict
    expect(here.locator(".mark-draft")).to_have_count(0)

    code(page, "E").click()
    here.click()
    expect(toast(page)).to_contain_text(": E")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Compare").click()
    expect(toast(page)).to_contain_text("1 cell differs from what was published")
    expect(here.locator(".code-was")).to_contain_text("D")

    page.get_by_role("button", name="Versions").click()
    versions = page.locator("#rota-versions-dialog")
    expect(versions).to_contain_text("In force")
    versions.get_by_role("button", name="Restore").first.click()
    expect(toast(page)).to_contain_text("Restored and published")
    expect(here).to_contain_text("D")
    assert on(installation, person) == [("D", True)]

    versions.get_by_label("Reason for taking a version back").fill("Not agreed yet")
    versions.get_by_role("button", name="Take back").first.click()
    expect(toast(page)).to_contain_text("1 shift is a draft")
    assert on(installation, person) == [("D", False)]

    page.goto(f"{installation.address}/print/rota?{where}")
    expect(page.locator("body")).to_contain_text(person.name)
    expect(page.locator("body")).to_contain_text(re.compile("[Pp]rinted"))
    assert page.evaluate("document.querySelectorAll('script[src]').length") == 0
