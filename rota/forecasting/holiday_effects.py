"""How much holidays differ from the days around them, believed only as far as it is proved.

Each holiday is compared with the same weekday one and two weeks before and after. Prophet
would estimate it against its trend; where the level wanders, a holiday seen once or twice
then takes up whatever the trend missed in that week. The differences are shrunk towards
zero by the share of their spread that is more than the noise of ordinary days
(empirical Bayes), so a series that knows no holidays gets none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rota.forecasting.series import FloatArray
from rota.forecasting.training import Training

_WEEKS = (-2, -1, 1, 2)
_MIN_NEIGHBOURS = 2


@dataclass(frozen=True, slots=True, eq=False)
class HolidayEffects:
    """The effect of each of the calendar's holidays, (K,); 0 for those never seen."""

    training: Training
    values: FloatArray

    def on(self, rows: slice) -> FloatArray:
        """The effect on calendar rows."""
        effect: FloatArray = self.training.calendar.holidays.marks[rows] @ self.values
        return effect


def holiday_effects(training: Training) -> HolidayEffects:
    """Estimate and shrink the effects of the holidays seen in a history."""
    marks = training.calendar.holidays.marks[training.rows]
    count = marks.shape[1]
    if count == 0 or not marks.any():
        return HolidayEffects(training, np.zeros(count))
    special = marks.any(axis=1)
    difference = training.y - _around(np.where(special, np.nan, training.y), training)
    ordinary = difference[~special & ~np.isnan(difference)]
    if ordinary.size < 14:
        return HolidayEffects(training, np.zeros(count))
    ordered = np.sort(ordinary)
    cut = round(0.02 * (ordered.size - 1))
    noise = float(np.clip(ordered, ordered[cut], ordered[-1 - cut]).var())
    known = np.isnan(difference)[:, None] < marks  # holiday rows with a known difference
    seen = known.sum(axis=0)
    sums = np.where(known, np.nan_to_num(difference)[:, None], 0.0).sum(axis=0)
    found = seen > 0
    means = np.zeros(count)
    means[found] = sums[found] / seen[found]
    if not found.any():
        return HolidayEffects(training, means)
    spread = max(float((means[found] ** 2 - noise / seen[found]).mean()), 0.0)
    share = np.zeros(count)
    if spread > 0:
        share[found] = spread / (spread + noise / seen[found])
    return HolidayEffects(training, share * means)


def _around(y: FloatArray, training: Training) -> FloatArray:
    """The mean of the same weekday in the two weeks before and after, (T,); NaN if unknown."""
    period = training.calendar.period
    reach = max(abs(week) for week in _WEEKS) * period
    padded = np.full(y.size + 2 * reach, np.nan)
    padded[reach : reach + y.size] = y
    near = np.stack(
        [padded[reach + week * period : reach + week * period + y.size] for week in _WEEKS]
    )
    known = ~np.isnan(near)
    counts = known.sum(axis=0)
    sums = np.where(known, near, 0.0).sum(axis=0)
    return np.where(counts >= _MIN_NEIGHBOURS, sums / np.maximum(counts, 1), np.nan)
