"""The callbacks of the frame: search and the counts beside the navigation."""

from __future__ import annotations

import json
from datetime import date

from components import shell
from rota.database import UnitOfWork
from rota.models import LeaveStatus, UserRole
from server.frame import waiting_counts
from tests import factories as make
from tests.components.asserts import text_of

DAY = date(2026, 12, 1)
RESULTS = f"{shell.Ids.SEARCH_RESULTS}.children"


def test_search_finds_pages_and_people_of_ones_own_home(log_in, sqlite_engine) -> None:
    with UnitOfWork(make.administrator(), engine=sqlite_engine) as uow:
        home = make.make_home(uow.session, "Orchard Grove")
        unit = make.make_unit(uow.session, home, "OG Oak")
        make.make_staff(uow.session, unit, first_name="Rotha", last_name="Baird")
        elsewhere = make.make_unit(uow.session, make.make_home(uow.session))
        make.make_staff(uow.session, elsewhere, first_name="Rotha", last_name="Elsewhere")
        uow.commit()
        browser = log_in(UserRole.OPERATIONAL_MANAGER, home)
    words = json.dumps(browser.call(RESULTS, ["rot"]).get_json())
    assert '"/rota/"' in words  # the page
    assert "Rotha Baird" in words
    assert "Elsewhere" not in words


def test_counts_are_what_waits_in_ones_own_homes(server, sqlite_engine) -> None:
    with UnitOfWork(make.administrator(), engine=sqlite_engine) as uow:
        mine, other = make.make_home(uow.session), make.make_home(uow.session)
        for home, requests in ((mine, 2), (other, 5)):
            unit = make.make_unit(uow.session, home)
            for _ in range(requests):
                person = make.make_staff(uow.session, unit)
                make.make_leave(uow.session, person, DAY, DAY, status=LeaveStatus.PENDING)
        uow.commit()
        manager = make.actor(UserRole.OPERATIONAL_MANAGER, mine)
        analyst = make.actor(UserRole.ANALYST, mine)
    with server.app_context():
        shown = waiting_counts(manager)
        assert {path: text_of(b) for path, b in shown.items()} == {"/leave/": "2 requests waiting"}
        assert waiting_counts(analyst) == {}
