"""From values to the fields of a record, in the export's own dialect.

First the fields the old system has; then, for what it cannot say, further fields, and
only where reading the record without them would give something else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from rota.calendar import LONDON, shift_instants
from rota.exchange.catalogue import NOT_STATED
from rota.exchange.context import Context
from rota.exchange.keys import Keys, Pk
from rota.exchange.legacy import Fields
from rota.exchange.parsed import (
    Kind,
    ParsedAccount,
    ParsedHome,
    ParsedLeave,
    ParsedPattern,
    ParsedPerson,
    ParsedRole,
    ParsedShift,
    ParsedShiftType,
    ParsedUnit,
)
from rota.exchange.readers_people import CONTRACT_OF_SHIFTS
from rota.exchange.readers_types import span_minutes
from rota.models import Grade, UserRole

#: a password hash that no password has, as Django writes it
UNUSABLE_PASSWORD = "!"  # noqa: S105


def pounds(pence: int) -> str:
    """An amount as the old system writes it: ``9000.00``."""
    return f"{Decimal(pence) / 100:.2f}"


def instant_text(moment: datetime) -> str:
    """An instant as Django writes it: milliseconds, ``Z``."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _role(role: ParsedRole, keys: Keys) -> Fields:
    manages = role.grade is Grade.MANAGER
    return {
        "name": role.code,
        "description": None,
        "is_management": manages or role.grade is Grade.SENIOR,
        "is_senior_management_team": manages,
        "can_approve_leave": manages,
        "can_manage_rota": manages,
        "required_headcount": 0,
        "permission_level": "LIMITED",
        "color_code": "#95a5a6",
    }


def _home(home: ParsedHome, keys: Keys) -> Fields:
    return {
        "name": home.name,
        "bed_capacity": home.beds,
        "current_occupancy": home.occupancy,
        "budget_agency_monthly": None if home.agency_pence is None else pounds(home.agency_pence),
        "budget_overtime_monthly": (
            None if home.overtime_pence is None else pounds(home.overtime_pence)
        ),
        "home_manager": None,
        "is_active": home.is_active,
        "opened_date": home.opened_on.isoformat() if home.opened_on else None,
        "postcode": home.postcode,
    }


def _unit(unit: ParsedUnit, keys: Keys) -> Fields:
    return {
        "name": unit.name,
        "description": None,
        "is_active": unit.is_active,
        "care_home": keys.homes.get(unit.home),
        "min_day_staff": unit.day_minimum,
        "min_night_staff": unit.night_minimum,
        "min_weekend_staff": unit.weekend_minimum,
        "ideal_day_staff": unit.day_ideal,
        "ideal_night_staff": unit.night_ideal,
    }


def _shift_type(kind: ParsedShiftType, keys: Keys) -> Fields:
    unpaid = 0 if kind.break_is_paid else kind.break_minutes
    hours = Decimal(max(0, span_minutes(kind.start_time, kind.end_time) - unpaid)) / 60
    return {
        "name": kind.name,
        "start_time": kind.start_time.isoformat(),
        "end_time": kind.end_time.isoformat(),
        "duration_hours": f"{hours:.2f}",
        "is_active": kind.is_active,
        "applicable_roles": ",".join(kind.roles),
        "color_code": "#95a5a6",
    }


def _pattern(pattern: ParsedPattern, keys: Keys) -> Fields:
    return {
        "name": pattern.name,
        "cycle_length_days": pattern.cycle_days,
        "days": list(pattern.days),
    }


def _person(person: ParsedPerson, keys: Keys) -> Fields:
    shifts = {minutes: number for number, minutes in reversed(CONTRACT_OF_SHIFTS.items())}
    return {
        "password": UNUSABLE_PASSWORD,
        "last_login": None,
        "is_superuser": False,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone_number": person.phone,
        "role": None if person.role == NOT_STATED else keys.roles.get(person.role),
        "unit": keys.units.get(person.unit) if person.unit else None,
        "home_unit": None,
        "team": person.team or None,
        "shift_preference": person.preferred_shift or None,
        "is_active": person.is_active,
        "is_staff": False,
        "shifts_per_week_override": shifts.get(person.contracted_minutes),
        "groups": [],
        "user_permissions": [],
    }


def _account(account: ParsedAccount, keys: Keys) -> Fields:
    first, _, last = account.name.rpartition(" ")
    return {
        "password": UNUSABLE_PASSWORD,
        "last_login": None,
        "is_superuser": account.role is UserRole.ADMINISTRATOR,
        "username": account.sap_number,
        "first_name": first,
        "last_name": last,
        "email": account.email,
        "is_staff": False,
        "is_active": account.is_active,
        "groups": [],
        "user_permissions": [],
    }


def _shift(shift: ParsedShift, keys: Keys) -> Fields:
    return {
        "user": keys.people.get(shift.sap_number) if shift.sap_number else None,
        "unit": keys.units.get(shift.unit),
        "date": shift.date.isoformat(),
        "shift_type": keys.shift_types.get(shift.shift_type),
        "is_vacant": shift.sap_number is None and shift.agency is None,
        "classification": shift.classification.value.upper(),
        "status": "SCHEDULED" if shift.is_published else "DRAFT",
    }


def _leave(leave: ParsedLeave, keys: Keys) -> Fields:
    return {
        "user": keys.people.get(leave.sap_number),
        "start_date": leave.start_date.isoformat(),
        "end_date": leave.end_date.isoformat(),
        "leave_type": leave.leave_type.value.upper(),
        "status": leave.status.value.upper(),
        "reason": leave.reason,
    }


_WRITERS: dict[Kind, Callable[[Any, Keys], Fields]] = {
    Kind.ROLE: _role,
    Kind.HOME: _home,
    Kind.UNIT: _unit,
    Kind.SHIFT_TYPE: _shift_type,
    Kind.PATTERN: _pattern,
    Kind.PERSON: _person,
    Kind.ACCOUNT: _account,
    Kind.SHIFT: _shift,
    Kind.LEAVE: _leave,
}

#: attribute -> the field that says it, where the usual fields cannot
_FURTHER: dict[Kind, dict[str, str]] = {
    Kind.ROLE: {
        "code": "code", "name": "title", "grade": "grade", "is_night": "is_night",
        "counts_to_cover": "counts_to_cover", "is_care_exempt": "is_care_exempt",
        "needs_registration": "needs_registration",
    },
    Kind.HOME: {"latitude": "latitude", "longitude": "longitude"},
    Kind.UNIT: {"is_management": "is_management", "beds": "beds"},
    Kind.SHIFT_TYPE: {
        "code": "code", "break_minutes": "break_minutes", "break_is_paid": "break_is_paid",
        "band": "band", "category": "category", "is_senior": "is_senior",
        "is_sleep_in": "is_sleep_in", "counts_as_working_time": "counts_as_working_time",
        "counts_to_cover": "counts_to_cover", "roles": "only_roles",
    },
    Kind.PATTERN: {},
    Kind.PERSON: {
        "home": "care_home", "employment": "employment", "contracted_minutes": "contract_hours",
        "pattern": "shift_pattern", "pattern_anchor": "pattern_anchor",
        "works_other_homes": "works_other_homes", "started_on": "start_date",
        "left_on": "leaving_date", "date_of_birth": "date_of_birth",
        "registration_number": "sssc_number", "registration_expires": "sssc_expiry",
        "opt_out_signed_on": "working_time_opt_out_date",
    },
    Kind.ACCOUNT: {"role": "account_role", "all_homes": "all_homes", "homes": "homes"},
    Kind.SHIFT: {
        "agency": "agency", "agency_worker": "agency_worker", "role": "role",
        "starts_at": "start_time", "ends_at": "end_time", "break_minutes": "break_minutes",
        "paid_minutes": "paid_minutes", "is_supernumerary": "is_supernumerary",
        "is_locked": "is_locked", "note": "notes", "vacancy_reason": "vacancy_reason",
    },
    Kind.LEAVE: {
        "minutes": "minutes", "requested_at": "created_at", "decided_at": "approval_date",
        "decision_reason": "decision_reason",
    },
}  # fmt: skip

#: attributes whose value names something with a key of its own
_KEYED = {"home": "homes", "pattern": "patterns", "role": "roles"}


def usual_fields(kind: Kind, value: Any, keys: Keys) -> Fields:
    """The fields that the old system has."""
    return _WRITERS[kind](value, keys)


def add_further_fields(
    kind: Kind, value: Any, again: Any, fields: Fields, keys: Keys, context: Context
) -> Fields:
    """Say in further fields what ``again``, the record as it would be read, gets wrong."""
    for attribute, name in _FURTHER[kind].items():
        if again is None or getattr(again, attribute) != getattr(value, attribute):
            fields[name] = _further_value(kind, attribute, value, keys)
    return fields


def _further_value(kind: Kind, attribute: str, value: Any, keys: Keys) -> Any:
    said = getattr(value, attribute)
    if kind is Kind.ACCOUNT and attribute == "homes":
        return [keys.homes.get(name) for name in said]
    if attribute in _KEYED and isinstance(said, str) and not isinstance(said, StrEnum):
        table: dict[str, Pk] = getattr(keys, _KEYED[attribute])
        return table.get(said)
    if attribute == "contracted_minutes":
        return f"{Decimal(said) / 60:.4f}".rstrip("0").rstrip(".")
    if attribute in ("starts_at", "ends_at"):
        return said.astimezone(LONDON).time().isoformat()
    return plain(said)


def plain(value: object) -> Any:
    """A value as JSON has it."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def usual_shift(shift: ParsedShift, context: Context) -> bool:
    """Whether the usual fields say all of a shift: true of nearly every one, and quick."""
    kind = context.shift_types[shift.shift_type]
    starts_at, ends_at = shift_instants(shift.date, kind.start_time, kind.end_time)
    unpaid = 0 if kind.break_is_paid else kind.break_minutes
    length = int((ends_at - starts_at).total_seconds()) // 60
    return (
        shift.agency is None
        and shift.role is None
        and not shift.note
        and not shift.vacancy_reason
        and not shift.is_supernumerary
        and not shift.is_locked
        and shift.starts_at == starts_at
        and shift.ends_at == ends_at
        and shift.break_minutes == kind.break_minutes
        and shift.paid_minutes == max(0, length - unpaid)
    )
