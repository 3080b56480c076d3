"""The values that describe a vacancy and the people who could fill it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from rota.carer.preferences import Wish
from rota.models import Band, Classification, OfferState
from rota.roster.slots import SlotCover
from rota.rules import Severity, Verdict

#: what a vacancy's reason is called on screen
REASONS: dict[str, str] = {
    "leave": "Leave",
    "sickness": "Sickness",
    "leaver": "Leaver",
    "unfilled post": "Unfilled post",
    "cleared": "Taken off the rota",
    "": "Never filled",
}


class Urgency(IntEnum):
    """How soon a vacancy must be seen to; the greater the sooner."""

    LATER = 0
    SOON = 1
    URGENT = 2
    NOW = 3

    @property
    def word(self) -> str:
        """The heading under which it is listed."""
        return ("Later", "This week and next", "Next three days", "Now")[self]


@dataclass(frozen=True, slots=True)
class Vacancy:
    """An open shift: where, when, why, and how badly it is missed.

    ``cover`` is the slot as it stands without it. ``hours_until`` is negative once it has
    begun. ``role`` is the role asked for, empty for whoever the type allows.
    """

    shift_id: int
    version: int
    home_id: int
    home: str
    unit_id: int
    unit: str
    date: date
    starts_at: datetime
    ends_at: datetime
    paid_minutes: int
    shift_type_id: int
    code: str
    shift_name: str
    category: str
    band: Band
    is_senior: bool
    role_id: int | None
    role: str
    reason: str
    vacant_since: datetime | None
    note: str
    cover: SlotCover
    hours_until: float
    urgency: Urgency

    @property
    def below_minimum(self) -> bool:
        """Whether the slot is under its minimum while this stays open."""
        return self.cover.short > 0 or (self.is_senior and self.cover.seniors_short > 0)

    @property
    def why(self) -> str:
        """Why it exists, in a word or two."""
        return REASONS.get(self.reason, self.reason.capitalize())

    @property
    def rank(self) -> tuple[int, bool, datetime, bool, int]:
        """Most urgent first: group, below the minimum, start, senior."""
        return (
            -self.urgency,
            not self.below_minimum,
            self.starts_at,
            not self.is_senior,
            self.shift_id,
        )


class Tier(IntEnum):
    """Where somebody comes from, in the order in which they are asked."""

    UNIT = 0
    HOME = 1
    OTHER_HOME = 2
    BANK = 3
    OVERTIME = 4

    @property
    def word(self) -> str:
        """The tier on screen."""
        return ("Own unit", "Same home", "Other home", "Bank", "Overtime")[self]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against somebody; ``good`` is null when it is neither."""

    text: str
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could fill a vacancy: the verdict, and every reason, good and bad.

    Minutes are paid minutes of the vacancy's week, without and with it. ``burden`` is the
    person's nights and weekends of the fairness period per contracted hour, 1 being the
    average of the candidates. ``stands_in`` says that the shift is for another grade, or that
    a night worker would work by day, ``wish`` what they said about such a shift; ``answer`` how an offer of it to them stands.
    """

    staff_id: int
    name: str
    role_id: int
    role: str
    home_id: int
    home: str
    unit: str
    tier: Tier
    classification: Classification
    severity: Severity
    verdicts: tuple[Verdict, ...]
    cost_pence: int | None
    week_minutes: int
    week_minutes_after: int
    contracted_minutes: int
    headroom_minutes: int | None
    shifts_on_unit: int
    nights: int
    weekends: int
    burden: float
    distance_km: float | None
    prefers: bool
    wish: Wish
    stands_in: bool
    answer: OfferState | None
    reasons: tuple[Reason, ...]

    @property
    def word(self) -> str:
        """Free, Warned or Barred."""
        return self.severity.word


@dataclass(frozen=True, slots=True)
class AgencyOption:
    """An agency that could fill it: price, and what is left of its weekly cap in minutes.

    ``refusal`` says why it cannot, empty when it can.
    """

    agency_id: int
    name: str
    preference: int
    cost_pence: int | None
    cap_left_minutes: int | None
    needs_approval: bool
    refusal: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Who may be asked for one vacancy, best first, and the agencies.

    ``unjudged`` people further down were left out because enough were free already.
    """

    vacancy: Vacancy
    candidates: tuple[Candidate, ...]
    agencies: tuple[AgencyOption, ...]
    unjudged: int = 0

    def count(self, severity: Severity) -> int:
        """How many candidates stand at a verdict."""
        return sum(1 for c in self.candidates if c.severity is severity)


#: vacancy, person and agency of each assignment of a plan
Key = tuple[tuple[int, int | None, int | None], ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One vacancy and who fills it: a person, an agency, or nobody (both null)."""

    vacancy_id: int
    version: int
    staff_id: int | None
    agency_id: int | None
    name: str
    text: str
    cost_pence: int | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A way of filling several vacancies.

    ``people`` are asked to work who would not have; ``notice_hours`` is the shortest time
    any of them has. ``cost_pence`` is null when a rate is missing.
    """

    title: str
    assignments: tuple[Assignment, ...]
    cost_pence: int | None
    people: int
    agency_shifts: int
    unfilled: int
    notice_hours: float

    @property
    def key(self) -> Key:
        """Who does what: plans with the same key are the same plan."""
        return tuple((a.vacancy_id, a.staff_id, a.agency_id) for a in self.assignments)

    @property
    def warnings(self) -> int:
        """Assignments with a warning."""
        return sum(1 for a in self.assignments if a.warnings)
