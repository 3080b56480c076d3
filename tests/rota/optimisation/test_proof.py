"""The rules of work look at every answer a second time, also at one that is only counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from rota.database import reading
from rota.models import AbsenceSpell, Band, Classification, Grade, Scenario, ScenarioShift, Staff
from rota.optimisation.draft import make_draft
from rota.optimisation.evaluation import evaluate
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_data import load_home
from rota.optimisation.problem import OFF, Roster, Solution
from rota.optimisation.proof import Proof, less_unlawful, prove
from rota.optimisation.second_look import with_the_rules
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.optimisation.conftest import Pair
from tests.rota.optimisation.homes import END, Home, optimise

_DAY = timedelta(days=1)


def read(home: Home | Pair, home_id: int | None = None) -> HomeProblem:
    with reading(home.engine) as session:
        return build_problem(load_home(session, home_id or home.home.id, MONDAY, END))


def empty(homes: Sequence[HomeProblem]) -> list[list[int]]:
    return [[OFF] * home.problem.days for home in homes for _ in home.staff_ids]


def as_roster(rows: list[list[int]]) -> Roster:
    return tuple(tuple(row) for row in rows)


def duty(home: HomeProblem, code: str) -> int:
    return next(k for k, d in enumerate(home.problem.duties) if d.code == code and d.unit)


def proved(small: Home, code: str, staff_code: str, *, only_planned: bool = False) -> Proof:
    """A draft of one shift on Tuesday for the first person of a role, as the rules let it be."""
    with reading(small.engine) as session:
        data = load_home(session, small.home.id, MONDAY, END)
        who = next(person for person in data.staff if person.role.code == staff_code)
        kind = next(kind for kind in data.shift_types.values() if kind.code == code)
        regular = Classification.REGULAR
        shift = make_draft(data, small.unit.id, MONDAY + _DAY, kind, regular, person=who)
        return prove(session, data, {}, [shift], only_planned=only_planned)


def test_a_shift_of_another_grade_is_taken_off(small: Home) -> None:
    assert proved(small, "D", "SCA").taken_off == 0
    with small.work() as uow:
        make.make_staff(
            uow.session, small.unit, make.make_role(uow.session, "COOK", grade=Grade.OTHER)
        )
        uow.commit()
    found = proved(small, "D", "COOK")
    assert found.taken_off == 1
    assert [shift.staff_id for shift in found.shifts] == [None]


def test_a_replay_may_not_know_who_falls_ill_but_knows_agreed_leave(small: Home) -> None:
    with small.work() as uow:
        first = uow.session.scalars(select(Staff).order_by(Staff.id)).first()
        assert first is not None
        uow.session.add(AbsenceSpell(staff_id=first.id, home_id=small.home.id, started_on=MONDAY,
                                     ended_on=END))  # fmt: skip
        uow.commit()
    assert proved(small, "D", "SCA").taken_off == 1
    assert proved(small, "D", "SCA", only_planned=True).taken_off == 0
    with small.work() as uow:
        make.make_leave(uow.session, uow.session.get_one(Staff, first.id), MONDAY, END,
                        status="approved")  # fmt: skip
        uow.commit()
    assert proved(small, "D", "SCA", only_planned=True).taken_off == 1


def test_a_roster_that_is_only_counted_loses_what_the_rules_forbid(pair: Pair) -> None:
    home = read(pair)
    rows = empty([home])
    first = home.problem.first_open_day
    rows[0][first : first + 2] = [duty(home, "N"), duty(home, "D")]
    with reading(pair.engine) as session:
        mended, taken_off = less_unlawful(session, [home], as_roster(rows))
    assert taken_off == 1  # no rest between the night and the day after it
    assert mended[0][first : first + 2] == (duty(home, "N"), OFF)


def test_rest_between_two_homes_is_checked_by_the_rules(small: Home) -> None:
    with small.work() as uow:
        other = make.make_home(uow.session, "Birch Lodge")
        unit = make.make_unit(uow.session, other, "BL One")
        make.make_staff(uow.session, unit, make.make_role(uow.session, "SCAN"))
        for band in (Band.DAY, Band.NIGHT):
            make.make_requirement(uow.session, unit, band, minimum=1, ideal=1)
        for kind in make.make_shift_type(uow.session, "D"), make.make_shift_type(uow.session, "N"):
            kind.roles = []
        uow.commit()
        other_id = other.id
    homes = [read(small), read(small, other_id)]
    at = len(homes[0].places)
    night, day_there = duty(homes[0], "N"), duty(homes[1], "D") + at
    first = homes[0].problem.first_open_day
    rows = empty(homes)
    rows[0][first : first + 2] = [night, day_there]
    with reading(small.engine) as session:
        mended, taken_off = less_unlawful(session, homes, as_roster(rows))
    assert taken_off == 1
    assert mended[0][first : first + 2] == (night, OFF)
    rows[0][first + 1], rows[0][first + 3] = OFF, day_there
    with reading(small.engine) as session:
        assert less_unlawful(session, homes, as_roster(rows)) == (as_roster(rows), 0)


def test_the_last_night_leaves_rest_before_what_stands_after_the_period(small: Home) -> None:
    with small.work() as uow:
        carers = [p for p in uow.session.scalars(select(Staff).order_by(Staff.id))
                  if p.role.code == "SCAN"]  # fmt: skip
        for carer in carers[:-1]:
            make.make_shift(uow.session, small.unit, carer, END + _DAY, "E", is_locked=True)
        uow.commit()
        free = carers[-1].id
    result = optimise(small)
    with reading(small.engine) as session:
        explanation = session.get_one(Scenario, result.scenario_id).explanation
        sunday = session.scalars(
            select(ScenarioShift.staff_id).where(
                ScenarioShift.scenario_id == result.scenario_id, ScenarioShift.date == END,
                ScenarioShift.shift_type_id == make.make_shift_type(session, "N").id,
            )
        ).all()  # fmt: skip
    assert sunday == [free]
    assert "The check of the rules took" not in explanation


def test_a_run_that_goes_on_after_the_period_is_taken_over_by_somebody_else(small: Home) -> None:
    """Four nights stand from Monday on: the run may not be longer than seven days in all."""
    with small.work() as uow:
        for person in uow.session.scalars(select(Staff)):
            if person.role.code == "SCA":
                person.contracted_minutes = 48 * 60
                for number in range(1, 5):
                    make.make_shift(uow.session, small.unit, person, END + number * _DAY, "D",
                                    is_locked=True)  # fmt: skip
        uow.commit()
    home = read(small)
    first, last = home.problem.first_open_day, home.problem.days
    rows = [list(row) for row in home.current]
    for who in (0, 1):  # both work Tuesday to Sunday
        rows[who][first + 1 : last] = [duty(home, "D")] * 6
    for who in (2, 3):
        rows[who][first] = duty(home, "D")

    def check(roster: Roster) -> tuple[Roster, int]:
        with reading(small.engine) as session:
            return less_unlawful(session, [home], roster)

    given = as_roster(rows)
    mended, taken_off = check(given)
    assert taken_off
    cost = evaluate(home.problem, given).cost
    found = with_the_rules(
        home.problem, Solution("optimal", given, cost, cost, 1.0, 1.0), check, lambda: False
    )
    assert found.roster is not None
    assert check(found.roster) == (found.roster, 0)
    assert evaluate(home.problem, found.roster).cost < evaluate(home.problem, mended).cost
    assert found.lower_bound == cost
    assert found.cost == evaluate(home.problem, found.roster).cost
    assert found.status == ("optimal" if found.cost <= cost else "feasible")
