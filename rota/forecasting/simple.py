"""Forecasts that need no fitting: means per weekday, last week again, one mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rota.forecasting.series import FloatArray
from rota.forecasting.training import Training, filled


def seasonal_naive(training: Training, horizon: int) -> FloatArray:
    """The last period again and again: what every forecast has to beat."""
    period = training.calendar.period
    values = filled(training)[-period:]
    if values.size < period:
        values = np.full(period, values.mean())
    return np.resize(values, horizon)


def overall_mean(training: Training, horizon: int) -> FloatArray:
    """The mean of all known values."""
    return np.full(horizon, float(np.nanmean(training.y)))


def weekday_mean(training: Training, horizon: int, weeks: int) -> FloatArray:
    """The mean of the same weekday over the last ``weeks`` weeks.

    A weekday without a known value in that time takes the mean of the others.
    """
    recent = training.last(weeks * training.calendar.period)
    means = phase_means(recent.y, recent.calendar.phase[recent.rows], recent.calendar.period)
    return means[training.calendar.phase[training.ahead(horizon)]]


def weekday_median(training: Training, horizon: int, weeks: int) -> FloatArray:
    """The median of the same weekday over the last ``weeks`` weeks.

    Hours come in whole shifts: where most days are alike, the usual day is a better guess
    than a mean that never happens.
    """
    period = training.calendar.period
    size = -(-min(weeks * period, training.size) // period) * period
    padded = np.full(size, np.nan)
    recent = training.y[-size:]
    padded[size - recent.size :] = recent
    by_day = np.sort(padded.reshape(-1, period), axis=0)  # unknown ones last
    counts = (~np.isnan(by_day)).sum(axis=0)
    column = np.arange(period)
    low = by_day[np.maximum(counts - 1, 0) // 2, column]
    high = by_day[np.minimum(counts // 2, len(by_day) - 1), column]
    if not counts.all():
        overall = float(np.nanmedian(training.y))
        low, high = (np.where(counts > 0, each, overall) for each in (low, high))
    # the column of a day: the last one stands right before the horizon
    ahead = np.arange(horizon) % period
    medians: FloatArray = ((low + high) / 2)[ahead]
    return medians


def recent_median(training: Training, horizon: int, steps: int) -> FloatArray:
    """The median of the last ``steps`` known values, for every day alike."""
    known = training.y[~np.isnan(training.y)]
    return np.full(horizon, float(np.median(known[-steps:])))


def last_value(training: Training, horizon: int) -> FloatArray:
    """The last known value for ever: the best guess for what moves in steps, as residents do."""
    known = training.y[~np.isnan(training.y)]
    return np.full(horizon, float(known[-1]))


def phase_means(y: FloatArray, phase: NDArray[np.intp], period: int) -> FloatArray:
    """The mean of the known values at each position of the period, (period,)."""
    known = ~np.isnan(y)
    counts = np.bincount(phase[known], minlength=period)
    sums = np.bincount(phase[known], weights=y[known], minlength=period)
    overall = float(y[known].mean()) if known.any() else 0.0
    return np.where(counts > 0, sums / np.maximum(counts, 1), overall)
