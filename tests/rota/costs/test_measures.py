"""Measures: their formulas, their identities, and what they say where there is nothing."""

from __future__ import annotations

import math
from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from rota.costs.measures import (
    BY_KEY,
    MEASURES,
    Burden,
    Facts,
    agency_premium_pence,
    cell_minutes,
    cost_per_care_hour,
    cost_per_resident_day,
    fairness,
    fill_by_source,
    unfilled_rate,
)
from rota.costs.variance import Work, variance

SOURCES = ("regular", "overtime", "bank", "agency")
_work = st.builds(Work, minutes=st.integers(0, 10**7), pence=st.integers(-(10**6), 10**9))
_by_source = st.dictionaries(st.sampled_from(SOURCES), _work)


def test_nothing_measured_is_no_answer_or_a_plain_nought_never_nan() -> None:
    for measure in MEASURES:
        value = measure.of(Facts())
        assert value is None or value == 0
    assert fill_by_source(Facts()) is None


def test_no_residents_is_no_cost_per_resident_day() -> None:
    assert cost_per_resident_day(Facts(cost_pence=100)) is None
    assert cost_per_resident_day(Facts(cost_pence=100, resident_days=4)) == 25


def test_cost_per_care_hour_is_pence_an_hour() -> None:
    assert cost_per_care_hour(Facts(cost_pence=3000, care_minutes=90)) == 2000


def test_agency_premium_is_what_own_staff_would_have_saved() -> None:
    assert agency_premium_pence(Facts(agency_pence=900, agency_at_own_rate_pence=600)) == 300


def test_unfilled_rate_is_unfilled_over_required_hours() -> None:
    assert unfilled_rate(Facts(required_minutes=1000, unfilled_minutes=125)) == 0.125


def test_facts_of_two_homes_add_up_field_by_field() -> None:
    one = Facts(**{field.name: 1 for field in fields(Facts)})
    two = Facts(**{field.name: 2 for field in fields(Facts)})
    assert one + two == Facts(**{field.name: 3 for field in fields(Facts)})


def test_every_measure_has_its_own_key_and_a_definition() -> None:
    assert len(BY_KEY) == len(MEASURES)
    assert all(measure.definition.endswith(".") for measure in MEASURES)


@given(st.integers(0, 9), st.integers(0, 12), st.integers(0, 9000), st.floats(1, 1440))
def test_worked_and_unfilled_hours_are_required_hours_and_overfill(
    minimum: int, people: int, worked: int, usual: float
) -> None:
    required, unfilled, overfill = cell_minutes(minimum, people, worked, usual)
    assert worked + unfilled == required + overfill
    assert min(required, unfilled, overfill) >= 0
    assert unfilled == 0 or overfill == 0


def test_a_missing_and_a_surplus_person_are_worth_a_usual_shift() -> None:
    assert cell_minutes(3, 2, 1440, 720) == (2160, 720, 0)
    assert cell_minutes(1, 2, 1440, 720) == (720, 0, 720)


@given(_by_source, _by_source)
def test_the_parts_of_a_variance_add_up_to_the_penny(
    base: dict[str, Work], actual: dict[str, Work]
) -> None:
    found = variance(base, actual)
    assert found.change_pence == found.volume_pence + found.mix_pence + found.rate_pence
    assert found.base_pence == sum(work.pence for work in base.values())
    assert found.actual_pence == sum(work.pence for work in actual.values())


def test_dearer_sources_are_mix_alone() -> None:
    """Own staff at 2 pence a minute, agency at 6: 150 minutes go over to the agency."""
    base = {"own": Work(600, 1200), "agency": Work(300, 1800)}
    found = variance(base, {"own": Work(450, 900), "agency": Work(450, 2700)})
    assert (found.volume_pence, found.mix_pence, found.rate_pence) == (0, 600, 0)


def test_a_new_source_is_mix_and_a_correction_without_hours_is_rate() -> None:
    base = {"own": Work(600, 1200)}
    found = variance(base, {"own": Work(540, 1080), "agency": Work(60, 360)})
    assert (found.volume_pence, found.mix_pence, found.rate_pence) == (0, 240, 0)
    found = variance(base, {"own": Work(600, 1200), "bank": Work(0, -50)})
    assert (found.volume_pence, found.mix_pence, found.rate_pence) == (0, 0, -50)


def test_a_doubling_of_everything_is_volume_alone() -> None:
    base = {"own": Work(600, 1200), "agency": Work(300, 1800)}
    twice = {key: Work(work.minutes * 2, work.pence * 2) for key, work in base.items()}
    found = variance(base, twice)
    assert (found.volume_pence, found.mix_pence, found.rate_pence) == (3000, 0, 0)


def test_a_pay_rise_is_rate_alone() -> None:
    found = variance({"own": Work(600, 1200)}, {"own": Work(600, 1300)})
    assert (found.volume_pence, found.mix_pence, found.rate_pence) == (0, 0, 100)


def test_without_a_base_everything_is_volume() -> None:
    found = variance({}, {"own": Work(60, 100)})
    assert (found.volume_pence, found.mix_pence, found.rate_pence) == (100, 0, 0)


def test_an_even_burden_is_one_for_everybody_by_contract() -> None:
    even = fairness([Burden(1, 600, 2100), Burden(2, 300, 1050)])
    assert even is not None
    assert (even.lowest, even.highest, even.gini, even.spread) == (1, 1, 0, 0)


def test_one_person_carrying_all_is_the_worst_off() -> None:
    found = fairness([Burden(1, 0, 2100), Burden(2, 0, 2100), Burden(7, 900, 2100)])
    assert found is not None
    assert (found.lowest, found.highest, found.worst_off) == (0, 3, 7)
    assert math.isclose(found.gini, 2 / 3)


def test_bank_staff_have_no_share_and_nobody_is_no_answer() -> None:
    assert fairness([]) is None
    assert fairness([Burden(1, 600, 0)]) is None
    assert fairness([Burden(1, 0, 2100)]) is None


@given(
    st.lists(
        st.builds(Burden, st.integers(1, 99), st.integers(0, 9999), st.integers(0, 2400)),
        max_size=20,
    )
)
def test_fairness_stays_within_its_bounds(burdens: list[Burden]) -> None:
    found = fairness(burdens)
    if found is not None:
        assert -1e-9 <= found.gini < 1
        assert found.lowest <= found.highest
