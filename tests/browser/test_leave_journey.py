"""Items 5 and 6: a carer asks, the manager decides, shifts become vacancies and are filled."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from rota.database import reading
from rota.models import LeaveRequest, LeaveStatus, Shift, User, UserRole
from tests.browser.conftest import Installation, LogIn


def _carer(installation: Installation) -> int:
    """The payroll id of the carer who logs in."""
    with reading(installation.engine) as session:
        sap = installation.logins[UserRole.CARE_STAFF]
        staff_id = session.scalar(select(User.staff_id).where(User.sap_number == sap))
        assert staff_id is not None
        return staff_id


def _free_week(installation: Installation) -> tuple[date, date]:
    """A Monday-to-Sunday week in which the carer works and has no leave yet."""
    staff_id = _carer(installation)
    monday = date.today() - timedelta(days=date.today().weekday())
    with reading(installation.engine) as session:
        for weeks in range(2, 7):
            start = monday + timedelta(weeks=weeks)
            end = start + timedelta(days=6)
            shifts = session.scalar(
                select(func.count(Shift.id)).where(
                    Shift.user_id == staff_id, Shift.date.between(start, end)
                )
            )
            taken = session.scalar(
                select(func.count(LeaveRequest.id)).where(
                    LeaveRequest.staff_id == staff_id,
                    LeaveRequest.status.in_((LeaveStatus.PENDING, LeaveStatus.APPROVED)),
                    LeaveRequest.start_date <= end,
                    LeaveRequest.end_date >= start,
                )
            )
            if shifts and not taken:
                return start, end
    raise AssertionError("the demo leaves the carer no free week")


def _state(installation: Installation, start: date) -> tuple[str, int, int]:
    """The request's state, the carer's shifts of the week, and vacancies because of leave."""
    staff_id = _carer(installation)
    end = start + timedelta(days=6)
    with reading(installation.engine) as session:
        status = session.scalar(
            select(LeaveRequest.status)
            .where(LeaveRequest.staff_id == staff_id, LeaveRequest.start_date == start)
            .order_by(LeaveRequest.id.desc())
        )
        mine = session.scalar(
            select(func.count(Shift.id)).where(
                Shift.user_id == staff_id, Shift.date.between(start, end)
            )
        )
        person = session.scalar(select(User.staff_id).where(User.staff_id == staff_id))
        assert person == staff_id
        vacant = session.scalar(
            select(func.count(Shift.id)).where(
                Shift.is_vacant, Shift.vacancy_reason == "leave", Shift.date.between(start, end)
            )
        )
    return (status.value if status else "", int(mine or 0), int(vacant or 0))


def _open_request(page: Page, installation: Installation, start: date) -> None:
    with reading(installation.engine) as session:
        request_id = session.scalar(
            select(LeaveRequest.id)
            .where(LeaveRequest.staff_id == _carer(installation), LeaveRequest.start_date == start)
            .order_by(LeaveRequest.id.desc())
        )
    page.goto(f"{installation.address}/leave/?view=r{request_id}")
    page.get_by_role("button", name=re.compile("^Approve A?")).first.wait_for()


def test_a_carer_asks_on_a_phone_the_manager_approves_undoes_and_rejects(
    log_in: LogIn, installation: Installation
) -> None:
    start, end = _free_week(installation)
    _, shifts, vacant = _state(installation, start)

    mine = log_in(UserRole.CARE_STAFF, phone=True).open("/my/?view=leave")
    mine.fill("#my-start", start.isoformat())
    mine.fill("#my-end", end.isoformat())
    expect(mine.locator("#my-cost")).to_contain_text("left after this")
    mine.get_by_role("button", name="Send the request").click()
    expect(mine.get_by_text(re.compile(r"^Sent: "))).to_be_visible()
    assert _state(installation, start) == ("pending", shifts, vacant)

    desk = log_in(UserRole.OPERATIONAL_MANAGER).open("/leave/")
    _open_request(desk, installation, start)
    expect(desk.get_by_text(re.compile("Cover holds|would be short"))).to_be_visible()
    desk.keyboard.press("a")  # the key printed on the button
    expect(desk.get_by_text(re.compile(r"^Approved: "))).to_be_visible()
    assert _state(installation, start) == ("approved", 0, vacant + shifts)

    desk.get_by_role("button", name="Undo").click()
    expect(desk.get_by_text("the request waits again")).to_be_visible()
    assert _state(installation, start) == ("pending", shifts, vacant)

    _open_request(desk, installation, start)
    desk.get_by_role("button", name="Reject…").click()
    desk.get_by_label("Too many of the unit are off on these days already.").check()
    desk.get_by_role("button", name="Reject the request").click()
    expect(desk.get_by_text("the person sees the reason")).to_be_visible()
    assert _state(installation, start) == ("rejected", shifts, vacant)

    mine.goto(f"{installation.address}/my/?view=leave")
    expect(mine.get_by_text("Too many of the unit are off").first).to_be_visible()


def test_a_manager_fills_a_vacancy_with_the_keyboard_and_undoes_it(
    log_in: LogIn, installation: Installation
) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/vacancies/")
    assign = page.get_by_role("button", name=re.compile("^Assign ")).first
    assign.wait_for()
    count = page.locator(".gap").count()
    assign.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(" takes ")).first).to_be_visible()
    expect(page.locator(".gap")).to_have_count(count - 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(re.compile("^Undo: "))).to_be_visible()
    expect(page.locator(".gap")).to_have_count(count)


def test_the_matrix_says_which_rule_stands_in_the_way(log_in: LogIn) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/vacancies/")
    page.get_by_role("link", name="Why can’t this be filled?").click()
    expect(page.locator(".rules-matrix")).to_be_visible()
    expect(page.get_by_text("Nearest lawful moves")).to_be_visible()


def _rostered_soon(installation: Installation) -> tuple[int, int]:
    """A colleague of the carer with shifts in the next three days, and their home."""
    today = date.today()
    with reading(installation.engine) as session:
        home_id = session.scalar(
            select(Shift.home_id).where(Shift.user_id == _carer(installation)).limit(1)
        )
        person = session.execute(
            select(Shift.user_id, func.count())
            .where(
                Shift.home_id == home_id,
                Shift.user_id.is_not(None),
                Shift.user_id != _carer(installation),
                Shift.date.between(today + timedelta(days=1), today + timedelta(days=3)),
            )
            .group_by(Shift.user_id)
            .order_by(func.count().desc(), Shift.user_id)
        ).first()
    assert person is not None and home_id is not None
    return int(person[0]), home_id


def _report(page: Page, person: int) -> None:
    today = date.today()
    page.get_by_role("button", name="Report sickness").click()
    page.select_option("#leave-sick-person", str(person))
    page.fill("#leave-sick-start", (today + timedelta(days=1)).isoformat())
    page.fill("#leave-sick-end", (today + timedelta(days=3)).isoformat())
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_text(re.compile("now vacanc|now a vacanc"))).to_be_visible()


def _shifts_soon(installation: Installation, person: int) -> int:
    today = date.today()
    with reading(installation.engine) as session:
        return session.scalar(
            select(func.count(Shift.id)).where(
                Shift.user_id == person,
                Shift.date.between(today + timedelta(days=1), today + timedelta(days=3)),
            )
        ) or 0  # fmt: skip


def test_reporting_sick_leads_to_repairs_and_one_is_applied_and_undone(
    log_in: LogIn, installation: Installation
) -> None:
    person, home_id = _rostered_soon(installation)
    page = log_in(UserRole.OPERATIONAL_MANAGER).open(f"/leave/?home={home_id}&view=sickness")
    _report(page, person)
    # the ways of filling what is open now stand ready
    apply = page.get_by_role("button", name="Apply this plan")
    expect(apply.first).to_be_visible()
    assert 1 <= apply.count() <= 3
    assert _shifts_soon(installation, person) == 0
    apply.first.click()
    expect(page.get_by_text(re.compile(r"^\d+ shifts? filled"))).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(re.compile("^Undo: Fill "))).to_be_visible()
    # from the list of vacancies one comes back to the repairs
    page.get_by_role("link", name="Repair…").first.click()
    expect(apply.first).to_be_visible()


def test_a_week_of_vacancies_is_filled_together_and_undone(log_in: LogIn) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER).open("/vacancies/")
    page.locator(".gap").first.wait_for()
    count = page.locator(".gap").count()
    page.get_by_role("link", name="Plan a week").click()
    apply = page.get_by_role("button", name="Apply this plan")
    apply.first.click()
    filled = page.get_by_text(re.compile(r"^\d+ shifts? filled"))
    expect(filled).to_be_visible()
    number = int(filled.inner_text().split()[0])
    expect(page.locator(".gap")).to_have_count(count - number)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".gap")).to_have_count(count)


def test_the_calendar_shows_everybody_and_an_analyst_none_of_it(log_in: LogIn) -> None:
    page = log_in(UserRole.SENIOR_MANAGER).open("/leave/?view=calendar")
    assert page.locator(".team tbody tr").count() > 20
    expect(page.get_by_role("button", name="New request")).to_have_count(0)
    analyst = log_in(UserRole.ANALYST)
    analyst.expected.append("403")
    answer = analyst.page.goto(f"{analyst.installation.address}/leave/")
    assert answer is not None and answer.status == 403
