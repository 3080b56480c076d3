"""The members of the ensemble, and what is taken out of a history before they see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rota.forecasting.forecaster import (
    SEASONAL_NAIVE,
    Forecaster,
    FunctionForecaster,
    ProphetForecaster,
)
from rota.forecasting.holiday_effects import holiday_effects
from rota.forecasting.level import level_path
from rota.forecasting.pattern import NO_PATTERN, PERIODS, Pattern, find_pattern
from rota.forecasting.prophet_mode import DEFAULTS, TUNED, ProphetFit, fit_recipe
from rota.forecasting.screening import Screened, screen
from rota.forecasting.series import FloatArray
from rota.forecasting.simple import (
    last_value,
    overall_mean,
    recent_median,
    weekday_mean,
    weekday_median,
)
from rota.forecasting.smoothing import additive_ets, auto_ets
from rota.forecasting.training import Training

#: a history shorter than this only has a mean
MEAN_ONLY_BELOW = 14

MEAN_26 = FunctionForecaster("weekday_mean_26", partial(weekday_mean, weeks=26), 14)
MEAN_4 = FunctionForecaster("weekday_mean_4", partial(weekday_mean, weeks=4), 14)
MEAN = FunctionForecaster("mean", overall_mean)
PROPHET = ProphetForecaster(TUNED, min_size=56)
#: the members see values without holidays, so that theirs needs no columns for them
WITHOUT_HOLIDAYS = replace(TUNED, with_holidays=False)
PROPHET_MEMBER = ProphetForecaster(WITHOUT_HOLIDAYS, min_size=56)
PROPHET_YEAR = ProphetForecaster(
    replace(TUNED, name="prophet_year", yearly_order=2, with_holidays=False), min_size=380
)
ETS = FunctionForecaster("ets", additive_ets, 28)
MEDIAN_26 = FunctionForecaster("weekday_median_26", partial(weekday_median, weeks=26), 14)
MEDIAN_56 = FunctionForecaster("median_56", partial(recent_median, steps=56), 14)
#: Prophet with the residents as a regressor: for units whose hours follow them
PROPHET_RESIDENTS = ProphetForecaster(
    replace(WITHOUT_HOLIDAYS, name="prophet_residents", occupancy_prior_scale=0.5), min_size=112
)
LAST = FunctionForecaster("last_value", last_value, 14)
LEVEL = FunctionForecaster("level", level_path, 56)

MEMBERS: tuple[Forecaster, ...] = (
    PROPHET_MEMBER,
    PROPHET_YEAR,
    ETS,
    LEVEL,
    MEDIAN_26,
    MEDIAN_56,
    LAST,
    SEASONAL_NAIVE,
)
#: for histories too short for any of the above
SHORT_MEMBERS: tuple[Forecaster, ...] = (MEAN_4, SEASONAL_NAIVE)

#: every member by name
BY_NAME: dict[str, Forecaster] = {
    member.name: member for member in (*MEMBERS, PROPHET_RESIDENTS, *SHORT_MEMBERS, MEAN)
}

#: forecasters that stand beside the ensemble in a backtest; they see the raw values
RIVALS: dict[str, Forecaster] = {
    "prophet": PROPHET,
    "prophet_default": ProphetForecaster(DEFAULTS, min_size=2),
    "auto_ets": FunctionForecaster("auto_ets", auto_ets),
    "weekday_mean_26": MEAN_26,
    "weekday_mean_4": MEAN_4,
    "seasonal_naive": SEASONAL_NAIVE,
}


def members_for(size: int, *, with_residents: bool = False) -> tuple[Forecaster, ...]:
    """The members that a history of ``size`` steps can feed."""
    if size < MEAN_ONLY_BELOW:
        return (MEAN,)
    all_of_them = (*MEMBERS, PROPHET_RESIDENTS) if with_residents else MEMBERS
    able = tuple(member for member in all_of_them if member.min_size <= size)
    return able if len(able) >= 4 else SHORT_MEMBERS


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A history with its known effects taken out, and those effects for the steps ahead.

    ``training`` is what the members see, ``unaligned`` the same with its jumps left in, for
    who has the residents to explain them, ``fit`` Prophet on what they see where that is
    known already; ``holiday`` and ``pattern_effect`` (H,) are added
    to every member's forecast.
    """

    training: Training
    unaligned: Training
    screened: Screened
    pattern: Pattern
    holiday: FloatArray
    pattern_effect: FloatArray
    fit: ProphetFit | None = None


def prepare(raw: Training, horizon: int, season: str, *, found: int | None = None) -> Prepared:
    """Screen a history, then take out the proven effects of holidays and the pattern.

    ``season`` is ``auto`` (a pattern only where it proved itself), ``none``, or a number
    of days that is taken as given. With ``auto``, ``found`` is the period that proved itself
    a few weeks before, 0 for none: it is not looked for again.
    """
    screened = screen(raw)
    training = replace(raw, y=screened.y)
    jumps = screened.y - screened.cleaned
    ahead = raw.ahead(horizon)
    nothing = np.zeros(horizon)
    if raw.size < PROPHET.min_size:
        return Prepared(training, training.without(jumps), screened, NO_PATTERN, nothing, nothing)
    holidays = holiday_effects(training)
    plain = training.without(holidays.on(training.rows))
    fit = fit_recipe(WITHOUT_HOLIDAYS, plain)
    if season == "auto" and found is not None:
        season = str(found) if found else "none"
    pattern = NO_PATTERN
    if season != "none":
        pattern = _pattern(plain, plain.y - fit.fitted(plain.rows), season)
    seen = plain.without(pattern.on(plain, plain.rows))
    return Prepared(
        training=seen,
        unaligned=seen.without(jumps),
        screened=screened,
        pattern=pattern,
        holiday=holidays.on(ahead),
        pattern_effect=pattern.on(training, ahead),
        fit=None if pattern.period else fit,
    )


def _pattern(training: Training, residual: FloatArray, season: str) -> Pattern:
    if season == "auto":
        return find_pattern(training, residual, PERIODS)
    return find_pattern(training, residual, (int(season),), given=True)
