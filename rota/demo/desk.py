"""What each person of a home does on each day, and whether they may do one thing more."""

from __future__ import annotations

from datetime import date, timedelta

from rota.demo.horizon import Horizon
from rota.demo.kinds import FOLLOWS, SPEC_OF, Kind
from rota.demo.leave import Leave
from rota.demo.people import HomePlan
from rota.demo.sickness import Spell
from rota.models import LeaveStatus

#: days kept free at both ends, so that neighbours need no test
_PAD = 7
#: most working days in a row and in any seven, for nights, long days and short shifts
_NIGHT_RUN, _NIGHT_WEEK = 4, 5
_LONG_RUN, _LONG_WEEK = 5, 5
_SHORT_RUN, _SHORT_WEEK = 5, 6
_SHORT = frozenset({Kind.EARLY, Kind.LATE, Kind.OFFICE, Kind.TRAINING, Kind.TWILIGHT})
_WINDOW = 13
_FORTNIGHT = 14


class Away:
    """Why somebody cannot work on a day."""

    LEAVE = 1
    SICK = 2
    NOT_EMPLOYED = 3
    ASKED_FOR_LEAVE = 4


def _allowed(run: int, week: int) -> bytes:
    """For 13 days around a new shift (bit 6 set): whether run and week limits hold."""
    table = bytearray(1 << _WINDOW)
    for days in range(1 << _WINDOW):
        row = longest = 0
        for bit in range(_WINDOW):
            row = row + 1 if days >> bit & 1 else 0
            longest = max(longest, row)
        weeks = max((days >> bit & 0x7F).bit_count() for bit in range(_WINDOW - 6))
        table[days] = longest <= run and weeks <= week
    return bytes(table)


_NIGHT_ALLOWED = _allowed(_NIGHT_RUN, _NIGHT_WEEK)
_LONG_ALLOWED = _allowed(_LONG_RUN, _LONG_WEEK)
_SHORT_ALLOWED = _allowed(_SHORT_RUN, _SHORT_WEEK)
_NIGHTS = frozenset({Kind.NIGHT, Kind.SENIOR_NIGHT, Kind.SLEEP_IN})
_TABLE_OF: tuple[bytes, ...] = tuple(
    _NIGHT_ALLOWED if kind in _NIGHTS else _SHORT_ALLOWED if kind in _SHORT else _LONG_ALLOWED
    for kind in Kind
)


class Desk:
    """Days of every person of a home, by their position in ``home.people``."""

    def __init__(self, home: HomePlan, horizon: Horizon) -> None:
        self._length = len(horizon.days)
        count = len(home.people)
        self._days = [bytearray(self._length + 2 * _PAD) for _ in range(count)]
        self._bits = [0] * count
        #: minutes beyond the contract worked of late, running off at the person's weekly rate
        self._recent = [0.0] * count
        self._recent_day = [0] * count
        self._rate = [person.extra_minutes / 7 for person in home.people]
        self.away = [bytearray(self._length) for _ in range(count)]
        for index, person in enumerate(home.people):
            begins = min(self._length, max(0, horizon.index(person.started_on)))
            self.away[index][:begins] = bytes([Away.NOT_EMPLOYED]) * begins

    def mark(self, person: int, horizon: Horizon, first: date, last: date, why: int) -> None:
        """Take somebody away from a first to a last day; what was marked before stays."""
        away = self.away[person]
        start = max(0, horizon.index(first))
        for day in range(start, min(self._length, horizon.index(last) + 1)):
            away[day] = away[day] or why

    def mark_leave(self, person: int, horizon: Horizon, leave: Leave) -> None:
        """Take somebody away for approved leave."""
        if leave.status is LeaveStatus.APPROVED:
            self.mark(person, horizon, leave.start, leave.end, Away.LEAVE)

    def spare(self, person: int, horizon: Horizon, leave: Leave) -> None:
        """Offer no extra work to somebody who asked for leave, nor just around it."""
        if leave.status in (LeaveStatus.APPROVED, LeaveStatus.PENDING):
            around = timedelta(days=3)
            first, last = leave.start - around, leave.end + around
            self.mark(person, horizon, first, last, Away.ASKED_FOR_LEAVE)

    def mark_spell(self, person: int, horizon: Horizon, spell: Spell) -> None:
        """Take somebody away for a spell of sickness."""
        self.mark(person, horizon, spell.start, spell.end, Away.SICK)

    def kind(self, person: int, day: int) -> int:
        """What somebody does on a day (may be one before the first or after the last)."""
        return self._days[person][day + _PAD]

    def put(self, person: int, day: int, kind: int) -> None:
        """Give somebody a shift."""
        self._days[person][day + _PAD] = kind
        self._bits[person] |= 1 << (day + _PAD)

    def put_extra(self, person: int, day: int, kind: int) -> None:
        """Give somebody a shift beyond the contract; it uses up their willingness."""
        self.put(person, day, kind)
        self._recent[person] = self._still_counts(person, day) + SPEC_OF[kind].paid_minutes
        self._recent_day[person] = day

    def is_willing(self, person: int, day: int) -> bool:
        """Whether somebody would work beyond the contract: not more than their weekly
        average, with up to a fortnight's worth at once. Days must be asked in order."""
        room = self._rate[person] * _FORTNIGHT
        return room > 0 and self._still_counts(person, day) < room

    def _still_counts(self, person: int, day: int) -> float:
        gone = (day - self._recent_day[person]) * self._rate[person]
        return max(0.0, self._recent[person] - gone)

    def is_free(self, person: int, day: int) -> bool:
        """Whether somebody is employed, not away and has nothing on a day."""
        return not (self._days[person][day + _PAD] or self.away[person][day])

    def may_work(self, person: int, day: int, kind: int) -> bool:
        """Whether a shift keeps daily rest and the limits of rows and weeks."""
        days = self._days[person]
        at = day + _PAD
        if days[at] or self.away[person][day]:
            return False
        if not FOLLOWS[days[at - 1]][kind] or not FOLLOWS[kind][days[at + 1]]:
            return False
        window = self._bits[person] >> (at - 6) & 0x1FFF | 1 << 6
        return bool(_TABLE_OF[kind][window])
