"""The bands of a sum over units, whose errors are fewer and longer-lived than those of a unit.

In a sum the chance of single days cancels out and what the units have in common is left: a
wet autumn, a wave of sickness. That makes two things different from one unit's bands:

* The days of one window err alike, so a year of them is hardly more than a dozen errors. They
  are counted by windows, as far as they were seen to err alike
  (:data:`~rota.forecasting.calibration.BY_WINDOWS`).
* An error goes on: where the sum ran above the forecast during the last four weeks it mostly
  does in the next ones. The band is moved by the share of the last error that went on in the
  sum's own past. The expected values stay those of the units, so the band of a sum need not
  lie evenly around them; it always holds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rota.forecasting.calibration import BY_WINDOWS, Bands, PastErrors, adaptive_bands
from rota.forecasting.series import FloatArray

#: so many windows' worth of "errors do not go on" is believed beforehand
_PRIOR_WINDOWS = 1.0
#: fewer earlier windows than this say nothing about what goes on
_LEAST_WINDOWS = 3


def sum_bands(errors: PastErrors, levels: Sequence[float], half_floor: float, steps: int) -> Bands:
    """How far a sum may lie from what is expected, (L, ``steps``), from its past errors."""
    backs = np.asarray(errors.steps_back)
    recent = np.array([recent_error(errors, int(back)) for back in backs])
    moved = np.array(
        [_share_carried(errors, recent, int(back)) * recent[row] for row, back in enumerate(backs)]
    )
    rest = replace(errors, values=errors.values - moved[:, None])
    now = _share_carried(errors, recent, 0) * recent_error(errors, 0)
    nothing = np.zeros(steps)
    made = adaptive_bands(nothing, rest, levels, clip=False, half_floor=half_floor, how=BY_WINDOWS)
    return replace(
        made,
        lower=np.minimum(made.lower + now, 0.0),
        upper=np.maximum(made.upper + now, 0.0),
        quantile=made.quantile + now,
    )


def recent_error(errors: PastErrors, back: int) -> float:
    """The mean error of the window of days that ended ``back`` steps ago, 0 where unknown.

    Each forecast that spoke of some of these days beforehand has one voice.
    """
    means = []
    for values, began in zip(errors.values, errors.steps_back, strict=True):
        age = began - back
        seen = values[max(age - errors.window, 0) : max(age, 0)]
        if (~np.isnan(seen)).any():
            means.append(float(np.nanmean(seen)))
    return float(np.mean(means)) if means else 0.0


def _share_carried(errors: PastErrors, recent: FloatArray, back: int) -> float:
    """The share of the recent error that went on, 0 … 1, as known ``back`` steps ago.

    The slope of later errors on recent ones, through zero and shrunk towards nothing.
    """
    both = same = weight = 0.0
    count = 0
    for row, began in enumerate(errors.steps_back):
        later = errors.values[row, : min(errors.window, began - back)] if began > back else ()
        later = np.asarray(later)[~np.isnan(later)]
        if later.size < errors.period or recent[row] == 0.0:
            continue
        share = later.size / errors.window
        both += share * float(recent[row]) * float(later.mean())
        same += share * float(recent[row]) ** 2
        weight += share
        count += 1
    if count < _LEAST_WINDOWS or same == 0.0:
        return 0.0
    # windows begin every period: so many of them overlap and count as one
    overlapping = errors.window / errors.period
    slope = both / (same + _PRIOR_WINDOWS * overlapping * same / weight)
    return float(np.clip(slope, 0.0, 1.0))
