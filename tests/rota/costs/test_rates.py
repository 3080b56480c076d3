"""The cost of a shift: how it is made up, what is missing, what no sum may lose."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rota.calendar import shift_instants
from rota.costs.rates import (
    RateBook,
    RateKind,
    ShiftFacts,
    build_rate_book,
    cost_of_shift,
    floor_breaches,
    round_pence,
)
from rota.models import AgencyRate, Band, Classification, OnCost, PayFloor, PayRate
from tests.factories import MONDAY

CARER, AGENCY = 1, 7
SATURDAY = MONDAY + timedelta(days=5)


def pay(day: int = 1352, night: int = 1690, since: date = date(2025, 4, 1), **more: int) -> PayRate:
    return PayRate(
        role_id=CARER, effective_from=since, day_pence=day, night_pence=night,
        weekend_pence=more.get("weekend", day), holiday_pence=more.get("holiday", day * 2),
        overtime_multiplier=Decimal("1.5"),
    )  # fmt: skip


def invoiced(day: int = 2125, since: date = date(2025, 4, 1)) -> AgencyRate:
    return AgencyRate(
        agency_id=AGENCY, role_id=CARER, effective_from=since, day_pence=day,
        night_pence=2649, weekend_pence=2400, holiday_pence=3849,
    )  # fmt: skip


def loading(since: date = date(2025, 4, 1)) -> OnCost:
    return OnCost(
        effective_from=since, national_insurance_percent=Decimal(15),
        national_insurance_threshold_pence=500_000, pension_percent=Decimal(3),
    )  # fmt: skip


def book(*rates: PayRate) -> RateBook:
    return build_rate_book(rates or (pay(),), (invoiced(),), (loading(),))


def facts(
    minutes: int = 600, day: date = MONDAY, band: Band = Band.DAY, **more: object
) -> ShiftFacts:
    starts_at, ends_at = shift_instants(day, time(8), time(20))
    more.setdefault("classification", Classification.REGULAR)
    return ShiftFacts(
        role_id=CARER, date=day, starts_at=starts_at, ends_at=ends_at, paid_minutes=minutes,
        band=band, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_day_shift_is_hours_times_rate_plus_insurance_and_pension() -> None:
    cost = cost_of_shift(facts(), book())

    allowance = Decimal(500_000) / 1820 * 10
    assert cost.pay_pence == 13_520
    assert cost.pension_pence == Decimal("405.6")
    assert cost.national_insurance_pence == (13_520 - allowance) * 15 / 100
    assert cost.total_pence == round_pence(cost.pay_pence + cost.on_cost_pence) == 15_542


def test_overtime_pays_the_multiplier_and_insurance_from_the_first_penny() -> None:
    cost = cost_of_shift(facts(classification=Classification.OVERTIME), book())

    assert cost.pay_pence == 20_280
    assert cost.national_insurance_pence == 3_042


def test_an_agency_shift_is_the_invoice_and_nothing_on_top() -> None:
    cost = cost_of_shift(facts(classification=Classification.AGENCY, agency_id=AGENCY), book())

    assert cost.total_pence == 21_250
    assert cost.on_cost_pence == 0


@pytest.mark.parametrize(
    ("day", "band", "holiday", "kind"),
    [
        (MONDAY, Band.DAY, False, RateKind.DAY),
        (MONDAY, Band.NIGHT, False, RateKind.NIGHT),
        (SATURDAY, Band.DAY, False, RateKind.WEEKEND),
        (SATURDAY, Band.NIGHT, False, RateKind.NIGHT),
        (SATURDAY, Band.NIGHT, True, RateKind.HOLIDAY),
        (MONDAY, Band.OFFICE, True, RateKind.HOLIDAY),
    ],
)
def test_the_rate_follows_the_rota_day_and_the_band(
    day: date, band: Band, holiday: bool, kind: RateKind
) -> None:
    rates = book(pay(1300, 1690, weekend=1500))

    assert cost_of_shift(facts(600, day, band, is_bank_holiday=holiday), rates).kind is kind


def test_a_weekend_night_pays_the_better_of_the_two() -> None:
    cost = cost_of_shift(facts(600, SATURDAY, Band.NIGHT), book(pay(1300, 1690, weekend=1800)))

    assert cost.kind is RateKind.WEEKEND


def test_a_shift_is_paid_at_the_rate_in_force_on_its_day() -> None:
    rates = book(pay(1200, since=date(2025, 4, 1)), pay(1400, since=date(2026, 6, 1)))

    assert cost_of_shift(facts(day=date(2026, 5, 31)), rates).rate_pence == 1200
    assert cost_of_shift(facts(day=date(2026, 6, 1)), rates).rate_pence == 1400


@pytest.mark.parametrize(
    ("shift", "named"),
    [
        (facts(day=date(2020, 1, 1)), ("pay rate on 01/01/2020", "on-costs on 01/01/2020")),
        (
            facts(classification=Classification.AGENCY, agency_id=AGENCY + 1),
            (f"agency rate on {MONDAY:%d/%m/%Y}",),
        ),
        (facts(classification=Classification.AGENCY), ("the agency of the agency worker",)),
    ],
)
def test_a_missing_rate_is_named_and_never_zero(shift: ShiftFacts, named: tuple[str, ...]) -> None:
    cost = cost_of_shift(shift, book())

    assert cost.total_pence is None
    assert cost.missing == named


def test_roles_paid_under_a_floor_are_found_with_the_day_it_begins() -> None:
    rates = build_rate_book(
        (pay(1260),),
        floors=(
            PayFloor(name="Real Living Wage", effective_from=date(2024, 10, 22), pence=1260),
            PayFloor(name="Real Living Wage", effective_from=date(2026, 5, 1), pence=1345),
        ),
    )

    assert floor_breaches(rates, date(2025, 4, 1), date(2026, 4, 30)) == []
    (breach,) = floor_breaches(rates, date(2026, 4, 1), date(2026, 12, 31))
    assert (breach.since, breach.paid_pence, breach.floor_pence) == (date(2026, 5, 1), 1260, 1345)


SOURCES = some.sampled_from(
    [Classification.REGULAR, Classification.OVERTIME, Classification.BANK, Classification.AGENCY]
)


def total(minutes: int, source: Classification, rates: RateBook) -> int:
    agency = AGENCY if source is Classification.AGENCY else None
    pence = cost_of_shift(
        facts(minutes, classification=source, agency_id=agency), rates
    ).total_pence
    assert pence is not None
    return pence


@given(some.integers(0, 1440), some.integers(0, 1440), SOURCES)
def test_splitting_hours_loses_nothing_but_rounding(
    first: int, second: int, source: Classification
) -> None:
    parts = total(first, source, book()) + total(second, source, book())

    assert abs(parts - total(first + second, source, book())) <= 1


@given(some.integers(0, 1440), some.integers(0, 9000), some.integers(0, 900), SOURCES)
def test_a_higher_rate_never_costs_less(
    minutes: int, rate: int, more: int, source: Classification
) -> None:
    assert total(minutes, source, book(pay(rate))) <= total(minutes, source, book(pay(rate + more)))


@given(some.integers(0, 1440), some.integers(0, 60), SOURCES)
def test_more_minutes_never_cost_less(minutes: int, more: int, source: Classification) -> None:
    assert total(minutes, source, book()) <= total(minutes + more, source, book())


@given(some.integers(0, 1440), some.integers(0, 9000))
def test_the_parts_add_up_to_the_total(minutes: int, rate: int) -> None:
    cost = cost_of_shift(facts(minutes), book(pay(rate)))

    assert cost.total_pence is not None
    assert abs(cost.pay_pence + cost.on_cost_pence - cost.total_pence) <= Decimal("0.5")


def test_rounding_is_half_to_even() -> None:
    assert [round_pence(Decimal(text)) for text in ("0.5", "1.5", "2.5", "2.51")] == [0, 2, 2, 3]
