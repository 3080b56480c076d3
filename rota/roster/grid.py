"""The values of the rota grid: people down, days across, cover beneath."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from rota.calendar import Period
from rota.models import Band, Classification
from rota.roster.shift_types import ShiftKind
from rota.roster.slots import SlotCover
from rota.rules import Severity, Verdict

#: days of absence as the grid writes them
ABSENCE_CODES = {"annual": "AL", "sick": "S", "sickness": "S", "training": "T"}
OTHER_ABSENCE = "A"
#: rules that are about a person's weeks rather than about one cell
_PERSON_RULES = frozenset(
    {"weekly_hours", "night_work", "contracted_hours", "compensatory_rest", "weekly_rest"}
)


@dataclass(frozen=True, slots=True)
class GridShift:
    """A shift as the grid shows it; ``version`` is what an edit must name."""

    id: int
    version: int
    date: date
    kind: ShiftKind
    unit_id: int
    home_id: int
    staff_id: int | None
    agency_id: int | None
    agency_worker: str
    starts_at: datetime
    ends_at: datetime
    paid_minutes: int
    classification: Classification
    is_vacant: bool
    is_supernumerary: bool
    is_locked: bool
    is_published: bool
    note: str
    cost_pence: int | None

    @property
    def code(self) -> str:
        """The code of its type."""
        return self.kind.code

    @property
    def is_overtime(self) -> bool:
        """Whether it is worked beyond the contract."""
        return self.classification is Classification.OVERTIME


@dataclass(frozen=True, slots=True)
class GridPerson:
    """One line of the grid. Minutes are paid minutes of the period shown.

    ``days`` holds the shifts of each rota day (usually one), ``absences`` the code of each
    day away (AL, S, T or A).
    """

    id: int
    name: str
    role_code: str
    team: str
    unit_id: int | None
    home_id: int | None
    contracted_minutes: int
    rostered_minutes: int
    nights: int
    weekend_days: int
    days: Mapping[date, tuple[GridShift, ...]] = field(default_factory=dict)
    absences: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Totals:
    """The head of a rota: paid minutes and cost of the filled shifts, drafts, open shifts.

    The cost is that of the shifts whose rates are known, in pence.
    """

    paid_minutes: int = 0
    cost_pence: int = 0
    drafts: int = 0
    vacancies: int = 0


@dataclass(frozen=True, slots=True)
class WeekGrid:
    """A home's (or one unit's) rota over whole weeks.

    ``cover`` has an entry for each day and each of the bands day and night; over several
    units a surplus in one does not hide a gap in another.
    """

    home_id: int
    unit_id: int | None
    period: Period
    units: Mapping[int, str]
    holidays: Mapping[date, str]
    people: tuple[GridPerson, ...]
    vacancies: tuple[GridShift, ...]
    agency: tuple[GridShift, ...]
    cover: Mapping[tuple[date, Band], SlotCover]
    kinds: Mapping[int, ShiftKind]

    @property
    def totals(self) -> Totals:
        """Hours, cost, drafts and gaps of the shifts of this place."""
        own = (shift for row in self.people for day in row.days.values() for shift in day)
        filled = [*(shift for shift in own if self._is_here(shift)), *self.agency]
        return Totals(
            paid_minutes=sum(shift.paid_minutes for shift in filled),
            cost_pence=sum(shift.cost_pence or 0 for shift in filled),
            drafts=sum(not shift.is_published for shift in (*filled, *self.vacancies)),
            vacancies=len(self.vacancies),
        )

    def _is_here(self, shift: GridShift) -> bool:
        if self.unit_id is not None:
            return shift.unit_id == self.unit_id
        return shift.unit_id in self.units

    def person(self, staff_id: int) -> GridPerson | None:
        """The line of a person."""
        return next((row for row in self.people if row.id == staff_id), None)


@dataclass(frozen=True, slots=True)
class CellFlag:
    """What the rules say about one cell or, without a day, about a person's weeks."""

    severity: Severity
    words: str


def flags(
    findings: Mapping[int, Iterable[Verdict]], period: Period
) -> dict[tuple[int, date | None], CellFlag]:
    """The gravest word of the rules by person and day; ``None`` as day is the whole line.

    A finding about two shifts marks both; one about weeks, contract or records marks the
    line.
    """
    gathered: dict[tuple[int, date | None], list[Verdict]] = {}
    for staff_id, verdicts in findings.items():
        for verdict in verdicts:
            on_line = verdict.rule in _PERSON_RULES or not verdict.shift_ids
            places: set[date | None] = {None} if on_line else set(verdict.dates)
            for day in places:
                if day is None or day in period:
                    gathered.setdefault((staff_id, day), []).append(verdict)
    return {
        place: CellFlag(
            max(verdict.severity for verdict in verdicts),
            " · ".join(f"{verdict.title}: {verdict.message}" for verdict in verdicts),
        )
        for place, verdicts in gathered.items()
    }
