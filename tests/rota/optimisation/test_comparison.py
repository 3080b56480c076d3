"""Scenarios side by side, and what a service level asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rota.database import reading
from rota.errors import InvalidInput
from rota.models import Band, Forecast, ForecastModel, Scenario
from rota.optimisation import service
from rota.optimisation.comparison import compare, continuity_of, person_days
from rota.optimisation.prices import Prices
from rota.optimisation.requests import OptimisationRequest
from rota.optimisation.service_levels import ForecastCell, needs_at
from rota.optimisation.work import Work as Shift
from rota.roster.requirements import Need
from tests import factories as make
from tests.factories import MONDAY, administrator
from tests.rota.optimisation.conftest import Pair


def test_the_rota_and_two_scenarios_stand_side_by_side(pair: Pair) -> None:
    with pair.work() as uow:
        for code in ("D", "N"):
            make.make_shift(uow.session, pair.ash, None, MONDAY, code)
        uow.commit()
    first = pair.optimise()
    second = pair.optimise(prices=Prices(unfamiliar_unit=0), seed=3)
    with reading(pair.engine) as session:
        now, one, two = compare(session, administrator(), [first, second])
        staff = {s.staff_id for s in session.get_one(Scenario, first).shifts}
    assert (now.name, now.unfilled, now.people_changed) == ("Rota now", 42, 0)
    assert one.unfilled == two.unfilled == 0
    assert one.cost_pence == sum(one.cost_by_source.values()) > 0
    assert one.shifts_changed == 42
    assert one.people_changed == len(staff)


def test_scenarios_of_different_periods_are_not_compared(pair: Pair) -> None:
    first = pair.optimise()
    later = pair.request()
    other = service.run(
        administrator(),
        OptimisationRequest(pair.home.id, later.start, later.start, seconds=2),
        engine=pair.engine,
    )
    with reading(pair.engine) as session, pytest.raises(InvalidInput, match="different homes"):
        compare(session, administrator(), [first, other.scenario_id])


def test_who_works_when_names_only_whoever_differs(pair: Pair) -> None:
    scenario_id = pair.optimise()
    with pair.work() as uow:
        service.apply_scenario(uow, scenario_id)
        uow.commit()
    with reading(pair.engine) as session:
        assert person_days(session, administrator(), scenario_id) == []
    with pair.work() as uow:
        service.undo_scenario(uow, scenario_id)
        uow.commit()
    with reading(pair.engine) as session:
        found = person_days(session, administrator(), scenario_id)
    assert sum(person.changes for person in found) == 42
    assert all(person.before == {} for person in found)


def test_continuity_counts_three_shifts_on_the_unit_in_the_28_days_before() -> None:
    day = date(2027, 3, 1)
    work = [Shift(1, 9, day, 1, 600), Shift(2, 9, day, 1, 200)]
    before = {(1, 9): [day - timedelta(days=n) for n in (1, 5, 28)],
              (2, 9): [day - timedelta(days=n) for n in (1, 5, 29)]}  # fmt: skip
    assert continuity_of(work, before) == pytest.approx(600 / 800)
    assert continuity_of([], before) is None


def test_a_service_level_takes_the_quantile_and_never_undercuts_the_minimum() -> None:
    cell = ForecastCell({"50": 2.0, "90": 3.4})
    assert (cell.people(50), cell.people(90)) == (2, 4)
    key = (1, MONDAY, Band.DAY)
    other = (2, MONDAY, Band.DAY)
    needs = {key: Need(3, 3), other: Need(1, 2)}
    assert needs_at(needs, {key: cell}, 50) == {key: Need(3, 3), other: Need(1, 2)}
    assert needs_at(needs, {key: cell}, 90)[key] == Need(4, 4)
    with pytest.raises(InvalidInput, match="no forecast"):
        needs_at(needs, {}, 90)


@pytest.mark.parametrize(
    ("planned", "expected"),
    [(0, 2.0), (2, 0.25 / 2 + 0.25), (3, 0.0 + 0.0), (1, 1.0)],
)
def test_expected_short_people_is_the_area_above_the_plan(planned: int, expected: float) -> None:
    """Half of the days need 1 to 3 in a straight line around 2; the rim holds its value."""
    cell = ForecastCell({"25": 1.0, "75": 3.0})
    assert cell.expected_short(planned) == pytest.approx(expected, abs=1e-9)


def test_a_home_is_solved_at_a_service_level(pair: Pair) -> None:
    with pair.work() as uow:
        for unit in (pair.ash, pair.birch):
            uow.session.add(
                ForecastModel(unit_id=unit.id, series="care_hours", band="day", model="test",
                              path="", fingerprint="x", metrics={"hours_per_person": 11.0})
            )  # fmt: skip
            for offset in range(7):
                uow.session.add(
                    Forecast(unit_id=unit.id, series="care_hours", band="day", model="test",
                             date=MONDAY + timedelta(days=offset), yhat=22, yhat_lower=18,
                             yhat_upper=33, fingerprint="x",
                             quantiles={"50": 22.0, "95": 33.0})
                )  # fmt: skip
        uow.commit()
    usual, raised = pair.optimise(), pair.optimise(service_level=95)
    with reading(pair.engine) as session:
        assert len(session.get_one(Scenario, usual).shifts) == 42
        assert len(session.get_one(Scenario, raised).shifts) == 42 + 14
        assert session.get_one(Scenario, raised).inputs["service_level"] == 95


def test_the_same_question_is_one_job_and_another_price_is_another_question(pair: Pair) -> None:
    asked = pair.request()
    assert replace(asked, name="Under another name").key == asked.key
    for other in (
        replace(asked, seed=2), replace(asked, service_level=90), replace(asked, seconds=60.0),
        replace(asked, prices=Prices(change=0)), replace(asked, end=asked.end - timedelta(days=1)),
    ):  # fmt: skip
        assert other.key != asked.key
