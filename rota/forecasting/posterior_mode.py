"""Prophet's posterior mode without Stan, for additive models with a linear or flat trend.

The posterior that Prophet maximises (Taylor & Letham 2018, "Forecasting at scale"; the
Stan program shipped with Prophet) is, for an additive model, up to a constant ::

    n log s + |y - B theta - R delta|^2 / (2 s^2)
        + theta' Lambda theta / 2 + |delta|_1 / tau + 2 s^2

with ``B = [1, t, X]`` (offset, slope, features) under normal priors, ``R`` the hinges
``max(t - changepoint, 0)`` under a Laplace prior and ``s`` under a half-normal prior of
scale 0.5. For a fixed ``s`` that is a ridge problem in ``theta`` and a lasso in
``delta``: ``theta`` is eliminated by a Schur complement, the lasso solved by an active
set, and ``s`` has a closed form given the residuals. Alternating the two reaches the
mode in a handful of steps of small matrices, where Stan's L-BFGS goes through JSON files
and a separate program.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

#: standard deviation of Prophet's normal priors on slope and offset
_TREND_SCALE = 5.0
#: precision 1 / 0.5^2 of the half-normal prior on the noise
_NOISE_PRECISION = 4.0
_MAX_NOISE_STEPS = 100
_MAX_ACTIVE_STEPS = 400


class NoMode(ArithmeticError):
    """The solver did not settle; the caller falls back on Stan."""


@dataclass(frozen=True, slots=True, eq=False)
class PosteriorProblem:
    """One additive Prophet model as Stan receives it.

    ``y`` (T,) scaled values, ``t`` (T,) time scaled to 0…1, ``changepoints`` (S,) in the
    same unit, ``features`` (T, K), ``prior_scales`` (K,), ``tau`` the Laplace scale of
    the trend changes, ``flat`` whether the trend is a constant.
    """

    y: FloatArray
    t: FloatArray
    changepoints: FloatArray
    features: FloatArray
    prior_scales: FloatArray
    tau: float
    flat: bool


@dataclass(frozen=True, slots=True, eq=False)
class PosteriorMode:
    """The parameters under Stan's names, with the log posterior they reach."""

    k: float
    m: float
    delta: FloatArray
    beta: FloatArray
    sigma_obs: float
    log_posterior: float


def log_posterior(
    problem: PosteriorProblem,
    *,
    k: float,
    m: float,
    delta: FloatArray,
    beta: FloatArray,
    sigma_obs: float,
) -> float:
    """The log posterior density without constants, as Stan's optimiser counts it."""
    trend = np.full_like(problem.t, m)
    if not problem.flat:
        trend = trend + k * problem.t + _hinges(problem.t, problem.changepoints) @ delta
    residual = problem.y - trend - problem.features @ beta
    return _density(problem, residual, k=k, m=m, delta=delta, beta=beta, sigma_obs=sigma_obs)


def _density(
    problem: PosteriorProblem,
    residual: FloatArray,
    *,
    k: float,
    m: float,
    delta: FloatArray,
    beta: FloatArray,
    sigma_obs: float,
) -> float:
    return float(
        -problem.y.size * np.log(sigma_obs)
        - residual @ residual / (2 * sigma_obs**2)
        - (k**2 + m**2) / (2 * _TREND_SCALE**2)
        - np.abs(delta).sum() / problem.tau
        - _NOISE_PRECISION * sigma_obs**2 / 2
        - ((beta / problem.prior_scales) ** 2).sum() / 2
    )


def find_mode(problem: PosteriorProblem, *, noise_floor: float = 1e-9) -> PosteriorMode:
    """The posterior mode of an additive model.

    Raises :class:`NoMode` when the iteration does not settle or a matrix is singular.
    ``noise_floor`` bounds the noise from below: a constant series has none, and its
    posterior no maximum.
    """
    size = problem.y.size
    if problem.flat:
        base = np.column_stack([np.ones(size), problem.features])
        hinges = np.empty((size, 0))
        precision = np.concatenate([[_TREND_SCALE**-2], problem.prior_scales**-2.0])
    else:
        base = np.column_stack([problem.t, np.ones(size), problem.features])
        hinges = _hinges(problem.t, problem.changepoints)
        precision = np.concatenate(
            [[_TREND_SCALE**-2, _TREND_SCALE**-2], problem.prior_scales**-2.0]
        )
    theta, delta, variance = _alternate(
        _Moments.of(problem.y, base, hinges), precision, problem.tau, noise_floor**2
    )
    if problem.flat:
        k, m, beta = 0.0, float(theta[0]), theta[1:]
        delta = np.zeros(problem.changepoints.size)
    else:
        k, m, beta = float(theta[0]), float(theta[1]), theta[2:]
    sigma = float(np.sqrt(variance))
    residual = problem.y - base @ theta
    if delta.any():
        residual = residual - hinges @ delta
    reached = _density(problem, residual, k=k, m=m, delta=delta, beta=beta, sigma_obs=sigma)
    if not np.isfinite(reached):
        raise NoMode("the log posterior is not finite")
    return PosteriorMode(k=k, m=m, delta=delta, beta=beta, sigma_obs=sigma, log_posterior=reached)


def _hinges(t: FloatArray, changepoints: FloatArray) -> FloatArray:
    return np.maximum(t[:, None] - changepoints[None, :], 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """Inner products of the data, all that the iteration needs."""

    size: int
    yy: float
    bb: FloatArray
    by: FloatArray
    rr: FloatArray
    rb: FloatArray
    ry: FloatArray

    @staticmethod
    def of(y: FloatArray, base: FloatArray, hinges: FloatArray) -> _Moments:
        return _Moments(
            size=y.size,
            yy=float(y @ y),
            bb=base.T @ base,
            by=base.T @ y,
            rr=hinges.T @ hinges,
            rb=hinges.T @ base,
            ry=hinges.T @ y,
        )

    def squared_error(self, theta: FloatArray, delta: FloatArray) -> float:
        total = (
            self.yy
            - 2 * (theta @ self.by + delta @ self.ry)
            + theta @ self.bb @ theta
            + 2 * delta @ self.rb @ theta
            + delta @ self.rr @ delta
        )
        return max(float(total), 0.0)


def _alternate(
    moments: _Moments, precision: FloatArray, tau: float, variance_floor: float
) -> tuple[FloatArray, FloatArray, float]:
    """Coefficients given the noise, noise given the coefficients, until both settle."""
    size = moments.size
    variance = max(moments.yy / size * 0.01, variance_floor)
    delta = np.zeros(moments.ry.size)
    for _ in range(_MAX_NOISE_STEPS):
        try:
            inverse = np.linalg.inv(moments.bb + np.diag(variance * precision))
        except np.linalg.LinAlgError as singular:
            raise NoMode("singular features") from singular
        by = inverse @ moments.by
        br = inverse @ moments.rb.T
        delta = _lasso(
            moments.rr - moments.rb @ br, moments.ry - moments.rb @ by, variance / tau, delta
        )
        theta = by - br @ delta
        error = moments.squared_error(theta, delta)
        # the root of 4 v^2 + n v - SSE = 0, written so that it does not cancel
        settled = 2 * error / (size + np.sqrt(size**2 + 16 * error))
        settled = max(float(settled), variance_floor)
        if abs(settled - variance) <= 1e-9 * variance:
            return theta, delta, settled
        variance = settled
    raise NoMode("the noise did not settle")


def _lasso(gram: FloatArray, target: FloatArray, penalty: float, start: FloatArray) -> FloatArray:
    """Minimise ``d' gram d / 2 - target' d + penalty |d|_1`` by an active set.

    Each step solves the smooth problem on the active coordinates with their signs fixed,
    walks towards that solution until a coordinate would change its sign (it then leaves),
    or admits the coordinate that breaks the optimality conditions most. The objective
    falls with each step, so it ends; the step limit is against rounding only.
    """
    count = target.size
    delta = start.copy()
    if count == 0:
        return delta
    signs = np.sign(delta)
    jitter = 1e-13 * max(float(np.trace(gram)) / count, 1e-300)
    tolerance = penalty * 1e-9 + 1e-14 * float(np.abs(target).max())
    for _ in range(_MAX_ACTIVE_STEPS):
        active = np.flatnonzero(signs)
        if active.size:
            block = gram[np.ix_(active, active)] + jitter * np.eye(active.size)
            goal = np.linalg.solve(block, target[active] - penalty * signs[active])
            current = delta[active]
            leaving = goal * signs[active] < 0
            if leaving.any():
                step = np.full(active.size, np.inf)
                step[leaving] = current[leaving] / (current[leaving] - goal[leaving])
                first = int(np.argmin(step))
                delta[active] = current + step[first] * (goal - current)
                delta[active[first]] = 0.0
                signs[active[first]] = 0.0
                continue
            delta[active] = goal
        gradient = target - gram @ delta
        broken = np.abs(gradient) - penalty
        broken[active] = -np.inf
        worst = int(np.argmax(broken))
        if broken[worst] <= tolerance:
            return delta
        signs[worst] = np.sign(gradient[worst])
    raise NoMode("the trend changes did not settle")
