"""Dated rates and budgets. Amounts are integer pence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rota.models.base import Base, UtcDateTime, utc_now


class PayRate(Base):
    """What a role is paid an hour from a date on, by time of day and kind of day."""

    __tablename__ = "pay_rates"
    __table_args__ = (UniqueConstraint("role_id", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"))
    effective_from: Mapped[date]
    day_pence: Mapped[int]
    night_pence: Mapped[int]
    weekend_pence: Mapped[int]
    holiday_pence: Mapped[int]
    overtime_multiplier: Mapped[Decimal] = mapped_column(Numeric(5, 3), default=Decimal("1.5"))


class AgencyRate(Base):
    """What a supplier invoices an hour for a role from a date on."""

    __tablename__ = "agency_rates"
    __table_args__ = (UniqueConstraint("agency_id", "role_id", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"))
    effective_from: Mapped[date]
    day_pence: Mapped[int]
    night_pence: Mapped[int]
    weekend_pence: Mapped[int]
    holiday_pence: Mapped[int]


class OnCost(Base):
    """Employer's on-costs from a date on, as percentages of pay."""

    __tablename__ = "on_costs"

    id: Mapped[int] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(unique=True)
    national_insurance_percent: Mapped[Decimal] = mapped_column(Numeric(6, 3))
    national_insurance_threshold_pence: Mapped[int]  # a year
    pension_percent: Mapped[Decimal] = mapped_column(Numeric(6, 3))


class PayFloor(Base):
    """A floor nobody may be paid under (National Living Wage, Real Living Wage)."""

    __tablename__ = "pay_floors"
    __table_args__ = (UniqueConstraint("name", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    effective_from: Mapped[date]
    pence: Mapped[int]


class Budget(Base):
    """What a home may spend in a month on one source of hours."""

    __tablename__ = "budgets"
    __table_args__ = (UniqueConstraint("home_id", "month", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("care_homes.id"))
    month: Mapped[date]  # its first day
    #: a Classification's value
    source: Mapped[str] = mapped_column(String(20))
    pence: Mapped[int]


class MeasureTarget(Base):
    """What a measure should be: from ``target`` to ``limit`` is amber, beyond it red.

    For one home or, without one, for every home that has no target of its own.
    """

    __tablename__ = "measure_targets"
    __table_args__ = (Index("idx_measure_target", "measure", "home_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int | None] = mapped_column(ForeignKey("care_homes.id"), default=None)
    #: a measure's key
    measure: Mapped[str] = mapped_column(String(40))
    target: Mapped[float]
    limit: Mapped[float]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class KeptFigure(Base):
    """A sum over the shifts of a home's past month, kept until a write touches that month."""

    __tablename__ = "kept_figures"

    home_id: Mapped[int] = mapped_column(ForeignKey("care_homes.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    #: a field of :class:`rota.costs.measures.Facts`
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
