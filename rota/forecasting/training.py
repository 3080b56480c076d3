"""What a forecaster is given: the values up to an origin and the calendar around them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rota.forecasting.holiday_table import HolidayColumns, HolidayTable, holiday_columns
from rota.forecasting.series import DayArray, FloatArray, Series


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The steps of a series and of the time after it, with their features.

    ``days`` (N,), ``phase`` (N,) the position in the week (0…period-1), ``period`` 7 for
    daily data and 1 otherwise, ``weekly`` (N, 6) Prophet's Fourier terms of the week (no
    columns unless daily), ``holidays`` the columns of the holiday table.
    """

    days: DayArray
    period: int
    step_days: int
    phase: NDArray[np.intp]
    weekly: FloatArray
    holidays: HolidayColumns

    @staticmethod
    def of(series: Series, ahead: int, table: HolidayTable) -> Calendar:
        """The calendar of ``series`` and the ``ahead`` steps after it."""
        days = series.days_until(len(series) + ahead)
        ordinal = days.astype(np.int64)
        daily = series.step_days == 1
        period = 7 if daily else 1
        return Calendar(
            days=days,
            period=period,
            step_days=series.step_days,
            phase=(ordinal % period).astype(np.intp),
            weekly=fourier(ordinal, 7.0, 3) if daily else np.empty((days.size, 0)),
            holidays=holiday_columns(table, days, series.step_days),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """The history a forecaster may see, and nothing after it.

    ``y`` (T,) float64 with NaN for missing or screened values; it begins at row
    ``first`` of the calendar. The calendar runs past the end of ``y``: holidays and
    weekdays of the horizon are known, values are not. ``occupancy`` (T + H,) are the
    residents from row ``first`` on, those after the history as they were known at its end.
    """

    calendar: Calendar
    first: int
    y: FloatArray
    occupancy: FloatArray | None = None

    @property
    def size(self) -> int:
        return int(self.y.size)

    @property
    def rows(self) -> slice:
        """The calendar rows of the history."""
        return slice(self.first, self.first + self.size)

    def ahead(self, horizon: int) -> slice:
        """The calendar rows of the ``horizon`` steps after the history."""
        return slice(self.first + self.size, self.first + self.size + horizon)

    def last(self, count: int) -> Training:
        """The same with only the last ``count`` values."""
        skipped = max(self.size - count, 0)
        residents = None if self.occupancy is None else self.occupancy[skipped:]
        return Training(self.calendar, self.first + skipped, self.y[skipped:], residents)

    def without(self, effect: FloatArray) -> Training:
        """The same with a known effect (T,) taken out of the values."""
        return replace(self, y=self.y - effect)


def fourier(ordinal: NDArray[np.int64], period: float, order: int) -> FloatArray:
    """Prophet's Fourier terms (N, 2 order): sine and cosine by turns, days since 1970."""
    angle = 2 * np.pi * ordinal[:, None] / period * np.arange(1, order + 1)[None, :]
    columns = np.empty((ordinal.size, 2 * order))
    columns[:, 0::2] = np.sin(angle)
    columns[:, 1::2] = np.cos(angle)
    return columns


def filled(training: Training) -> FloatArray:
    """The values (T,) with gaps filled: the mean of the same weekday in the nearest weeks.

    For methods that cannot skip a day. A gap with no such weekday near it takes the
    median of all values.
    """
    y = training.y
    if not np.isnan(y).any():
        return y
    result = y.copy()
    period = training.calendar.period
    overall = float(np.nanmedian(y))
    for index in np.flatnonzero(np.isnan(y)):
        near = np.arange(index - 4 * period, index + 4 * period + 1, period)
        near = near[(near >= 0) & (near < y.size)]
        values = y[near]
        known = values[~np.isnan(values)]
        result[index] = known.mean() if known.size else overall
    return result
