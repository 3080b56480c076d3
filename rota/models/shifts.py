"""Shift types, shifts, their publication and the record of every change."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.base import Base, Imported, Json, UtcDateTime, Versioned, choice, utc_now
from rota.models.homes import Band, CareHome, Unit
from rota.models.people import Role, Staff, shift_type_roles


class Classification(StrEnum):
    """The source a shift's hours come from."""

    REGULAR = "regular"
    OVERTIME = "overtime"
    BANK = "bank"
    AGENCY = "agency"


class ShiftType(Imported, Base):
    """A kind of shift: code, local times, band. An end at or before the start crosses midnight."""

    __tablename__ = "shift_types"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    start_time: Mapped[time]
    end_time: Mapped[time]
    break_minutes: Mapped[int] = mapped_column(default=0)
    break_is_paid: Mapped[bool] = mapped_column(default=True)
    band: Mapped[Band] = mapped_column(choice(Band))
    #: how the grid paints it: day, senior_day, night, senior_night, early, late, office, sleep_in
    category: Mapped[str] = mapped_column(String(20))
    is_senior: Mapped[bool] = mapped_column(default=False)
    is_sleep_in: Mapped[bool] = mapped_column(default=False)
    counts_as_working_time: Mapped[bool] = mapped_column(default=True)
    counts_to_cover: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)

    #: who may work it; empty means anybody
    roles: Mapped[list[Role]] = relationship(secondary=shift_type_roles, order_by="Role.code")


class Agency(Base):
    """A supplier of agency workers, in order of preference."""

    __tablename__ = "agencies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    preference: Mapped[int] = mapped_column(default=1)
    #: most hours a week this supplier can give; null is no cap
    weekly_cap_minutes: Mapped[int | None] = mapped_column(default=None)
    is_active: Mapped[bool] = mapped_column(default=True)


class Shift(Imported, Versioned, Base):
    """One shift on one rota day. A vacancy is a shift with nobody on it.

    Two overlapping shifts of one person are refused by the database itself (an exclusion
    constraint on PostgreSQL, triggers on SQLite; see the first migration).
    """

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("is_vacant = (user_id IS NULL AND agency_id IS NULL)", name="vacancy"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("user_id IS NULL OR agency_id IS NULL", name="one_worker"),
        Index("idx_shift_date", "date"),
        Index("idx_shift_user", "user_id"),
        Index("idx_shift_unit_date", "unit_id", "date"),
        Index("idx_shift_user_date", "user_id", "date"),
        Index("idx_shift_home_date", "home_id", "date"),
        # what days cost is answered from the index alone, day after day of a home in order
        Index(
            "idx_shift_cost",
            "home_id",
            "date",
            "unit_id",
            "classification",
            "is_vacant",
            "cost_pence",
            "paid_minutes",
        ),
        Index(
            "idx_shift_vacant",
            "date",
            "unit_id",
            postgresql_where=text("is_vacant"),
            sqlite_where=text("is_vacant"),
        ),
        # an id that was deleted is never given again: undo refers to shifts by id
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("care_homes.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), default=None)
    agency_worker: Mapped[str] = mapped_column(String(200), default="")
    #: the role an agency worker fills or a vacancy asks for; null: whoever the type allows
    role_id: Mapped[int | None] = mapped_column(ForeignKey("roles.id"), default=None)
    date: Mapped[date]
    shift_type_id: Mapped[int] = mapped_column(ForeignKey("shift_types.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    break_minutes: Mapped[int] = mapped_column(default=0)
    paid_minutes: Mapped[int]
    is_vacant: Mapped[bool] = mapped_column(default=False)
    classification: Mapped[Classification] = mapped_column(
        choice(Classification), default=Classification.REGULAR
    )
    is_supernumerary: Mapped[bool] = mapped_column(default=False)
    is_locked: Mapped[bool] = mapped_column(default=False)
    is_published: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(500), default="")
    vacancy_reason: Mapped[str] = mapped_column(String(40), default="")
    vacant_since: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    #: loaded cost at the rates of its day, fixed when written; null: a rate is missing
    cost_pence: Mapped[int | None] = mapped_column(default=None)
    #: the change set that wrote it last, for undo
    change_set_id: Mapped[int | None] = mapped_column(ForeignKey("change_sets.id"), default=None)

    user: Mapped[Staff | None] = relationship()
    unit: Mapped[Unit] = relationship()
    home: Mapped[CareHome] = relationship()
    shift_type: Mapped[ShiftType] = relationship()
    agency: Mapped[Agency | None] = relationship()


class ChangeSet(Base):
    """One thing somebody did to the rota, which can be undone as a whole."""

    __tablename__ = "change_sets"
    __table_args__ = (Index("idx_change_set_home", "home_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("care_homes.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)

    items: Mapped[list[ChangeItem]] = relationship(
        back_populates="change_set", cascade="all, delete-orphan", order_by="ChangeItem.id"
    )


class ChangeItem(Base):
    """A shift before and after one change; null is "did not exist"."""

    __tablename__ = "change_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_set_id: Mapped[int] = mapped_column(
        ForeignKey("change_sets.id", ondelete="CASCADE"), index=True
    )
    #: no foreign key: the shift may have been deleted by this very change
    shift_id: Mapped[int] = mapped_column(index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)
    #: minutes from the change to the start of the shift, where somebody's published rota
    #: changed (negative: it had begun); null: nobody had been told yet
    notice_minutes: Mapped[int | None] = mapped_column(default=None)

    change_set: Mapped[ChangeSet] = relationship(back_populates="items")


class Publication(Base):
    """A published version of a home's (or unit's) rota for a period."""

    __tablename__ = "publications"
    __table_args__ = (Index("idx_publication_home", "home_id", "start_date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("care_homes.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), default=None)
    start_date: Mapped[date]
    end_date: Mapped[date]
    number: Mapped[int]
    published_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    #: every shift as it was published, by shift id
    snapshot: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)


class CompensatoryRest(Base):
    """Rest owed after a lawful exception to daily or weekly rest, and when it was taken."""

    __tablename__ = "compensatory_rest"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    arose_on: Mapped[date]
    owed_minutes: Mapped[int]
    due_on: Mapped[date]
    taken_on: Mapped[date | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(String(300), default="")
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
