"""Real Prophet objects, for models that are kept: fitted by the fast mode, stored as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from rota.forecasting.posterior_mode import NoMode, PosteriorProblem, find_mode
from rota.forecasting.prophet_mode import ProphetRecipe
from rota.forecasting.series import FloatArray
from rota.forecasting.stan import silence_stan
from rota.forecasting.training import Training


class PosteriorModeBackend:
    """Stands in for Prophet's Stan backend: same data in, same parameters out.

    Additive linear and flat models go through :func:`find_mode`; all others, and those
    on which it does not settle, through Stan.
    """

    def __init__(self) -> None:
        self.stan_fit: Any = None
        self.used_stan = False

    @staticmethod
    def get_type() -> str:
        return "CMDSTANPY"

    def set_options(self, **_: Any) -> None:
        """Stan's options mean nothing to the fast solver."""

    def cleanup(self) -> None:
        """There are no temporary files."""

    def fit(
        self, stan_init: dict[str, Any], stan_data: dict[str, Any], **kwargs: Any
    ) -> dict[str, FloatArray]:
        """Prophet's ``fit`` as it calls it: each parameter comes back as (1, n)."""
        additive = not np.asarray(stan_data["s_m"], dtype=np.float64).any()
        if additive and stan_data["trend_indicator"] in (0, 2):
            try:
                return self._fast(stan_data)
            except NoMode:
                pass
        return self._stan(stan_init, stan_data, kwargs)

    def _fast(self, data: dict[str, Any]) -> dict[str, FloatArray]:
        mode = find_mode(
            PosteriorProblem(
                y=np.asarray(data["y"], dtype=np.float64),
                t=np.asarray(data["t"], dtype=np.float64),
                changepoints=np.asarray(data["t_change"], dtype=np.float64),
                features=np.asarray(data["X"], dtype=np.float64),
                prior_scales=np.asarray(data["sigmas"], dtype=np.float64),
                tau=float(data["tau"]),
                flat=data["trend_indicator"] == 2,
            )
        )
        return {
            "k": np.array([[mode.k]]),
            "m": np.array([[mode.m]]),
            "delta": mode.delta.reshape(1, -1),
            "beta": mode.beta.reshape(1, -1),
            "sigma_obs": np.array([[mode.sigma_obs]]),
        }

    def _stan(
        self, stan_init: dict[str, Any], stan_data: dict[str, Any], options: dict[str, Any]
    ) -> dict[str, FloatArray]:
        from prophet.models import CmdStanPyBackend

        self.used_stan = True
        backend = CmdStanPyBackend()
        try:
            found: dict[str, FloatArray] = backend.fit(stan_init, stan_data, **options)
        finally:
            backend.cleanup()
        return found


def fit_prophet(recipe: ProphetRecipe, training: Training) -> Any:
    """A fitted ``prophet.Prophet`` of a recipe, without its level correction."""
    import pandas as pd

    silence_stan()
    from prophet import Prophet

    known = np.flatnonzero(~np.isnan(training.y))
    days = training.calendar.days[training.rows]
    step = training.calendar.step_days
    span_days = int(known[-1] - known[0]) * step
    yearly = recipe.yearly_terms(span_days)
    model = Prophet(
        growth="flat" if recipe.is_flat(span_days + step) else "linear",
        n_changepoints=recipe.changepoints,
        changepoint_prior_scale=recipe.changepoint_prior_scale,
        yearly_seasonality=yearly or False,
        weekly_seasonality=training.calendar.period == 7,
        daily_seasonality=False,
        holidays=_holiday_frame(training, known) if recipe.with_holidays else None,
        holidays_prior_scale=recipe.holidays_prior_scale,
        uncertainty_samples=0,
    )
    model.stan_backend = PosteriorModeBackend()
    model.fit(pd.DataFrame({"ds": days[known].astype("datetime64[ns]"), "y": training.y[known]}))
    return model


def prophet_path(model: Any, training: Training, horizon: int) -> FloatArray:
    """What a fitted Prophet expects on the steps after the history, (H,)."""
    import pandas as pd

    days = training.calendar.days[training.ahead(horizon)].astype("datetime64[ns]")
    return np.asarray(model.predict(pd.DataFrame({"ds": days}))["yhat"], dtype=np.float64)


def _holiday_frame(training: Training, known: Any) -> Any:
    """The holidays seen in training, with their later days too; None where there are none."""
    import pandas as pd

    holidays = training.calendar.holidays
    seen = np.flatnonzero(holidays.marks[training.rows][known].sum(axis=0) > 0)
    rows = [
        {"holiday": holidays.names[column], "ds": pd.Timestamp(training.calendar.days[row])}
        for column in seen.tolist()
        for row in np.flatnonzero(holidays.marks[:, column]).tolist()
    ]
    return pd.DataFrame(rows) if rows else None
