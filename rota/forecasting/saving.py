"""Writing what a training gave: the model file, the model rows and the forecast rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.database import UnitOfWork
from rota.forecasting import store
from rota.models import Forecast, ForecastModel, ForecastSum, utc_now

if TYPE_CHECKING:
    from rota.forecasting.sums import SumBands
    from rota.forecasting.unit_training import ForecastRow, TrainedUnit


def save(engine: Engine, folder: Path, actor: Actor, trained: TrainedUnit) -> None:
    """Write the model file, the model rows and the forecast rows of one unit."""
    path = store.model_path(folder, trained.place.home, trained.place.name)
    with UnitOfWork(actor, source="training", engine=engine) as uow:
        _upsert_models(uow.session, trained, path)
        upsert_rows(uow.session, trained.place.id, trained.rows)
        uow.audit(
            "train", "forecast_model", trained.place.id, home_id=trained.place.home_id,
            after={"file": path.name, "series": len(trained.model.series)},
        )  # fmt: skip
        # the file last: it is replaced whole, and only when the rows are sure to follow
        uow.session.flush()
        store.write_model(path, trained.model)
        uow.commit()


def save_sums(engine: Engine, actor: Actor, found: Iterable[SumBands]) -> None:
    """Write the bands of homes' and the organisation's sums."""
    now = utc_now()
    values = [
        {
            "scope": each.scope,
            "home_id": each.home_id,
            "series": each.series,
            "band": each.band,
            "last_day": each.last_day,
            "distances": each.distances,
            "metrics": each.metrics,
            "trained_at": now,
        }
        for each in found
    ]
    if not values:
        return
    with UnitOfWork(actor, source="training", engine=engine) as uow:
        upsert(uow.session, ForecastSum, values, ("scope", "series", "band"))
        uow.audit("train", "forecast_sums", after={"sums": len(values)})
        uow.commit()


def _upsert_models(session: Session, trained: TrainedUnit, path: Path) -> None:
    now = utc_now()
    values = [
        {
            "unit_id": trained.place.id,
            "series": each.series,
            "band": each.band,
            "model": each.model,
            "path": str(path),
            "fingerprint": each.fingerprint,
            "metrics": each.metrics,
            "fallback_reason": each.fallback,
            "trained_at": now,
        }
        for each in trained.model.series
    ]
    upsert(session, ForecastModel, values, ("unit_id", "series", "band"))


def upsert_rows(session: Session, unit_id: int, rows: Iterable[ForecastRow]) -> None:
    """Store forecast rows; a day that was there already is replaced."""
    now = utc_now()
    values = [
        {
            "unit_id": unit_id,
            "series": row.series,
            "band": row.band,
            "date": row.day,
            "model": row.model,
            "yhat": row.expected,
            "yhat_lower": row.lower,
            "yhat_upper": row.upper,
            "quantiles": row.quantiles,
            "fingerprint": row.fingerprint,
            "made_at": now,
        }
        for row in rows
    ]
    upsert(session, Forecast, values, ("unit_id", "series", "band", "date"))


def upsert(
    session: Session, model: type[Any], values: list[dict[str, Any]], key: tuple[str, ...]
) -> None:
    """Insert rows or replace those with the same key; both databases, one prepared statement."""
    if not values:
        return
    insert: Any = postgresql.insert if session.bind.dialect.name == "postgresql" else sqlite.insert  # type: ignore[union-attr]
    statement = insert(model)
    changed = {name: statement.excluded[name] for name in values[0] if name not in key}
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), values)
