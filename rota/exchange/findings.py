"""What was found in the files: by file, record and field, as an error or a warning.

An error stops the import: the record cannot be loaded without inventing something. A
warning is listed and loaded; its title says how. :data:`TITLES` is the table of all of
them; ``docs/import.md`` shows it, and a test holds the two together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """Whether a finding stops the import."""

    ERROR = "ERROR"
    WARNING = "WARNING"


class Code(StrEnum):
    """Every kind of finding."""

    RECORD_SHAPE = "record-shape"
    REQUIRED_MISSING = "required-missing"
    WRONG_TYPE = "wrong-type"
    BAD_DATE = "bad-date"
    BAD_TIME = "bad-time"
    OUT_OF_RANGE = "out-of-range"
    TOO_LONG = "too-long"
    UNKNOWN_VALUE = "unknown-value"
    DUPLICATE_SAP = "duplicate-sap-number"
    CONTRADICTION = "contradicting-records"
    KEY_TWICE = "key-used-twice"
    UNIT_WITHOUT_HOME = "unit-without-home"
    UNKNOWN_HOME = "unknown-home"
    UNKNOWN_UNIT = "unknown-unit"
    UNKNOWN_ROLE = "unknown-role"
    UNKNOWN_SHIFT_TYPE = "unknown-shift-type"
    UNKNOWN_PATTERN = "unknown-pattern"
    AMBIGUOUS_NAME = "ambiguous-name"
    PATTERN_LENGTH = "pattern-length"
    SHIFT_UNKNOWN_PERSON = "shift-unknown-person"
    SHIFT_WITHOUT_UNIT = "shift-without-unit"
    OVERLAPPING_SHIFTS = "overlapping-shifts"
    VACANT_WITH_PERSON = "vacant-with-person"
    LEAVE_UNKNOWN_PERSON = "leave-unknown-person"
    LEAVE_ORDER = "leave-ends-before-start"

    PERSON_WITHOUT_UNIT = "person-without-unit"
    PERSON_WITHOUT_ROLE = "person-without-role"
    BAD_EMAIL = "bad-email"
    SHARED_EMAIL = "shared-email"
    SAP_NOT_TEXT = "sap-number-not-text"
    SAP_LOOK_ALIKE = "sap-numbers-look-alike"
    TEXT_CUT = "text-cut"
    REPEATED_RECORD = "repeated-record"
    MANAGEMENT_UNITS = "several-management-units"
    MANAGEMENT_MINIMUM = "management-unit-minimum"
    IDEAL_BELOW_MINIMUM = "ideal-below-minimum"
    OCCUPANCY = "occupancy-over-beds"
    HOURS_FROM_LEAVE = "hours-from-leave-allowance"
    HOURS_ASSUMED = "hours-assumed"
    ROLE_ASSUMED = "role-assumed"
    SHIFT_TYPE_ASSUMED = "shift-type-assumed"
    ROLES_ADDED = "roles-added"
    DURATION = "duration-differs"
    UNKNOWN_PREFERENCE = "unknown-shift-preference"
    UNSUITABLE_PREFERENCE = "unsuitable-shift-preference"
    EMPTY_NOT_VACANT = "empty-not-vacant"
    CANCELLED_SHIFT = "cancelled-shift"
    SHIFT_ON_LEAVE = "shift-on-leave"
    SHIFT_OF_LEAVER = "shift-of-inactive-person"
    SHIFT_UNIT_ASSUMED = "shift-unit-assumed"
    CHANGED_HERE = "changed-here"
    LEAVE_OVERLAP = "overlapping-leave"
    LEAVE_TYPE_OTHER = "leave-type-other"
    NAME_PART = "name-part-missing"
    OPT_OUT_UNDATED = "opt-out-undated"
    ACCOUNT_ALONE = "account-without-person"
    PASSWORD = "password-not-imported"  # noqa: S105
    FRAMEWORK_RECORD = "framework-record"


E, W = Level.ERROR, Level.WARNING

#: level of each kind of finding and what it means for the import
TITLES: dict[Code, tuple[Level, str]] = {
    Code.RECORD_SHAPE: (E, "not a record with a model and fields"),
    Code.REQUIRED_MISSING: (E, "a required field is missing or empty"),
    Code.WRONG_TYPE: (E, "a value of the wrong type"),
    Code.BAD_DATE: (E, "not a date"),
    Code.BAD_TIME: (E, "not a time"),
    Code.OUT_OF_RANGE: (E, "a number or date out of range"),
    Code.TOO_LONG: (E, "text too long"),
    Code.UNKNOWN_VALUE: (E, "a value that is not one of those known"),
    Code.DUPLICATE_SAP: (E, "a SAP number held by different records"),
    Code.CONTRADICTION: (E, "the same thing described twice, differently"),
    Code.KEY_TWICE: (E, "one primary key for two different things"),
    Code.UNIT_WITHOUT_HOME: (E, "a unit without a home"),
    Code.UNKNOWN_HOME: (E, "a home that is not known"),
    Code.UNKNOWN_UNIT: (E, "a unit that is not known"),
    Code.UNKNOWN_ROLE: (E, "a role that is not known"),
    Code.UNKNOWN_SHIFT_TYPE: (E, "a shift type that is not known"),
    Code.UNKNOWN_PATTERN: (E, "a shift pattern that is not known"),
    Code.AMBIGUOUS_NAME: (E, "a name that fits more than one thing"),
    Code.PATTERN_LENGTH: (E, "a pattern whose days do not fill its cycle"),
    Code.SHIFT_UNKNOWN_PERSON: (E, "a shift of an unknown person"),
    Code.SHIFT_WITHOUT_UNIT: (E, "a shift without a unit"),
    Code.OVERLAPPING_SHIFTS: (E, "overlapping shifts of one person"),
    Code.VACANT_WITH_PERSON: (E, "a shift marked vacant that names a person"),
    Code.LEAVE_UNKNOWN_PERSON: (E, "leave of an unknown person"),
    Code.LEAVE_ORDER: (E, "leave that ends before it starts"),
    Code.PERSON_WITHOUT_UNIT: (W, "a person without a unit; loaded without one"),
    Code.PERSON_WITHOUT_ROLE: (W, 'a person without a role; loaded as "Role not stated"'),
    Code.BAD_EMAIL: (W, "not an e-mail address; kept for the export, not used"),
    Code.SHARED_EMAIL: (W, "an e-mail address shared by several people"),
    Code.SAP_NOT_TEXT: (W, "a SAP number that is a number, not text: leading zeros may be lost"),
    Code.SAP_LOOK_ALIKE: (W, "SAP numbers that differ only in leading zeros"),
    Code.TEXT_CUT: (W, "text longer than is shown here; kept whole for the export"),
    Code.REPEATED_RECORD: (W, "the same record again; loaded once"),
    Code.MANAGEMENT_UNITS: (W, "a home with more than one management unit"),
    Code.MANAGEMENT_MINIMUM: (W, "a weekend minimum on a management unit; kept, not used"),
    Code.IDEAL_BELOW_MINIMUM: (W, "an ideal below the minimum; the minimum is used"),
    Code.OCCUPANCY: (W, "more residents than beds"),
    Code.HOURS_FROM_LEAVE: (W, "no contract hours; the leave allowance holds 24 or 35, used as such"),
    Code.HOURS_ASSUMED: (W, "no contract hours; 35 a week assumed"),
    Code.ROLE_ASSUMED: (W, "a role named but not described in the files; the usual one is made"),
    Code.SHIFT_TYPE_ASSUMED: (W, "a shift type named but not described; the usual one is made"),
    Code.ROLES_ADDED: (W, "a shift type opened to more roles than named, so it can be worked"),
    Code.DURATION: (W, "paid hours longer than the shift; the times are used"),
    Code.UNKNOWN_PREFERENCE: (W, "a shift preference that is no shift type; kept, not used"),
    Code.UNSUITABLE_PREFERENCE: (W, "a shift preference that is not for the person's role"),
    Code.EMPTY_NOT_VACANT: (W, "nobody on it but not marked vacant; loaded as a vacancy"),
    Code.CANCELLED_SHIFT: (W, "a cancelled shift; not loaded"),
    Code.SHIFT_ON_LEAVE: (W, "a shift during the person's approved leave"),
    Code.SHIFT_OF_LEAVER: (W, "a coming shift of a person who is not active"),
    Code.SHIFT_UNIT_ASSUMED: (W, "a shift without a unit; the person's unit is used"),
    Code.CHANGED_HERE: (W, "imported before and changed here since; left as it is here"),
    Code.LEAVE_OVERLAP: (W, "overlapping leave of one person"),
    Code.LEAVE_TYPE_OTHER: (W, 'a leave type that is not known; loaded as "other"'),
    Code.NAME_PART: (W, "a person with only one name"),
    Code.OPT_OUT_UNDATED: (W, "an opt-out without its date; recorded from the start date"),
    Code.ACCOUNT_ALONE: (W, "an account without a person on the payroll"),
    Code.PASSWORD: (W, "a password hash; never imported, people get an invitation"),
    Code.FRAMEWORK_RECORD: (W, "a record of the old framework; not loaded"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Where:
    """A record in a file: its position in the list (from 1) and its primary key."""

    file: str
    record: int
    pk: str

    def __str__(self) -> str:
        return f"{self.file} record {self.record} (pk {self.pk})"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, in one field of one record."""

    code: Code
    where: Where
    field: str
    message: str

    @property
    def level(self) -> Level:
        """Whether it stops the import."""
        return TITLES[self.code][0]

    def as_json(self) -> dict[str, Any]:
        """The finding as plain values."""
        return {
            "level": self.level.value,
            "code": self.code.value,
            "file": self.where.file,
            "record": self.where.record,
            "pk": self.where.pk,
            "field": self.field,
            "message": self.message,
        }

    def __str__(self) -> str:
        place = f"{self.where}, {self.field}" if self.field else str(self.where)
        return f"{place}: {self.message}"


@dataclass(slots=True)
class Findings:
    """The list of findings, in the order of the records."""

    items: list[Finding] = field(default_factory=list)

    def add(self, code: Code, where: Where, field_name: str, message: str) -> None:
        """Note a finding."""
        self.items.append(Finding(code, where, field_name, message))

    def counts(self) -> Counter[Code]:
        """How many there are of each kind."""
        return Counter(item.code for item in self.items)

    def number(self, level: Level) -> int:
        """How many findings have this level."""
        return sum(1 for item in self.items if item.level is level)

    def grouped(self) -> Iterable[tuple[Code, list[Finding]]]:
        """Findings by kind, errors first, in the order of :data:`TITLES`."""
        groups: dict[Code, list[Finding]] = {}
        for item in self.items:
            groups.setdefault(item.code, []).append(item)
        return [(code, groups[code]) for code in TITLES if code in groups]
