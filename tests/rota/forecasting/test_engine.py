"""The pitfalls that a daily forecaster meets, and what ours does about each."""

from __future__ import annotations

import numpy as np
import pytest

from rota.errors import InvalidInput
from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.holiday_table import HolidayTable
from rota.forecasting.members import MEAN_26, members_for
from rota.forecasting.values import Forecast, Options
from tests.rota.forecasting.simulate import demand, series, turning_rota


def forecast(values: np.ndarray | list[float], **options: object) -> Forecast:
    return SeriesForecaster(series(values), Options(**options)).forecast()  # type: ignore[arg-type]


def test_a_declining_count_never_goes_below_zero() -> None:
    values = np.maximum(np.linspace(40, 0, 400) + np.random.default_rng(1).normal(0, 3, 400), 0)
    found = forecast(values.round())
    assert found.path.min() >= 0
    assert found.bands.lower.min() >= 0
    assert found.bands.quantile.min() >= 0


def test_a_sparse_count_stays_sparse_and_non_negative() -> None:
    values = np.random.default_rng(2).poisson(0.2, 400).astype(float)
    found = forecast(values)
    assert 0 <= found.path.mean() < 1
    assert np.isfinite(found.bands.upper).all()


def test_a_series_with_negative_values_is_not_clipped() -> None:
    values = np.random.default_rng(3).normal(-5, 1, 200)
    assert forecast(values).path.max() < 0


@pytest.mark.parametrize("size", [3, 5, 13])
def test_under_two_weeks_there_is_a_mean_with_a_wide_band(size: int) -> None:
    found = forecast([5.0, 6.0, 7.0, 5.0, 6.0, 7.0, 5.0, 6.0, 7.0, 5.0, 6.0, 7.0, 5.0][:size])
    assert np.ptp(found.path) == 0
    assert 5 <= found.path[0] <= 7
    assert found.bands.upper[0, 0] > found.bands.lower[0, 0]
    assert found.bands.upper.max() < 15


def test_a_constant_series_has_a_band_that_is_not_a_line() -> None:
    found = forecast(np.full(300, 12.0))
    assert np.allclose(found.path, 12)
    assert (found.bands.upper - found.bands.lower > 0.1).all()
    assert (found.bands.quantile > 12).all()


def test_zeros_throughout_are_forecast_as_zero() -> None:
    found = forecast(np.zeros(200))
    assert np.allclose(found.path, 0)
    assert np.isfinite(found.bands.upper).all()


def test_one_wild_value_is_left_out_and_shown() -> None:
    values = demand(365)
    clean = forecast(values).path
    values[200] *= 100
    found = forecast(values)
    assert [round(outlier.value) for outlier in found.outliers] == [round(values[200])]
    assert np.allclose(found.path, clean, rtol=0.02)


def test_a_holiday_is_not_an_outlier() -> None:
    values = demand(700, noise=2)
    days = series(values).days
    values[days == np.datetime64("2022-12-25")] = 5
    found = forecast(values, holidays=HolidayTable.parse("GB-SCT"))
    assert found.outliers == ()


def test_a_lasting_jump_is_found_and_followed() -> None:
    values = demand(500, noise=4)
    values[470:] -= 40
    found = forecast(values)
    assert len(found.shifts) == 1
    assert abs(found.shifts[0].change + 40) < 8
    assert abs(found.path.mean() - values[470:].mean()) < 5


def test_a_level_that_only_wanders_has_no_shift() -> None:
    walk = 100 + np.cumsum(np.random.default_rng(4).normal(0, 1, 500))
    assert forecast(walk).shifts == ()


def test_gaps_are_bridged() -> None:
    values = demand(400)
    values[[50, 51, 52, 200, 390, 399]] = np.nan
    found = forecast(values)
    assert np.isfinite(found.path).all()
    assert abs(found.path.mean() - 100) < 20


def test_a_long_gap_before_the_end_is_bridged() -> None:
    values = demand(400)
    values[340:380] = np.nan
    assert np.isfinite(forecast(values).path).all()


@pytest.mark.parametrize("period", [14, 21, 28])
def test_a_turning_rota_is_followed(period: int) -> None:
    values = turning_rota(500, period)
    found = SeriesForecaster(series(values[:472]), Options()).forecast()
    assert found.pattern_days == period
    actual = values[472:]
    assert np.abs(found.path - actual).mean() / actual.mean() < 0.09


def test_noise_is_not_taken_for_a_pattern() -> None:
    taken = sum(forecast(demand(400, seed=seed)).pattern_days > 0 for seed in range(12))
    assert taken <= 1


def test_a_pattern_can_be_given_or_forbidden() -> None:
    values = turning_rota(400, 21)
    assert forecast(values, season="none").pattern_days == 0
    assert forecast(values, season="21").pattern_days == 21


def test_weekly_data_is_forecast_by_weeks() -> None:
    values = 50 + np.random.default_rng(5).normal(0, 4, 100)
    found = SeriesForecaster(series(values, step_days=7), Options(horizon=8)).forecast()
    assert (np.diff(found.days).astype(int) == 7).all()
    assert abs(found.path.mean() - 50) < 4


def test_the_parts_add_up_to_the_forecast() -> None:
    found = forecast(demand(500), holidays=HolidayTable.parse("GB-SCT"))
    assert np.allclose(sum(part.values for part in found.components), found.path)


def test_weights_name_the_members_and_add_up() -> None:
    found = forecast(demand(500))
    assert abs(sum(weight for _, weight in found.weights) - 1) < 1e-9
    assert len(found.weights) >= 2


def test_horizons_longer_than_a_window_are_possible() -> None:
    found = forecast(demand(500), horizon=60)
    assert found.path.size == 60
    assert np.isfinite(found.bands.upper).all()


def test_the_weekday_mean_steps_in_when_the_ensemble_was_worse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from rota.forecasting import judging

    monkeypatch.setattr(judging, "MAX_RATIO", 0.5)
    monkeypatch.setattr(judging, "MIN_WORSE_SHARE", 0.0)
    found = forecast(demand(500))
    assert "26-week weekday mean" in found.fallback
    assert found.weights == ((MEAN_26.name, 1.0),)
    assert np.isfinite(found.own_errors.coverage)


def test_a_member_that_fails_does_not_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    from rota.forecasting import level

    def fail(*_: object) -> None:
        raise np.linalg.LinAlgError("for the test")

    monkeypatch.setattr(level, "level_ahead", fail)
    found = forecast(demand(500))
    assert "level" not in dict(found.weights)
    assert np.isfinite(found.path).all()


def test_short_histories_have_fewer_members() -> None:
    assert [member.name for member in members_for(10)] == ["mean"]
    assert len(members_for(30)) < len(members_for(500))


@pytest.mark.parametrize(
    "wrong", [{"horizon": 0}, {"horizon": 10_000}, {"levels": (0.3,)}, {"season": "13"}]
)
def test_impossible_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Options(**wrong)  # type: ignore[arg-type]
