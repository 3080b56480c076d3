"""Dashboards: their figures are the sums of their rows, named only to those who may see names."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from rota.access.scope import homes_of
from rota.boards.catalogue import BOARDS, board_called, board_document, months_up_to
from rota.boards.values import Board, BoardQuestion, BoardTable, Leads
from rota.database import UnitOfWork
from rota.errors import NotAllowed, NotFound
from rota.models import (
    AbsenceSpell,
    CareHome,
    Classification,
    LeaveStatus,
    LostShift,
    OnCost,
    PayRate,
    Staff,
    UserRole,
)
from tests import factories as make
from tests.factories import actor

MAY = date(2026, 5, 1)
DAY = date(2026, 5, 9)  # a Saturday


def build(uow: UnitOfWork) -> CareHome:
    """A home in May 2026: a weekend worked unevenly, somebody ill, leave, a vacancy, a short rest."""
    session = uow.session
    home = make.make_home(session, "Orchard Grove")
    unit = make.make_unit(session, home, "Willow")
    role = make.make_role(session)
    session.add(PayRate(role_id=role.id, effective_from=date(2020, 1, 1), day_pence=1_000,
                        night_pence=1_000, weekend_pence=1_000, holiday_pence=1_000,
                        overtime_multiplier=Decimal(2)))  # fmt: skip
    session.add(OnCost(effective_from=date(2020, 1, 1), national_insurance_percent=Decimal(0),
                       national_insurance_threshold_pence=0, pension_percent=Decimal(0)))  # fmt: skip
    busy, idle = (make.make_staff(session, unit, role, first_name=n) for n in ("Bea", "Ida"))
    make.make_shift(session, unit, busy, DAY)
    make.make_shift(session, unit, busy, DAY + timedelta(days=1))
    make.make_shift(session, unit, busy, DAY + timedelta(days=3), "N")
    make.make_shift(session, unit, busy, DAY + timedelta(days=4), "L",
                    classification=Classification.OVERTIME)  # fmt: skip
    make.make_shift(session, unit, None, DAY)
    make.make_leave(session, idle, DAY, DAY + timedelta(days=1), status=LeaveStatus.APPROVED,
                    minutes=1_440)  # fmt: skip
    spell = AbsenceSpell(staff_id=idle.id, home_id=home.id, started_on=DAY + timedelta(days=5))
    session.add(spell)
    session.flush()
    session.add(LostShift(spell_id=spell.id, staff_id=idle.id, unit_id=unit.id, minutes=720,
                          date=DAY + timedelta(days=5), band="day"))  # fmt: skip
    session.flush()
    return home


def board_of(
    uow: UnitOfWork, key: str, *homes: CareHome, role: UserRole = UserRole.OPERATIONAL_MANAGER,
    months: int = 1,
) -> Board:  # fmt: skip
    who = actor(role, *homes)
    question = BoardQuestion(tuple(homes_of(uow.session, who)), months_up_to(MAY, months))
    return board_called(key).build(uow.session, who, question)


def table_of(board: Board, name: str) -> BoardTable:
    return next(table for table in board.tables if table.section.name.startswith(name))


def test_the_heaviest_weekend_is_found_and_leads_to_the_rota(uow: UnitOfWork) -> None:
    home = build(uow)
    board = board_of(uow, "fairness", home)
    (busy, *rest) = table_of(board, "By person").section.rows
    assert busy[0].startswith("Bea ")  # type: ignore[union-attr]
    assert busy[3:5] == [1_440, 2.0]
    assert all(row[4] == 0 for row in rest)
    assert "2 times a fair share of weekends" in board.finding
    place = table_of(board, "By person").places[0]
    assert place is not None and (place.leads, place.home_id) == (Leads.ROTA, home.id)
    assert table_of(board, "By home").section.rows[0][1:4] == [2, 0.5, 2.0]


def test_lost_hours_add_up_from_shift_to_home(uow: UnitOfWork) -> None:
    home = build(uow)
    board = board_of(uow, "absence", home, months=3)
    for name, column in (("By month", 1), ("By home", 1), ("By unit", 2), ("By weekday", 4),
                         ("Lost shifts", 5)):  # fmt: skip
        assert table_of(board, name).section.totals()[column] == 720, name
    figures = {figure.label: figure.value for figure in board.figures}
    contract = table_of(board, "By home").section.totals()[2]
    assert figures["Absence"] == pytest.approx(720 / contract)  # type: ignore[operator]
    assert (figures["Spells"], figures["Away today"]) == (1, 1)
    assert table_of(board, "By weekday").section.rows[3][1:] == [720, 0, 0, 720], "a Thursday"


def test_what_the_rules_find_is_counted_by_rule_home_and_person(uow: UnitOfWork) -> None:
    board = board_of(uow, "rules", build(uow))
    counts = {name: table_of(board, name).section.totals()[-1] for name in ("By rule", "By home")}
    person = table_of(board, "By person")
    findings = sum(int(row[4]) for row in person.section.rows)  # type: ignore[arg-type]
    assert counts["By rule"] == counts["By home"] == findings > 0
    rules = [str(row[0]) for row in table_of(board, "By rule").section.rows]
    assert any("rest" in rule.lower() for rule in rules), "a late after a night leaves 6 hours"


def test_leave_is_paid_at_the_persons_rate(uow: UnitOfWork) -> None:
    board = board_of(uow, "leave", build(uow))
    figures = {figure.label: figure.value for figure in board.figures}
    assert (figures["Leave"], figures["Paid for it"]) == (1_440, 24_000)
    for name in ("By month", "By home", "By kind", "By unit"):
        totals = table_of(board, name).section.totals()
        assert {1_440, 24_000} <= set(totals), name


def test_leave_over_a_months_end_is_divided_to_the_penny(uow: UnitOfWork) -> None:
    home = build(uow)
    person = uow.session.query(Staff).filter_by(first_name="Bea").one()
    make.make_leave(uow.session, person, date(2026, 4, 27), date(2026, 5, 3), minutes=1_001,
                    status=LeaveStatus.APPROVED)  # fmt: skip
    board = board_of(uow, "leave", home, months=3)
    figures = {figure.label: figure.value for figure in board.figures}
    assert figures["Leave"] == 1_440 + 1_001
    assert figures["Paid for it"] == 24_000 + round(1_001 * 1_000 / 60)
    for name in ("By month", "By home", "By kind", "By unit"):
        totals = table_of(board, name).section.totals()
        assert {figures["Leave"], figures["Paid for it"]} <= set(totals), name


def test_a_vacancy_is_found_in_every_split(uow: UnitOfWork) -> None:
    board = board_of(uow, "vacancies", build(uow))
    figures = {figure.label: figure.value for figure in board.figures}
    assert (figures["Open shifts"], figures["Open hours"]) == (1, 720)
    assert figures["Share open"] == pytest.approx(720 / (4 * 720 + 480))
    for table in board.tables[:-1]:
        place = [c.title for c in table.section.columns].index("Open hours")
        assert table.section.totals()[place] == 720, table.section.name
    assert len(table_of(board, "Open shifts").section.rows) == 1


def test_names_are_for_those_who_may_see_them(uow: UnitOfWork) -> None:
    home = build(uow)
    for kind in BOARDS:
        board = board_of(uow, kind.key, home, role=UserRole.ANALYST)
        said = json.dumps([table.section.rows for table in board.tables], default=str)
        assert "Bea" not in said and "Ida" not in said, kind.key
        assert "Bradford" not in json.dumps([t.section.name for t in board.tables])


@pytest.mark.parametrize("kind", BOARDS, ids=lambda kind: kind.key)
def test_an_empty_home_another_home_and_several(database: Engine, kind: object) -> None:
    """Nothing planned, nobody employed, no residents: sentences and dashes, never NaN."""
    key = kind.key  # type: ignore[attr-defined]
    with UnitOfWork(make.administrator(), engine=database) as uow:
        empty, full = make.make_home(uow.session), build(uow)
        board = board_of(uow, key, empty)
        assert board.finding and "nan" not in board.finding.lower()
        for figure in board.figures:
            assert figure.value is None or figure.value == figure.value
        both = board_of(uow, key, empty, full)
        assert len(table_of(both, "By home").section.rows) == 2
        for table in both.tables:
            assert len(table.places) in (0, len(table.section.rows)), table.section.name
            for row in table.section.rows:
                assert len(row) == len(table.section.columns)
        who = actor(UserRole.OPERATIONAL_MANAGER, empty)
        theirs = homes_of(uow.session, actor(UserRole.ANALYST, full))
        question = BoardQuestion(tuple(theirs), months_up_to(MAY, 1))
        with pytest.raises(NotAllowed):
            board_called(key).build(uow.session, who, question)


def test_a_dashboard_is_a_report_with_the_same_figures(uow: UnitOfWork) -> None:
    home = build(uow)
    who = actor(UserRole.ANALYST, home)
    question = BoardQuestion(tuple(homes_of(uow.session, who)), months_up_to(MAY, 1))
    kind = board_called("vacancies")
    board = kind.build(uow.session, who, question)
    document = board_document(kind, board, who, question, datetime(2026, 6, 1, tzinfo=UTC))
    values = {row[0]: row[1] for row in document.sections[0].rows}
    assert values["Open hours"] == 12.0
    assert ("Finding", board.finding) in document.facts
    assert [s.name for s in document.sections[1:]] == [t.section.name for t in board.tables]
    with pytest.raises(NotFound):
        board_called("nothing")
