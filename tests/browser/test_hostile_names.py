"""Text that somebody typed is text wherever it is shown: markup, scripts, other directions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rota.calendar import london_today
from rota.database import UnitOfWork
from rota.models import LeaveStatus, Role, ShiftType, Staff, Unit, UserRole
from tests import factories as make
from tests.browser.conftest import Installation, LogIn

MARKUP = "<img src=x onerror='window.ran=1'>"
OTHERS = ("שלום Ó'Brien-Łukasz", "W" * 200)
#: the rota's far future, where no other journey works
START = london_today() - timedelta(days=london_today().weekday()) + timedelta(weeks=40)


@pytest.fixture
def strange(installation: Installation) -> Iterator[list[Staff]]:
    """Three people with strange names; the first works a shift and asks for leave."""
    with UnitOfWork(make.administrator(), engine=installation.engine) as uow:
        session = uow.session
        unit = session.scalars(
            select(Unit).where(Unit.is_management.is_(False)).order_by(Unit.id)
        ).all()[1]
        role = session.scalars(select(Role).where(Role.code == "SCA")).one()
        people = [
            make.make_staff(
                session, unit, role, first_name=name, last_name=name, sap_number=f"9{n}"
            )
            for n, name in enumerate((MARKUP, *OTHERS))
        ]
        kind = session.scalars(select(ShiftType).where(ShiftType.category == "day")).first()
        assert kind is not None
        make.make_shift(session, unit, people[0], START, kind.code, note=MARKUP)
        make.make_leave(session, people[0], START + timedelta(days=3), START + timedelta(days=4),
                        reason=MARKUP, status=LeaveStatus.PENDING)  # fmt: skip
        uow.commit()
    yield people
    with Session(installation.engine) as session:
        session.execute(
            update(Staff).where(Staff.sap_number.in_(["90", "91", "92"])).values(is_active=False)
        )
        session.commit()


def test_what_somebody_typed_is_never_run(
    log_in: LogIn, installation: Installation, strange: list[Staff]
) -> None:
    home, unit = strange[0].home_id, strange[0].unit_id
    visit = log_in(UserRole.OPERATIONAL_MANAGER)
    page = visit.open(f"/rota/?home={home}&unit={unit}&start={START}&weeks=1")
    page.locator(".ag-row").first.wait_for()
    page.wait_for_function("window.dash_ag_grid && dash_ag_grid.getApi('rota-grid')")
    for person, name in zip(strange, (MARKUP, *OTHERS), strict=True):
        page.evaluate(
            """(row) => { const api = dash_ag_grid.getApi("rota-grid");
                          api.ensureNodeVisible(api.getRowNode(row), "middle"); }""",
            f"p{person.id}",
        )
        row = page.locator(f'.ag-row[row-id="p{person.id}"]')
        expect(row.filter(has_text=name)).to_have_count(1)
        row.locator(f'.ag-cell[col-id="{START}"]').first.hover()
    for path in ("/leave/", "/vacancies/", f"/print/rota?home={home}&start={START}"):
        page.goto(f"{installation.address}{path}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.ran") is None, path
        assert page.locator("img[src=x]").count() == 0, path
