"""Item 4: a manager at work on her rota, by mouse and by keyboard, and two of them at once."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.models import AbsenceSpell, LeaveRequest, LeaveStatus, Role, Shift, Staff, Unit, UserRole
from tests.browser.conftest import Installation, LogIn, Visit

#: beyond the planned rota, so that no other journey works here
MONDAY = date.today() - timedelta(days=date.today().weekday()) + timedelta(weeks=30)
DAY = timedelta(days=1)


def carers(installation: Installation, count: int, unit: int = 0) -> list[Staff]:
    """Day assistants of one unit of the manager's home who are free in that week."""
    with Session(installation.engine, expire_on_commit=False) as session:
        away = select(LeaveRequest.staff_id).where(
            LeaveRequest.status == LeaveStatus.APPROVED, LeaveRequest.end_date >= MONDAY
        )
        ill = select(AbsenceSpell.staff_id).where(AbsenceSpell.ended_on.is_(None))
        unit_id = session.scalars(
            select(Unit.id).where(Unit.is_management.is_(False)).order_by(Unit.id)
        ).all()[unit]
        found = session.scalars(
            select(Staff)
            .join(Role, Role.id == Staff.role_id)
            .where(
                Staff.unit_id == unit_id,
                Staff.is_active,
                Role.code == "SCA",
                Staff.registration_expires > MONDAY + 60 * DAY,
                Staff.id.not_in(away),
                Staff.id.not_in(ill),
            )
            .order_by(Staff.id)
        ).all()
    assert len(found) >= count, "the demo's first unit has too few assistants"
    return list(found[:count])


def shifts_of(installation: Installation, person: Staff) -> list[tuple[date, str]]:
    with Session(installation.engine) as session:
        rows = session.scalars(
            select(Shift)
            .where(Shift.user_id == person.id, Shift.date.between(MONDAY, MONDAY + 13 * DAY))
            .order_by(Shift.date)
        )
        return [(shift.date, shift.shift_type.code) for shift in rows]


def open_rota(visit: Visit, person: Staff, weeks: int = 1) -> Page:
    page = visit.open(
        f"/rota/?home={person.home_id}&unit={person.unit_id}&start={MONDAY}&weeks={weeks}"
    )
    page.locator(".ag-row").first.wait_for()
    page.wait_for_function("window.dash_ag_grid && dash_ag_grid.getApi('rota-grid')")
    page.evaluate(
        """(row) => {
            const api = dash_ag_grid.getApi("rota-grid");
            api.ensureNodeVisible(api.getRowNode(row), "middle");
        }""",
        f"p{person.id}",
    )
    cell(page, person, 0).wait_for()
    return page


def cell(page: Page, person: Staff, day: int) -> Locator:
    return page.locator(
        f'.ag-row[row-id="p{person.id}"] .ag-cell[col-id="{MONDAY + day * DAY}"]'
    ).first


def code(page: Page, name: str) -> Locator:
    return page.locator(f'[data-palette] [data-code="{name}"]')


def toast(page: Page) -> Locator:
    return page.locator(".shell-toasts")


def test_painting_undoing_and_being_refused(log_in: LogIn, installation: Installation) -> None:
    (person,) = carers(installation, 1)
    page = open_rota(log_in(UserRole.OPERATIONAL_MANAGER), person)

    code(page, "D").click()
    expect(page.locator(".shade-free").first).to_be_visible()
    cell(page, person, 0).click()
    expect(cell(page, person, 0)).to_contain_text("D")
    expect(toast(page)).to_contain_text(f"D for {person.name}")
    cover = page.locator(f'.row-cover[row-id="cover-day"] .ag-cell[col-id="{MONDAY}"]')
    expect(cover).to_contain_text(re.compile(r"1/\d"))
    assert shifts_of(installation, person) == [(MONDAY, "D")]

    page.keyboard.press("Escape")
    cell(page, person, 2).click()
    expect(page.locator("#rota-drawer")).to_contain_text(person.name)
    page.keyboard.press("l")
    expect(cell(page, person, 2)).to_contain_text("L")
    page.keyboard.press("e")  # the key moved on to the next day: nine hours after a late
    expect(toast(page)).to_contain_text(re.compile(r"Daily rest: .*9 h between"))
    expect(page.locator("#rota-drawer")).to_contain_text("Record the rest and assign")
    assert shifts_of(installation, person) == [(MONDAY, "D"), (MONDAY + 2 * DAY, "L")]

    page.get_by_role("button", name="Record the rest and assign").click()
    expect(cell(page, person, 3)).to_contain_text("E")
    assert len(shifts_of(installation, person)) == 3

    cell(page, person, 3).click()
    page.keyboard.press("Delete")
    expect(cell(page, person, 3)).not_to_contain_text("E")
    page.keyboard.press("Control+z")
    expect(cell(page, person, 3)).to_contain_text("E")
    page.keyboard.press("Control+y")
    expect(cell(page, person, 3)).not_to_contain_text("E")
    assert shifts_of(installation, person) == [(MONDAY, "D"), (MONDAY + 2 * DAY, "L")]


def test_two_managers_in_the_same_cell(log_in: LogIn, installation: Installation) -> None:
    _, person = carers(installation, 2)
    first = open_rota(log_in(UserRole.OPERATIONAL_MANAGER), person)
    second = open_rota(log_in(UserRole.ADMINISTRATOR), person)

    code(first, "D").click()
    cell(first, person, 0).click()
    expect(cell(first, person, 0)).to_contain_text("D")
    # the other screen follows by itself; how often it looks is tested with the page
    expect(cell(second, person, 0)).to_contain_text("D")

    code(first, "E").click()
    code(second, "L").click()
    cell(first, person, 0).click()
    expect(toast(first)).to_contain_text(": E")
    cell(second, person, 0).click()
    expect(toast(second)).to_contain_text(re.compile(r"changed this at \d\d:\d\d|: L"))
    if "changed this at" in toast(second).inner_text():
        assert shifts_of(installation, person) == [(MONDAY, "E")]
        expect(cell(second, person, 0)).to_contain_text("E")


def test_the_rota_on_a_phone_is_a_list_of_days(log_in: LogIn, installation: Installation) -> None:
    page = log_in(UserRole.OPERATIONAL_MANAGER, phone=True).open("/rota/?weeks=1")
    expect(page.locator(".day-list")).to_be_visible()
    expect(page.locator(".rota-frame")).to_be_hidden()
    page.locator(".strip-item").nth(2).click()
    expect(page.locator(".strip-item.is-on")).to_have_count(1)


def test_who_may_only_look_paints_nothing(log_in: LogIn, installation: Installation) -> None:
    person = carers(installation, 3)[2]
    page = open_rota(log_in(UserRole.ANALYST), person)
    expect(page.locator("[data-palette]")).to_have_count(0)
    cell(page, person, 0).click()
    expect(page.locator("#rota-drawer")).to_contain_text(person.name)
    page.keyboard.press("d")
    page.keyboard.press("Delete")
    assert shifts_of(installation, person) == []


def drag(page: Page, start: Locator, end: Locator) -> None:
    """Choose the cells between two by drawing the mouse over them."""
    first, last = start.bounding_box(), end.bounding_box()
    assert first and last
    page.mouse.move(first["x"] + 6, first["y"] + 6)
    page.mouse.down()
    page.mouse.move(last["x"] + 6, last["y"] + 6, steps=6)
    page.mouse.up()


def test_several_cells_are_painted_filled_down_pasted_and_undone(
    log_in: LogIn, installation: Installation
) -> None:
    one, two = carers(installation, 2, unit=1)[:2]
    page = open_rota(log_in(UserRole.OPERATIONAL_MANAGER), one, weeks=2)
    nobody = shifts_of(installation, one) + shifts_of(installation, two)
    assert nobody == []

    drag(page, cell(page, one, 7), cell(page, one, 9))
    expect(page.locator(".cell-picked")).to_have_count(3)
    code(page, "D").click()
    expect(toast(page)).to_contain_text("D in 3 cells")
    expect(cell(page, one, 9)).to_contain_text("D")
    assert len(shifts_of(installation, one)) == 3

    # by keyboard: the line beneath takes the codes of the first
    page.keyboard.press("Escape")
    cell(page, one, 7).click()
    below = page.evaluate(
        """([row, day]) => {
            const api = dash_ag_grid.getApi("rota-grid");
            return api.getDisplayedRowAtIndex(api.getRowNode(row).rowIndex + 1).data.id;
        }""",
        [f"p{one.id}", ""],
    )
    other = below == f"p{two.id}"
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".cell-picked")).to_have_count(4)
    page.keyboard.press("Control+d")
    expect(toast(page)).to_contain_text("Fill down 2 cells")
    if other:
        assert len(shifts_of(installation, two)) == 2
    page.keyboard.press("Control+z")
    expect(toast(page)).to_contain_text("Undo: Fill down 2 cells")
    page.keyboard.press("Escape")

    # a pasted table: what the rules refuse is a question first
    cell(page, one, 10).click()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "E\\tZZ\\tE");
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }"""
    )
    question = page.locator("#rota-cells-dialog")
    expect(question).to_contain_text("There is no shift code “ZZ”")
    assert len(shifts_of(installation, one)) == 3, "nothing is written before the answer"
    page.get_by_role("button", name="Change the others").click()
    expect(cell(page, one, 12)).to_contain_text("E")
    assert len(shifts_of(installation, one)) == 5

    expect(question).to_be_hidden()
    drag(page, cell(page, one, 7), cell(page, one, 12))
    expect(page.locator(".cell-picked")).to_have_count(6)
    page.keyboard.press("Delete")
    expect(cell(page, one, 8)).not_to_contain_text("D")
    assert shifts_of(installation, one) == []
    page.keyboard.press("Control+z")
    expect(cell(page, one, 8)).to_contain_text("D")


def test_a_paste_of_a_thousand_cells_is_refused_in_words(
    log_in: LogIn, installation: Installation
) -> None:
    (person,) = carers(installation, 1, unit=4)
    page = log_in(UserRole.OPERATIONAL_MANAGER).open(
        f"/rota/?home={person.home_id}&start={MONDAY}&weeks=4"
    )
    page.locator(".ag-row[row-id^=p]").first.wait_for()
    page.locator(f'.ag-row[row-id^=p] .ag-cell[col-id="{MONDAY}"]').first.click()
    before = count_shifts(installation)
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            const line = Array(28).fill("D").join("\\t");
            data.setData("text/plain", Array(40).fill(line).join("\\n"));
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }"""
    )
    expect(toast(page)).to_contain_text("That is 1120 cells; at most 600")
    assert count_shifts(installation) == before


def count_shifts(installation: Installation) -> int:
    with Session(installation.engine) as session:
        return session.scalar(select(func.count()).select_from(Shift)) or 0


def test_a_shift_is_moved_and_two_are_swapped(log_in: LogIn, installation: Installation) -> None:
    one, two = carers(installation, 2, unit=2)[:2]
    page = open_rota(log_in(UserRole.OPERATIONAL_MANAGER), one)
    code(page, "D").click()
    cell(page, one, 0).click()
    expect(cell(page, one, 0)).to_contain_text("D")
    code(page, "E").click()
    cell(page, two, 3).click()
    expect(cell(page, two, 3)).to_contain_text("E")

    code(page, "~").click()
    cell(page, one, 0).click()
    expect(page.locator(".cell-carried")).to_have_count(1)
    cell(page, one, 1).click()
    expect(cell(page, one, 1)).to_contain_text("D")
    expect(toast(page)).to_contain_text("Move D")
    assert shifts_of(installation, one) == [(MONDAY + DAY, "D")]

    cell(page, one, 1).click()
    cell(page, two, 3).click()
    expect(toast(page)).to_contain_text("Swap")
    expect(cell(page, two, 1)).to_contain_text("D")
    assert shifts_of(installation, one) == [(MONDAY + 3 * DAY, "E")]
    page.keyboard.press("Control+z")
    expect(cell(page, one, 1)).to_contain_text("D")
    assert shifts_of(installation, two) == [(MONDAY + 3 * DAY, "E")]


def test_a_note_and_the_flags_of_a_shift_are_set_in_the_panel(
    log_in: LogIn, installation: Installation
) -> None:
    person = carers(installation, 1, unit=3)[0]
    page = open_rota(log_in(UserRole.OPERATIONAL_MANAGER), person)
    code(page, "D").click()
    cell(page, person, 0).click()
    expect(cell(page, person, 0)).to_contain_text("D")
    page.keyboard.press("Escape")
    cell(page, person, 0).click()
    panel = page.locator("#rota-drawer")
    panel.get_by_label("Note").fill("Inspection at ten")
    panel.get_by_role("button", name="Save note").click()
    expect(cell(page, person, 0).locator(".mark-note")).to_have_count(1)
    cell(page, person, 0).click()
    expect(panel.get_by_label("Note")).to_have_value("Inspection at ten")
    panel.get_by_role("button", name="Supernumerary").click()
    expect(cell(page, person, 0).locator(".mark-extra")).to_have_count(1)
