"""Measures of forecast error, each defined once.

MASE after Hyndman & Koehler (2006) with the in-sample error of the seasonal naive
forecast (lag 7 for daily data) as scale; WAPE and bias as shares of what happened;
pinball loss at fixed quantiles, in units of the same scale.
"""

from __future__ import annotations

import numpy as np

from rota.forecasting.series import FloatArray


def lag_scale(y: FloatArray, period: int) -> float:
    """The mean absolute change over one period within the training values (T,).

    Where it is zero or unknown (a constant or very short history) a hundredth of the
    level stands in, so that errors stay finite.
    """
    if y.size > period:
        change = np.abs(y[period:] - y[:-period])
        if (~np.isnan(change)).any():
            scale = float(np.nanmean(change))
            if scale > 0:
                return scale
    return 0.01 * usual_size(y)


def usual_size(values: FloatArray) -> float:
    """The mean size of known values, for what is a share of it; one where all are zero."""
    known = np.abs(values[~np.isnan(values)])
    size = float(known.mean()) if known.size else 0.0
    return size if size > 0 else 1.0


def window_mase(path: FloatArray, actual: FloatArray, scale: float) -> float:
    """Mean absolute error over known values in units of ``scale``."""
    return float(np.nanmean(np.abs(actual - path))) / scale


def wape(path: FloatArray, actual: FloatArray) -> float:
    """Sum of absolute errors ÷ sum of absolute actuals; NaN where nothing happened."""
    known = ~np.isnan(actual)
    total = float(np.abs(actual[known]).sum())
    return float(np.abs(actual[known] - path[known]).sum()) / total if total else float("nan")


def mape(path: FloatArray, actual: FloatArray) -> float:
    """Mean of |error| ÷ |actual| over days with something: never to be shown alone."""
    known = ~np.isnan(actual) & (actual != 0)
    if not known.any():
        return float("nan")
    return float((np.abs(actual[known] - path[known]) / np.abs(actual[known])).mean())


def bias(path: FloatArray, actual: FloatArray) -> float:
    """Sum of (forecast - actual) ÷ sum of |actual|: positive is too high."""
    known = ~np.isnan(actual)
    total = float(np.abs(actual[known]).sum())
    return float((path[known] - actual[known]).sum()) / total if total else float("nan")


def pinball(quantile: FloatArray, actual: FloatArray, level: float) -> float:
    """Mean pinball loss, doubled so that level 0.5 is the absolute error."""
    error = actual - quantile
    return float(2 * np.nanmean(np.maximum(level * error, (level - 1) * error)))


def coverage(lower: FloatArray, upper: FloatArray, actual: FloatArray) -> float:
    """The share of known values inside the band, bounds included."""
    known = ~np.isnan(actual)
    inside = (actual[known] >= lower[known]) & (actual[known] <= upper[known])
    return float(inside.mean()) if inside.size else float("nan")
