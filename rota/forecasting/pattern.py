"""A rota that turns every two, three or four weeks leaves that rhythm in the hours worked.

A pattern of 14, 21 or 28 days is used only where it would have helped: its phase means,
learnt from the half year before, must predict what Prophet left over in the weeks after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rota.forecasting.series import FloatArray
from rota.forecasting.training import Training

PERIODS = (14, 21, 28)
_WINDOW = 28
_WINDOWS = 6
_MEMORY = 182
_MIN_CYCLES = 4
#: share of the squared error that a pattern has to explain in the weeks after
_MIN_GAIN = 0.02
_MIN_WINS = 5
#: a longer period must explain this much more than a shorter one
_LONGER_GAIN = 1.1


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """The effect of each day of a cycle: ``effects`` (period,), day 0 = 1 January 1970.

    ``gain`` is the share of squared error it explained out of sample; period 0 is no
    pattern.
    """

    period: int
    effects: FloatArray
    gain: float

    def on(self, training: Training, rows: slice) -> FloatArray:
        """The effect on calendar rows."""
        if self.period == 0:
            return np.zeros(rows.stop - rows.start)
        ordinal = training.calendar.days[rows].astype(np.int64)
        return self.effects[ordinal % self.period]


NO_PATTERN = Pattern(0, np.zeros(0), 0.0)


def find_pattern(
    training: Training,
    residual: FloatArray,
    periods: tuple[int, ...] = PERIODS,
    *,
    given: bool = False,
) -> Pattern:
    """The pattern in ``residual`` (T,), what is left after trend, week and holidays.

    NaN where unknown. Gives :data:`NO_PATTERN` where none of ``periods`` predicted the
    last windows better than nothing; with ``given`` they need not prove themselves.
    """
    if training.calendar.step_days != 1:
        return NO_PATTERN
    ordinal = training.calendar.days[training.rows].astype(np.int64)
    centred = without_drift(residual)
    best = NO_PATTERN
    for period in periods:
        gain, wins, windows = _backtest(centred, ordinal, period)
        proven = windows >= 3 and gain >= _MIN_GAIN and wins >= min(_MIN_WINS, windows)
        if not (proven or given):
            continue
        if best.period == 0 or gain > best.gain * _LONGER_GAIN:
            recent = slice(-2 * _MEMORY, None)
            (effects,) = _effects(centred[None, recent], ordinal[None, recent], period)
            best = Pattern(period, effects, gain)
    return best


def _backtest(
    centred: FloatArray, ordinal: NDArray[np.int64], period: int
) -> tuple[float, int, int]:
    """(share of squared error explained, windows improved, windows) on unseen weeks."""
    splits = centred.size - _WINDOW * np.arange(1, _WINDOWS + 1)
    splits = splits[np.minimum(splits, _MEMORY) >= _MIN_CYCLES * period]
    if splits.size == 0:
        return 0.0, 0, 0
    # all windows at once: a row each, days before the history are unknown
    past = splits[:, None] + np.arange(-_MEMORY, 0)
    values = np.where(past >= 0, centred[np.maximum(past, 0)], np.nan)
    effects = _effects(values, ordinal[0] + past, period)
    test = splits[:, None] + np.arange(_WINDOW)
    actual = centred[test]
    known = ~np.isnan(actual)
    expected = np.take_along_axis(effects, ordinal[test] % period, axis=1)
    plain = np.where(known, actual, 0.0) ** 2
    left = np.where(known, actual - expected, 0.0) ** 2
    before, after = float(plain.sum()), float(left.sum())
    wins = int((left.sum(axis=1) < plain.sum(axis=1)).sum())
    return (1 - after / before if before > 0 else 0.0), wins, splits.size


def _effects(centred: FloatArray, ordinal: NDArray[np.int64], period: int) -> FloatArray:
    """Phase means of each row (W, T), (W, period), shrunk by the share that is more than noise."""
    rows = centred.shape[0]
    known = ~np.isnan(centred)
    place = ordinal % period + period * np.arange(rows)[:, None]
    filled = np.where(known, centred, 0.0)
    shape = (rows, period)
    counts = np.bincount(place[known], minlength=rows * period).reshape(shape)
    sums = np.bincount(place.ravel(), weights=filled.ravel(), minlength=rows * period)
    means = sums.reshape(shape) / np.maximum(counts, 1)
    size = counts.sum(axis=1)
    around = (filled**2).sum(axis=1) - (counts * means**2).sum(axis=1)
    noise = np.maximum(around, 0.0) / np.maximum(size - period, 1)
    spread = (means**2).mean(axis=1)
    expected = noise * (1 / np.maximum(counts, 1)).mean(axis=1)
    share = np.where(spread > 0, 1 - expected / np.where(spread > 0, spread, 1.0), 0.0)
    share = np.where(size > period, np.maximum(share, 0.0), 0.0)
    effects: FloatArray = share[:, None] * means
    return effects


def without_drift(residual: FloatArray) -> FloatArray:
    """Without slow drift: minus a moving mean over 84 days, a multiple of every period."""
    known = ~np.isnan(residual)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, residual, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    index = np.arange(residual.size)
    low = np.clip(index - 42, 0, max(residual.size - 84, 0))
    high = np.minimum(low + 84, residual.size)
    mean = (sums[high] - sums[low]) / np.maximum(counts[high] - counts[low], 1)
    centred: FloatArray = residual - mean
    return centred
