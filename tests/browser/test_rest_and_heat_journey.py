"""Rest owed and taken, the heat map of leave, and the talk after sickness, by mouse and keys."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.database import reading
from rota.models import (
    CompensatoryRest,
    LeaveRequest,
    LeaveStatus,
    ReturnTalk,
    Shift,
    ShiftType,
    Staff,
    Unit,
    User,
    UserRole,
)
from tests.browser.conftest import Installation, LogIn
from tests.browser.test_rota_journey import MONDAY, carers

DAY = timedelta(days=1)
#: a week of its own, beyond the planned rota
WEEK = MONDAY + 2 * 7 * DAY
LONDON = ZoneInfo("Europe/London")


def short_rest(installation: Installation) -> Staff:
    """Somebody with nine hours between a late and an early that nobody recorded."""
    person = carers(installation, 1, unit=5)[0]
    # like every writer: the running product writes to the same file
    with Session(installation.engine.execution_options(rota_writes=True)) as session:
        for offset, code, start, end in ((0, "L", 14, 22), (1, "E", 7, 15)):
            day = WEEK + offset * DAY
            kind = session.scalars(select(ShiftType).where(ShiftType.code == code)).one()
            begins, ends = (datetime.combine(day, time(hour), LONDON) for hour in (start, end))
            session.add(
                Shift(
                    home_id=person.home_id, unit_id=person.unit_id, user_id=person.id, date=day,
                    shift_type_id=kind.id, starts_at=begins, ends_at=ends, break_minutes=30,
                    paid_minutes=450, legacy={},
                )
            )  # fmt: skip
        session.commit()
    return person


def test_an_exception_gets_its_rest_and_rest_owed_is_taken_and_taken_back(
    log_in: LogIn, installation: Installation
) -> None:
    person = short_rest(installation)
    visit = log_in(UserRole.OPERATIONAL_MANAGER)
    page = visit.open(f"/working-time/?home={person.home_id}&view=lacking&start={WEEK}&weeks=1")
    page.get_by_title(re.compile(f"^Record the rest owed to {re.escape(person.name)}")).click()
    expect(page.locator(".shell-toasts")).to_contain_text("2 h rest owed, to be taken by")
    with reading(installation.engine) as session:
        entry = session.scalars(
            select(CompensatoryRest).where(
                CompensatoryRest.staff_id == person.id, CompensatoryRest.arose_on == WEEK + DAY
            )
        ).one()
    assert (entry.owed_minutes, entry.taken_on) == (120, None)

    # what the demo owes: the first line whose rest lies behind
    page.get_by_role("link", name=re.compile("^Rest owed")).click()
    line = page.locator("tbody tr", has_text="rested").first
    line.wait_for()
    count = page.locator("tbody tr").count()
    line.get_by_role("button", name="Taken…").click()
    field = page.get_by_label("Day of the rest")
    expect(field).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"))
    page.get_by_role("button", name="Record it as taken").click()
    expect(page.locator(".shell-toasts")).to_contain_text("rest taken on")
    expect(page.locator("tbody tr")).to_have_count(count - 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".shell-toasts")).to_contain_text("the rest is owed again")
    expect(page.locator("tbody tr")).to_have_count(count)


def test_a_cell_of_the_heat_map_opens_to_its_names(
    log_in: LogIn, installation: Installation
) -> None:
    today = date.today()
    with reading(installation.engine) as session:
        sap = installation.logins[UserRole.OPERATIONAL_MANAGER]
        home_id = session.scalar(
            select(Staff.home_id)
            .join(User, User.staff_id == Staff.id)
            .where(User.sap_number == sap)
        )
        person, leave, unit = session.execute(
            select(Staff, LeaveRequest, Unit.name)
            .join(Staff, Staff.id == LeaveRequest.staff_id)
            .join(Unit, Unit.id == Staff.unit_id)
            .where(
                Staff.home_id == home_id,
                Staff.is_active,
                LeaveRequest.status == LeaveStatus.APPROVED,
                LeaveRequest.start_date.between(today + 7 * DAY, today + 70 * DAY),
            )
            .order_by(LeaveRequest.start_date, LeaveRequest.id)
        ).first() or (None, None, "")
        assert person is not None and leave is not None
        name = person.name
    page = log_in(UserRole.OPERATIONAL_MANAGER).open(f"/leave/?home={home_id}&view=heat")
    page.locator("#leave-heat .nsewdrag").first.wait_for()
    # drawn anew when its card has its width: a day is eleven pixels, and they move
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        """() => {
            const chart = document.querySelector("#leave-heat .js-plotly-plot");
            const width = chart._fullLayout.width, still = window.heatWidth === width;
            window.heatWidth = width;
            return still && Math.abs(width - chart.clientWidth) < 2;
        }""",
        polling=400,
    )
    at = page.evaluate(
        """([day, unit]) => {
            const chart = document.querySelector("#leave-heat .js-plotly-plot");
            const box = chart.getBoundingClientRect(), { xaxis, yaxis } = chart._fullLayout;
            return [box.x + xaxis._offset + xaxis.d2p(day), box.y + yaxis._offset + yaxis.d2p(unit)];
        }""",
        [leave.start_date.isoformat(), unit],
    )
    page.mouse.move(*at)
    page.mouse.click(*at)
    table = page.get_by_role("region", name=re.compile(f"^Off: {re.escape(unit)}"))
    expect(table).to_contain_text(name)
    page.get_by_role("link", name="Leave year").click()
    expect(page.get_by_role("link", name="Leave year")).to_have_class(re.compile("is-on"))


def test_a_talk_after_sickness_is_recorded_and_read_again(
    log_in: LogIn, installation: Installation
) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/leave/?view=sickness")
    buttons = page.get_by_role("button", name="Record…")
    buttons.first.wait_for()
    count = buttons.count()
    buttons.first.click()
    dialog = page.locator("#leave-talk")
    expect(dialog).to_contain_text("off until")
    name = (page.locator("#leave-talk-words").inner_text()).split(",")[0]
    dialog.get_by_label("Held on").fill(date.today().isoformat())
    dialog.get_by_label("Fit with adjustments").check()
    dialog.get_by_role("button", name="Save the talk").click()
    expect(page.locator(".shell-toasts")).to_contain_text("Say which adjustments were agreed")
    dialog.get_by_label("Adjustments agreed").fill("No nights for a week")
    dialog.get_by_role("button", name="Save the talk").click()
    expect(page.locator(".shell-toasts")).to_contain_text("The talk is on record")
    expect(buttons).to_have_count(count - 1)
    with Session(installation.engine) as session:
        talk = session.scalars(select(ReturnTalk).order_by(ReturnTalk.id.desc())).first()
        assert talk is not None and talk.adjustments == "No nights for a week"
        person = session.get_one(Staff, talk.staff_id)
        assert person.name == name
