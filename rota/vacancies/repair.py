"""Filling several vacancies together: after sickness, or a whole week, with a preview.

Three plans are made from the same ranking: the cheapest, the one that asks the fewest people,
and the one that takes the best candidate for each shift. Every assignment is checked by the
rules on top of those before it, and again when the plan is applied as one undoable change.
The people of a home are read once for all of its vacancies (:mod:`rota.vacancies.ground`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import day_text, monday, sunday
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.leave.guard import locked_person
from rota.models import AbsenceSpell, ChangeItem, Classification, Shift, utc_now
from rota.roster.changes import ChangeRecorder
from rota.rules import Change, WorkedShift, check_change
from rota.vacancies.candidates import ENOUGH_FREE, agency_options, price_for, shortlist
from rota.vacancies.ground import Ground, load_ground
from rota.vacancies.pool import load_pool
from rota.vacancies.queries import vacancies_called
from rota.vacancies.service import book_agency, fill_with, load_books, open_shift
from rota.vacancies.values import AgencyOption, Assignment, Candidate, Key, Plan, Tier, Vacancy

#: vacancies filled in one plan: a bad week of a large home
MOST_TOGETHER = 150
#: candidates of a vacancy a plan chooses among; everybody, where none of these is left
CHOICE = 12
#: vacancies for which somebody else is looked for where the strategies agree
MOST_VARIED = 6
#: ways that are offered, and the name of one that only differs in whom it asks
WAYS, OTHER = 3, "Another way"
_DEAR = 10**9


@dataclass(frozen=True, slots=True)
class _Choice:
    """What may fill one vacancy; overtime is priced by role."""

    vacancy: Vacancy
    shift: WorkedShift
    candidates: tuple[Candidate, ...]
    ground: Ground
    agencies: tuple[AgencyOption, ...]
    overtime_pence: dict[int, int | None]
    unjudged: int

    def on_top_of(self, candidate: Candidate, before: Sequence[WorkedShift]) -> Candidate:
        """The candidate once a plan has given them other shifts: beyond the contract the
        hours of this one are overtime."""
        first, last = monday(self.shift.date), sunday(self.shift.date)
        given = sum(shift.paid_minutes for shift in before if first <= shift.date <= last)
        within = candidate.week_minutes_after + given <= candidate.contracted_minutes
        if not given or within or candidate.classification is not Classification.REGULAR:
            return candidate
        return replace(
            candidate,
            tier=Tier.OVERTIME,
            classification=Classification.OVERTIME,
            cost_pence=self.overtime_pence[candidate.role_id],
        )


#: how a plan orders the candidates of a vacancy, given who it has asked already
Preference = Callable[[Candidate, Collection[int]], tuple[object, ...]]


def _cheapest(c: Candidate, _asked: Collection[int]) -> tuple[object, ...]:
    return c.cost_pence if c.cost_pence is not None else _DEAR, c.severity, c.tier


def _fewest(c: Candidate, asked: Collection[int]) -> tuple[object, ...]:
    return c.staff_id not in asked, c.severity, c.tier, c.cost_pence or _DEAR


def _best(c: Candidate, _asked: Collection[int]) -> tuple[object, ...]:
    return c.severity, c.stands_in, c.tier, c.cost_pence or _DEAR, -c.shifts_on_unit


STRATEGIES: tuple[tuple[str, Preference], ...] = (
    ("Best fit", _best),
    ("Cheapest", _cheapest),
    ("Fewest people", _fewest),
)


def plans(session: Session, actor: Actor, vacancy_ids: Sequence[int]) -> tuple[Plan, ...]:
    """Three different ways of filling vacancies together where there are so many, the best fit
    first.

    What has been filled since is left out. Raises :class:`InvalidInput` for none or too many,
    :class:`NotAllowed`.
    """
    wanted = set(vacancy_ids)
    if not 1 <= len(wanted) <= MOST_TOGETHER:
        raise InvalidInput(f"1 to {MOST_TOGETHER} vacancies are filled together.")
    choices = [
        _choice(session, ground, vacancy, enough=ENOUGH_FREE)
        for ground, vacancy in _grounds(session, vacancies_called(session, actor, wanted))
    ]
    if not choices:
        return ()
    found = _by_strategy(choices)
    short = {a.vacancy_id for plan in found.values() for a in plan.assignments if not a.staff_id}
    if any(choice.unjudged and choice.vacancy.shift_id in short for choice in choices):
        choices = [_widened(session, choice, short) for choice in choices]
        found = _by_strategy(choices)
    made = list(found.values())
    while len(made) < WAYS and (other := _another(choices, made)) is not None:
        made.append(other)
    return tuple(made)


def _grounds(session: Session, wanted: Sequence[Vacancy]) -> Iterator[tuple[Ground, Vacancy]]:
    """Each vacancy with the ground of its home."""
    grounds: dict[int, Ground] = {}
    for vacancy in wanted:
        home_id = vacancy.home_id
        if home_id not in grounds:
            here = [each for each in wanted if each.home_id == home_id]
            grounds[home_id] = load_ground(session, here)
        yield grounds[home_id], vacancy


def _by_strategy(choices: Sequence[_Choice]) -> dict[Key, Plan]:
    found: dict[Key, Plan] = {}
    for title, preference in STRATEGIES:
        plan = _plan(title, choices, preference)
        found.setdefault(plan.key, plan)
    return found


def _widened(session: Session, choice: _Choice, short: Collection[int]) -> _Choice:
    """The choice among everybody, where a plan has used up the few judged to begin with:
    nothing stays open that somebody may lawfully take."""
    if not choice.unjudged or choice.vacancy.shift_id not in short:
        return choice
    return _choice(session, choice.ground, choice.vacancy, enough=None)


def _another(choices: Sequence[_Choice], made: Sequence[Plan]) -> Plan | None:
    """A plan that gives one of the vacancies to somebody no plan has given it to yet.

    The most urgent vacancy that has somebody else; null when there is none, or only by leaving
    more open. Where the strategies agree, the manager still has whom to ask next.
    """
    fewest = min(plan.unfilled for plan in made)
    for place, choice in enumerate(choices[:MOST_VARIED]):
        used = {
            assignment.staff_id
            for plan in made
            for assignment in plan.assignments
            if assignment.vacancy_id == choice.vacancy.shift_id
        }
        left = tuple(c for c in choice.candidates if c.staff_id not in used)
        if not left and None in used:
            continue
        others = [*choices[:place], replace(choice, candidates=left), *choices[place + 1 :]]
        plan = _plan(OTHER, others, _best)
        if plan.unfilled <= fewest and plan.key not in {one.key for one in made}:
            return plan
    return None


def vacancies_of_spell(session: Session, actor: Actor, spell_id: int) -> list[int]:
    """The shifts a spell of absence left open that are still vacant."""
    spell = session.get(AbsenceSpell, spell_id)
    if spell is None or spell.change_set_id is None:
        return []
    actor.require(Permission.VIEW_VACANCIES, spell.home_id)
    rows = session.scalars(
        select(Shift.id)
        .join(ChangeItem, ChangeItem.shift_id == Shift.id)
        .where(
            ChangeItem.change_set_id == spell.change_set_id,
            Shift.is_vacant,
            Shift.ends_at > utc_now(),
        )
        .order_by(Shift.starts_at)
    )
    return list(rows)


def apply_plan(uow: UnitOfWork, assignments: Iterable[Assignment], home_id: int) -> int:
    """Fill the vacancies of a plan in one undoable change; gives the change set's id.

    All or nothing: raises what :func:`rota.vacancies.service.assign` raises for the first
    assignment that no longer holds.
    """
    wanted = [a for a in assignments if a.staff_id is not None or a.agency_id is not None]
    if not 1 <= len(wanted) <= MOST_TOGETHER:
        raise InvalidInput(f"A plan fills 1 to {MOST_TOGETHER} vacancies.")
    uow.actor.require(Permission.FILL_VACANCY, home_id)
    # everybody is locked in one order, so that two plans never wait for one another
    people = {
        staff_id: locked_person(uow.session, staff_id)
        for staff_id in sorted({a.staff_id for a in wanted if a.staff_id is not None})
    }
    noun = "vacancy" if len(wanted) == 1 else "vacancies"
    recorder = ChangeRecorder(uow, home_id, "fill together", f"Fill {len(wanted)} {noun}")
    books = load_books(uow.session)
    for assignment in wanted:
        shift = open_shift(uow, assignment.vacancy_id, assignment.version)
        if assignment.staff_id is not None:
            fill_with(uow, shift, people[assignment.staff_id], recorder=recorder, books=books)
        else:
            book_agency(uow, shift, assignment.agency_id or 0, recorder=recorder)
    return recorder.finish().id


def _choice(session: Session, ground: Ground, vacancy: Vacancy, *, enough: int | None) -> _Choice:
    pool = load_pool(session, vacancy, ground)
    able, unjudged = shortlist(session, pool, enough=enough, chunk=CHOICE)
    if enough is not None:
        unjudged += len(able[CHOICE:])
        able = able[:CHOICE]
    roles = {c.role_id for c in able}
    overtime = {
        role_id: price_for(vacancy, role_id, Classification.OVERTIME, ground.rates)
        for role_id in roles
    }
    agencies = tuple(agency_options(session, vacancy, ground.rates, ground.policy))
    return _Choice(vacancy, pool.shift, tuple(able), ground, agencies, overtime, unjudged)


def _plan(title: str, choices: Sequence[_Choice], preference: Preference) -> Plan:
    taken: dict[int, list[WorkedShift]] = {}
    booked: dict[int, int] = {}
    assignments = []
    for choice in choices:
        picked = _pick(choice, preference, taken)
        if picked is not None:
            taken.setdefault(picked.staff_id, []).append(choice.shift)
            assignments.append(_by_person(choice.vacancy, picked))
        else:
            assignments.append(_by_agency(choice, booked))
    costs = [a.cost_pence for a in assignments if a.staff_id or a.agency_id]
    total = None if any(c is None for c in costs) else sum(c or 0 for c in costs)
    filled = [c.vacancy.starts_at for c, a in zip(choices, assignments, strict=True) if a.staff_id]
    return Plan(
        title=title,
        assignments=tuple(assignments),
        cost_pence=total,
        people=len(taken),
        agency_shifts=sum(1 for a in assignments if a.agency_id),
        unfilled=sum(1 for a in assignments if not a.staff_id and not a.agency_id),
        notice_hours=_notice(filled),
    )


def _pick(
    choice: _Choice, preference: Preference, taken: dict[int, list[WorkedShift]]
) -> Candidate | None:
    """The preferred candidate whom the shifts given to them so far still leave lawful."""
    standing = [choice.on_top_of(c, taken.get(c.staff_id, ())) for c in choice.candidates]
    for candidate in sorted(standing, key=lambda c: preference(c, taken)):
        before = taken.get(candidate.staff_id)
        if not before:
            return candidate
        timeline = choice.ground.timeline(candidate.staff_id).changed(added=before)
        if not check_change(timeline, Change.add(choice.shift), choice.ground.rulebook).is_barred:
            return candidate
    return None


def _by_person(vacancy: Vacancy, candidate: Candidate) -> Assignment:
    return Assignment(
        vacancy.shift_id, vacancy.version, candidate.staff_id, None, candidate.name,
        _text(vacancy), candidate.cost_pence, tuple(v.message for v in candidate.verdicts),
    )  # fmt: skip


def _by_agency(choice: _Choice, used: dict[int, int]) -> Assignment:
    """The preferred agency whose cap the plan has not used up, or nobody."""
    vacancy = choice.vacancy
    for option in choice.agencies:
        left = option.cap_left_minutes
        spent = used.get(option.agency_id, 0)
        if option.refusal or option.needs_approval:
            continue
        if left is not None and left - spent < vacancy.paid_minutes:
            continue
        used[option.agency_id] = spent + vacancy.paid_minutes
        return Assignment(
            vacancy.shift_id, vacancy.version, None, option.agency_id, option.name,
            _text(vacancy), option.cost_pence, (),
        )  # fmt: skip
    return Assignment(
        vacancy.shift_id, vacancy.version, None, None, "Nobody", _text(vacancy), None, ()
    )


def _text(vacancy: Vacancy) -> str:
    return f"{vacancy.code} on {day_text(vacancy.date)}, {vacancy.unit}"


def _notice(starts: Sequence[datetime]) -> float:
    if not starts:
        return 0.0
    return max(0.0, (min(starts) - utc_now()).total_seconds() / 3600)
