"""Reports say the same as the queries, of one's own homes only, on both databases."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import homes_of
from rota.calendar import Period
from rota.costs.explorer import SOURCE_NAMES, CostQuestion, cost_report
from rota.costs.queries import cost_total, shifts_behind
from rota.costs.values import CostScope, Dimension
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.models import (
    Budget,
    CareHome,
    ChangeItem,
    ChangeSet,
    HomeGrant,
    LeaveStatus,
    UserRole,
    UserSession,
)
from rota.overview.queries import month_cost
from rota.reports.catalogue import REPORTS, Report, Span, report_called, reports_for
from rota.reports.costs import cost_document, shifts_document
from rota.reports.document import Document, Section
from rota.reports.request import ReportRequest
from rota.reports.workbook import write_workbook
from tests import factories as make
from tests.factories import MONDAY, actor, administrator
from tests.rota.costs.test_cost_queries import random_home
from tests.statements import statements

NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)
FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))


def manager(*homes: CareHome) -> Actor:
    return actor(UserRole.OPERATIONAL_MANAGER, *homes)


def request_of(
    session: Session, who: Actor, period: Period, unit_id: int | None = None
) -> ReportRequest:
    return ReportRequest(tuple(homes_of(session, who)), period, NOW, unit_id)


def column(section: Section, title: str) -> list[object]:
    index = [c.title for c in section.columns].index(title)
    return [row[index] for row in section.rows]


def workbook_total(document: Document, sheet: str, title: str) -> float:
    """The sum of a column as somebody reads it from the file, and as its formula says."""
    stream = io.BytesIO()
    write_workbook(document, stream)
    stream.seek(0)
    rows = list(load_workbook(stream, data_only=True)[sheet].iter_rows(values_only=True))
    index = rows[0].index(title)
    added = sum(row[index] or 0 for row in rows[1:-1])
    assert rows[-1][index] == pytest.approx(added)
    return float(added)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
def test_one_cost_through_card_chart_drill_down_and_workbook(uow: UnitOfWork, seed: int) -> None:
    session = uow.session
    home = random_home(session, seed)
    who = manager(home)
    question = CostQuestion(tuple(homes_of(session, who)), FEBRUARY.start, 1)
    report = cost_report(session, who, question)
    card = month_cost(session, [home.id], date(2026, 2, 14))
    drilled = shifts_behind(session, who, question.scope, limit=1000)
    asked = request_of(session, who, FEBRUARY)
    costs, shifts = cost_document(session, who, asked), shifts_document(session, who, asked)

    pence = report.total.pence
    assert card.pence == pence
    assert card.missing_rates == report.total.missing_rates
    assert sum(line.total.pence for line in report.groups) == pence
    assert sum(line.pence or 0 for line in drilled) == pence
    assert costs.sections[0].totals()[5] == pence
    assert round(workbook_total(costs, "By month", "Total") * 100) == pence
    if drilled:
        assert round(workbook_total(shifts, "Shifts", "Cost") * 100) == pence
    for source in SOURCE_NAMES:
        of_chart = sum(
            line.by_source[source].pence for line in report.months if source in line.by_source
        )
        part = question.scope.within(Dimension.SOURCE, source.value)
        assert cost_total(session, who, part).pence == of_chart


def test_every_month_has_a_line_with_its_budget_and_the_parts_of_its_change(
    uow: UnitOfWork,
) -> None:
    session = uow.session
    home = random_home(session, seed=21, shifts=100)
    session.add(Budget(home_id=home.id, month=date(2026, 3, 1), source="agency", pence=700))
    session.flush()
    who = manager(home)
    question = CostQuestion(tuple(homes_of(session, who)), date(2025, 12, 1), 6)
    report = cost_report(session, who, question)
    assert [line.key for line in report.months] == [
        date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 6)),
    ]  # fmt: skip
    assert report.months[0].total.shifts == 0
    assert [line.budget_pence for line in report.months] == [None, None, None, 700, None, None]
    assert report.budget_pence == 700
    march = report.month(date(2026, 3, 1))
    assert march is not None
    assert march.variance_pence == march.total.pence - 700
    why = report.why(date(2026, 3, 1))
    assert why is not None
    assert why.volume_pence + why.mix_pence + why.rate_pence == why.change_pence
    assert report.why(date(2025, 12, 1)) is None
    assert report.why(date(2030, 1, 1)) is None


@pytest.mark.parametrize(
    "by", [d for d in Dimension if d not in (Dimension.MONTH, Dimension.DAY, Dimension.SOURCE)]
)
def test_groups_of_every_kind_are_named_and_add_up(uow: UnitOfWork, by: Dimension) -> None:
    session = uow.session
    home = random_home(session, seed=4)
    who = manager(home)
    question = CostQuestion(tuple(homes_of(session, who)), date(2026, 1, 1), 4, by=by)
    report = cost_report(session, who, question)
    assert sum(line.total.pence for line in report.groups) == report.total.pence
    assert all(line.label and line.label != "Not known" for line in report.groups)


@pytest.mark.parametrize(
    "fields", [{"months": 0}, {"months": 37}, {"by": Dimension.SOURCE}, {"by": Dimension.DAY}]
)
def test_questions_that_make_no_sense_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        CostQuestion((), date(2026, 1, 1), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_every_report_of_an_empty_home_is_whole(uow: UnitOfWork, report: Report) -> None:
    make.make_home(uow.session)
    home = make.make_home(uow.session)
    make.make_unit(uow.session, home)
    who = manager(home)
    document = report.build(
        uow.session, who, request_of(uow.session, who, report.span.around(MONDAY))
    )
    write_workbook(document, io.BytesIO())
    assert document.title
    assert dict(document.facts)["Home"] == home.name
    assert dict(document.facts)["Made"] == "10/06/2026 10:00 by Test om"
    for section in document.sections:
        for row in section.rows:
            assert len(row) == len(section.columns)
            assert all(value == value for value in row)  # no NaN


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_no_report_of_another_home_or_without_permission(uow: UnitOfWork, report: Report) -> None:
    mine, other = make.make_home(uow.session), make.make_home(uow.session)
    theirs = tuple(homes_of(uow.session, manager(other)))
    asked = ReportRequest(theirs, report.span.around(MONDAY), NOW)
    with pytest.raises(NotAllowed):
        report.build(uow.session, manager(mine), asked)
    with pytest.raises(NotAllowed):
        report.build(uow.session, actor(UserRole.CARE_STAFF, other), asked)


def test_a_scope_of_another_home_gives_no_shift(uow: UnitOfWork) -> None:
    session = uow.session
    mine, other = random_home(session, 1), random_home(session, 2)
    who = manager(mine)
    scope = CostScope(frozenset({other.id}), FEBRUARY.start, FEBRUARY.end)
    document = shifts_document(session, who, request_of(session, who, FEBRUARY), scope)
    assert document.sections[0].rows == []


def test_vacancies_are_listed_by_day_within_unit_and_period(uow: UnitOfWork) -> None:
    session = uow.session
    home = make.make_home(session)
    unit, second = make.make_unit(session, home), make.make_unit(session, home)
    make.make_shift(session, unit, None, MONDAY, vacancy_reason="sickness")
    make.make_shift(session, second, None, MONDAY)
    make.make_shift(session, unit, None, date(2026, 7, 1))
    make.make_shift(session, unit, make.make_staff(session, unit), MONDAY)
    who = manager(home)
    week = Span.WEEK.around(MONDAY)
    build = report_called("vacancies").build
    assert len(build(session, who, request_of(session, who, week)).sections[0].rows) == 2
    document = build(session, who, request_of(session, who, week, unit.id))
    (row,) = document.sections[0].rows
    assert (row[0], row[2], row[7]) == (MONDAY, unit.name, "sickness")


def test_leave_that_touches_the_period_is_listed(uow: UnitOfWork) -> None:
    session = uow.session
    home = make.make_home(session)
    unit = make.make_unit(session, home)
    person = make.make_staff(session, unit, last_name="=cmd()")
    make.make_leave(session, person, date(2026, 5, 25), MONDAY, minutes=600)
    make.make_leave(session, person, MONDAY, MONDAY, status=LeaveStatus.APPROVED)
    make.make_leave(session, person, date(2026, 5, 1), date(2026, 5, 31))
    who = manager(home)
    document = report_called("leave").build(
        session, who, request_of(session, who, Span.WEEK.around(MONDAY))
    )
    assert column(document.sections[0], "Status") == ["pending", "approved"]
    assert column(document.sections[0], "Hours") == [600, 0]


def test_the_rota_as_a_table_has_filled_and_vacant_shifts(uow: UnitOfWork) -> None:
    session = uow.session
    home = make.make_home(session)
    unit = make.make_unit(session, home)
    person = make.make_staff(session, unit, first_name="Mairi", last_name="Grant")
    make.make_shift(session, unit, person, MONDAY)
    make.make_shift(session, unit, None, MONDAY, "N")
    who = manager(home)
    document = report_called("rota").build(
        session, who, request_of(session, who, Span.WEEK.around(MONDAY))
    )
    assert column(document.sections[0], "Who") == ["Mairi Grant", "Vacant"]


def test_the_week_counts_gaps_unit_by_unit(uow: UnitOfWork) -> None:
    session = uow.session
    home = make.make_home(session)
    unit, second = make.make_unit(session, home), make.make_unit(session, home)
    for each in (unit, second):
        make.make_requirement(session, each, minimum=1, ideal=1)
    for _ in range(2):
        make.make_shift(session, unit, make.make_staff(session, unit), MONDAY)
    who = manager(home)
    document = report_called("weekly-summary").build(
        session, who, request_of(session, who, Span.WEEK.around(MONDAY))
    )
    first = document.sections[0].rows[0]
    assert list(first[2:5]) == [2, 2, 1]
    assert document.sections[0].totals()[2] == 14


def test_the_monthly_report_sets_homes_beside_the_month_before(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        homes = [random_home(uow.session, seed) for seed in (1, 2)]
        uow.commit()
    who = manager(*homes)
    with reading(database) as session, statements(database) as sent:
        document = report_called("monthly-report").build(
            session, who, request_of(session, who, FEBRUARY)
        )
    measures = document.sections[0]
    costs = [row for row in measures.rows if row[1] == "Staff cost"]
    assert [row[0] for row in costs] == [*sorted(home.name for home in homes), "All homes"]
    assert round(costs[2][2] * 100) == document.sections[1].totals()[5]  # type: ignore[operator]
    assert costs[0][2] + costs[1][2] == pytest.approx(costs[2][2])  # type: ignore[operator]
    assert [section.name for section in document.sections[-4:]] == [
        "Top issues", "What was done", "Savings", "Service",
    ]  # fmt: skip
    continuity = [row for row in measures.rows if row[1] == "Continuity"]
    assert all(0 <= row[2] <= 100 for row in continuity), "known, though no screen waits for it"  # type: ignore[operator]
    assert len(sent) <= 17


def test_the_monthly_report_says_who_was_there_what_was_done_and_what_got_worse(
    uow: UnitOfWork,
) -> None:
    session = uow.session
    home, other = make.make_home(session), make.make_home(session)
    unit = make.make_unit(session, home)
    person = make.make_staff(session, unit)
    for day, pence in ((date(2026, 1, 10), 1_000), (date(2026, 2, 10), 3_000)):
        make.make_shift(session, unit, person, day, cost_pence=pence)
    moment = datetime(2026, 2, 5, tzinfo=UTC)
    for place in (home, other):
        user = make.make_user(session, UserRole.ANALYST, grants=[HomeGrant(home_id=place.id)])
        for secret in "ab":
            session.add(UserSession(user_id=user.id, secret_hash=secret, epoch=0,
                                    started_at=moment, seen_at=moment))  # fmt: skip
        change = ChangeSet(home_id=place.id, user_id=None, kind="assign", label="x",
                           created_at=moment)  # fmt: skip
        change.items = [ChangeItem(shift_id=1, before=None, after={"a": 1})]
        session.add(change)
    session.flush()
    who = manager(home)
    document = report_called("monthly-report").build(
        session, who, request_of(session, who, FEBRUARY)
    )
    issues, done, savings = document.sections[-4:-1]
    assert ["Staff cost", 2.0] in [list(row[1:]) for row in issues.rows]
    counts = {row[0]: row[1:] for row in done.rows}
    assert counts["Active users: Analyst"] == [1, 0, 1]
    assert counts["Changes of the rota"] == counts["Shifts created"] == [1, 0, 1]
    assert savings.rows == []


def test_an_analyst_gets_no_leave_and_care_staff_no_reports() -> None:
    keys = {report.key for report in reports_for(actor(UserRole.ANALYST))}
    assert "costs" in keys
    assert "leave" not in keys
    assert reports_for(actor(UserRole.CARE_STAFF)) == []
    assert all(report.permission in Permission for report in REPORTS)


def test_an_unknown_report_a_lone_unit_and_an_endless_period_are_refused(
    uow: UnitOfWork,
) -> None:
    with pytest.raises(NotFound):
        report_called("../../etc/passwd")
    with pytest.raises(InvalidInput):
        ReportRequest((), FEBRUARY, NOW)
    home, other = make.make_home(uow.session), make.make_home(uow.session)
    unit = make.make_unit(uow.session, other)
    homes = tuple(homes_of(uow.session, manager(home)))
    with pytest.raises(NotAllowed):
        ReportRequest(homes, FEBRUARY, NOW, unit.id)
    both = tuple(homes_of(uow.session, manager(home, other)))
    with pytest.raises(InvalidInput):
        ReportRequest(both, FEBRUARY, NOW, unit.id)
    with pytest.raises(InvalidInput):
        ReportRequest(homes, Period(date(2020, 1, 1), date(2026, 1, 1)), NOW)


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        (Span.WEEK, date(2026, 6, 1), date(2026, 6, 7)),
        (Span.FOUR_WEEKS, date(2026, 6, 1), date(2026, 6, 28)),
        (Span.MONTH, date(2026, 6, 1), date(2026, 6, 30)),
        (Span.YEAR, date(2025, 7, 1), date(2026, 6, 30)),
    ],
)  # fmt: skip
def test_a_period_lies_around_its_day(span: Span, start: date, end: date) -> None:
    assert span.around(date(2026, 6, 3)) == Period(start, end)
