"""What the database holds, in the terms of :mod:`rota.exchange.parsed`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from rota.calendar import month_of
from rota.exchange.context import Context
from rota.exchange.keys import Keys, Pk, Stored
from rota.exchange.names import display_name, name_key
from rota.exchange.parsed import (
    ParsedAccount,
    ParsedHome,
    ParsedPattern,
    ParsedPerson,
    ParsedRole,
    ParsedShiftType,
    ParsedUnit,
    UnitKey,
)
from rota.exchange.references import Lookup
from rota.models import (
    Band,
    Budget,
    CareHome,
    Classification,
    CoverRequirement,
    Role,
    ShiftPattern,
    ShiftType,
    Staff,
    Unit,
    User,
    WorkingTimeOptOut,
)
from rota.models.base import Imported

K = TypeVar("K")

_SATURDAY = 5


def load_stored(session: Session, today: date) -> Stored:
    """Read everything but shifts and leave. Requirements and budgets are those of ``today``."""
    stored = Stored()
    for role in session.scalars(select(Role).order_by(Role.code)):
        stored.roles[role.code] = role, parse_role(role)
    budgets = _budgets(session, today)
    home_names: dict[int, str] = {}
    for home in session.scalars(select(CareHome).order_by(CareHome.name)):
        home_names[home.id] = home.name
        stored.homes[home.name] = home, parse_home(home, budgets)
    requirements = _requirements(session, today)
    unit_keys: dict[int, UnitKey] = {}
    for unit in session.scalars(select(Unit).order_by(Unit.name, Unit.id)):
        key = (home_names[unit.home_id], unit.name)
        unit_keys[unit.id] = key
        stored.units[key] = unit, parse_unit(unit, key[0], requirements.get(unit.id, {}))
    for kind in session.scalars(select(ShiftType).options(selectinload(ShiftType.roles))):
        stored.shift_types[kind.code] = kind, parse_shift_type(kind)
    for pattern in session.scalars(select(ShiftPattern)):
        stored.patterns[pattern.name] = pattern, parse_pattern(pattern)
    _load_people(session, stored, home_names, unit_keys)
    return stored


def _load_people(
    session: Session, stored: Stored, home_names: dict[int, str], unit_keys: dict[int, UnitKey]
) -> None:
    opt_outs = {
        row.staff_id: row.signed_on
        for row in session.scalars(
            select(WorkingTimeOptOut)
            .where(WorkingTimeOptOut.withdrawn_on.is_(None))
            .order_by(WorkingTimeOptOut.signed_on)
        )
    }
    pattern_names = {row.id: name for name, (row, _) in stored.patterns.items()}
    for staff in session.scalars(select(Staff).order_by(Staff.sap_number)):
        stored.people[staff.sap_number] = (
            staff,
            ParsedPerson(
                sap_number=staff.sap_number,
                first_name=staff.first_name,
                last_name=staff.last_name,
                email=staff.email,
                phone=staff.phone,
                role=staff.role.code,
                home=home_names.get(staff.home_id) if staff.home_id else None,
                unit=unit_keys.get(staff.unit_id) if staff.unit_id else None,
                employment=staff.employment,
                contracted_minutes=staff.contracted_minutes,
                team=staff.team,
                pattern=pattern_names.get(staff.pattern_id) if staff.pattern_id else None,
                pattern_anchor=staff.pattern_anchor,
                preferred_shift=staff.preferred_shift,
                works_other_homes=staff.works_other_homes,
                is_active=staff.is_active,
                started_on=staff.started_on,
                left_on=staff.left_on,
                date_of_birth=staff.date_of_birth,
                registration_number=staff.registration_number,
                registration_expires=staff.registration_expires,
                opt_out_signed_on=opt_outs.get(staff.id),
            ),
        )
    for user in session.scalars(select(User).options(selectinload(User.grants))):
        stored.accounts[user.sap_number] = (
            user,
            ParsedAccount(
                sap_number=user.sap_number,
                name=user.name,
                email=user.email,
                role=user.role,
                all_homes=user.all_homes,
                homes=tuple(sorted(home_names[grant.home_id] for grant in user.grants)),
                is_active=user.is_active,
            ),
        )


def parse_role(role: Role) -> ParsedRole:
    """What a stored role says."""
    return ParsedRole(
        code=role.code,
        name=role.name,
        grade=role.grade,
        is_night=role.is_night,
        counts_to_cover=role.counts_to_cover,
        is_care_exempt=role.is_care_exempt,
        needs_registration=role.needs_registration,
    )


def parse_home(home: CareHome, budgets: dict[tuple[int, str], int]) -> ParsedHome:
    """What a stored home says, with its budgets in force."""
    return ParsedHome(
        name=home.name,
        beds=home.beds,
        occupancy=home.occupancy,
        postcode=home.postcode,
        opened_on=home.opened_on,
        is_active=home.is_active,
        latitude=home.latitude,
        longitude=home.longitude,
        agency_pence=budgets.get((home.id, Classification.AGENCY.value)),
        overtime_pence=budgets.get((home.id, Classification.OVERTIME.value)),
    )


def _budgets(session: Session, today: date) -> dict[tuple[int, str], int]:
    """Pence by home and source: this month's budget, else the last before it."""
    rows = session.execute(
        select(Budget.home_id, Budget.source, Budget.pence)
        .where(Budget.month <= month_of(today).start)
        .order_by(Budget.month)
    )
    return {(home_id, source): pence for home_id, source, pence in rows}


def _requirements(
    session: Session, today: date
) -> dict[int, dict[tuple[Band, int | None], tuple[int, int]]]:
    """Minimum and ideal by unit, band and weekday, as in force on a day."""
    found: dict[int, dict[tuple[Band, int | None], tuple[int, int]]] = {}
    rows = session.scalars(
        select(CoverRequirement)
        .where(CoverRequirement.on_date.is_(None), CoverRequirement.effective_from <= today)
        .order_by(CoverRequirement.effective_from, CoverRequirement.id)
    )
    for row in rows:
        if row.effective_to is None or row.effective_to >= today:
            unit = found.setdefault(row.unit_id, {})
            unit[row.band, row.weekday] = (row.minimum, row.ideal)
    return found


def parse_unit(
    unit: Unit, home: str, requirements: dict[tuple[Band, int | None], tuple[int, int]]
) -> ParsedUnit:
    """What a stored unit says, with its requirements in force."""
    day = _any_weekday(requirements, Band.DAY)
    night = _any_weekday(requirements, Band.NIGHT)
    weekend = requirements.get((Band.DAY, _SATURDAY), day)
    return ParsedUnit(
        home=home,
        name=unit.name,
        is_management=unit.is_management,
        is_active=unit.is_active,
        beds=unit.beds,
        day_minimum=day[0],
        day_ideal=day[1],
        night_minimum=night[0],
        night_ideal=night[1],
        weekend_minimum=weekend[0],
    )


def _any_weekday(
    requirements: dict[tuple[Band, int | None], tuple[int, int]], band: Band
) -> tuple[int, int]:
    for weekday in (None, 0, 1, 2, 3, 4):
        if (band, weekday) in requirements:
            return requirements[band, weekday]
    return 0, 0


def parse_shift_type(kind: ShiftType) -> ParsedShiftType:
    """What a stored shift type says."""
    return ParsedShiftType(
        code=kind.code,
        name=kind.name,
        start_time=kind.start_time,
        end_time=kind.end_time,
        break_minutes=kind.break_minutes,
        break_is_paid=kind.break_is_paid,
        band=kind.band,
        category=kind.category,
        is_senior=kind.is_senior,
        is_sleep_in=kind.is_sleep_in,
        counts_as_working_time=kind.counts_as_working_time,
        counts_to_cover=kind.counts_to_cover,
        is_active=kind.is_active,
        roles=tuple(sorted(role.code for role in kind.roles)),
    )


def parse_pattern(pattern: ShiftPattern) -> ParsedPattern:
    """What a stored pattern says."""
    return ParsedPattern(name=pattern.name, cycle_days=pattern.cycle_days, days=tuple(pattern.days))


def _kept_names(legacy: dict[str, object]) -> Iterable[str]:
    """The name a thing had in the old system, where it differs from the one here."""
    fields = legacy.get("fields")
    name = fields.get("name") if isinstance(fields, dict) else None
    return (name, display_name(name)) if isinstance(name, str) else ()


def introduce(context: Context, stored: Stored, keys: Keys | None = None) -> None:
    """Let records refer to what the database holds, by its old key or its name.

    With ``keys`` also by the keys that an export gives to what was made here.
    """
    references, given = context.references, keys or Keys()
    for code, (role, parsed) in stored.roles.items():
        context.roles[code] = parsed
        names = (code, role.name, *_kept_names(role.legacy))
        _add(references.roles, code, role, given.roles.get(code), *names)
    for name, (home, _) in stored.homes.items():
        names = (name, *_kept_names(home.legacy))
        _add(references.homes, name, home, given.homes.get(name), *names)
    for key, (unit, parsed_unit) in stored.units.items():
        context.units[key] = parsed_unit
        names = (key[1], *_kept_names(unit.legacy))
        for name in names:
            context.units_of_home[key[0], name_key(name)] = key
        full_name = f"{key[0]} {key[1]}"
        _add(references.units, key, unit, given.units.get(key), *names, full_name)
    for code, (kind, parsed_type) in stored.shift_types.items():
        context.shift_types[code] = parsed_type
        names = (code, kind.name, *_kept_names(kind.legacy))
        _add(references.shift_types, code, kind, given.shift_types.get(code), *names)
    for name, (pattern, _) in stored.patterns.items():
        _add(references.patterns, name, pattern, given.patterns.get(name), name)
    for sap, (staff, person) in stored.people.items():
        context.people[sap] = person
        references.people.stored_numbers.add(sap)
        for pk in _old_keys(staff, given.people.get(sap)):
            references.people.stored_pks.setdefault(pk, sap)


def _add(lookup: Lookup[K], key: K, row: Imported, pk: Pk, *names: str) -> None:
    lookup.add_stored(key, None, *names)
    for old in _old_keys(row, pk):
        lookup.add_stored(key, old)


def _old_keys(row: Imported, pk: Pk) -> list[str]:
    """The keys by which a record may refer to a row, its own before those of other exports."""
    own = pk if pk is not None else row.legacy_pk
    return [str(key) for key in (own, *row.legacy.get("aliases", ())) if key is not None]
