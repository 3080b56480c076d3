"""Leave, vacancies and one's own week through the server: reading, acting, and attacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import dash
import pytest
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from rota.database import UnitOfWork, reading
from rota.models import (
    CareHome,
    LeaveRequest,
    LeaveStatus,
    Shift,
    ShiftOffer,
    Staff,
    Unit,
    UserRole,
)
from tests import factories as make
from tests.clock import TODAY
from tests.factories import administrator
from tests.server.conftest import Browser, LogIn, outputs_of
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("noon")
SOON = TODAY + timedelta(days=20)


@dataclass
class Place:
    """A home with a carer on shift, a gap, a waiting request; and another home with the same."""

    home: CareHome
    unit: Unit
    carer: Staff
    gap: Shift
    shift: Shift
    request: LeaveRequest


@pytest.fixture
def places(sqlite_engine: Engine) -> tuple[Place, Place]:
    """Two homes alike."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        found = tuple(_place(uow) for _ in range(2))
        uow.commit()
    return found  # type: ignore[return-value]


def _place(uow: UnitOfWork) -> Place:
    session = uow.session
    home = make.make_home(session)
    unit = make.make_unit(session, home)
    make.make_requirement(session, unit, minimum=2, ideal=3)
    carer = make.make_staff(session, unit)
    make.make_staff(session, unit, first_name="Freya", last_name="Free")
    shift = make.make_shift(session, unit, carer, SOON, is_published=True)
    gap = make.make_shift(session, unit, day=SOON + timedelta(days=1), role_id=carer.role_id)
    request = make.make_leave(session, carer, SOON, SOON + timedelta(days=2))
    return Place(home, unit, carer, gap, shift, request)


def page_of(browser: Browser, path: str) -> str:
    """The layout of a page, as the router callback sends it."""
    pathname, _, search = path.partition("?")
    output = ".._pages_content.children..._pages_store.data.."
    answer = browser.call(output, [pathname, f"?{search}" if search else ""])
    assert answer.status_code == 200, answer.text[:300]
    return json.dumps(answer.get_json(), ensure_ascii=False)


def panel_of(browser: Browser, app: dash.Dash, gap: Shift, mode: str = "") -> str:
    """The right side of the vacancies screen, as its own callback sends it."""
    view = f"{gap.id}-{mode}" if mode else str(gap.id)
    chosen = {"id": gap.id, "version": gap.version, "view": view, "home": gap.home_id}
    answer = browser.call(output_of(app, "show_panel"), [chosen])
    assert answer.status_code in (200, 403), answer.text[:300]
    return json.dumps(answer.get_json(), ensure_ascii=False)


def output_of(app: dash.Dash, name: str) -> str:
    """The output key of a callback function, named ``function`` or ``module.function``."""
    module, _, name = name.rpartition(".")
    for output, declared in app.callback_map.items():
        function = declared.get("callback")
        while function is not None:
            if getattr(function, "__name__", "") == name and function.__module__.endswith(
                f"pages.{module}" if module else ""
            ):
                return output
            function = getattr(function, "__wrapped__", None)
    raise AssertionError(f"there is no callback {name}")


Press = Callable[..., TestResponse]


@pytest.fixture
def press(app: dash.Dash) -> Press:
    """``press(browser, callback, identity, state)`` clicks a button."""

    def make_call(
        browser: Browser, name: str, identity: Any, state: list[Any] | None = None
    ) -> TestResponse:
        output = output_of(app, name)
        declared = app.callback_map[output]
        plain = identity if isinstance(identity, str) else json.dumps(identity, sort_keys=True)
        inputs: list[Any] = []
        for dependency in declared["inputs"]:
            pattern = dependency["id"]
            if pattern.startswith("{"):
                wanted = json.loads(pattern)
                same = isinstance(identity, dict) and wanted["type"] == identity["type"]
                entry = {"id": identity, "property": "n_clicks", "value": 1}
                inputs.append([entry] if same else [])
            else:
                inputs.append({"id": pattern, "property": dependency["property"], "value": 1})
        states = [
            {"id": d["id"], "property": d["property"], "value": v}
            for d, v in zip(declared["state"], state or [None] * 9, strict=False)
        ]
        trigger = plain.replace(" ", "") if isinstance(identity, dict) else plain
        body = {
            "output": output, "outputs": outputs_of(output), "inputs": inputs, "state": states,
            "changedPropIds": [f"{trigger}.n_clicks"],
        }  # fmt: skip
        return browser.client.post(
            "/_dash-update-component", data=json.dumps(body), content_type="application/json",
            headers={"X-CSRFToken": browser.token},
        )  # fmt: skip

    return make_call


def first(engine: Engine, row: Any) -> Any:
    """The stored row as it is now."""
    with reading(engine) as session:
        return session.get(type(row), row.id)


def test_vacancies_are_listed_with_who_could_work_them(
    log_in: LogIn, places: tuple[Place, Place], app: dash.Dash
) -> None:
    mine, theirs = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    assert "1 open shift" in page_of(om, f"/vacancies/?view={mine.gap.id}")
    text = panel_of(om, app, mine.gap)
    assert "Freya Free" in text and "Assign" in text
    assert "Nearest lawful moves" in panel_of(om, app, mine.gap, "why")
    assert theirs.carer.last_name not in panel_of(om, app, theirs.gap)


def test_the_list_of_vacancies_is_there_in_twelve_statements(
    log_in: LogIn, places: tuple[Place, Place], app: dash.Dash, sqlite_engine: Engine
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    page_of(om, "/vacancies/")
    with statements(sqlite_engine) as sent:
        page_of(om, "/vacancies/")
    assert len(sent) <= 12, sent
    panel_of(om, app, mine.gap)
    with statements(sqlite_engine) as sent:
        panel_of(om, app, mine.gap)
    assert len(sent) <= 12, sent


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/vacancies/?view=<script>", "names no vacancy"),
        ("/vacancies/?view=999999", "filled or gone"),
        ("/vacancies/?home=999999", "home you do not work with"),
        ("/leave/?view=r999999", "no such request"),
        ("/leave/?view=nonsense", "names nothing of leave"),
        ("/leave/?unit=999999", "not part of the home"),
    ],
)
def test_addresses_that_make_no_sense_are_answered_in_words(
    log_in: LogIn, places: tuple[Place, Place], path: str, words: str
) -> None:
    om = log_in(UserRole.OPERATIONAL_MANAGER, places[0].home)
    assert words in page_of(om, path)


def test_the_other_home_is_not_shown_by_any_address(
    log_in: LogIn, places: tuple[Place, Place]
) -> None:
    mine, theirs = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    for path in (
        f"/vacancies/?home={theirs.home.id}", f"/leave/?home={theirs.home.id}",
        f"/leave/?view=r{theirs.request.id}", f"/vacancies/?view={theirs.gap.id}",
    ):  # fmt: skip
        assert theirs.carer.last_name not in page_of(om, path)


def test_a_click_fills_the_vacancy_and_undo_empties_it_again(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    chosen = {"id": mine.gap.id, "version": mine.gap.version}
    who = {"person": mine.carer.id, "type": "vacancies-assign"}
    answer = press(om, "fill", who, [chosen, ""])
    assert answer.status_code == 200, answer.text
    filled = first(sqlite_engine, mine.gap)
    assert (filled.user_id, filled.is_vacant) == (mine.carer.id, False)
    assert "Undo" in answer.text
    token = {"token": str(filled.change_set_id), "type": "toast-undo"}
    assert press(om, "vacancies.undo", token, [""]).status_code == 200
    assert first(sqlite_engine, mine.gap).is_vacant


def test_a_second_click_says_that_it_is_filled(
    log_in: LogIn, press: Press, places: tuple[Place, Place]
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    chosen = {"id": mine.gap.id, "version": mine.gap.version}
    who = {"person": mine.carer.id, "type": "vacancies-assign"}
    press(om, "fill", who, [chosen, ""])
    assert "filled this vacancy already" in press(om, "fill", who, [chosen, ""]).text


@pytest.mark.parametrize(
    "chosen", [None, {}, {"id": "1; DROP", "version": 1}, {"id": -4, "version": 1}, [1, 2]]
)
def test_a_forged_store_is_refused(
    log_in: LogIn, press: Press, places: tuple[Place, Place], chosen: Any
) -> None:
    om = log_in(UserRole.OPERATIONAL_MANAGER, places[0].home)
    who = {"person": places[0].carer.id, "type": "vacancies-assign"}
    assert "cannot be read" in press(om, "fill", who, [chosen, ""]).text


def test_another_homes_vacancy_and_request_cannot_be_touched(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, theirs = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    gap = {"id": theirs.gap.id, "version": theirs.gap.version}
    for who in (mine.carer.id, theirs.carer.id):
        answer = press(om, "fill", {"person": who, "type": "vacancies-assign"}, [gap, ""])
        assert answer.status_code == 403
    ask = {"id": theirs.request.id, "version": theirs.request.version}
    assert press(om, "approve_whole", "leave-approve", [ask, ""]).status_code == 403
    assert first(sqlite_engine, theirs.gap).is_vacant
    assert first(sqlite_engine, theirs.request).status is LeaveStatus.PENDING


def test_approving_releases_the_shift_and_a_second_click_is_told(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    chosen = {"id": mine.request.id, "version": mine.request.version}
    answer = press(om, "approve_whole", "leave-approve", [chosen, ""])
    assert "1 shift is now a vacancy" in answer.text
    assert first(sqlite_engine, mine.shift).vacancy_reason == "leave"
    assert "approved already" in press(om, "approve_whole", "leave-approve", [chosen, ""]).text
    token = {"token": f"leave-approval-{mine.request.id}", "type": "toast-undo"}
    press(om, "_leave_callbacks.undo", token, [""])
    assert first(sqlite_engine, mine.shift).user_id == mine.carer.id


def test_rejecting_takes_a_ready_reason_or_ones_own(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    chosen = {"id": mine.request.id, "version": mine.request.version}
    empty = press(om, "send_reject", "leave-reject-send", [chosen, "other", " ", ""])
    assert "Give a reason" in empty.text
    press(om, "send_reject", "leave-reject-send", [chosen, "others", "Sorry.", ""])
    stored = first(sqlite_engine, mine.request)
    assert stored.status is LeaveStatus.REJECTED
    assert stored.decision_reason.startswith("Too many") and "Sorry." in stored.decision_reason


def test_some_days_only(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    chosen = {"id": mine.request.id, "version": mine.request.version}
    days = [(SOON + timedelta(days=n)).isoformat() for n in (1, 2)]
    answer = press(om, "send_part", "leave-part-send", [chosen, days, "Short on that day", ""])
    assert answer.status_code == 200, answer.text
    assert first(sqlite_engine, mine.shift).user_id == mine.carer.id
    bad = press(om, "send_part", "leave-part-send", [chosen, ["2026-02-30"], "x", ""])
    assert "not a date" in bad.text


def test_many_are_previewed_and_approved(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    opened = press(om, "open_bulk", "leave-bulk-open", [""])
    assert mine.carer.last_name in opened.text
    key = str(mine.request.id)
    sent = press(om, "send_bulk", "leave-bulk-send", [{key: mine.request.version}, [key], ""])
    assert "1 request approved" in sent.text
    assert first(sqlite_engine, mine.request).status is LeaveStatus.APPROVED
    none = press(om, "send_bulk", "leave-bulk-send", [{key: 1}, [], ""])
    assert "Nothing is ticked" in none.text


def test_a_manager_asks_for_somebody_and_reports_sickness(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, theirs = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    start, end = (SOON + timedelta(days=n) for n in (30, 31))
    form = [str(mine.carer.id), start.isoformat(), end.isoformat(), "annual", "", ""]
    assert "Request recorded" in press(om, "send_ask", "leave-ask-send", form).text
    form[0] = str(theirs.carer.id)
    assert press(om, "send_ask", "leave-ask-send", form).status_code == 403
    for change, words in (
        ((1, ""), "not a date"), ((3, "sick"), "reported, not asked"), ((3, "x"), "kind of leave"),
        ((0, ""), "for whom"),
    ):  # fmt: skip
        bad = [str(mine.carer.id), start.isoformat(), end.isoformat(), "annual", "", ""]
        bad[change[0]] = change[1]
        assert words in press(om, "send_ask", "leave-ask-send", bad).text
    sick = [str(mine.carer.id), SOON.isoformat(), SOON.isoformat(), "flu", ""]
    assert "now a vacancy" in press(om, "send_sick", "leave-sick-send", sick).text
    assert first(sqlite_engine, mine.shift).vacancy_reason == "sickness"


def test_the_tabs_of_leave(log_in: LogIn, places: tuple[Place, Place]) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    calendar = page_of(om, f"/leave/?view=calendar&start={SOON}&weeks=1")
    assert "Freya Free" in calendar and "AL?" in calendar
    assert "Nobody is off sick" in page_of(om, "/leave/?view=sickness")
    assert "Nothing decided yet" in page_of(om, "/leave/?view=decided")
    assert "Cheaper dates" not in page_of(om, "/leave/")


def test_a_senior_manager_reads_and_decides_nothing(
    log_in: LogIn, press: Press, places: tuple[Place, Place], app: dash.Dash
) -> None:
    mine, _ = places
    sm = log_in(UserRole.SENIOR_MANAGER, mine.home)
    text = page_of(sm, f"/leave/?view=r{mine.request.id}")
    assert mine.carer.last_name in text and "leave-approve" not in text
    panel = panel_of(sm, app, mine.gap)
    assert "Freya Free" in panel and "Assign" not in panel
    chosen = {"id": mine.request.id, "version": mine.request.version}
    assert press(sm, "approve_whole", "leave-approve", [chosen, ""]).status_code == 403


def test_a_carer_sees_her_week_asks_and_withdraws(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, theirs = places
    carer = log_in(UserRole.CARE_STAFF, mine.home, staff_id=mine.carer.id)
    text = page_of(carer, f"/my/?start={SOON}&weeks=1")
    assert mine.unit.name in text
    assert "Withdraw" in page_of(carer, "/my/?view=leave")
    start = SOON + timedelta(days=40)
    form = [start.isoformat(), start.isoformat(), "annual", "dentist", ""]
    assert "Sent: " in press(carer, "_my_leave.send", "my-send", form).text
    with reading(sqlite_engine) as session:
        asked = session.scalars(select(LeaveRequest).where(LeaveRequest.start_date == start)).one()
    assert (asked.staff_id, asked.reason) == (mine.carer.id, "dentist")
    identity = {"request": asked.id, "type": "my-withdraw", "version": asked.version}
    assert "Withdrawn" in press(carer, "_my_leave.take_back", identity, [""]).text
    theirs_id = {"request": theirs.request.id, "type": "my-withdraw", "version": 1}
    assert press(carer, "_my_leave.take_back", theirs_id, [""]).status_code == 403
    past = [(TODAY - timedelta(days=1)).isoformat()] * 2
    assert (
        "passed already"
        in press(carer, "_my_leave.send", "my-send", [*past, "annual", "", ""]).text
    )


def test_drafts_are_not_shown_to_the_carer(
    log_in: LogIn, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, _ = places
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        uow.session.get_one(Shift, mine.shift.id).is_published = False
        uow.commit()
    carer = log_in(UserRole.CARE_STAFF, mine.home, staff_id=mine.carer.id)
    place = f"{mine.unit.name}, {mine.home.name}"
    assert place not in page_of(carer, f"/my/?start={SOON}&weeks=1")
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        uow.session.get_one(Shift, mine.shift.id).is_published = True
        uow.touch(mine.home.id)
        uow.commit()
    assert place in page_of(carer, f"/my/?start={SOON}&weeks=1")


def test_an_account_without_a_person_has_no_week(
    log_in: LogIn, places: tuple[Place, Place]
) -> None:
    carer = log_in(UserRole.CARE_STAFF, places[0].home)
    assert "belongs to nobody on the payroll" in page_of(carer, "/my/")


def test_a_vacancy_is_offered_and_taken_with_one_click(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    chosen = {"id": mine.gap.id, "version": mine.gap.version}
    sent = press(om, "send_offers", "vacancies-offer", [chosen, [mine.carer.id], ""])
    assert "Offered to 1 person" in sent.text
    assert (
        "cannot be read"
        in press(om, "send_offers", "vacancies-offer", [chosen, "everybody", ""]).text
    )
    carer = log_in(UserRole.CARE_STAFF, mine.home, staff_id=mine.carer.id)
    text = page_of(carer, "/my/?view=extra")
    assert "Take it" in text and "Offered to you" in text
    with reading(sqlite_engine) as session:
        offer_id = session.scalars(select(ShiftOffer.id)).one()
    taken = press(carer, "take_offer", {"offer": offer_id, "type": "my-accept"}, [""])
    assert "It is yours" in taken.text
    assert first(sqlite_engine, mine.gap).user_id == mine.carer.id
    again = press(carer, "take_offer", {"offer": offer_id, "type": "my-accept"}, [""])
    assert "filled this vacancy already" in again.text
    unknown = press(carer, "turn_down", {"offer": 4711, "type": "my-decline"}, [""])
    assert "no such offer" in unknown.text


def test_a_carer_says_she_would_take_an_open_shift(
    log_in: LogIn, press: Press, places: tuple[Place, Place], app: dash.Dash
) -> None:
    mine, theirs = places
    carer = log_in(UserRole.CARE_STAFF, mine.home, staff_id=mine.carer.id)
    assert "I can take it" in page_of(carer, "/my/?view=extra")
    said = press(carer, "say_yes", {"shift": mine.gap.id, "type": "my-volunteer"}, [""])
    assert "sees that you would" in said.text
    other = press(carer, "say_yes", {"shift": theirs.gap.id, "type": "my-volunteer"}, [""])
    assert other.status_code == 403
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    text = panel_of(om, app, mine.gap)
    assert "Has said they would take it" in text and "Open to the unit" in text


def test_several_vacancies_are_planned_and_filled_together(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine, app: dash.Dash
) -> None:
    mine, theirs = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    assert "Planning 1 open shift" in page_of(om, f"/vacancies/?home={mine.home.id}&view=plan")

    def planned(home_id: int, week: object, spell: object = None) -> Any:
        wanted = {"home": home_id, "unit": None, "week": week, "spell": spell}
        return om.call(output_of(app, "show_plans"), [wanted])

    week = mine.gap.date.isoformat()
    assert "Best fit" in planned(mine.home.id, week).text
    assert (
        "Nothing to fill"
        in planned(mine.home.id, (mine.gap.date - timedelta(days=28)).isoformat()).text
    )
    assert "Nothing to fill" in planned(mine.home.id, week, 4711).text
    assert "not a week" in planned(mine.home.id, "x").text
    assert "Best fit" not in planned(theirs.home.id, week).text
    plan = [[mine.gap.id, mine.gap.version, mine.carer.id, 0]]
    button = {"at": 0, "type": "vacancies-plan"}
    for forged in ([["x"]], [[[1, 2, 3]]], [[[0, 1, 1, 0]]]):
        assert "cannot be read" in press(om, "apply_one", button, [forged, ""]).text
    other = [[theirs.gap.id, theirs.gap.version, theirs.carer.id, 0]]
    assert press(om, "apply_one", button, [[other], ""]).status_code == 403
    done = press(om, "apply_one", button, [[plan], f"?home={mine.home.id}"])
    assert "1 shift filled" in done.text
    assert first(sqlite_engine, mine.gap).user_id == mine.carer.id
