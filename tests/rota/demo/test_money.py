"""Money in the demo agrees with the product's own pricing, floors and ledgers."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from rota.costs.rates import cost_of_shift, facts_of, floor_breaches, load_rate_book
from rota.models import Budget, CareHome, Census, Shift
from rota.portable_sql import month_start
from tests.rota.demo.conftest import TODAY


def test_stored_costs_are_what_the_rates_say(session: Session) -> None:
    book = load_rate_book(session)
    worked = select(Shift).where(Shift.is_vacant.is_(False), Shift.id % 37 == 0)
    shifts = session.scalars(worked.options(joinedload(Shift.user), joinedload(Shift.shift_type)))

    wrong = [
        shift.id
        for shift in shifts
        if cost_of_shift(facts_of(shift), book).total_pence != shift.cost_pence
    ]
    assert wrong == []


def test_nobody_is_paid_under_a_floor(session: Session) -> None:
    first, last = session.execute(select(func.min(Shift.date), func.max(Shift.date))).one()

    assert floor_breaches(load_rate_book(session), first, last) == []


def test_budgets_are_near_what_is_spent_in_whole_months(session: Session) -> None:
    spent: defaultdict[object, int] = defaultdict(int)
    for month, pence in session.execute(
        select(month_start(Shift.date), func.sum(Shift.cost_pence))
        .where(Shift.date < TODAY.replace(day=1))
        .group_by(month_start(Shift.date))
    ):
        spent[str(month)] = pence
    first = min(spent)
    budgeted = session.execute(
        select(Budget.month, func.sum(Budget.pence)).group_by(Budget.month)
    ).all()
    ratios = [
        spent[str(month)] / pence
        for month, pence in budgeted
        if spent[str(month)] and str(month) > first
    ]
    assert len(ratios) >= 5
    assert all(0.85 < ratio < 1.18 for ratio in ratios)


def test_residents_fit_the_beds(session: Session) -> None:
    beds = session.scalar(select(CareHome.beds)) or 0
    by_day = session.scalars(select(func.sum(Census.residents)).group_by(Census.date)).all()

    assert 0.8 * beds < min(by_day) <= max(by_day) <= beds
    assert session.scalar(select(CareHome.occupancy)) == by_day[-1]
