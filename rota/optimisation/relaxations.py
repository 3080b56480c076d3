"""What could be loosened, and what that is worth. Never a law: every move stays lawful.

Each is one change of something the optimiser was told to leave alone (training, a locked
shift, the agencies' weekly cap), priced by the terms of the objective on the scenario's own
roster. They are alternatives to one another, not to be added up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from rota.models import Shift
from rota.optimisation.agency_caps import week_of
from rota.optimisation.evaluation import person_breaches, supplies_cost
from rota.optimisation.explain import Terms, why_this_person
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_frame import Place
from rota.optimisation.problem import OFF, Person, Roster
from rota.rules.rulebook import DEFAULT_RULEBOOK, Rulebook

MOST = 8


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One thing that could be allowed: in words, and the change of the objective in pence
    (below zero: saved). ``staff_id`` null: it concerns nobody in particular."""

    text: str
    pence: int
    staff_id: int | None
    day: date


def relaxations(
    home: HomeProblem, roster: Roster, rulebook: Rulebook = DEFAULT_RULEBOOK
) -> list[Relaxation]:
    """The permissible loosenings that would save something, the largest saving first."""
    terms = Terms(home.problem, roster)
    found = [_move(home, roster, terms, shift) for shift in _movable(home)]
    found += _unlocked(home, roster, rulebook)
    found += _raised_caps(home, terms)
    saving = [each for each in found if each is not None and each.pence < 0]
    return sorted(saving, key=lambda each: (each.pence, each.text))[:MOST]


def _unlocked(home: HomeProblem, roster: Roster, rulebook: Rulebook) -> list[Relaxation | None]:
    """The best use of every locked shift's person and place, were it free to move.

    The problem is built once with all of them free and everybody where they are: there each
    costs the same as locked, and what one of them can do instead is what its lock costs."""
    data = home.data
    locked = [
        shift
        for shift in data.shifts
        if shift.is_locked
        and data.start <= shift.date
        and shift.user_id in home.staff_ids
        and _place(home, shift) in home.problem.people[home.staff_ids.index(shift.user_id)].maximum
    ]
    if not locked:
        return []
    loose = replace(data, unlocked=frozenset(shift.id for shift in locked))
    free = build_problem(loose, home.prices, rulebook)
    if free.places != home.places or free.staff_ids != home.staff_ids:
        return []  # a shift type that only locked shifts use
    rows = [list(row) for row in roster]
    for shift in locked:
        day = (shift.date - data.start).days + home.problem.first_open_day
        rows[home.staff_ids.index(shift.user_id or 0)][day] = _place(home, shift)
    present = tuple(tuple(row) for row in rows)
    return [_unlock(free, present, shift) for shift in locked]


def _place(home: HomeProblem, shift: Shift) -> int:
    """The duty of a shift that counts to the cover of a unit; -1 if it is none of them."""
    place = Place(shift.shift_type_id, shift.unit_id)
    return home.places.index(place) if place in home.places else -1


def _unlock(free: HomeProblem, present: Roster, shift: Shift) -> Relaxation | None:
    who = free.staff_ids.index(shift.user_id or 0)
    day = (shift.date - free.data.start).days + free.problem.first_open_day
    if day in free.problem.people[who].fixed:
        return None  # it does not count to a cover: unlocking it frees nothing
    best = why_this_person(free, present, shift.user_id or 0, shift.date).next_best
    if best is None:
        return None
    code = free.data.shift_types[shift.shift_type_id].code
    name = _name(free, shift.user_id or 0)
    text = f"Unlock the {code} of {name} on {shift.date:%A} {shift.date.day}: {best.text}"
    return Relaxation(text, best.pence, shift.user_id, shift.date)


def _raised_caps(home: HomeProblem, terms: Terms) -> list[Relaxation | None]:
    """One more agency shift in a week whose cap leaves places open."""
    problem = home.problem
    missing = [
        max(0, demand.required - there)
        for demand, there in zip(problem.demands, terms.present, strict=True)
    ]
    found: list[Relaxation | None] = []
    for number, supply in enumerate(problem.supplies):
        one = max(supply.minutes.values())
        raised = replace(supply, limit=supply.limit + one)
        supplies = (*problem.supplies[:number], raised, *problem.supplies[number + 1 :])
        more = replace(problem, supplies=supplies)
        pence = supplies_cost(more, missing) - supplies_cost(problem, missing)
        week = week_of(home.day_of(problem.demands[min(supply.minutes)].day))
        text = (
            f"Let agencies work one more shift ({one // 60} hours) in the week of "
            f"{week.day} {week:%B}, beyond the {supply.limit // 60} hours that their caps leave"
        )
        found.append(Relaxation(text, pence, None, max(week, home.data.start)))
    return found


def _name(home: HomeProblem, staff_id: int) -> str:
    person = next(each for each in home.data.staff if each.id == staff_id)
    return f"{person.first_name} {person.last_name}".strip()


def _movable(home: HomeProblem) -> list[Shift]:
    """Training and the like: a fixed shift of the period that counts to nobody's cover."""
    return [
        shift
        for shift in home.data.shifts
        if shift.user_id is not None
        and shift.date >= home.data.start
        and shift.id not in home.decided
        and not home.data.shift_types[shift.shift_type_id].counts_to_cover
        and shift.user_id in home.staff_ids
    ]


def _move(home: HomeProblem, roster: Roster, terms: Terms, shift: Shift) -> Relaxation | None:
    """The best use of the day when this shift moves to another day of the period."""
    problem = home.problem
    who = home.staff_ids.index(shift.user_id or 0)
    person = problem.people[who]
    day = (shift.date - home.data.start).days + problem.first_open_day
    standing = person.fixed.get(day)
    row = roster[who]
    if standing is None or row[day] != standing:
        return None
    code = home.data.shift_types[shift.shift_type_id].code
    best: tuple[int, int, int] | None = None
    loose = _without_fixed(person, day)
    for other in range(problem.first_open_day, problem.days):
        if other == day or row[other] != OFF or other in person.days_off:
            continue
        for duty in sorted(person.maximum):
            if home.places[duty].unit_id is None or (day, duty) in person.barred:
                continue
            changed = list(row)
            changed[day], changed[other] = duty, standing
            if _breaks(home, loose, tuple(changed), other, standing):
                continue
            pence = sum(terms.difference({who: tuple(changed)}).values())
            if best is None or pence < best[0]:
                best = (pence, other, duty)
    if best is None:
        return None
    pence, other, duty = best
    to = home.data.start + timedelta(days=other - problem.first_open_day)
    text = (
        f"Move the {code} of {_name(home, shift.user_id or 0)} from {shift.date:%A} {shift.date.day} "
        f"to {to:%A} {to.day}: then {problem.duties[duty].code} can be worked on the "
        f"{shift.date:%A}"
    )
    return Relaxation(text, pence, shift.user_id, shift.date)


def _without_fixed(person: Person, day: int) -> Person:
    return replace(person, fixed={d: k for d, k in person.fixed.items() if d != day})


def _breaks(
    home: HomeProblem, person: Person, row: tuple[int, ...], other: int, standing: int
) -> bool:
    """Whether the row with the moved shift breaks a hard limit of the person."""
    moved = replace(
        person,
        fixed={**person.fixed, other: standing},
        barred=frozenset(pair for pair in person.barred if pair != (other, standing)),
    )
    return bool(person_breaches(home.problem, moved, row))
