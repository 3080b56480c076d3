"""Hire or cover: the break-even, the best number of posts, floors, and the history behind."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.costs.establishment import (
    WEEKS,
    Gap,
    HourlyPrices,
    best,
    break_even_minutes,
    hourly_prices,
    options,
    past_gap,
    with_floor,
)
from rota.costs.rates import load_rate_book
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed
from rota.models import Classification, UserRole
from tests import factories as make
from tests.factories import actor, administrator

POST = {"contract_minutes": 2100, "headroom_percent": 20}


def test_a_steady_gap_is_hired_for_and_a_rare_one_covered() -> None:
    steady = options(Gap((1680,) * 10), own_pence=1500, cover_pence=3000, **POST)
    assert [(o.posts, o.total_pence) for o in steady] == [(0, 84_000), (1, 52_500)]
    assert best(steady).posts == 1
    rare = options(Gap((0,) * 9 + (1680,)), own_pence=1500, cover_pence=3000, **POST)
    assert best(rare).posts == 0


def test_no_weeks_need_nobody() -> None:
    assert [o.total_pence for o in options(Gap(()), own_pence=1, cover_pence=1, **POST)] == [0]
    assert Gap(()).quantile(90) == 0


@given(
    st.lists(st.integers(0, 20_000), min_size=1, max_size=26),
    st.integers(1, 5_000),
    st.integers(1, 9_000),
)
def test_no_number_of_posts_is_cheaper_than_the_best(
    weeks: list[int], own: int, cover: int
) -> None:
    found = options(Gap(tuple(weeks)), own_pence=own, cover_pence=cover, **POST)
    chosen = best(found)
    assert all(chosen.total_pence <= option.total_pence for option in found)
    assert [option.posts for option in found] == list(range(len(found)))
    turn = break_even_minutes(own_pence=own, cover_pence=cover, **POST)
    if turn is None:
        assert chosen.posts == 0, "a post that never pays is never hired"


def test_the_break_even_is_where_both_cost_the_same() -> None:
    turn = break_even_minutes(own_pence=1500, cover_pence=3000, **POST)
    assert turn == 1050
    for minutes, hires in ((turn - 60, False), (turn + 60, True)):
        found = options(Gap((minutes,)), own_pence=1500, cover_pence=3000, **POST)
        assert (best(found).posts == 1) is hires
    assert break_even_minutes(own_pence=2900, cover_pence=3000, **POST) is None
    assert break_even_minutes(own_pence=2900, cover_pence=0, **POST) is None


def test_a_quantile_is_a_week_that_was() -> None:
    gap = Gap((50, 10, 40, 20, 30))
    assert [gap.quantile(q) for q in (10, 50, 90, 100)] == [10, 30, 50, 50]


def test_a_floor_raises_own_prices_and_no_invoice() -> None:
    prices = HourlyPrices(1500, 2250, 1500, 3000)
    assert with_floor(prices, 1250, 1375) == HourlyPrices(1650, 2475, 1650, 3000)
    assert with_floor(prices, 1250, 1200) == prices
    assert with_floor(HourlyPrices(None, None, None, None), 1250, 1375).own is None


@pytest.mark.parametrize(("contract", "headroom"), [(0, 20), (3_601, 20), (2100, 100), (2100, -1)])
def test_a_post_that_makes_no_sense_is_refused(contract: int, headroom: int) -> None:
    with pytest.raises(InvalidInput):
        options(
            Gap((1,)), own_pence=1, cover_pence=1, contract_minutes=contract,
            headroom_percent=headroom,
        )  # fmt: skip


def test_the_gap_is_what_no_contract_covered(uow: UnitOfWork) -> None:
    session = uow.session
    home = make.make_home(session)
    unit, role = make.make_unit(session, home), make.make_role(session)
    other = make.make_role(session, "SSCW")
    person, senior = make.make_staff(session, unit, role), make.make_staff(session, unit, other)
    today = date(2026, 6, 10)  # a Wednesday: the last full week ends on Sunday the 7th
    last = date(2026, 6, 7)
    overtime = {"classification": Classification.OVERTIME}
    make.make_shift(session, unit, person, last, **overtime)
    make.make_shift(session, unit, None, last - timedelta(days=1), role_id=role.id)
    make.make_shift(session, unit, None, last - timedelta(days=8), role_id=role.id)
    make.make_shift(session, unit, person, last - timedelta(days=2))
    make.make_shift(session, unit, senior, last, **overtime)
    make.make_shift(session, unit, person, today, **overtime)
    gap = past_gap(session, administrator(), home.id, role.id, today)
    assert gap.weeks == (0,) * (WEEKS - 2) + (720, 1440)
    with pytest.raises(NotAllowed):
        past_gap(session, actor(UserRole.ANALYST), home.id, role.id, today)


def test_without_rates_there_are_no_prices(uow: UnitOfWork) -> None:
    role = make.make_role(uow.session)
    book = load_rate_book(uow.session)
    found = hourly_prices(uow.session, book, role.id, date(2026, 6, 7))
    assert found == HourlyPrices(None, None, None, None)
