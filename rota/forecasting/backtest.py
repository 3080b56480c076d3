"""Rolling-origin backtests: what a forecaster would have said, and what then happened.

The last ``windows`` stretches of ``horizon`` steps are forecast one after another, each
from the values before it only. Bands of every model are calibrated on that model's own
earlier windows, never on the one being judged.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rota.errors import InvalidInput
from rota.forecasting import metrics
from rota.forecasting.calibration import Bands, bands, half_width_floor
from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.forecaster import Forecaster
from rota.forecasting.members import RIVALS
from rota.forecasting.series import FloatArray, Series, window_of
from rota.forecasting.values import Options

ENSEMBLE = "ensemble"
NAIVE = "seasonal_naive"
MODELS = (ENSEMBLE, *RIVALS)
#: quantiles whose pinball losses are averaged; all come from the calibrated errors
PINBALL_LEVELS = (0.5, 0.8, 0.9, 0.95)
BAND_LEVELS = (0.8, 0.9, 0.95)
#: a rival's bands wait for so many of its own earlier windows (the ensemble takes eight)
_RIVAL_WINDOWS = 4


@dataclass(frozen=True, slots=True)
class Score:
    """The errors of one model on one series over all windows.

    ``mase`` in units of the lag error of each window's training values, ``wape``,
    ``mape``, ``bias`` and coverages as shares, ``pinball`` the scaled mean over
    :data:`PINBALL_LEVELS`, ``skill`` 1 - MASE ÷ MASE of the seasonal naive forecast,
    ``below_90`` and ``below_95`` the share of days on which the staffing level of that
    service was enough, ``fallbacks`` the windows in which the ensemble gave way.
    """

    unique_id: str
    model: str
    windows: int
    mase: float
    wape: float
    mape: float
    bias: float
    pinball: float
    coverage_80: float
    below_80: float
    below_90: float
    below_95: float
    skill: float
    fallbacks: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class BacktestPlan:
    """How many windows, how long, and which models."""

    windows: int = 12
    models: tuple[str, ...] = MODELS

    def __post_init__(self) -> None:
        if self.windows < 1:
            raise InvalidInput("At least one window is needed.")
        unknown = [name for name in self.models if name not in MODELS]
        if unknown:
            raise InvalidInput(
                f"No model is called {unknown[0]!r}.", hint=f"There are {', '.join(MODELS)}."
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """One model's forecasts of all windows: ``path`` (W, H) and its bands per window."""

    path: FloatArray
    bands: tuple[Bands, ...]
    fallbacks: int
    cpu_seconds: float


def backtest_series(
    series: Series, options: Options, plan: BacktestPlan, clock: Callable[[], float] | None = None
) -> tuple[Score, ...]:
    """The scores of every model of the plan on one series.

    Fewer windows are taken where the history is short; raises :class:`InvalidInput` where
    not even one leaves four periods to learn from. ``clock`` counts CPU seconds.
    """
    clock = clock or time.process_time
    forecaster = SeriesForecaster(series, _with_band_levels(options))
    require_long_enough(series, options)
    origins = window_origins(len(series), options.horizon, plan.windows, forecaster.window)
    actual = np.stack([series.values[at : at + options.horizon] for at in origins])
    scales = np.array(
        [metrics.lag_scale(forecaster.training(at).y, forecaster.calendar.period) for at in origins]
    )
    naive = np.stack([forecaster.rival(RIVALS[NAIVE], at)[: options.horizon] for at in origins])
    naive_mase = _mean_mase(naive, actual, scales)
    scores = []
    for name in plan.models:
        started = clock()
        if name == ENSEMBLE:
            path, made, fallbacks = _ensemble(forecaster, origins)
        else:
            path, made = _rival(forecaster, RIVALS[name], origins)
            fallbacks = 0
        judged = _Judged(path, made, fallbacks, clock() - started)
        scores.append(_score(series.name, name, judged, actual, scales, naive_mase))
    return tuple(scores)


def require_long_enough(series: Series, options: Options) -> None:
    """Raise :class:`InvalidInput` where not even one window leaves four periods to learn from."""
    least = options.horizon + window_of(series)
    if len(series) < least:
        raise InvalidInput(
            f"Series {series.name!r} has {len(series)} values, too few for a backtest.",
            hint=f"At least {least} are needed.",
        )


def window_origins(size: int, horizon: int, windows: int, least: int) -> tuple[int, ...]:
    """Where the last non-overlapping windows begin, each after at least ``least`` values."""
    origins = [size - horizon * back for back in range(windows, 0, -1)]
    return tuple(origin for origin in origins if origin >= least)


def _with_band_levels(options: Options) -> Options:
    return replace(options, levels=BAND_LEVELS)


def _ensemble(
    forecaster: SeriesForecaster, origins: tuple[int, ...]
) -> tuple[FloatArray, tuple[Bands, ...], int]:
    made = [forecaster.forecast(origin) for origin in origins]
    path = np.stack([forecast.path for forecast in made])
    fallbacks = sum(1 for forecast in made if forecast.fallback)
    return path, tuple(forecast.bands for forecast in made), fallbacks


def _rival(
    forecaster: SeriesForecaster, rival: Forecaster, origins: tuple[int, ...]
) -> tuple[FloatArray, tuple[Bands, ...]]:
    """A rival's forecasts, with bands from its own earlier windows."""
    horizon = forecaster.options.horizon
    step = max(forecaster.window, 1)
    earlier = [origins[0] - step * back for back in range(_RIVAL_WINDOWS, 0, -1)]
    known = [origin for origin in earlier if origin >= forecaster.window]
    paths = []
    made = []
    for origin in origins:
        path = forecaster.rival(rival, origin)[:horizon]
        before = [at for at in (*known, *origins) if at + 1 <= origin][-8:]
        errors = [
            forecaster.actual(at, horizon, origin) - forecaster.rival(rival, at)[:horizon]
            for at in before
        ]
        made.append(
            bands(
                path,
                np.concatenate(errors) if errors else np.empty(0),
                BAND_LEVELS,
                clip=forecaster.clip,
                half_floor=half_width_floor(forecaster.training(origin).y),
            )
        )
        paths.append(path)
    return np.stack(paths), tuple(made)


def _score(
    unique_id: str,
    model: str,
    judged: _Judged,
    actual: FloatArray,
    scales: FloatArray,
    naive_mase: float,
) -> Score:
    mase = _mean_mase(judged.path, actual, scales)
    at = {level: index for index, level in enumerate(BAND_LEVELS)}
    lower = np.stack([each.lower[at[0.8]] for each in judged.bands])
    upper = np.stack([each.upper[at[0.8]] for each in judged.bands])
    quantiles = {
        level: np.stack([each.quantile[at[level]] for each in judged.bands])
        for level in BAND_LEVELS
    }
    quantiles[0.5] = judged.path
    losses = [
        metrics.pinball(quantiles[level] / scales[:, None], actual / scales[:, None], level)
        for level in PINBALL_LEVELS
    ]
    nothing = np.full_like(actual, -np.inf)
    return Score(
        unique_id=unique_id,
        model=model,
        windows=len(judged.bands),
        mase=mase,
        wape=metrics.wape(judged.path, actual),
        mape=metrics.mape(judged.path, actual),
        bias=metrics.bias(judged.path, actual),
        pinball=float(np.mean(losses)),
        coverage_80=metrics.coverage(lower, upper, actual),
        below_80=metrics.coverage(nothing, quantiles[0.8], actual),
        below_90=metrics.coverage(nothing, quantiles[0.9], actual),
        below_95=metrics.coverage(nothing, quantiles[0.95], actual),
        skill=1 - mase / naive_mase if naive_mase > 0 else float("nan"),
        fallbacks=judged.fallbacks,
        cpu_seconds=judged.cpu_seconds,
    )


def _mean_mase(path: FloatArray, actual: FloatArray, scales: FloatArray) -> float:
    """The mean over windows of each window's MASE; windows without a value do not count."""
    errors = np.abs(path - actual)
    known = ~np.isnan(errors)
    counts = known.sum(axis=1)
    sums = np.where(known, errors, 0.0).sum(axis=1)
    used = counts > 0
    if not used.any():
        return float("nan")
    return float((sums[used] / counts[used] / scales[used]).mean())
