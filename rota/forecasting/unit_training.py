"""Training everything of one unit: values in, model file and forecast rows out.

Knows no database, so that it can run in a worker process.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from rota.forecasting import insight
from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.ensemble import Weights
from rota.forecasting.events import Event
from rota.forecasting.holiday_table import HolidayTable
from rota.forecasting.judging import judge_sum
from rota.forecasting.members import PROPHET, prepare
from rota.forecasting.prophet_mode import TUNED
from rota.forecasting.queries import ALL_DAY, CARE_HOURS, NEED, UnitPlace
from rota.forecasting.series import Series
from rota.forecasting.store import StoredModel, StoredSeries, fingerprint, versions
from rota.forecasting.total import total_of
from rota.forecasting.values import Calibration, Forecast, Options, OwnErrors

#: levels for which staffing quantiles are stored; the slider moves between them
LEVELS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99)
BAND_LEVEL = 0.8
SCOTLAND = HolidayTable("GB", "SCT")
DEFAULT_HORIZON = 42
#: past windows of four weeks that calibrate a unit
WINDOWS = 8
DEFAULT_DAYS = 730
#: models are trained every week; for so many days after, they forecast without another training
MOST_DAYS_AFTER = 8
#: a series needs so many known days to be trained on its own
MIN_DAYS = 14


@dataclass(frozen=True, slots=True, eq=False)
class BandHistory:
    """One series of a unit: its kind, its band, its values, and hours per person on duty."""

    kind: str
    band: str
    series: Series
    hours_per_person: float


@dataclass(frozen=True, slots=True, eq=False)
class UnitHistory:
    """All series of a unit that are long enough to learn from, ending on the same day."""

    place: UnitPlace
    bands: tuple[BandHistory, ...]
    events: tuple[Event, ...] = ()

    @property
    def holidays(self) -> HolidayTable:
        """Scotland's public holidays and the organisation's own events."""
        return SCOTLAND.with_events(self.events)


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One day of one series, ready to be stored."""

    series: str
    band: str
    day: date
    model: str
    expected: float
    lower: float
    upper: float
    quantiles: dict[str, float]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class TrainedUnit:
    """The outcome of a training: the model file's content and the forecast rows."""

    place: UnitPlace
    model: StoredModel
    rows: tuple[ForecastRow, ...]
    cpu_seconds: float


def options_for(horizon: int, days: int, holidays: HolidayTable) -> Options:
    """How units are forecast: patterns and regressors where they prove themselves."""
    return Options(
        horizon=horizon, levels=LEVELS, holidays=holidays, max_steps=days, windows=WINDOWS
    )


def _options_of(band: BandHistory, options: Options) -> Options:
    """Need is so many hours for each resident; hours on duty follow as far as they are seen to."""
    return replace(options, proportional=band.kind == NEED)


def fingerprint_of(history: BandHistory, days: int, holidays: HolidayTable) -> str:
    """What the series was trained on: its values, residents and the settings that matter."""
    series = history.series
    residents = series.occupancy.said(len(series), 2 * DEFAULT_HORIZON) if series.occupancy else []
    marked = holidays.said(series.end + timedelta(days=DEFAULT_HORIZON))
    settings = f"{marked} {days} {json.dumps(versions(), sort_keys=True)} {residents}"
    return fingerprint(series.start, series.values.tolist(), settings)


def train_unit(
    history: UnitHistory, *, horizon: int = DEFAULT_HORIZON, days: int = DEFAULT_DAYS
) -> TrainedUnit:
    """Backtest, calibrate and refit every series of a unit on all its data."""
    started = time.process_time()
    options = options_for(horizon, days, history.holidays)
    stored: list[StoredSeries] = []
    forecasts: dict[tuple[str, str], Forecast] = {}
    pasts: list[insight.Past] = []
    for band in history.bands:
        forecaster = SeriesForecaster(band.series, _options_of(band, options))
        forecast = forecaster.forecast()
        forecasts[band.kind, band.band] = forecast
        prophet = _prophet_json(forecaster, options)
        past = insight.past_of(forecaster, forecast)
        if band.kind == CARE_HOURS:
            pasts.append(past)
        mark = fingerprint_of(band, days, history.holidays)
        kept = _stored(band, forecast, past, mark, prophet)
        if band.series.occupancy is not None and band.kind == CARE_HOURS:
            each = forecaster.each_resident(len(band.series))
            kept.metrics["hours_each_resident"] = round(each, 2)
        stored.append(kept)
    total = _total(history, forecasts, pasts, stored)
    if total is not None:
        parts = [each.metrics.get("hours_each_resident", 0.0) for each in stored
                 if each.series == CARE_HOURS]  # fmt: skip
        total[0].metrics["hours_each_resident"] = round(sum(parts), 2)
        stored.append(total[0])
        forecasts[CARE_HOURS, ALL_DAY] = total[1]
    prints = {(each.series, each.band): each.fingerprint for each in stored}
    rows = tuple(
        row for key, forecast in forecasts.items() for row in _rows(*key, forecast, prints[key])
    )
    model = StoredModel(
        home=history.place.home,
        unit=history.place.name,
        unit_id=history.place.id,
        days=days,
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        series=tuple(stored),
    )
    return TrainedUnit(history.place, model, rows, time.process_time() - started)


def forecast_from_model(
    model: StoredModel, history: UnitHistory, horizon: int
) -> tuple[ForecastRow, ...] | None:
    """Forecast with a stored model, without going through its windows again.

    The history may have grown by a few days since: weights and bands are then those of the
    training, the members see the new days. Nothing where the model does not fit: other data,
    too old, or another set of series.
    """
    options = options_for(horizon, model.days, history.holidays)
    forecasts: dict[tuple[str, str], tuple[Forecast, str]] = {}
    for band in history.bands:
        kept = model.find(band.kind, band.band)
        if kept is None or not _is_of(kept, band, model.days, history.holidays):
            return None
        forecaster = SeriesForecaster(band.series, _options_of(band, options))
        forecast = forecaster.resume(_calibration(kept), len(band.series))
        forecasts[band.kind, band.band] = (forecast, kept.fingerprint)
    total = model.find(CARE_HOURS, ALL_DAY)
    parts = [forecast for (kind, _), (forecast, _) in forecasts.items() if kind == CARE_HOURS]
    if total is not None and len(parts) > 1:
        summed = total_of(history.place.name, parts)
        forecasts[CARE_HOURS, ALL_DAY] = (summed, total.fingerprint)
    return tuple(
        row for key, (forecast, mark) in forecasts.items() for row in _rows(*key, forecast, mark)
    )


def _is_of(kept: StoredSeries, band: BandHistory, days: int, holidays: HolidayTable) -> bool:
    """Whether a model was trained on this series, up to a few days before its end."""
    series = band.series
    count = (date.fromisoformat(kept.last_day) - series.start).days + 1
    if not max(len(series) - MOST_DAYS_AFTER, 1) <= count <= len(series):
        return False
    seen = series if count == len(series) else series.until(count)
    return fingerprint_of(replace(band, series=seen), days, holidays) == kept.fingerprint


def _total(
    history: UnitHistory,
    forecasts: dict[tuple[str, str], Forecast],
    pasts: list[insight.Past],
    stored: list[StoredSeries],
) -> tuple[StoredSeries, Forecast] | None:
    """Day and night together: the sum of both, judged on the sum of what happened."""
    bands = [band for band in history.bands if band.kind == CARE_HOURS]
    parts = [forecasts[band.kind, band.band] for band in bands]
    if len(parts) < 2 or any(part.errors.shape != parts[0].errors.shape for part in parts):
        return None
    forecast = total_of(history.place.name, parts)
    values = np.sum([band.series.values for band in bands], axis=0)
    if forecast.errors.shape[0]:
        own = judge_sum(values, forecast.errors, forecast.steps_back, forecast.window)
        forecast = replace(forecast, own_errors=own)
    marks = [each.fingerprint for each in stored if each.series == CARE_HOURS]
    whole = BandHistory(
        CARE_HOURS,
        ALL_DAY,
        Series(history.place.name, bands[0].series.start, 1, values),
        float(np.mean([band.hours_per_person for band in bands])),
    )
    mark = fingerprint(date.min, [], "".join(marks))
    return _stored(whole, forecast, insight.sum_of(pasts), mark, None), forecast


def _rows(kind: str, band: str, forecast: Forecast, mark: str) -> list[ForecastRow]:
    levels = forecast.bands.levels
    middle = levels.index(BAND_LEVEL)
    return [
        ForecastRow(
            series=kind,
            band=band,
            day=date.fromisoformat(str(day)),
            model=forecast.weights[0][0] if forecast.fallback else forecast.model,
            expected=round(float(forecast.path[step]), 4),
            lower=round(float(forecast.bands.lower[middle, step]), 4),
            upper=round(float(forecast.bands.upper[middle, step]), 4),
            quantiles={
                f"{100 * level:g}": round(float(forecast.bands.quantile[row, step]), 4)
                for row, level in enumerate(levels)
            },
            fingerprint=mark,
        )
        for step, day in enumerate(forecast.days)
    ]


def _stored(
    band: BandHistory,
    forecast: Forecast,
    past: insight.Past,
    mark: str,
    prophet: dict[str, Any] | None,
) -> StoredSeries:
    return StoredSeries(
        series=band.kind,
        band=band.band,
        fingerprint=mark,
        model=forecast.weights[0][0] if forecast.fallback else forecast.model,
        fallback=forecast.fallback[:300],
        last_day=band.series.end.isoformat(),
        values=int((~np.isnan(band.series.values)).sum()),
        weights={name: round(weight, 6) for name, weight in forecast.weights},
        errors=[[number(value) for value in row] for row in forecast.errors.tolist()],
        steps_back=list(forecast.steps_back),
        metrics=_metrics(band, forecast, past),
        prophet=prophet,
    )


def _metrics(band: BandHistory, forecast: Forecast, past: insight.Past) -> dict[str, Any]:
    """The figures of the screens: errors, weights, and what was found in the data."""
    own = {name: number(value) for name, value in asdict(forecast.own_errors).items()}
    return {
        **own,
        "weights": {name: round(weight, 3) for name, weight in forecast.weights},
        "pattern_days": forecast.pattern_days,
        "outliers": [[each.day.isoformat(), each.value] for each in forecast.outliers],
        "shifts": [[each.day.isoformat(), each.change] for each in forecast.shifts],
        "hours_per_person": round(band.hours_per_person, 3),
        "last_day": band.series.end.isoformat(),
        "by_week": insight.error_by_week(past),
        "held": insight.held_by_level(forecast),
        "parts": insight.parts_of(forecast),
    }


def _calibration(kept: StoredSeries) -> Calibration:
    names = tuple(kept.weights)
    errors = np.array(
        [[np.nan if value is None else value for value in row] for row in kept.errors]
    )
    return Calibration(
        weights=Weights(names, np.array([kept.weights[name] for name in names])),
        errors=errors if errors.size else np.empty((0, 1)),
        steps_back=tuple(kept.steps_back),
        fallback=kept.fallback,
        own=OwnErrors(0, *([float("nan")] * 6)),
    )


def _prophet_json(forecaster: SeriesForecaster, options: Options) -> dict[str, Any] | None:
    """Prophet refitted on all the data, as its own JSON; nothing for a short history."""
    size = min(len(forecaster.series), options.max_steps)
    if size < PROPHET.min_size:
        return None
    from prophet.serialize import model_to_dict

    from rota.forecasting.prophet_object import fit_prophet

    raw = forecaster.training(len(forecaster.series))
    training = prepare(raw, options.horizon, options.season).training
    model = model_to_dict(fit_prophet(TUNED, training))
    found: dict[str, Any] = json.loads(json.dumps(model))
    return found


def number(value: Any) -> Any:
    """A figure as a file can hold it: five decimals, null for what is not finite."""
    if isinstance(value, float):
        return round(value, 5) if np.isfinite(value) else None
    return value


def regular(name: str, by_day: dict[date, float], first: date, last: date) -> Series | None:
    """Values on a daily grid from ``first`` to ``last``; nothing for fewer than 14 known days."""
    if len(by_day) < MIN_DAYS:
        return None
    count = (last - first).days + 1
    values = [by_day.get(first + timedelta(days=offset), float("nan")) for offset in range(count)]
    return Series.of(name, first, values)
