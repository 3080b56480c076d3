"""Every answer is checked by the rules of work before anybody sees it.

The optimiser knows the rules in its own form; this is the independent second look, by the
very objects that judge the grid. A shift that would newly break a rule is taken off its
person and becomes a gap; an answer that cannot be mended is a defect, and is not shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.errors import RotaError
from rota.models import Shift
from rota.optimisation.draft import DraftShift, proposed_shift, without_person
from rota.optimisation.home import HomeProblem
from rota.optimisation.home_data import HomeData
from rota.optimisation.problem import OFF, Roster
from rota.roster.rulebooks import load_rulebook
from rota.roster.timelines import load_timelines
from rota.rules.rulebook import Change, Rulebook, check_change, check_timeline
from rota.rules.timeline import Timeline, WorkedShift
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


@dataclass(slots=True)
class _Proposal:
    """What an answer takes from people and gives them; shifts by the answer's own numbers."""

    removed: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    added: dict[int, dict[int, WorkedShift]] = field(default_factory=lambda: defaultdict(dict))

    def take_away(self, shifts: Iterable[Shift], people: Collection[int]) -> None:
        """What is decided anew of these people; others' shifts are not theirs to give up."""
        for shift in shifts:
            if shift.user_id is not None and shift.user_id in people:
                self.removed[shift.user_id].append(shift.id)


@dataclass(slots=True)
class _Verdict:
    """Breaches by rule before and after, and the numbers of the shifts taken off."""

    before: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    after: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    taken_off: set[int] = field(default_factory=set)


def prove(
    session: Session,
    data: HomeData,
    decided: Mapping[int, Shift],
    shifts: list[DraftShift],
    *,
    only_planned: bool = False,
) -> Proof:
    """Check a draft against the rules, person by person.

    ``only_planned`` leaves out absences that nobody could foresee (a replay's first rota).
    Raises :class:`UnlawfulAnswer`.
    """
    people = [person.id for person in data.staff]
    proposal = _Proposal()
    proposal.take_away(decided.values(), people)
    for number, draft in enumerate(shifts):
        if draft.staff_id is not None:
            proposal.added[draft.staff_id][number] = draft.worked(data, number)
    found = _judge(session, people, Period(data.start, data.end), proposal, only_planned)
    mended = [
        without_person(draft, data) if number in found.taken_off else draft
        for number, draft in enumerate(shifts)
    ]
    return Proof(mended, dict(found.before), dict(found.after), len(found.taken_off))


def less_unlawful(
    session: Session, homes: Sequence[HomeProblem], roster: Roster
) -> tuple[Roster, int]:
    """A roster of one home, or of several one after another, less what the rules forbid.

    For answers that are shown as figures and not as a rota to accept. The duties of the homes
    follow one another as their people do. Raises :class:`UnlawfulAnswer`.
    """
    places = [(home, place) for home in homes for place in home.places]
    people = [(home, staff_id) for home in homes for staff_id in home.staff_ids]
    proposal = _Proposal()
    for home in homes:
        proposal.take_away(home.decided.values(), home.staff_ids)
    cells: list[tuple[int, int]] = []
    for position, (home, staff_id) in enumerate(people):
        for day in range(home.problem.first_open_day, home.problem.days):
            duty = roster[position][day]
            where, place = places[duty] if duty != OFF else (home, None)
            if place is None or place.unit_id is None:
                continue
            kind = where.data.shift_types[place.shift_type_id]
            proposal.added[staff_id][len(cells)] = proposed_shift(
                where.data, place.unit_id, home.day_of(day), kind, len(cells)
            )
            cells.append((position, day))
    first = homes[0].data
    ids = [staff_id for _, staff_id in people]
    found = _judge(session, ids, Period(first.start, first.end), proposal, only_planned=False)
    rows = [list(row) for row in roster]
    for number in found.taken_off:
        position, day = cells[number]
        rows[position][day] = OFF
    return tuple(tuple(row) for row in rows), len(found.taken_off)


def _judge(
    session: Session,
    people: Sequence[int],
    period: Period,
    proposal: _Proposal,
    only_planned: bool,
) -> _Verdict:
    """Every person's proposal against the rules; what cannot stay is taken off."""
    rulebook = load_rulebook(session).without(*_PRICED)
    found = _Verdict()
    for staff_id, read in load_timelines(session, list(people), period).items():
        timeline = _as_planned(read) if only_planned else read
        _count(found.before, timeline, period, rulebook)
        proposed, kept = _mend(
            timeline, proposal.added[staff_id], proposal.removed[staff_id], rulebook
        )
        found.taken_off |= proposal.added[staff_id].keys() - kept
        _count(found.after, proposed, period, rulebook)
    return found


def _as_planned(timeline: Timeline) -> Timeline:
    """Agreed leave has a request behind it; what came unforeseen has none."""
    return replace(timeline, absences=tuple(a for a in timeline.absences if a.id is not None))


def _count(counts: dict[str, int], timeline: Timeline, period: Period, rulebook: Rulebook) -> None:
    for verdict in check_timeline(timeline, period, rulebook):
        if verdict.severity is Severity.BARRED:
            counts[verdict.rule] += 1


def _mend(
    timeline: Timeline,
    proposed: Mapping[int, WorkedShift],
    removed: Sequence[int],
    rulebook: Rulebook,
) -> tuple[Timeline, set[int]]:
    """Take off shifts until the change causes no new breach; gives the timeline and who stays."""
    known = {shift.id for shift in timeline.shifts}
    gone = tuple(shift_id for shift_id in removed if shift_id in known)
    kept = set(proposed)
    for _ in range(_ROUNDS):
        added = tuple(proposed[number] for number in sorted(kept))
        changed = timeline.changed(added=added, removed=gone)
        if not added and not gone:
            return changed, kept
        verdicts = check_change(timeline, Change(added, gone), rulebook).verdicts
        barred = [verdict for verdict in verdicts if verdict.severity is Severity.BARRED]
        ours = {proposed[number].id: number for number in kept}
        guilty = {ours[i] for verdict in barred for i in verdict.shift_ids[-1:] if i in ours}
        guilty |= {
            max(ours[i] for i in verdict.shift_ids if i in ours)
            for verdict in barred
            if not guilty and any(i in ours for i in verdict.shift_ids)
        }
        if not guilty:
            return changed, kept
        kept -= guilty
    raise UnlawfulAnswer(
        f"The optimiser's answer breaks the rules for {timeline.worker.name}; it is not shown.",
        hint="Nothing was changed. Please report this with the job's number.",
    )
