"""Background jobs and optimisation scenarios."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rota.models.base import Base, Json, UtcDateTime, choice, utc_now
from rota.models.shifts import Classification


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Base):
    """Work that leaves the web process: who asked, with what, how far it is, what came out."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("idx_job_state", "state", "created_at"),
        Index("idx_job_key", "key", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    #: the same work asked for twice has the same key and gets the same job
    key: Mapped[str] = mapped_column(String(200))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("care_homes.id"), default=None)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    state: Mapped[JobState] = mapped_column(choice(JobState), default=JobState.QUEUED)
    inputs: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    progress: Mapped[float] = mapped_column(default=0.0)  # 0 … 1
    message: Mapped[str] = mapped_column(String(300), default="")
    #: what the page may draw while it runs, for instance the falling cost
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    error: Mapped[str] = mapped_column(String(1000), default="")
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    task_id: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    #: a running job that stops writing this is taken for dead
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class JobFile(Base):
    """A file that a job made for whoever asked; it is kept for a few days.

    In the database, because the worker may be another machine than the web process.
    """

    __tablename__ = "job_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class WorkerHeartbeat(Base):
    """When a worker last said that it lives."""

    __tablename__ = "worker_heartbeats"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScenarioState(StrEnum):
    """Whether a scenario has been used."""

    READY = "ready"
    APPLIED = "applied"
    UNDONE = "undone"


class Scenario(Base):
    """A saved answer of the optimiser, with all it was computed from."""

    __tablename__ = "scenarios"
    __table_args__ = (Index("idx_scenario_home", "home_id", "start_date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("care_homes.id"))
    name: Mapped[str] = mapped_column(String(120))
    start_date: Mapped[date]
    end_date: Mapped[date]
    state: Mapped[ScenarioState] = mapped_column(choice(ScenarioState), default=ScenarioState.READY)
    inputs: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    data_version: Mapped[int]
    seed: Mapped[int] = mapped_column(default=0)
    solver: Mapped[str] = mapped_column(String(40), default="")
    #: the scenario whose inputs this one started from; null: from nothing
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("scenarios.id", ondelete="SET NULL"), default=None
    )
    #: the study that made it (``frontier``, ``robust`` …); empty: somebody asked for it
    study: Mapped[str] = mapped_column(String(20), default="")
    status: Mapped[str] = mapped_column(String(40), default="")
    #: objective of the answer and proved bound, in pence-like units; null bound: none proved
    objective: Mapped[float | None] = mapped_column(default=None)
    bound: Mapped[float | None] = mapped_column(default=None)
    #: the six measures of the answer and of the rota it was compared with
    summary: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    explanation: Mapped[str] = mapped_column(Text, default="")
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"), default=None)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    applied_change_set_id: Mapped[int | None] = mapped_column(
        ForeignKey("change_sets.id"), default=None
    )

    shifts: Mapped[list[ScenarioShift]] = relationship(
        cascade="all, delete-orphan", order_by="ScenarioShift.id"
    )


class ScenarioShift(Base):
    """One shift of a scenario: by a person, by an agency, or unfilled (both null)."""

    __tablename__ = "scenario_shifts"
    __table_args__ = (Index("idx_scenario_shift", "scenario_id", "date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    date: Mapped[date]
    shift_type_id: Mapped[int] = mapped_column(ForeignKey("shift_types.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), default=None)
    classification: Mapped[Classification] = mapped_column(choice(Classification))
    #: the shift of the current rota it keeps or replaces; null: a new one
    shift_id: Mapped[int | None] = mapped_column(default=None)
    cost_pence: Mapped[int | None] = mapped_column(default=None)


class ScenarioAcceptance(Base):
    """A scenario, or a part of it, put into the rota: what, by whom, as which change."""

    __tablename__ = "scenario_acceptances"
    __table_args__ = (Index("idx_acceptance_scenario", "scenario_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id", ondelete="CASCADE"))
    change_set_id: Mapped[int] = mapped_column(ForeignKey("change_sets.id"))
    #: whole, units, days or people, and which ones (ids, or days in ISO form)
    scope: Mapped[str] = mapped_column(String(10))
    chosen: Mapped[list[Any]] = mapped_column(Json, default=list)
    #: the home's data version that accepting led to
    version_after: Mapped[int]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class ServiceCount(Base):
    """How often something was measured of the running site on a day (London's)."""

    __tablename__ = "service_counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
