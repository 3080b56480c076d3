"""Exponential smoothing from statsforecast.

Importing statsforecast as a package takes seconds of CPU (it brings in pandas,
statsmodels and numba), far more than fitting hundreds of series. The additive form that
the ensemble uses therefore calls statsforecast's compiled core directly; the search over
all forms, which only backtests need as a rival, goes through the package. A test holds
both to nearly the same forecasts.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from rota.forecasting.series import FloatArray
from rota.forecasting.training import Training, filled

_CORE = "statsforecast._lib"
#: statsforecast's least smoothing parameter, and the grids that are searched
_LOWER = 0.0001
_ALPHAS = (_LOWER, 0.01, 0.02, 0.035, 0.055, 0.08, 0.12, 0.18, 0.26, 0.36, 0.5, 0.7, 0.9999)
_GAMMAS = (_LOWER, 0.01, 0.03, 0.08, 0.2)


def additive_ets(training: Training, horizon: int) -> FloatArray:
    """ETS(A,N,A), or ETS(A,N,N) without a period: a level and weekday effects, both moving.

    Takes at least three periods; the forecast (H,) is the last level with its season.
    """
    y = np.ascontiguousarray(filled(training))
    if np.ptp(y) < 1e-12:
        return np.full(horizon, float(y[-1]))
    core = compiled_core()
    if core is None:
        return auto_ets(training, horizon, "ANA")
    return _additive(core, y, training.calendar.period, horizon)


def auto_ets(training: Training, horizon: int, form: str = "ZZZ") -> FloatArray:
    """AutoETS with a season of one period.

    ``form`` is statsforecast's: ``ZZZ`` tries every form and keeps the best by AICc,
    ``ANA`` is additive errors and season around a level without trend.
    """
    y = filled(training)
    if np.ptp(y) < 1e-12:
        return np.full(horizon, float(y[-1]))
    model = _model(training.calendar.period, form)
    return np.asarray(model.forecast(y=y, h=horizon)["mean"], dtype=np.float64)


@lru_cache(maxsize=1)
def compiled_core() -> Any | None:
    """statsforecast's compiled ETS module without the package around it, or nothing."""
    if _CORE in sys.modules:
        return sys.modules[_CORE].ets
    package = importlib.util.find_spec("statsforecast")
    if package is None or not package.submodule_search_locations:
        return None
    folder = Path(next(iter(package.submodule_search_locations)))
    for file in sorted(folder.glob("_lib*.so")) + sorted(folder.glob("_lib*.pyd")):
        spec = importlib.util.spec_from_file_location(_CORE, file)
        if spec is None or spec.loader is None:
            continue
        try:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        except ImportError:
            return None
        # a later import of the package must find this very module: its types exist once
        sys.modules[_CORE] = module
        return module.ets
    return None


def _additive(core: Any, y: FloatArray, period: int, horizon: int) -> FloatArray:
    """Choose the smoothing parameters by likelihood on a grid, refined once, and look ahead.

    The states start from a classical decomposition instead of being optimised with the
    parameters: after two years hardly anything of them is left, and the fit takes a
    twentieth of the time.
    """
    start = _start(y, period)
    if period > 1:
        start = np.append(start, -start[1:].sum())

    known: dict[tuple[float, float], float] = {}

    def unlikely(alpha: float, gamma: float) -> float:
        if (alpha, gamma) not in known:
            known[alpha, gamma] = _run(core, y, period, start, alpha, gamma)[0]
        return known[alpha, gamma]

    gamma = _LOWER if period > 1 else 0.0
    alpha = _best(_ALPHAS, _ALPHAS[5], lambda value: unlikely(value, gamma))
    for _ in range(2):
        if period > 1:
            able = tuple(value for value in _GAMMAS if value <= 1 - alpha) or (_LOWER,)
            gamma = _best(able, gamma, partial(unlikely, alpha))
        place = min(range(len(_ALPHAS)), key=lambda index: abs(_ALPHAS[index] - alpha))
        low, high = _ALPHAS[max(place - 1, 0)], _ALPHAS[min(place + 1, len(_ALPHAS) - 1)]
        finer = sorted({*np.linspace(low, high, 9).tolist(), alpha})
        near = tuple(value for value in finer if value <= 1 - gamma)
        alpha = _best(near, alpha, lambda value, gamma=gamma: unlikely(value, gamma))  # type: ignore[misc]
    last = _run(core, y, period, start, alpha, gamma)[1]
    if period == 1:
        return np.full(horizon, last[0])
    path: FloatArray = last[0] + np.resize(last[:0:-1], horizon)
    return path


def _best(grid: Sequence[float], begin: float, cost: Callable[[float], float]) -> float:
    """The grid's value of least cost, walking downhill from ``begin``.

    The likelihood has one hollow along either parameter in all but odd cases, so most of the
    grid need not be asked.
    """
    at = min(range(len(grid)), key=lambda index: abs(grid[index] - begin))
    here = cost(grid[at])
    for step in (1, -1):
        moved = False
        while 0 <= at + step < len(grid) and (there := cost(grid[at + step])) < here:
            at, here, moved = at + step, there, True
        if moved:
            break
    return grid[at]


def _run(
    core: Any, y: FloatArray, period: int, start: FloatArray, alpha: float, gamma: float
) -> tuple[float, FloatArray]:
    """Filter the values: (-2 log likelihood up to a constant, the states at the end)."""
    none, additive = core.Component.Nothing, core.Component.Additive
    states = np.empty(start.size * (y.size + 1))
    states[: start.size] = start
    season = additive if period > 1 else none
    unlikely = core.calc(
        states, np.empty_like(y), np.empty(1), 1, y, additive, none, season,
        alpha, 0.0, gamma, 1.0, period,
    )  # fmt: skip
    return float(unlikely), states[-start.size :]


def _start(y: FloatArray, period: int) -> FloatArray:
    """The first guess of level and season, by classical decomposition."""
    if period == 1:
        return np.array([y[:10].mean()])
    half = period // 2
    total = np.concatenate([[0.0], np.cumsum(y)])
    trend = (total[period:] - total[:-period]) / period
    detrended = y[half : half + trend.size] - trend
    phase = (np.arange(trend.size) + half) % period
    season = np.bincount(phase, weights=detrended, minlength=period) / np.bincount(
        phase, minlength=period
    )
    season -= season.mean()
    adjusted = y - np.resize(season, y.size)
    return np.concatenate([[adjusted[: max(10, 2 * period)].mean()], season[1:][::-1]])


@lru_cache(maxsize=16)
def _model(period: int, form: str) -> Any:
    from statsforecast.models import AutoETS

    if period == 1 and form == "ANA":
        form = "ANN"
    return AutoETS(season_length=period, model=form)
