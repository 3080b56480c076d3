"""Single values that cannot be true, and days on which the level of a series jumped.

Both are found before fitting and both leave a record, so that a screen can say what was
left out and since when the level is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from rota.forecasting.series import FloatArray
from rota.forecasting.simple import phase_means
from rota.forecasting.training import Calendar, Training

#: robust standard deviations beyond which a value is not believed
OUTLIER_DEVIATIONS = 8.0
#: more outliers than this share are the nature of the series, not mistakes
_MAX_OUTLIER_SHARE = 0.02
_MIN_VALUES = 21
#: a jump must be this many robust standard deviations of a single day …
_SHIFT_DEVIATIONS = 2.0
#: … and of how much the level of this series wanders from month to month anyway
_SHIFT_WANDER = 4.5
_SHIFT_SPAN = 28
_SHIFT_MIN_AFTER = 14


@dataclass(frozen=True, slots=True)
class Outlier:
    """A value that was left out of the fit, and what was expected in its place."""

    day: date
    value: float
    expected: float


@dataclass(frozen=True, slots=True)
class LevelShift:
    """The first day of a new level, and by how much it differs from the old one."""

    day: date
    change: float


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """``y`` (T,) with outliers as NaN and earlier levels moved to the present one.

    ``cleaned`` (T,) is without outliers only: for who can explain a jump.
    """

    y: FloatArray
    cleaned: FloatArray
    outliers: tuple[Outlier, ...]
    shifts: tuple[LevelShift, ...]


def screen(training: Training) -> Screened:
    """Leave out what cannot be true and align what came before a lasting jump."""
    cleaned, outliers = _without_outliers(training)
    y, shifts = _aligned(training, cleaned)
    return Screened(y, cleaned, outliers, shifts)


def _without_outliers(training: Training) -> tuple[FloatArray, tuple[Outlier, ...]]:
    y = training.y
    known = ~np.isnan(y)
    if known.sum() < _MIN_VALUES:
        return y, ()
    expected = _local_expectation(training.calendar, training.first, y)
    residual = y - expected
    spread = _spread(residual[known])
    # a count varies at least like a Poisson variable, whatever a quiet stretch suggests
    scale = np.sqrt(spread**2 + 0.25 * np.abs(expected) + 0.02 * np.abs(expected) ** 2 * 0.25)
    suspects = np.flatnonzero(known & (np.abs(residual) > OUTLIER_DEVIATIONS * scale))
    holidays = training.calendar.holidays.marks[training.rows].sum(axis=1) > 0
    suspects = suspects[~holidays[suspects]]
    suspects = _isolated(suspects)
    if suspects.size == 0 or suspects.size > max(_MAX_OUTLIER_SHARE * known.sum(), 2):
        return y, ()
    cleaned = y.copy()
    cleaned[suspects] = np.nan
    days = training.calendar.days[training.rows]
    found = tuple(
        Outlier(_date(days[index]), float(y[index]), round(float(expected[index]), 2))
        for index in suspects.tolist()
    )
    return cleaned, found


def _local_expectation(calendar: Calendar, first: int, y: FloatArray) -> FloatArray:
    """The median of the same weekday in the four periods before and after, (T,)."""
    period = calendar.period
    reach = [offset * period for offset in range(-4, 5) if offset]
    padded = np.full(y.size + 8 * period, np.nan)
    padded[4 * period : 4 * period + y.size] = y
    neighbours = np.stack(
        [padded[4 * period + offset : 4 * period + offset + y.size] for offset in reach]
    )
    counts = (~np.isnan(neighbours)).sum(axis=0)
    overall = _median(y[~np.isnan(y)])
    # NaN sorts last, so the middle of what is known is found by its place
    neighbours.sort(axis=0)
    column = np.arange(y.size)
    low = neighbours[np.maximum(counts - 1, 0) // 2, column]
    high = neighbours[np.minimum(counts // 2, len(reach) - 1), column]
    return np.where(counts >= 2, (low + high) / 2, overall)


def _spread(values: FloatArray) -> float:
    """A robust standard deviation."""
    return 1.4826 * _median(np.abs(values - _median(values)))


def _median(values: FloatArray) -> float:
    """The same as ``np.median`` of known values, which takes five times as long to begin."""
    ordered = np.sort(values)
    return float(ordered[(ordered.size - 1) // 2] + ordered[ordered.size // 2]) / 2


def _isolated(suspects: np.ndarray) -> np.ndarray:
    """Without runs of more than three days: those are events, not slips."""
    if suspects.size == 0:
        return suspects
    runs = np.split(suspects, np.flatnonzero(np.diff(suspects) > 1) + 1)
    short = [run for run in runs if run.size <= 3]
    return np.concatenate(short) if short else np.empty(0, dtype=suspects.dtype)


def _aligned(training: Training, y: FloatArray) -> tuple[FloatArray, tuple[LevelShift, ...]]:
    """Move what came before the last lasting jump to the present level."""
    if training.calendar.step_days != 1 or y.size < 3 * _SHIFT_SPAN:
        return y, ()
    phase = training.calendar.phase[training.rows]
    level = y - phase_means(y, phase, training.calendar.period)[phase]
    found = _last_jump(level)
    if found is None:
        return y, ()
    index, change = found
    moved = y.copy()
    moved[:index] += change
    if np.nanmin(y) >= 0:
        moved = np.where(moved < 0, 0.0, moved)
    day = _date(training.calendar.days[training.first + index])
    return moved, (LevelShift(day, round(change, 2)),)


def _last_jump(level: FloatArray) -> tuple[int, float] | None:
    """The latest sudden and lasting change of the deseasonalised values (T,)."""
    noise = _spread(np.diff(level[~np.isnan(level)])) / np.sqrt(2)
    if noise <= 0:
        return None
    candidates = range(_SHIFT_SPAN, level.size - _SHIFT_MIN_AFTER + 1)
    known = ~np.isnan(level)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, level, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])

    def mean(start: np.ndarray, stop: np.ndarray) -> FloatArray:
        total: FloatArray = (sums[stop] - sums[start]) / np.maximum(counts[stop] - counts[start], 1)
        return total

    at = np.arange(candidates.start, candidates.stop)
    size = level.size
    far = mean(at, np.minimum(at + _SHIFT_SPAN, size)) - mean(at - _SHIFT_SPAN, at)
    near = mean(at, at + 7) - mean(at - 7, at)
    lasting = mean(at, np.full_like(at, size)) - mean(at - _SHIFT_SPAN, at)
    sudden = np.abs(near) >= 0.75 * np.abs(far)
    large = np.abs(far) >= max(_SHIFT_DEVIATIONS * noise, _SHIFT_WANDER * _spread(far))
    lasts = (lasting * np.sign(far)) >= 0.7 * np.abs(far)
    strength = np.where(sudden & large & lasts, np.abs(far) + np.abs(near), 0.0)
    if not strength.any():
        return None
    latest = int(np.flatnonzero(strength)[-1])
    # the best day near the latest candidate
    low = max(latest - _SHIFT_SPAN, 0)
    best = low + int(np.argmax(strength[low : latest + 1]))
    return int(at[best]), float(far[best])


def _date(day: np.datetime64) -> date:
    return date.fromisoformat(str(day.astype("datetime64[D]")))
