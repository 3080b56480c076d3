"""Every answer is checked by the rules of work before anybody sees it.

The optimiser knows the rules in its own form; this is the independent second look, by the
very objects that judge the grid. A shift that would newly break a rule is taken off its
person and becomes a gap; an answer that cannot be mended is a defect, and is not shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.errors import RotaError
from rota.models import Shift
from rota.optimisation.draft import DraftShift, without_person
from rota.optimisation.home_data import HomeData
from rota.roster.rulebooks import load_rulebook
from rota.roster.timelines import load_timelines
from rota.rules.rulebook import Change, Rulebook, check_change, check_timeline
from rota.rules.timeline import Timeline
from rota.rules.verdict import Severity

#: hours under or over contract are priced, not forbidden
_PRICED = ("contracted_hours",)
_ROUNDS = 12


class UnlawfulAnswer(RotaError):
    """The optimiser's answer broke a rule and could not be mended: a defect of ours."""

    http_status = 500


@dataclass(frozen=True, slots=True)
class Proof:
    """The mended draft, breaches it and the rota before it contain, and shifts taken off."""

    shifts: list[DraftShift]
    breaches_before: Mapping[str, int]
    breaches_after: Mapping[str, int]
    taken_off: int


def prove(
    session: Session, data: HomeData, decided: Mapping[int, Shift], shifts: list[DraftShift]
) -> Proof:
    """Check a draft against the rules, person by person."""
    period = Period(data.start, data.end)
    rulebook = load_rulebook(session).without(*_PRICED)
    timelines = load_timelines(session, [person.id for person in data.staff], period)
    removed: dict[int, list[int]] = defaultdict(list)
    for shift in decided.values():
        if shift.user_id is not None:
            removed[shift.user_id].append(shift.id)
    numbers: dict[int, list[int]] = defaultdict(list)
    for number, draft in enumerate(shifts):
        if draft.staff_id is not None:
            numbers[draft.staff_id].append(number)
    result = list(shifts)
    before: dict[str, int] = defaultdict(int)
    after: dict[str, int] = defaultdict(int)
    taken_off = 0
    for staff_id, timeline in timelines.items():
        _count(before, timeline, period, rulebook)
        proposed, off = _mend(
            data, timeline, result, numbers[staff_id], removed[staff_id], rulebook
        )
        taken_off += off
        _count(after, proposed, period, rulebook)
    return Proof(result, dict(before), dict(after), taken_off)


def _count(counts: dict[str, int], timeline: Timeline, period: Period, rulebook: Rulebook) -> None:
    for verdict in check_timeline(timeline, period, rulebook):
        if verdict.severity is Severity.BARRED:
            counts[verdict.rule] += 1


def _mend(
    data: HomeData,
    timeline: Timeline,
    shifts: list[DraftShift],
    numbers: list[int],
    removed: list[int],
    rulebook: Rulebook,
) -> tuple[Timeline, int]:
    """Take off shifts until the change causes no new breach; gives the timeline and how many."""
    known = {shift.id for shift in timeline.shifts}
    gone = tuple(shift_id for shift_id in removed if shift_id in known)
    kept = list(numbers)
    for _ in range(_ROUNDS):
        added = tuple(shifts[number].worked(data, number) for number in kept)
        proposed = timeline.changed(added=added, removed=gone)
        if not added and not gone:
            return proposed, len(numbers) - len(kept)
        verdicts = check_change(timeline, Change(added, gone), rulebook).verdicts
        barred = [verdict for verdict in verdicts if verdict.severity is Severity.BARRED]
        ours = {f"draft-{number}": number for number in kept}
        guilty = {ours[i] for verdict in barred for i in verdict.shift_ids[-1:] if i in ours}
        guilty |= {
            max(ours[i] for i in verdict.shift_ids if i in ours)
            for verdict in barred
            if not guilty and any(i in ours for i in verdict.shift_ids)
        }
        if not guilty:
            return proposed, len(numbers) - len(kept)
        for number in guilty:
            kept.remove(number)
            shifts[number] = without_person(shifts[number], data)
    raise UnlawfulAnswer(
        f"The optimiser's answer breaks the rules for {timeline.worker.name}; it is not shown.",
        hint="Nothing was changed. Please report this with the job's number.",
    )
