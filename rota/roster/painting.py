"""Where a shift code could be painted: every free cell of a grid judged before it is clicked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from rota.calendar import Period, london_today
from rota.roster.findings import staff_ids_of
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import kind_by_code, load_shift_kinds
from rota.roster.timelines import load_timelines
from rota.rules import Change, Rulebook, Severity, Timeline, WorkedShift, check_change

#: judging a cell takes a third of a millisecond: a unit is ready at once, a home is not
MOST_PEOPLE = 80
#: said by the line's own bar, and true of most cells of a full contract
_LEFT_OUT = ("contracted_hours",)


@dataclass(frozen=True, slots=True)
class Shade:
    """What the rules say of a code in a free cell; cells without a word are free."""

    staff_id: int
    day: date
    severity: Severity
    words: str


def shades(
    session: Session, home_id: int, unit_id: int | None, period: Period, code: str
) -> list[Shade]:
    """The cells of a grid in which painting a code would be warned of or barred.

    Days that are past, and cells that hold a shift, are left out; so is everybody when more
    than :data:`MOST_PEOPLE` are shown. Raises :class:`InvalidInput` for an unknown code.
    """
    kinds = load_shift_kinds(session)
    kind = kind_by_code(kinds, code)
    ids = staff_ids_of(session, home_id, unit_id, period)
    today = london_today()
    if len(ids) > MOST_PEOPLE or period.end < today:
        return []
    ahead = Period(max(period.start, today), period.end)
    rulebook = load_rulebook(session).without(*_LEFT_OUT)
    drafts = []
    for day in ahead:
        starts_at, ends_at = kind.instants(day)
        drafts.append(
            WorkedShift(
                "new", day, starts_at, ends_at, kind.break_minutes, unit_id, home_id, kind.code,
                kind.is_night, kind.is_sleep_in, kind.counts_as_working_time,
                allowed_roles=kind.roles, paid_minutes=kind.paid_minutes(starts_at, ends_at),
            )
        )  # fmt: skip
    found: list[Shade] = []
    for staff_id, timeline in load_timelines(session, ids, ahead, kinds=kinds).items():
        found += _of_person(staff_id, timeline, drafts, rulebook)
    return found


def _of_person(
    staff_id: int, timeline: Timeline, drafts: list[WorkedShift], rulebook: Rulebook
) -> list[Shade]:
    taken = {shift.date for shift in timeline.shifts}
    found = []
    for draft in drafts:
        if draft.date in taken:
            continue
        assessment = check_change(timeline, Change.add(draft), rulebook)
        if not assessment.is_free:
            worst = assessment.verdicts[0]
            words = f"{assessment.word}. {worst.title}: {worst.message}"
            found.append(Shade(staff_id, draft.date, assessment.severity, words))
    return found
