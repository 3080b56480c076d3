"""How a forecaster did on its own past windows, and when it has to give way."""

from __future__ import annotations

import numpy as np

from rota.forecasting import metrics
from rota.forecasting.ensemble import PastVoices
from rota.forecasting.series import FloatArray
from rota.forecasting.training import Training
from rota.forecasting.values import OwnErrors

#: the ensemble gives way when its 80 % band covered less than this share of past days, …
MIN_COVERAGE = 0.65
#: … when it was further off on average than this many lag errors, …
MAX_BIAS = 0.3
#: … or when its error was this many times that of the 26-week weekday mean
MAX_RATIO = 1.05
#: in any case the mean must have been better in this share of the windows: less is chance
MIN_WORSE_SHARE = 0.75
_MIN_WINDOWS = 4


def judge(
    path: FloatArray,
    naive: FloatArray,
    actual: FloatArray,
    scale: float,
    steps_back: tuple[int, ...] | None = None,
    window: int = 1,
) -> OwnErrors:
    """The errors of past paths (W, H) beside those of the seasonal naive forecast."""
    known = ~np.isnan(actual)
    if not known.any():
        return OwnErrors(0, *([float("nan")] * 6))
    return OwnErrors(
        windows=actual.shape[0],
        mase=metrics.window_mase(path, actual, scale),
        naive_mase=metrics.window_mase(naive, actual, scale),
        wape=metrics.wape(path, actual),
        naive_wape=metrics.wape(naive, actual),
        bias=float((path[known] - actual[known]).mean()) / scale,
        coverage=coverage_by_others(actual - path, steps_back, window),
    )


def judge_sum(
    values: FloatArray, errors: FloatArray, steps_back: tuple[int, ...], window: int
) -> OwnErrors:
    """The errors (W, L) of a sum beside those of its last week, on the windows of its parts.

    ``values`` (T,) is what the parts came to on each day.
    """
    period = 7
    length = errors.shape[1]
    actual = np.full((len(steps_back), length), np.nan)
    naive = actual.copy()
    for row, back in enumerate(steps_back):
        origin = values.size - back
        if origin >= period:
            stop = min(origin + length, values.size)
            actual[row, : stop - origin] = values[origin:stop]
            naive[row] = np.resize(values[origin - period : origin], length)
    known = ~(np.isnan(actual) | np.isnan(naive) | np.isnan(errors))
    path = np.where(known, np.nan_to_num(actual) - np.nan_to_num(errors), 0.0)
    actual = np.where(known, actual, np.nan)
    scale = metrics.lag_scale(values, period)
    return judge(path, np.nan_to_num(naive), actual, scale, steps_back, window)


def reason_to_give_way(
    own: OwnErrors, path: FloatArray, mean: FloatArray, actual: FloatArray, scale: float
) -> str:
    """Why the weekday mean (W, H) should stand in for the ensemble, or nothing."""
    if own.windows < _MIN_WINDOWS or worse_share(path, mean, actual) < MIN_WORSE_SHARE:
        return ""
    mean_mase = metrics.window_mase(mean, actual, scale)
    if own.mase > MAX_RATIO * mean_mase:
        return f"error {own.mase:.2f} against {mean_mase:.2f} of the 26-week weekday mean"
    if own.coverage < MIN_COVERAGE:
        return f"the 80 % band covered only {own.coverage:.0%} of past days"
    if abs(own.bias) > MAX_BIAS:
        return f"bias of {own.bias:+.2f} times the usual week-to-week change"
    return ""


def reason_for_last_week(
    own: OwnErrors, path: FloatArray, naive: FloatArray, actual: FloatArray
) -> str:
    """Why last week again (W, H) should stand in for the ensemble, or nothing."""
    if own.windows < _MIN_WINDOWS or not own.mase > own.naive_mase:
        return ""
    if worse_share(path, naive, actual) < 0.5:
        return ""
    return f"error {own.mase:.2f} against {own.naive_mase:.2f} of the same days last week"


def by_other_windows(
    names: tuple[str, ...],
    paths: FloatArray,
    actual: FloatArray,
    steps_back: tuple[int, ...],
    window: int,
) -> FloatArray:
    """The ensemble's past paths (W, H), each window weighted by the errors of the others.

    With weights chosen by the same days its errors would look smaller than new ones: the
    windows that overlap it are left out too.
    """
    past = PastVoices.of(names, paths, actual)
    backs = np.asarray(steps_back)
    return np.stack(
        [
            past.weights(np.abs(backs - back) >= window).combine(paths[:, row])
            for row, back in enumerate(steps_back)
        ]
    )


def worse_share(path: FloatArray, other: FloatArray, actual: FloatArray) -> float:
    """The share of windows in which ``path`` (W, H) erred more than ``other``."""
    known = ~np.isnan(actual)
    ours = np.where(known, np.abs(path - actual), 0.0).sum(axis=1)
    theirs = np.where(known, np.abs(other - actual), 0.0).sum(axis=1)
    return float((ours > theirs).mean())


def coverage_by_others(
    errors: FloatArray, steps_back: tuple[int, ...] | None = None, window: int = 1
) -> float:
    """Coverage of the 80 % band (W, H), each window by the errors of those apart from it."""
    size = np.abs(errors)
    backs = np.arange(size.shape[0]) if steps_back is None else np.asarray(steps_back)
    inside = total = 0
    for index in range(size.shape[0]):
        others = size[np.abs(backs - backs[index]) >= window]
        others = others[~np.isnan(others)]
        own = size[index][~np.isnan(size[index])]
        if others.size and own.size:
            inside += int((own <= np.quantile(others, 0.8)).sum())
            total += own.size
    return inside / total if total else float("nan")


def in_sample_errors(raw: Training) -> FloatArray:
    """Deviations from the mean, widened, where no window could be tested."""
    known = raw.y[~np.isnan(raw.y)]
    factor = np.sqrt((known.size + 1) / max(known.size - 1, 1))
    widened: FloatArray = (known - known.mean()) * factor
    return widened
