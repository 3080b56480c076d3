"""Accepting a scenario whole or in part: closed under the rules, one change, undone whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from rota.calendar import Period
from rota.database import reading
from rota.errors import Conflict, InvalidInput
from rota.models import (
    CareHome,
    ChangeSet,
    Scenario,
    ScenarioAcceptance,
    ScenarioShift,
    ScenarioState,
    Shift,
    Staff,
)
from rota.optimisation import queries, service
from rota.optimisation.acceptance import Part, Selection
from rota.roster.timelines import load_timelines
from rota.rules.rulebook import DEFAULT_RULEBOOK, check_timeline
from rota.rules.verdict import Severity
from tests import factories as make
from tests.factories import MONDAY, administrator
from tests.rota.optimisation.conftest import END, SECONDS, Pair

TUESDAY = MONDAY + timedelta(days=1)


def rota(pair: Pair) -> list[tuple[object, ...]]:
    with reading(pair.engine) as session:
        rows = session.execute(
            select(Shift.date, Shift.unit_id, Shift.shift_type_id, Shift.user_id, Shift.is_vacant)
            .order_by(Shift.date, Shift.unit_id, Shift.shift_type_id, Shift.user_id, Shift.id)
        )  # fmt: skip
        return [tuple(row) for row in rows]


def accept(pair: Pair, scenario_id: int, selection: Selection | None = None) -> None:
    with pair.work() as uow:
        service.apply_scenario(uow, scenario_id, selection)
        uow.commit()


def a_scenario(pair: Pair, *entries: tuple[object, object, object, str], people: int = 0) -> int:
    """A scenario of exactly these shifts: (unit, staff or None, day, code)."""
    with pair.work() as uow:
        kinds = {code: make.make_shift_type(uow.session, code).id for code in ("D", "N")}
        version = uow.session.get_one(CareHome, pair.home.id).data_version
        scenario = Scenario(
            home_id=pair.home.id, name="By hand", start_date=MONDAY, end_date=END,
            data_version=version, summary={},
            shifts=[
                ScenarioShift(
                    unit_id=unit.id, date=day, shift_type_id=kinds[code],  # type: ignore[attr-defined]
                    staff_id=person.id if person else None,  # type: ignore[attr-defined]
                    classification="regular", cost_pence=10_000 if person else 0,
                )
                for unit, person, day, code in entries
            ],
        )  # fmt: skip
        uow.session.add(scenario)
        uow.commit()
        return scenario.id


def people_of(pair: Pair, unit_id: int) -> list[Staff]:
    with reading(pair.engine) as session:
        wish = select(Staff).where(Staff.unit_id == unit_id).order_by(Staff.id)
        return list(session.scalars(wish))


def test_a_unit_is_accepted_and_the_other_is_left_as_it_was(pair: Pair) -> None:
    scenario_id = pair.optimise()
    accept(pair, scenario_id, Selection(Part.UNITS, frozenset({pair.ash.id})))
    assert len(rota(pair)) == 7 * 3
    assert {row[1] for row in rota(pair)} == {pair.ash.id}


def test_a_day_is_accepted_as_one_change(pair: Pair) -> None:
    scenario_id = pair.optimise()
    accept(pair, scenario_id, Selection(Part.DAYS, days=frozenset({TUESDAY})))
    assert len(rota(pair)) == 6
    with reading(pair.engine) as session:
        assert session.scalar(select(func.count(ChangeSet.id))) == 1


def test_further_parts_follow_and_one_undo_takes_all_of_them_out(pair: Pair) -> None:
    before = rota(pair)
    scenario_id = pair.optimise()
    accept(pair, scenario_id, Selection(Part.UNITS, frozenset({pair.ash.id})))
    accept(pair, scenario_id, Selection(Part.UNITS, frozenset({pair.birch.id})))
    assert len(rota(pair)) == 2 * 7 * 3
    with reading(pair.engine) as session:
        view = queries.scenario_view(session, administrator(), scenario_id)
        assert (view.is_partly_applied, view.is_fresh) == (True, True)
    with pair.work() as uow:
        service.undo_scenario(uow, scenario_id)
        uow.commit()
    assert rota(pair) == before
    accept(pair, scenario_id)  # nothing else moved: it may be applied again
    assert len(rota(pair)) == 2 * 7 * 3


def test_whoever_stands_in_the_place_comes_along(pair: Pair) -> None:
    anna, bella = people_of(pair, pair.ash.id)[:2]
    with pair.work() as uow:
        make.make_shift(uow.session, pair.ash, anna, MONDAY, "D")
        uow.commit()
    scenario_id = a_scenario(pair, (pair.ash, bella, MONDAY, "D"), (pair.ash, anna, TUESDAY, "D"))
    selection = Selection(Part.PEOPLE, frozenset({bella.id}))
    with reading(pair.engine) as session:
        plan = service.preview_acceptance(session, administrator(), scenario_id, selection)
    assert plan.brought == {anna.id}
    accept(pair, scenario_id, selection)
    assert [(row[0], row[3]) for row in rota(pair)] == [(MONDAY, bella.id), (TUESDAY, anna.id)]


def test_a_person_alone_takes_an_empty_place_and_leaves_one_behind(pair: Pair) -> None:
    anna, bella, clare = people_of(pair, pair.ash.id)[:3]
    with pair.work() as uow:
        make.make_shift(uow.session, pair.ash, anna, MONDAY, "D")
        make.make_shift(uow.session, pair.ash, None, TUESDAY, "D")
        uow.commit()
    scenario_id = a_scenario(
        pair, (pair.ash, bella, MONDAY, "D"), (pair.ash, anna, TUESDAY, "D"),
        (pair.birch, clare, MONDAY, "D"),
    )  # fmt: skip
    accept(pair, scenario_id, Selection(Part.PEOPLE, frozenset({anna.id})))
    assert [(row[0], row[3], row[4]) for row in rota(pair)] == [
        (MONDAY, None, True), (TUESDAY, anna.id, False),
    ]  # fmt: skip


def test_a_part_that_would_break_a_rule_brings_the_day_before(pair: Pair) -> None:
    """A night on Monday goes with a day shift on Tuesday given up: the day alone is unlawful."""
    anna = people_of(pair, pair.ash.id)[0]
    with pair.work() as uow:
        role = uow.session.get_one(Staff, anna.id).role
        night = make.make_shift_type(uow.session, "N")
        night.roles = [*night.roles, role]
        make.make_shift(uow.session, pair.ash, anna, TUESDAY, "D")
        uow.commit()
    scenario_id = a_scenario(pair, (pair.ash, anna, MONDAY, "N"), (pair.ash, None, TUESDAY, "D"))
    with reading(pair.engine) as session:
        plan = service.preview_acceptance(
            session, administrator(), scenario_id, Selection(Part.DAYS, days=frozenset({MONDAY}))
        )
    assert plan.brought == {anna.id}
    assert {entry.date for entry in plan.replacement.wanted} == {MONDAY, TUESDAY}


def test_every_part_of_an_optimised_week_is_lawful(pair: Pair) -> None:
    with pair.work() as uow:
        people = uow.session.scalars(select(Staff).order_by(Staff.id)).all()
        for number, person in enumerate(people[:6] + people[10:16]):
            make.make_shift(uow.session, person.unit, person,
                            MONDAY + timedelta(days=number % 7), "D")  # fmt: skip
        uow.commit()
    scenario_id = pair.optimise()
    with reading(pair.engine) as session:
        some = session.scalars(
            select(ScenarioShift.staff_id)
            .where(ScenarioShift.scenario_id == scenario_id, ScenarioShift.staff_id.is_not(None))
            .distinct()
            .order_by(ScenarioShift.staff_id)
        ).all()
    accept(pair, scenario_id, Selection(Part.PEOPLE, frozenset({some[0], some[-1]})))
    with reading(pair.engine) as session:
        period = Period(MONDAY, END)
        timelines = load_timelines(session, [person.id for person in people], period)
        for timeline in timelines.values():
            verdicts = check_timeline(
                timeline, period, DEFAULT_RULEBOOK.without("contracted_hours")
            )
            assert [v for v in verdicts if v.severity is Severity.BARRED] == []


def test_a_moved_rota_is_refused_and_solving_again_starts_from_there(pair: Pair) -> None:
    scenario_id = pair.optimise(name="First", service_level=None)
    with pair.work() as uow:
        anna = people_of(pair, pair.ash.id)[0]
        make.make_shift(uow.session, pair.ash, anna, MONDAY, "D", is_locked=True)
        uow.touch(pair.home.id)
        uow.commit()
    with pytest.raises(Conflict, match="has changed since"):
        accept(pair, scenario_id, Selection(Part.UNITS, frozenset({pair.ash.id})))
    with reading(pair.engine) as session:
        request = service.request_of(session, administrator(), scenario_id)
    again = service.run(administrator(), request, engine=pair.engine)
    with reading(pair.engine) as session:
        scenario = session.get_one(Scenario, again.scenario_id)
        assert scenario.parent_id == scenario_id
    accept(pair, again.scenario_id)


def test_undoing_after_somebody_else_moved_the_rota_leaves_the_scenario_stale(pair: Pair) -> None:
    scenario_id = pair.optimise()
    accept(pair, scenario_id)
    with pair.work() as uow:
        uow.touch(pair.home.id)
        uow.commit()
    with pair.work() as uow:
        service.undo_scenario(uow, scenario_id)
        uow.commit()
    with reading(pair.engine) as session:
        view = queries.scenario_view(session, administrator(), scenario_id)
        assert (view.state, view.is_fresh) == (ScenarioState.UNDONE, False)


def test_nothing_chosen_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Nothing is chosen"):
        Selection(Part.UNITS)


def test_a_copy_carries_its_shifts_and_inputs_and_stands_alone(pair: Pair) -> None:
    scenario_id = pair.optimise(name="Mine", seed=7)
    with pair.work() as uow:
        copy_id = service.duplicate_scenario(uow, scenario_id)
        service.delete_scenario(uow, scenario_id)
        uow.commit()
    with reading(pair.engine) as session:
        copy = session.get_one(Scenario, copy_id)
        assert (copy.name, copy.seed, len(copy.shifts)) == ("Copy of Mine", 7, 42)
        assert copy.inputs["seconds"] == SECONDS
        assert copy.parent_id is None  # the original is gone; the copy is not
        assert session.scalar(select(func.count(ScenarioAcceptance.id))) == 0
