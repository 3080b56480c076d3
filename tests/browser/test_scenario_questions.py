"""A manager questions a scenario: compares, accepts one unit, undoes it, asks why and what if."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from rota.database import reading
from rota.models import CareHome, Scenario, Shift, Unit, UserRole
from rota.optimisation import service
from rota.optimisation.requests import OptimisationRequest
from tests.browser.conftest import Installation, LogIn
from tests.factories import administrator


@pytest.fixture(scope="module")
def scenarios(installation: Installation) -> list[int]:
    """Two scenarios of a week nobody else uses."""
    today = date.today()
    start = today - timedelta(days=today.weekday()) + timedelta(weeks=7)
    with reading(installation.engine) as session:
        home_id = session.scalars(select(CareHome.id).order_by(CareHome.id)).first()
    assert home_id is not None
    return [
        service.run(
            administrator(),
            OptimisationRequest(
                home_id, start, start + timedelta(days=6), seconds=4, seed=seed, name=name
            ),
            engine=installation.engine,
        ).scenario_id
        for seed, name in ((1, "First idea"), (2, "Second idea"))
    ]


@pytest.mark.slow
def test_two_scenarios_are_compared_by_a_link(log_in: LogIn, scenarios: list[int]) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open(
        f"/scenarios/compare/?q={scenarios[0]},{scenarios[1]}"
    )
    table = page.get_by_role("table", name="The rota and the scenarios side by side")
    for measure in ("Unfilled shifts", "Agency hours", "Continuity", "People whose days change"):
        expect(table.get_by_role("row", name=measure).first).to_be_visible()
    page.get_by_role("link", name="First idea", exact=True).click()
    expect(page.get_by_text("would work otherwise").first).to_be_visible()


@pytest.mark.slow
def test_one_unit_is_accepted_with_a_preview_and_undone(
    log_in: LogIn, scenarios: list[int], installation: Installation
) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open(
        f"/scenarios/open/?scenario={scenarios[0]}&view=accept&status=units"
    )
    with reading(installation.engine) as session:
        scenario = session.get_one(Scenario, scenarios[0])
        unit = session.scalars(
            select(Unit.name).where(Unit.home_id == scenario.home_id, ~Unit.is_management)
            .order_by(Unit.id)
        ).first()  # fmt: skip
        before = session.scalars(select(Shift.version).order_by(Shift.id)).all()
    page.get_by_label(str(unit)).check()
    expect(page.get_by_text("Shifts that change")).to_be_visible()
    page.get_by_role("button", name="Apply as draft").click()
    expect(page.get_by_text("is in the rota as a draft")).to_be_visible()
    with reading(installation.engine) as session:
        assert session.scalars(select(Shift.version).order_by(Shift.id)).all() != before
    page.get_by_role("link", name="Undo or open it").click()
    card = page.locator(".scenario", has=page.get_by_text("First idea"))
    expect(card.get_by_text("Partly in the rota")).to_be_visible()
    card.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("was taken out again")).to_be_visible()
    # the other scenario was computed from another version: it offers to solve again
    other = page.locator(".scenario", has=page.get_by_text("Second idea"))
    expect(other.get_by_role("link", name="Solve again from here")).to_be_visible()


@pytest.mark.slow
def test_why_this_person_and_what_is_one_more_worth(log_in: LogIn, scenarios: list[int]) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER, phone=True).open(
        f"/scenarios/open/?scenario={scenarios[0]}&view=why"
    )
    page.wait_for_load_state("networkidle")  # a choice made before Dash listens is lost
    page.get_by_label("Person").select_option(index=1)
    page.get_by_role("group", name="Day").get_by_role("link").first.click()
    expect(page.get_by_role("table", name="Lawful alternatives")).to_be_visible()
    page.get_by_role("link", name="Risk").click()
    expect(page.get_by_text("expected to fall below minimum")).to_be_visible()
    page.get_by_role("link", name="What if?").click()
    page.get_by_role("button", name="Work it out").first.click()
    expect(page.get_by_text("Before the person's wage")).to_be_visible(timeout=90_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
def test_an_analyst_reads_but_neither_accepts_nor_asks(log_in: LogIn, scenarios: list[int]) -> None:
    visit = log_in(UserRole.ANALYST)
    page = visit.open(f"/scenarios/open/?scenario={scenarios[0]}&view=accept")
    expect(page.get_by_text("Not for you to accept")).to_be_visible()
    page = visit.open(f"/scenarios/open/?scenario={scenarios[0]}&view=if")
    expect(page.get_by_role("button", name="Work it out")).to_have_count(0)
