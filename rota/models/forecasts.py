"""Stored forecasts and the models they came from. Models themselves are JSON files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rota.models.base import Base, Json, UtcDateTime, utc_now


class ForecastModel(Base):
    """A trained model of one series of a unit: where its file is and how good it was."""

    __tablename__ = "forecast_models"
    __table_args__ = (UniqueConstraint("unit_id", "series", "band"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    #: care_hours, staff, absence, agency
    series: Mapped[str] = mapped_column(String(20))
    band: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(String(40))
    path: Mapped[str] = mapped_column(String(400))
    #: hash of the data it was trained on
    fingerprint: Mapped[str] = mapped_column(String(64))
    metrics: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: why another model than the ensemble was used; empty if it was not
    fallback_reason: Mapped[str] = mapped_column(String(300), default="")
    trained_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Forecast(Base):
    """The forecast of one series for one unit, band and day."""

    __tablename__ = "forecasts"
    __table_args__ = (
        UniqueConstraint("unit_id", "series", "band", "date"),
        Index("idx_prophet_date", "date"),
        Index("idx_forecast_unit_date", "unit_id", "date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    series: Mapped[str] = mapped_column(String(20))
    band: Mapped[str] = mapped_column(String(20))
    date: Mapped[date]
    model: Mapped[str] = mapped_column(String(40))
    yhat: Mapped[float]
    yhat_lower: Mapped[float]
    yhat_upper: Mapped[float]
    #: one-sided quantiles by level, for staffing at a service level: ``{"50": …, "90": …}``
    quantiles: Mapped[dict[str, float]] = mapped_column(Json, default=dict)
    fingerprint: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class ForecastSum(Base):
    """How far a home's or the whole organisation's expected sum may be off.

    The sum itself is added up from the units' rows whenever it is read, so that it always
    agrees with them; only the distances of its bands, learnt from the errors of the sum, are
    kept here, by days after ``last_day``.
    """

    __tablename__ = "forecast_sums"
    __table_args__ = (UniqueConstraint("scope", "series", "band"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: ``organisation`` or ``home-7``
    scope: Mapped[str] = mapped_column(String(20))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("care_homes.id"), default=None)
    series: Mapped[str] = mapped_column(String(20))
    band: Mapped[str] = mapped_column(String(20))
    last_day: Mapped[date]
    #: ``{"lower": [...], "upper": [...], "quantiles": {"50": [...], ...}}``, hours from the sum
    distances: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    metrics: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    trained_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class DatedEvent(Base):
    """Days on which care differs without being a public holiday: a school holiday, a gala.

    The same name in several years is one event that comes again, and its effect is learnt
    from all of them.
    """

    __tablename__ = "dated_events"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days"),
        UniqueConstraint("name", "first_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    first_day: Mapped[date]
    last_day: Mapped[date]


class ForecastOutcome(Base):
    """A day that was forecast and is over: the last forecast made before it, and the truth."""

    __tablename__ = "forecast_outcomes"
    __table_args__ = (
        UniqueConstraint("unit_id", "series", "band", "date"),
        Index("idx_forecast_outcome_date", "date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    series: Mapped[str] = mapped_column(String(20))
    band: Mapped[str] = mapped_column(String(20))
    date: Mapped[date]
    #: how long before the day the forecast was made
    days_ahead: Mapped[int]
    expected: Mapped[float]
    lower: Mapped[float]
    upper: Mapped[float]
    #: the level that should be enough on nine days of ten
    staffing_90: Mapped[float | None] = mapped_column(default=None)
    #: what happened on the same weekday of the week before the forecast was made
    last_week: Mapped[float | None] = mapped_column(default=None)
    actual: Mapped[float]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
