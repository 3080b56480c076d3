"""A home optimised whole: proved by the rules, applied as a draft, undone, refused when stale."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from rota.access.permissions import Permission
from rota.calendar import Period
from rota.database import UnitOfWork, reading
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.jobs.runner import Cancelled
from rota.models import (
    PayRate,
    Scenario,
    ScenarioState,
    Shift,
    Unit,
    UserRole,
)
from rota.optimisation import queries, service
from rota.optimisation.draft import draft_of
from rota.optimisation.evaluation import evaluate
from rota.optimisation.home import build_problem
from rota.optimisation.home_data import load_home
from rota.optimisation.home_search import lawful_part, solve_home
from rota.optimisation.prices import Prices
from rota.optimisation.problem import Limits
from rota.optimisation.requests import OptimisationRequest
from rota.roster.timelines import load_timelines
from rota.rules.rulebook import DEFAULT_RULEBOOK, check_timeline
from rota.rules.verdict import Severity
from tests import factories as make
from tests.factories import MONDAY, administrator
from tests.rota.optimisation.homes import END, Home, optimise


def test_enough_people_leave_nothing_unfilled_and_need_no_agency(small: Home) -> None:
    result = optimise(small)
    assert (result.unfilled, result.agency_minutes, result.breaches) == (0, 0, 0)
    assert result.status == "optimal"
    assert result.shifts_created == 7 * 3
    assert result.total_cost > 0


def test_every_person_of_the_answer_passes_the_rules(small: Home) -> None:
    result = optimise(small)
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        service.apply_scenario(uow, result.scenario_id)
        uow.commit()
        staff = uow.session.scalars(select(Shift.user_id).distinct()).all()
        timelines = load_timelines(uow.session, [i for i in staff if i], Period(MONDAY, END))
    rulebook = DEFAULT_RULEBOOK.without("contracted_hours")
    assert timelines
    for timeline in timelines.values():
        barred = [
            verdict
            for verdict in check_timeline(timeline, Period(MONDAY, END), rulebook)
            if verdict.severity is Severity.BARRED
        ]
        assert barred == [], timeline.worker.name


def test_too_few_people_are_filled_by_agency_to_its_cap_and_the_rest_stays_open(
    small: Home,
) -> None:
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        for person in uow.session.scalars(select(make.Staff)):
            person.is_active = person.role.code == "SCA"
        uow.commit()
    result = optimise(small)
    # seven nights without anybody: one by the agency (12 h a week), six gaps
    assert result.unfilled == 6
    assert result.agency_minutes == 12 * 60


def test_people_on_leave_are_left_alone(small: Home) -> None:
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        person = uow.session.scalars(select(make.Staff).order_by(make.Staff.id)).first()
        assert person is not None
        make.make_leave(uow.session, person, MONDAY, END, status="approved")
        uow.commit()
    result = optimise(small)
    with reading(small.engine) as session:
        scenario = session.get_one(Scenario, result.scenario_id)
        assert all(shift.staff_id != person.id for shift in scenario.shifts)


def test_locked_shifts_stay_and_count(small: Home) -> None:
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        person = uow.session.scalars(select(make.Staff).order_by(make.Staff.id)).first()
        locked = make.make_shift(uow.session, small.unit, person, MONDAY, "D", is_locked=True)
        uow.commit()
    result = optimise(small)
    assert result.shifts_created == 7 * 3 - 1
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        service.apply_scenario(uow, result.scenario_id)
        uow.commit()
        assert uow.session.get_one(Shift, locked.id).version == locked.version


def test_applying_and_undoing_leaves_the_rota_as_it_was(small: Home) -> None:
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        people = uow.session.scalars(select(make.Staff).order_by(make.Staff.id)).all()
        make.make_shift(uow.session, small.unit, people[0], MONDAY, "D", note="keep")
        make.make_shift(uow.session, small.unit, None, MONDAY + timedelta(days=1), "D")
        uow.commit()
    before = rota(small)
    result = optimise(small)
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        service.apply_scenario(uow, result.scenario_id)
        uow.commit()
    during = rota(small)
    assert len(during) == 7 * 3
    assert not any(published for *_, published in during)
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        service.undo_scenario(uow, result.scenario_id)
        uow.commit()
    assert rota(small) == before
    with UnitOfWork(administrator(), engine=small.engine) as uow:  # and once more
        service.apply_scenario(uow, result.scenario_id)
        uow.commit()
    assert rota(small) == during


def rota(home: Home) -> list[tuple[object, ...]]:
    with reading(home.engine) as session:
        rows = session.execute(
            select(Shift.date, Shift.unit_id, Shift.shift_type_id, Shift.user_id, Shift.is_vacant,
                   Shift.note, Shift.is_published)
            .order_by(Shift.date, Shift.shift_type_id, Shift.user_id, Shift.id)
        )  # fmt: skip
        return [tuple(row) for row in rows]


def test_a_scenario_is_refused_when_the_rota_has_moved(small: Home) -> None:
    result = optimise(small)
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        uow.touch(small.home.id)
        uow.commit()
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        with pytest.raises(Conflict, match="has changed since"):
            service.apply_scenario(uow, result.scenario_id)
        assert not queries.scenarios_of(uow.session, uow.actor, small.home.id)[0].is_fresh
    assert rota(small) == []


def test_it_is_applied_once_and_undone_only_if_applied(small: Home) -> None:
    result = optimise(small)
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        with pytest.raises(Conflict, match="not applied"):
            service.undo_scenario(uow, result.scenario_id)
        service.apply_scenario(uow, result.scenario_id)
        uow.commit()
        with pytest.raises(Conflict, match="applied already"):
            service.apply_scenario(uow, result.scenario_id)
        with pytest.raises(Conflict, match="in the rota"):
            service.delete_scenario(uow, result.scenario_id)
        assert uow.session.get_one(Scenario, result.scenario_id).state is ScenarioState.APPLIED


def test_only_managers_of_the_home_apply(small: Home) -> None:
    result = optimise(small)
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        other = make.make_home(uow.session)
        uow.commit()
    for actor, may in (
        (make.actor(UserRole.OPERATIONAL_MANAGER, other), False),
        (make.actor(UserRole.SENIOR_MANAGER, small.home), False),
        (make.actor(UserRole.CARE_STAFF, small.home), False),
        (make.actor(UserRole.OPERATIONAL_MANAGER, small.home), True),
    ):
        with UnitOfWork(actor, engine=small.engine) as uow:
            if may:
                service.apply_scenario(uow, result.scenario_id)
            else:
                with pytest.raises(NotAllowed):
                    service.apply_scenario(uow, result.scenario_id)
    stranger = make.actor(UserRole.OPERATIONAL_MANAGER, other)
    with pytest.raises(NotAllowed):
        service.run(stranger, OptimisationRequest(small.home.id, MONDAY, END), engine=small.engine)
    assert stranger.may(Permission.RUN_OPTIMISATION)


def test_the_difference_names_people_before_and_after(small: Home) -> None:
    result = optimise(small)
    with reading(small.engine) as session:
        rows = queries.difference(session, administrator(), result.scenario_id)
    assert sum(len(row.after) for row in rows) == 7 * 3
    assert all(row.before == () for row in rows)
    assert {row.unit for row in rows} == {"RH Ash"}


def test_what_is_missing_is_said_before_solving(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        empty = make.make_home(uow.session)
        no_needs = make.make_home(uow.session)
        make.make_unit(uow.session, no_needs)
        nobody = make.make_home(uow.session)
        make.make_requirement(uow.session, make.make_unit(uow.session, nobody))
        uow.commit()
    for home, words in ((empty, "no unit"), (no_needs, "how many people"), (nobody, "Nobody at")):
        with pytest.raises(InvalidInput, match=words):
            service.optimize_schedule(home.id, MONDAY, END, engine=database)
    with pytest.raises(NotFound):
        service.optimize_schedule(999_999, MONDAY, END, engine=database)
    with pytest.raises(InvalidInput):
        OptimisationRequest(1, END, MONDAY)
    with pytest.raises(InvalidInput, match="1 to 56 days"):
        service.optimize_schedule(nobody.id, MONDAY, MONDAY + timedelta(days=56), engine=database)


def test_a_cancelled_optimisation_saves_nothing(small: Home) -> None:
    with pytest.raises(Cancelled):
        service.run(
            administrator(), OptimisationRequest(small.home.id, MONDAY, END),
            engine=small.engine, cancelled=lambda: True,
        )  # fmt: skip
    with reading(small.engine) as session:
        assert session.scalars(select(Scenario)).all() == []


@pytest.mark.parametrize("solver", ["HiGHS", "PULP_CBC_CMD"])
def test_both_solvers_give_answers_that_the_judge_accepts(small: Home, solver: str) -> None:
    with reading(small.engine) as session:
        home = build_problem(load_home(session, small.home.id, MONDAY, END))
    solution = solve_home(home.problem, home.current, Limits(seconds=8, threads=1), solver=solver)  # type: ignore[arg-type]
    assert solution.roster is not None
    score = evaluate(home.problem, solution.roster)
    assert score.lawful and score.cost == solution.cost and score.people_short == 0
    assert solution.lower_bound is None or solution.lower_bound <= solution.cost
    assert len(draft_of(home, solution.roster)) == 7 * 3


def test_adding_somebody_never_costs_more(small: Home) -> None:
    first = optimise(small)
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        unit = uow.session.get_one(Unit, small.unit.id)
        make.make_staff(uow.session, unit, make.make_role(uow.session, "SCA"), contracted_minutes=0)
        uow.commit()
    second = optimise(small)
    assert first.objective is not None and second.objective is not None
    assert second.objective <= first.objective * 1.001 + 1


def test_what_is_unlawful_in_the_present_rota_is_left_out_of_the_start(small: Home) -> None:
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        person = uow.session.scalars(select(make.Staff).order_by(make.Staff.id)).first()
        for day in range(7):
            make.make_shift(uow.session, small.unit, person, MONDAY + timedelta(days=day), "D")
        uow.commit()
    with reading(small.engine) as session:
        home = build_problem(load_home(session, small.home.id, MONDAY, END))
    assert not evaluate(home.problem, home.current).lawful
    assert evaluate(home.problem, lawful_part(home.problem, home.current)).lawful


def test_a_missing_rate_is_said_and_not_taken_as_nothing(small: Home) -> None:
    with UnitOfWork(administrator(), engine=small.engine) as uow:
        for rate in uow.session.scalars(select(PayRate)):
            uow.session.delete(rate)
        uow.commit()
    result = optimise(small)
    with reading(small.engine) as session:
        scenario = session.get_one(Scenario, result.scenario_id)
    assert scenario.summary["after"]["unpriced"] == 7 * 3
    assert "21 shifts have no rate" in scenario.explanation


@pytest.mark.parametrize(
    "prices", [{"unfilled": -1}, {"unfilled": True}, {"unfilled": "9"}, {"nothing": 1}]
)
def test_prices_from_outside_are_checked(prices: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Prices.from_inputs(prices)
