"""The calendar address: private, revocable, exact across clock changes, silent in logs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import structlog
import time_machine
from flask import Flask
from icalendar import Calendar
from sqlalchemy import Engine, select

import server.calendars as calendars
from rota.access.actor import Actor
from rota.carer.feed import make_feed, my_feed, revoke_feed
from rota.database import UnitOfWork, reading
from rota.logs import configure_logging
from rota.models import CalendarFeed, LeaveStatus, LeaveType, Shift, User, UserRole
from server import problems
from server.limits import RateLimit
from tests import factories as make
from tests.factories import MONDAY

LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def _fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "_BY_ADDRESS", RateLimit(60, 600))
    monkeypatch.setattr(calendars, "_GUESSES", RateLimit(20, 600))


class Carer:
    """A carer with an account, a colleague and a published shift each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with UnitOfWork(make.administrator(), engine=engine) as uow:
            home = make.make_home(uow.session, "Rowan Court")
            unit = make.make_unit(uow.session, home, "Thistle")
            person, colleague = (make.make_staff(uow.session, unit) for _ in range(2))
            account = make.make_user(uow.session, UserRole.CARE_STAFF, staff_id=person.id)
            make.make_shift(uow.session, unit, person, MONDAY, is_published=True)
            make.make_shift(uow.session, unit, person, MONDAY + timedelta(days=2))  # a draft
            make.make_shift(uow.session, unit, colleague, MONDAY, is_published=True)
            uow.commit()
            self.unit, self.person, self.colleague, self.account = unit, person, colleague, account
        self.actor = Actor(
            account.id, "Carer", UserRole.CARE_STAFF, frozenset(), staff_id=person.id
        )

    def work(self) -> UnitOfWork:
        return UnitOfWork(self.actor, engine=self.engine)

    def secret(self) -> str:
        with self.work() as uow:
            secret = make_feed(uow)
            uow.commit()
        return secret


@pytest.fixture
def carer(sqlite_engine: Engine) -> Carer:
    with time_machine.travel(datetime(2026, 5, 20, 9, tzinfo=UTC), tick=False):
        return Carer(sqlite_engine)


@pytest.fixture(autouse=True)
def _in_may() -> object:
    with time_machine.travel(datetime(2026, 5, 20, 9, tzinfo=UTC), tick=False):
        yield


def events(text: bytes) -> list[object]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def test_the_address_opens_ones_own_published_shifts_without_a_login(
    server: Flask, carer: Carer
) -> None:
    answer = server.test_client().get(f"/calendar/{carer.secret()}.ics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "private, no-store"
    (event,) = events(answer.data)
    assert event["SUMMARY"] == "D, Thistle"
    assert event.decoded("DTSTART") == datetime(2026, 6, 1, 7, tzinfo=UTC)
    text = answer.data.decode()
    for private in (carer.colleague.last_name, carer.person.last_name, carer.person.sap_number):
        assert private not in text


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 10, 24), 13), (date(2027, 3, 27), 11), (MONDAY, 12)]
)
def test_a_night_across_a_clock_change_has_its_true_length_and_local_times(
    server: Flask, carer: Carer, day: date, hours: int
) -> None:
    with UnitOfWork(make.administrator(), engine=carer.engine) as uow:
        unit, person = carer.unit, carer.person
        make.make_shift(uow.session, unit, person, day, "N", is_published=True)
        uow.commit()
    answer = server.test_client().get(f"/calendar/{carer.secret()}.ics")
    event = next(e for e in events(answer.data) if e["SUMMARY"] == "N, Thistle")
    start, end = event.decoded("DTSTART"), event.decoded("DTEND")
    assert end - start == timedelta(hours=hours)
    local = [moment.astimezone(LONDON) for moment in (start, end)]
    assert [(m.date(), m.hour) for m in local] == [(day, 20), (day + timedelta(days=1), 8)]
    assert str(event["DTSTART"].to_ical(), "ascii").endswith("Z")  # no zone to misread


def test_a_changed_shift_is_the_same_event_with_a_higher_sequence(
    server: Flask, carer: Carer
) -> None:
    address = f"/calendar/{carer.secret()}.ics"
    (before,) = events(server.test_client().get(address).data)
    with UnitOfWork(make.administrator(), engine=carer.engine) as uow:
        shift = uow.session.scalars(select(Shift).where(Shift.is_published)).first()
        assert shift is not None
        shift.starts_at += timedelta(hours=1)
        uow.commit()
    (after,) = events(server.test_client().get(address).data)
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_leave_is_whole_days_and_sickness_is_nobodys_business(server: Flask, carer: Carer) -> None:
    with UnitOfWork(make.administrator(), engine=carer.engine) as uow:
        kinds = (LeaveType.ANNUAL, LeaveType.COMPASSIONATE, LeaveType.SICK)
        for number, kind in enumerate(kinds):
            day = MONDAY + timedelta(days=30 + 7 * number)
            make.make_leave(
                uow.session, carer.person, day, day + timedelta(days=2), leave_type=kind,
                status=LeaveStatus.APPROVED,
            )  # fmt: skip
        uow.commit()
    answer = server.test_client().get(f"/calendar/{carer.secret()}.ics")
    (leave,) = [e for e in events(answer.data) if e["SUMMARY"] == "Leave"]
    assert leave.decoded("DTSTART") == MONDAY + timedelta(days=30)
    assert leave.decoded("DTEND") == MONDAY + timedelta(days=33)


def test_only_a_digest_of_the_secret_is_stored_and_it_is_shown_once(carer: Carer) -> None:
    secret = carer.secret()
    with reading(carer.engine) as session:
        row = session.scalars(select(CalendarFeed)).one()
        assert secret not in row.token_digest and len(row.token_digest) == 64
        state = my_feed(session, carer.actor)
        assert state is not None and secret not in repr(state)


def test_a_revoked_replaced_or_closed_address_opens_nothing(server: Flask, carer: Carer) -> None:
    first, client = carer.secret(), server.test_client()
    second = carer.secret()
    assert client.get(f"/calendar/{first}.ics").status_code == 404
    assert client.get(f"/calendar/{second}.ics").status_code == 200
    with carer.work() as uow:
        assert revoke_feed(uow) == 1
        uow.commit()
    assert client.get(f"/calendar/{second}.ics").status_code == 404
    third = carer.secret()
    with UnitOfWork(make.administrator(), engine=carer.engine) as uow:
        uow.session.get_one(User, carer.account.id).is_active = False
        uow.commit()
    assert client.get(f"/calendar/{third}.ics").status_code == 404


@pytest.mark.parametrize("secret", ["x", "a" * 43, "%00", "A" * 400])
def test_what_never_was_is_404_and_guessing_is_slowed_down(
    server: Flask, carer: Carer, secret: str
) -> None:
    client = server.test_client()
    assert client.get(f"/calendar/{secret}.ics").status_code == 404
    answers = [client.get(f"/calendar/{n:043d}.ics") for n in range(25)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    # a neighbour behind the same router with a good address is not shut out
    assert client.get(f"/calendar/{carer.secret()}.ics").status_code == 200


def test_one_address_is_not_asked_for_all_the_time(server: Flask, carer: Carer) -> None:
    address, client = f"/calendar/{carer.secret()}.ics", server.test_client()
    codes = [client.get(address).status_code for _ in range(61)]
    assert (codes[59], codes[60]) == (200, 429)


def test_the_address_is_read_only(server: Flask, carer: Carer) -> None:
    address = f"/calendar/{carer.secret()}.ics"
    assert server.test_client().post(address).status_code >= 400
    with reading(carer.engine) as session:
        assert session.scalars(select(CalendarFeed.revoked_at)).one() is None


def test_a_failure_does_not_write_the_secret_to_the_log(
    server: Flask, carer: Carer, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise RuntimeError("disk")

    secret = carer.secret()
    configure_logging("WARNING")  # as it is served
    monkeypatch.setattr(problems, "log", structlog.get_logger())
    monkeypatch.setattr(calendars, "open_feed", broken)
    monkeypatch.setitem(server.config, "PROPAGATE_EXCEPTIONS", False)
    assert server.test_client().get(f"/calendar/{secret}.ics").status_code == 500
    structlog.reset_defaults()
    captured = capsys.readouterr()
    written = captured.out + captured.err + caplog.text
    assert "unexpected error" in written and secret not in written
