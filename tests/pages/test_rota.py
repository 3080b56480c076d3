"""The rota page: what it draws, what an intent does, and what it refuses from the browser."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rota.access.service import LoggedIn
from rota.calendar import monday
from rota.database import UnitOfWork
from rota.models import CareHome, Shift, Staff, Unit, UserRole
from rota.roster.edits import AssignShift
from rota.roster.service import assign_shift
from tests import factories as make
from tests.clock import TODAY
from tests.server.conftest import Browser, LogIn

pytestmark = pytest.mark.usefixtures("noon")
SOON = monday(TODAY) + timedelta(weeks=4)
GRID = "rota-grid"


@dataclass
class House:
    """A home with a unit and two people, one of them with a shift."""

    engine: Engine
    home: CareHome
    unit: Unit
    ann: Staff
    bob: Staff
    shift: Shift

    def stored(self) -> list[Shift]:
        with Session(self.engine) as session:
            return list(session.scalars(select(Shift).order_by(Shift.id)))


@pytest.fixture
def house(sqlite_engine: Engine) -> House:
    with UnitOfWork(make.administrator(), engine=sqlite_engine) as uow:
        session = uow.session
        home = make.make_home(session, "Orchard Grove")
        unit = make.make_unit(session, home, "OG Mulberry")
        for code in ("D", "N", "E", "L"):
            make.make_shift_type(session, code, name={"D": "Long day"}.get(code, code))
        make.make_requirement(session, unit)
        ann = make.make_staff(session, unit, first_name="Ann", last_name="Reid")
        bob = make.make_staff(session, unit, first_name="Bob", last_name="Weir")
        shift = make.make_shift(session, unit, ann, SOON, "D")
        uow.commit()
    return House(sqlite_engine, home, unit, ann, bob, shift)


@pytest.fixture
def manager(house: House, log_in: LogIn) -> Browser:
    return log_in(UserRole.OPERATIONAL_MANAGER, house.home)


def place(house: House, **changes: Any) -> dict[str, Any]:
    return {"home": house.home.id, "unit": None, "start": SOON.isoformat(), "weeks": 1} | changes


def act_key(browser: Browser) -> str:
    return next(
        key
        for key in browser.app.callback_map
        if key.startswith(f"..{GRID}-delta.data...") and "@" not in key
    )


def intend(
    browser: Browser, house: House, intent: dict[str, Any], *, seen: dict[str, int] | None = None,
    stored: Any = None, history: Any = None,
) -> Any:  # fmt: skip
    """Send an intent as the grid's script would, and give the answer."""
    with Session(house.engine) as session:
        version = session.get_one(CareHome, house.home.id).data_version
    values = [intent, None, None]
    state = [
        place(house) if stored is None else stored, seen or {"version": version, "change": 0},
        history or {"undo": [], "redo": []}, None, None, None, None, False,
    ]  # fmt: skip
    changed = {"changedPropIds": [f"{GRID}-intent.data"]}
    return browser.call(act_key(browser), values, state, override=changed)


def on(row: Staff, day: int, action: str = "assign", **more: Any) -> dict[str, Any]:
    when = (SOON + timedelta(days=day)).isoformat()
    return {"n": 1, "action": action, "row": f"p{row.id}", "day": when} | more


def drawn(response: Any) -> list[dict[str, Any]]:
    """The rows an answer redraws."""
    found = json.loads(response.text)["response"][f"{GRID}-delta"]["data"]["rows"]
    assert isinstance(found, list)
    return [row["whole"] if "whole" in row else {"id": row["id"], **row["days"]} for row in found]


class TestPage:
    def test_it_shows_people_units_cover_and_codes(self, house: House, manager: Browser) -> None:
        from pages.rota import layout  # after the application exists

        with manager.client.application.test_request_context("/rota/"):
            actor = make.actor(UserRole.OPERATIONAL_MANAGER, house.home)
            g.rota_login = LoggedIn(actor, 1, False)
            text = json.dumps(
                layout(start=SOON.isoformat(), weeks="1").to_plotly_json(), default=_plain
            )
        for words in ("Orchard Grove", "OG Mulberry", "Ann Reid", "Day cover", "Long day"):
            assert words in text
        assert '"pl": 1, "rq": 2' in text

    def test_anothers_edit_is_seen_within_five_seconds(self, manager: Browser) -> None:
        """The page asks for news at least twice in five seconds."""
        from pages.rota import POLL_MS  # after the application exists

        assert POLL_MS <= 2500

    def test_another_homes_rota_is_refused(self, house: House, log_in: LogIn) -> None:
        with UnitOfWork(make.administrator(), engine=house.engine) as uow:
            other = make.make_home(uow.session)
            uow.commit()
        stranger = log_in(UserRole.OPERATIONAL_MANAGER, other)
        response = intend(stranger, house, on(house.ann, 1, code="D"))
        assert response.status_code == 403
        assert len(house.stored()) == 1


def _plain(value: Any) -> Any:
    return value.to_plotly_json() if hasattr(value, "to_plotly_json") else str(value)


class TestPainting:
    def test_a_code_on_an_empty_cell_is_assigned_and_only_that_line_is_redrawn(
        self, house: House, manager: Browser
    ) -> None:
        response = intend(manager, house, on(house.bob, 1, code="N"))
        assert response.status_code == 200, response.text
        assert [(s.user_id, s.date) for s in house.stored()][1:] == [
            (house.bob.id, SOON + timedelta(days=1))
        ]
        rows = drawn(response)
        assert [row["id"] for row in rows] == [f"p{house.bob.id}"]
        assert rows[0][(SOON + timedelta(days=1)).isoformat()]["c"] == "N"
        assert "N for Bob Weir" in response.text, "the toast names what happened"
        assert len(response.data) < 2048

    def test_a_code_on_a_shift_changes_it(self, house: House, manager: Browser) -> None:
        seen = f"{house.shift.id}:{house.shift.version}"
        intend(manager, house, on(house.ann, 0, code="E", seen=seen))
        (stored,) = house.stored()
        assert (stored.id, stored.version) == (house.shift.id, 2)

    def test_an_edit_of_what_somebody_changed_meanwhile_is_told(
        self, house: House, manager: Browser
    ) -> None:
        seen = f"{house.shift.id}:{house.shift.version}"
        intend(manager, house, on(house.ann, 0, code="E", seen=seen))
        response = intend(manager, house, on(house.ann, 0, code="L", seen=seen))
        assert "Zed Tester changed this at" in response.text
        assert house.stored()[0].version == 2

    def test_a_refused_shift_offers_what_would_make_it_lawful(
        self, house: House, manager: Browser
    ) -> None:
        intend(manager, house, on(house.bob, 1, code="L"))
        response = intend(manager, house, on(house.bob, 2, code="E"))
        assert "Daily rest: Bob Weir, 9 h between" in response.text
        assert "Record the rest and assign" in response.text
        assert len(house.stored()) == 2

    def test_delete_clears_and_the_open_shift_appears(self, house: House, manager: Browser) -> None:
        seen = f"{house.shift.id}:1"
        response = intend(manager, house, on(house.ann, 0, "clear", seen=seen))
        assert house.stored()[0].is_vacant, "two are needed, so the shift stays open"
        rows = {row["id"]: row for row in drawn(response)}
        assert rows[f"o{house.unit.id}"][SOON.isoformat()]["k"] == "vacancy"
        assert rows[f"p{house.ann.id}"][SOON.isoformat()] is None

    def test_undo_and_redo_walk_the_history(self, house: House, manager: Browser) -> None:
        answer = json.loads(intend(manager, house, on(house.bob, 1, code="D")).text)["response"]
        history = answer["rota-history"]["data"]
        seen = answer["rota-seen"]["data"]
        undone = json.loads(
            intend(manager, house, {"action": "undo"}, history=history, seen=seen).text
        )["response"]
        assert len(house.stored()) == 1
        history, seen = undone["rota-history"]["data"], undone["rota-seen"]["data"]
        assert history["undo"] == [] and len(history["redo"]) == 1
        intend(manager, house, {"action": "redo"}, history=history, seen=seen)
        assert len(house.stored()) == 2


class TestFollowing:
    def follow(self, browser: Browser, house: House, seen: dict[str, int]) -> Any:
        key = next(key for key in browser.app.callback_map if f"{GRID}-delta.data@" in key)
        return browser.call(
            key, [1], [place(house), seen], override={"changedPropIds": ["rota-poll.n_intervals"]}
        )

    def now(self, house: House) -> dict[str, int]:
        with Session(house.engine) as session:
            return {"version": session.get_one(CareHome, house.home.id).data_version, "change": 0}

    def test_nothing_is_sent_while_nothing_has_changed(
        self, house: House, manager: Browser
    ) -> None:
        assert self.follow(manager, house, self.now(house)).status_code == 204

    def test_what_somebody_else_did_is_shown(self, house: House, manager: Browser) -> None:
        before = self.now(house)
        with UnitOfWork(make.administrator(), engine=house.engine) as uow:
            command = AssignShift(house.home.id, house.bob.id, SOON, "N")
            assign_shift(uow, command)
            uow.commit()
        response = self.follow(manager, house, before)
        assert [row["id"] for row in drawn(response)] == [f"p{house.bob.id}"]

    def test_a_change_without_shifts_redraws_the_grid(self, house: House, manager: Browser) -> None:
        before = self.now(house)
        with UnitOfWork(make.administrator(), engine=house.engine) as uow:
            uow.touch(house.home.id)
            uow.commit()
        answer = json.loads(self.follow(manager, house, before).text)["response"][GRID]
        assert f"p{house.ann.id}" in [row["id"] for row in answer["rowData"]]


class TestFromTheBrowser:
    @pytest.mark.parametrize(
        "intent",
        [
            {"action": "drop table"},
            ["assign"],
            {"action": "assign", "row": 5, "day": "2026-06-01", "code": "D"},
            {"action": "assign", "row": "p1", "day": "yesterday", "code": "D"},
            {"action": "assign", "row": "p1", "day": "2026-06-01", "code": "D" * 41},
            {"action": "clear", "row": "p1", "day": "2026-06-01", "seen": "1:1; --"},
            {"action": "clear", "row": "p1", "day": "2026-06-01", "seen": 7},
        ],
    )
    def test_nonsense_is_one_line_and_changes_nothing(
        self, house: House, manager: Browser, intent: Any
    ) -> None:
        response = intend(manager, house, intent)
        assert response.status_code == 200
        assert "Not done" in response.text
        assert "Traceback" not in response.text
        assert len(house.stored()) == 1 and house.stored()[0].version == 1

    @pytest.mark.parametrize(
        "changes", [{"weeks": 52}, {"home": "1"}, {"start": None}, {"unit": -1}]
    )
    def test_a_place_that_is_none_is_refused(
        self, house: House, manager: Browser, changes: dict[str, Any]
    ) -> None:
        response = intend(
            manager, house, on(house.bob, 1, code="D"), stored=place(house, **changes)
        )
        assert "Not done" in response.text
        assert len(house.stored()) == 1

    @pytest.mark.parametrize("role", [UserRole.ANALYST, UserRole.SENIOR_MANAGER])
    def test_who_may_only_look_changes_nothing(
        self, house: House, log_in: LogIn, role: UserRole
    ) -> None:
        reader = log_in(role, house.home)
        response = intend(reader, house, on(house.bob, 1, code="D"))
        assert response.status_code == 403
        assert len(house.stored()) == 1
        shown = intend(reader, house, on(house.ann, 0, "select"))
        assert "Ann Reid" in shown.text and "Clear" not in shown.text
