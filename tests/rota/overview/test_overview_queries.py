"""What the overview says of today, the fortnight and the month, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rota.database import UnitOfWork, reading
from rota.errors import NotAllowed
from rota.models import (
    Band,
    Budget,
    CareHome,
    Classification,
    CompensatoryRest,
    LeaveStatus,
    RuleParameter,
    Unit,
    UserRole,
)
from rota.overview.queries import overview
from rota.overview.values import WaitingLeave
from tests import factories as make
from tests.factories import MONDAY, actor, administrator
from tests.statements import statements

TODAY = MONDAY


def _home(session: Session) -> tuple[CareHome, Unit]:
    home = make.make_home(session)
    return home, make.make_unit(session, home)


def test_today_counts_people_against_the_minimum_by_band(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    make.make_requirement(session, unit, Band.DAY, minimum=2, ideal=3)
    make.make_requirement(session, unit, Band.NIGHT, minimum=2, ideal=2)
    for code in ("D", "D", "D", "N"):
        make.make_shift(session, unit, make.make_staff(session, unit), TODAY, code)
    make.make_shift(session, unit, None, TODAY, "N")
    seen = overview(session, actor(UserRole.OPERATIONAL_MANAGER, home), TODAY)
    (duty,) = seen.duty
    assert (duty.on_duty, duty.required) == (4, 4)
    assert (duty.short_day, duty.short_night) == (0, 1)
    night = next(cell for cell in duty.cells if cell.band is Band.NIGHT)
    assert (night.planned, night.minimum, night.vacant, night.short) == (1, 2, 1, 1)


def test_a_surplus_in_one_unit_does_not_hide_a_gap_in_another(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    other = make.make_unit(session, home)
    for each in (unit, other):
        make.make_requirement(session, each, minimum=2, ideal=2)
    for _ in range(4):
        make.make_shift(session, unit, make.make_staff(session, unit), TODAY)
    (duty,) = overview(session, actor(UserRole.ANALYST, home), TODAY).duty
    assert (duty.on_duty, duty.required, duty.short_day) == (4, 4, 2)


def test_supernumerary_people_and_roles_outside_cover_do_not_count(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    make.make_requirement(session, unit, minimum=1, ideal=1)
    cook = make.make_role(session, "COOK", counts_to_cover=False)
    make.make_shift(session, unit, make.make_staff(session, unit, cook), TODAY)
    make.make_shift(session, unit, make.make_staff(session, unit), TODAY, is_supernumerary=True)
    make.make_shift_type(session, "TRAIN", counts_to_cover=False)
    make.make_shift(session, unit, make.make_staff(session, unit), TODAY, "TRAIN")
    (duty,) = overview(session, actor(UserRole.ANALYST, home), TODAY).duty
    assert (duty.on_duty, duty.short_day) == (0, 1)


def test_vacancies_are_those_of_the_next_fourteen_days(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    for offset in (-1, 0, 1, 1, 13, 14):
        make.make_shift(session, unit, None, TODAY + timedelta(days=offset))
    seen = overview(session, actor(UserRole.OPERATIONAL_MANAGER, home), TODAY)
    assert (seen.vacancies, seen.vacancies_soon) == (4, 3)
    assert seen.vacancies_by_day[:2] == (1, 2)
    assert sum(cell.vacant for cell in seen.fortnight) == seen.vacancies


def test_only_undecided_leave_waits(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    person = make.make_staff(session, unit)
    later = TODAY + timedelta(days=30)
    make.make_leave(session, person, later, later)
    make.make_leave(session, person, TODAY, TODAY, status=LeaveStatus.APPROVED)
    seen = overview(session, actor(UserRole.OPERATIONAL_MANAGER, home), TODAY)
    assert seen.leave == WaitingLeave(1, later)


def test_a_rest_under_eleven_hours_is_counted_once_and_a_double_shift_is_not(
    uow: UnitOfWork,
) -> None:
    session = uow.session
    home, unit = _home(session)
    short, fine, double = (make.make_staff(session, unit) for _ in range(3))
    make.make_shift(session, unit, short, TODAY - timedelta(days=1), "L")  # until 22:00
    make.make_shift(session, unit, short, TODAY, "E")  # from 07:00: nine hours
    make.make_shift(session, unit, fine, TODAY, "D")
    make.make_shift(session, unit, fine, TODAY + timedelta(days=1), "D")
    make.make_shift(session, unit, double, TODAY, "D")
    make.make_shift(session, unit, double, TODAY, "N")
    seen = overview(session, actor(UserRole.OPERATIONAL_MANAGER, home), TODAY)
    assert seen.attention.short_rests == 1


def test_rest_owed_and_overdue_is_counted_until_it_is_taken(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    person = make.make_staff(session, unit)
    for due, taken in ((TODAY, None), (TODAY - timedelta(days=1), None), (TODAY, TODAY)):
        session.add(
            CompensatoryRest(
                staff_id=person.id, rule="daily_rest", arose_on=TODAY, owed_minutes=60,
                due_on=due, taken_on=taken,
            )
        )  # fmt: skip
    session.flush()
    seen = overview(session, actor(UserRole.OPERATIONAL_MANAGER, home), TODAY)
    assert (seen.attention.rests_owed, seen.attention.rests_overdue) == (2, 1)


def test_the_month_is_summed_against_its_budget_and_the_month_before(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    person = make.make_staff(session, unit)
    for day, pence in (
        (date(2026, 4, 30), 1), (date(2026, 5, 31), 20), (date(2026, 6, 1), 300),
        (date(2026, 6, 30), 4000), (date(2026, 7, 1), 50000),
    ):  # fmt: skip
        make.make_shift(session, unit, person, day, cost_pence=pence)
    make.make_shift(session, unit, person, date(2026, 6, 15), cost_pence=None)
    make.make_shift(session, unit, None, date(2026, 6, 15))
    month = date(2026, 6, 1)
    session.add_all(
        [
            Budget(home_id=home.id, month=month, source=Classification.REGULAR, pence=4000),
            Budget(home_id=home.id, month=month, source=Classification.AGENCY, pence=200),
            Budget(home_id=home.id, month=date(2026, 7, 1), source="agency", pence=9),
        ]
    )
    session.flush()
    cost = overview(session, actor(UserRole.ANALYST, home), date(2026, 6, 17)).cost
    assert (cost.pence, cost.last_month_pence, cost.budget_pence) == (4300, 20, 4200)
    assert (cost.variance_pence, cost.change_pence, cost.missing_rates) == (100, 4280, 1)
    assert cost.weekly_pence[-3:] == (300, 0, 0)


def test_another_home_is_neither_counted_nor_named(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    other, other_unit = _home(session)
    person = make.make_staff(session, other_unit)
    make.make_requirement(session, other_unit)
    make.make_shift(session, other_unit, person, TODAY, cost_pence=5)
    make.make_shift(session, other_unit, None, TODAY)
    make.make_leave(session, person, TODAY, TODAY)
    mine = actor(UserRole.OPERATIONAL_MANAGER, home)
    seen = overview(session, mine, TODAY)
    assert [ref.id for ref in seen.homes] == [home.id]
    assert [ref.id for ref in seen.homes[0].units] == [unit.id]
    assert (seen.vacancies, seen.leave.count, seen.cost.pence) == (0, 0, 0)
    assert seen.fortnight == ()
    with pytest.raises(NotAllowed):
        overview(session, mine, TODAY, home_id=other.id)
    with pytest.raises(NotAllowed):
        overview(session, actor(UserRole.CARE_STAFF, home), TODAY)


def test_one_home_of_several_can_be_asked_for(uow: UnitOfWork) -> None:
    session = uow.session
    first, first_unit = _home(session)
    second, _ = _home(session)
    make.make_shift(session, first_unit, None, TODAY)
    both = actor(UserRole.SENIOR_MANAGER, first, second)
    assert overview(session, both, TODAY, home_id=second.id).vacancies == 0
    assert overview(session, both, TODAY).vacancies == 1


def test_an_organisation_without_anything_is_shown_as_nothing(uow: UnitOfWork) -> None:
    seen = overview(uow.session, actor(UserRole.ANALYST), TODAY)
    assert (seen.homes, seen.duty, seen.fortnight) == ((), (), ())
    assert seen.cost.budget_pence is None
    assert seen.cost.variance_pence is None


def test_at_most_ten_statements_however_much_there_is(database: Engine) -> None:
    homes = []
    with UnitOfWork(administrator(), engine=database) as uow:
        for _ in range(3):
            home, unit = _home(uow.session)
            homes.append(home)
            second = make.make_unit(uow.session, home)
            for each in (unit, second):
                make.make_requirement(uow.session, each)
                for offset in range(5):
                    person = make.make_staff(uow.session, each)
                    make.make_shift(
                        uow.session, each, person, TODAY + timedelta(days=offset), cost_pence=100
                    )
                    make.make_leave(uow.session, person, TODAY, TODAY)
        uow.commit()
    with reading(database) as session, statements(database) as sent:
        seen = overview(session, actor(UserRole.SENIOR_MANAGER, *homes), TODAY)
    assert [len(home.units) for home in seen.homes] == [2, 2, 2]
    assert len(sent) == 8


def test_the_night_the_clocks_go_back_is_one_night(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    night = date(2026, 10, 24)
    make.make_requirement(session, unit, Band.NIGHT, minimum=1, ideal=1)
    person = make.make_staff(session, unit)
    shift = make.make_shift(session, unit, person, night, "N")
    assert shift.ends_at - shift.starts_at == timedelta(hours=13)
    make.make_shift(session, unit, person, night + timedelta(days=1), "N")
    seen = overview(session, actor(UserRole.ANALYST, home), night)
    assert [d.on_duty for d in seen.duty] == [1]
    assert seen.attention.short_rests == 0  # 08:00 GMT to 20:00 GMT: twelve hours
    assert shift.starts_at == datetime(2026, 10, 24, 19, tzinfo=UTC)


def test_the_rest_that_is_too_short_is_the_rulebooks(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = _home(session)
    person = make.make_staff(session, unit)
    make.make_shift(session, unit, person, TODAY, code="D")  # until 20:00
    make.make_shift(session, unit, person, TODAY + timedelta(days=1), code="E")  # from 07:00
    mine = actor(UserRole.OPERATIONAL_MANAGER, home)
    seen = overview(session, mine, TODAY).attention
    assert (seen.short_rests, seen.rest_minutes) == (0, 11 * 60)
    session.add(
        RuleParameter(
            rule="daily_rest", name="daily_rest", effective_from=date(2020, 1, 1), value=12 * 60
        )
    )
    session.flush()
    seen = overview(session, mine, TODAY).attention
    assert (seen.short_rests, seen.rest_minutes) == (1, 12 * 60)
