"""What a swap is about: two shifts as they were agreed on, judged for both people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.models import Shift, Staff
from rota.roster.changes import shift_state
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import load_shift_kinds
from rota.roster.timelines import load_timelines, worked_shift
from rota.rules import Assessment, Change, Severity, check_change

#: what both people agree on; a note or a price may change without asking them again
_AGREED = ("user_id", "date", "shift_type_id", "unit_id", "starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules say about a swap, for the one who gives the first shift and the other."""

    mine: Assessment
    theirs: Assessment

    @property
    def is_lawful(self) -> bool:
        """Whether no rule forbids it to either."""
        return not self.mine.is_barred and not self.theirs.is_barred


def terms_of(first: Shift, second: Shift) -> list[Any]:
    """The two shifts as JSON keeps them in a proposal."""
    return [{name: shift_state(s)[name] for name in _AGREED} for s in (first, second)]


def judge_swap(session: Session, first: Shift, second: Shift) -> Judged:
    """What the rules of work say of both people taking each other's shift."""
    kinds, rulebook = load_shift_kinds(session), load_rulebook(session)
    span = Period(min(first.date, second.date), max(first.date, second.date))
    ids = [s.user_id for s in (first, second) if s.user_id is not None]
    timelines = load_timelines(session, ids, span, kinds=kinds)
    found = []
    for gives, takes in ((first, second), (second, first)):
        assert gives.user_id is not None  # who asks has looked
        worked = worked_shift(kinds[takes.shift_type_id], takes.id, takes)
        change = Change.exchange(gives.id, worked)
        found.append(check_change(timelines[gives.user_id], change, rulebook))
    return Judged(*found)


def warnings_of(said: Assessment) -> tuple[str, ...]:
    """What the rules have to say short of forbidding it, as sentences.

    Hours against the contract are left out: a swap is not about them.
    """
    return tuple(
        v.message
        for v in said.verdicts
        if v.severity is not Severity.OK and v.rule != "contracted_hours"
    )


def first_obstacle(judged: Judged, me: Staff, other: Staff, *, told_to_manager: bool) -> str:
    """Why a swap is not lawful, in a sentence; empty when it is.

    Somebody's hours, registration or leave are nobody else's business: of the colleague the
    person learns only that a rule is in the way, the manager which.
    """
    for said, person, private in ((judged.mine, me, False), (judged.theirs, other, True)):
        if said.is_barred:
            verdict = next(v for v in said.verdicts if v.severity is Severity.BARRED)
            if private and not told_to_manager:
                return f"A rule of work does not allow {person.name} to take your shift."
            return f"{verdict.title}: {person.name}, {verdict.message}."
    return ""
