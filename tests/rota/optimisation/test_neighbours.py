"""Homes near one another, solved apart and with people shared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from rota.database import UnitOfWork, reading
from rota.models import Band, CareHome, Staff, UserRole
from rota.optimisation import neighbours
from rota.optimisation.evaluation import evaluate
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_data import load_home
from rota.optimisation.problem import OFF
from tests import factories as make
from tests.factories import MONDAY, administrator
from tests.rota.optimisation.homes import END, Home, make_small_home


@pytest.fixture
def two(sqlite_engine: Engine) -> tuple[Home, int]:
    """A home with people to spare, one night carer of whom goes elsewhere, and 5 km from it
    one that nobody works in at night."""
    here = make_small_home(sqlite_engine)
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        session = uow.session
        first = session.get_one(CareHome, here.home.id)
        first.latitude, first.longitude = 51.500, -0.100
        for person in session.scalars(select(Staff)):
            person.works_other_homes = person.role.code == "SCAN" and person.id % 2 == 0
        other = make.make_home(session, "Birch Lodge")
        other.latitude, other.longitude = 51.545, -0.100
        unit = make.make_unit(session, other, "BL One")
        for _ in range(6):
            make.make_staff(session, unit, make.make_role(session, "SCA"), contracted_minutes=1200)
        make.make_requirement(session, unit, Band.DAY, minimum=1, ideal=1)
        make.make_requirement(session, unit, Band.NIGHT, minimum=1, ideal=1)
        uow.commit()
        return here, other.id


def built(home: Home, home_id: int) -> HomeProblem:
    with reading(home.engine) as session:
        return build_problem(load_home(session, home_id, MONDAY, END))


def test_homes_within_reach_are_those_the_actor_looks_after(two: tuple[Home, int]) -> None:
    here, other = two
    with reading(here.engine) as session:
        near, distances = neighbours.neighbours_of(session, administrator(), here.home.id, MONDAY)
        assert near == [other]
        assert distances[here.home.id, other] == pytest.approx(5.0, abs=0.1)
        manager = make.actor(UserRole.OPERATIONAL_MANAGER, here.home)
        assert neighbours.neighbours_of(session, manager, here.home.id, MONDAY)[0] == []
    with UnitOfWork(administrator(), engine=here.engine) as uow:
        uow.session.get_one(CareHome, other).latitude = 53.0
        uow.commit()
        assert neighbours.neighbours_of(uow.session, uow.actor, here.home.id, MONDAY)[0] == []


def test_who_may_go_helps_where_nights_are_missing_and_nobody_else_does(
    two: tuple[Home, int],
) -> None:
    here, other = two
    homes = [built(here, here.home.id), built(here, other)]
    near = {(here.home.id, other): 5.0, (other, here.home.id): 5.0}
    found = neighbours.compare_sharing(homes, near, 4.0, check=lambda r: (r, 0))
    assert found is not None
    apart, shared = found
    assert shared.pence < apart.pence
    assert shared.places_short < apart.places_short
    assert shared.lent_hours[here.home.id] == shared.borrowed_hours[other] > 0
    assert apart.lent_hours == {} and shared.short_by_home[other] < apart.short_by_home[other]


def test_together_and_apart_cost_what_each_home_costs_alone(two: tuple[Home, int]) -> None:
    here, other = two
    homes = [built(here, here.home.id), built(here, other)]
    merger = neighbours._Merger(homes, {}, shared=False)
    whole = evaluate(merger.problem(), merger.roster())
    assert whole.cost == sum(evaluate(each.problem, each.current).cost for each in homes)


def test_rest_holds_between_homes(two: tuple[Home, int]) -> None:
    """A night here and a day there on the morning after is no rest, as within one home."""
    here, other = two
    homes = [built(here, here.home.id), built(here, other)]
    merger = neighbours._Merger(homes, {(here.home.id, other): 5.0}, shared=True)
    problem, at = merger.problem(), merger.offsets()[1]
    night = next(k for k, d in enumerate(problem.duties) if d.code == "N" and d.unit)
    day_there = next(
        k for k, d in enumerate(problem.duties) if k >= at and d.code == "D" and d.unit
    )
    who = next(p for p, person in enumerate(problem.people) if any(k >= at for k in person.maximum))
    assert who < len(homes[0].staff_ids)
    person = replace(problem.people[who], maximum={night: 99, day_there: 99})
    row = [OFF] * problem.days
    row[problem.first_open_day : problem.first_open_day + 2] = [night, day_there]
    one = replace(problem, people=(person,), requests=(), demands=(), supplies=())
    assert "cannot follow" in {b.rule for b in evaluate(one, (tuple(row),)).breaches}
