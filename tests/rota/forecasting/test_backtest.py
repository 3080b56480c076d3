"""A backtest looks at nothing it could not have known, and its measures are the textbook's."""

from __future__ import annotations

import numpy as np
import pytest

from rota.errors import InvalidInput
from rota.forecasting import metrics
from rota.forecasting.backtest import MODELS, BacktestPlan, backtest_series, window_origins
from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.holiday_table import HolidayTable
from rota.forecasting.members import RIVALS
from rota.forecasting.smoothing import additive_ets, auto_ets, compiled_core
from rota.forecasting.training import Calendar, Training
from rota.forecasting.values import Options
from tests.rota.forecasting.simulate import demand, series, training

SCOTLAND = HolidayTable.parse("GB-SCT")


@pytest.mark.parametrize("origin", [250, 500, 650])
def test_nothing_after_the_origin_changes_a_forecast(origin: int) -> None:
    values = demand(700)
    other = values.copy()
    other[origin:] = np.random.default_rng(9).uniform(0, 1000, 700 - origin)
    options = Options(holidays=SCOTLAND)
    before = SeriesForecaster(series(values), options).forecast(origin)
    after = SeriesForecaster(series(other), options).forecast(origin)
    assert np.array_equal(before.path, after.path)
    assert np.array_equal(before.bands.upper, after.bands.upper)
    assert np.array_equal(before.bands.quantile, after.bands.quantile)
    assert before.weights == after.weights


def test_the_forecast_of_a_cut_file_is_the_one_of_the_backtest() -> None:
    values = demand(700)
    options = Options(holidays=SCOTLAND)
    inside = SeriesForecaster(series(values), options).forecast(644)
    alone = SeriesForecaster(series(values[:644]), options).forecast()
    assert np.allclose(inside.path, alone.path, rtol=1e-9)
    assert np.allclose(inside.bands.lower, alone.bands.lower, rtol=1e-9)


def test_an_origin_remembers_no_window_that_reaches_past_it() -> None:
    forecaster = SeriesForecaster(series(demand(400)), Options(horizon=60))
    known = forecaster.actual(340, 60, 368)
    assert np.isfinite(known[:28]).all()
    assert np.isnan(known[28:]).all()


@pytest.mark.parametrize("name", list(RIVALS))
def test_no_rival_sees_the_future(name: str) -> None:
    values = demand(500)
    other = values.copy()
    other[440:] = 7777
    first = SeriesForecaster(series(values), Options()).rival(RIVALS[name], 440)
    second = SeriesForecaster(series(other), Options()).rival(RIVALS[name], 440)
    assert np.array_equal(first, second)


def test_windows_are_the_last_ones_and_do_not_overlap() -> None:
    assert window_origins(400, 28, 3, 28) == (316, 344, 372)
    assert window_origins(60, 28, 3, 28) == (32,)


def test_every_model_is_scored_and_the_ensemble_beats_last_week() -> None:
    scores = backtest_series(series(demand(500)), Options(), BacktestPlan(3, MODELS))
    by_model = {score.model: score for score in scores}
    assert set(by_model) == set(MODELS)
    assert by_model["seasonal_naive"].skill == pytest.approx(0)
    assert by_model["ensemble"].skill > 0.1
    assert all(np.isfinite(score.pinball) for score in scores)
    assert all(score.cpu_seconds >= 0 for score in scores)


def test_too_short_a_series_cannot_be_backtested() -> None:
    with pytest.raises(InvalidInput, match="too few"):
        backtest_series(series(demand(40)), Options(), BacktestPlan())


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(InvalidInput, match="No model is called 'oracle'"):
        BacktestPlan(models=("oracle",))


def test_mase_of_last_week_on_its_own_training_is_one() -> None:
    y = demand(300)
    assert metrics.window_mase(y[:-7], y[7:], metrics.lag_scale(y, 7)) == pytest.approx(1)


def test_measures_by_hand() -> None:
    path, actual = np.array([8.0, 12.0, 5.0]), np.array([10.0, 10.0, np.nan])
    assert metrics.wape(path, actual) == pytest.approx(4 / 20)
    assert metrics.bias(path, actual) == pytest.approx(0)
    assert metrics.mape(path, actual) == pytest.approx(0.2)
    assert metrics.pinball(path, actual, 0.9) == pytest.approx((2 * 0.9 * 2 + 2 * 0.1 * 2) / 2)
    assert metrics.coverage(path - 2, path + 2, actual) == 1


def test_measures_of_a_constant_or_empty_window_are_finite_or_unknown() -> None:
    assert metrics.lag_scale(np.full(50, 4.0), 7) == pytest.approx(0.04)
    assert metrics.lag_scale(np.zeros(50), 7) == pytest.approx(0.01)
    assert np.isnan(metrics.wape(np.zeros(2), np.zeros(2)))
    assert np.isnan(metrics.mape(np.zeros(2), np.zeros(2)))


@pytest.mark.parametrize("seed", range(4))
def test_the_quick_smoothing_is_nearly_statsforecasts(seed: int) -> None:
    history = training(demand(400, seed=seed))
    assert compiled_core() is not None
    quick, full = additive_ets(history, 28), auto_ets(history, 28, "ANA")
    assert np.abs(quick - full).mean() < 0.01 * full.mean()


def test_the_quick_smoothing_follows_a_walk_as_statsforecasts() -> None:
    walk = 80 + np.cumsum(np.random.default_rng(1).normal(0, 1, 400))
    history = training(walk)
    assert np.abs(additive_ets(history, 28) - auto_ets(history, 28, "ANA")).mean() < 1.0


def test_weekly_values_are_smoothed_without_a_season() -> None:
    values = series(demand(100), step_days=7)
    history = Training(Calendar.of(values, 8, HolidayTable()), 0, values.values.copy())
    quick, full = additive_ets(history, 8), auto_ets(history, 8, "ANN")
    assert np.ptp(quick) == 0
    assert np.allclose(quick, full, rtol=0.02)
