"""A sum's errors are few and go on: its bands know both."""

from __future__ import annotations

import numpy as np
import pytest

from rota.forecasting.calibration import PastErrors, windows_number
from rota.forecasting.sum_bands import recent_error, sum_bands

BACKS = tuple(range(252, 0, -7))
LEVELS = (0.8, 0.9, 0.95)


def past(daily: np.ndarray, backs: tuple[int, ...] = BACKS) -> PastErrors:
    """Errors of a forecast that is off by ``daily`` (T,) on each day, whenever it was made."""
    values = np.full((len(backs), 28), np.nan)
    for row, back in enumerate(backs):
        seen = daily[daily.size - back :][:28]
        values[row, : seen.size] = seen
    return PastErrors(values, backs, window=28, period=7)


def waves(seed: int, days: int, share: float = 0.9) -> np.ndarray:
    """Errors that fade slowly, of size one, with as much chance of single days."""
    rng = np.random.default_rng(seed)
    slow = np.zeros(days)
    for day in range(1, days):
        slow[day] = share * slow[day - 1] + rng.normal(0, (1 - share**2) ** 0.5)
    return slow + rng.normal(0, 0.5, days)


def test_days_that_err_alike_count_by_windows_and_others_by_days() -> None:
    rng = np.random.default_rng(1)
    whole = tuple(range(252, 0, -28))
    alike = np.repeat(rng.normal(size=(9, 1)), 28, axis=1)
    alone = rng.normal(size=(9, 28))
    by_windows = windows_number(alike, PastErrors(alike, whole, 28, 7))
    by_days = windows_number(alone, PastErrors(alone, whole, 28, 7))
    assert 5 < by_windows < 9
    assert by_days > 0.5 * 28 * by_windows


def test_a_band_moves_with_an_error_that_went_on_in_the_past() -> None:
    going_on = waves(3, 400, 0.98)
    going_on[-28:] = 3.0
    made = sum_bands(past(going_on), LEVELS, 0.01, 28)
    assert (made.lower[0] + made.upper[0]).mean() / 2 > 0.6


def test_a_band_stays_where_errors_do_not_go_on() -> None:
    chance = np.random.default_rng(4).normal(0, 1, 400)
    made = sum_bands(past(chance), LEVELS, 0.01, 28)
    assert abs(made.lower[0] + made.upper[0]).mean() / 2 < 0.2


def test_what_is_expected_always_lies_within_the_band() -> None:
    climbing = np.linspace(0, 40, 400)
    made = sum_bands(past(climbing), LEVELS, 0.01, 42)
    assert (made.lower <= 0).all() and (made.upper > 0).all()
    assert (np.diff(made.upper, axis=0) >= 0).all()


def test_the_recent_error_knows_nothing_of_the_days_after_it() -> None:
    daily = waves(5, 400)
    changed = daily.copy()
    changed[-56:] += 100
    assert recent_error(past(changed), 56) == recent_error(past(daily), 56)
    assert recent_error(past(changed), 28) == pytest.approx(recent_error(past(daily), 28) + 100)


def test_staffing_levels_hold_where_errors_come_in_waves() -> None:
    held: dict[float, list[float]] = {level: [] for level in LEVELS}
    inside = []
    for seed in range(50):
        daily = waves(100 + seed, 700)
        made = sum_bands(past(daily[:-28]), LEVELS, 0.01, 28)
        ahead = daily[-28:]
        inside.append(((ahead >= made.lower[0]) & (ahead <= made.upper[0])).mean())
        for row, level in enumerate(LEVELS):
            held[level].append((ahead <= made.quantile[row]).mean())
    assert abs(np.mean(inside) - 0.8) < 0.06
    assert abs(np.mean(held[0.9]) - 0.9) < 0.04
    assert abs(np.mean(held[0.95]) - 0.95) < 0.04
