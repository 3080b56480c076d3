"""Questions about a scenario, each checked against a recomputation."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import select

from rota.database import reading
from rota.errors import Conflict, InvalidInput
from rota.jobs import service as jobs
from rota.jobs.runner import run_job
from rota.models import (
    Band,
    Forecast,
    ForecastModel,
    JobState,
    Scenario,
    ScenarioShift,
    Staff,
)
from rota.optimisation import (
    explain,
    frontier,
    loading,
    pooling,
    relaxations,
    repair,
    robust,
    studies,
    worth,
)
from rota.optimisation.evaluation import evaluate
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_data import load_home
from rota.optimisation.problem import OFF, Roster
from rota.optimisation.safer import place_for_safety
from tests import factories as make
from tests.factories import MONDAY, administrator
from tests.rota.optimisation.conftest import END, Pair


def solved(pair: Pair, **more: object) -> tuple[int, HomeProblem, Roster]:
    scenario_id = pair.optimise(**more)
    with reading(pair.engine) as session:
        return scenario_id, *loading.problem_of(session, administrator(), scenario_id)


def study(pair: Pair, scenario_id: int, kind: str, seconds: float = 6) -> dict[str, object]:
    with pair.work() as uow:
        job_id = studies.ask(uow, scenario_id, kind, seconds=seconds)
        uow.commit()
    state = run_job(job_id, pair.engine)
    with reading(pair.engine) as session:
        view = jobs.view(session, administrator(), job_id)
    assert state is JobState.DONE, view.error
    return view.result


def test_a_scenario_read_back_is_the_roster_that_was_scored(pair: Pair) -> None:
    scenario_id, home, roster = solved(pair)
    with reading(pair.engine) as session:
        assert (
            evaluate(home.problem, roster).cost == session.get_one(Scenario, scenario_id).objective
        )


def test_every_alternative_costs_exactly_what_a_new_evaluation_says(pair: Pair) -> None:
    _, home, roster = solved(pair)
    terms = explain.Terms(home.problem, roster)
    base = evaluate(home.problem, roster).cost
    who, number = next(
        (p, d) for p, row in enumerate(roster) for d, k in enumerate(row)
        if k != OFF and d >= home.problem.first_open_day
    )  # fmt: skip
    for other in range(len(roster)):
        if other == who or roster[other][number] != OFF:
            continue
        rows = {
            who: explain._with(roster[who], number, OFF),
            other: explain._with(roster[other], number, roster[who][number]),
        }
        changed = tuple(rows.get(p, row) for p, row in enumerate(roster))
        expected = evaluate(home.problem, changed).cost - base
        assert sum(terms.difference(rows).values()) == expected


def test_the_next_best_is_lawful_and_the_cheapest(pair: Pair) -> None:
    _, home, roster = solved(pair)
    who = next(p for p, row in enumerate(roster) if any(k != OFF for k in row))
    number = next(d for d, k in enumerate(roster[who]) if k != OFF)
    found = explain.why_this_person(home, roster, home.staff_ids[who], home.day_of(number))
    assert found.next_best is not None
    assert [a.pence for a in found.alternatives] == sorted(a.pence for a in found.alternatives)
    assert any(a.staff_id is None for a in found.alternatives)  # leaving it open is one


def test_a_day_without_a_shift_cannot_be_explained(pair: Pair) -> None:
    _, home, roster = solved(pair)
    with pytest.raises(InvalidInput, match="no shift"):
        explain.why_this_person(home, roster, home.staff_ids[0], MONDAY - timedelta(days=3))


def test_a_moved_rota_is_not_explained(pair: Pair) -> None:
    scenario_id = pair.optimise()
    with pair.work() as uow:
        uow.touch(pair.home.id)
        uow.commit()
    with reading(pair.engine) as session, pytest.raises(Conflict, match="cannot be explained"):
        loading.problem_of(session, administrator(), scenario_id)


def test_a_gap_is_explained_by_people_and_rules(pair: Pair) -> None:
    with pair.work() as uow:
        for person in uow.session.scalars(select(Staff)):
            person.is_active = person.role.code == "SCA"
        uow.commit()
    scenario_id = pair.optimise()
    with reading(pair.engine) as session:
        entry = session.scalars(
            select(ScenarioShift.id).where(
                ScenarioShift.scenario_id == scenario_id, ScenarioShift.staff_id.is_(None),
                ScenarioShift.agency_id.is_(None),
            )
        ).first()  # fmt: skip
        assert entry is not None
        matrix = explain.why_open(session, administrator(), scenario_id, entry)
    # the day carers may stand in by the rules; who works the day before or after may not
    assert len(matrix.rows) == 12
    assert 0 < matrix.free < 12
    assert [column.key for column in matrix.columns][:1] == ["daily_rest"]
    assert all(row.against for row in matrix.rows if row.obstacles)
    assert [row.obstacles for row in matrix.rows] == sorted(row.obstacles for row in matrix.rows)
    assert all(len(row.cells) == len(matrix.columns) for row in matrix.rows)


def test_training_that_stands_in_the_way_is_worth_moving(pair: Pair) -> None:
    with pair.work() as uow:
        day = MONDAY + timedelta(days=1)
        kept = uow.session.scalars(
            select(Staff).where(Staff.unit_id == pair.ash.id).order_by(Staff.id)
        ).all()
        for person in uow.session.scalars(select(Staff)):
            person.is_active = person in kept[:4] or person.role.code == "SCAN"
        training = make.make_shift_type(uow.session, "T", band=Band.DAY, counts_to_cover=False)
        training.counts_to_cover = False
        for person in kept[:3]:
            make.make_shift(uow.session, pair.ash, person, day, "T", is_locked=True)
        for code in ("D", "N"):
            make.make_shift(uow.session, pair.ash, None, MONDAY, code)
        uow.commit()
    _, home, roster = solved(pair)
    found = relaxations.relaxations(home, roster)
    assert found
    assert found[0].pence < 0
    assert "Move the T of" in found[0].text
    assert found[0].day == day


def test_one_more_night_person_is_worth_what_the_relaxation_saves(pair: Pair) -> None:
    with pair.work() as uow:
        for person in uow.session.scalars(select(Staff)):
            person.is_active = person.role.code == "SCA"
        uow.commit()
    _, home, roster = solved(pair)
    found = worth.worth_of_people(home, roster)
    nights = [w for w in found if w.band == "night"]
    assert {(w.unit_id, w.weekend) for w in nights} == set(
        product((pair.ash.id, pair.birch.id), (True, False))
    )
    # five weekday nights: the agency's cap is used up without them, so each is a gap
    dearest = max(nights, key=lambda w: w.pence_a_week)
    steps = [d for d in home.problem.demands if d.name == f"{dearest.unit_id}/night/minimum"]
    (supply,) = home.problem.supplies
    beyond = supply.beyond * max(supply.minutes.values()) + home.prices.below_ideal
    expected = sum(
        d.shortage[0].price + beyond
        for d in steps
        if (home.day_of(d.day).weekday() >= 5) == dearest.weekend
    )
    assert dearest.pence_a_week == pytest.approx(expected)


def test_no_point_of_a_frontier_is_dominated_and_each_opens_its_rota(pair: Pair) -> None:
    scenario_id = pair.optimise()
    result = study(pair, scenario_id, "frontier", seconds=8)
    points = result["points"]
    assert isinstance(points, list)
    triples = [(p["pence"], p["strange"], p["uneven"]) for p in points]
    assert triples
    for one, other in product(triples, triples):
        assert one == other or not all(a <= b for a, b in zip(one, other, strict=True))
    with reading(pair.engine) as session:
        for point in points:
            assert session.get_one(Scenario, point["scenario_id"]).shifts


def test_a_dominated_point_is_left_out() -> None:
    good = frontier.Point((), 100, 2, 1.0)
    assert frontier.without_dominated(
        [frontier.Point((), 120, 2, 1.0), good, frontier.Point((), 90, 5, 1.0), good]
    ) == [frontier.Point((), 90, 5, 1.0), good]


def test_sharing_more_never_costs_more(pair: Pair) -> None:
    with pair.work() as uow:
        people = uow.session.scalars(select(Staff).where(Staff.unit_id == pair.birch.id)).all()
        for person in people[:5]:
            person.is_active = False
        uow.commit()
    _, home, _ = solved(pair)
    apart, today, pooled = pooling.compare_pooling(home, 9, check=lambda roster: (roster, 0))
    assert apart.pence >= today.pence >= pooled.pence
    assert sum(pooled.lent_hours.values()) == sum(pooled.borrowed_hours.values())
    assert pooled.lent_hours.get(pair.ash.id, 0) > 0  # Ash gives, Birch gains
    assert pooled.short_by_unit[pair.birch.id] < apart.short_by_unit[pair.birch.id]


def test_sharing_is_measured_as_the_rules_let_it_stand(pair: Pair) -> None:
    _, home, _ = solved(pair)
    empty = tuple(
        tuple(person.fixed.get(day, OFF) for day in range(home.problem.days))
        for person in home.problem.people
    )
    found = pooling.compare_pooling(home, 1.5, check=lambda _: (empty, 7))
    assert [variant.taken_off for variant in found] == [7, 7, 7]
    assert {variant.pence for variant in found} == {evaluate(home.problem, empty).cost}


@pytest.mark.parametrize(
    ("minimum", "absences", "expected"),
    [(0, [0.5], 0.0), (1, [0.5], 0.5), (2, [0.1, 0.2], 1 - 0.9 * 0.8), (2, [0.1], 1.0),
     (1, [0.1, 0.2, 0.5], 0.01)],
)  # fmt: skip
def test_the_chance_below_minimum_is_exact(
    minimum: int, absences: list[float], expected: float
) -> None:
    assert robust.chance_below(minimum, absences) == pytest.approx(expected)
    drawn = 0.0  # every way of being there or not, one by one
    for there in product((0, 1), repeat=len(absences)):
        chance = 1.0
        for present, absent in zip(there, absences, strict=True):
            chance *= 1 - absent if present else absent
        drawn += chance * max(0, minimum - sum(there))
    assert robust.expected_missing(minimum, absences) == pytest.approx(drawn)


def test_safer_placing_cuts_risk_with_the_same_hours(pair: Pair) -> None:
    _, home, roster = solved(pair)
    rates = dict.fromkeys(home.staff_ids, 0.1)
    extra = [list(row) for row in roster]
    duty = next(k for k in home.problem.people[0].maximum if home.places[k].unit_id == pair.ash.id)
    day = home.problem.first_open_day
    for who in range(6):  # everybody of Ash on Monday: far more than needed
        extra[who] = [OFF] * home.problem.days
        extra[who][day] = duty
    crowded = tuple(tuple(row) for row in extra)
    safer, moves = place_for_safety(home, crowded, rates, 0.1)
    before = robust.Risk(home, crowded, rates, 0.1).expected_missing
    after = robust.Risk(home, safer, rates, 0.1).expected_missing
    assert moves
    assert after == pytest.approx(before - sum(move.gain for move in moves))
    assert [sum(k != OFF for k in row) for row in safer] == [
        sum(k != OFF for k in row) for row in crowded
    ]
    assert evaluate(home.problem, safer).lawful
    # whoever the rules would not let move is left where she is
    moved = {who for who, row in enumerate(safer) if row != crowded[who]}

    def strict(placed: Roster) -> tuple[Roster, int]:
        kept = [crowded[who] if who in moved else row for who, row in enumerate(placed)]
        return tuple(kept), sum(a != b for a, b in zip(kept, placed, strict=True))

    without, others = place_for_safety(home, crowded, rates, 0.1, check=strict)
    assert all(without[who] == crowded[who] for who in moved)
    assert not {move.staff_id for move in others} & {home.staff_ids[who] for who in moved}


def test_absence_rates_lean_on_the_home_where_history_is_short(pair: Pair) -> None:
    with reading(pair.engine) as session:
        assert robust.absence_rates(session, pair.home.id, date(2026, 6, 1)) == ({}, 0.05)


def test_a_sickness_call_is_repaired_with_the_fewest_changes(pair: Pair) -> None:
    scenario_id = pair.optimise()
    with pair.work() as uow:
        from rota.optimisation import service

        service.apply_scenario(uow, scenario_id)
        uow.commit()
    with pair.work() as uow:
        shift = uow.session.scalars(
            select(make.Shift).where(make.Shift.user_id.is_not(None)).order_by(make.Shift.id)
        ).first()
        assert shift is not None
        make.make_leave(uow.session, uow.session.get_one(Staff, shift.user_id),
                        shift.date, shift.date, status="approved")  # fmt: skip
        shift.user_id, shift.is_vacant = None, True
        day = shift.date
        uow.commit()
    with reading(pair.engine) as session:
        home = build_problem(load_home(session, pair.home.id, MONDAY, END), repair.REPAIR_PRICES)
    solution = repair.repair(home, [day])
    assert solution.roster is not None
    assert repair.changed_shifts(home.current, solution.roster) == 0
    before, after = evaluate(home.problem, home.current), evaluate(home.problem, solution.roster)
    assert after.lawful
    assert after.people_short < before.people_short


def test_a_service_level_curve_rises_in_people_and_falls_in_risk(pair: Pair) -> None:
    scenario_id = pair.optimise()
    with pair.work() as uow:
        uow.session.add(
            ForecastModel(unit_id=pair.ash.id, series="care_hours", band="day", model="test",
                          path="", fingerprint="x", metrics={"hours_per_person": 11.0})
        )  # fmt: skip
        for offset in range(7):
            uow.session.add(
                Forecast(unit_id=pair.ash.id, series="care_hours", band="day", model="test",
                         date=MONDAY + timedelta(days=offset), yhat=22, yhat_lower=18,
                         yhat_upper=33, fingerprint="x", quantiles={"50": 22.0, "95": 44.0})
            )  # fmt: skip
        uow.commit()
    result = study(pair, scenario_id, "levels")
    points = result["levels"]
    assert isinstance(points, list)
    assert [p["people"] for p in points] == sorted(p["people"] for p in points)
    assert points[0]["expected_short"] > points[-1]["expected_short"]


def test_a_study_without_forecast_says_what_is_missing(pair: Pair) -> None:
    scenario_id = pair.optimise()
    with pair.work() as uow:
        job_id = studies.ask(uow, scenario_id, "levels")
        again = studies.ask(uow, scenario_id, "levels")
        uow.commit()
    assert again == job_id
    assert run_job(job_id, pair.engine) is JobState.FAILED
    with reading(pair.engine) as session:
        found = studies.studies_of(session, administrator(), scenario_id)["levels"].job
    assert found is not None
    assert "no forecast" in found.error


def test_other_studies_answer_as_jobs(pair: Pair) -> None:
    scenario_id = pair.optimise()
    assert study(pair, scenario_id, "pooling")["variants"]
    assert isinstance(study(pair, scenario_id, "worth")["worth"], list)
    assert study(pair, scenario_id, "robust")["before"] is not None
    assert study(pair, scenario_id, "repair")["repair_scenario_id"]
