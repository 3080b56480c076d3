"""The posterior mode by Stan itself: the reference, and the fallback of the fast solver."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from rota.forecasting.posterior_mode import PosteriorMode, PosteriorProblem, log_posterior


def stan_mode(problem: PosteriorProblem) -> PosteriorMode:
    """The mode that Prophet's Stan program finds by L-BFGS (Newton for short histories)."""
    import pandas as pd

    silence_stan()
    from prophet.models import CmdStanPyBackend

    count = problem.features.shape[1]
    features = problem.features if count else np.zeros((problem.y.size, 1))
    scales = problem.prior_scales if count else np.ones(1)
    changepoints = problem.changepoints if problem.changepoints.size else np.zeros(1)
    start = {
        "k": 0.0 if problem.flat else float(problem.y[-1] - problem.y[0]),
        "m": float(problem.y[0]),
        "delta": np.zeros(changepoints.size),
        "beta": np.zeros(features.shape[1]),
        "sigma_obs": 1.0,
    }
    data: dict[str, Any] = {
        "T": problem.y.size,
        "S": changepoints.size,
        "K": features.shape[1],
        "tau": problem.tau,
        "trend_indicator": 2 if problem.flat else 0,
        "y": problem.y,
        "t": problem.t,
        "cap": np.zeros(problem.y.size),
        "t_change": changepoints,
        "s_a": np.ones(features.shape[1]),
        "s_m": np.zeros(features.shape[1]),
        "X": pd.DataFrame(features),
        "sigmas": scales.tolist(),
    }
    backend = CmdStanPyBackend()
    try:
        found = backend.fit(start, data)
    finally:
        # cmdstanpy keeps its CSV files until the process ends; workers live for weeks
        backend.cleanup()
    k = float(found["k"][0, 0])
    m = float(found["m"][0, 0])
    delta = np.asarray(found["delta"][0], dtype=np.float64)[: problem.changepoints.size]
    beta = np.asarray(found["beta"][0], dtype=np.float64)[:count]
    sigma = float(found["sigma_obs"][0, 0])
    return PosteriorMode(
        k=k,
        m=m,
        delta=delta,
        beta=beta,
        sigma_obs=sigma,
        log_posterior=log_posterior(problem, k=k, m=m, delta=delta, beta=beta, sigma_obs=sigma),
    )


def silence_stan() -> None:
    """Stop cmdstanpy and Prophet from narrating every fit."""
    logging.getLogger("cmdstanpy").disabled = True
    logging.getLogger("prophet").setLevel(logging.ERROR)
