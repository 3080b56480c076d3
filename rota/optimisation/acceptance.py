"""Accepting a scenario whole, or only some units, days or people of it.

A part cannot always be taken alone: whoever it moves may stand elsewhere on the same day,
and somebody who gives a shift up must have it taken from them. So a part is closed first:
the people without whose changes it would break a rule, or leave two on one place, come
along, and are named before anything is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.errors import Conflict, InvalidInput
from rota.models import Classification, Scenario, Shift
from rota.optimisation.applying import Replacement, Slot, Wanted, whole_difference
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import ShiftKind, load_shift_kinds
from rota.roster.timelines import load_timelines
from rota.rules.rulebook import Change, Rulebook, check_change
from rota.rules.timeline import Timeline, WorkedShift
from rota.rules.verdict import Severity

#: hours under or over contract are priced, not forbidden
_PRICED = ("contracted_hours",)


class Part(StrEnum):
    """By what a scenario is accepted."""

    WHOLE = "whole"
    UNITS = "units"
    DAYS = "days"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is accepted: everything, or the chosen units or people (ids), or days."""

    part: Part = Part.WHOLE
    ids: frozenset[int] = frozenset()
    days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        chosen = self.days if self.part is Part.DAYS else self.ids
        if self.part is not Part.WHOLE and not chosen:
            raise InvalidInput(
                "Nothing is chosen to accept.", hint="Choose a unit, a day or a person."
            )

    def holds(self, slot: Slot) -> bool:
        """Whether everything in this place is accepted."""
        if self.part is Part.WHOLE:
            return True
        if self.part is Part.UNITS:
            return slot[0] in self.ids
        return self.part is Part.DAYS and slot[1] in self.days

    def as_stored(self) -> list[int | str]:
        """The chosen ones, as JSON holds them."""
        if self.part is Part.DAYS:
            return [day.isoformat() for day in sorted(self.days)]
        return [*sorted(self.ids)]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What accepting would do, and the shifts it takes. ``brought`` came along by need."""

    replacement: Replacement
    people: frozenset[int]
    brought: frozenset[int]
    #: pence the accepted shifts cost more (or less) than those they replace
    cost_pence: int
    vacancies: int
    published: int
    first_day: date | None

    @property
    def shifts(self) -> int:
        """Shifts of the rota that change, appear or go."""
        return max(len(self.replacement.rows), len(self.replacement.wanted))


def plan_acceptance(session: Session, scenario: Scenario, selection: Selection) -> Acceptance:
    """What accepting this part would change. Nothing is written.

    Raises :class:`Conflict` when the part cannot be taken without breaking a rule.
    """
    whole = whole_difference(session, scenario)
    people = {i for i in selection.ids if selection.part is Part.PEOPLE}
    if selection.part is Part.WHOLE:
        # proved by the rules when it was computed, from the rota that still stands
        return _acceptance(whole, frozenset())
    judge = _Judge(session, scenario, whole)
    brought: set[int] = set()
    while True:
        taken, displaced = _take(whole, selection, people | brought)
        more = displaced | judge.barred(taken)
        more -= people | brought
        if not more:
            break
        brought |= more
    judge.refuse_breaches(taken)
    return _acceptance(taken, frozenset(brought))


def _acceptance(taken: Replacement, brought: frozenset[int]) -> Acceptance:
    after = {entry.staff_id for entry in taken.wanted if entry.staff_id is not None}
    before = {row.user_id for row in taken.rows if row.user_id is not None}
    vacant = sum(e.is_vacant for e in taken.wanted) - sum(r.is_vacant for r in taken.rows)
    days = [entry.date for entry in taken.wanted] + [row.date for row in taken.rows]
    return Acceptance(
        replacement=taken,
        people=frozenset(after | before),
        brought=brought,
        cost_pence=sum(e.cost_pence or 0 for e in taken.wanted)
        - sum(row.cost_pence or 0 for row in taken.rows if not row.is_vacant),
        vacancies=vacant,
        published=sum(row.is_published for row in taken.rows),
        first_day=min(days, default=None),
    )


def _take(
    whole: Replacement, selection: Selection, people: Collection[int]
) -> tuple[Replacement, set[int]]:
    """The shifts of a part, and the people it would leave two on one place with."""
    rows: dict[Slot, list[Shift]] = defaultdict(list)
    wanted: dict[Slot, list[Wanted]] = defaultdict(list)
    for row in whole.rows:
        rows[row.unit_id, row.date, row.shift_type_id].append(row)
    for entry in whole.wanted:
        wanted[entry.slot].append(entry)
    taken_rows: list[Shift] = []
    taken: list[Wanted] = []
    displaced: set[int] = set()
    for slot in sorted(set(rows) | set(wanted)):
        if selection.holds(slot):
            taken_rows += rows[slot]
            taken += wanted[slot]
            continue
        some_rows, some, pushed = _take_of_slot(slot, rows[slot], wanted[slot], people)
        taken_rows += some_rows
        taken += some
        displaced |= pushed
    return Replacement(tuple(taken_rows), tuple(taken)), displaced


def _take_of_slot(
    slot: Slot, rows: list[Shift], wanted: list[Wanted], people: Collection[int]
) -> tuple[list[Shift], list[Wanted], set[int]]:
    """Of one place only what concerns ``people``: places stay as many as they would be."""
    ours = [row for row in rows if row.user_id in people]
    given = [entry for entry in wanted if entry.staff_id in people]
    empty = sorted(
        (row for row in rows if row.user_id is None), key=lambda row: (not row.is_vacant, row.id)
    )
    more = len(given) - len(ours)
    if more > 0:
        used = empty[:more]
        grows = max(0, len(wanted) - len(rows))
        others = [row.user_id for row in rows if row.user_id and row.user_id not in people]
        pushed = max(0, more - len(used) - grows)
        return ours + used, given, set(others[:pushed])
    left = -more
    fillers = [entry for entry in wanted if entry.staff_id is None][:left]
    left -= len(fillers)
    left -= min(left, max(0, len(rows) - len(wanted)))  # these places are given up altogether
    gap = Wanted(slot[0], slot[1], slot[2], None, None, Classification.REGULAR, 0)
    return ours, [*given, *fillers, *[gap] * left], set()


class _Judge:
    """The rules of work on the people whom a scenario changes."""

    def __init__(self, session: Session, scenario: Scenario, whole: Replacement) -> None:
        period = Period(scenario.start_date, scenario.end_date)
        ids = {row.user_id for row in whole.rows} | {entry.staff_id for entry in whole.wanted}
        self.timelines: dict[int, Timeline] = load_timelines(
            session, sorted(i for i in ids if i is not None), period
        )
        self.rulebook: Rulebook = load_rulebook(session).without(*_PRICED)
        self.kinds = load_shift_kinds(session)
        self.home_id = scenario.home_id
        #: what the whole scenario leaves as it found it (a breach among fixed shifts, say)
        self.standing: dict[int, frozenset[str]] = {}
        self.standing = {
            staff_id: frozenset(messages) for staff_id, messages in self._said(whole).items()
        }

    def barred(self, taken: Replacement) -> set[int]:
        """People who would newly break a rule that the whole scenario does not break."""
        return {staff_id for staff_id, messages in self._said(taken).items() if messages}

    def refuse_breaches(self, taken: Replacement) -> None:
        """Raise :class:`Conflict` naming the first rule that a closed part still breaks."""
        for staff_id, messages in self._said(taken).items():
            if messages:
                raise Conflict(
                    f"This part cannot be accepted alone. "
                    f"{self.timelines[staff_id].worker.name}: {messages[0]}",
                    hint="Accept more of it, or the whole scenario.",
                )

    def _said(self, taken: Replacement) -> dict[int, list[str]]:
        """By person what bars the change, less what stands anyway."""
        added: dict[int, list[WorkedShift]] = defaultdict(list)
        removed: dict[int, list[int]] = defaultdict(list)
        for number, entry in enumerate(taken.wanted):
            if entry.staff_id is not None:
                kind = self.kinds[entry.shift_type_id]
                added[entry.staff_id].append(worked(entry, kind, self.home_id, number))
        for row in taken.rows:
            if row.user_id is not None:
                removed[row.user_id].append(row.id)
        found: dict[int, list[str]] = {}
        for staff_id in sorted(set(added) | set(removed)):
            timeline = self.timelines.get(staff_id)
            if timeline is None:
                continue
            known = {shift.id for shift in timeline.shifts}
            gone = tuple(shift_id for shift_id in removed[staff_id] if shift_id in known)
            change = Change(tuple(added[staff_id]), gone)
            stands = self.standing.get(staff_id, frozenset())
            found[staff_id] = [
                verdict.message
                for verdict in check_change(timeline, change, self.rulebook).verdicts
                if verdict.severity is Severity.BARRED and verdict.message not in stands
            ]
        return found


def worked(entry: Wanted, kind: ShiftKind, home_id: int, number: int) -> WorkedShift:
    """A wanted shift as the rules see it; ``number`` makes its id."""
    starts_at, ends_at = kind.instants(entry.date)
    return WorkedShift(
        f"draft-{number}", entry.date, starts_at, ends_at, kind.break_minutes, entry.unit_id,
        home_id, kind.code, kind.is_night, kind.is_sleep_in, kind.counts_as_working_time,
        allowed_roles=kind.roles, paid_minutes=kind.paid_minutes(starts_at, ends_at),
    )  # fmt: skip
