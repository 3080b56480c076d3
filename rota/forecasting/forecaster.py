"""What every forecaster is: something that fits a history and then looks ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rota.forecasting.prophet_mode import ProphetFit, ProphetRecipe, fit_recipe
from rota.forecasting.series import FloatArray
from rota.forecasting.simple import seasonal_naive
from rota.forecasting.training import Training


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """One part of a forecast: ``values`` (H,) in the unit of the series; parts add up."""

    name: str
    values: FloatArray


class Fitted(Protocol):
    """A forecaster that has seen its history."""

    def path(self, horizon: int) -> FloatArray:
        """The expected value of each step ahead, (H,), not clipped."""

    def explain(self, horizon: int) -> tuple[Component, ...]:
        """The parts that add up to :meth:`path`."""


class Forecaster(Protocol):
    """A way to forecast; ``min_size`` is the shortest history it accepts."""

    @property
    def name(self) -> str:
        """The name in tables and files."""

    @property
    def min_size(self) -> int:
        """The number of steps below which it is not asked."""

    def fit(self, training: Training) -> Fitted:
        """Learn from a history with at least one known value."""


@dataclass(frozen=True, slots=True)
class ProphetForecaster:
    """Prophet by its posterior mode; ``window`` keeps only that many last steps."""

    recipe: ProphetRecipe
    min_size: int = 28
    window: int = 0

    @property
    def name(self) -> str:
        return self.recipe.name

    def fit(self, training: Training) -> FittedProphet:
        recent = training.last(self.window) if self.window else training
        return FittedProphet(fit_recipe(self.recipe, recent))


@dataclass(frozen=True, slots=True, eq=False)
class FittedProphet:
    """A fitted Prophet, explained by trend, week, year and holidays."""

    fit: ProphetFit

    def path(self, horizon: int) -> FloatArray:
        return self.fit.path(horizon)

    def explain(self, horizon: int) -> tuple[Component, ...]:
        rows = self.fit.training.ahead(horizon)
        parts = [
            Component("trend", self.fit.trend(rows)),
            Component("week", self.fit.weekly(rows)),
            Component("holidays", self.fit.holiday(rows)),
            Component("recent level", np.full(horizon, self.fit.level)),
        ]
        if self.fit.yearly_count:
            parts.append(Component("year", self.fit.yearly(rows)))
        if self.fit.residents is not None:
            parts.append(Component("residents", self.fit.occupied(rows)))
        return tuple(parts)


#: a forecast as a plain function of history and horizon
PathFunction = Callable[[Training, int], FloatArray]


@dataclass(frozen=True, slots=True)
class FunctionForecaster:
    """A forecaster that is a plain function of the history, such as a mean."""

    name: str
    function: PathFunction
    min_size: int = 1

    def fit(self, training: Training) -> FittedFunction:
        return FittedFunction(training, self.function)


@dataclass(frozen=True, slots=True, eq=False)
class FittedFunction:
    """A history and the function that looks ahead of it; explained by level and week."""

    training: Training
    function: PathFunction

    def path(self, horizon: int) -> FloatArray:
        return self.function(self.training, horizon)

    def explain(self, horizon: int) -> tuple[Component, ...]:
        path = self.path(horizon)
        period = self.training.calendar.period
        whole = path[: horizon - horizon % period] if horizon >= period else path
        level = np.full(horizon, float(whole.mean()))
        return (Component("level", level), Component("week", path - level))


SEASONAL_NAIVE = FunctionForecaster("seasonal_naive", seasonal_naive)
