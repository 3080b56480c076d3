"""Who speaks in the ensemble, and when one simple forecaster stands in."""

from __future__ import annotations

import numpy as np
import pytest

from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.ensemble import PastVoices, choose_weights
from rota.forecasting.judging import by_other_windows, judge, reason_for_last_week
from rota.forecasting.values import Options
from tests.rota.forecasting.simulate import demand, series

NAMES = ("good", "bad")


def said(offsets: tuple[float, float], windows: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Paths (2, W, 28) that are off by a fixed amount, around zero."""
    actual = np.zeros((windows, 28))
    return np.stack([actual + offset for offset in offsets]), actual


def test_the_better_member_speaks_and_equal_ones_share() -> None:
    assert choose_weights(NAMES, *said((1.0, 2.0))).values[0] > 0.99
    assert choose_weights(NAMES, *said((1.0, 1.0))).values == pytest.approx([0.5, 0.5])


def test_a_window_under_way_counts_for_what_is_known() -> None:
    paths, actual = said((1.0, 1.0))
    paths[0, -1] = 9.0  # the good member errs in the newest window …
    actual[-1, 1:] = np.nan  # … of which one day is known
    little = choose_weights(NAMES, paths, actual).values[0]
    actual[-1, 1:] = 0.0
    whole = choose_weights(NAMES, paths, actual).values[0]
    assert whole < little < 0.5


def test_past_paths_are_weighed_without_the_days_they_are_judged_on() -> None:
    paths, actual = said((1.0, 2.0), windows=5)
    paths[:, 2] = [[9.0] * 28, [0.0] * 28]  # in one window only, the other is perfect
    path = by_other_windows(NAMES, paths, actual, (140, 112, 84, 56, 28), 28)
    assert path[2].mean() > 8.9, "the window chose its own weights"
    overlapping = by_other_windows(NAMES, paths, actual, (98, 91, 84, 77, 70), 28)
    assert overlapping[2].mean() == pytest.approx(4.5), "an overlapping window had a say"


def test_nothing_known_is_everybody_alike() -> None:
    paths, actual = said((1.0, 2.0))
    assert PastVoices.of(NAMES, paths, actual * np.nan).weights().values == pytest.approx(
        [0.5, 0.5]
    )


def test_last_week_stands_in_where_it_was_better() -> None:
    paths, actual = said((2.0, 1.0))
    own = judge(paths[0], paths[1], actual, 1.0)
    assert "last week" in reason_for_last_week(own, paths[0], paths[1], actual)
    other = judge(paths[1], paths[0], actual, 1.0)
    assert reason_for_last_week(other, paths[1], paths[0], actual) == ""


def test_calibration_windows_lie_weekly_then_fortnightly_and_end_before_the_origin() -> None:
    forecaster = SeriesForecaster(series(demand(730)), Options())
    calibration = forecaster.calibrate(730)
    backs = np.array(calibration.steps_back)
    assert backs.max() == 336
    assert backs.min() == 7
    assert set(np.diff(backs).tolist()) == {-14, -7}
    known = (~np.isnan(calibration.errors)).sum(axis=1)
    assert (known == np.minimum(backs, calibration.errors.shape[1])).all()
