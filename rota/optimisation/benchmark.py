"""Reader of the Curtois & Qu text files (schedulingbenchmarks.org) and writer of rosters.

The format has sections ``SECTION_…``; comment lines start with ``#``. Day 0 is a Monday.
Anything that cannot be read is refused with its line number and the reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from rota.errors import InvalidInput
from rota.optimisation.problem import OFF, Demand, Duty, Person, Problem, Request, Roster, Step

MAX_DAYS = 2_000
MAX_BYTES = 64_000_000
MAX_NUMBER = 1_000_000_000  #: any larger count, length or weight is a slip of the pen
REQUIRED_SECTIONS = ("HORIZON", "SHIFTS", "STAFF", "COVER")


@dataclass(slots=True)
class _Draft:
    """What has been read so far."""

    path: str
    line: int = 0
    days: int | None = None
    duties: list[tuple[str, int, list[str], int]] = field(default_factory=list)
    duty_index: dict[str, int] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    person_index: dict[str, int] = field(default_factory=dict)
    days_off: dict[int, set[int]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)
    demand_keys: set[tuple[int, int]] = field(default_factory=set)
    request_keys: set[tuple[int, int, int, bool]] = field(default_factory=set)

    def wrong(self, reason: str, line: int | None = None) -> InvalidInput:
        return InvalidInput(f"{self.path}, line {self.line if line is None else line}: {reason}")

    def number(self, text: str, what: str) -> int:
        # plain digits only: int() would read "1_000" and digits of other scripts as well
        if re.fullmatch(r"[+-]?[0-9]+", text) is None:
            raise self.wrong(f"{what} is not a whole number: {text[:40]!r}.")
        if text.startswith("-") and text.strip("-0"):
            raise self.wrong(f"{what} is negative: {text[:40]}.")
        digits = text.lstrip("+-0") or "0"
        if len(digits) > len(str(MAX_NUMBER)) or int(digits) > MAX_NUMBER:
            raise self.wrong(f"{what} is larger than {MAX_NUMBER}.")
        return int(digits)

    def fields(self, text: str, names: tuple[str, ...]) -> list[str]:
        parts = [part.strip() for part in text.split(",")]
        if len(parts) != len(names):
            raise self.wrong(
                f"expected {len(names)} fields ({', '.join(names)}), found {len(parts)}."
            )
        return parts

    def day(self, text: str) -> int:
        value = self.number(text, "the day")
        if self.days is None:
            raise self.wrong("a day is used before SECTION_HORIZON.")
        if value >= self.days:
            raise self.wrong(f"day {value} is outside the horizon of {self.days} days.")
        return value

    def person(self, code: str) -> int:
        if not self.people:
            raise self.wrong(f"employee {code[:40]!r} is named before SECTION_STAFF.")
        if code not in self.person_index:
            raise self.wrong(f"unknown employee {code[:40]!r}.")
        return self.person_index[code]

    def duty(self, code: str) -> int:
        if not self.duties:
            raise self.wrong(f"shift {code[:40]!r} is named before SECTION_SHIFTS.")
        if code not in self.duty_index:
            raise self.wrong(f"unknown shift {code[:40]!r}.")
        return self.duty_index[code]


def _read_horizon(draft: _Draft, text: str) -> None:
    if draft.days is not None:
        raise draft.wrong("the horizon is given twice.")
    days = draft.number(text, "the horizon")
    if not 1 <= days <= MAX_DAYS:
        raise draft.wrong(f"the horizon must be 1 to {MAX_DAYS} days, not {days}.")
    draft.days = days


def _read_shift(draft: _Draft, text: str) -> None:
    code, minutes, barred = draft.fields(text, ("ShiftID", "minutes", "cannot follow"))
    if not code:
        raise draft.wrong("a shift has no identifier.")
    if code in draft.duty_index:
        raise draft.wrong(f"shift {code!r} is given twice.")
    length = draft.number(minutes, "the length in minutes")
    if not 1 <= length <= 24 * 60:
        raise draft.wrong(f"a shift lasts 1 to 1440 minutes, not {length}.")
    draft.duty_index[code] = len(draft.duties)
    following = [part.strip() for part in barred.split("|") if part.strip()]
    draft.duties.append((code, length, following, draft.line))


_STAFF = (
    "ID",
    "MaxShifts",
    "MaxTotalMinutes",
    "MinTotalMinutes",
    "MaxConsecutiveShifts",
    "MinConsecutiveShifts",
    "MinConsecutiveDaysOff",
    "MaxWeekends",
)


def _read_staff(draft: _Draft, text: str) -> None:
    parts = draft.fields(text, _STAFF)
    code = parts[0]
    if not code:
        raise draft.wrong("an employee has no identifier.")
    if code in draft.person_index:
        raise draft.wrong(f"employee {code!r} is given twice.")
    maximum: dict[int, int] = {}
    for item in parts[1].split("|"):
        shift, separator, limit = item.partition("=")
        if not separator:
            raise draft.wrong(f"MaxShifts must read shift=number|…, found {item[:40]!r}.")
        maximum[draft.duty(shift.strip())] = draft.number(limit.strip(), "MaxShifts")
    top, low, max_run, min_run, min_off, weekends = (
        draft.number(value, name) for value, name in zip(parts[2:], _STAFF[2:], strict=True)
    )
    if low > top:
        raise draft.wrong(f"MinTotalMinutes {low} is above MaxTotalMinutes {top}.")
    if min_run > max_run:
        raise draft.wrong(f"MinConsecutiveShifts {min_run} is above the maximum {max_run}.")
    draft.person_index[code] = len(draft.people)
    draft.people.append(
        Person(
            code=code,
            maximum={duty: limit for duty, limit in maximum.items() if limit > 0},
            min_minutes=low,
            max_minutes=top,
            max_run=max_run,
            min_run=max(1, min_run),
            min_days_off=max(1, min_off),
            max_weekends=weekends,
        )
    )


def _read_days_off(draft: _Draft, text: str) -> None:
    code, *days = (part.strip() for part in text.split(","))
    off = draft.days_off.setdefault(draft.person(code), set())
    off.update(draft.day(day) for day in days if day)


def _read_request(draft: _Draft, text: str, wanted: bool) -> None:
    code, day, shift, weight = draft.fields(text, ("EmployeeID", "Day", "ShiftID", "Weight"))
    key = (draft.person(code), draft.day(day), draft.duty(shift), wanted)
    if key in draft.request_keys:
        raise draft.wrong(f"the request of {code!r} for {shift!r} on day {day} is given twice.")
    draft.request_keys.add(key)
    draft.requests.append(Request(*key[:3], draft.number(weight, "the weight"), wanted))


def _read_cover(draft: _Draft, text: str) -> None:
    day, shift, required, under, over = draft.fields(
        text, ("Day", "ShiftID", "Requirement", "Weight for under", "Weight for over")
    )
    key = (draft.day(day), draft.duty(shift))
    if key in draft.demand_keys:
        raise draft.wrong(f"the cover of shift {shift!r} on day {day} is given twice.")
    draft.demand_keys.add(key)
    draft.demands.append(
        Demand(
            day=key[0],
            name=shift,
            required=draft.number(required, "the requirement"),
            duties=frozenset((key[1],)),
            shortage=(Step(draft.number(under, "the weight for under")),),
            over_price=draft.number(over, "the weight for over"),
        )
    )


_SECTIONS: dict[str, Callable[[_Draft, str], None]] = {
    "HORIZON": _read_horizon,
    "SHIFTS": _read_shift,
    "STAFF": _read_staff,
    "DAYS_OFF": _read_days_off,
    "SHIFT_ON_REQUESTS": lambda draft, text: _read_request(draft, text, True),
    "SHIFT_OFF_REQUESTS": lambda draft, text: _read_request(draft, text, False),
    "COVER": _read_cover,
}


def read_benchmark(path: Path) -> Problem:
    """The problem in a Curtois & Qu text file.

    Raises :class:`~rota.errors.InvalidInput` with the line and the reason.
    """
    return parse_benchmark(_text(path), str(path))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.")
        data = path.read_bytes()
    except OSError as failure:
        raise InvalidInput(f"{path} cannot be read: {failure.strerror or failure}.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = data[: failure.start].count(b"\n") + 1
        raise InvalidInput(f"{path}, line {line}: this is not UTF-8 text.") from None


def parse_benchmark(text: str, name: str = "roster file") -> Problem:
    """As :func:`read_benchmark`, from the text itself."""
    draft = _Draft(name, line=1)
    if not text.strip():
        raise draft.wrong("the file is empty.")
    seen: set[str] = set()
    reader: Callable[[_Draft, str], None] | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        draft.line = number
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("SECTION_"):
            section = line.removeprefix("SECTION_")
            if section not in _SECTIONS:
                raise draft.wrong(f"unknown section {line[:60]!r}.")
            if section in seen:
                raise draft.wrong(f"section {line!r} is given twice.")
            seen.add(section)
            reader = _SECTIONS[section]
        elif reader is None:
            raise draft.wrong("text before the first SECTION_ line; not a roster file.")
        else:
            reader(draft, line)
    missing = [f"SECTION_{section}" for section in REQUIRED_SECTIONS if section not in seen]
    if missing:
        raise draft.wrong(f"the file has no {', '.join(missing)}.")
    return _finish(draft)


def _finish(draft: _Draft) -> Problem:
    if draft.days is None:
        raise draft.wrong("SECTION_HORIZON is empty.")
    if not draft.duties:
        raise draft.wrong("SECTION_SHIFTS is empty.")
    if not draft.people:
        raise draft.wrong("SECTION_STAFF is empty.")
    if not draft.demands:
        raise draft.wrong("SECTION_COVER is empty.")
    duties = []
    for code, minutes, following, line in draft.duties:
        for other in following:
            if other not in draft.duty_index:
                raise draft.wrong(f"shift {code!r} names an unknown shift {other[:40]!r}.", line)
        barred = frozenset(draft.duty_index[other] for other in following)
        duties.append(Duty(code, minutes, barred))
    people = tuple(
        _with_days_off(person, draft.days_off.get(index, set()))
        for index, person in enumerate(draft.people)
    )
    weekends = tuple(
        frozenset(day for day in (monday + 5, monday + 6) if day < draft.days)
        for monday in range(0, draft.days, 7)
        if monday + 5 < draft.days
    )
    return Problem(
        days=draft.days,
        duties=tuple(duties),
        people=people,
        demands=tuple(draft.demands),
        requests=tuple(draft.requests),
        weekends=weekends,
        name=Path(draft.path).stem,
    )


def _with_days_off(person: Person, days: set[int]) -> Person:
    return replace(person, days_off=frozenset(days))


def write_roster(problem: Problem, roster: Roster, path: Path) -> None:
    """Write one CSV row ``employee,day,shift`` per assignment, people and days in order."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("employee", "day", "shift"))
        for person, row in zip(problem.people, roster, strict=True):
            for day, duty in enumerate(row):
                if duty != OFF:
                    writer.writerow((person.code, day, problem.duties[duty].code))
