"""Item 8: optimise a week, follow it, apply it as a draft, undo it; cancel another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from rota.database import reading
from rota.models import Job, JobState, Shift, UserRole
from tests.browser.conftest import Installation, LogIn


def monday_in(weeks: int) -> date:
    """The Monday so many weeks from this one."""
    today = date.today()
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def _rota(installation: Installation, start: date) -> list[tuple[object, ...]]:
    with reading(installation.engine) as session:
        rows = session.execute(
            select(Shift.date, Shift.unit_id, Shift.shift_type_id, Shift.user_id, Shift.is_vacant)
            .where(Shift.date.between(start, start + timedelta(days=6)))
            .order_by(Shift.date, Shift.unit_id, Shift.shift_type_id, Shift.user_id, Shift.id)
        )
        return [tuple(row) for row in rows]


@pytest.mark.slow
def test_a_manager_optimises_a_week_applies_it_and_undoes_it(
    log_in: LogIn, installation: Installation
) -> None:
    start = monday_in(4)
    before = _rota(installation, start)
    page = log_in(UserRole.OPERATIONAL_MANAGER).open(f"/scenarios/?start={start}&weeks=1")
    page.select_option("#scenarios-effort", "10")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("link", name="See what changes").click(timeout=120_000)
    expect(page.get_by_role("heading", name="What “")).to_be_visible()
    page.get_by_role("button", name="Apply as draft").first.click()
    expect(page.get_by_text("is in the rota as a draft")).to_be_visible()
    assert _rota(installation, start) != before
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("was taken out again")).to_be_visible()
    assert _rota(installation, start) == before


@pytest.mark.slow
def test_a_running_optimisation_is_cancelled(log_in: LogIn, installation: Installation) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open(f"/scenarios/?start={monday_in(5)}&weeks=2")
    page.select_option("#scenarios-effort", "180")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    with reading(installation.engine) as session:
        assert session.scalar(select(func.count(Job.id)).where(Job.state == JobState.CANCELLED))


def test_an_analyst_sees_scenarios_but_starts_none(log_in: LogIn) -> None:
    page = log_in(UserRole.ANALYST).open("/scenarios/")
    expect(page.get_by_role("button", name="Start")).to_have_count(0)
