"""The payroll extract and the leave liability: hours, pay and what is owed, to the penny."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.scope import homes_of
from rota.calendar import Period, month_of
from rota.costs.queries import cost_by
from rota.costs.rates import price_shift
from rota.costs.values import CostScope
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed
from rota.leave.ledger import Balance, EntryKind, post
from rota.models import (
    AbsenceSpell,
    Classification,
    LostShift,
    OnCost,
    PayRate,
    PolicySetting,
    UserRole,
)
from rota.reports.document import Document
from rota.reports.leave_liability import leave_liability_document, owed_leave
from rota.reports.payroll import pay_lines, payroll_document
from rota.reports.payroll_layout import DEFAULT, set_payroll_layout
from rota.reports.request import ReportRequest
from tests import factories as make
from tests.factories import actor, administrator

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
JUNE = month_of(date(2026, 6, 1))


def rates(session: Session, role_id: int, since: date, day: int = 1300, **fields: Any) -> None:
    given = {"night_pence": 1600, "weekend_pence": 1500, "holiday_pence": 2000, **fields}
    session.add(PayRate(role_id=role_id, effective_from=since, day_pence=day, **given))
    if session.scalar(select(OnCost.id)) is None:
        session.add(
            OnCost(effective_from=date(2020, 1, 1), national_insurance_percent=0,
                   national_insurance_threshold_pence=0, pension_percent=0)
        )  # fmt: skip
    session.flush()


def asked(session: Session, period: Period = JUNE) -> ReportRequest:
    return ReportRequest(tuple(homes_of(session, _who(session))), period, NOW)


def _who(session: Session) -> Any:
    from rota.models import CareHome

    return actor(UserRole.OPERATIONAL_MANAGER, *session.scalars(select(CareHome)))


def extract(session: Session, period: Period = JUNE) -> Document:
    return payroll_document(session, _who(session), asked(session, period))


def test_hours_stand_under_their_element_and_rate(uow: UnitOfWork) -> None:
    session = uow.session
    unit = make.make_unit(session, make.make_home(session))
    role = make.make_role(session)
    rates(session, role.id, date(2020, 1, 1))
    rates(session, role.id, date(2026, 6, 15), day=1400)
    person = make.make_staff(session, unit, role, first_name="Ailsa", last_name="Innes")
    monday = date(2026, 6, 8)
    make.make_shift(session, unit, person, monday)
    make.make_shift(session, unit, person, date(2026, 6, 9), code="N")
    make.make_shift(session, unit, person, date(2026, 6, 13))
    make.make_shift(session, unit, person, date(2026, 6, 22))
    make.make_shift(
        session, unit, person, date(2026, 6, 24), classification=Classification.OVERTIME
    )
    found = {
        (line.element, line.rate_pence): (line.minutes, line.pence, line.days)
        for line in pay_lines(session, asked(session))
    }
    assert found == {
        ("basic-day", 1300): (720, 15_600, 1),
        ("basic-day", 1400): (720, 16_800, 1),
        ("basic-night", 1600): (720, 19_200, 1),
        ("basic-weekend", 1500): (720, 18_000, 1),
        ("overtime-day", 2100): (720, 25_200, 1),
    }


def test_the_extract_and_the_costs_are_one_sum_when_there_are_no_on_costs(uow: UnitOfWork) -> None:
    session = uow.session
    unit = make.make_unit(session, make.make_home(session))
    role = make.make_role(session)
    rates(session, role.id, date(2020, 1, 1))
    for number in range(4):
        person = make.make_staff(session, unit, role)
        for day in range(1, 28, 2 + number):
            shift = make.make_shift(
                session, unit, person, date(2026, 6, day), code="DNE"[(day + number) % 3],
                classification=list(Classification)[number % 3],
            )  # fmt: skip
            session.expire(shift)
            price_shift(session, shift)
    session.flush()
    scope = CostScope(frozenset({unit.home_id}), JUNE.start, JUNE.end)
    (row,) = cost_by(session, administrator(), scope)
    lines = pay_lines(session, asked(session))
    assert sum(line.minutes for line in lines) == row.totals.minutes
    assert sum(line.pence or 0 for line in lines) == row.totals.pence > 0
    document = extract(session)
    by_element = document.sections[1]
    assert by_element.totals()[4] == row.totals.pence


def test_a_missing_rate_is_said_and_is_not_nought(uow: UnitOfWork) -> None:
    session = uow.session
    unit = make.make_unit(session, make.make_home(session))
    make.make_shift(session, unit, make.make_staff(session, unit), date(2026, 6, 8))
    (line,) = pay_lines(session, asked(session))
    assert (line.minutes, line.rate_pence, line.pence) == (720, None, None)
    document = extract(session)
    assert document.sections[0].rows[0][8] is None
    assert "1 lines have no amount" in document.sections[0].note
    assert document.sections[1].rows[0][5] == 1


def test_sickness_and_leave_have_hours_and_no_amount(uow: UnitOfWork) -> None:
    session = uow.session
    unit = make.make_unit(session, make.make_home(session))
    person = make.make_staff(session, unit)
    spell = AbsenceSpell(staff_id=person.id, home_id=unit.home_id, started_on=date(2026, 6, 3))
    session.add(spell)
    session.flush()
    session.add(LostShift(spell_id=spell.id, staff_id=person.id, unit_id=unit.id,
                          date=date(2026, 6, 3), band="day", minutes=690))  # fmt: skip
    year = Period(date(2026, 4, 1), date(2027, 3, 31))
    post(uow, person, EntryKind.TAKEN, year, -1400, on=date(2026, 6, 10))
    post(uow, person, EntryKind.RETURNED, year, 700, on=date(2026, 6, 11))
    rows = {row[5]: (row[6], row[8]) for row in extract(session).sections[0].rows}
    assert rows == {"Sickness": (690, None), "Annual leave": (700, None)}


def test_agency_hours_and_other_homes_are_not_in_it(uow: UnitOfWork) -> None:
    session = uow.session
    mine, other = make.make_home(session), make.make_home(session)
    unit = make.make_unit(session, other)
    make.make_shift(session, unit, make.make_staff(session, unit), date(2026, 6, 8))
    request = ReportRequest(
        tuple(homes_of(session, actor(UserRole.OPERATIONAL_MANAGER, mine))), JUNE, NOW
    )
    assert pay_lines(session, request) == []


def test_the_layout_is_data_with_history(uow: UnitOfWork) -> None:
    session = uow.session
    unit = make.make_unit(session, make.make_home(session))
    make.make_shift(session, unit, make.make_staff(session, unit), date(2026, 6, 8))
    new = {
        "name": "SAP 2027",
        "columns": [{"field": "sap", "title": "PERNR"}, {"field": "code", "title": "LGART"},
                    {"field": "hours", "title": "ANZHL"}],
        "codes": {"basic-day": "1000"},
    }  # fmt: skip
    set_payroll_layout(uow, new, date(2026, 6, 1), "Payroll asked for it")
    section = extract(session).sections[0]
    assert [column.title for column in section.columns] == ["PERNR", "LGART", "ANZHL"]
    assert [row[1:] for row in section.rows] == [["1000", 720]]
    old = extract(session, month_of(date(2026, 5, 1))).sections[0]
    assert old.columns[0].title == "SAP number", "an old period keeps its layout"
    assert session.scalars(select(PolicySetting.name)).all() == ["payroll_layout"]


@pytest.mark.parametrize(
    "change",
    [
        {"columns": []},
        {"columns": [{"field": "password", "title": "X"}]},
        {"columns": [{"field": "sap", "title": ""}]},
        {"columns": [{"field": "sap", "title": "A"}, {"field": "sap", "title": "B"}]},
        {"columns": "sap"},
        {"columns": [{"field": ["sap"], "title": "X"}]},
        {"codes": {"bonus": "1"}},
        {"codes": {"basic-day": 1000}},
        {"name": ""},
    ],
)
def test_a_layout_that_makes_no_sense_is_refused(uow: UnitOfWork, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        set_payroll_layout(uow, {**DEFAULT, **change}, JUNE.start, "Try")
    assert uow.session.scalars(select(PolicySetting)).all() == []


@pytest.mark.parametrize("role", [UserRole.ANALYST, UserRole.CARE_STAFF])
def test_pay_of_people_is_only_for_those_who_may_see_them(uow: UnitOfWork, role: UserRole) -> None:
    make.make_home(uow.session)
    with pytest.raises(NotAllowed):
        payroll_document(uow.session, actor(role), asked(uow.session))


YEAR = Period(date(2026, 4, 1), date(2027, 3, 31))


@pytest.mark.parametrize(
    ("balance", "on", "minutes", "pence"),
    [
        # half of a year of 365 days is not a whole day: 183 of 365
        (Balance(1, YEAR, granted=36_500), date(2026, 9, 30), 18_300, 305_000),
        (Balance(1, YEAR, granted=36_500), date(2026, 4, 1), 100, 1_667),
        (Balance(1, YEAR, granted=36_500, taken=20_000), date(2026, 9, 30), -1_700, -28_333),
        (Balance(1, YEAR, granted=36_500, carried=600), date(2027, 3, 31), 37_100, 618_333),
        (Balance(1, YEAR, granted=36_500), date(2028, 1, 1), 36_500, 608_333),
        (Balance(1, YEAR, accrued=120, corrections=-60), date(2026, 4, 2), 60, 1_000),
        (Balance(1, YEAR), date(2026, 5, 1), 0, 0),
    ],
)
def test_leave_is_earned_day_by_day(balance: Balance, on: date, minutes: int, pence: int) -> None:
    owed = owed_leave(balance, on, 1000)
    assert (owed.untaken, owed.pence) == (minutes, pence)
    assert owed_leave(balance, on, None).pence is None


def test_the_liability_of_homes_is_the_sum_of_their_people(uow: UnitOfWork) -> None:
    session = uow.session
    role = make.make_role(session)
    rates(session, role.id, date(2020, 1, 1))
    unpriced = make.make_role(session, "SCW")
    for number in range(2):
        unit = make.make_unit(session, make.make_home(session))
        for each in range(3):
            person = make.make_staff(session, unit, role if each else unpriced)
            post(uow, person, EntryKind.ENTITLEMENT, YEAR, 17_000 + number, on=YEAR.start)
            post(uow, person, EntryKind.TAKEN, YEAR, -900 * each, on=date(2026, 5, 1))
    document = leave_liability_document(session, _who(session), asked(session))
    by_home, by_person = document.sections
    assert len(by_person.rows) == 6
    assert by_home.totals()[1] == by_person.totals()[9] != 0
    assert by_home.totals()[2] == by_person.totals()[8]
    assert by_home.totals()[4] == 2, "people whose role has no rate"
    assert "2 people have no amount" in by_person.note
    analyst = replace(_who(session), role=UserRole.ANALYST)
    with pytest.raises(NotAllowed):
        leave_liability_document(session, analyst, asked(session))
