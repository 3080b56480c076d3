"""Both accrual engines, in whole minutes."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rota.calendar import Period, leave_year
from rota.leave.entitlement import (
    carry_over,
    contract_change,
    contract_entitlement,
    first_year_available,
    worked_accrual,
)

#: a busy machine is no finding
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
YEAR = leave_year(date(2026, 6, 1))
HOURS = 60


def test_a_full_year_is_weeks_times_contract() -> None:
    assert contract_entitlement(35 * HOURS, 560, YEAR) == 196 * HOURS
    assert contract_entitlement(35 * HOURS, 850, YEAR) == int(297.5 * HOURS)
    assert contract_entitlement(24 * HOURS, 850, YEAR) == 204 * HOURS


def test_part_of_a_year_is_pro_rata_by_days_and_rounded_up() -> None:
    half = contract_entitlement(35 * HOURS, 560, YEAR, started_on=date(2026, 10, 1))
    assert half == -(-196 * HOURS * 182 // 365)
    assert contract_entitlement(35 * HOURS, 560, YEAR, left_on=date(2026, 3, 1)) == 0


def test_the_first_year_gives_a_twelfth_for_each_month_begun() -> None:
    start = date(2026, 5, 15)
    assert first_year_available(1200, start, date(2026, 5, 14)) == 0
    assert first_year_available(1200, start, date(2026, 5, 15)) == 100
    assert first_year_available(1200, start, date(2026, 6, 14)) == 100
    assert first_year_available(1200, start, date(2026, 6, 15)) == 200
    assert first_year_available(1200, start, date(2027, 5, 14)) == 1200
    assert first_year_available(1200, start, date(2030, 1, 1)) == 1200


def test_hours_worked_accrue_twelve_point_oh_seven_percent_to_the_nearest_hour() -> None:
    assert worked_accrual(100 * HOURS, 1207, 60) == 12 * HOURS  # 12.07 h
    assert worked_accrual(104 * HOURS, 1207, 60) == 13 * HOURS  # 12.55 h
    assert worked_accrual(100 * HOURS, 1207, 1) == 724
    assert worked_accrual(0, 1207, 60) == 0


def test_carry_over_is_capped_and_never_negative() -> None:
    assert carry_over(100 * HOURS, 35 * HOURS, 160) == 56 * HOURS
    assert carry_over(10 * HOURS, 35 * HOURS, 160) == 10 * HOURS
    assert carry_over(-5, 35 * HOURS, 160) == 0


@patient
@given(
    contract=st.integers(0, 10080),
    weeks=st.integers(0, 900),
    cut=st.integers(1, 364),
)
def test_two_parts_of_a_year_never_give_less_than_the_whole(
    contract: int, weeks: int, cut: int
) -> None:
    day = YEAR.start + timedelta(days=cut)
    whole = contract_entitlement(contract, weeks, YEAR)
    first = contract_entitlement(contract, weeks, YEAR, left_on=day - timedelta(days=1))
    second = contract_entitlement(contract, weeks, YEAR, started_on=day)
    assert whole <= first + second <= whole + 1


@patient
@given(worked=st.lists(st.integers(0, 3000), max_size=12), basis=st.integers(0, 3000))
def test_accrual_from_the_running_total_never_drifts_more_than_half_an_hour(
    worked: list[int], basis: int
) -> None:
    posted = total = 0
    for minutes in worked:
        total += minutes
        posted += worked_accrual(total, basis, 60) - posted
    assert abs(posted - total * basis / 10_000) <= 30


@patient
@given(before=st.integers(0, 10080), after=st.integers(0, 10080), cut=st.integers(0, 364))
def test_a_contract_change_and_its_reverse_cancel_to_the_minute(
    before: int, after: int, cut: int
) -> None:
    on = YEAR.start + timedelta(days=cut)
    there = contract_change(before, after, 560, YEAR, on)
    back = contract_change(after, before, 560, YEAR, on)
    assert 0 <= there + back <= 1


def test_a_leave_year_is_a_period_of_whole_days() -> None:
    assert Period(date(2026, 4, 1), date(2027, 3, 31)) == YEAR
