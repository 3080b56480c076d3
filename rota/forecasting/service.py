"""Stored forecasts for whoever asks: read, computed where missing, forgotten.

Importing this module loads neither numpy nor Prophet; the functions that compute do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.access.service import installation_actor
from rota.calendar import LONDON, london_today
from rota.database import UnitOfWork, get_engine, reading
from rota.errors import InvalidInput, NotFound, RotaError
from rota.forecasting import queries, store
from rota.forecasting.histories import read_histories
from rota.forecasting.queries import ALL_DAY, CARE_HOURS, ForecastDay, UnitPlace
from rota.forecasting.saving import save, upsert_rows
from rota.forecasting.train import train_all
from rota.models import Forecast, Unit, utc_now
from rota.settings import get_settings

#: models are trained every Sunday; rows of an older model than this are computed again
MAX_AGE = timedelta(days=8)
#: nobody plans further ahead, and bands from four-week windows say nothing about it
MAX_AHEAD_DAYS = 180


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row of :func:`get_or_create_forecast` under the plan's names; hours of the unit's day."""

    ds: date
    yhat: float
    yhat_lower: float
    yhat_upper: float


def train_prophet_model(unit: Unit | int | str, days: int = 365) -> Path:
    """Train the models of one unit on its last ``days`` days; gives the model file's path.

    ``unit`` is a unit, its id or its name. Raises :class:`NotFound` for an unknown or
    office unit, :class:`RotaError` when it cannot be trained; the last good model stays.
    """
    engine = get_engine()
    place = _place(engine, unit)
    (summary,) = train_all([place.id], days=days, workers=1, engine=engine)
    if summary.problem:
        raise RotaError(f"{place.name} was not trained: {summary.problem}")
    return store.model_path(get_settings().model_dir, place.home, place.name)


def get_or_create_forecast(
    unit_id: int, end_date: date, *, engine: Engine | None = None, folder: Path | None = None
) -> list[PlanRow]:
    """Care hours of a unit from the first forecast day to ``end_date``, computed if needed.

    Stored rows are read; what is missing or older than eight days is computed and stored,
    once, however many ask at the same time. Raises :class:`NotFound` for an unknown unit
    or one without history, :class:`InvalidInput` for an end beyond 180 days.
    """
    engine = engine or get_engine()
    with reading(engine) as session:
        place = queries.care_unit(session, unit_id)
        found = _fresh_rows(session, unit_id, end_date)
    if found is not None:
        return _as_plan(found)
    folder = folder or get_settings().model_dir
    path = store.model_path(folder, place.home, place.name)
    with store.only_one(path):
        with reading(engine) as session:
            found = _fresh_rows(session, unit_id, end_date)
        if found is None:
            _create(engine, place, path, end_date)
            with reading(engine) as session:
                found = _rows_until(session, unit_id, end_date)
    return _as_plan(found)


def forget(uow: UnitOfWork, unit_id: int) -> None:
    """Delete the stored forecasts of a unit, so that the next reader computes them anew."""
    place = queries.care_unit(uow.session, unit_id)
    uow.actor.require(Permission.TRAIN_FORECAST, place.home_id)
    uow.session.execute(delete(Forecast).where(Forecast.unit_id == unit_id))
    uow.audit("forget", "forecast", unit_id, home_id=place.home_id)


def _place(engine: Engine, unit: Unit | int | str) -> UnitPlace:
    with reading(engine) as session:
        if isinstance(unit, str):
            found = [place for place in queries.care_units(session) if place.name == unit]
            if len(found) != 1:
                raise NotFound(
                    f"There is no care unit {unit!r}."
                    if not found
                    else f"Several units are called {unit!r}; give the id."
                )
            return found[0]
        return queries.care_unit(session, unit if isinstance(unit, int) else unit.id)


def _total_band(session: Session, unit_id: int) -> str | None:
    """The band that stands for the unit's whole day: the sum, or the only band there is."""
    cards = {card.band for card in queries.model_cards(session, [unit_id], CARE_HOURS)}
    if not cards:
        return None
    return ALL_DAY if ALL_DAY in cards else sorted(cards)[0]


def _rows_until(session: Session, unit_id: int, end: date) -> list[ForecastDay]:
    band = _total_band(session, unit_id)
    if band is None:
        return []
    first = london_today()
    return queries.stored_days(session, unit_id, CARE_HOURS, band, first, end)


def _fresh_rows(session: Session, unit_id: int, end: date) -> list[ForecastDay] | None:
    """The stored rows from today to ``end``, or nothing when a day is missing or stale."""
    today = london_today()
    if end < today:
        raise InvalidInput(f"{end} lies in the past.", hint="A forecast ends today or later.")
    if (end - today).days > MAX_AHEAD_DAYS:
        raise InvalidInput(f"{end} is more than {MAX_AHEAD_DAYS} days ahead.")
    rows = _rows_until(session, unit_id, end)
    if len(rows) != (end - today).days + 1:
        return None
    oldest = min(row.made_at for row in rows)
    return rows if utc_now() - oldest <= MAX_AGE else None


def _create(engine: Engine, place: UnitPlace, path: Path, end: date) -> None:
    """Compute what is missing: with the stored model where it fits the data, else anew."""
    from rota.forecasting.pool import one_thread_each

    one_thread_each()
    from rota.forecasting.unit_training import DEFAULT_HORIZON, forecast_from_model, train_unit

    with reading(engine) as session:
        actor = installation_actor(session, "Forecast")
        try:
            model = store.read_model(path)
        except NotFound:
            model = None
        days = model.days if model is not None else 730
        # from the day on which the model's own history began, so that both can be compared
        (history,) = read_histories(session, [place], days + _days_since(model))
    if not history.bands:
        raise NotFound(
            f"{place.name} has no history to forecast from.",
            hint="At least 14 days of worked shifts are needed.",
        )
    last = min(band.series.end for band in history.bands)
    horizon = max((end - last).days, DEFAULT_HORIZON)
    if horizon > 2 * MAX_AHEAD_DAYS:
        raise NotFound(f"The history of {place.name} ends on {last}, too long ago to forecast.")
    rows = forecast_from_model(model, history, horizon) if model is not None else None
    if rows is None:
        with reading(engine) as session:
            (history,) = read_histories(session, [place], days)
        save(engine, path.parent, actor, train_unit(history, horizon=horizon, days=days))
        return
    with UnitOfWork(actor, source="forecast", engine=engine) as uow:
        upsert_rows(uow.session, place.id, rows)
        uow.commit()


def _days_since(model: store.StoredModel | None) -> int:
    """Days since a model was trained, 0 for none."""
    if model is None:
        return 0
    trained = datetime.fromisoformat(model.trained_at).astimezone(LONDON).date()
    return max((london_today() - trained).days, 0)


def _as_plan(rows: Iterable[ForecastDay]) -> list[PlanRow]:
    return [PlanRow(row.day, row.expected, row.lower, row.upper) for row in rows]
