"""What a rule looks at: one person, their shifts, absences, agreements and records.

Plain frozen values without a database. Instants are aware UTC, lengths whole minutes,
days the rota day (the London date on which a shift starts).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from rota.calendar import LONDON, Period, age_on, minute_of, months_after, weekday_text, years_after

#: hours of the London clock that tell an early from a day and a late shift, in words only
_MORNING, _AFTERNOON, _EARLY_TAIL = 9, 12, 4

ShiftId = int | str
PersonId = int | str


@dataclass(frozen=True, slots=True)
class WorkedShift:
    """A shift somebody works or is to work.

    ``start`` and ``end`` are the instants in whole minutes since 1970 UTC;
    ``working_minutes`` is its length less the break (a rest break is not working time,
    WTR reg 2), or only the disturbed minutes of a sleep-in that does not count as working
    time. ``paid_minutes`` are what the contract counts; as long as nothing is given, the
    working time. ``role_code`` (or, when that is open, ``allowed_roles``; empty is anybody)
    and ``skills`` are what the shift asks of whoever works it.
    """

    id: ShiftId
    date: date
    starts_at: datetime
    ends_at: datetime
    break_minutes: int = 0
    unit_id: int | None = None
    home_id: int | None = None
    code: str = ""
    is_night: bool = False
    is_sleep_in: bool = False
    counts_as_working_time: bool = True
    is_supernumerary: bool = False
    role_code: str | None = None
    skills: frozenset[str] = frozenset()
    disturbed_minutes: int = 0
    allowed_roles: frozenset[str] = frozenset()
    paid_minutes: int = -1
    is_overtime: bool = False
    start: int = field(init=False, repr=False, compare=False)
    end: int = field(init=False, repr=False, compare=False)
    working_minutes: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        start, end = minute_of(self.starts_at), minute_of(self.ends_at)
        if self.counts_as_working_time:
            working = max(0, end - start - self.break_minutes)
        else:
            working = self.disturbed_minutes
        place = object.__setattr__
        place(self, "start", start)
        place(self, "end", end)
        place(self, "working_minutes", working)
        if self.paid_minutes < 0:
            place(self, "paid_minutes", working)

    @property
    def span_minutes(self) -> int:
        """Real minutes from start to end, the break included."""
        return self.end - self.start

    @property
    def label(self) -> str:
        """``Tue night``, ``Wed early``, ``Wed day``, ``Wed late`` or ``Thu sleep-in``."""
        return f"{weekday_text(self.date)} {self._kind}"

    @property
    def _kind(self) -> str:
        if self.is_sleep_in:
            return "sleep-in"
        if self.is_night:
            return "night"
        starts, ends = (moment.astimezone(LONDON) for moment in (self.starts_at, self.ends_at))
        if starts.hour >= _AFTERNOON:
            return "late"
        is_early = starts.hour < _MORNING and ends.hour < _AFTERNOON + _EARLY_TAIL
        return "early" if is_early and ends.date() == starts.date() else "day"


@dataclass(frozen=True, slots=True)
class PastWeek:
    """What was worked in a week too old to be listed shift by shift (Monday to Sunday)."""

    monday: date
    working_minutes: int
    shifts: int
    night_shifts: int = 0


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away from work, both ends included.

    ``is_excluded`` marks days that regulation 4(7) leaves out of the weekly average:
    statutory annual leave, sickness, maternity and the other family leaves.
    """

    start: date
    end: date
    kind: str = "annual leave"
    is_excluded: bool = True
    id: int | None = None


@dataclass(frozen=True, slots=True)
class OptOut:
    """A written agreement to work beyond 48 hours on average (WTR reg 5).

    It holds from ``signed_on`` until the notice after ``withdrawn_on`` has run out. The
    notice is seven days unless the agreement says more, and three months at most.
    """

    signed_on: date
    withdrawn_on: date | None = None
    notice_days: int = 7

    @property
    def ends_on(self) -> date | None:
        """The first day on which it no longer holds, once withdrawn."""
        if self.withdrawn_on is None:
            return None
        asked = self.withdrawn_on + timedelta(days=max(7, self.notice_days))
        return min(asked, months_after(self.withdrawn_on, 3))

    def holds_on(self, day: date) -> bool:
        """Whether the agreement is in force on a day."""
        ends = self.ends_on
        return self.signed_on <= day and (ends is None or day < ends)


@dataclass(frozen=True, slots=True)
class Registration:
    """Registration with the Scottish Social Services Council."""

    applied_on: date | None = None
    registered_on: date | None = None
    expires_on: date | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Qualification:
    """A training or skill somebody holds; ``expires_on`` is the last day it is valid."""

    code: str
    name: str
    achieved_on: date | None = None
    expires_on: date | None = None

    def valid_on(self, day: date) -> bool:
        """Whether it is held on a day."""
        begun = self.achieved_on is None or self.achieved_on <= day
        return begun and (self.expires_on is None or day <= self.expires_on)


@dataclass(frozen=True, slots=True)
class CompensatoryRest:
    """Rest owed for a lawful exception (WTR reg 24): an entry of the rest ledger.

    ``rule`` and ``arising_on`` name the verdict it answers: the rota day on which the
    shortfall arises (the later shift; the Monday of the week for weekly rest).
    """

    rule: str
    arising_on: date
    owed_minutes: int
    due_on: date
    taken_on: date | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """The person the rules protect.

    ``care_exempt`` overrules the role's exemption for continuous care (regs 21 and 24)
    when given; ``usual_days_per_week`` the estimate from the contract.
    """

    id: PersonId
    name: str
    role_code: str
    date_of_birth: date | None = None
    started_on: date | None = None
    leaves_on: date | None = None
    contracted_minutes_per_week: int = 0
    care_exempt: bool | None = None
    usual_days_per_week: float | None = None

    def age_on(self, day: date) -> int | None:
        """Completed years on a day, when the date of birth is known."""
        return None if self.date_of_birth is None else age_on(self.date_of_birth, day)

    def is_young_on(self, day: date) -> bool:
        """Whether the person is a young worker (under 18) on a day."""
        born = self.date_of_birth
        if born is None or day.year - born.year > 18:
            return False
        return day < years_after(born, 18)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A person with everything the rules need, shifts in order of their start.

    ``past_weeks`` stands for the weeks before the first listed shift; a week must not be
    in both.
    """

    worker: Worker
    shifts: tuple[WorkedShift, ...] = ()
    absences: tuple[Absence, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    registrations: tuple[Registration, ...] = ()
    qualifications: tuple[Qualification, ...] = ()
    compensatory_rests: tuple[CompensatoryRest, ...] = ()
    past_weeks: tuple[PastWeek, ...] = ()

    def __post_init__(self) -> None:
        shifts = self.shifts
        if any(later.start < earlier.start for earlier, later in pairwise(shifts)):
            object.__setattr__(self, "shifts", tuple(sorted(shifts, key=_by_start)))

    def between(self, start: date, end: date) -> tuple[WorkedShift, ...]:
        """The shifts of the rota days ``start`` to ``end``, both included."""
        first = bisect_left(self.shifts, start, key=_by_date)
        return self.shifts[first : bisect_right(self.shifts, end, lo=first, key=_by_date)]

    def within(self, period: Period) -> tuple[WorkedShift, ...]:
        """The shifts whose rota day lies in a period."""
        return self.between(period.start, period.end)

    @property
    def last_day(self) -> date | None:
        """The last rota day with a shift: how far the rota is planned."""
        return self.shifts[-1].date if self.shifts else None

    def changed(
        self, *, added: Iterable[WorkedShift] = (), removed: Iterable[ShiftId] = ()
    ) -> Timeline:
        """The same person with shifts added and taken away."""
        gone = set(removed)
        kept = [shift for shift in self.shifts if shift.id not in gone]
        kept.extend(added)
        kept.sort(key=_by_start)
        return replace(self, shifts=tuple(kept))


def _by_start(shift: WorkedShift) -> int:
    return shift.start


def _by_date(shift: WorkedShift) -> date:
    return shift.date
