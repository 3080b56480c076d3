"""The fast solver against Stan, and against Prophet itself."""

from __future__ import annotations

import numpy as np
import pytest

from rota.forecasting import prophet_mode
from rota.forecasting.holiday_table import HolidayTable
from rota.forecasting.posterior_mode import NoMode, PosteriorProblem, find_mode, log_posterior
from rota.forecasting.prophet_mode import DEFAULTS, TUNED, fit_recipe
from rota.forecasting.stan import stan_mode
from tests.rota.forecasting.simulate import demand, training


def random_problem(seed: int) -> PosteriorProblem:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(60, 700))
    t = np.linspace(0, 1, size)
    changepoints = t[np.linspace(0, int(size * 0.8) - 1, 26).round().astype(int)[1:]]
    features = rng.normal(0, 1, (size, int(rng.integers(1, 20))))
    trend = 0.5 + rng.normal(0, 0.3) * t
    for at in rng.choice(changepoints, 2):
        trend = trend + rng.normal(0, 0.5) * np.maximum(t - at, 0)
    y = trend + features @ rng.normal(0, 0.03, features.shape[1]) + rng.normal(0, 0.05, size)
    return PosteriorProblem(
        y=y,
        t=t,
        changepoints=changepoints,
        features=features,
        prior_scales=rng.choice([0.5, 1.0, 10.0], features.shape[1]),
        tau=float(rng.choice([0.01, 0.05, 0.5])),
        flat=bool(rng.random() < 0.25),
    )


@pytest.mark.parametrize("seed", range(16))
def test_the_fast_mode_is_never_worse_than_stans(seed: int) -> None:
    problem = random_problem(seed)
    assert find_mode(problem).log_posterior >= stan_mode(problem).log_posterior - 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_no_small_step_improves_the_mode(seed: int) -> None:
    problem = random_problem(seed + 100)
    mode = find_mode(problem)
    rng = np.random.default_rng(seed)
    for _ in range(50):
        step = 10.0 ** rng.uniform(-6, -2)
        moved = log_posterior(
            problem,
            k=mode.k + step * rng.normal(),
            m=mode.m + step * rng.normal(),
            delta=mode.delta + step * rng.normal(size=mode.delta.size),
            beta=mode.beta + step * rng.normal(size=mode.beta.size),
            sigma_obs=mode.sigma_obs * (1 + step * rng.normal()),
        )
        assert moved <= mode.log_posterior + 1e-9


def test_stan_takes_over_when_the_fast_solver_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    history = training(demand(200))
    expected = fit_recipe(TUNED, history).path(28)

    def give_up(problem: PosteriorProblem) -> None:
        raise NoMode("for the test")

    monkeypatch.setattr(prophet_mode, "find_mode", give_up)
    assert np.allclose(fit_recipe(TUNED, history).path(28), expected, rtol=0.02)


@pytest.mark.parametrize("recipe", [TUNED, DEFAULTS], ids=lambda recipe: recipe.name)
def test_the_numpy_recipe_is_prophet_to_the_digit(recipe: prophet_mode.ProphetRecipe) -> None:
    from rota.forecasting.prophet_object import fit_prophet, prophet_path

    values = demand(800)
    values[100:110] = np.nan
    history = training(values, table=HolidayTable.parse("GB-SCT"))
    fit = fit_recipe(recipe, history)
    prophet = prophet_path(fit_prophet(recipe, history), history, 28)
    assert np.allclose(fit.path(28) - fit.level, prophet, rtol=1e-6)


def test_prophet_through_stan_says_nearly_the_same() -> None:
    import pandas as pd
    from prophet import Prophet

    history = training(demand(600))
    plain = Prophet(
        yearly_seasonality=False,
        weekly_seasonality=True,
        daily_seasonality=False,
        changepoint_prior_scale=TUNED.changepoint_prior_scale,
        uncertainty_samples=0,
    )
    days = history.calendar.days.astype("datetime64[ns]")
    plain.fit(pd.DataFrame({"ds": days[:600], "y": history.y}))
    expected = plain.predict(pd.DataFrame({"ds": days[600:]}))["yhat"].to_numpy()
    fit = fit_recipe(TUNED, history)
    assert np.abs(fit.path(28) - fit.level - expected).mean() < 0.01 * expected.mean()


def test_yearly_terms_of_default_prophet_switch_on_at_two_years() -> None:
    assert DEFAULTS.yearly_terms(729) == 0
    assert DEFAULTS.yearly_terms(730) == 10
    assert TUNED.yearly_terms(5000) == 0


def test_the_trend_is_flat_below_545_days() -> None:
    assert TUNED.is_flat(544)
    assert not TUNED.is_flat(545)
