"""Roles and shift types that files name without describing them.

The plan's dialect writes a role as text ("Operational Manager") and a shift type as a
code ("D"). These are the usual meanings; a description in a file always wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from rota.exchange.names import name_key
from rota.exchange.parsed import ParsedRole, ParsedShiftType
from rota.models import Band, Grade

#: the role of somebody whose role nobody stated; never exported
NOT_STATED = "NOT_STATED"

_S, _W, _A, _M, _O = Grade.SENIOR, Grade.WORKER, Grade.ASSISTANT, Grade.MANAGER, Grade.OTHER

#: code, name, grade, works nights, further spellings
_ROLES: tuple[tuple[str, str, Grade, bool, tuple[str, ...]], ...] = (
    ("SSCW", "Senior social care worker", _S, False, ("senior care worker", "senior carer", "sscw day", "team leader")),
    ("SSCWN", "Senior social care worker (night)", _S, True, ("senior social care worker night", "night senior social care worker", "night senior", "senior care worker night", "senior social care worker nights")),
    ("SCW", "Social care worker", _W, False, ("care worker", "support worker")),
    ("SCWN", "Social care worker (night)", _W, True, ("night social care worker", "night care worker", "social care worker nights")),
    ("SCA", "Social care assistant", _A, False, ("care assistant", "healthcare assistant", "carer")),
    ("SCAN", "Social care assistant (night)", _A, True, ("night social care assistant", "night care assistant", "social care assistant nights", "care assistant night")),
    ("OM", "Operational Manager", _M, False, ("operations manager", "home manager", "care home manager", "manager", "registered manager", "unit manager", "deputy manager")),
    ("SM", "Senior Manager", _M, False, ("service manager", "senior management")),
    ("HOS", "Head of Service", _M, False, ("head of services",)),
    ("ACT_COORD", "Activity coordinator", _O, False, ("activities coordinator", "activities co-ordinator", "activity co-ordinator")),
    ("ACT_ASST", "Activity assistant", _O, False, ("activities assistant", "activity worker")),
    ("ADMIN", "Administrator", _O, False, ("admin assistant", "administration", "administrative assistant", "receptionist", "clerical assistant", "secretary")),
    ("DOMESTIC", "Domestic", _O, False, ("domestic assistant", "domestic staff", "housekeeper", "housekeeping", "cleaner", "laundry assistant", "laundry")),
    ("COOK", "Cook", _O, False, ("chef", "kitchen assistant", "catering assistant", "catering")),
    ("HANDYPERSON", "Handyperson", _O, False, ("maintenance", "handyman", "maintenance officer")),
    ("SEC_ATTEND", "Security attendant", _O, False, ("security",)),
    ("IDI", "IDI team", _O, False, ()),
    ("NURSE", "Registered nurse", _S, False, ("rgn", "staff nurse")),
)  # fmt: skip


_NIGHT_WORDS = frozenset({"night", "nights", "n", "waking"})
_DAY_WORDS = frozenset({"day", "days", "the", "bank", "shift", "relief"})


@dataclass(frozen=True, slots=True)
class _Hours:
    code: str
    name: str
    start: time
    end: time
    band: Band
    category: str
    spellings: tuple[str, ...] = ()


_SHIFT_TYPES: tuple[_Hours, ...] = (
    _Hours("D", "Long day", time(8), time(20), Band.DAY, "day", ("day", "ld", "long day", "day shift", "day assistant")),
    _Hours("DS", "Senior day", time(7, 45), time(20, 15), Band.DAY, "senior_day", ("sd", "day senior", "senior day")),
    _Hours("N", "Waking night", time(20), time(8), Band.NIGHT, "night", ("night", "wn", "ln", "night shift", "waking night", "long night", "night assistant")),
    _Hours("NS", "Senior night", time(19, 45), time(8, 15), Band.NIGHT, "senior_night", ("sn", "night senior", "senior night")),
    _Hours("E", "Early", time(7), time(15), Band.DAY, "early", ("early", "am", "morning", "early shift")),
    _Hours("L", "Late", time(14), time(22), Band.DAY, "late", ("late", "pm", "evening", "afternoon", "late shift")),
    _Hours("T", "Twilight", time(16), time(22), Band.DAY, "late", ("twilight",)),
    _Hours("SI", "Sleep-in", time(22), time(7), Band.NIGHT, "sleep_in", ("sleep in", "sleepin", "sleep over")),
    _Hours("O", "Office", time(9), time(17), Band.OFFICE, "office", ("office", "adm", "admin", "administration", "management", "m")),
)  # fmt: skip

#: what a pattern writes for a day of rest
REST_CODES = frozenset({"", "-", "x", "r", "off", "rest", "rd", "do", "day off", "rest day", "0"})


def known_role(text: str) -> ParsedRole | None:
    """The usual role of this code or title, in whatever order a title says "night".

    A title of several words that only says its grade ("Night Manager") is a role of its own.
    """
    found = _BY_ROLE_NAME.get(name_key(text))
    if found is not None:
        return found
    words = name_key(text).split()
    day = [word for word in words if word not in _NIGHT_WORDS and word not in _DAY_WORDS]
    base = _BY_ROLE_NAME.get(" ".join(day))
    if base is not None and base.code != NOT_STATED:
        if not set(words) & _NIGHT_WORDS or base.is_night:
            return base
        night = _BY_ROLE_NAME.get(f"{base.code.casefold()}n")
        if night is not None:
            return night
    grade, is_night = grade_of(text)
    if grade is Grade.OTHER or len(words) == 1:
        return None
    return role_of("_".join(words).upper()[:40], text.strip()[:120], grade, is_night=is_night)


def grade_of(title: str) -> tuple[Grade, bool]:
    """The grade that the words of a title suggest, and whether it works nights."""
    words = set(name_key(title).split())
    is_night = bool(words & {"night", "nights"})
    if words & {"manager", "head", "director", "lead"}:
        return Grade.MANAGER, is_night
    cares = words & {"care", "carer", "support", "nurse", "social", "sscw", "scw", "sca"}
    if not cares:
        return Grade.OTHER, is_night
    if words & {"senior", "sscw", "nurse"}:
        return Grade.SENIOR, is_night
    return (Grade.ASSISTANT if words & {"assistant", "sca"} else Grade.WORKER), is_night


def known_shift_type(text: str) -> ParsedShiftType | None:
    """The usual shift type of this code or name."""
    return _BY_SHIFT_NAME.get(name_key(text))


def is_rest(text: str) -> bool:
    """Whether a pattern's code means rest."""
    return text.strip().casefold() in REST_CODES or name_key(text) in REST_CODES


def role_of(code: str, name: str, grade: Grade, *, is_night: bool) -> ParsedRole:
    """A role with what follows from its grade: who counts, who is registered."""
    cares = grade in (Grade.SENIOR, Grade.WORKER, Grade.ASSISTANT)
    return ParsedRole(
        code=code,
        name=name,
        grade=grade,
        is_night=is_night,
        counts_to_cover=cares,
        is_care_exempt=cares,
        needs_registration=cares or grade is Grade.MANAGER,
    )


def _role_names() -> dict[str, ParsedRole]:
    names: dict[str, ParsedRole] = {}
    for code, name, grade, is_night, spellings in _ROLES:
        role = role_of(code, name, grade, is_night=is_night)
        for spelling in (code, name, *spellings):
            names[name_key(spelling)] = role
    unknown = role_of(NOT_STATED, "Role not stated", Grade.OTHER, is_night=False)
    names[name_key(NOT_STATED)] = unknown
    return names


def _shift_names() -> dict[str, ParsedShiftType]:
    names: dict[str, ParsedShiftType] = {}
    for hours in _SHIFT_TYPES:
        span = (
            hours.end.hour * 60 + hours.end.minute - hours.start.hour * 60 - hours.start.minute
        ) % 1440
        shift_type = ParsedShiftType(
            code=hours.code,
            name=hours.name,
            start_time=hours.start,
            end_time=hours.end,
            break_minutes=DEFAULT_BREAK_MINUTES if span > BREAK_AFTER_MINUTES else 0,
            break_is_paid=True,
            band=hours.band,
            category=hours.category,
            is_senior=hours.category.startswith("senior"),
            is_sleep_in=hours.category == "sleep_in",
            counts_as_working_time=True,
            counts_to_cover=hours.category != "office",
            is_active=True,
            roles=(),
        )
        for spelling in (hours.code, *hours.spellings):
            names.setdefault(name_key(spelling), shift_type)
    return names


#: the break the Working Time Regulations ask for (reg 12), where no file names another
DEFAULT_BREAK_MINUTES = 20
BREAK_AFTER_MINUTES = 6 * 60

_BY_ROLE_NAME = _role_names()
_BY_SHIFT_NAME = _shift_names()
