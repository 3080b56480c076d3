"""What a training knows about itself beside the forecast: kept small, for the screens.

How far each forecaster was off in each week ahead, how often each staffing level was
enough, and what the forecast is made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.forecaster import SEASONAL_NAIVE
from rota.forecasting.members import PROPHET_MEMBER
from rota.forecasting.series import FloatArray
from rota.forecasting.values import Forecast

#: weeks ahead whose errors are told apart
WEEKS = 4
#: effects smaller than this share of the level are not worth a line on a screen
_WORTH_SAYING = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What was said at past origins and what happened: each (W, L), NaN where unknown."""

    actual: FloatArray
    paths: dict[str, FloatArray]


def past_of(forecaster: SeriesForecaster, forecast: Forecast) -> Past:
    """The past windows of one series, by ensemble, Prophet and last week."""
    now = len(forecaster.series)
    origins = [now - back for back in forecast.steps_back]
    length = forecast.errors.shape[1]
    actual = np.full(forecast.errors.shape, np.nan)
    naive, prophet = actual.copy(), actual.copy()
    for row, origin in enumerate(origins):
        actual[row] = forecaster.actual(origin, length, now)
        naive[row] = forecaster.rival(SEASONAL_NAIVE, origin)[:length]
        if origin >= PROPHET_MEMBER.min_size:
            prophet[row] = forecaster.issue(origin, (PROPHET_MEMBER,)).paths[0][:length]
    paths = {"ensemble": actual - forecast.errors, "prophet": prophet, "seasonal_naive": naive}
    return Past(actual, paths)


def sum_of(parts: list[Past]) -> Past:
    """Day and night together, on the same windows."""
    actual: FloatArray = np.sum([part.actual for part in parts], axis=0)
    paths = {
        name: np.asarray(np.sum([part.paths[name] for part in parts], axis=0))
        for name in parts[0].paths
    }
    return Past(actual, paths)


def error_by_week(past: Past) -> dict[str, list[float | None]]:
    """WAPE by week ahead of each forecaster; null where nothing is known."""
    return {
        name: [_wape(path, past.actual, 7 * week, 7 * week + 7) for week in range(WEEKS)]
        for name, path in past.paths.items()
    }


def _wape(path: FloatArray, actual: FloatArray, start: int, stop: int) -> float | None:
    part, truth = path[:, start:stop], actual[:, start:stop]
    known = ~np.isnan(part) & ~np.isnan(truth)
    total = float(np.abs(truth[known]).sum())
    return round(float(np.abs(part - truth)[known].sum()) / total, 5) if total else None


def held_by_level(forecast: Forecast) -> dict[str, float]:
    """For each staffing level in percent, the share of past days on which it was enough.

    Each window is judged by the errors of those that do not overlap it.
    """
    backs = np.asarray(forecast.steps_back)
    levels = np.asarray(forecast.bands.levels)
    enough, total = np.zeros(levels.size), 0
    for row, back in enumerate(backs.tolist()):
        others = forecast.errors[np.abs(backs - back) >= forecast.window]
        others, own = others[~np.isnan(others)], forecast.errors[row]
        own = own[~np.isnan(own)]
        if others.size < forecast.window or not own.size:
            continue
        enough += (own[None, :] <= np.quantile(others, levels)[:, None] + 1e-9).sum(axis=1)
        total += own.size
    if not total:
        return {}
    shares = (enough / total).tolist()
    return {
        f"{100 * level:g}": round(share, 4)
        for level, share in zip(levels.tolist(), shares, strict=True)
    }


def parts_of(forecast: Forecast) -> dict[str, Any]:
    """The forecast's components in a few numbers, in hours.

    ``level`` (first, last day), ``week`` effect by weekday, Monday first, ``holidays`` and
    the range of the ``pattern``; those too small to matter are left out.
    """
    values = {part.name: part.values for part in forecast.components}
    least = _WORTH_SAYING * max(float(np.mean(forecast.path)), 1e-9)
    days = [day.item() for day in forecast.days]
    level = values["level"]
    week: list[float | None] = [None] * 7
    for day, effect in zip(days[:7], values["week"][:7].tolist(), strict=False):
        week[day.weekday()] = round(effect, 2)
    holidays = [
        [day.isoformat(), round(effect, 2)]
        for day, effect in zip(days, values["holidays"].tolist(), strict=True)
        if abs(effect) >= least
    ]
    pattern = values["pattern"]
    return {
        "level": [round(float(level[0]), 2), round(float(level[-1]), 2)],
        "week": week if max(abs(each or 0.0) for each in week) >= least else [],
        "holidays": holidays,
        "pattern": [round(float(pattern.min()), 2), round(float(pattern.max()), 2)]
        if np.abs(pattern).max() >= least
        else [],
    }
