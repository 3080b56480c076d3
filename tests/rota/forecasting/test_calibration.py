"""Bands and staffing levels keep their promise where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from rota.forecasting.backtest import BacktestPlan, backtest_series
from rota.forecasting.calibration import (
    PastErrors,
    adaptive_bands,
    bands,
    corrected_levels,
    rank_quantile,
    weighted_quantile,
)
from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.values import Options
from tests.rota.forecasting.simulate import demand, series


def test_bands_and_quantiles_cover_as_promised_on_simulated_demand() -> None:
    scores = [
        backtest_series(series(demand(700, seed=seed)), Options(), BacktestPlan(8, ("ensemble",)))[
            0
        ]
        for seed in range(12)
    ]
    assert abs(np.mean([score.coverage_80 for score in scores]) - 0.80) < 0.02
    assert abs(np.mean([score.below_90 for score in scores]) - 0.90) < 0.015
    assert abs(np.mean([score.below_95 for score in scores]) - 0.95) < 0.015


def test_skewed_errors_move_the_staffing_level_but_not_the_band() -> None:
    errors = np.random.default_rng(1).exponential(1.0, 4000) - 1.0
    made = bands(np.full(3, 10.0), errors, (0.9,), clip=True, half_floor=0.01)
    assert np.allclose(made.upper - 10, 10 - made.lower)
    assert abs(made.quantile[0, 0] - 10 - (np.log(10) - 1)) < 0.15


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
def test_the_conformal_rank_covers_a_new_value_as_often_as_promised(level: float) -> None:
    rng = np.random.default_rng(2)
    hits = [rng.normal() <= rank_quantile(rng.normal(size=60), level) for _ in range(4000)]
    assert abs(np.mean(hits) - level) < 0.02


def test_higher_levels_are_wider() -> None:
    made = bands(
        np.full(2, 5.0),
        np.random.default_rng(3).normal(size=200),
        (0.8, 0.9, 0.95),
        clip=True,
        half_floor=0.01,
    )
    assert (np.diff(made.upper, axis=0) >= 0).all()
    assert (np.diff(made.quantile, axis=0) >= 0).all()


def past(values: np.ndarray, step: int = 28) -> PastErrors:
    """Errors of windows that began ``step`` days apart, the newest one just over."""
    backs = tuple(28 + step * back for back in range(len(values) - 1, -1, -1))
    return PastErrors(values, backs, window=28, period=7)


def width(errors: PastErrors, level: float = 0.8) -> np.ndarray:
    made = adaptive_bands(np.full(28, 100.0), errors, (level,), clip=True, half_floor=0.01)
    return np.asarray(made.upper[0] - made.lower[0])


def test_a_band_follows_errors_that_have_grown() -> None:
    rng = np.random.default_rng(4)
    calm, wild = rng.normal(0, 1, (6, 28)), rng.normal(0, 4, (6, 28))
    grown, shrunk = width(past(np.vstack([calm, wild]))), width(past(np.vstack([wild, calm])))
    true = 2 * 1.2816 * 4
    assert abs(grown.mean() / true - 1) < 0.2
    assert shrunk.mean() < 0.6 * true


def test_a_band_widens_with_the_distance_where_errors_do() -> None:
    rng = np.random.default_rng(5)
    wandering = np.cumsum(rng.normal(0, 1, (36, 28)), axis=1)
    steady = rng.normal(0, 1, (36, 28))
    wide, even = width(past(wandering, 7)), width(past(steady, 7))
    assert wide[-1] > 1.5 * wide[0]
    assert even[-1] < 1.2 * even[0]
    assert (np.diff(wide) >= -1e-9).all()


def test_the_level_is_raised_when_bands_have_not_held_and_lowered_when_they_held_too_well() -> None:
    rng = np.random.default_rng(6)
    growing = rng.normal(0, 1, (12, 28)) * (1.25 ** np.arange(12))[:, None]
    calming = growing[::-1]
    assert corrected_levels(past(growing), growing, (0.8,))[0] > 0.85
    assert corrected_levels(past(calming), calming, (0.8,))[0] < 0.75


def test_a_window_is_corrected_by_nothing_that_happened_after_it_began() -> None:
    """The newest window's errors may move the level by one step, however large they are."""
    rng = np.random.default_rng(7)
    usual = rng.normal(0, 1, (12, 28))
    shocked = usual.copy()
    shocked[-1] *= 1000
    (before,) = corrected_levels(past(usual[:-1]), usual[:-1], (0.8,))
    (after,) = corrected_levels(past(shocked), shocked, (0.8,))
    assert 0 < after - before <= 0.3 * 0.8 + 1e-9


def test_weights_of_age_act_like_repetitions() -> None:
    rng = np.random.default_rng(8)
    values, weights = rng.normal(size=900), rng.integers(1, 4, 900)
    repeated = np.quantile(np.repeat(values, weights), 0.8)
    assert weighted_quantile(values, weights.astype(float), 0.8) == pytest.approx(
        repeated, abs=0.02
    )
    assert weighted_quantile(values, weights.astype(float), 0.9999) == values.max()
    assert weighted_quantile(np.empty(0), np.empty(0), 0.9) == 0.0


def test_coverage_holds_where_the_noise_changes_twice() -> None:
    """Each series within 75 to 85 % though its noise trebles and falls back."""
    found = []
    for seed in range(6):
        rng = np.random.default_rng(100 + seed)
        size = np.where((np.arange(1100) // 180) % 2, 18.0, 6.0)
        values = 100 + rng.normal(0, size)
        (score,) = backtest_series(series(values), Options(), BacktestPlan(12, ("ensemble",)))
        found.append(score.coverage_80)
    assert all(0.72 < share < 0.88 for share in found), found
    assert abs(np.mean(found) - 0.8) < 0.03


def test_bands_do_not_depend_on_the_unit_of_measurement() -> None:
    """A rate of some thousandths has the bands of the same numbers in whole hours."""
    values = demand(300, seed=9)
    hours = SeriesForecaster(series(values), Options()).forecast()
    rates = SeriesForecaster(series(values / 1e6), Options()).forecast()
    assert np.allclose(rates.bands.upper * 1e6, hours.bands.upper, rtol=1e-3)
    assert np.allclose(rates.bands.lower * 1e6, hours.bands.lower, rtol=1e-3)
