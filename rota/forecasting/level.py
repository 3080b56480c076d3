"""Where a series will stand in the coming weeks, learnt from its own past.

The value of a day is a weekday effect plus a level. Smoothing methods choose how fast
the level follows the data by how well they predict *tomorrow*; a rota needs the next
four weeks. Here the level ahead is a regression on exponentially weighted means of
several memories, fitted to what the level of the weeks ahead really was at every past
day, and shrunk towards a fixed mixture because four-week windows overlap and there are
few independent ones.
"""

from __future__ import annotations

import numpy as np

from rota.forecasting.series import FloatArray
from rota.forecasting.simple import phase_means
from rota.forecasting.training import Training, filled

#: memories of the weighted means, in steps after which a value counts half
HALF_LIVES = np.array([1.0, 4.0, 14.0, 56.0])
#: the share each shorter memory has in the level ahead before any data is seen
_PRIOR = np.array([0.1, 0.2, 0.4])
#: weight of the prior against one history's data
_PRIOR_WEIGHT = 0.3
#: steps ahead (from, to) that share one level; later steps keep the last
_BLOCKS = ((0, 7), (7, 14), (14, 28))
_SEASON_WEEKS = 52
_MIN_TRAINING = 84


def level_path(training: Training, horizon: int) -> FloatArray:
    """The forecast (H,): weekday effects of the last year around a learnt level."""
    calendar = training.calendar
    values = filled(training)
    recent = training.last(_SEASON_WEEKS * calendar.period)
    means = phase_means(
        recent.y - _slow(values)[-recent.size :], calendar.phase[recent.rows], calendar.period
    )
    means = means - means.mean()
    level = values - means[calendar.phase[training.rows]]
    ahead = level_ahead(level)
    blocks = np.full(horizon, ahead[-1])
    for (start, stop), value in zip(_BLOCKS, ahead, strict=True):
        blocks[start:stop] = value
    path: FloatArray = blocks + means[calendar.phase[training.ahead(horizon)]]
    return path


def level_ahead(level: FloatArray) -> FloatArray:
    """The expected level of each block of steps ahead, (3,), from deseasonalised values (T,)."""
    smoothed = smooth(level, HALF_LIVES)
    slow = smoothed[:, -1]
    contrasts = smoothed[:, :-1] - slow[:, None]
    expected = np.empty(len(_BLOCKS))
    warm = min(28, level.size // 3)
    total = np.concatenate([[0.0], np.cumsum(level)])
    for index, (start, stop) in enumerate(_BLOCKS):
        usable = np.arange(warm, level.size - stop)
        weights = _PRIOR
        if usable.size >= _MIN_TRAINING:
            target = (total[usable + 1 + stop] - total[usable + 1 + start]) / (stop - start)
            weights = _shrunk(contrasts[usable], target - slow[usable])
        expected[index] = slow[-1] + contrasts[-1] @ weights
    return expected


def smooth(values: FloatArray, half_lives: FloatArray) -> FloatArray:
    """Exponentially weighted means (T, number of half-lives), unbiased from the start."""
    result = np.empty((values.size, half_lives.size))
    for index, half_life in enumerate(half_lives.tolist()):
        # a value of so many half-lives ago weighs less than a rounding error
        kernel = 0.5 ** (np.arange(min(int(40 * half_life), values.size)) / half_life)
        total = np.full(values.size, kernel.sum())
        total[: kernel.size] = np.cumsum(kernel)
        result[:, index] = np.convolve(values, kernel)[: values.size] / total
    return result


def _shrunk(contrasts: FloatArray, target: FloatArray) -> FloatArray:
    """Least squares pulled towards the prior, in units of the data's own information."""
    gram = contrasts.T @ contrasts
    pull = _PRIOR_WEIGHT * np.diag(np.diag(gram) + 1e-12)
    weights: FloatArray = np.linalg.solve(gram + pull, contrasts.T @ target + pull @ _PRIOR)
    return weights


def _slow(values: FloatArray) -> FloatArray:
    """A centred moving mean over four weeks, shorter at the ends, (T,)."""
    half = 14
    total = np.concatenate([[0.0], np.cumsum(values)])
    index = np.arange(values.size)
    low = np.maximum(index - half, 0)
    high = np.minimum(index + half + 1, values.size)
    mean: FloatArray = (total[high] - total[low]) / (high - low)
    return mean
