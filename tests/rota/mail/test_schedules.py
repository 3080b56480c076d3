"""Scheduled reports: due by London's clocks, sent once, only to those who may have them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.mail import schedules, senders, sending
from rota.mail.schedules import SetSchedule
from rota.mail.senders import ReportMail
from rota.mail.service import Attachment
from rota.models import (
    CareHome,
    Frequency,
    HomeGrant,
    MailSchedule,
    MailScheduleRun,
    OutboxMessage,
    UserRole,
)
from tests import factories as make
from tests.factories import actor, administrator

SET = datetime(2026, 3, 20, 12, tzinfo=UTC)  # a Friday; the clocks go forward on 29 March
MONDAY_7 = datetime(2026, 3, 23, 7, tzinfo=UTC)
SUMMER_MONDAY_7 = datetime(2026, 3, 30, 6, tzinfo=UTC)
COMMAND = SetSchedule("Weekly", "weekly-summary", roles=(UserRole.OPERATIONAL_MANAGER,))


class Maker:
    """Stands in for a report: says what it was made of."""

    def __init__(self) -> None:
        self.made: list[tuple[UserRole, int | None]] = []
        self.fails = False

    def make(self, session: Session, who: Actor, home_id: int | None, due: datetime) -> ReportMail:
        self.made.append((who.role, home_id))
        if self.fails:
            raise ValueError("no figures")
        return ReportMail(
            "Weekly rota summary", f"{len(who.home_ids)} homes", "23 Mar", ("All covered",), "",
            (Attachment("week.csv", b"a", "text/csv"),),
        )  # fmt: skip


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Maker:
    found = Maker()
    monkeypatch.setattr(senders.Sender, "make", lambda _self, *given: found.make(*given))
    return found


@pytest.fixture
def home(database: Engine) -> CareHome:
    """A home with two managers, one of another home, and a carer; all with an address."""
    with UnitOfWork(administrator(), engine=database) as uow:
        mine, other = make.make_home(uow.session), make.make_home(uow.session)
        for number, place in enumerate((mine, mine, other)):
            make.make_user(uow.session, UserRole.OPERATIONAL_MANAGER, email=f"om{number}@x.org",
                           grants=[HomeGrant(home_id=place.id)])  # fmt: skip
        make.make_user(uow.session, UserRole.CARE_STAFF, email="carer@x.org",
                       grants=[HomeGrant(home_id=mine.id)])  # fmt: skip
        uow.commit()
    return mine


def set_one(engine: Engine, **fields: Any) -> int:
    with UnitOfWork(administrator(), engine=engine) as uow:
        row = schedules.set_schedule(uow, replace(COMMAND, **fields))
        row.active_since = SET
        uow.commit()
        return row.id


def outbox(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return sorted(session.scalars(select(OutboxMessage.to)))


def test_it_is_sent_once_when_it_is_due(database: Engine, home: CareHome, maker: Maker) -> None:
    set_one(database, home_id=home.id)
    assert sending.run_due(database, now=MONDAY_7 - timedelta(seconds=1)) == 0
    assert sending.run_due(database, now=MONDAY_7) == 2
    assert sending.run_due(database, now=MONDAY_7 + timedelta(hours=3)) == 0
    assert outbox(database) == ["om0@x.org", "om1@x.org"]
    assert maker.made == [(UserRole.OPERATIONAL_MANAGER, home.id)], "made once for both"
    assert sending.run_due(database, now=SUMMER_MONDAY_7) == 2, "07:00 by the summer's clocks"


def test_two_workers_send_it_once(database: Engine, home: CareHome, maker: Maker) -> None:
    set_one(database, home_id=home.id)
    together = threading.Barrier(2)

    def work() -> None:
        together.wait()
        sending.run_due(database, now=MONDAY_7)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outbox(database) == ["om0@x.org", "om1@x.org"]


def test_without_a_home_each_reader_gets_his_own(
    database: Engine, home: CareHome, maker: Maker
) -> None:
    set_one(database)
    assert sending.run_due(database, now=MONDAY_7) == 3
    assert len(maker.made) == 2, "one for each set of homes"


def test_who_may_not_have_it_is_left_out_and_that_is_said(
    database: Engine, home: CareHome, maker: Maker
) -> None:
    set_one(database, home_id=home.id, roles=(UserRole.CARE_STAFF,))
    assert sending.run_due(database, now=MONDAY_7) == 0
    with reading(database) as session:
        (row,) = schedules.schedules(session, administrator())
        assert row.last_error == "1 reader was left out: no permission or home."
        assert row.last_at == MONDAY_7


def test_a_report_that_fails_is_said_and_stops_no_other(
    database: Engine, home: CareHome, maker: Maker
) -> None:
    set_one(database, home_id=home.id)
    maker.fails = True
    assert sending.run_due(database, now=MONDAY_7) == 0
    assert outbox(database) == []
    with reading(database) as session:
        (run,) = session.scalars(select(MailScheduleRun))
        assert (run.error, run.messages) == ("ValueError", 0)
        assert run.finished_at is not None


def test_a_run_of_a_dead_worker_is_taken_up(database: Engine, home: CareHome, maker: Maker) -> None:
    schedule_id = set_one(database, home_id=home.id)
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.session.add(
            MailScheduleRun(schedule_id=schedule_id, due_at=MONDAY_7, started_at=MONDAY_7)
        )
        uow.commit()
    assert sending.run_due(database, now=MONDAY_7 + sending.DEAD) == 0
    assert sending.run_due(database, now=MONDAY_7 + sending.DEAD + timedelta(seconds=1)) == 2


@pytest.mark.parametrize(
    ("fields", "now"),
    [
        ({"is_active": False}, MONDAY_7),
        ({}, MONDAY_7 + schedules.LATEST + timedelta(seconds=1)),
        ({}, SET),
        ({"frequency": Frequency.MONTHLY, "month_day": 24}, MONDAY_7),
    ],
)
def test_what_is_off_too_late_or_not_yet_is_not_sent(
    database: Engine, home: CareHome, maker: Maker, fields: dict[str, Any], now: datetime
) -> None:
    set_one(database, home_id=home.id, **fields)
    assert sending.run_due(database, now=now) == 0


def test_a_monthly_one_is_due_on_its_day() -> None:
    row = MailSchedule(frequency=Frequency.MONTHLY, month_day=1, at=time(7), weekday=0)
    assert schedules.last_due(row, MONDAY_7) == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert schedules.next_due(row, MONDAY_7) == datetime(2026, 4, 1, 6, tzinfo=UTC)
    assert schedules.words(row) == "On day 1 of every month at 07:00"


@pytest.mark.parametrize(
    "fields",
    [{"name": " "}, {"roles": ()}, {"weekday": 7}, {"month_day": 29}, {"month_day": 0},
     {"user_ids": tuple(range(201))}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(uow: UnitOfWork, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        schedules.set_schedule(uow, replace(COMMAND, **fields))
    assert uow.session.scalars(select(MailSchedule)).all() == []


def test_only_for_ones_own_homes_and_reports(uow: UnitOfWork) -> None:
    mine, other = make.make_home(uow.session), make.make_home(uow.session)
    theirs = schedules.set_schedule(uow, replace(COMMAND, home_id=other.id))
    uow.actor = actor(UserRole.OPERATIONAL_MANAGER, mine)
    with pytest.raises(NotAllowed):
        schedules.set_schedule(uow, replace(COMMAND, home_id=other.id))
    with pytest.raises(NotAllowed):
        schedules.remove_schedule(uow, theirs.id)
    with pytest.raises(NotFound):
        schedules.set_schedule(uow, replace(COMMAND, what="secrets"))
    assert schedules.schedules(uow.session, uow.actor) == []
    uow.actor = actor(UserRole.ANALYST, mine)
    with pytest.raises(NotAllowed):
        schedules.set_schedule(uow, COMMAND)
