"""Overview, costs, reports and their files through the gate, as browsers ask for them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import Engine, select

from rota.database import UnitOfWork
from rota.models import CareHome, Unit, UserRole
from rota.reports.pdf import find_browser
from tests import factories as make
from tests.clock import TODAY
from tests.factories import administrator
from tests.server.conftest import Browser, LogIn
from tests.statements import statements

ROUTER = ".._pages_content.children..._pages_store.data.."
pytestmark = pytest.mark.usefixtures("noon")
SECRET = "Hidden Place"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGES = (
    "/dashboard/", "/costs/", "/costs/?view=12m-role", "/costs/?view=3m-weekday",
    f"/costs/shifts/?from={TODAY}&to={TODAY}", "/reports/", "/reports/?view=weekly-summary",
    "/reports/?view=monthly-report", "/reports/?view=costs", "/reports/?view=vacancies",
    "/reports/?view=rota", "/reports/?view=shifts", "/reports/?view=leave-liability",
    "/reports/?view=payroll", "/costs/explore/", "/costs/savings/", "/costs/establishment/",
    "/costs/explore/?view=rate.unit.none.agency.heat.12", "/costs/year/", "/costs/why/",
    "/costs/why/?view=quarter.last.unit.vacancy", "/costs/why/?view=year.before.role.all",
    "/costs/homes/?view=agency_share", "/boards/", "/boards/?view=absence.12", "/boards/?view=rules.1", "/boards/?view=leave.3",
    "/boards/?view=vacancies.6", "/costs/budgets/", "/costs/targets/?status=agency_share",
)  # fmt: skip
FILES = (
    "/download/costs.csv", "/download/costs.xlsx", "/download/report/weekly-summary.xlsx",
    "/download/report/monthly-report.csv", "/download/report/vacancies.csv",
    "/download/report/rota.xlsx", "/download/report/shifts.csv",
    "/download/report/payroll.csv", "/download/report/payroll.xlsx",
    "/download/board.xlsx?view=rules.1", "/download/board.csv?view=vacancies.1",
    "/download/report/leave-liability.xlsx", "/download/report/costs.pdf",
    f"/download/cost-shifts.xlsx?from={TODAY}&to={TODAY}",
)  # fmt: skip


@pytest.fixture
def homes(sqlite_engine: Engine) -> Iterator[tuple[CareHome, CareHome, Unit]]:
    """A home with a shift and a vacancy, and somebody else's home with a unit."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        mine = make.make_home(uow.session, "Orchard Grove")
        other = make.make_home(uow.session, SECRET)
        unit = make.make_unit(uow.session, mine, "OG Willow")
        their_unit = make.make_unit(uow.session, other, f"{SECRET} Wing")
        for each, pence in ((unit, 10_000), (their_unit, 99_999)):
            make.make_requirement(uow.session, each, minimum=2, ideal=2)
            person = make.make_staff(uow.session, each, first_name="=SUM(A1)", last_name="Innes")
            make.make_shift(uow.session, each, person, TODAY, cost_pence=pence)
            make.make_shift(uow.session, each, None, TODAY + timedelta(days=1))
        uow.commit()
    yield mine, other, their_unit


def open_page(browser: Browser, address: str) -> str:
    """What the router answers for an address, as text."""
    path, _, query = address.partition("?")
    search = f"?{query}" if query else ""
    response = browser.call(ROUTER, [path, search])
    assert response.status_code == 200, response.text
    return json.dumps(response.json, ensure_ascii=False)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("role", [UserRole.OPERATIONAL_MANAGER, UserRole.ANALYST])
def test_pages_show_ones_own_home_and_no_other(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], role: UserRole, address: str
) -> None:
    shown = open_page(log_in(role, homes[0]), address)
    assert "That did not work" not in shown
    assert "NaN" not in shown
    assert SECRET not in shown
    assert "999.99" not in shown


@pytest.mark.parametrize("address", PAGES)
def test_pages_of_somebody_without_a_home_say_whom_to_ask(log_in: LogIn, address: str) -> None:
    shown = open_page(log_in(UserRole.SENIOR_MANAGER), address)
    assert "Traceback" not in shown
    assert "NaN" not in shown


@pytest.mark.parametrize("address", PAGES)
def test_another_home_in_the_address_is_refused(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], address: str
) -> None:
    if address == "/reports/":
        return  # a catalogue of reports, of no home
    joint = "&" if "?" in address else "?"
    shown = open_page(
        log_in(UserRole.OPERATIONAL_MANAGER, homes[0]), f"{address}{joint}home={homes[1].id}"
    )
    assert "This belongs to a home you do not work with" in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    "address",
    [
        "/costs/?view=99m-unit", "/costs/?view=12m-'; DROP TABLE shifts", "/costs/?home=x",
        "/costs/?start=2026-13-01", "/costs/shifts/", "/costs/shifts/?from=2026-01-01&to=x",
        "/costs/shifts/?from=2026-01-01&to=2025-01-01", "/reports/?view=nothing",
        "/costs/shifts/?from=2026-01-01&to=2026-01-02&source=stolen",
        "/costs/shifts/?from=2026-01-01&to=2026-01-02&role=-1",
        "/costs/shifts/?from=2000-01-01&to=2026-01-02", "/costs/explore/?view=a.b",
        "/costs/explore/?view=cost.unit.unit.all.bars.3", "/costs/establishment/?view=1.2.3.4.x",
        "/costs/explore/?view=cost.unit.none.all.pie.3", "/costs/why/?view=month.before.day.all",
        "/costs/why/?view=month.before.unit.magic", "/boards/?view=x.3", "/costs/homes/?view=absence", "/boards/?view=absence.99",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_explained(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], address: str
) -> None:
    shown = open_page(log_in(UserRole.SENIOR_MANAGER, homes[0]), address)
    assert "state-bad" in shown
    assert "Traceback" not in shown


def test_the_figures_on_the_costs_page_open_their_shifts(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit]
) -> None:
    browser = log_in(UserRole.SENIOR_MANAGER, homes[0])
    shown = open_page(browser, "/costs/")
    address = f"/costs/shifts/?home={homes[0].id}&from={TODAY.replace(day=1)}"
    assert address in shown
    behind = open_page(browser, f"{address}&to={TODAY}&source=regular")
    assert "£100.00 for 12" in behind
    assert "=SUM(A1) Innes" in behind


def test_an_analyst_sees_no_names(log_in: LogIn, homes: tuple[CareHome, CareHome, Unit]) -> None:
    shown = open_page(log_in(UserRole.ANALYST, homes[0]), PAGES[4])
    assert "Own staff" in shown
    assert "Innes" not in shown


@pytest.mark.parametrize("address", FILES)
def test_files_hold_ones_own_home_and_no_other(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], address: str
) -> None:
    response = log_in(UserRole.OPERATIONAL_MANAGER, homes[0]).get(address)
    assert response.status_code == 200, response.text
    assert "attachment" in response.headers["Content-Disposition"]
    assert "orchard-grove" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    if "xlsx" in address:
        assert response.mimetype == XLSX
        book = load_workbook(io.BytesIO(response.data))
        text = repr([row for sheet in book for row in sheet.iter_rows(values_only=True)])
    elif "pdf" in address:
        pages = PdfReader(io.BytesIO(response.data)).pages
        text = "".join(page.extract_text() for page in pages)
        assert "Orchard Grove" in text
        assert "£100.00" in text
        assert not any(page.images for page in pages), "charts are vectors"
    else:
        text = response.data.decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(text)))) >= 2
    assert SECRET not in text
    assert "999.99" not in text


@pytest.mark.parametrize("address", [*FILES, "/download/report/leave.xlsx"])
def test_files_of_another_home_are_refused(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], address: str
) -> None:
    joint = "&" if "?" in address else "?"
    response = log_in(UserRole.OPERATIONAL_MANAGER, homes[0]).get(
        f"{address}{joint}home={homes[1].id}"
    )
    assert response.status_code == 403
    assert SECRET.encode() not in response.data


def test_a_unit_of_another_home_is_refused_or_empty(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit]
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    unit = homes[2].id
    assert browser.get(f"/download/report/rota.csv?unit={unit}").status_code == 403
    assert browser.get(f"/download/costs.csv?unit={unit}").status_code == 403
    response = browser.get(f"/download/cost-shifts.csv?from={TODAY}&to={TODAY}&unit={unit}")
    assert b"Wing" not in response.data
    assert b"999.99" not in response.data


@pytest.mark.parametrize("address", [*FILES, "/download/report/leave.csv"])
def test_care_staff_and_strangers_get_no_file(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], address: str
) -> None:
    staff = log_in(UserRole.CARE_STAFF, homes[0])
    assert staff.get(address).status_code == 403
    stranger = staff.app.server.test_client().get(address)
    assert stranger.status_code == 302
    assert "/accounts/login/" in stranger.headers["Location"]


def test_an_analyst_gets_no_leave(log_in: LogIn, homes: tuple[CareHome, CareHome, Unit]) -> None:
    browser = log_in(UserRole.ANALYST, homes[0])
    assert browser.get("/download/report/leave.csv").status_code == 403
    assert "leave" not in open_page(browser, "/reports/").lower()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/download/report/nothing.csv", 404), ("/download/report/costs.doc", 400),
        ("/download/costs.exe", 400), ("/download/costs.csv?view=1m", 400),
        ("/download/costs.csv?home=1&home=2", 400), ("/download/cost-shifts.csv", 400),
        ("/download/", 404),
    ],
)  # fmt: skip
def test_files_that_do_not_exist_are_said_not_to(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], address: str, status: int
) -> None:
    assert log_in(UserRole.SENIOR_MANAGER, homes[0]).get(address).status_code == status


def test_a_formula_in_a_name_stays_text_in_both_files(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit]
) -> None:
    browser = log_in(UserRole.SENIOR_MANAGER, homes[0])
    book = load_workbook(io.BytesIO(browser.get("/download/report/rota.xlsx").data))
    kinds = {cell.data_type for row in book["Rota"].iter_rows(min_row=2, max_row=3) for cell in row}
    assert "f" not in kinds
    text = browser.get("/download/report/shifts.csv").data.decode("utf-8-sig")
    assert all(not cell.startswith("=") for row in csv.reader(io.StringIO(text)) for cell in row)


def test_the_overview_takes_at_most_ten_statements_and_none_the_second_time(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.SENIOR_MANAGER, homes[0])
    token = browser.token
    with statements(sqlite_engine) as first:
        browser.call(ROUTER, ["/dashboard/", ""], headers={"X-CSRFToken": token})
    with statements(sqlite_engine) as second:
        browser.call(ROUTER, ["/dashboard/", ""], headers={"X-CSRFToken": token})
    assert len(first) <= 10
    assert len(second) <= len(first) - 7


def test_a_change_of_a_home_is_seen_at_once(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.SENIOR_MANAGER, homes[0])
    assert "1 of 2 on duty" in open_page(browser, "/dashboard/")
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        unit = uow.session.query(Unit).filter_by(name="OG Willow").one()
        make.make_shift(uow.session, unit, make.make_staff(uow.session, unit), TODAY)
        uow.touch(homes[0].id)
        uow.commit()
    assert "2 of 2 on duty" in open_page(browser, "/dashboard/")


def test_a_click_on_a_month_opens_its_shifts(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit]
) -> None:
    browser = log_in(UserRole.SENIOR_MANAGER, homes[0])
    click = {"points": [{"x": "Feb 24", "y": 1}]}
    answer = browser.call("costs-go.href", [click], [f"?home={homes[0].id}&view=12m-unit"])
    wanted = f"/costs/shifts/?home={homes[0].id}&from=2024-02-01&to=2024-02-29"
    assert answer.json["response"]["costs-go"]["href"] == wanted
    for nonsense in (None, {}, {"points": []}, {"points": [{"x": "=cmd"}]}, {"points": 3}):
        assert "/costs" not in browser.call("costs-go.href", [nonsense], [""]).text


def test_the_rota_grid_is_a_workbook_of_ones_own_home(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit]
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    answer = browser.get(f"/download/rota-grid.xlsx?home={homes[0].id}&weeks=1")
    book = load_workbook(io.BytesIO(answer.data))
    assert book["Rota"]["A1"].value.startswith("Rota of Orchard Grove")
    assert browser.get(f"/download/rota-grid.xlsx?home={homes[1].id}").status_code == 403
    unit = homes[2].id
    assert browser.get(f"/download/rota-grid.xlsx?unit={unit}").status_code == 403
    staff = log_in(UserRole.CARE_STAFF, homes[0])
    assert staff.get("/download/rota-grid.xlsx").status_code == 403


def test_the_rota_on_paper_says_version_time_and_codes(
    log_in: LogIn, homes: tuple[CareHome, CareHome, Unit], sqlite_engine: Engine
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        unit = uow.session.scalars(select(Unit).where(Unit.home_id == homes[0].id)).first()
        assert unit is not None
        evil = make.make_staff(
            uow.session, unit, first_name="=cmd|'<script>", last_name="alert(1)</script>"
        )
        make.make_shift(uow.session, unit, evil, TODAY, "N")
        uow.commit()
    browser = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    where = f"home={homes[0].id}&weeks=2&start={TODAY}"
    page = browser.get(f"/print/rota?{where}&paper=a3")
    assert page.status_code == 200 and page.mimetype == "text/html"
    for words in ("A3 landscape", "Rota of Orchard Grove", "never published", "printed ",
                  "by Zed Tester", "not yet published", "&lt;script&gt;", "Page "):  # fmt: skip
        assert words in page.text, words
    assert "<script>" not in page.text
    table = browser.get(f"/download/rota-grid.csv?{where}").text
    assert "'=cmd|" in table and "Day cover" in table and TODAY.isoformat() in table
    assert browser.get(f"/print/rota?{where}&paper=a5").status_code == 400
    assert browser.get(f"/download/rota-grid.doc?{where}").status_code == 400
    assert browser.get(f"/print/rota?home={homes[1].id}").status_code == 403


@pytest.mark.skipif(find_browser() is None, reason="Chromium is not installed")
def test_the_rota_as_a_pdf(log_in: LogIn, homes: tuple[CareHome, CareHome, Unit]) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    answer = browser.get(f"/download/rota-grid.pdf?home={homes[0].id}&weeks=1&paper=a4")
    box = PdfReader(io.BytesIO(answer.data)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (842, 595), "A4 on its side"
