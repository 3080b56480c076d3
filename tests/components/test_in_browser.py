"""The gallery in Chromium: what only a browser can tell about the components."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
ROOT = Path(__file__).resolve().parents[2]
#: how long a page may take on a machine busy with the rest of the run, in milliseconds
PATIENCE = 60_000
sync_api.expect.set_options(timeout=PATIENCE)
PAGES = ["/", "/rota/", "/charts/", "/parts/", "/phone/", "/work/"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    """The gallery in a process of its own: Dash keeps one page registry per process."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.components.gallery", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 180
        while not _answers(port):
            assert process.poll() is None and time.monotonic() < deadline, "no gallery"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def chromium(playwright: sync_api.Playwright) -> Iterator[sync_api.Browser]:
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
    )
    yield browser
    browser.close()


class Screen:
    """A page that remembers what went wrong on it."""

    def __init__(self, browser, base: str, **context) -> None:
        self.context = browser.new_context(**{"reduced_motion": "reduce"} | context)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.base = base
        self.complaints: list[str] = []
        self.outside: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        self.page.on("request", self._remember)

    def _remember(self, request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.outside.append(request.url)

    def open(self, path: str):
        self.page.goto(self.base + path)
        self.page.wait_for_selector(".page")
        self.page.wait_for_load_state("networkidle")
        return self.page


@pytest.fixture
def screen(chromium, gallery) -> Iterator[Screen]:
    made = Screen(chromium, gallery, viewport={"width": 1440, "height": 900})
    yield made
    made.context.close()
    assert made.complaints == []
    assert made.outside == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_part_passes_the_accessibility_checker(chromium, gallery, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    made = Screen(
        chromium,
        gallery,
        viewport={"width": 1440, "height": 900},
        color_scheme=theme,
        bypass_csp=True,
    )
    found = []
    # the dark theme changes nothing but colours
    rules = {"runOnly": ["color-contrast"]} if theme == "dark" else {}
    for path in PAGES:
        page = made.open(path)
        page.wait_for_timeout(300)
        for violation in axe.run(page, options=rules).response["violations"]:
            found.append((path, violation["id"], violation["nodes"][0]["html"][:160]))
    made.context.close()
    assert found == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_phone(chromium, gallery, path):
    made = Screen(chromium, gallery, viewport={"width": 390, "height": 844}, has_touch=True)
    page = made.open(path)
    width = page.evaluate("document.documentElement.scrollWidth")
    made.context.close()
    assert width <= 390
    assert made.complaints == []


def test_keys_and_clicks_on_the_rota_become_intents(screen):
    page = screen.open("/rota/")
    intent = page.locator("#intent")
    cell = page.locator(".ag-row[row-index='2'] [col-id='2026-03-05']")
    cell.click()
    sync_api.expect(intent).to_contain_text("'action': 'select', 'row': '0', 'day': '2026-03-05'")
    page.keyboard.press("3")
    sync_api.expect(intent).to_contain_text("'action': 'assign'")
    sync_api.expect(intent).to_contain_text("'code': 'N'")
    sync_api.expect(cell).to_have_text("N")
    sync_api.expect(page.locator(".ag-row[row-index='2'] .person-hours .num")).to_have_text(
        "96 | 999"
    )
    cover = page.locator(".row-cover [col-id='2026-03-05']").first
    sync_api.expect(cover).to_have_text("9/4")
    sync_api.expect(cover.locator("[title]")).to_have_attribute(
        "title", "9 planned, 4 required: 5 more than required"
    )
    assert page.evaluate("document.activeElement.getAttribute('col-id')") == "2026-03-06"
    page.keyboard.press("Delete")
    sync_api.expect(intent).to_contain_text("'action': 'clear', 'row': '0', 'day': '2026-03-06'")
    page.keyboard.press("Control+z")
    sync_api.expect(intent).to_contain_text("'action': 'undo'")


def test_a_picked_code_paints_until_escape(screen):
    page = screen.open("/rota/")
    tool = page.locator(".palette [data-code='SN']")
    tool.click()
    assert tool.get_attribute("aria-pressed") == "true"
    cell = page.locator(".ag-row[row-index='3'] [col-id='2026-03-11']")
    cell.click()
    sync_api.expect(cell).to_have_text("SN")
    page.keyboard.press("Escape")
    assert tool.get_attribute("aria-pressed") == "false"
    cell.click()
    sync_api.expect(page.locator("#intent")).to_contain_text("'action': 'select'")


def test_an_intent_tells_which_version_of_the_shift_was_seen(screen):
    page = screen.open("/rota/")
    page.locator(".ag-row[row-index='2'] [col-id='2026-03-02']").click()
    sync_api.expect(page.locator("#intent")).to_contain_text("'seen': '0:1'")
    page.locator(".ag-row[row-index='2'] [col-id='2026-03-05']").click()
    sync_api.expect(page.locator("#intent")).to_contain_text("'seen': ''")


def test_a_chart_is_saved_as_picture_drawing_and_table(screen, tmp_path):
    page = screen.open("/charts/")
    frame = page.locator(".chart[data-filename='costs']")
    page.wait_for_selector("#costs .main-svg")
    starts = {"png": b"\x89PNG", "svg": b"<svg", "csv": b"\xef\xbb\xbfMonth,"}
    for kind, start in starts.items():
        with page.expect_download() as waiting:
            frame.locator(f"[data-export='{kind}']").click()
        download = waiting.value
        assert download.suggested_filename == f"costs.{kind}"
        download.save_as(tmp_path / download.suggested_filename)
        content = (tmp_path / download.suggested_filename).read_bytes()
        assert content.startswith(start)
    assert b"Agency share fell to 4%" in (tmp_path / "costs.svg").read_bytes()


def test_a_cell_that_a_spreadsheet_would_run_is_made_text(screen):
    page = screen.open("/charts/")
    written = page.evaluate(
        "['=1+1', '@x', '+44 131', '-2.5', 'a,b', 'say \"hi\"', 7, null].map(rotaCharts.cell)"
    )
    assert written == ["'=1+1", "'@x", "'+44 131", "-2.5", '"a,b"', '"say ""hi"""', "7", ""]


def test_the_theme_is_kept_and_figures_follow_it(screen):
    page = screen.open("/charts/")
    page.wait_for_selector("#costs .bars path")
    colour = "getComputedStyle(document.querySelector('#costs .bars path')).fill"
    light = page.evaluate(colour)
    page.click("[data-shell='theme']")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(colour) != light
    page.reload()
    page.wait_for_selector("#costs .bars path")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_home_and_period_stay_when_one_changes_page(screen):
    page = screen.open("/rota/?home=2&start=2026-03-02&weeks=2&q=gone")
    entry = page.locator(".shell-nav .nav-item[title='Overview']")
    sync_api.expect(entry).to_have_attribute("href", "/?home=2&start=2026-03-02&weeks=2")
    sync_api.expect(page.locator(".shell-nav .nav-item[title='Rota']")).to_have_attribute(
        "aria-current", "page"
    )
    entry.click()
    page.wait_for_selector("h1:has-text('Overview')")
    page.go_back()
    page.wait_for_selector("h1:has-text('Rota')")
    sync_api.expect(page.locator(".period-words")).to_have_text("2 – 15 Mar")


def test_search_opens_by_its_key_and_closes(screen):
    page = screen.open("/")
    page.keyboard.press("Control+k")
    sync_api.expect(page.locator("#shell-search input")).to_be_focused()
    page.keyboard.press("Escape")
    sync_api.expect(page.locator("#shell-search")).not_to_be_visible()


def test_more_opens_the_rest_of_the_navigation_on_a_phone(chromium, gallery):
    made = Screen(chromium, gallery, viewport={"width": 390, "height": 844}, has_touch=True)
    page = made.open("/")
    costs = page.locator(".shell-nav .nav-item[title='Costs']")
    sync_api.expect(costs).not_to_be_visible()
    page.tap("[data-shell='more']")
    sync_api.expect(costs).to_be_visible()
    costs.tap()
    sync_api.expect(page).to_have_url(re.compile("/costs/"))
    sync_api.expect(costs).not_to_be_visible()
    made.context.close()


def test_an_ended_session_leads_to_the_login(screen):
    page = screen.open("/rota/")
    page.route("**/_dash-update-component*", lambda route: route.fulfill(status=401, body="{}"))
    page.route("**/accounts/login/**", lambda route: route.fulfill(body="<h1>Log in</h1>"))
    page.locator(".ag-row[row-index='2'] [col-id='2026-03-05']").click()
    page.wait_for_url("**/accounts/login/?next=%2Frota%2F")
    screen.complaints.clear()  # the browser itself reports the 401


def test_two_hundred_people_are_drawn_only_where_one_looks(screen):
    """The grid draws the rows in sight; without that, four weeks of a home take seconds."""
    page = screen.open("/rota/?n=200")
    page.wait_for_selector(".rota-grid .ag-row[row-index='5'] .code")
    assert page.locator(".rota-grid .ag-row").count() < 150
