"""People on the payroll, their grades, and what they are allowed and obliged to do."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.base import Base, Imported, Json, Versioned, choice
from rota.models.homes import CareHome, Unit


class Grade(StrEnum):
    """What a role counts as when cover is counted."""

    SENIOR = "senior"
    WORKER = "worker"
    ASSISTANT = "assistant"
    MANAGER = "manager"
    OTHER = "other"


class Employment(StrEnum):
    """Contract with guaranteed hours, or own casual staff without."""

    PERMANENT = "permanent"
    BANK = "bank"


shift_type_roles = Table(
    "shift_type_roles",
    Base.metadata,
    Column("shift_type_id", ForeignKey("shift_types.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Imported, Base):
    """A job on the payroll (SSCW, SCA, OM …) with its grade."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    grade: Mapped[Grade] = mapped_column(choice(Grade))
    is_night: Mapped[bool] = mapped_column(default=False)
    #: counts towards a unit's minimum
    counts_to_cover: Mapped[bool] = mapped_column(default=True)
    #: provides continuous residential care (Working Time Regulations, regs 21 and 24)
    is_care_exempt: Mapped[bool] = mapped_column(default=True)
    #: must be registered with the Scottish Social Services Council
    needs_registration: Mapped[bool] = mapped_column(default=True)


class ShiftPattern(Imported, Base):
    """A rolling pattern: for each day of its cycle a shift code or rest."""

    __tablename__ = "shift_patterns"
    __table_args__ = (CheckConstraint("cycle_days BETWEEN 1 AND 366", name="cycle"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    cycle_days: Mapped[int]
    #: one entry a day of the cycle: a shift type's code, or "" for rest
    days: Mapped[list[str]] = mapped_column(Json)


class Staff(Imported, Versioned, Base):
    """A person who works. The SAP number is text: leading zeros matter."""

    __tablename__ = "staff"
    __table_args__ = (
        Index("idx_staff_unit", "unit_id"),
        Index("idx_staff_home", "home_id"),
        CheckConstraint("contracted_minutes BETWEEN 0 AND 10080", name="contract"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sap_number: Mapped[str] = mapped_column(String(32), unique=True)
    first_name: Mapped[str] = mapped_column(String(200))
    last_name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("care_homes.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    employment: Mapped[Employment] = mapped_column(choice(Employment), default=Employment.PERMANENT)
    contracted_minutes: Mapped[int] = mapped_column(default=0)  # a week
    team: Mapped[str] = mapped_column(String(8), default="")
    pattern_id: Mapped[int | None] = mapped_column(ForeignKey("shift_patterns.id"), default=None)
    #: the rota day on which the person's cycle has its day 0
    pattern_anchor: Mapped[date | None] = mapped_column(default=None)
    #: usual shift type's code, used when a pattern or a vacancy leaves it open
    preferred_shift: Mapped[str] = mapped_column(String(40), default="")
    works_other_homes: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    started_on: Mapped[date | None] = mapped_column(default=None)
    left_on: Mapped[date | None] = mapped_column(default=None)
    date_of_birth: Mapped[date | None] = mapped_column(default=None)
    registration_number: Mapped[str] = mapped_column(String(40), default="")
    registration_expires: Mapped[date | None] = mapped_column(default=None)

    role: Mapped[Role] = relationship(lazy="joined")
    home: Mapped[CareHome | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    pattern: Mapped[ShiftPattern | None] = relationship()

    @property
    def name(self) -> str:
        """First and last name, as on screen."""
        return f"{self.first_name} {self.last_name}".strip()


class WorkingTimeOptOut(Base):
    """A dated, written opt-out from the 48-hour average (reg 5), withdrawable by notice."""

    __tablename__ = "working_time_opt_outs"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    signed_on: Mapped[date]
    notice_days: Mapped[int] = mapped_column(default=7)
    #: the day the notice was given; the opt-out ends ``notice_days`` later
    withdrawn_on: Mapped[date | None] = mapped_column(default=None)


class Qualification(Base):
    """Training or a skill that a person holds, with the day it expires."""

    __tablename__ = "qualifications"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    awarded_on: Mapped[date]
    expires_on: Mapped[date | None] = mapped_column(default=None)


class RuleParameter(Base):
    """A threshold of a rule of work from a date on, for one role or for all."""

    __tablename__ = "rule_parameters"
    __table_args__ = (Index("idx_rule_parameter", "rule", "name", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(40))
    role_id: Mapped[int | None] = mapped_column(ForeignKey("roles.id"), default=None)
    effective_from: Mapped[date]
    value: Mapped[Any] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(String(400), default="")
