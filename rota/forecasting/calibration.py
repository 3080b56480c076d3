"""Bands and staffing levels from errors the forecaster really made on weeks it had not seen.

Split conformal prediction: the band of level L reaches as far from the forecast as the
L-quantile of the absolute out-of-sample errors; the staffing level of service s lies the
s-quantile of the signed errors above it. Both take the finite-sample rank
``(n + 1) L`` where there are enough errors for it.

Three things make them hold for a series that changes (:func:`adaptive_bands`): recent
errors count more, errors are compared at the same distance ahead, and the level asked of
the errors is corrected by how often the band of that level held in the windows since
(adaptive conformal inference, Gibbs & Candès 2021). All of it from the series' own past.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rota.forecasting.metrics import usual_size
from rota.forecasting.series import FloatArray

#: a band never is narrower than this share of the level (or of one, where all is zero):
#: a constant history does not promise a constant future
_FLOOR_SHARE = 0.01
#: an error of so many windows ago counts half
HALF_LIFE_WINDOWS = 3.0
_MOST, _LEAST = 0.985, 0.5
#: so many errors' worth of "as everywhere" is mixed into the spread of each week ahead
_PRIOR_ERRORS = 60.0
#: windows are corrected only against at least so many earlier errors
_MIN_EARLIER = 56
#: with fewer whole windows their days count as wholly alike
_LEAST_WINDOWS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """For each level (L,): central ``lower`` and ``upper`` and one-sided ``quantile``, all (L, H)."""

    levels: tuple[float, ...]
    lower: FloatArray
    upper: FloatArray
    quantile: FloatArray


@dataclass(frozen=True, slots=True)
class Manner:
    """How past errors are read.

    ``correction`` is how far one window's coverage moves the level that is asked of the
    errors; ``by_windows`` counts the days of a window as one error so far as they err alike.
    """

    correction: float
    by_windows: bool


#: a series of its own: its days err one by one
BY_DAYS = Manner(correction=0.3, by_windows=False)
#: a sum: its days err alike, and a window that was off says less about the next
BY_WINDOWS = Manner(correction=0.05, by_windows=True)


@dataclass(frozen=True, slots=True, eq=False)
class PastErrors:
    """Errors (W, L), actual minus forecast, NaN where not yet known, of past windows.

    ``steps_back`` (W,) is how long ago each began; ``window`` the steps of four periods,
    ``period`` those of one (7 for daily data).
    """

    values: FloatArray
    steps_back: tuple[int, ...]
    window: int
    period: int

    @property
    def ages(self) -> FloatArray:
        """How many windows ago each began, (W,)."""
        return np.asarray(self.steps_back, dtype=np.float64) / self.window


def bands(
    path: FloatArray, errors: FloatArray, levels: Sequence[float], *, clip: bool, half_floor: float
) -> Bands:
    """Bands around ``path`` (H,) from signed errors (n,), all alike, actual minus forecast.

    ``levels`` are shares (0.8 for 80 %); ``clip`` cuts at zero, for quantities that
    cannot be negative; ``half_floor`` is the least half width.
    """
    known = errors[~np.isnan(errors)]
    one = np.ones(path.size)
    halves = [rank_quantile(np.abs(known), level) * one for level in levels]
    ups = [signed_quantile(known, level, half_floor) * one for level in levels]
    return _around(path, halves, ups, levels, clip=clip, half_floor=half_floor)


def adaptive_bands(
    path: FloatArray,
    errors: PastErrors,
    levels: Sequence[float],
    *,
    clip: bool,
    half_floor: float,
    how: Manner = BY_DAYS,
) -> Bands:
    """Bands around ``path`` (H,) from past windows: weighted by age, by distance, corrected."""
    spread = spread_by_distance(errors)
    scaled = errors.values / spread
    flat, weights = _known(scaled, errors.ages)
    ahead = spread[: path.size]
    if ahead.size < path.size:
        ahead = np.concatenate([ahead, np.full(path.size - ahead.size, ahead[-1])])
    sizes = np.abs(flat)
    corrected = corrected_levels(errors, scaled, levels, how)
    number = windows_number(scaled, errors) if how.by_windows else None
    halves = [weighted_quantile(sizes, weights, level, number) * ahead for level in corrected]
    # ups stay uncorrected: a correction from the few errors beyond 95 % is mostly noise
    degenerate = np.ptp(flat) < 1e-12
    ups = [
        signed_quantile(flat, level, half_floor) * ahead
        if degenerate
        else weighted_quantile(flat, weights, level, number) * ahead
        for level in levels
    ]
    return _around(path, halves, ups, levels, clip=clip, half_floor=half_floor)


def _around(
    path: FloatArray,
    halves: list[FloatArray],
    ups: list[FloatArray],
    levels: Sequence[float],
    *,
    clip: bool,
    half_floor: float,
) -> Bands:
    half, up = np.maximum(np.stack(halves), half_floor), np.stack(ups)
    # each level is corrected for itself; a higher one still never has the narrower band
    order = np.argsort(levels, kind="stable")
    half[order] = np.maximum.accumulate(half[order], axis=0)
    lower, upper, quantile = path - half, path + half, path + up
    if clip:
        lower, upper, quantile = (np.maximum(part, 0.0) for part in (lower, upper, quantile))
    return Bands(tuple(levels), lower, upper, quantile)


def spread_by_distance(errors: PastErrors) -> FloatArray:
    """How wide errors are at each step ahead against all of them, (L,), mean about one.

    By weeks ahead, never shrinking with distance, drawn towards one where little is known.
    """
    length = errors.values.shape[1]
    known = ~np.isnan(errors.values)
    weights = known * (0.5 ** (errors.ages / HALF_LIFE_WINDOWS))[:, None]
    sizes = np.where(known, np.abs(errors.values), 0.0) * weights
    total = weights.sum()
    mean = float(sizes.sum() / total) if total > 0 else 0.0
    if mean <= 0:
        return np.ones(length)
    starts = np.arange(0, length, errors.period)
    counts = np.add.reduceat(weights.sum(axis=0), starts)
    sums = np.add.reduceat(sizes.sum(axis=0), starts)
    by_week = (sums + _PRIOR_ERRORS * mean) / (counts + _PRIOR_ERRORS) / mean
    middles = starts + (np.minimum(starts + errors.period, length) - starts - 1) / 2
    spread: FloatArray = np.interp(np.arange(length), middles, np.maximum.accumulate(by_week))
    return spread


def corrected_levels(
    errors: PastErrors, scaled: FloatArray, levels: Sequence[float], how: Manner = BY_DAYS
) -> tuple[float, ...]:
    """The level to ask of the errors for each central band, given how the bands held.

    Goes through the whole windows from the oldest on: each is judged by the band that
    only the errors known before it would have given.
    """
    asked = np.array(levels, dtype=np.float64)
    backs = np.asarray(errors.steps_back)
    wanted = np.array(levels, dtype=np.float64)
    most = np.maximum(_MOST, wanted)
    step = np.arange(scaled.shape[1])[None, :]
    for row in np.flatnonzero(backs % errors.window == 0):
        own = np.abs(scaled[row, : errors.window])
        own = own[~np.isnan(own)]
        # what was known when this window began: steps that lay before its first day
        apart = backs - backs[row]
        before = np.where(step < apart[:, None], scaled, np.nan)
        flat, weights = _known(before, apart / errors.window)
        if flat.size < _MIN_EARLIER or own.size < errors.period:
            continue
        sizes, number = np.abs(flat), None
        if how.by_windows:
            earlier = PastErrors(before, tuple(apart.tolist()), errors.window, errors.period)
            number = windows_number(before, earlier)
        held = np.array(
            [
                (own <= weighted_quantile(sizes, weights, each, number)).mean()
                for each in asked.tolist()
            ]
        )
        asked = np.clip(asked + how.correction * (wanted - held), _LEAST, most)
    return tuple(asked.tolist())


def _known(scaled: FloatArray, ages: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The known errors in a row, and their weights by age."""
    known = ~np.isnan(scaled)
    weights = np.broadcast_to((0.5 ** (ages / HALF_LIFE_WINDOWS))[:, None], scaled.shape)
    return scaled[known], weights[known]


def windows_number(scaled: FloatArray, errors: PastErrors) -> float:
    """How many independent errors the whole windows amount to (at least one).

    The windows' number by their weights, times their days over the design effect
    1 + (days - 1) ρ, where ρ is the share of the errors' mean square that a window's days
    have in common (intraclass correlation about zero). Overlapping windows are left out.
    """
    backs = np.asarray(errors.steps_back)
    whole = [
        (back, row[: errors.window][~np.isnan(row[: errors.window])])
        for back, row in zip(backs, scaled, strict=True)
        if back > 0 and back % errors.window == 0
    ]
    whole = [(back, days) for back, days in whole if days.size >= errors.period]
    if not whole:
        return 1.0
    weights = 0.5 ** (np.array([back for back, _ in whole]) / errors.window / HALF_LIFE_WINDOWS)
    windows = float(weights.sum() ** 2 / (weights**2).sum())
    size = float(np.mean([days.size for _, days in whole]))
    between = float(np.mean([days.size * days.mean() ** 2 for _, days in whole]))
    within = float(np.mean([days.var(ddof=1) for _, days in whole]))
    spread = between + (size - 1) * within
    alike = 1.0
    if len(whole) >= _LEAST_WINDOWS and spread > 0:
        alike = float(np.clip((between - within) / spread, 0.0, 1.0))
    return windows * size / (1 + (size - 1) * alike)


def weighted_quantile(
    values: FloatArray, weights: FloatArray, level: float, number: float | None = None
) -> float:
    """The quantile of weighted values with the conformal allowance for their number; 0 for none.

    ``number`` is how many independent ones they are; by their weights unless given.
    """
    if values.size == 0:
        return 0.0
    order = np.argsort(values, kind="stable")
    share = weights[order]
    reached = np.cumsum(share)
    total = float(reached[-1])
    if number is None:
        target = level * (1 + float((share**2).sum()) / total**2)
    else:
        # days of a window spread over its rank, so that half of the rank is there already
        target = level + (level - 0.5) / number
    return float(np.interp(min(target, 1.0) * total, reached - share / 2, values[order]))


def rank_quantile(values: FloatArray, level: float) -> float:
    """The conformal quantile: the value of rank (n + 1) level, interpolated; 0 for none."""
    if values.size == 0:
        return 0.0
    rank = (values.size + 1) * level - 1
    ordered = np.sort(values)
    return float(np.interp(rank, np.arange(values.size), ordered))


def signed_quantile(errors: FloatArray, level: float, floor: float) -> float:
    """The quantile of signed errors, pushed outwards by at least the floor's share."""
    value = rank_quantile(errors, level)
    least = floor * (2 * level - 1)
    if level >= 0.5:
        return max(value, least) if errors.size == 0 or np.ptp(errors) < 1e-12 else value
    return min(value, least) if errors.size == 0 or np.ptp(errors) < 1e-12 else value


def half_width_floor(values: FloatArray) -> float:
    """The least half width of a band for a history (T,)."""
    return _FLOOR_SHARE * usual_size(values)
