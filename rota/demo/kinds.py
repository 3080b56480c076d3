"""Shift types, roles and rolling patterns of the invented organisation.

Shifts are numbered (:class:`Kind`), so that two years of a person's days fit a bytearray.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import IntEnum

from rota.models import Band, Grade

#: consecutive rest between two shifts (Working Time Regulations 1998, reg 10)
DAILY_REST_MINUTES = 11 * 60
MINUTES_PER_DAY = 24 * 60


class Kind(IntEnum):
    """What somebody does on a day; 0 is a free day."""

    FREE = 0
    EARLY = 1
    LATE = 2
    LONG = 3
    SENIOR = 4
    NIGHT = 5
    SENIOR_NIGHT = 6
    OFFICE = 7
    SLEEP_IN = 8
    TRAINING = 9
    TWILIGHT = 10


@dataclass(frozen=True, slots=True)
class ShiftSpec:
    """A shift type: local times, break in minutes, whether the break is paid."""

    kind: Kind
    code: str
    name: str
    starts: time
    ends: time
    break_minutes: int
    break_is_paid: bool
    band: Band
    category: str
    is_senior: bool = False
    is_sleep_in: bool = False
    counts_to_cover: bool = True
    roles: tuple[str, ...] = ()

    @property
    def start_minute(self) -> int:
        """Minutes after midnight of the rota day."""
        return self.starts.hour * 60 + self.starts.minute

    @property
    def end_minute(self) -> int:
        """Minutes after midnight of the rota day; beyond 1440 for a night."""
        end = self.ends.hour * 60 + self.ends.minute
        return end if end > self.start_minute else end + MINUTES_PER_DAY

    @property
    def unpaid_minutes(self) -> int:
        """Minutes of the shift that are not paid."""
        return 0 if self.break_is_paid else self.break_minutes

    @property
    def paid_minutes(self) -> int:
        """Paid minutes on a day without a clock change."""
        return self.end_minute - self.start_minute - self.unpaid_minutes


SENIORS = ("SSCW", "SSCWN")
CARERS = ("SCA", "SCAN", "SCW", "SCWN", *SENIORS)
OFFICE = ("OM", "SM", "HOS", "ADMIN", "ACT_COORD")

#: three long shifts of 11 h 40 min paid are the 35 hours of a full-time week
SHIFT_SPECS: tuple[ShiftSpec, ...] = (
    ShiftSpec(Kind.LONG, "D", "Long day", time(8), time(20), 20, False, Band.DAY, "day",
              roles=CARERS),
    ShiftSpec(Kind.SENIOR, "SD", "Senior day", time(7, 45), time(20, 15), 50, False, Band.DAY,
              "senior_day", is_senior=True, roles=SENIORS),
    ShiftSpec(Kind.NIGHT, "N", "Waking night", time(20), time(8), 20, False, Band.NIGHT, "night",
              roles=CARERS),
    ShiftSpec(Kind.SENIOR_NIGHT, "SN", "Senior night", time(19, 45), time(8, 15), 50, False,
              Band.NIGHT, "senior_night", is_senior=True, roles=SENIORS),
    ShiftSpec(Kind.EARLY, "E", "Early", time(7), time(15), 60, False, Band.DAY, "early",
              roles=CARERS),
    ShiftSpec(Kind.LATE, "L", "Late", time(14), time(22), 60, False, Band.DAY, "late",
              roles=CARERS),
    ShiftSpec(Kind.OFFICE, "O", "Office", time(9), time(17), 60, False, Band.OFFICE, "office",
              counts_to_cover=False, roles=OFFICE),
    ShiftSpec(Kind.SLEEP_IN, "SL", "Sleep-in", time(22), time(7), 20, True, Band.NIGHT,
              "sleep_in", is_sleep_in=True, counts_to_cover=False, roles=CARERS),
    ShiftSpec(Kind.TRAINING, "TR", "Training day", time(9), time(17), 60, False, Band.OFFICE,
              "office", counts_to_cover=False),
    ShiftSpec(Kind.TWILIGHT, "T", "Twilight", time(17), time(22), 0, True, Band.DAY, "late",
              roles=CARERS),
)  # fmt: skip
SPEC_OF: dict[int, ShiftSpec] = {spec.kind: spec for spec in SHIFT_SPECS}
KIND_OF: dict[str, Kind] = {"": Kind.FREE} | {spec.code: spec.kind for spec in SHIFT_SPECS}
DAY_KINDS = frozenset({Kind.EARLY, Kind.LATE, Kind.LONG, Kind.SENIOR, Kind.TWILIGHT})
NIGHT_KINDS = frozenset({Kind.NIGHT, Kind.SENIOR_NIGHT})


def _rest_holds(today: int, tomorrow: int) -> bool:
    if not today or not tomorrow:
        return True
    rest = SPEC_OF[tomorrow].start_minute + MINUTES_PER_DAY - SPEC_OF[today].end_minute
    return rest >= DAILY_REST_MINUTES


#: FOLLOWS[a][b]: whether b may come the day after a with the daily rest kept
FOLLOWS: tuple[tuple[bool, ...], ...] = tuple(
    tuple(_rest_holds(today, tomorrow) for tomorrow in range(len(Kind)))
    for today in range(len(Kind))
)


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """A role with its headcount in the whole organisation and its pay, pence an hour."""

    code: str
    name: str
    grade: Grade
    headcount: int
    pay_pence: int
    is_night: bool = False
    counts_to_cover: bool = True
    is_care_exempt: bool = True
    needs_registration: bool = True


ROLE_SPECS: tuple[RoleSpec, ...] = (
    RoleSpec("SCAN", "Social care assistant (nights)", Grade.ASSISTANT, 296, 1690, True),
    RoleSpec("SCA", "Social care assistant", Grade.ASSISTANT, 239, 1352),
    RoleSpec("SCW", "Social care worker", Grade.WORKER, 124, 1919),
    RoleSpec("SCWN", "Social care worker (nights)", Grade.WORKER, 67, 2399, True),
    RoleSpec("SSCW", "Senior social care worker", Grade.SENIOR, 42, 2811),
    RoleSpec("SSCWN", "Senior social care worker (nights)", Grade.SENIOR, 30, 3513, True),
    RoleSpec("OM", "Operational manager", Grade.MANAGER, 9, 3514, False, False, False),
    RoleSpec("SM", "Senior manager", Grade.MANAGER, 5, 4394, False, False, False),
    RoleSpec("HOS", "Head of service", Grade.MANAGER, 1, 4920, False, False, False, False),
    RoleSpec("ACT_COORD", "Activity co-ordinator", Grade.OTHER, 5, 1475, False, False, False),
    RoleSpec("ADMIN", "Administrator", Grade.OTHER, 3, 1420, False, False, False, False),
)
ROLE_OF: dict[str, RoleSpec] = {spec.code: spec for spec in ROLE_SPECS}

#: a week is written Sunday to Saturday, three weeks make the 21-day cycle
_THREE_A_WEEK = (
    ("###....", "...###.", "..###.."),  # Sun-Mon-Tue / Wed-Thu-Fri / Tue-Wed-Thu
    ("....###", "..#..##", "##....#"),
    ("###....", "##.#...", "...###."),
)
#: three seniors of one unit, one in each team, leave no day of the week without one
_SENIOR_WEEKS = (("###....", "...###.", "..#.#.#"),)
_TWO_A_WEEK = (
    ("##.....", "...##..", "..##..."),  # Sun-Mon / Wed-Thu / Tue-Wed
    (".....##", "#.....#", "....##."),
    (".##....", "#.....#", "....##."),
)
#: earlies and lates, five a week; a late is never followed by an early the next day
_FIVE_A_WEEK = (
    (".EEEE.E", ".LLL.LL", "L..EEEE"),
    ("LLL.LL.", "E.EE.EE", "EE.LLL."),
)
_OFFICE_WEEK = ((".OOOOO.", ".OOOOO.", ".OOOOO."),)


@dataclass(frozen=True, slots=True)
class PatternSpec:
    """A 21-day pattern: its name and the shift code of each day, from a Sunday on."""

    key: str
    name: str
    codes: tuple[str, ...]


def _codes(weeks: tuple[str, ...], code: str) -> tuple[str, ...]:
    marks = {".": "", "#": code}
    return tuple(marks.get(letter, letter) for week in weeks for letter in week)


def _patterns() -> tuple[PatternSpec, ...]:
    families = [
        ("D35", "Long days 35 h", "D", _THREE_A_WEEK),
        ("D24", "Long days 24 h", "D", _TWO_A_WEEK),
        ("N35", "Nights 35 h", "N", _THREE_A_WEEK),
        ("N24", "Nights 24 h", "N", _TWO_A_WEEK),
        ("SD35", "Senior days 35 h", "SD", _SENIOR_WEEKS),
        ("SN35", "Senior nights 35 h", "SN", _SENIOR_WEEKS),
        ("EL35", "Earlies and lates 35 h", "", _FIVE_A_WEEK),
        ("O35", "Office 35 h", "", _OFFICE_WEEK),
    ]
    return tuple(
        PatternSpec(f"{key}-{number}", f"{name}, rota {number}", _codes(weeks, code))
        for key, name, code, variants in families
        for number, weeks in enumerate(variants, start=1)
    )


PATTERNS: tuple[PatternSpec, ...] = _patterns()
PATTERN_OF: dict[str, PatternSpec] = {pattern.key: pattern for pattern in PATTERNS}
CYCLE_DAYS = 21
