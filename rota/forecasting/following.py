"""How many hours follow one resident, believed only as far as the unit's own past proves it.

What is booked lies in no past window, so members cannot be judged by it. The hours of each
resident are learnt from how hours moved when residents came and left, with slow drift taken
out of both: two things that wander by themselves otherwise seem to follow one another. The
estimate is shrunk by its own uncertainty, to nothing below two standard errors.
"""

from __future__ import annotations

import numpy as np

from rota.forecasting.pattern import without_drift
from rota.forecasting.series import FloatArray
from rota.forecasting.simple import phase_means
from rota.forecasting.training import Training

#: fewer known days than this prove nothing
_MIN_KNOWN = 112
#: standard errors below which an estimate is nothing
_PROVED = 2.0


def hours_per_resident(training: Training) -> float:
    """The hours that follow one resident more, shrunk; 0 where nothing is proved.

    ``training`` carries the residents; its holidays and pattern should be taken out.
    """
    if training.occupancy is None or training.calendar.step_days != 1:
        return 0.0
    people = training.occupancy[: training.size]
    phase = training.calendar.phase[training.rows]
    period = training.calendar.period
    hours = without_drift(training.y - phase_means(training.y, phase, period)[phase])
    moves = without_drift(people)
    known = ~np.isnan(hours)
    hours, moves = hours[known], moves[known]
    weight = float(moves @ moves)
    if hours.size < _MIN_KNOWN or weight < 1.0:
        return 0.0
    each = float(hours @ moves) / weight
    rest = hours - each * moves
    # neighbouring days tell the same story, so there are fewer of them than it seems
    alike = max(_next_day(rest) * _next_day(moves), 0.0)
    spread = float(rest @ rest) / rest.size / weight * (1 + alike) / (1 - min(alike, 0.98))
    if each == 0.0:
        return 0.0
    return max(1 - _PROVED**2 * spread / each**2, 0.0) * each


def _next_day(values: FloatArray) -> float:
    """The correlation of a value with the next."""
    total = float(values @ values)
    return float(values[:-1] @ values[1:]) / total if total > 0 else 0.0
