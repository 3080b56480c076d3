"""Reading roles, homes and units."""

from __future__ import annotations

from dataclasses import replace

from rota.exchange.catalogue import (
    grade_of,
    known_role,
    role_of,
)
from rota.exchange.context import Context
from rota.exchange.fields import FieldReader, words_of
from rota.exchange.findings import Code
from rota.exchange.names import display_name, name_key
from rota.exchange.parsed import (
    ParsedHome,
    ParsedRole,
    ParsedUnit,
)
from rota.models import Grade

#: most people a requirement can name, most beds and residents a home can have
MOST_STAFF, MOST_BEDS = 500, 5000
_GRADES = words_of(Grade)


def read_role(reader: FieldReader, context: Context) -> ParsedRole | None:
    """A role, with its grade from its code or title unless the record states it."""
    title = reader.text("code", 120)
    reader.required("code", title)
    if not title:
        return None
    description = reader.text("description", 10_000)
    stated = reader.text("short_code", 40)
    usual = known_role(stated) or known_role(title)
    if usual is not None and name_key(title) in (name_key(usual.code), name_key(usual.name)):
        role = replace(usual, code=stated or usual.code)
    else:
        code = (stated or "_".join(name_key(title).split()).upper())[:40]
        grade, is_night = grade_of(f"{title} {description}")
        if usual is not None:
            grade, is_night = usual.grade, usual.is_night
        role = role_of(code, description or display_name(title), grade, is_night=is_night)
    grade_stated = reader.one_of("grade", _GRADES, role.grade)
    if grade_stated is None:
        reader.note(Code.UNKNOWN_VALUE, "grade", "is not a grade")
    elif grade_stated is not role.grade:
        role = role_of(role.code, role.name, grade_stated, is_night=role.is_night)
    return replace(
        role,
        name=reader.text("name", 120, role.name[:120]),
        is_night=reader.flag("is_night", default=role.is_night),
        counts_to_cover=reader.flag("counts_to_cover", default=role.counts_to_cover),
        is_care_exempt=reader.flag("is_care_exempt", default=role.is_care_exempt),
        needs_registration=reader.flag("needs_registration", default=role.needs_registration),
    )


def read_home(reader: FieldReader, context: Context) -> ParsedHome | None:
    """A care home with its monthly budgets."""
    name = display_name(reader.text("name", 120))
    reader.required("name", name)
    beds = reader.integer("beds", 0, MOST_BEDS)
    occupancy = reader.integer("occupancy", 0, MOST_BEDS)
    if occupancy > beds > 0:
        reader.note(Code.OCCUPANCY, "occupancy", f"{occupancy} residents in {beds} beds")
    if not name:
        return None
    return ParsedHome(
        name=name,
        beds=beds,
        occupancy=occupancy,
        postcode=reader.text("postcode", 12),
        opened_on=reader.day("opened_on"),
        is_active=reader.flag("is_active", default=True),
        latitude=_degrees(reader, "latitude", 90),
        longitude=_degrees(reader, "longitude", 180),
        agency_pence=reader.pence("agency_pence"),
        overtime_pence=reader.pence("overtime_pence"),
    )


def _degrees(reader: FieldReader, attribute: str, limit: int) -> float | None:
    value = reader.decimal(attribute, -limit, limit)
    return None if value is None else float(value)


def read_unit(reader: FieldReader, context: Context) -> ParsedUnit | None:
    """A unit and the numbers it needs.

    The weekend minimum counts by day on Saturdays and Sundays; a management unit has no
    residents and its weekend minimum is not used.
    """
    name = display_name(reader.text("name", 120))
    reader.required("name", name)
    if reader.raw("home") is None:
        reader.note(Code.UNIT_WITHOUT_HOME, "home", f'unit "{name}" names no home')
        home = None
    else:
        home = context.resolve(reader, "home", context.references.homes, Code.UNKNOWN_HOME)
    description = name_key(reader.text("description", 10_000))
    is_management = reader.flag(
        "is_management",
        default="management" in name_key(name).split() or description == "management",
    )
    day_minimum, day_ideal = _numbers(reader, "day_minimum", "day_ideal")
    night_minimum, night_ideal = _numbers(reader, "night_minimum", "night_ideal")
    weekend = reader.integer("weekend_minimum", 0, MOST_STAFF, default=day_minimum)
    if is_management and weekend > day_minimum:
        reader.note(
            Code.MANAGEMENT_MINIMUM, "weekend_minimum", f"{weekend} at weekends, {day_minimum} else"
        )
        weekend = day_minimum
    if not name or home is None:
        return None
    return ParsedUnit(
        home=home,
        name=name,
        is_management=is_management,
        is_active=reader.flag("is_active", default=True),
        beds=reader.integer("beds", 0, MOST_BEDS),
        day_minimum=day_minimum,
        day_ideal=day_ideal,
        night_minimum=night_minimum,
        night_ideal=night_ideal,
        weekend_minimum=weekend,
    )


def _numbers(reader: FieldReader, minimum_name: str, ideal_name: str) -> tuple[int, int]:
    minimum = reader.integer(minimum_name, 0, MOST_STAFF)
    ideal = reader.integer(ideal_name, 0, MOST_STAFF, default=minimum)
    if ideal < minimum:
        reader.note(Code.IDEAL_BELOW_MINIMUM, ideal_name, f"ideal {ideal}, minimum {minimum}")
    return minimum, max(minimum, ideal)
