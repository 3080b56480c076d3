"""What a chart's export says about itself, and its workbook, through the gate."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from rota.database import UnitOfWork
from rota.models import CareHome, UserRole
from tests import factories as make
from tests.factories import administrator
from tests.server.conftest import Browser, LogIn

TABLE: dict[str, Any] = {
    "address": "/costs/?view=3m-unit",
    "page": "Costs",
    "showing": "Orchard Grove · March",
    "title": "Over budget in 1 of 3 months",
    "subtitle": "Loaded cost by source",
    "filename": "costs-2026-03",
    "columns": ["Month", "Agency (£)", "Hours", "Day", "Note"],
    "rows": [
        ["March 2026", 1234.56, 7.5, "2026-03-02", "=1+1"],
        ["April 2026", None, 8, "2026-04-01", None],
    ],
}


@pytest.fixture
def homes(sqlite_engine: Engine) -> tuple[CareHome, CareHome]:
    """One's own home and somebody else's."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        made = make.make_home(uow.session, "Orchard Grove"), make.make_home(uow.session, "Hidden")
        uow.commit()
    return made


def post(browser: Browser, body: Any, **headers: str) -> TestResponse:
    """Ask for the workbook as the script does."""
    return browser.client.post(
        "/download/chart/workbook", data=body if isinstance(body, str) else json.dumps(body),
        content_type="application/json", headers={"X-CSRFToken": browser.token, **headers},
    )  # fmt: skip


def test_an_export_says_home_filters_version_time_and_address(
    log_in: LogIn, homes: tuple[CareHome, CareHome]
) -> None:
    browser = log_in(UserRole.ANALYST, homes[0])
    address = f"/costs/?home={homes[0].id}%26view=3m-unit"
    facts = dict(browser.get(f"/download/chart/facts?address={address}").json)
    assert facts["Home"] == "Orchard Grove"
    assert facts["Filters"] == "view 3m-unit"
    assert facts["Data version"] == f"Orchard Grove {homes[0].data_version}"
    assert facts["Made"].endswith(" by Test analyst") or " by " in facts["Made"]
    assert facts["Address"].startswith("/costs/?home=")


def test_figures_come_back_as_numbers_days_and_text_that_runs_nothing(
    log_in: LogIn, homes: tuple[CareHome, CareHome]
) -> None:
    answer = post(log_in(UserRole.ANALYST, homes[0]), TABLE)
    assert answer.status_code == 200
    assert 'filename="costs-2026-03.xlsx"' in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.data))
    sheet = book["Figures"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Month", "Agency", "Hours", "Day", "Note")
    assert rows[1] == ("March 2026", 1234.56, 7.5, datetime(2026, 3, 2), "=1+1")
    assert sheet["E2"].data_type == "s"
    assert rows[2][:2] == ("April 2026", None)
    cover = [str(cell) for row in book["About"].iter_rows(values_only=True) for cell in row if cell]
    assert {"Orchard Grove", "Data version", "Made", TABLE["subtitle"]} <= set(cover)


@pytest.mark.parametrize(
    "change",
    [
        {"rows": [["a"]]}, {"columns": []}, {"filename": "../x"}, {"rows": "x"}, {"more": 1},
        {"address": "x" * 700}, {"address": "/costs/?home=a"}, {"title": 5}, None,
    ],
)  # fmt: skip
def test_what_is_no_chart_is_refused(
    log_in: LogIn, homes: tuple[CareHome, CareHome], change: dict[str, Any] | None
) -> None:
    browser = log_in(UserRole.ANALYST, homes[0])
    answer = post(browser, "{" if change is None else TABLE | change)
    assert 400 <= answer.status_code < 500


def test_another_home_and_a_forged_request_are_refused(
    log_in: LogIn, homes: tuple[CareHome, CareHome]
) -> None:
    browser = log_in(UserRole.ANALYST, homes[0])
    answer = browser.get(f"/download/chart/facts?address=/costs/?home={homes[1].id}")
    assert answer.status_code == 403
    assert "Hidden" not in answer.text
    assert post(browser, TABLE | {"address": f"/costs/?home={homes[1].id}"}).status_code == 403
    assert post(browser, TABLE, **{"X-CSRFToken": "x"}).status_code == 403
    assert post(log_in(UserRole.CARE_STAFF, homes[0]), TABLE).status_code == 403
