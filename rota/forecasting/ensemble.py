"""Which members speak, and how loudly: decided by their own errors on past windows.

Weights fall with the thirtieth power of a member's error, so one that was a tenth worse
speaks with a twentieth of the voice and a hopeless one not at all, while nearly equal
members stay nearly equal. The error is the geometric mean over windows of the mean
absolute error, so that one bad month does not decide alone; windows under way count for
the part that is known. Weights fitted freely (non-negative stacking, shrunk towards equal
or towards these) were no better out of sample; this family has one number, and little to
overfit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rota.forecasting.series import FloatArray

#: how sharply a larger error silences a member
_SHARPNESS = 30.0
#: share of the mean error that is added to each: a window without any error is luck
_CUSHION = 0.05
#: weights below this are dropped, so that an explanation names only who matters
_LEAST_WEIGHT = 0.02
#: fewer whole windows than this say nothing about who is better
_LEAST_KNOWN = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """``values`` (M,) add up to one, in the order of ``names``."""

    names: tuple[str, ...]
    values: FloatArray

    def combine(self, paths: FloatArray) -> FloatArray:
        """The weighted mean of member paths (M, …) → (…)."""
        combined: FloatArray = np.tensordot(self.values, paths, axes=1)
        return combined

    def spoken(self) -> tuple[tuple[str, float], ...]:
        """The members with a voice and their weight, loudest first."""
        order = np.argsort(-self.values, kind="stable")
        return tuple((self.names[i], float(self.values[i])) for i in order if self.values[i] > 0)


def equal_weights(names: tuple[str, ...]) -> Weights:
    """Every member alike: where there is nothing to judge them by."""
    return Weights(names, np.full(len(names), 1.0 / len(names)))


@dataclass(frozen=True, slots=True, eq=False)
class PastVoices:
    """How far each member was off in each past window, for choosing weights again and again.

    ``log_errors`` (M, W) the logarithm of the mean absolute error, ``shares`` (W,) how much
    of the window was known, 0 … 1.
    """

    names: tuple[str, ...]
    log_errors: FloatArray
    shares: FloatArray

    @staticmethod
    def of(names: tuple[str, ...], paths: FloatArray, actual: FloatArray) -> PastVoices:
        """From member paths (M, W, H) and what happened (W, H), NaN where unknown."""
        known = ~np.isnan(actual)
        counts = known.sum(axis=1)
        misses = np.where(known, np.abs(paths - np.where(known, actual, 0.0)), 0.0)
        by_window = misses.sum(axis=2) / np.maximum(counts, 1)
        used = counts > 0
        cushion = _CUSHION * float(by_window[:, used].mean()) if used.any() else 0.0
        errors = np.log(by_window + cushion) if cushion > 0 else np.zeros_like(by_window)
        return PastVoices(names, errors, counts / actual.shape[1])

    def weights(self, among: NDArray[np.bool_] | None = None) -> Weights:
        """The weights by all windows, or by those of ``among`` (W,); equal where there are none."""
        shares = self.shares if among is None else np.where(among, self.shares, 0.0)
        total = float(shares.sum())
        if total * self.log_errors.shape[1] <= 0 or total < _LEAST_KNOWN:
            return equal_weights(self.names)
        errors = self.log_errors @ shares / total
        voices = np.exp(-_SHARPNESS * (errors - errors.min()))
        voices /= voices.sum()
        voices[voices < _LEAST_WEIGHT] = 0.0
        return Weights(self.names, voices / voices.sum())


def choose_weights(names: tuple[str, ...], paths: FloatArray, actual: FloatArray) -> Weights:
    """Weights from member paths (M, W, H) and what happened (W, H), NaN where unknown."""
    return PastVoices.of(names, paths, actual).weights()
