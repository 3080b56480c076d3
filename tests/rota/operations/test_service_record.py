"""How the site answered: counted by day, kept in the database, reported without inventing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import Engine, select

from rota.access.scope import homes_of
from rota.calendar import Period, month_of
from rota.database import UnitOfWork, reading
from rota.models import ServiceCount, UserRole
from rota.operations import service_record
from rota.operations.service_record import (
    AnswerTimes,
    ServiceFigures,
    add_counts,
    check_site,
    service_by_month,
)
from rota.reports.costs import monthly_document
from rota.reports.document import Section
from rota.reports.request import ReportRequest
from rota.settings import Settings
from tests import factories as make
from tests.factories import actor, administrator

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, secret_key="s" * 60, **{"debug": False, **given})  # type: ignore[arg-type, call-arg]


def figures(database: Engine, month: date) -> ServiceFigures:
    with reading(database) as session:
        return service_by_month(session, month, month_of(month).end)[month]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of March, also when the test runs over midnight."""
    monkeypatch.setattr(service_record, "london_today", lambda: date(2026, 3, 5))


@pytest.fixture
def site() -> Iterator[tuple[str, list[int]]]:
    """A site that answers with the last of the statuses."""
    statuses = [200]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(statuses[-1] if self.path == "/health/ready/" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", statuses
    server.shutdown()
    server.server_close()


def test_what_is_counted_of_a_day_adds_up_whoever_counts(database: Engine) -> None:
    for number in (2, 3):
        add_counts(database, date(2026, 3, 1), {"checks": number})
    add_counts(database, date(2026, 4, 1), {"checks": 50})
    assert figures(database, MARCH.start).checks == 5


def test_a_check_counts_whether_the_site_answered(
    sqlite_engine: Engine, site: tuple[str, list[int]]
) -> None:
    url, statuses = site
    assert check_site(sqlite_engine, settings(site_url=url)) is True
    statuses.append(503)
    assert check_site(sqlite_engine, settings(site_url=url)) is False
    found = figures(sqlite_engine, MARCH.start)
    assert (found.checks, found.answered, found.uptime) == (2, 1, 0.5)


def test_where_nothing_can_be_measured_nothing_is_written(
    sqlite_engine: Engine, site: tuple[str, list[int]]
) -> None:
    assert check_site(sqlite_engine, settings(site_url="")) is None
    assert check_site(sqlite_engine, settings(site_url=site[0], debug=True)) is None
    with reading(sqlite_engine) as session:
        assert session.scalars(select(ServiceCount)).all() == []
    assert figures(sqlite_engine, MARCH.start) == ServiceFigures()


def test_times_are_told_as_the_bound_that_half_and_most_answers_kept(
    sqlite_engine: Engine,
) -> None:
    times = AnswerTimes()
    for number in range(100):
        times.note(0.04 if number < 60 else 0.15 if number < 94 else 1.2, failed=number == 0)
    times.note(60, failed=False)
    times.write(sqlite_engine)
    times.write(sqlite_engine)
    found = figures(sqlite_engine, MARCH.start)
    assert (found.answers, found.failed, found.median_ms, found.slow_ms) == (101, 1, 50, 1500)


def test_without_a_database_an_answer_is_not_held_up(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        ServiceCount.__table__.drop(connection)  # type: ignore[attr-defined]
    times = AnswerTimes()
    times.note(0.1, failed=False)
    times.write(sqlite_engine)


def test_the_monthly_report_says_what_was_measured_and_that_the_rest_was_not(
    database: Engine,
) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        home = make.make_home(uow.session)
        uow.commit()
    who = actor(UserRole.SENIOR_MANAGER, home)

    def service() -> Section:
        with reading(database) as session:
            request = ReportRequest(
                tuple(homes_of(session, who)), MARCH, datetime(2026, 4, 1, 9, tzinfo=UTC)
            )
            document = monthly_document(session, who, request)
        return next(section for section in document.sections if section.name == "Service")

    nothing = service()
    assert nothing.rows == []
    assert "not measured" in nothing.note
    add_counts(database, date(2026, 3, 5), {"checks": 1000, "checks_answered": 999})
    some = service()
    assert [list(row) for row in some.rows] == [
        ["Uptime", 99.9, None, "%"],
        ["Checks of the site", 1000, None, ""],
    ]
    assert "not measured" in some.note
