"""Budgets, targets, closed months and wordings as their screens call them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select

from rota.calendar import months_after
from rota.costs.closing import closed_through
from rota.costs.outlook import financial_year
from rota.database import UnitOfWork, reading
from rota.mail.templates import current
from rota.models import AuditEvent, Budget, CareHome, MailTemplate, MeasureTarget, UserRole
from tests import factories as make
from tests.clock import TODAY
from tests.factories import administrator
from tests.server.conftest import LogIn
from tests.server.test_number_screens import output_of
from tests.server.test_numbers import open_page

YEAR = financial_year(TODAY)
MONTH = YEAR.start
pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def home(sqlite_engine: Engine) -> CareHome:
    """A home of the person who is logged in."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        made = make.make_home(uow.session, "Orchard Grove")
        uow.commit()
    return made


def budgets(engine: Engine) -> dict[date, int]:
    with reading(engine) as session:
        return {row.month: row.pence for row in session.scalars(select(Budget))}


def test_a_budget_is_set_changed_for_the_rest_of_the_year_and_taken_away(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ADMINISTRATOR, home)
    key = output_of(browser, "budgets-save")
    place = f"?home={home.id}&status={MONTH:%Y-%m}.agency"
    assert browser.call(key, [1], ["9,000", "First", False, -1, place]).status_code == 200
    assert budgets(sqlite_engine) == {MONTH: 900_000}
    stale = browser.call(key, [1], ["1", "", False, -1, place])
    assert budgets(sqlite_engine) == {MONTH: 900_000}, stale.text
    assert browser.call(key, [1], ["8000.50", "", True, 900_000, place]).status_code == 200
    found = budgets(sqlite_engine)
    assert len(found) == 12 and set(found.values()) == {800_050}
    assert browser.call(key, [1], ["", "", False, 800_050, place]).status_code == 200
    assert MONTH not in budgets(sqlite_engine)
    shown = open_page(browser, f"/costs/budgets/{place}")
    assert "First" in shown and "£9,000.00" in shown, "the history says who, when and why"


@pytest.mark.parametrize(
    ("amount", "seen", "status"),
    [("x", -1, ""), ("-5", -1, ""), ("1e99", -1, ""), ("5", "x", ""), ("5", -1, "2026-13.agency"),
     ("5", -1, f"{MONTH:%Y-%m}.theft"), ("5", -1, "1999-04.agency"), ({}, -1, "")],
)  # fmt: skip
def test_a_budget_that_makes_no_sense_is_not_stored(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine, amount: object, seen: object, status: str
) -> None:
    browser = log_in(UserRole.ADMINISTRATOR, home)
    place = f"?home={home.id}&status={status or f'{MONTH:%Y-%m}.agency'}"
    answer = browser.call(output_of(browser, "budgets-save"), [1], [amount, "", False, seen, place])
    assert answer.status_code < 500
    assert budgets(sqlite_engine) == {}


def test_an_analyst_reads_budgets_and_changes_none(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ANALYST, home)
    place = f"?home={home.id}&status={MONTH:%Y-%m}.agency"
    assert "An administrator can change it" in open_page(browser, f"/costs/budgets/{place}")
    answer = browser.call(output_of(browser, "budgets-save"), [1], ["5", "", False, -1, place])
    assert answer.status_code == 403
    assert budgets(sqlite_engine) == {}


def test_a_senior_manager_sets_a_target_and_the_lights_follow_at_once(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.SENIOR_MANAGER, home)
    key = output_of(browser, "targets-save")
    open_page(browser, "/costs/homes/")
    place = f"?home={home.id}&status=agency_share"
    assert browser.call(key, [1], ["5", "10", place]).status_code == 200
    with reading(sqlite_engine) as session:
        row = session.scalars(select(MeasureTarget)).one()
        assert (row.home_id, row.target, row.limit) == (home.id, pytest.approx(0.05), 0.1)
        before = session.scalar(select(CareHome.data_version))
    assert before is not None and before > home.data_version, "remembered screens are read anew"
    wrong = browser.call(key, [1], ["10", "5", place])
    assert "above" in wrong.text or wrong.status_code < 500
    with reading(sqlite_engine) as session:
        assert session.scalars(select(MeasureTarget)).one().limit == 0.1


def test_months_are_closed_and_opened_with_a_reason_on_record(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ADMINISTRATOR, home)
    key = output_of(browser, "closing-save")
    last = months_after(TODAY.replace(day=1), -1)
    assert browser.call(key, [1], [last.isoformat(), "Reported", ""]).status_code == 200
    with reading(sqlite_engine) as session:
        assert closed_through(session) == TODAY.replace(day=1) - (date(2, 1, 2) - date(2, 1, 1))
    for through, reason in ((last.isoformat(), ""), ("2999-01-01", "x"), ("x", "x"), (None, "x")):
        assert browser.call(key, [1], [through, reason, ""]).status_code < 500
    assert browser.call(key, [1], ["open", "A correction", ""]).status_code == 200
    with reading(sqlite_engine) as session:
        assert closed_through(session) is None
    shown = open_page(browser, "/costs/closing/")
    assert "Reported" in shown and "A correction" in shown


def test_a_message_is_worded_otherwise_after_it_was_tried(
    log_in: LogIn, home: CareHome, sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ADMINISTRATOR, home)
    words = ["{{ title }} is here", "Dear {{ name }},\r\nread it.\n", ""]
    tried = browser.call(output_of(browser, "wordings-try"), [1], [*words, "?view=report"])
    assert "Monthly report is here" in tried.text and "Dear Elaine Moir" in tried.text
    key = output_of(browser, "wordings-save")
    assert browser.call(key, [1], [*words, "Shorter", "?view=report"]).status_code == 200
    with reading(sqlite_engine) as session:
        now = current(session, "report")
        assert (now.subject, now.text) == (words[0], "Dear {{ name }},\nread it.\n")
    for subject, text in (("", "x"), ("x", ""), ("x", "{{ secret }}"), ("x", "{% for %}"),
                          ("x", "{{ ''.__class__ }}"), ("x", {})):  # fmt: skip
        answer = browser.call(key, [1], [subject, text, "", "", "?view=report"])
        assert answer.status_code < 500
    with reading(sqlite_engine) as session:
        assert len(session.scalars(select(MailTemplate)).all()) == 1
        assert "set template" in set(session.scalars(select(AuditEvent.action)))
    assert "Shorter" in open_page(browser, "/admin/wordings/?view=report")
    assert "There is no such message" in open_page(browser, "/admin/wordings/?view=other")
