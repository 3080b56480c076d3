"""Invented series with known properties; nothing here comes from real data."""

from __future__ import annotations

from datetime import date

import numpy as np

from rota.forecasting.holiday_table import NO_HOLIDAYS, HolidayTable
from rota.forecasting.series import Series
from rota.forecasting.training import Calendar, Training

START = date(2022, 3, 1)


def demand(days: int = 500, seed: int = 1, level: float = 100.0, noise: float = 8.0) -> np.ndarray:
    """A level that wanders a little, a week, and independent noise; never negative."""
    rng = np.random.default_rng(seed)
    week = np.array([0.06, 0.04, 0.02, 0.0, 0.03, -0.07, -0.08])
    wander = np.cumsum(rng.normal(0, 0.002, days))
    values = level * (1 + week[np.arange(days) % 7] + wander) + rng.normal(0, noise, days)
    return np.maximum(values, 0.0)


def turning_rota(days: int = 500, period: int = 21, seed: int = 2) -> np.ndarray:
    """Hours that follow a rolling pattern of ``period`` days."""
    rng = np.random.default_rng(seed)
    pattern = rng.choice([24.0, 36.0, 48.0, 60.0], period)
    return pattern[np.arange(days) % period] + rng.normal(0, 2, days)


def series(values: np.ndarray | list[float], name: str = "unit", step_days: int = 1) -> Series:
    return Series.of(name, START, np.asarray(values, dtype=float), step_days)


def training(
    values: np.ndarray | list[float], ahead: int = 28, table: HolidayTable = NO_HOLIDAYS
) -> Training:
    whole = series(values)
    return Training(Calendar.of(whole, ahead, table), 0, whole.values.copy())
