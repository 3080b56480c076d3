"""The carer on a phone, and what her manager decides about it."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from datetime import date, timedelta

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect
from sqlalchemy import select

from rota.access import service
from rota.access.actor import Actor, system_actor
from rota.carer.swap_queries import swap_options
from rota.database import UnitOfWork, reading
from rota.errors import NotFound
from rota.models import CoverJudgement, Shift, SwapProposal, SwapState, User, UserRole
from tests.browser.conftest import PASSWORD, Installation, LogIn


def _no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("view", ["", "leave", "extra", "swaps", "unit"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_tab_fits_a_phone(log_in: LogIn, view: str, dark: bool) -> None:
    page = log_in(UserRole.CARE_STAFF, phone=True, dark=dark).open(f"/my/?view={view}")
    expect(page.locator(".page-tab.is-on")).to_be_visible()
    _no_sideways_scroll(page)


def test_my_week_leads_to_colleagues_without_their_secrets(log_in: LogIn) -> None:
    page = log_in(UserRole.CARE_STAFF, phone=True).open("/my/")
    assert page.locator(".my-card").count() == 7
    page.get_by_role("link", name="Unit", exact=True).click()
    expect(page.locator(".day-shift").first).to_be_visible()
    words = page.locator(".unit-days").inner_text().lower()
    assert not any(word in words for word in ("sick", "leave", "overtime", "£"))


def test_days_offered_and_preferences_are_kept_and_taken_back(log_in: LogIn) -> None:
    page = log_in(UserRole.CARE_STAFF, phone=True).open("/my/?view=extra")
    day = date.today() + timedelta(days=40)
    page.fill("#my-days-start", day.isoformat())
    page.fill("#my-days-end", (day + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Save these days").dblclick()  # twice is once
    expect(page.get_by_text("Saved; your manager sees it").first).to_be_visible()
    expect(page.get_by_role("button", name="Remove", exact=True)).to_have_count(1)
    page.get_by_label("Nights").check()
    page.get_by_role("button", name="Save my preferences").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Nights")).to_be_checked()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("Removed")).to_be_visible()
    # the page is drawn anew after that: what is typed before would be gone
    expect(page.get_by_role("button", name="Remove", exact=True)).to_have_count(0)
    # a past day is told, and nothing is kept
    page.fill("#my-days-start", "2020-01-01")
    page.fill("#my-days-end", "2020-01-02")
    page.get_by_role("button", name="Save these days").click()
    expect(page.get_by_text("The first day has passed already")).to_be_visible()
    expect(page.get_by_role("button", name="Remove", exact=True)).to_have_count(0)


def test_a_calendar_address_opens_without_login_until_it_is_ended(log_in: LogIn) -> None:
    page = log_in(UserRole.CARE_STAFF, phone=True).open("/my/")
    page.get_by_role("button", name="Make a calendar address").click()
    field = page.locator("#my-feed-address")
    expect(field).to_be_visible()
    address = field.input_value()
    with urllib.request.urlopen(address, timeout=10) as answer:
        events = Calendar.from_ical(answer.read()).walk("VEVENT")
    assert events
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("opens nothing any more")).to_be_visible()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address, timeout=10)


def _swappable(installation: Installation) -> tuple[Shift, int, int]:
    """A shift of the carer with an option: the shift, the colleague, the colleague's shift."""
    with reading(installation.engine) as session:
        sap = installation.logins[UserRole.CARE_STAFF]
        staff_id = session.scalar(select(User.staff_id).where(User.sap_number == sap))
        actor = Actor(None, "carer", UserRole.CARE_STAFF, frozenset(), staff_id=staff_id)
        shifts = session.scalars(
            select(Shift)
            .where(Shift.user_id == staff_id, Shift.is_published)
            .where(Shift.date > date.today() + timedelta(days=6))
            .order_by(Shift.date)
        ).all()
        for shift in shifts:
            try:
                _, options = swap_options(session, actor, shift.id)
            except NotFound:
                continue
            if options:
                return shift, options[0].shift.staff_id, options[0].shift.shift_id
    raise AssertionError("the demo leaves the carer nothing to swap")


def _account_of(installation: Installation, staff_id: int) -> None:
    """Let the colleague log in as the second carer."""
    homes = frozenset({1, 2})
    with UnitOfWork(system_actor("test", homes), engine=installation.engine) as uow:
        user = uow.session.scalar(select(User).where(User.staff_id == staff_id))
        if user is None:
            service.create_user(
                uow, sap_number="990001", name="Colleague", role=UserRole.CARE_STAFF,
                password=PASSWORD, home_ids=frozenset(), staff_id=staff_id,
            )  # fmt: skip
            uow.commit()


def test_a_swap_goes_from_phone_to_phone_to_the_manager(
    log_in: LogIn, installation: Installation
) -> None:
    shift, colleague_id, other_id = _swappable(installation)
    _account_of(installation, colleague_id)
    mine = log_in(UserRole.CARE_STAFF, phone=True).open(f"/my/?view=swap{shift.id}")
    mine.fill("#my-swap-note", "School concert")
    mine.get_by_role("button", name="Ask").first.click()
    expect(mine.get_by_text("Asked; you see the answer here")).to_be_visible()
    expect(mine.get_by_text(re.compile("^Waiting for "))).to_be_visible()
    with reading(installation.engine) as session:
        proposal = session.scalars(select(SwapProposal)).one()
        assert (proposal.other_staff_id, proposal.other_shift_id) == (colleague_id, other_id)

    theirs = mine.context.browser.new_context(locale="en-GB", timezone_id="Europe/London")
    page = theirs.new_page()
    page.goto(f"{installation.address}/accounts/login/")
    page.fill("#sap_number", "990001")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.locator(".page").first.wait_for()
    if "password" in page.url:
        page.fill("#current", PASSWORD)
        page.fill("#new", "Heather-55512-x")
        page.fill("#repeat", "Heather-55512-x")
        page.click("button[type=submit]")
    page.goto(f"{installation.address}/my/?view=swaps")
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_text("You agreed; your manager decides")).to_be_visible()
    theirs.close()

    desk = log_in(UserRole.OPERATIONAL_MANAGER).open("/leave/?view=swaps")
    expect(desk.get_by_text("School concert")).to_be_visible()
    desk.get_by_role("button", name="Approve", exact=True).click()
    expect(desk.get_by_text("No swap waits for you")).to_be_visible()
    with reading(installation.engine) as session:
        assert session.get_one(Shift, shift.id).user_id == colleague_id
        assert session.get_one(SwapProposal, proposal.id).state is SwapState.APPROVED
    mine.reload()
    expect(mine.get_by_text("Approved", exact=True)).to_be_visible()


def test_the_manager_corrects_a_ledger_once_however_often_she_clicks(log_in: LogIn) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/leave/?view=balances")
    page.locator("table a").first.click()
    page.locator("#leave-fix-hours").wait_for()
    before = page.locator("tbody tr").count()
    page.fill("#leave-fix-hours", "3.5")
    page.fill("#leave-fix-reason", "Worked through two breaks in May")
    page.get_by_role("button", name="Add the line").dblclick()
    expect(page.get_by_text("Recorded: +3.5 h").first).to_be_visible()
    expect(page.get_by_text("Worked through two breaks in May")).to_have_count(1)
    assert page.locator("tbody tr").count() == before + 1


def test_a_shortfall_is_judged_and_stands_in_the_pack(
    log_in: LogIn, installation: Installation
) -> None:
    visit = log_in(UserRole.OPERATIONAL_MANAGER)
    page = visit.open("/evidence/")
    page.get_by_role("button", name=re.compile("^Judge")).first.click()
    page.fill("#evidence-note", "Senior from the next unit until two")
    page.get_by_role("button", name="Record the judgement").click()
    # in the table: the field that it was typed into has the same text before anything is saved
    expect(page.locator("td", has_text="Senior from the next unit until two")).to_be_visible()
    with reading(installation.engine) as session:
        assert session.scalars(select(CoverJudgement)).one().recorded_by_id is not None
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"%PDF") and len(content) > 10_000
    with page.expect_download() as download:
        page.get_by_role("link", name="Workbook").click()
    assert download.value.suggested_filename.startswith("staffing-evidence-")
    analyst = log_in(UserRole.ANALYST).open("/evidence/")
    expect(analyst.get_by_role("button", name=re.compile("^Judge"))).to_have_count(0)
