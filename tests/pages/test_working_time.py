"""Working time, the heat map and talks through the server: reading, acting, and attacks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from rota.database import UnitOfWork, reading
from rota.models import AbsenceSpell, CareHome, CompensatoryRest, ReturnTalk, Staff, Unit, UserRole
from tests import factories as make
from tests.clock import TODAY
from tests.factories import administrator
from tests.pages.test_leave_and_vacancies import Press, output_of, page_of, press
from tests.server.conftest import LogIn
from tests.statements import statements

__all__ = ["press"]
pytestmark = pytest.mark.usefixtures("noon")
DAY = timedelta(days=1)


@dataclass
class Place:
    """A home with rest owed to a carer, an exception without it, and a spell that has ended."""

    home: CareHome
    carer: Staff
    entry: CompensatoryRest
    spell: AbsenceSpell


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
    carer = make.make_staff(session, unit)
    make.make_shift(session, unit, carer, TODAY - 3 * DAY, "L")
    make.make_shift(session, unit, carer, TODAY - 2 * DAY, "E")
    entry = CompensatoryRest(
        staff_id=carer.id, rule="daily_rest", arose_on=TODAY - 20 * DAY, owed_minutes=60,
        due_on=TODAY - 6 * DAY,
    )  # fmt: skip
    spell = AbsenceSpell(
        staff_id=carer.id, home_id=home.id, started_on=TODAY - 9 * DAY, ended_on=TODAY - 8 * DAY
    )
    session.add_all([entry, spell])
    session.flush()
    return Place(home, carer, entry, spell)


def stored(engine: Engine, row: Any) -> Any:
    with reading(engine) as session:
        return session.get(type(row), row.id)


def test_each_tab_shows_ones_own_home_and_to_an_analyst_no_names(
    log_in: LogIn, places: tuple[Place, Place]
) -> None:
    mine, theirs = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    first = page_of(om, "/working-time/")
    assert mine.carer.last_name in first and "overdue" in first and "Without rest (1)" in first
    assert "Record the rest" in page_of(om, "/working-time/?view=lacking")
    assert "9 h between" in page_of(om, "/working-time/?view=rules")
    assert mine.carer.last_name in page_of(om, "/working-time/?view=averages")
    assert "Working Time Regulations 1998, reg 10" in page_of(om, "/working-time/?view=book")
    assert "No rest was taken yet" in page_of(om, "/working-time/?view=taken")
    for view in ("", "lacking", "taken", "averages", "rules"):
        assert theirs.carer.last_name not in page_of(om, f"/working-time/?view={view}")
        assert "home you do not work with" in page_of(
            om, f"/working-time/?view={view}&home={theirs.home.id}"
        )
    assert "names nothing" in page_of(om, "/working-time/?view=<script>")
    analyst = log_in(UserRole.ANALYST, mine.home)
    for view in ("", "lacking", "averages", "rules"):
        text = page_of(analyst, f"/working-time/?view={view}")
        assert f"Person {mine.carer.id}" in text and mine.carer.last_name not in text
        assert "working-time-record" not in text and "working-time-strike" not in text


def test_the_page_needs_few_statements_however_much_is_owed(
    log_in: LogIn, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    om = log_in(UserRole.OPERATIONAL_MANAGER, places[0].home)
    page_of(om, "/working-time/")
    with statements(sqlite_engine) as sent:
        page_of(om, "/working-time/")
    assert len(sent) <= 20, sent


def test_rest_is_recorded_taken_and_taken_back(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    missing = {
        "day": (TODAY - 2 * DAY).isoformat(), "person": mine.carer.id, "rule": "daily_rest",
        "type": "working-time-record",
    }  # fmt: skip
    assert "2 h rest owed" in press(om, "working_time.record", missing, [""]).text
    assert "no exception" in press(om, "working_time.record", missing, [""]).text
    chosen = {"entry": mine.entry.id, "day": ""}
    day = (TODAY - 10 * DAY).isoformat()
    sent = press(om, "working_time.send", "working-time-send", [chosen, day, ""])
    assert "1 h rest taken on" in sent.text, sent.text
    assert stored(sqlite_engine, mine.entry).taken_on == TODAY - 10 * DAY
    token = {"token": f"rest-{mine.entry.id}", "type": "toast-undo"}
    assert "owed again" in press(om, "working_time.back", token, [""]).text
    assert stored(sqlite_engine, mine.entry).taken_on is None
    # its short rest is on no rota any more
    strike = {"entry": mine.entry.id, "type": "working-time-strike"}
    assert "Struck out" in press(om, "working_time.strike", strike, [""]).text
    assert stored(sqlite_engine, mine.entry) is None


@pytest.mark.parametrize(
    ("chosen", "day", "words"),
    [
        (None, TODAY.isoformat(), "cannot be read"),
        ({"entry": "1; DROP"}, TODAY.isoformat(), "cannot be read"),
        ({"entry": 999_999}, TODAY.isoformat(), "no such entry"),
        ("mine", "2026-02-30", "not a date"),
        ("mine", (TODAY + 9 * DAY).isoformat(), "lies ahead"),
        ("mine", None, "not a date"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine,
    chosen: Any, day: Any, words: str,
) -> None:  # fmt: skip
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    what = {"entry": mine.entry.id} if chosen == "mine" else chosen
    answer = press(om, "working_time.send", "working-time-send", [what, day, ""])
    assert words in answer.text, answer.text
    assert stored(sqlite_engine, mine.entry).taken_on is None


def test_another_homes_rest_and_talks_cannot_be_touched(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, theirs = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    chosen = {"entry": theirs.entry.id, "day": ""}
    form = [chosen, (TODAY - 10 * DAY).isoformat(), ""]
    assert press(om, "working_time.send", "working-time-send", form).status_code == 403
    record = {
        "day": (TODAY - 2 * DAY).isoformat(), "person": theirs.carer.id, "rule": "daily_rest",
        "type": "working-time-record",
    }  # fmt: skip
    assert press(om, "working_time.record", record, [""]).status_code == 403
    talk = {"spell": theirs.spell.id, "type": "leave-talk-open"}
    assert press(om, "open_talk", talk, []).status_code == 403
    said = [{"spell": theirs.spell.id, "version": 0}, TODAY.isoformat(), "Me", "fit", "", None, ""]
    assert press(om, "save_talk", "leave-talk-send", said).status_code == 403
    with reading(sqlite_engine) as session:
        assert session.scalars(select(ReturnTalk)).all() == []


def test_a_talk_is_recorded_and_only_deciders_see_that_it_was(
    log_in: LogIn, press: Press, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, _ = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    assert "1 return talk to be held, 1 overdue" in page_of(om, "/leave/?view=sickness")
    shown = press(om, "open_talk", {"spell": mine.spell.id, "type": "leave-talk-open"}, [])
    assert mine.carer.last_name in shown.text
    chosen = {"spell": mine.spell.id, "version": 0}
    said = [chosen, TODAY.isoformat(), "Moira", "adjusted", "", None, ""]
    refused = press(om, "save_talk", "leave-talk-send", said)
    assert "which adjustments" in refused.text
    assert (
        "came out of the talk"
        in press(om, "save_talk", "leave-talk-send", [*said[:3], "x; DROP", *said[4:]]).text
    )
    said[4] = "No nights"
    assert "on record" in press(om, "save_talk", "leave-talk-send", said).text
    again = press(om, "save_talk", "leave-talk-send", said)
    assert "Somebody else recorded" in again.text, "a double click records it once"
    senior = log_in(UserRole.SENIOR_MANAGER, mine.home)
    text = page_of(senior, "/leave/?view=sickness")
    assert mine.carer.last_name in text
    for private in ("Return talk", "Bradford", "leave-talk", "No nights"):
        assert private not in text
    talk = {"spell": mine.spell.id, "type": "leave-talk-open"}
    assert press(senior, "open_talk", talk, []).status_code == 403


def test_the_heat_map_opens_a_day_and_refuses_forged_clicks(
    log_in: LogIn, places: tuple[Place, Place], sqlite_engine: Engine
) -> None:
    mine, theirs = places
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    unit = mine.carer.unit_id
    day = (TODAY - 8 * DAY).isoformat()
    text = page_of(om, f"/leave/?view=heat-{day}-u{unit}&start={TODAY - 14 * DAY}")
    assert mine.carer.last_name in text and "leave-heat" in text
    whole = page_of(om, f"/leave/?view=heat-year-{day}-u{unit}")
    assert mine.carer.last_name in whole
    # another home's unit in the address opens one's own home, never theirs
    strange = page_of(om, f"/leave/?view=heat-{day}-u{theirs.carer.unit_id}")
    assert theirs.carer.last_name not in strange
    for view in ("heat-2026-13-01-u1", "heat-x", "heat-2026-01-01", "heat-year-"):
        text = page_of(om, f"/leave/?view={view}")
        assert "names nothing" in text or "not a date" in text
    with reading(sqlite_engine) as session:
        names = {unit.id: unit.name for unit in session.scalars(select(Unit))}
    assert f"heat-{day}-u{unit}" in _click(om, {"points": [{"x": day, "y": names[unit]}]})
    for forged, words in (
        ({"points": []}, "cannot be read"), ("x", "cannot be read"), ([1], "cannot be read"),
        ({"points": [{"x": "x", "y": names[unit]}]}, "not a date"),
        ({"points": [{"x": day, "y": names[theirs.carer.unit_id]}]}, "no such unit"),
    ):  # fmt: skip
        assert words in _click(om, forged)


def _click(browser: Any, data: Any) -> str:
    answer = browser.call(output_of(browser.app, "open_day"), [data], [""])
    return json.dumps(answer.get_json(silent=True)) + answer.text


def test_sickness_reported_leads_to_the_repairs_and_is_undone_from_there(
    log_in: LogIn, places: tuple[Place, Place], press: Press, sqlite_engine: Engine
) -> None:
    mine, _ = places
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        unit = uow.session.get_one(Unit, mine.carer.unit_id)
        shift = make.make_shift(uow.session, unit, mine.carer, TODAY + DAY)
        uow.commit()
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    form = [str(mine.carer.id), (TODAY + DAY).isoformat(), None, "", f"?home={mine.home.id}"]
    answer = press(om, "send_sick", "leave-sick-send", form)
    assert "1 shift is now a vacancy" in answer.text
    with reading(sqlite_engine) as session:
        spell = session.scalars(select(AbsenceSpell).order_by(AbsenceSpell.id.desc())).first()
    assert (
        spell is not None
        and f"/vacancies/?home={mine.home.id}&view=plan-{spell.id}"
        in (answer.get_json()["response"]["leave-go"]["href"])
    )
    assert stored(sqlite_engine, shift).is_vacant
    assert "Left open by sickness" in page_of(om, f"/vacancies/?home={mine.home.id}")
    assert "Repair" in page_of(om, "/leave/?view=sickness")
    token = {"token": f"leave-spell-{spell.id}", "type": "toast-undo"}
    assert "the report is gone" in press(om, "vacancies.undo", token, [""]).text
    assert stored(sqlite_engine, shift).user_id == mine.carer.id


def test_a_leaver_leaves_vacancies_and_stays_after_all(
    log_in: LogIn, places: tuple[Place, Place], press: Press, sqlite_engine: Engine
) -> None:
    mine, theirs = places
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        unit = uow.session.get_one(Unit, mine.carer.unit_id)
        shift = make.make_shift(uow.session, unit, mine.carer, TODAY + 5 * DAY)
        uow.commit()
    om = log_in(UserRole.OPERATIONAL_MANAGER, mine.home)
    shown = press(om, "open_leaver", "vacancies-leaver-open", [""])
    assert mine.carer.last_name in shown.text and theirs.carer.last_name not in shown.text
    day = (TODAY + 2 * DAY).isoformat()
    for person, last, words in (
        ("", day, "cannot be read"), (str(mine.carer.id), "soon", "not a date"),
    ):  # fmt: skip
        assert words in press(om, "send_leaver", "vacancies-leaver-send", [person, last, ""]).text
    forged = press(om, "send_leaver", "vacancies-leaver-send", [str(theirs.carer.id), day, ""])
    assert forged.status_code == 403
    done = press(om, "send_leaver", "vacancies-leaver-send", [str(mine.carer.id), day, ""])
    assert "1 shift is now a vacancy" in done.text
    vacancy = stored(sqlite_engine, shift)
    assert vacancy.vacancy_reason == "leaver"
    assert "Leaver" in page_of(om, "/vacancies/")
    token = {"token": f"leaver-{mine.carer.id}-{vacancy.change_set_id}", "type": "toast-undo"}
    assert "stays" in press(om, "vacancies.undo", token, [""]).text
    assert stored(sqlite_engine, shift).user_id == mine.carer.id
