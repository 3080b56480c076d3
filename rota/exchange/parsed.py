"""What a record says, in the product's terms: typed, derived, references by natural key.

The same values are made from a record (:mod:`rota.exchange.dialects`) and from a row of
the database (:mod:`rota.exchange.stored`), so that "is it the same?" is one comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from rota.exchange.findings import Where
from rota.models import (
    Band,
    Classification,
    Employment,
    Grade,
    LeaveStatus,
    LeaveType,
    UserRole,
)


class Kind(StrEnum):
    """What a record is about, in the order in which records depend on one another."""

    ROLE = "roles"
    HOME = "homes"
    UNIT = "units"
    SHIFT_TYPE = "shift types"
    PATTERN = "shift patterns"
    PERSON = "staff"
    ACCOUNT = "accounts"
    SHIFT = "shifts"
    LEAVE = "leave requests"


#: a unit's natural key: its home's name and its own
UnitKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ParsedRole:
    """A role; ``code`` is its natural key."""

    code: str
    name: str
    grade: Grade
    is_night: bool
    counts_to_cover: bool
    is_care_exempt: bool
    needs_registration: bool


@dataclass(frozen=True, slots=True)
class ParsedHome:
    """A care home; budgets are pence a month, null where the file names none."""

    name: str
    beds: int
    occupancy: int
    postcode: str
    opened_on: date | None
    is_active: bool
    latitude: float | None
    longitude: float | None
    agency_pence: int | None
    overtime_pence: int | None


@dataclass(frozen=True, slots=True)
class ParsedUnit:
    """A unit with its cover requirements. ``weekend_minimum`` counts by day, Saturday and Sunday."""

    home: str
    name: str
    is_management: bool
    is_active: bool
    beds: int
    day_minimum: int
    day_ideal: int
    night_minimum: int
    night_ideal: int
    weekend_minimum: int


@dataclass(frozen=True, slots=True)
class ParsedShiftType:
    """A shift type; ``roles`` are codes, sorted, empty for anybody."""

    code: str
    name: str
    start_time: time
    end_time: time
    break_minutes: int
    break_is_paid: bool
    band: Band
    category: str
    is_senior: bool
    is_sleep_in: bool
    counts_as_working_time: bool
    counts_to_cover: bool
    is_active: bool
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedPattern:
    """A rolling pattern; ``days`` holds a shift type's code or "" for rest."""

    name: str
    cycle_days: int
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedPerson:
    """A person on the payroll; ``home`` and ``unit`` are natural keys."""

    sap_number: str
    first_name: str
    last_name: str
    email: str
    phone: str
    role: str
    home: str | None
    unit: UnitKey | None
    employment: Employment
    contracted_minutes: int
    team: str
    pattern: str | None
    pattern_anchor: date | None
    preferred_shift: str
    works_other_homes: bool
    is_active: bool
    started_on: date | None
    left_on: date | None
    date_of_birth: date | None
    registration_number: str
    registration_expires: date | None
    opt_out_signed_on: date | None


@dataclass(frozen=True, slots=True)
class ParsedAccount:
    """An account; never with a password. ``homes`` are names, sorted."""

    sap_number: str
    name: str
    email: str
    role: UserRole
    all_homes: bool
    homes: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True, slots=True)
class ParsedShift:
    """A shift: of a person, of an agency's worker, or vacant (both null)."""

    sap_number: str | None
    agency: str | None
    agency_worker: str
    unit: UnitKey
    role: str | None
    date: date
    shift_type: str
    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    paid_minutes: int
    classification: Classification
    is_supernumerary: bool
    is_locked: bool
    is_published: bool
    note: str
    vacancy_reason: str

    @property
    def key(self) -> tuple[object, ...]:
        """Who, where, when and what: one such shift exists once, or as often as it is vacant."""
        return (self.sap_number or self.agency_worker, self.date, self.shift_type, self.unit)


@dataclass(frozen=True, slots=True)
class ParsedLeave:
    """A leave request, both days included."""

    sap_number: str
    start_date: date
    end_date: date
    leave_type: LeaveType
    status: LeaveStatus
    minutes: int
    reason: str
    requested_at: datetime
    decided_at: datetime | None
    decision_reason: str

    @property
    def key(self) -> tuple[object, ...]:
        """Who, from when to when, what for."""
        return (self.sap_number, self.start_date, self.end_date, self.leave_type)


Parsed = (
    ParsedRole
    | ParsedHome
    | ParsedUnit
    | ParsedShiftType
    | ParsedPattern
    | ParsedPerson
    | ParsedAccount
    | ParsedShift
    | ParsedLeave
)


@dataclass(frozen=True, slots=True)
class Item:
    """A parsed record, ready to load: what it says, its key in the old system, the rest."""

    kind: Kind
    value: Any
    pk: str | None
    legacy: dict[str, Any]
    where: Where
    #: the attributes that the record says anything about
    stated: frozenset[str]
