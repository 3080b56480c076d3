"""An administrator makes an account, gives it a home, and closes it again."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from rota.models import UserRole
from tests.browser.conftest import LogIn


def test_an_administrator_makes_and_closes_an_account(log_in: LogIn) -> None:
    page = log_in(UserRole.ADMINISTRATOR).open("/admin/")
    page.get_by_role("link", name="New account").click()
    page.fill("#admin-sap", "900777")
    page.fill("#admin-name", "Kirsty Muir")
    page.select_option("#admin-role", "sm")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Temporary password, shown this once")).to_be_visible()
    page.goto(page.url.split("/admin/")[0] + "/admin/?q=900777")
    page.get_by_role("link", name="Kirsty Muir").click()
    page.get_by_label("May log in").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Closed")).to_be_visible()
    page.get_by_role("link", name="Audit trail").click()
    expect(page.get_by_role("cell", name="create").first).to_be_visible()


def test_reference_data_is_changed_and_put_back(log_in: LogIn) -> None:
    page = log_in(UserRole.ADMINISTRATOR).open("/admin/data/?view=agencies&status=new")
    page.get_by_label("Name").fill("Clyde Care Staff")
    page.get_by_label("Preference").fill("7")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("link", name="Clyde Care Staff")).to_be_visible()
    page.get_by_role("link", name="Clyde Care Staff").click()
    page.get_by_label("Preference").fill("many")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Preference is not a number")).to_be_visible()
    page.get_by_label("Preference").fill("3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The agency was saved").first).to_be_visible()
    page.get_by_role("link", name="Clyde Care Staff").click()
    page.get_by_role("button", name="Put back").first.click()
    expect(page.get_by_text("as it was before").first).to_be_visible()


def test_a_limit_is_set_and_what_runs_is_shown(log_in: LogIn) -> None:
    page = log_in(UserRole.ADMINISTRATOR).open("/admin/limits/?view=leave&status=notice_days")
    page.fill("#admin-limits-value", "21")
    page.fill("#admin-limits-from", "2031-01-01")
    page.fill("#admin-limits-reason", "agreed with the homes")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_text("Everybody 21 from").first).to_be_visible()
    page.get_by_role("link", name="Running it").click()
    expect(page.get_by_role("heading", name="Go-live").first).to_be_visible()
    for view in ("Jobs", "Schedules", "Outbox", "Logins"):
        page.get_by_role("link", name=view, exact=True).click()
        expect(page.get_by_role("link", name=view, exact=True)).to_have_class("segment is-on")


def test_somebody_is_invited_and_gets_in(log_in: LogIn, browser: Browser) -> None:
    visit = log_in(UserRole.ADMINISTRATOR)
    page = visit.open("/admin/?view=new")
    page.fill("#admin-sap", "900778")
    page.fill("#admin-name", "Morag Baird")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("shown this once")).to_be_visible()
    page.goto(f"{visit.installation.address}/admin/?q=900778")
    page.get_by_role("link", name="Morag Baird").click()
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("Invitation code, shown this once")).to_be_visible()
    code = page.locator("#admin-one-time code").inner_text()
    context = browser.new_context()
    guest = context.new_page()
    guest.goto(f"{visit.installation.address}/accounts/invitation/#{code}")
    expect(guest.locator("#token")).to_have_value(code)
    assert code not in guest.url
    guest.fill("#new", "Kelpie-Otter-90817")
    guest.fill("#repeat", "Kelpie-Otter-90817")
    guest.get_by_role("button", name="Save and begin").click()
    guest.locator(".page").first.wait_for()
    context.close()
    # nothing of it is in the server's log
    log = visit.installation.log.read_text()
    assert code not in log and "Kelpie" not in log and "Morag" not in log


def test_the_overview_weighs_little_and_less_the_second_time(log_in: LogIn) -> None:
    """Bytes over the wire of the first visit and of one after it, and Chromium's timings."""
    visit = log_in(UserRole.OPERATIONAL_MANAGER)
    page = visit.page
    sizes: list[int] = []
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    client.send("Network.clearBrowserCache")
    visit.open("/dashboard/")
    page.wait_for_load_state("networkidle")
    first = sum(sizes)
    sizes.clear()
    visit.open("/dashboard/")
    page.wait_for_load_state("networkidle")
    second = sum(sizes)
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    )
    print(f"overview: first {first:,} bytes, then {second:,}; first paint {paint:.0f} ms")
    # the embedded server does not compress (nginx does): about three to one on these files
    assert first < 6_000_000 and second < 300_000 and 0 < paint < 8_000
