"""What can be asked of the rota, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time

from rota.calendar import Period
from rota.rules import Assessment


@dataclass(frozen=True, slots=True)
class Allowance:
    """What whoever edits is ready to stand for.

    ``compensatory_rest`` records the rest owed for a lawful exception (WTR reg 24);
    ``reason`` sets aside a rule of the organisation's own, on the record. Neither opens
    what the law forbids.
    """

    compensatory_rest: bool = False
    reason: str = ""


STRICT = Allowance()


@dataclass(frozen=True, slots=True)
class ShiftRef:
    """A shift and the version of it that was looked at."""

    id: int
    version: int


@dataclass(frozen=True, slots=True)
class AssignShift:
    """Somebody is to work a shift code on a rota day, in their own unit unless one is named.

    ``hours`` are local times that replace those of the type.
    """

    home_id: int
    staff_id: int
    day: date
    code: str
    unit_id: int | None = None
    hours: tuple[time, time] | None = None
    note: str = ""
    allowance: Allowance = STRICT


@dataclass(frozen=True, slots=True)
class ChangeShift:
    """Another code, unit, hours, note or flag for a shift; what is ``None`` stays."""

    shift: ShiftRef
    code: str | None = None
    unit_id: int | None = None
    hours: tuple[time, time] | None = None
    note: str | None = None
    is_supernumerary: bool | None = None
    allowance: Allowance = STRICT


@dataclass(frozen=True, slots=True)
class ClearShift:
    """Nobody is to work this shift any more.

    ``keep_vacancy`` leaves an open shift behind or not; ``None`` leaves one exactly when the
    unit would have fewer people than it needs.
    """

    shift: ShiftRef
    keep_vacancy: bool | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MoveShift:
    """A shift goes to somebody else, to another day, or both."""

    shift: ShiftRef
    staff_id: int
    day: date
    allowance: Allowance = STRICT


@dataclass(frozen=True, slots=True)
class SwapShifts:
    """Two people take each other's shift."""

    first: ShiftRef
    second: ShiftRef
    allowance: Allowance = STRICT


@dataclass(frozen=True, slots=True)
class CopyWeek:
    """Everybody's shifts of one week once more in another; weeks are named by any day."""

    home_id: int
    source: date
    target: date
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class ApplyPatterns:
    """People's rolling patterns written out over a period; ``staff_ids`` empty is everybody."""

    home_id: int
    period: Period
    unit_id: int | None = None
    staff_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A shift that was not written, and why, in one sentence."""

    staff_id: int
    name: str
    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """What a use case did: one change set, which can be undone as a whole.

    ``staff_ids`` and ``days`` are whom and what it concerns, for refreshing a screen.
    """

    change_set_id: int
    label: str
    home_id: int
    staff_ids: frozenset[int]
    days: frozenset[date]
    shift_ids: tuple[int, ...] = ()
    assessment: Assessment = field(default_factory=Assessment)
    skipped: tuple[Skipped, ...] = ()
