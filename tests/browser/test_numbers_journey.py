"""Items 3 and 9: from the overview to a figure, its shifts and its files, wide and on a phone."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from rota.models import UserRole
from tests.browser.conftest import LogIn

PAGES = (
    ("/dashboard/", "Overview"), ("/costs/", "Costs"), ("/costs/homes/", "Homes side by side"),
    ("/reports/", "Reports"), ("/reports/?view=monthly-report", "Monthly report"),
)  # fmt: skip


def saved(page: Page, selector: str, folder: Path) -> Path:
    """Press what downloads a file, and give the file."""
    with page.expect_download() as download:
        page.locator(selector).first.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def pounds(text: str) -> int:
    """Whole pounds of ``£12,345``."""
    return int(re.sub(r"[^\d]", "", text))


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_every_screen_of_numbers_opens_without_a_sideways_scroll(
    log_in: LogIn, phone: bool
) -> None:
    visit = log_in(UserRole.SENIOR_MANAGER, phone=phone, dark=phone)
    for path, title in PAGES:
        page = visit.open(path)
        expect(page.locator("h1")).to_have_text(title)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 1, path


def test_from_todays_strip_to_a_home_and_to_the_day_of_a_gap(log_in: LogIn) -> None:
    page = log_in(UserRole.SENIOR_MANAGER).open("/dashboard/")
    strips = page.locator(".today-item")
    expect(strips).to_have_count(2)
    home = strips.first.locator(".today-home").inner_text()
    strips.first.locator("a").click()
    page.wait_for_url("**/dashboard/?home=*")
    expect(page.locator(".today-item")).to_have_count(1)
    expect(page.locator(".today-home")).to_have_text(home)
    cell = page.locator("td.matrix-plain").first
    place = cell.get_attribute("data-href")
    cell.click()
    page.wait_for_url(f"**{place}")
    assert re.fullmatch(r"/rota/\?home=\d+&unit=\d+&start=[\d-]+&weeks=1&view=day", place or "")


def test_a_cost_is_the_same_in_the_table_the_chart_its_shifts_and_the_files(
    log_in: LogIn, tmp_path: Path
) -> None:
    visit = log_in(UserRole.OPERATIONAL_MANAGER)
    page = visit.open("/costs/?view=3m-unit")
    row = page.locator("table", has=page.locator("th:text-is('Contracted')")).locator(
        "tbody tr"
    ).nth(1)  # fmt: skip
    month = row.locator("th").inner_text()
    overtime = row.locator("td").nth(1).locator("a")
    shown = pounds(overtime.inner_text())

    chart = saved(page, "#costs-months-title >> xpath=ancestor::figure >> [data-export=csv]",
                  tmp_path)  # fmt: skip
    lines = list(csv.reader(chart.read_text("utf-8-sig").splitlines()))
    heads = next(line for line in lines if "Overtime (£)" in line)
    of_chart = next(line for line in lines if line and line[0] == month)
    in_pounds = float(of_chart[heads.index("Overtime (£)")].replace(",", ""))
    assert round(in_pounds) == shown

    book = load_workbook(saved(page, "a[href*='costs.xlsx']", tmp_path), data_only=True)
    rows = list(book["By month"].iter_rows(values_only=True))
    values = {f"{r[0]:%B %Y}": r[rows[0].index("Overtime")] for r in rows[1:-1]}
    assert values[month] == pytest.approx(in_pounds)

    overtime.click()
    page.wait_for_url("**/costs/shifts/**source=overtime**")
    expect(page.locator(".summary-line")).to_contain_text("shift")
    total = page.locator("p", has_text=re.compile(r"^£[\d,.]+ for ")).inner_text()
    assert float(re.sub(r"[^\d.]", "", total.split(" for ")[0])) == pytest.approx(in_pounds)

    shifts = load_workbook(saved(page, "a[href*='cost-shifts.xlsx']", tmp_path), data_only=True)
    costs = [row[10] or 0 for row in shifts["Shifts"].iter_rows(min_row=2, values_only=True)]
    assert sum(costs[:-1]) == pytest.approx(in_pounds)
    assert costs[-1] == pytest.approx(in_pounds)


def test_a_click_on_a_month_of_the_chart_opens_its_shifts(log_in: LogIn) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/costs/?view=3m-unit")
    bar = page.locator("#costs-months .barlayer .point path").first
    bar.wait_for()
    address = re.compile(r"/costs/shifts/\?(home=\d+&)?from=[\d-]+-01&to=")
    for _ in range(10):  # the chart is laid out once more when its type and width are known
        box = bar.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        try:
            page.wait_for_url(address, timeout=3_000)
            return
        except PlaywrightTimeout:
            continue
    page.wait_for_url(address)


def test_a_chart_is_saved_in_every_kind_and_says_what_it_shows(
    log_in: LogIn, tmp_path: Path
) -> None:
    """Picture, drawing, CSV and workbook, read back by other libraries, and the link."""
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/costs/?view=3m-unit")
    page.locator("#costs-months .barlayer .point path").first.wait_for()
    frame = "#costs-months-title >> xpath=ancestor::figure >> "
    found = {
        kind: saved(page, f"{frame}[data-export={kind}]", tmp_path)
        for kind in ("png", "svg", "csv", "xlsx")
    }
    assert found["png"].read_bytes().startswith(b"\x89PNG")
    drawing = found["svg"].read_text()
    assert "<svg" in drawing[:200] and "data version" in drawing
    lines = list(csv.reader(found["csv"].read_text("utf-8-sig").splitlines()))
    said = {line[0]: line[1] for line in lines if len(line) == 2}
    assert {"Page", "Home", "Data version", "Made", "Address"} <= set(said)
    assert said["Address"] == "/costs/?view=3m-unit"
    book = load_workbook(found["xlsx"])
    rows = list(book["Figures"].iter_rows(values_only=True))
    place = lines[0].index("Total (£)")
    assert rows[0][place] == "Total"
    for number in (1, 2, 3):
        assert rows[number][place] == pytest.approx(float(lines[number][place]))
    cover = [str(cell) for row in book["About"].iter_rows(values_only=True) for cell in row if cell]
    assert said["Home"] in cover and "Data version" in cover
    page.locator(f"{frame}[data-export=link]").click()
    expect(page.locator(".chart-said")).to_have_text("Link copied")


BOARDS = ("fairness.1", "absence.3", "rules.1", "leave.1", "vacancies.1")


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_every_dashboard_opens_and_leads_on(log_in: LogIn, phone: bool) -> None:
    visit = log_in(UserRole.OPERATIONAL_MANAGER, phone=phone, dark=phone)
    others = ("/costs/year/", "/costs/why/", "/costs/budgets/", "/costs/targets/")
    for path in (*(f"/boards/?view={view}" for view in BOARDS), *others):
        page = visit.open(path)
        expect(page.locator("h1")).not_to_have_text("")
        expect(page.locator(".page-content table").first).to_be_visible()
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 1, path
    page = visit.open("/costs/why/")
    page.get_by_role("link", name="Contracted hours").first.click()
    page.wait_for_url("**view=month.before.source.contracted**")
    page.locator(".panel", has_text="the days that cost most").locator("tbody a").first.click()
    page.wait_for_url("**/costs/shifts/**source=regular**")
    expect(page.locator(".summary-line")).to_contain_text("shift")


def test_a_report_is_chosen_by_keyboard_and_saved_in_both_kinds(
    log_in: LogIn, tmp_path: Path
) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/reports/")
    link = page.get_by_role("link", name=re.compile("Weekly rota summary"))
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/?view=weekly-summary")
    expect(page.locator("h1")).to_have_text("Weekly rota summary")
    text = saved(page, "a[href*='weekly-summary.csv']", tmp_path).read_text("utf-8-sig")
    book = load_workbook(saved(page, "a[href*='weekly-summary.xlsx']", tmp_path))
    assert text.startswith("Home,Day,Required")
    assert book.sheetnames == ["About", "By home and day", "By unit and day"]
    expect(page.locator("table").first.locator("tfoot")).to_contain_text(re.compile(r"\d"))
