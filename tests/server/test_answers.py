"""Answers remembered as bytes: the same for the same scope, never for another, never stale."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, update

from rota.access import service
from rota.database import UnitOfWork
from rota.models import CareHome, Staff, User, UserRole
from server import answers
from tests import factories as make
from tests.factories import administrator
from tests.server.conftest import Browser, LogIn
from tests.statements import statements


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test begins with nothing remembered in the process, and time stands still in it."""
    today, moment = answers.london_today(), answers.now()
    monkeypatch.setattr(answers, "london_today", lambda: today)
    monkeypatch.setattr(answers, "now", lambda: moment)
    answers.memory.clear()
    yield
    answers.memory.clear()


@pytest.fixture
def homes(sqlite_engine: Engine) -> tuple[CareHome, CareHome]:
    """Two homes by name."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        first, second = make.make_home(uow.session), make.make_home(uow.session)
        first.name, second.name = "Rowan Bank", "Birch Brae"
        uow.commit()
        return first, second


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were built rather than remembered."""
    import dash

    pages: list[str] = []
    for page in dash.page_registry.values():
        original = page["layout"]

        def layout(_original: Any = original, _path: str = page["path"], **query: Any) -> Any:
            pages.append(_path)
            return _original(**query)

        monkeypatch.setitem(page, "layout", layout)
    return pages


def overview(browser: Browser, search: str = "", path: str = "/dashboard/") -> str:
    """The overview as the router answers it."""
    answer = browser.call(answers.ROUTER, [path, search])
    assert answer.status_code == 200, answer.text
    return answer.text


def test_people_of_one_scope_share_an_answer(
    log_in: LogIn, homes: tuple[CareHome, CareHome], built: list[str]
) -> None:
    one = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    other = log_in(UserRole.OPERATIONAL_MANAGER, homes[0], sap="other")
    assert overview(one) == overview(other)
    assert built == ["/dashboard/"]


def test_another_home_another_role_another_address_are_other_answers(
    log_in: LogIn, homes: tuple[CareHome, CareHome], built: list[str]
) -> None:
    one = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    assert "Rowan Bank" in overview(one)
    other = log_in(UserRole.OPERATIONAL_MANAGER, homes[1], sap="other")
    theirs = overview(other)
    assert "Rowan Bank" not in theirs
    assert "Birch Brae" in theirs
    both = log_in(UserRole.SENIOR_MANAGER, *homes)
    assert "Rowan Bank" in overview(both)
    overview(both, f"?home={homes[1].id}")
    assert len(built) == 4


def test_a_home_of_somebody_else_in_the_address_is_refused_whoever_asked_before(
    log_in: LogIn, homes: tuple[CareHome, CareHome]
) -> None:
    search = f"?home={homes[0].id}"
    assert "Rowan Bank" in overview(log_in(UserRole.OPERATIONAL_MANAGER, homes[0]), search)
    stranger = log_in(UserRole.OPERATIONAL_MANAGER, homes[1], sap="other")
    for _ in range(2):
        assert "Rowan Bank" not in overview(stranger, search)


def test_a_refusal_or_an_accident_is_not_remembered(
    log_in: LogIn, homes: tuple[CareHome, CareHome], built: list[str]
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    for _ in range(2):
        overview(browser, f"?home={homes[1].id}")
    assert built == ["/dashboard/", "/dashboard/"]


def test_a_change_shows_at_once(
    log_in: LogIn, homes: tuple[CareHome, CareHome], sqlite_engine: Engine, built: list[str]
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    overview(browser)
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        uow.session.execute(
            update(CareHome).where(CareHome.id == homes[0].id).values(name="Renamed")
        )
        uow.touch(homes[0].id)
        uow.commit()
    assert "Renamed" in overview(browser)
    assert len(built) == 2


def test_a_home_taken_away_is_gone_on_the_next_request(
    log_in: LogIn, homes: tuple[CareHome, CareHome], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, *homes)
    assert "Rowan Bank" in overview(browser)
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        user = uow.session.query(User).filter_by(sap_number="Tom").one()
        user.grants = [grant for grant in user.grants if grant.home_id == homes[1].id]
        uow.commit()
    assert "Rowan Bank" not in overview(browser)


def test_a_remembered_answer_is_still_behind_every_door(
    log_in: LogIn, homes: tuple[CareHome, CareHome]
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    overview(browser)
    assert browser.call(answers.ROUTER, ["/dashboard/", ""], headers={}).status_code == 403
    care = log_in(UserRole.CARE_STAFF, homes[0], sap="care")
    assert "Rowan Bank" not in overview(care)
    browser.client.delete_cookie("session")
    assert browser.call(answers.ROUTER, ["/dashboard/", ""]).status_code == 401


def test_a_page_that_does_not_say_so_is_built_every_time(
    log_in: LogIn, homes: tuple[CareHome, CareHome], built: list[str]
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    for _ in range(2):
        overview(browser, path="/reports/")
    assert built == ["/reports/", "/reports/"]


@pytest.fixture
def carers(sqlite_engine: Engine, homes: tuple[CareHome, CareHome]) -> tuple[Staff, Staff]:
    """Two people of the first home."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        unit = make.make_unit(uow.session, homes[0])
        found = (make.make_staff(uow.session, unit), make.make_staff(uow.session, unit))
        uow.commit()
        return found


def test_what_is_somebodys_own_is_remembered_for_them_alone_and_not_shared(
    log_in: LogIn,
    homes: tuple[CareHome, CareHome],
    carers: tuple[Staff, Staff],
    built: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared: list[str] = []
    monkeypatch.setattr(answers.cache, "set", lambda key, *_: shared.append(key))
    one, other = (
        log_in(UserRole.CARE_STAFF, homes[0], sap=f"c{person.id}", staff_id=person.id)
        for person in carers
    )
    for _ in range(2):
        assert carers[0].last_name in overview(one, path="/my/")
    assert built == ["/my/"]
    theirs = overview(other, path="/my/")
    assert carers[1].last_name in theirs
    assert carers[0].last_name not in theirs
    assert built == ["/my/", "/my/"]
    assert shared == []


def test_what_is_somebodys_own_follows_a_change_in_any_home(
    log_in: LogIn,
    homes: tuple[CareHome, CareHome],
    carers: tuple[Staff, Staff],
    sqlite_engine: Engine,
    built: list[str],
) -> None:
    browser = log_in(UserRole.CARE_STAFF, homes[0], staff_id=carers[0].id)
    overview(browser, path="/my/")
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        uow.touch(homes[1].id)
        uow.commit()
    overview(browser, path="/my/")
    assert built == ["/my/", "/my/"]


def test_what_changes_with_the_hour_is_built_anew_after_a_while(
    log_in: LogIn,
    homes: tuple[CareHome, CareHome],
    built: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    for _ in range(2):
        overview(browser, path="/vacancies/")
    assert built == ["/vacancies/"]
    later = answers.now() + answers.PERSONAL.seconds
    monkeypatch.setattr(answers, "now", lambda: later)
    overview(browser, path="/vacancies/")
    assert built == ["/vacancies/", "/vacancies/"]


def test_whether_a_request_is_ones_own_is_not_told_by_somebody_elses_answer(
    log_in: LogIn,
    homes: tuple[CareHome, CareHome],
    carers: tuple[Staff, Staff],
    sqlite_engine: Engine,
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        make.make_leave(uow.session, carers[0], date(2036, 3, 3), date(2036, 3, 4))
        uow.commit()
    stranger = log_in(UserRole.OPERATIONAL_MANAGER, homes[0])
    asker = log_in(UserRole.OPERATIONAL_MANAGER, homes[0], sap="own", staff_id=carers[0].id)
    refusal = "Nobody decides their own leave."
    assert refusal not in overview(stranger, path="/leave/")
    assert refusal in overview(asker, path="/leave/")
    assert refusal not in overview(stranger, path="/leave/")


def test_memory_is_bounded() -> None:
    memory = answers.Memory(100)
    for number in range(20):
        memory.put(str(number), b"x" * 10)
    assert memory.get("0") is None
    assert memory.get("19") == b"x" * 10
    memory.put("19", b"y")
    assert memory.get("19") == b"y"


def test_a_crowd_builds_once_and_nobody_waits_for_somebody_who_gave_up() -> None:
    builders = answers.Builders()
    assert builders.begin("key") is None
    event = builders.begin("key")
    assert event is not None
    assert not event.is_set()
    builders.end("key")
    assert event.is_set()
    assert builders.begin("key") is None


def test_a_session_is_found_in_one_statement_with_what_it_may_see(
    sqlite_engine: Engine, homes: tuple[CareHome, CareHome]
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        service.create_user(
            uow, sap_number="m", name="M", role=UserRole.OPERATIONAL_MANAGER,
            password="Thistle-44117", home_ids=frozenset({homes[1].id}),
        )  # fmt: skip
        uow.commit()
        login = service.log_in(uow, "m", "Thistle-44117")
        started = service.start(uow, login, address="", user_agent="")
        uow.commit()
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        with statements(sqlite_engine) as seen:
            found = service.load_session(uow.session, started.session_id or 0, started.secret)
        assert len(seen) == 1
        assert found is not None
        assert found.actor == started.actor
        assert [home for home, _ in found.data_versions] == [homes[1].id]
        assert service.load_session(uow.session, started.session_id or 0, "guessed") is None
