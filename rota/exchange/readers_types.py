"""Reading shift types and patterns."""

from __future__ import annotations

import re
from datetime import time

from rota.exchange.catalogue import (
    BREAK_AFTER_MINUTES,
    DEFAULT_BREAK_MINUTES,
    NOT_STATED,
    is_rest,
)
from rota.exchange.context import Context
from rota.exchange.fields import FieldReader, words_of
from rota.exchange.findings import Code
from rota.exchange.names import display_name, initials, name_key
from rota.exchange.parsed import ParsedPattern, ParsedShiftType
from rota.models import Band, Grade

MINUTES_PER_DAY = 24 * 60
MOST_CYCLE_DAYS = 366
_BANDS = words_of(Band)
_SHORT = {"day": "D", "night": "N", "early": "E", "late": "L", "twilight": "T"}
_NIGHT_FROM, _NIGHT_TO, _NIGHT_LEAST = 23 * 60, 30 * 60, 3 * 60
_NUMBERED_DAY = re.compile(r"(?:\w+_)?day_?\d+(?:_[a-z]\w*)?")
_HALF_SHIFT_MINUTES = 10 * 60


def read_shift_type(reader: FieldReader, context: Context) -> ParsedShiftType | None:
    """A shift type: a short code, band and category from its name and times."""
    title = reader.text("name", 80) or reader.text("code", 40)
    reader.required("name", title)
    start, end = reader.clock("start_time"), reader.clock("end_time")
    for attribute, value in (("start_time", start), ("end_time", end)):
        if value is None and reader.raw(attribute) is None:
            reader.required(attribute, None)
    if start is not None and start == end:
        reader.note(Code.OUT_OF_RANGE, "end_time", "the shift starts and ends at the same time")
        return None
    if not title or start is None or end is None:
        return None
    words = set(name_key(title).split())
    span = span_minutes(start, end)
    breaks, is_paid = _break_of(reader, span)
    band = _member(reader, "band", _BANDS, _band_of(start, span, words))
    category = reader.text("category", 20, _category_of(start, span, band, words))
    return ParsedShiftType(
        code=reader.text("code", 40) or _short_code(title, context),
        name=_title(title),
        start_time=start,
        end_time=end,
        break_minutes=breaks,
        break_is_paid=is_paid,
        band=band,
        category=category,
        is_senior=reader.flag("is_senior", default=category.startswith("senior")),
        is_sleep_in=reader.flag("is_sleep_in", default=category == "sleep_in"),
        counts_as_working_time=reader.flag("counts_as_working_time", default=True),
        counts_to_cover=reader.flag("counts_to_cover", default=band is not Band.OFFICE),
        is_active=reader.flag("is_active", default=True),
        roles=_roles_of(reader, context, band),
    )


def span_minutes(start: time, end: time) -> int:
    """Minutes on the clock from a start to an end, which may be on the next day."""
    first, last = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    return (last - first) % MINUTES_PER_DAY or MINUTES_PER_DAY


def _break_of(reader: FieldReader, span: int) -> tuple[int, bool]:
    """What the paid hours leave is an unpaid break; else the legal break, paid."""
    minutes, is_paid = (DEFAULT_BREAK_MINUTES if span > BREAK_AFTER_MINUTES else 0), True
    hours = reader.decimal("duration", 0, 24)
    if hours is not None:
        unpaid = span - round(hours * 60)
        if unpaid > 0:
            minutes, is_paid = unpaid, False
        elif unpaid < 0:
            reader.note(Code.DURATION, "duration", f"{hours} paid hours, {span / 60:.2f} h long")
    return (
        reader.integer("break_minutes", 0, MINUTES_PER_DAY, default=minutes),
        reader.flag("break_is_paid", default=is_paid),
    )


def _band_of(start: time, span: int, words: set[str]) -> Band:
    if words & {"admin", "office", "administration", "management"}:
        return Band.OFFICE
    begin = start.hour * 60 + start.minute
    by_night = max(
        min(begin + span, _NIGHT_TO + shift) - max(begin, _NIGHT_FROM + shift)
        for shift in (-MINUTES_PER_DAY, 0, MINUTES_PER_DAY)
    )
    return Band.NIGHT if by_night >= _NIGHT_LEAST else Band.DAY


def _category_of(start: time, span: int, band: Band, words: set[str]) -> str:
    if band is Band.OFFICE:
        return "office"
    if words & {"sleep", "sleepin"}:
        return "sleep_in"
    if band is Band.DAY and span < _HALF_SHIFT_MINUTES:
        return "early" if start < time(12) else "late"
    return f"senior_{band.value}" if "senior" in words else band.value


def _title(text: str) -> str:
    return text.capitalize() if text.casefold() in _SHORT else display_name(text)


def _short_code(title: str, context: Context) -> str:
    """A code for a cell of the grid: as given if short, else initials, and nobody else's."""
    words = name_key(title).split()
    if len(words) > 1:
        wanted = initials(title)
    else:
        wanted = _SHORT.get(words[0], title[:3].upper())
    if context.is_quiet:
        return wanted[:40]
    for kind in context.shift_types.values():
        if kind.name == _title(title):
            return kind.code
    code, number = wanted[:40], 2
    while code in context.shift_types:
        code, number = f"{wanted[:36]}{number}", number + 1
    return code


def _roles_of(reader: FieldReader, context: Context, band: Band) -> tuple[str, ...]:
    """Who may work it. Named day roles stand for their night variants on a night shift;
    an office shift is open to managers and other office roles."""
    exact = reader.has("only_roles")
    named = {
        code
        for value in _list_of(reader, "only_roles" if exact else "roles")
        if (code := context.role(reader, "roles", value)) is not None
    }
    if not named or exact:
        return tuple(sorted(named))
    if band is Band.OFFICE:
        more = {
            code
            for code, role in context.roles.items()
            if role.grade in (Grade.MANAGER, Grade.OTHER) and code != NOT_STATED
        }
    elif band is Band.NIGHT:
        more = {f"{code}N" for code in named} & set(context.roles)
    else:
        more = set()
    if more - named:
        reader.note(Code.ROLES_ADDED, "roles", "also for " + ", ".join(sorted(more - named)))
    return tuple(sorted(named | more))


def _list_of(reader: FieldReader, attribute: str) -> list[object]:
    value = reader.raw(attribute)
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list):
        return list(value)
    reader.note(Code.WRONG_TYPE, attribute, "is neither text nor a list")
    return []


def _member(reader: FieldReader, attribute: str, words: dict[str, Band], usual: Band) -> Band:
    found = reader.one_of(attribute, words, usual)
    if found is None:
        reader.note(Code.UNKNOWN_VALUE, attribute, f"{reader.raw(attribute)} is not known")
    return found or usual


def read_pattern(reader: FieldReader, context: Context) -> ParsedPattern | None:
    """A rolling pattern, its days as a list, a text or an object by day."""
    name = reader.text("name", 80)
    reader.required("name", name)
    values = _days_of(reader)
    length = reader.integer("cycle_days", 1, MOST_CYCLE_DAYS, default=len(values))
    days: list[str] = []
    for value in values:
        if value is None or (isinstance(value, str) and _is_rest_here(value, context)):
            days.append("")
        else:
            days.append(context.shift_type(reader, "days", value) or "")
    if not values or not name:
        reader.required("days", None if not values else name)
        return None
    if length != len(days):
        reader.note(Code.PATTERN_LENGTH, "days", f"{len(days)} days in a cycle of {length}")
        return None
    return ParsedPattern(name=name, cycle_days=length, days=tuple(days))


def _is_rest_here(value: str, context: Context) -> bool:
    described = name_key(value) in {name_key(code) for code in context.shift_types}
    is_office = name_key(value) == "o"  # both "off" and "office": off, unless it is described
    return not described and (is_rest(value) or is_office)


def _days_of(reader: FieldReader) -> list[object]:
    value = reader.raw("days")
    if isinstance(value, str):
        parts: list[object] = [*_split(value)]
        return parts
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=_day_number)
        return [_code_in(entry) for _, entry in ordered]
    if isinstance(value, list):
        if value and all(isinstance(e, dict) and isinstance(e.get("day"), int) for e in value):
            value = sorted(value, key=lambda entry: int(entry["day"]))
        return [_code_in(entry) for entry in value]
    numbered = {k: v for k, v in reader.fields.items() if _NUMBERED_DAY.fullmatch(k)}
    return [v for _, v in sorted(numbered.items(), key=_day_number)]


def _split(text: str) -> list[str]:
    for separator in (",", ";", "|", "/"):
        if separator in text:
            return [part.strip() for part in text.split(separator)]
    words = text.split()
    return words if len(words) > 1 else list(text.strip())


def _day_number(entry: tuple[str, object]) -> tuple[int, str]:
    digits = "".join(character for character in entry[0] if character.isdigit())
    return (int(digits[:9]) if digits else 0, entry[0])


def _code_in(entry: object) -> object:
    if isinstance(entry, dict):
        for key in ("shift_code", "shift_type", "shift", "code"):
            if key in entry:
                return entry[key]
        return None
    return entry
