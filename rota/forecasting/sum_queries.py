"""What is read about sums over units: expected hours unit by unit, and the bands of their sum."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.models import Forecast, ForecastSum

#: the sum over all homes
ORGANISATION = "organisation"


def home_scope(home_id: int) -> str:
    """The key of a home's sum."""
    return f"home-{home_id}"


@dataclass(frozen=True, slots=True)
class ExpectedDay:
    """What is expected of one unit on one day, hours, and when that was computed."""

    unit_id: int
    day: date
    expected: float
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SumCard:
    """How far a sum may be off by days after ``last_day``, and how good it was."""

    last_day: date
    distances: dict[str, Any]
    metrics: dict[str, Any]
    trained_at: datetime


def expected_of_units(
    session: Session,
    unit_ids: Collection[int],
    series: str,
    start: date,
    end: date,
    bands: Collection[str],
) -> list[ExpectedDay]:
    """What is expected of each unit and day, its bands added up. One statement."""
    rows = session.execute(
        select(
            Forecast.unit_id, Forecast.date, func.sum(Forecast.yhat), func.min(Forecast.made_at)
        )
        .where(
            Forecast.unit_id.in_(sorted(set(unit_ids))), Forecast.series == series,
            Forecast.band.in_(sorted(set(bands))), Forecast.date.between(start, end),
        )
        .group_by(Forecast.unit_id, Forecast.date)
        .order_by(Forecast.date)
    )  # fmt: skip
    return [ExpectedDay(*row) for row in rows]


def sum_card(session: Session, scope: str, series: str, band: str) -> SumCard | None:
    """How far a sum may be off, if it has been trained. One statement."""
    row = session.execute(
        select(
            ForecastSum.last_day, ForecastSum.distances, ForecastSum.metrics,
            ForecastSum.trained_at,
        ).where(
            ForecastSum.scope == scope, ForecastSum.series == series, ForecastSum.band == band
        )
    ).first()  # fmt: skip
    return SumCard(*row) if row else None
