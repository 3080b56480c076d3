"""Homes, units and how many people they need."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.base import Base, Imported, Json, UtcDateTime, choice, utc_now


class Band(StrEnum):
    """The part of the day a shift covers; requirements and coverage are counted by it."""

    DAY = "day"
    NIGHT = "night"
    OFFICE = "office"


class CareHome(Imported, Base):
    """A registered care home; the scope of permissions, budgets and optimisation."""

    __tablename__ = "care_homes"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    beds: Mapped[int] = mapped_column(default=0)
    occupancy: Mapped[int] = mapped_column(default=0)
    postcode: Mapped[str] = mapped_column(String(12), default="")
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)
    opened_on: Mapped[date | None] = mapped_column(default=None)
    is_active: Mapped[bool] = mapped_column(default=True)
    #: grows with every change to what a screen of this home shows; the key of every cache
    data_version: Mapped[int] = mapped_column(default=1)

    units: Mapped[list[Unit]] = relationship(back_populates="home", order_by="Unit.name")


class Unit(Imported, Base):
    """A wing of a home with its own minimum numbers; a management unit has no residents."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("home_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("care_homes.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    is_management: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    beds: Mapped[int] = mapped_column(default=0)

    home: Mapped[CareHome] = relationship(back_populates="units")


class CoverRequirement(Base):
    """How many people a unit needs in a band, from a date on.

    The most particular row wins: a single date before a weekday before every day; then
    the one with the latest ``effective_from``.
    """

    __tablename__ = "cover_requirements"
    __table_args__ = (
        CheckConstraint("minimum >= 0 AND ideal >= minimum", name="numbers"),
        CheckConstraint("weekday IS NULL OR weekday BETWEEN 0 AND 6", name="weekday"),
        Index("idx_requirement_unit_band", "unit_id", "band"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    band: Mapped[Band] = mapped_column(choice(Band))
    #: Monday is 0; null is every day
    weekday: Mapped[int | None] = mapped_column(default=None)
    #: one single day, for instance a requirement accepted from a forecast
    on_date: Mapped[date | None] = mapped_column(default=None)
    minimum: Mapped[int]
    ideal: Mapped[int]
    senior_minimum: Mapped[int] = mapped_column(default=0)
    effective_from: Mapped[date]
    effective_to: Mapped[date | None] = mapped_column(default=None)
    source: Mapped[str] = mapped_column(String(20), default="manual")
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Census(Base):
    """Residents of a unit on a day, by dependency group (``{"A": 3, …}``)."""

    __tablename__ = "census"
    __table_args__ = (UniqueConstraint("unit_id", "date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    date: Mapped[date]
    residents: Mapped[int]
    #: sum over residents of the care hours their dependency group needs in 24 hours
    care_hours: Mapped[float]
    by_group: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class ResidentBooking(Base):
    """Residents of a unit who are booked to come (more) or to leave (fewer) from a day on.

    What a forecast may know before the day: ``recorded_at`` moves with every change of the
    row, so that no backtest sees a plan earlier than people did.
    """

    __tablename__ = "resident_bookings"
    __table_args__ = (
        CheckConstraint("change <> 0 AND change BETWEEN -60 AND 60", name="change"),
        Index("idx_resident_booking_unit", "unit_id", "date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    date: Mapped[date]
    change: Mapped[int]
    note: Mapped[str] = mapped_column(String(120), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)


class DependencyGroup(Base):
    """Care hours a resident of a dependency group needs a day: the organisation's own table."""

    __tablename__ = "dependency_groups"
    __table_args__ = (UniqueConstraint("code", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    hours_per_day: Mapped[float]
    effective_from: Mapped[date]
