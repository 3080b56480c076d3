"""What a rule says: how grave it is, in plain words, with the numbers behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from rota.rules.timeline import ShiftId


class Severity(IntEnum):
    """How grave a verdict is; the greater outweighs the lesser."""

    OK = 0
    WARNED = 1
    BARRED = 2

    @property
    def word(self) -> str:
        """The word shown on screens: Free, Warned or Barred."""
        return ("Free", "Warned", "Barred")[self]

    @property
    def colour(self) -> str:
        """The traffic light that stands for it: green, amber or red."""
        return ("green", "amber", "red")[self]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One finding about one person.

    ``measured`` and ``limit`` are in ``unit`` ("minutes", "days", "shifts"); ``excess`` is
    by how much the limit is missed, in the same unit, and never negative. ``subject``
    identifies what the finding is about (two shifts, a week, a document), so that the same
    finding before and after a change can be recognised. ``owed_minutes`` and ``owed_by``
    are the compensatory rest that would make, or makes, the exception lawful.
    """

    rule: str
    severity: Severity
    title: str
    message: str
    dates: tuple[date, ...]
    shift_ids: tuple[ShiftId, ...]
    measured: int
    limit: int
    unit: str
    excess: int
    subject: str
    owed_minutes: int = 0
    owed_by: date | None = None
    #: the rota day under which the rest owed is kept in the ledger
    arising_on: date | None = None

    @property
    def can_be_compensated(self) -> bool:
        """Whether recording compensatory rest would turn this from red into amber."""
        return self.severity is Severity.BARRED and self.owed_minutes > 0

    def is_worse_than(self, other: Verdict) -> bool:
        """Whether the same subject is judged more gravely, or misses its limit by more."""
        return (self.severity, self.excess) > (other.severity, other.excess)


def worst(verdicts: Iterable[Verdict]) -> Severity:
    """The gravest severity among verdicts; OK when there are none."""
    return max((verdict.severity for verdict in verdicts), default=Severity.OK)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a change would newly cause, gravest first."""

    verdicts: tuple[Verdict, ...] = ()

    @property
    def severity(self) -> Severity:
        """The gravest of the verdicts."""
        return worst(self.verdicts)

    @property
    def is_free(self) -> bool:
        """Nothing speaks against the change."""
        return self.severity is Severity.OK

    @property
    def is_barred(self) -> bool:
        """A rule forbids the change."""
        return self.severity is Severity.BARRED

    @property
    def word(self) -> str:
        """Free, Warned or Barred."""
        return self.severity.word
