"""A fair share of weekends goes by the contract, and is what was worked against it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import cast

import pytest

from rota.costs.people import BurdenKind
from rota.models import Band
from rota.optimisation.burdens import burden_shares
from rota.optimisation.home_data import HomeData, PastShift

SATURDAY, MONDAY = date(2026, 6, 6), date(2026, 6, 8)
FULL, HALF = 35 * 60, 35 * 30


def worked(staff_id: int, day: date, hours: int, band: Band = Band.DAY) -> PastShift:
    return PastShift(staff_id, 1, day, band, hours * 60)


def data(contracts: dict[int, int], *past: PastShift, nights: tuple[int, ...] = ()) -> HomeData:
    staff = [
        SimpleNamespace(id=i, contracted_minutes=m, role=SimpleNamespace(is_night=i in nights))
        for i, m in contracts.items()
    ]
    return cast(HomeData, SimpleNamespace(staff=staff, past=past))


def test_the_share_is_measured_by_the_contract() -> None:
    given = data({1: FULL, 2: HALF}, worked(1, SATURDAY, 12), worked(2, SATURDAY, 12))
    shares = burden_shares(given, BurdenKind.WEEKEND)
    assert shares[1] == pytest.approx(0.75)
    assert shares[2] == pytest.approx(1.5), "as many hours on half a contract: half too many"


def test_weekdays_and_people_without_contract_do_not_count() -> None:
    given = data(
        {1: FULL, 2: FULL, 3: 0},
        worked(1, SATURDAY, 12), worked(2, MONDAY, 12), worked(3, SATURDAY, 12),
    )  # fmt: skip
    assert burden_shares(given, BurdenKind.WEEKEND) == {1: 2.0, 2: 0.0}


def test_without_a_weekend_in_the_past_nobody_has_more_than_another() -> None:
    assert burden_shares(data({1: FULL}, worked(1, MONDAY, 12)), BurdenKind.WEEKEND) == {}


def test_nights_are_shared_by_those_who_work_by_day_as_well() -> None:
    past = [worked(i, MONDAY, 12, Band.NIGHT) for i in (1, 1, 3)]
    given = data({1: FULL, 2: FULL, 3: FULL}, *past, nights=(3,))
    assert burden_shares(given, BurdenKind.NIGHT) == {1: 2.0, 2: 0.0}


def test_bank_holidays_have_a_share_of_their_own() -> None:
    spring = date(2026, 5, 25)
    given = data({1: FULL, 2: FULL}, worked(1, spring, 12), worked(2, MONDAY, 12))
    assert burden_shares(given, BurdenKind.HOLIDAY) == {1: 2.0, 2: 0.0}
    assert burden_shares(given, BurdenKind.WEEKEND) == {}
