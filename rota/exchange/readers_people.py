"""Reading people and accounts."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from rota.exchange.catalogue import NOT_STATED, known_role, known_shift_type
from rota.exchange.context import Context, find
from rota.exchange.fields import FieldReader, words_of
from rota.exchange.findings import Code
from rota.exchange.parsed import ParsedAccount, ParsedPerson, UnitKey
from rota.exchange.references import Ambiguous, Unknown
from rota.models import Employment, Grade, UserRole

LONGEST_SAP = 32
MINUTES_PER_WEEK = 7 * 24 * 60
#: weekly minutes by shifts a week, as contracts are written here; others are n long shifts
CONTRACT_OF_SHIFTS = {0: 0, 2: 24 * 60, 3: 35 * 60, 5: 35 * 60}
#: a shift of 11.66 hours, of which three make 35
LONG_SHIFT_MINUTES = 700
FULL_TIME_MINUTES = 35 * 60
#: leave allowances that are really contract hours (nobody is granted 24 days)
_HOURS_IN_ALLOWANCE = (24, 35)
#: the date of an opt-out that came without one, of a person without a start date
_OPT_OUT_FALLBACK = date(2000, 1, 1)
_EMPLOYMENTS = words_of(
    Employment,
    [
        ("casual", Employment.BANK), ("zero hours", Employment.BANK), ("relief", Employment.BANK),
        ("sessional", Employment.BANK), ("bank staff", Employment.BANK),
        ("full time", Employment.PERMANENT), ("part time", Employment.PERMANENT),
        ("contracted", Employment.PERMANENT), ("fixed term", Employment.PERMANENT),
        ("temporary", Employment.PERMANENT), ("fulltime", Employment.PERMANENT),
        ("parttime", Employment.PERMANENT),
    ],
)  # fmt: skip
_USER_ROLES = words_of(UserRole)
_SENIOR_CODES = frozenset({"SM", "HOS"})


def sap_number_of(reader: FieldReader, pk: object, *, pk_is_number: bool) -> str:
    """The SAP number: a field of its own, or the primary key where that is text."""
    value = reader.raw("sap_number")
    attribute = "sap_number"
    if value is None and (pk_is_number or isinstance(pk, str)):
        value = pk
    if value is None:
        reader.note(Code.REQUIRED_MISSING, attribute, "there is no SAP number")
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        reader.note(Code.WRONG_TYPE, attribute, "the SAP number is not text")
        return ""
    if isinstance(value, int):
        reader.note(Code.SAP_NOT_TEXT, attribute, f"{value} is a number")
    number = str(value).strip()
    if not number:
        reader.note(Code.REQUIRED_MISSING, attribute, "the SAP number is empty")
    if len(number) > LONGEST_SAP:
        reader.note(Code.TOO_LONG, attribute, f"a SAP number of {len(number)} characters")
        return ""
    return number


def read_person(
    reader: FieldReader, context: Context, pk: object, *, pk_is_number: bool
) -> ParsedPerson | None:
    """A person with role, unit, contract and dates."""
    sap = sap_number_of(reader, pk, pk_is_number=pk_is_number)
    first, last = _names(reader)
    role = _role(reader, context)
    home, unit = _place(reader, context)
    started = reader.day("started_on")
    employment = reader.one_of("employment", _EMPLOYMENTS, Employment.PERMANENT)
    minutes = _contract(reader, context, role, employment or Employment.PERMANENT)
    pattern = None
    if reader.has("pattern"):
        pattern = context.resolve(
            reader, "pattern", context.references.patterns, Code.UNKNOWN_PATTERN
        )
    born = reader.day("date_of_birth")
    if not sap:
        return None
    return ParsedPerson(
        sap_number=sap,
        first_name=first,
        last_name=last,
        email=reader.email("email"),
        phone=reader.text("phone", 40),
        role=role,
        home=home,
        unit=unit,
        employment=employment or Employment.PERMANENT,
        contracted_minutes=minutes,
        team=_team(reader),
        pattern=pattern,
        pattern_anchor=reader.day("pattern_anchor"),
        preferred_shift=_preferred(reader, context, role),
        works_other_homes=reader.flag("works_other_homes", default=False),
        is_active=reader.flag("is_active", default=True),
        started_on=started,
        left_on=reader.day("left_on"),
        date_of_birth=born,
        registration_number=reader.text("registration_number", 40),
        registration_expires=reader.day("registration_expires"),
        opt_out_signed_on=_opt_out(reader, started),
    )


def _team(reader: FieldReader) -> str:
    """The team's letter or short name; "Team A" is A."""
    team = reader.raw("team")
    if isinstance(team, str) and team.strip().casefold().startswith("team "):
        return team.strip()[5:].strip()[:8]
    return reader.text("team", 8)


def _names(reader: FieldReader) -> tuple[str, str]:
    first, last = reader.text("first_name", 200), reader.text("last_name", 200)
    if not first and not last:
        full = reader.text("full_name", 400)
        first, _, last = full.rpartition(" ")
        if not full:
            reader.note(Code.REQUIRED_MISSING, "last_name", "the person has no name")
            return "", ""
        return first[:200], last[:200]
    if not first or not last:
        missing = "last_name" if first else "first_name"
        reader.note(Code.NAME_PART, missing, f"only known as {first or last}")
    return first, last


def _role(reader: FieldReader, context: Context) -> str:
    value = reader.raw("role")
    if value is None:
        reader.note(Code.PERSON_WITHOUT_ROLE, "role", "no role")
        unknown = known_role(NOT_STATED)
        if unknown is not None and NOT_STATED not in context.roles:
            context.assume_role(unknown)
        return NOT_STATED
    return context.role(reader, "role", value) or NOT_STATED


def _place(reader: FieldReader, context: Context) -> tuple[str | None, UnitKey | None]:
    home = context.resolve(reader, "home", context.references.homes, Code.UNKNOWN_HOME)
    for attribute in ("unit", "home_unit"):
        if reader.raw(attribute) is not None:
            unit = context.unit(reader, attribute, home)
            return (unit[0] if unit else home), unit
    reader.note(Code.PERSON_WITHOUT_UNIT, "unit", "no unit")
    return home, None


def _contract(reader: FieldReader, context: Context, role: str, employment: Employment) -> int:
    """Contracted minutes a week: stated hours, shifts a week, or what must be assumed."""
    hours = reader.decimal("contract_hours", 0, 168)
    if hours is not None:
        return int((hours * 60).to_integral_value())
    if reader.raw("shifts_per_week") is not None:
        shifts = reader.integer("shifts_per_week", 0, 7)
        return CONTRACT_OF_SHIFTS.get(shifts, shifts * LONG_SHIFT_MINUTES)
    if employment is Employment.BANK:
        return 0
    allowance = reader.raw("leave_allowance")
    if allowance in _HOURS_IN_ALLOWANCE and isinstance(allowance, int):
        reader.note(Code.HOURS_FROM_LEAVE, "leave_allowance", f"{allowance} hours a week")
        return allowance * 60
    reader.note(Code.HOURS_ASSUMED, "shifts_per_week", "no contract hours")
    return FULL_TIME_MINUTES


def _preferred(reader: FieldReader, context: Context, role: str) -> str:
    """The code of the usual shift type: the one named, or the nearest that the role may work."""
    value = reader.raw("preferred_shift")
    if value is None:
        return ""
    named = None
    with suppress(Unknown, Ambiguous):
        named = context.shift_types[find(context.references.shift_types, value)]
    if named is not None and (not named.roles or role in named.roles):
        return named.code
    usual = named or known_shift_type(str(value))
    if usual is None:
        reader.note(Code.UNKNOWN_PREFERENCE, "preferred_shift", f'"{value}" is no shift type')
        return ""
    grade = context.roles[role].grade if role in context.roles else Grade.OTHER
    fitting = [
        kind
        for kind in context.shift_types.values()
        if kind.is_active
        and (role in kind.roles or (not kind.roles and kind.band is usual.band))
        and (kind.band is usual.band or grade in (Grade.MANAGER, Grade.OTHER))
    ]
    fitting.sort(
        key=lambda kind: (
            kind.band is not usual.band,
            kind.is_senior != (grade is Grade.SENIOR),
            kind.code,
        )
    )
    chosen = fitting[0].code if fitting else ""
    if named is not None or not fitting:
        instead = f"{chosen} is used" if chosen else "none is used"
        reader.note(
            Code.UNSUITABLE_PREFERENCE, "preferred_shift", f'"{value}" is not for {role}: {instead}'
        )
    return chosen


def _opt_out(reader: FieldReader, started: date | None) -> date | None:
    """The day of a working-time opt-out; a bare "yes" has none."""
    values = reader.spellings("opt_out")
    flags = [value for value in values if isinstance(value, bool)]
    if False in flags:
        return None
    dated = [value for value in values if isinstance(value, str) and value[:4].isdigit()]
    if dated:
        return reader.day("opt_out")
    if reader.raw("opt_out") is None or not reader.flag("opt_out", default=False):
        return None
    reader.note(Code.OPT_OUT_UNDATED, "opt_out", "signed, but not when")
    return started or _OPT_OUT_FALLBACK


def read_account(reader: FieldReader, context: Context, pk: object) -> ParsedAccount | None:
    """An account: its role from its permissions and the person's, its homes from their unit."""
    sap = sap_number_of(reader, pk, pk_is_number=False)
    if not sap:
        return None
    person = context.people.get(sap)
    usual = account_of(person, is_superuser=reader.flag("is_superuser", default=False))
    if person is None:
        reader.note(Code.ACCOUNT_ALONE, "sap_number", f"nobody has SAP number {sap}")
    name = " ".join((reader.text("first_name", 100), reader.text("last_name", 99))).strip()
    if not name:
        name = f"{person.first_name} {person.last_name}".strip()[:200] if person else sap
    role = reader.one_of("role", _USER_ROLES, usual.role if usual else UserRole.CARE_STAFF)
    if role is None:
        reader.note(Code.UNKNOWN_VALUE, "role", "is not a role of an account")
        role = UserRole.CARE_STAFF
    homes = usual.homes if usual else ()
    if reader.has("homes"):
        homes = _homes(reader, context)
    return ParsedAccount(
        sap_number=sap,
        name=name,
        email=reader.email("email") if reader.has("email") else (usual.email if usual else ""),
        role=role,
        all_homes=reader.flag("all_homes", default=usual.all_homes if usual else False),
        homes=homes,
        is_active=reader.flag("is_active", default=True),
    )


def _homes(reader: FieldReader, context: Context) -> tuple[str, ...]:
    value = reader.raw("homes")
    names = []
    for home in value if isinstance(value, list) else []:
        try:
            names.append(find(context.references.homes, home))
        except (Unknown, Ambiguous):
            reader.note(Code.UNKNOWN_HOME, "homes", f'home "{home}" is not known')
    return tuple(sorted(names))


def account_of(person: ParsedPerson | None, *, is_superuser: bool) -> ParsedAccount | None:
    """The account that follows from a person; null where nothing says who it is for.

    A superuser administers every home; the head of service reads every home; a manager
    works with the home of their unit; everybody else sees their own.
    """
    if person is None and not is_superuser:
        return None
    role = UserRole.CARE_STAFF
    if is_superuser:
        role = UserRole.ADMINISTRATOR
    elif person is not None and person.role in _SENIOR_CODES:
        role = UserRole.SENIOR_MANAGER
    elif person is not None and person.role == "OM":
        role = UserRole.OPERATIONAL_MANAGER
    home = person.home if person else None
    return ParsedAccount(
        sap_number=person.sap_number if person else "",
        name=f"{person.first_name} {person.last_name}".strip()[:200] if person else "",
        email=person.email if person else "",
        role=role,
        all_homes=is_superuser or (person is not None and person.role == "HOS"),
        homes=(home,) if home else (),
        is_active=person.is_active if person else True,
    )


def manages(person: ParsedPerson, *, is_superuser: bool) -> bool:
    """Whether a person gets an account at the import without one in the files."""
    return is_superuser or person.role == "OM" or person.role in _SENIOR_CODES


def is_superuser(fields: dict[str, object]) -> bool:
    """Whether a record of a person says that they administer the system."""
    return str(fields.get("is_superuser")).casefold() in ("true", "1")
