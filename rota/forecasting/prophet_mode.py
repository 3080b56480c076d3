"""Prophet recipes fitted through the posterior mode, without building a Prophet object.

The design is Prophet's own to the last column (time scaling, changepoint grid, Fourier
terms, holiday indicators, priors), so the numbers equal those of
``prophet.Prophet.fit().predict()`` up to the optimiser's tolerance; a test holds them
together. This is the path of backtests, where a model is fitted, asked once and
forgotten. Where the model itself is kept, :mod:`rota.forecasting.prophet_object` builds
the real thing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rota.forecasting.posterior_mode import (
    NoMode,
    PosteriorMode,
    PosteriorProblem,
    find_mode,
)
from rota.forecasting.series import FloatArray
from rota.forecasting.training import Training, fourier

#: shorter histories get a constant trend: a slope fitted to them runs away
LINEAR_FROM_DAYS = 545
_CHANGEPOINT_RANGE = 0.8
_SEASONALITY_PRIOR = 10.0


@dataclass(frozen=True, slots=True)
class ProphetRecipe:
    """The settings of one Prophet model.

    ``growth`` is ``linear``, ``flat`` or ``auto`` (flat below 545 days);
    ``yearly_order`` 0 switches yearly terms off, and ``yearly_auto`` applies Prophet's
    own rule (on from two years); ``level_days`` days at the end of the history whose
    mean residual, times ``level_share``, is added to the forecast. Above zero,
    ``occupancy_prior_scale`` makes the residents a regressor, standardised as Prophet does.
    """

    name: str
    changepoint_prior_scale: float = 0.01
    changepoints: int = 25
    growth: str = "auto"
    holidays_prior_scale: float = 1.0
    with_holidays: bool = True
    yearly_auto: bool = False
    yearly_order: int = 0
    level_days: int = 28
    level_share: float = 0.5
    occupancy_prior_scale: float = 0.0

    def is_flat(self, days: int) -> bool:
        if self.growth == "auto":
            return days < LINEAR_FROM_DAYS
        return self.growth == "flat"

    def yearly_terms(self, span_days: int) -> int:
        """The Fourier order of the year for a history of ``span_days``."""
        if self.yearly_auto:
            return 10 if span_days >= 730 else 0
        return self.yearly_order


TUNED = ProphetRecipe("prophet")
DEFAULTS = ProphetRecipe(
    "prophet_default",
    changepoint_prior_scale=0.05,
    growth="linear",
    with_holidays=False,
    yearly_auto=True,
    level_share=0.0,
)


@dataclass(frozen=True, slots=True, eq=False)
class ProphetFit:
    """A fitted recipe: its parameters and what is needed to look ahead.

    ``holidays`` are the calendar's holiday columns that were seen in training, in the
    order of the last entries of ``mode.beta`` but that of ``residents``: the mean and the
    spread by which residents were standardised, or null where they are no regressor.
    """

    training: Training
    recipe: ProphetRecipe
    mode: PosteriorMode
    changepoints: FloatArray
    span: float
    scale: float
    weekly_count: int
    yearly_count: int
    holidays: NDArray[np.intp]
    level: float
    residents: tuple[float, float] | None = None

    def trend(self, rows: slice) -> FloatArray:
        """The trend on calendar rows, in the unit of the series."""
        t = self._time(rows)
        if self.mode.delta.size == 0 or not self.mode.delta.any():
            return self.scale * (self.mode.m + self.mode.k * t)
        hinges = np.maximum(t[:, None] - self.changepoints[None, :], 0.0)
        return self.scale * (self.mode.m + self.mode.k * t + hinges @ self.mode.delta)

    def weekly(self, rows: slice) -> FloatArray:
        """The effect of the day of the week on calendar rows."""
        beta = self.mode.beta[: self.weekly_count]
        return self.scale * (self.training.calendar.weekly[rows] @ beta)

    def yearly(self, rows: slice) -> FloatArray:
        """The effect of the time of the year on calendar rows."""
        if self.yearly_count == 0:
            return np.zeros(rows.stop - rows.start)
        beta = self.mode.beta[self.weekly_count : self.weekly_count + self.yearly_count]
        ordinal = self.training.calendar.days[rows].astype(np.int64)
        return self.scale * (fourier(ordinal, 365.25, self.yearly_count // 2) @ beta)

    def holiday(self, rows: slice) -> FloatArray:
        """The effect of holidays on calendar rows."""
        if self.holidays.size == 0:
            return np.zeros(rows.stop - rows.start)
        begin = self.weekly_count + self.yearly_count
        beta = self.mode.beta[begin : begin + self.holidays.size]
        return self.scale * (self.training.calendar.holidays.marks[rows][:, self.holidays] @ beta)

    def occupied(self, rows: slice) -> FloatArray:
        """The effect of the residents on calendar rows, against their mean in training."""
        if self.residents is None or self.training.occupancy is None:
            return np.zeros(rows.stop - rows.start)
        mean, spread = self.residents
        first = self.training.first
        people = self.training.occupancy[rows.start - first : rows.stop - first]
        return self.scale * float(self.mode.beta[-1]) * (people - mean) / spread

    def fitted(self, rows: slice) -> FloatArray:
        """All parts together, without level correction and clipping."""
        parts = self.trend(rows) + self.weekly(rows) + self.yearly(rows) + self.holiday(rows)
        return parts + self.occupied(rows)

    def path(self, horizon: int) -> FloatArray:
        """The forecast (H,) after the history, with its level correction."""
        return self.fitted(self.training.ahead(horizon)) + self.level

    def _time(self, rows: slice) -> FloatArray:
        steps = np.arange(rows.start, rows.stop) - self.training.first
        return steps / self.span


def fit_recipe(recipe: ProphetRecipe, training: Training) -> ProphetFit:
    """Fit a recipe to a history of at least two known, not all zero values.

    Falls back on Stan where the solver does not settle.
    """
    training = _from_first_known(training)
    known = np.flatnonzero(~np.isnan(training.y))
    span = max(float(known[-1]), 1.0)
    values = training.y[known]
    scale = float(np.abs(values).max()) or 1.0
    step = training.calendar.step_days
    changepoints = _changepoints(known / span, recipe.changepoints)
    yearly = 2 * recipe.yearly_terms(int(known[-1]) * step)
    calendar = training.calendar
    rows = training.rows
    parts = [calendar.weekly[rows]]
    if yearly:
        parts.append(fourier(calendar.days[rows].astype(np.int64), 365.25, yearly // 2))
    kept = np.empty(0, dtype=np.intp)
    if recipe.with_holidays:
        kept = np.flatnonzero(calendar.holidays.marks[rows][known].any(axis=0))
        parts.append(calendar.holidays.marks[rows][:, kept])
    residents = _residents(recipe, training, known)
    if residents is not None and training.occupancy is not None:
        mean, spread = residents
        parts.append((training.occupancy[: training.size, None] - mean) / spread)
    features = np.hstack(parts)[known]
    weekly_count = calendar.weekly.shape[1]
    problem = PosteriorProblem(
        y=values / scale,
        t=known / span,
        changepoints=changepoints,
        features=features,
        prior_scales=np.concatenate(
            [
                np.full(weekly_count + yearly, _SEASONALITY_PRIOR),
                np.full(kept.size, recipe.holidays_prior_scale),
                np.full(int(residents is not None), recipe.occupancy_prior_scale),
            ]
        ),
        tau=recipe.changepoint_prior_scale,
        flat=recipe.is_flat(int(known[-1] + 1) * step),
    )
    fit = ProphetFit(
        training=training,
        recipe=recipe,
        mode=_mode_or_stan(problem),
        changepoints=changepoints,
        span=span,
        scale=scale,
        weekly_count=weekly_count,
        yearly_count=yearly,
        holidays=kept,
        level=0.0,
        residents=residents,
    )
    return _with_level(fit)


def _residents(
    recipe: ProphetRecipe, training: Training, known: NDArray[np.intp]
) -> tuple[float, float] | None:
    """Mean and spread of the residents in training; null where they never changed."""
    if recipe.occupancy_prior_scale <= 0 or training.occupancy is None:
        return None
    people = training.occupancy[known]
    spread = float(people.std())
    return (float(people.mean()), spread) if spread > 1e-9 else None


def _with_level(fit: ProphetFit) -> ProphetFit:
    """Add a share of the mean residual of the last days: where the series stands now."""
    recipe = fit.recipe
    if recipe.level_share == 0.0:
        return fit
    rows = fit.training.rows
    recent = slice(max(rows.stop - recipe.level_days, rows.start), rows.stop)
    residual = fit.training.y[recent.start - rows.start :] - fit.fitted(recent)
    known = residual[~np.isnan(residual)]
    if known.size == 0:
        return fit
    return replace(fit, level=recipe.level_share * float(known.mean()))


def _from_first_known(training: Training) -> Training:
    """Prophet drops unknown days, so its clock starts at the first known one."""
    first = int(np.argmax(~np.isnan(training.y)))
    return training.last(training.size - first)


@lru_cache(maxsize=64)
def _changepoint_positions(size: int, count: int) -> tuple[int, ...]:
    history = math.floor(size * _CHANGEPOINT_RANGE)
    count = min(count, history - 1)
    if count <= 0:
        return ()
    grid = np.linspace(0, history - 1, count + 1).round().astype(int)
    return tuple(grid[1:].tolist())


def _changepoints(t: FloatArray, count: int) -> FloatArray:
    """Prophet's grid: evenly over the first 80 % of the known days."""
    return t[list(_changepoint_positions(t.size, count))]


def _mode_or_stan(problem: PosteriorProblem) -> PosteriorMode:
    try:
        return find_mode(problem)
    except NoMode:
        from rota.forecasting.stan import stan_mode

        return stan_mode(problem)
