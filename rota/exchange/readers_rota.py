"""Reading shifts and leave requests."""

from __future__ import annotations

from datetime import time
from functools import lru_cache

from rota.calendar import instant, shift_instants, worked_minutes
from rota.errors import InvalidInput
from rota.exchange.context import Context
from rota.exchange.fields import FieldReader, words_of
from rota.exchange.findings import Code
from rota.exchange.parsed import ParsedLeave, ParsedPerson, ParsedShift, UnitKey
from rota.exchange.readers_people import FULL_TIME_MINUTES, LONG_SHIFT_MINUTES
from rota.exchange.references import Broken, Unknown
from rota.models import Classification, LeaveStatus, LeaveType

#: the supplier of agency workers whom the file does not name
UNNAMED_AGENCY = "Agency (not named)"
_CLASSIFICATIONS = words_of(
    Classification,
    [("standard", Classification.REGULAR), ("normal", Classification.REGULAR),
     ("contracted", Classification.REGULAR), ("core", Classification.REGULAR),
     ("ot", Classification.OVERTIME), ("casual", Classification.BANK)],
)  # fmt: skip
_CANCELLED = frozenset({"cancelled", "canceled", "deleted"})
_UNPUBLISHED = frozenset({"draft", "planned", "unpublished", "proposed"})
_VACANT = frozenset({"vacant", "uncovered", "unfilled", "open"})
_LEAVE_TYPES = words_of(
    LeaveType,
    [("annual leave", LeaveType.ANNUAL), ("holiday", LeaveType.ANNUAL), ("al", LeaveType.ANNUAL),
     ("sickness", LeaveType.SICK), ("sick leave", LeaveType.SICK), ("study", LeaveType.TRAINING),
     ("study leave", LeaveType.TRAINING), ("training leave", LeaveType.TRAINING),
     ("unpaid leave", LeaveType.UNPAID), ("maternity", LeaveType.PARENTAL),
     ("paternity", LeaveType.PARENTAL), ("maternity leave", LeaveType.PARENTAL),
     ("paternity leave", LeaveType.PARENTAL), ("parental leave", LeaveType.PARENTAL),
     ("adoption", LeaveType.PARENTAL), ("bereavement", LeaveType.COMPASSIONATE),
     ("compassionate leave", LeaveType.COMPASSIONATE), ("carers", LeaveType.COMPASSIONATE),
     ("special", LeaveType.OTHER), ("special leave", LeaveType.OTHER),
     ("personal", LeaveType.OTHER), ("emergency", LeaveType.OTHER)],
)  # fmt: skip
_LEAVE_STATUSES = words_of(
    LeaveStatus,
    [("denied", LeaveStatus.REJECTED), ("refused", LeaveStatus.REJECTED),
     ("declined", LeaveStatus.REJECTED), ("cancelled", LeaveStatus.WITHDRAWN),
     ("canceled", LeaveStatus.WITHDRAWN), ("manual review", LeaveStatus.PENDING),
     ("manual", LeaveStatus.PENDING), ("submitted", LeaveStatus.PENDING),
     ("requested", LeaveStatus.PENDING), ("auto approved", LeaveStatus.APPROVED),
     ("accepted", LeaveStatus.APPROVED), ("taken", LeaveStatus.APPROVED),
     ("completed", LeaveStatus.APPROVED)],
)  # fmt: skip

#: shift_instants for the few hundred pairs of times that occur, on thousands of days
_instants = lru_cache(maxsize=65536)(shift_instants)


def read_shift(reader: FieldReader, context: Context) -> ParsedShift | None:
    """A shift. Nobody on it is a vacancy, unless an agency's worker fills it."""
    status = str(reader.raw("status") or "").casefold()
    if status in _CANCELLED:
        reader.note(Code.CANCELLED_SHIFT, "status", "cancelled")
        return None
    sap = person_of(reader, context, Code.SHIFT_UNKNOWN_PERSON)
    person_named = reader.raw("person") is not None
    classification = reader.one_of("classification", _CLASSIFICATIONS, Classification.REGULAR)
    if classification is None:
        reader.note(Code.UNKNOWN_VALUE, "classification", f"{reader.raw('classification')}")
        classification = Classification.REGULAR
    marked = reader.flag("is_vacant", default=status in _VACANT)
    agency = None
    if person_named and marked:
        reader.note(Code.VACANT_WITH_PERSON, "is_vacant", "vacant, yet somebody is named")
    elif not person_named and not marked:
        agency = _agency(reader, classification)
        if agency is None and reader.has("is_vacant"):
            reader.note(Code.EMPTY_NOT_VACANT, "is_vacant", "nobody is on it")
    unit = _unit(reader, context, sap)
    day = reader.day("date")
    if day is None and reader.raw("date") is None:
        reader.required("date", None)
    kind_value = reader.raw("shift_type")
    code = None
    if kind_value is None:
        reader.required("shift_type", None)
    else:
        code = context.shift_type(reader, "shift_type", kind_value)
    if unit is None or day is None or code is None or (person_named and sap is None):
        return None
    kind = context.shift_types[code]
    starts = reader.clock("starts") or kind.start_time
    ends = reader.clock("ends") or kind.end_time
    try:
        starts_at, ends_at = _instants(day, starts, ends)
    except InvalidInput as error:
        reader.note(Code.OUT_OF_RANGE, "ends", error.message)
        return None
    breaks = reader.integer("break_minutes", 0, 24 * 60, default=kind.break_minutes)
    unpaid = 0 if kind.break_is_paid else breaks
    paid = worked_minutes(starts_at, ends_at, unpaid)
    role_value = reader.raw("role")
    return ParsedShift(
        sap_number=sap,
        agency=agency,
        agency_worker=reader.text("agency_worker", 200) if agency else "",
        unit=unit,
        role=None if role_value is None else context.role(reader, "role", role_value),
        date=day,
        shift_type=code,
        starts_at=starts_at,
        ends_at=ends_at,
        break_minutes=breaks,
        paid_minutes=reader.integer("paid_minutes", 0, 48 * 60, default=paid),
        classification=classification,
        is_supernumerary=reader.flag("is_supernumerary", default=False),
        is_locked=reader.flag("is_locked", default=False),
        is_published=status not in _UNPUBLISHED,
        note=reader.text("note", 500),
        vacancy_reason=reader.text("vacancy_reason", 40),
    )


def person_of(reader: FieldReader, context: Context, unknown: Code) -> str | None:
    """The SAP number of whom a shift or leave names; null when nobody or, noted, unknown."""
    value = reader.raw("person")
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    try:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Unknown(str(value))
        return context.references.people.find(value)
    except Broken:
        return None
    except Unknown:
        reader.note(unknown, "person", f'nobody has "{value}"')
        return None


def _agency(reader: FieldReader, classification: Classification) -> str | None:
    value = reader.raw("agency")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"Agency {value}"
    name = reader.text("agency", 120)
    if name:
        return name
    return UNNAMED_AGENCY if classification is Classification.AGENCY else None


def _unit(reader: FieldReader, context: Context, sap: str | None) -> UnitKey | None:
    person = context.people.get(sap) if sap else None
    if reader.raw("unit") is not None:
        return context.unit(reader, "unit", person.home if person else None)
    if person is not None and person.unit is not None:
        reader.note(Code.SHIFT_UNIT_ASSUMED, "unit", f"taken for {person.unit[1]}")
        return person.unit
    reader.note(Code.SHIFT_WITHOUT_UNIT, "unit", "no unit")
    return None


def read_leave(reader: FieldReader, context: Context) -> ParsedLeave | None:
    """A leave request; what it takes is in minutes, from its hours, its days or the contract."""
    sap = person_of(reader, context, Code.LEAVE_UNKNOWN_PERSON)
    if sap is None and reader.raw("person") is None:
        reader.required("person", None)
    start, end = reader.day("start_date"), reader.day("end_date")
    for attribute in ("start_date", "end_date"):
        if reader.raw(attribute) is None:
            reader.required(attribute, None)
    if start is not None and end is not None and end < start:
        reader.note(Code.LEAVE_ORDER, "end_date", f"ends {end}, starts {start}")
        return None
    kind = reader.one_of("leave_type", _LEAVE_TYPES, LeaveType.ANNUAL)
    if kind is None:
        reader.note(Code.LEAVE_TYPE_OTHER, "leave_type", f'"{reader.raw("leave_type")}"')
    status = reader.one_of("status", _LEAVE_STATUSES, LeaveStatus.PENDING)
    if status is None:
        reader.note(Code.UNKNOWN_VALUE, "status", f'"{reader.raw("status")}" is not a status')
    if sap is None or start is None or end is None:
        return None
    # the day it starts stands in for an unknown day of asking: always the same, never late
    requested_at = reader.moment("requested_at") or instant(start, time(0))
    return ParsedLeave(
        sap_number=sap,
        start_date=start,
        end_date=end,
        leave_type=kind or LeaveType.OTHER,
        status=status or LeaveStatus.PENDING,
        minutes=_minutes(reader, context.people.get(sap), (end - start).days + 1),
        reason=reader.text("reason", 500),
        requested_at=requested_at,
        decided_at=reader.moment("decided_at"),
        decision_reason=reader.text("decision_reason", 500),
    )


def _minutes(reader: FieldReader, person: ParsedPerson | None, days: int) -> int:
    """Stated hours; else stated days of one long shift; else the contract's share of the time."""
    if reader.raw("minutes") is not None:
        return reader.integer("minutes", 0, 366 * 24 * 60)
    hours = reader.decimal("hours", 0, 366 * 24)
    if hours is not None:
        return round(hours * 60)
    contract = person.contracted_minutes if person else FULL_TIME_MINUTES
    stated = reader.decimal("days", 0, 366)
    if stated is not None:
        return round(stated * min(LONG_SHIFT_MINUTES, contract))
    return round(contract * days / 7)
