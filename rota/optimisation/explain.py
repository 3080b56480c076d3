"""Why? For a gap: people × rules. For an assignment: what everybody else would cost.

Costs are recomputed by the terms of the objective themselves (``evaluation``), on the roster
as it would be: nothing is estimated, and what the rules forbid is not offered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.calendar import Period
from rota.errors import InvalidInput
from rota.models import CareHome, Role, Staff, Unit
from rota.optimisation.acceptance import worked
from rota.optimisation.applying import Wanted, whole_difference
from rota.optimisation.evaluation import (
    contract_cost,
    person_breaches,
    shortage_cost,
    supplies_cost,
    worked_minutes,
)
from rota.optimisation.home import HomeProblem
from rota.optimisation.problem import OFF, Demand, Problem, Request, Roster
from rota.optimisation.service import scenario_of
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import load_shift_kinds
from rota.roster.timelines import load_timelines
from rota.rules.rulebook import Change, check_change
from rota.rules.timeline import WorkedShift
from rota.vacancies.matrix import MatrixColumn, MatrixRow, columns_of, row_of

#: parts of the objective, in the words of the person who reads them
TERMS = {
    "cover": "cover of the units",
    "contract": "contracted and extra hours",
    "place": "a strange unit",
    "change": "changes to the rota as it stands",
}


class Terms:
    """The objective of a roster by its terms, and exactly how a change of rows moves it."""

    def __init__(self, problem: Problem, roster: Roster) -> None:
        self.problem, self.roster = problem, roster
        self.requests: dict[int, list[Request]] = defaultdict(list)
        for request in problem.requests:
            self.requests[request.person].append(request)
        self.demands: dict[int, list[tuple[int, Demand]]] = defaultdict(list)
        self.present = [
            sum(self._serves(demand, p, row[demand.day]) for p, row in enumerate(roster))
            for demand in problem.demands
        ]
        for number, demand in enumerate(problem.demands):
            self.demands[demand.day].append((number, demand))

    def difference(self, rows: Mapping[int, tuple[int, ...]]) -> dict[str, int]:
        """What the objective gains (plus: dearer) by term when these people's rows change.

        The sum is exactly ``evaluate(new).cost − evaluate(old).cost``.
        """
        found = dict.fromkeys(TERMS, 0)
        days: set[int] = set()
        for person, row in rows.items():
            old = self.roster[person]
            days |= {d for d, (a, b) in enumerate(zip(old, row, strict=True)) if a != b}
            for sign, each in ((1, row), (-1, old)):
                found["contract"] += sign * self._contract(person, each)
                found["place"] += sign * self._place(person, each)
                found["change"] += sign * self._requests(person, each)
        present = list(self.present)
        for day in days:
            for number, demand in self.demands[day]:
                before = self.present[number]
                moved = sum(
                    self._serves(demand, p, row[day]) - self._serves(demand, p, self.roster[p][day])
                    for p, row in rows.items()
                )
                if moved:
                    present[number] += moved
                    found["cover"] += _cover(demand, before + moved) - _cover(demand, before)
        found["cover"] += self._supplies(present) - self._supplies(self.present)
        return found

    def _supplies(self, present: list[int]) -> int:
        pairs = zip(self.problem.demands, present, strict=True)
        return supplies_cost(self.problem, [max(0, d.required - there) for d, there in pairs])

    def is_lawful(self, person: int, row: tuple[int, ...]) -> bool:
        """Whether a person may work this row."""
        return not person_breaches(self.problem, self.problem.people[person], row)

    def _contract(self, person: int, row: tuple[int, ...]) -> int:
        return contract_cost(self.problem.people[person], worked_minutes(self.problem, row))

    def _place(self, person: int, row: tuple[int, ...]) -> int:
        prices = self.problem.people[person].duty_price
        return sum(prices.get(k, 0) for k in row[self.problem.first_open_day :] if k != OFF)

    def _requests(self, person: int, row: tuple[int, ...]) -> int:
        return sum(r.weight for r in self.requests[person] if (row[r.day] == r.duty) != r.wanted)

    def _serves(self, demand: Demand, person: int, duty: int) -> bool:
        grade = self.problem.people[person].grade
        return duty in demand.duties and (demand.grades is None or grade in demand.grades)


def _cover(demand: Demand, present: int) -> int:
    short = shortage_cost(demand, max(0, demand.required - present))
    return short + demand.over_price * max(0, present - demand.required)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to have the shift done: who, what they would do instead, the extra cost.

    ``pence`` is the exact change of the objective; below zero would be an improvement.
    """

    staff_id: int | None
    text: str
    pence: int
    terms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Why somebody has a shift: the alternatives, cheapest first, and who was barred."""

    staff_id: int
    name: str
    day: date
    alternatives: tuple[Alternative, ...]
    #: people who may not take it, by rule of the solver
    barred: Mapping[str, int]

    @property
    def next_best(self) -> Alternative | None:
        """The cheapest lawful way without this person, if there is one."""
        return self.alternatives[0] if self.alternatives else None


def why_this_person(home: HomeProblem, roster: Roster, staff_id: int, day: date) -> Assignment:
    """What every lawful alternative to an assignment would cost: somebody free instead, an
    exchange with somebody who works that day, or leaving the place to agency or open.

    Raises :class:`InvalidInput` when the person has no decided shift on that day.
    """
    terms = Terms(home.problem, roster)
    number = (day - home.data.start).days + home.problem.first_open_day
    if staff_id not in home.staff_ids or not home.problem.first_open_day <= number < (
        home.problem.days
    ):
        raise InvalidInput("That person has no shift of this scenario on that day.")
    who = home.staff_ids.index(staff_id)
    duty = roster[who][number]
    if duty == OFF or number in home.problem.people[who].fixed:
        raise InvalidInput("That person has no shift of this scenario on that day.")
    names = {p.id: f"{p.first_name} {p.last_name}".strip() for p in home.data.staff}
    free = _with(roster[who], number, OFF)
    found = [_alternative(terms, None, "nobody of the home: agency, or open", {who: free})]
    barred: dict[str, int] = defaultdict(int)
    for other, row in enumerate(roster):
        if other == who or number in home.problem.people[other].fixed:
            continue
        name = names[home.staff_ids[other]]
        taken = _with(row, number, duty)
        breaches = person_breaches(home.problem, home.problem.people[other], taken)
        if breaches:
            barred[breaches[0].rule] += 1
            continue
        if row[number] == OFF:
            found.append(
                _alternative(terms, home.staff_ids[other], f"{name} instead",
                             {who: free, other: taken})
            )  # fmt: skip
            continue
        exchanged = _with(roster[who], number, row[number])
        if row[number] != duty and terms.is_lawful(who, exchanged):
            text = f"{name}, in exchange for {home.problem.duties[row[number]].code}"
            found.append(
                _alternative(terms, home.staff_ids[other], text, {who: exchanged, other: taken})
            )
    found.sort(key=lambda each: (each.pence, each.text))
    return Assignment(staff_id, names[staff_id], day, tuple(found), dict(barred))


def _alternative(
    terms: Terms, staff_id: int | None, text: str, rows: Mapping[int, tuple[int, ...]]
) -> Alternative:
    difference = terms.difference(rows)
    return Alternative(staff_id, text, sum(difference.values()), difference)


def _with(row: tuple[int, ...], day: int, duty: int) -> tuple[int, ...]:
    return (*row[:day], duty, *row[day + 1 :])


@dataclass(frozen=True, slots=True)
class GapMatrix:
    """Everybody of the home against every rule, for one place that a scenario leaves open."""

    unit_id: int
    day: date
    code: str
    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]

    @property
    def free(self) -> int:
        """People no rule bars: standing in for another role, which the optimiser leaves to
        the manager, or dearer than leaving the place open."""
        return sum(1 for row in self.rows if not row.obstacles)


@dataclass(frozen=True, slots=True)
class _Someone:
    id: int
    name: str
    role: str
    role_code: str
    unit: str
    home: str


def why_open(session: Session, actor: Actor, scenario_id: int, entry_id: int) -> GapMatrix:
    """Why nobody has a place: the rules on each person's days as the scenario has them.

    Raises :class:`InvalidInput` when the place is not open in this scenario.
    """
    scenario = scenario_of(session, actor, scenario_id)
    entry = next((e for e in scenario.shifts if e.id == entry_id), None)
    if entry is None or entry.staff_id is not None or entry.agency_id is not None:
        raise InvalidInput("That place is not open in this scenario.")
    kinds = load_shift_kinds(session)
    rulebook = load_rulebook(session)
    people = _people(session, scenario.home_id)
    timelines = load_timelines(
        session, sorted(people), Period(scenario.start_date, scenario.end_date)
    )
    whole = whole_difference(session, scenario)
    added: dict[int, list[WorkedShift]] = defaultdict(list)
    removed: dict[int, list[int]] = defaultdict(list)
    for number, each in enumerate(whole.wanted):
        if each.staff_id is not None:
            kind = kinds[each.shift_type_id]
            added[each.staff_id].append(worked(each, kind, scenario.home_id, number))
    for row in whole.rows:
        if row.user_id is not None:
            removed[row.user_id].append(row.id)
    gap = Wanted(
        entry.unit_id, entry.date, entry.shift_type_id, None, None, entry.classification, 0
    )
    shift = worked(gap, kinds[entry.shift_type_id], scenario.home_id, -1)
    said = {}
    for staff_id, timeline in timelines.items():
        proposed = timeline.changed(added=tuple(added[staff_id]), removed=tuple(removed[staff_id]))
        said[staff_id] = check_change(proposed, Change.add(shift), rulebook).verdicts
    columns = columns_of(rulebook, said)
    rows = [row_of(people[i], verdicts, columns) for i, verdicts in said.items()]
    rows.sort(key=lambda row: (row.obstacles, row.severity, row.name))
    barring = tuple(column for column in columns if column.barred)
    keep = [columns.index(column) for column in barring]
    rows = [
        MatrixRow(r.staff_id, r.name, r.role, r.role_code, r.unit, r.home, r.severity,
                  tuple(r.cells[i] for i in keep))
        for r in rows
    ]  # fmt: skip
    return GapMatrix(
        entry.unit_id, entry.date, kinds[entry.shift_type_id].code, barring, tuple(rows)
    )


def _people(session: Session, home_id: int) -> dict[int, _Someone]:
    rows = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name, Role.name, Role.code, Unit.name,
               CareHome.name)
        .join(Role, Role.id == Staff.role_id)
        .join(CareHome, CareHome.id == Staff.home_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(Staff.home_id == home_id, Staff.is_active, Role.counts_to_cover)
    )  # fmt: skip
    return {
        i: _Someone(i, f"{first} {last}".strip(), role, code, unit or "", home)
        for i, first, last, role, code, unit, home in rows
    }
