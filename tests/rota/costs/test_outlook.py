"""The financial year: spent, planned, expected, against budget."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from rota.access.scope import homes_of
from rota.calendar import Period
from rota.costs.outlook import HomeDay, financial_year, forecast_home, outlook, run_period, total
from rota.costs.queries import cost_total
from rota.costs.values import CostScope
from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.models import Budget, Classification, UserRole
from tests import factories as make
from tests.factories import actor
from tests.statements import statements

TODAY = date(2026, 6, 3)
YEAR = financial_year(TODAY)
FULL = HomeDay(10_000, 1_200, 0, 2_000, 100)


def worked(period: Period, held: HomeDay = FULL) -> dict[date, HomeDay]:
    return dict.fromkeys(period, held)


def test_the_year_runs_from_april_to_march() -> None:
    assert Period(date(2026, 4, 1), date(2027, 3, 31)) == YEAR
    assert financial_year(date(2026, 3, 31)).start == date(2025, 4, 1)


def test_a_day_is_spent_planned_or_expected() -> None:
    days = worked(Period(YEAR.start, TODAY + timedelta(days=9)))
    months = forecast_home(days, YEAR, TODAY)
    june = months[2]
    assert (june.spent_pence, june.planned_pence, june.run_rate_pence) == (20_000, 100_000, 180_000)
    assert total(months).forecast_pence == 365 * 10_000, "every day costs the same"


def test_a_vacancy_of_the_rota_costs_what_cover_costs() -> None:
    days = worked(Period(run_period(TODAY).start, TODAY - timedelta(days=1)))
    days[TODAY] = HomeDay(5_000, 600, 600)
    june = forecast_home(days, YEAR, TODAY)[2]
    assert june.planned_pence == 5_000 + 600 * 20, "£0.20 a minute was paid for cover"


def test_a_day_with_hardly_a_rota_is_not_planned_yet() -> None:
    days = worked(Period(run_period(TODAY).start, TODAY - timedelta(days=1)))
    days[TODAY] = HomeDay(1_000, 100)
    june = forecast_home(days, YEAR, TODAY)[2]
    assert (june.planned_pence, june.run_rate_pence) == (0, 28 * 10_000)


held = st.builds(HomeDay, *[st.integers(0, 50_000)] * 5)


@settings(max_examples=25, deadline=None)
@given(st.lists(held, max_size=120), st.integers(0, 300))
def test_months_add_up_whatever_the_rota(rows: list[HomeDay], on: int) -> None:
    today = YEAR.start + timedelta(days=on)
    days = {run_period(today).start + timedelta(days=i): row for i, row in enumerate(rows)}
    months = forecast_home(days, YEAR, today)
    assert len(months) == 12
    spent = sum(row.pence for day, row in days.items() if day in YEAR and day < today)
    assert total(months).spent_pence == spent
    parts = total(months)
    assert parts.forecast_pence == parts.spent_pence + parts.planned_pence + parts.run_rate_pence


def test_homes_add_up_and_agree_with_the_cost_screen(database: Engine) -> None:
    with UnitOfWork(make.administrator(), engine=database) as uow:
        homes = [make.make_home(uow.session) for _ in range(3)]
        for number, home in enumerate(homes[:2]):
            unit = make.make_unit(uow.session, home)
            for back in range(1, 30):
                source = Classification.OVERTIME if back % 3 else Classification.REGULAR
                make.make_shift(
                    uow.session, unit, make.make_staff(uow.session, unit),
                    TODAY - timedelta(days=back), cost_pence=10_000 + back + number,
                    classification=source,
                )  # fmt: skip
            make.make_shift(uow.session, unit, None, TODAY + timedelta(days=1))
            uow.session.add(Budget(home_id=home.id, month=date(2026, 5, 1), source="agency",
                                   pence=500_000))  # fmt: skip
        uow.session.flush()
        who = actor(UserRole.SENIOR_MANAGER, *homes)
        choices = homes_of(uow.session, who)
        with statements(database) as sent:
            found = outlook(uow.session, who, choices, YEAR, TODAY)
        assert len(sent) == 2
        scope = CostScope(frozenset(h.id for h in homes), YEAR.start, TODAY - timedelta(days=1))
        assert found.whole.spent_pence == cost_total(uow.session, who, scope).pence
        assert found.months[1].budget_pence == 1_000_000
        assert found.months[0].budget_pence is None
        assert found.by_home[homes[2].id][0].forecast_pence == 0
        assert found.whole.forecast_pence > found.whole.spent_pence
        with pytest.raises(NotAllowed):
            outlook(uow.session, actor(UserRole.ANALYST, homes[0]), choices, YEAR, TODAY)
