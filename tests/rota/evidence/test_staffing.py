"""Staffing evidence: required, planned, actual and the judgement, and who may write it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from components.report_print import PrintParts, report_html
from rota.access.scope import homes_of
from rota.calendar import Period
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed
from rota.evidence.service import judge
from rota.evidence.staffing import Staffing, staffing_evidence
from rota.leave.sickness import report_sick
from rota.models import AuditEvent, Band, CoverJudgement, Shift, UserRole
from rota.reports.request import ReportRequest
from rota.reports.staffing import staffing_document
from rota.roster.publishing import publish
from tests import factories as make
from tests.rota.leave.conftest import Home, home

__all__ = ["home"]
TODAY = date(2026, 5, 20)
WEEK = Period(TODAY, TODAY + timedelta(days=6))


@pytest.fixture(autouse=True)
def _wednesday_morning() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 5, 20, 9, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def staffed(uow: UnitOfWork, home: Home) -> Home:
    """Two needed by day from today on; carer and colleague rostered today and tomorrow."""
    make.make_requirement(uow.session, home.unit)
    for day in (TODAY, TODAY + timedelta(days=1)):
        for person in (home.carer, home.colleague):
            make.make_shift(uow.session, home.unit, person, day)
    uow.commit()
    return home


def on(uow: UnitOfWork, home: Home, day: date) -> Staffing:
    rows = staffing_evidence(uow.session, [home.unit.id], WEEK)
    return next(row for row in rows if row.slot.day == day and row.slot.band is Band.DAY)


def test_actual_is_known_from_the_day_on_and_planned_before(uow: UnitOfWork, staffed: Home) -> None:
    today, tomorrow = on(uow, staffed, TODAY), on(uow, staffed, TODAY + timedelta(days=1))
    assert (today.required, today.planned, today.actual) == (2, 2, 2)
    assert (tomorrow.required, tomorrow.planned, tomorrow.actual) == (2, 2, None)
    nobody = on(uow, staffed, TODAY + timedelta(days=3))
    assert (nobody.planned, nobody.short) == (0, 2)


def test_somebody_who_falls_ill_was_planned_and_not_there(uow: UnitOfWork, staffed: Home) -> None:
    report_sick(uow, staffed.carer.id, TODAY, TODAY)
    row = on(uow, staffed, TODAY)
    assert (row.planned, row.actual, row.short) == (2, 1, 1)
    assert row.needs_judgement


def test_planned_is_the_version_that_was_published_before_the_day(
    uow: UnitOfWork, staffed: Home
) -> None:
    tomorrow = TODAY + timedelta(days=1)
    publish(uow, staffed.home.id, None, WEEK)
    uow.commit()
    taken_off = uow.session.scalars(
        select(Shift).where(Shift.user_id == staffed.carer.id, Shift.date == tomorrow)
    ).one()
    uow.session.delete(taken_off)
    uow.commit()
    row = on(uow, staffed, tomorrow)
    assert (row.planned, row.as_published) == (2, True)
    with time_machine.travel(datetime(2026, 5, 22, 9, tzinfo=UTC), tick=False):
        row = on(uow, staffed, tomorrow)
        assert (row.planned, row.actual, row.short) == (2, 1, 1)


def test_the_newest_judgement_stands_and_the_earlier_stays_on_record(
    uow: UnitOfWork, staffed: Home
) -> None:
    uow.actor = staffed.manager
    report_sick(uow, staffed.carer.id, TODAY, TODAY)
    judge(uow, staffed.unit.id, TODAY, Band.DAY, "Senior from the next unit until two")
    judge(uow, staffed.unit.id, TODAY, Band.DAY, "Senior from the next unit until two")
    judge(uow, staffed.unit.id, TODAY, Band.DAY, "Deputy worked the floor all day")
    uow.commit()
    row = on(uow, staffed, TODAY)
    assert row.judgement is not None and row.judgement.note == "Deputy worked the floor all day"
    assert not row.needs_judgement
    assert len(uow.session.scalars(select(CoverJudgement)).all()) == 2  # a double click is one
    lines = uow.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "judge staffing").order_by(AuditEvent.id)
    ).all()
    assert (lines[1].before or {})["note"] == "Senior from the next unit until two"


@pytest.mark.parametrize(
    ("day", "note"),
    [(TODAY, "  "), (TODAY, "x" * 501), (date(2026, 1, 1), "late"), (date(2027, 1, 1), "early")],
)
def test_judgements_that_cannot_be_are_refused(
    uow: UnitOfWork, staffed: Home, day: date, note: str
) -> None:
    with pytest.raises(InvalidInput):
        judge(uow, staffed.unit.id, day, Band.DAY, note)
    assert uow.session.scalars(select(CoverJudgement)).all() == []


def test_only_who_may_edit_this_home_judges(uow: UnitOfWork, staffed: Home) -> None:
    elsewhere = make.make_home(uow.session)
    for actor in (
        make.actor(UserRole.OPERATIONAL_MANAGER, elsewhere),
        make.actor(UserRole.SENIOR_MANAGER, staffed.home),
        staffed.carer_actor(),
    ):
        uow.actor = actor
        with pytest.raises(NotAllowed):
            judge(uow, staffed.unit.id, TODAY, Band.DAY, "mine")


def test_screen_print_and_file_are_one_document(uow: UnitOfWork, staffed: Home) -> None:
    report_sick(uow, staffed.carer.id, TODAY, TODAY)
    judge(uow, staffed.unit.id, TODAY, Band.DAY, "Quiet day <three out>")
    uow.commit()
    actor = staffed.manager
    homes = tuple(homes_of(uow.session, actor))
    request = ReportRequest(homes, WEEK, datetime(2026, 5, 20, 9, tzinfo=UTC))
    document = staffing_document(uow.session, actor, request)
    summary, below, every = document.sections
    assert summary.rows[0][:1] == [staffed.unit.name]
    assert list(summary.rows[0][2:]) == [7, 1, 6, 1, 5]  # tomorrow is as required
    assert next(row[1] for row in below.rows) == TODAY
    assert len(every.rows) == 7
    page = report_html(document, PrintParts(plotly_script="", font_address=""))
    assert "Quiet day &lt;three out&gt;" in page and "<three" not in page
    assert "section 7" in page


def test_another_homes_pack_is_refused(uow: UnitOfWork, staffed: Home) -> None:
    homes = tuple(homes_of(uow.session, staffed.manager))
    stranger = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    request = ReportRequest(homes, WEEK, datetime(2026, 5, 20, 9, tzinfo=UTC))
    with pytest.raises(NotAllowed):
        staffing_document(uow.session, stranger, request)
