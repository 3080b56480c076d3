"""From a path and what past windows taught to a whole forecast: bands, parts and findings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rota.forecasting.calibration import PastErrors, adaptive_bands, bands, half_width_floor
from rota.forecasting.forecaster import Component
from rota.forecasting.judging import in_sample_errors
from rota.forecasting.members import Prepared
from rota.forecasting.series import FloatArray
from rota.forecasting.simple import phase_means
from rota.forecasting.training import Calendar, Training
from rota.forecasting.values import Calibration, Forecast, Options

#: fewer known errors than this cannot carry a band
_MIN_ERRORS = 14


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What is the same at every origin of a series; ``clip`` for what cannot be negative."""

    name: str
    calendar: Calendar
    options: Options
    window: int
    clip: bool


def shaped(
    frame: Frame,
    now: int,
    raw: Training,
    prepared: Prepared,
    path: FloatArray,
    calibration: Calibration,
) -> Forecast:
    """What was said at ``now`` (H,) with its bands, its parts and what was found in the data."""
    if frame.clip:
        path = np.maximum(path, 0.0)
    floor = half_width_floor(raw.y)
    levels = frame.options.levels
    if np.isfinite(calibration.errors).sum() < _MIN_ERRORS:
        made = bands(path, in_sample_errors(raw), levels, clip=frame.clip, half_floor=floor)
    else:
        errors = PastErrors(
            calibration.errors, calibration.steps_back, frame.window, frame.calendar.period
        )
        made = adaptive_bands(path, errors, levels, clip=frame.clip, half_floor=floor)
    fallen = bool(calibration.fallback)
    return Forecast(
        name=frame.name,
        model="ensemble",
        days=frame.calendar.days[now : now + frame.options.horizon],
        path=path,
        bands=made,
        weights=calibration.weights.spoken(),
        errors=calibration.errors,
        steps_back=calibration.steps_back,
        window=frame.window,
        fallback=calibration.fallback,
        own_errors=calibration.own,
        components=_components(frame.calendar, now, path, prepared, fallen),
        outliers=prepared.screened.outliers,
        shifts=prepared.screened.shifts,
        pattern_days=0 if fallen else prepared.pattern.period,
    )


def _components(
    calendar: Calendar, now: int, path: FloatArray, prepared: Prepared, fallen: bool
) -> tuple[Component, ...]:
    """Level, week, holidays and pattern, adding up to the path."""
    horizon = path.size
    zero = np.zeros(horizon)
    holiday = zero if fallen else prepared.holiday[:horizon]
    pattern = zero if fallen else prepared.pattern_effect[:horizon]
    rest = path - holiday - pattern
    phase = calendar.phase[now : now + horizon]
    period = calendar.period
    whole = horizon - horizon % period
    week = zero
    if whole:
        means = phase_means(rest[:whole], phase[:whole], period)
        week = (means - means.mean())[phase]
    return (
        Component("level", rest - week),
        Component("week", week),
        Component("holidays", holiday),
        Component("pattern", pattern),
    )
