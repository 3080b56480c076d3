"""What every dashboard is made of: figures on top, and tables whose rows lead on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice
from rota.calendar import Period
from rota.models import Staff
from rota.reports.document import Kind, Section, Value


class Leads(StrEnum):
    """Where a row of a dashboard opens."""

    #: the same dashboard of one home (and unit)
    HERE = "here"
    #: the same dashboard of one month
    MONTH = "month"
    #: the shifts of the place and period, with their cost
    SHIFTS = "shifts"
    #: the rota of the place from a day on
    ROTA = "rota"
    #: the leave of the place
    LEAVE = "leave"
    #: the open shifts of the place
    VACANCIES = "vacancies"


@dataclass(frozen=True, slots=True)
class Place:
    """What a row is about, and so what it opens."""

    leads: Leads
    home_id: int | None = None
    unit_id: int | None = None
    person_id: int | None = None
    start: date | None = None
    end: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class BoardFigure:
    """One number on top. ``is_good`` null: neither good nor bad."""

    label: str
    value: Value
    kind: Kind
    detail: str = ""
    is_good: bool | None = None
    trend: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardTable:
    """A table and where each of its rows opens (null: nowhere)."""

    section: Section
    places: tuple[Place | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard: the finding in a sentence, figures, tables, what the words mean."""

    finding: str
    figures: tuple[BoardFigure, ...]
    tables: tuple[BoardTable, ...]
    definitions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BoardQuestion:
    """Homes (already the actor's own) and whole months."""

    homes: tuple[HomeChoice, ...]
    period: Period

    @property
    def home_ids(self) -> list[int]:
        """The homes by id."""
        return sorted(home.id for home in self.homes)

    @property
    def home_names(self) -> dict[int, str]:
        """The homes by name."""
        return {home.id: home.name for home in self.homes}

    @property
    def unit_names(self) -> dict[int, tuple[int, str]]:
        """Every unit: its home and name."""
        return {unit.id: (home.id, unit.name) for home in self.homes for unit in home.units}

    def check(self, actor: Actor, permission: Permission) -> None:
        """Raise :class:`~rota.errors.NotAllowed` unless the actor may, for every home."""
        actor.require(permission)
        for home in self.homes:
            actor.require(permission, home.id)

    def place(self, leads: Leads, unit_id: int | None = None, home_id: int | None = None) -> Place:
        """A place in the period of the question."""
        if unit_id is not None and unit_id in self.unit_names:
            home_id = self.unit_names[unit_id][0]
        return Place(
            leads, home_id, unit_id, None, self.period.start, self.period.end
        )  # fmt: skip


def share(part: float, whole: float) -> float | None:
    """``part`` ÷ ``whole``; nothing where there is no whole."""
    return part / whole if whole > 0 else None


def people_names(session: Session, ids: Sequence[int], *, named: bool) -> dict[int, str]:
    """People by name for those who may see personal data, else by number. One statement."""
    if not named:
        return {staff_id: f"Person {staff_id}" for staff_id in ids}
    rows = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name).where(Staff.id.in_(sorted(ids)))
    )
    return {row.id: f"{row.first_name} {row.last_name}".strip() for row in rows}
