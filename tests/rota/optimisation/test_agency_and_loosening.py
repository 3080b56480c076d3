"""The agencies' weekly cap inside the problem, and what loosening it or a lock would save."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from unittest.mock import Mock

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, delete, select

from rota.calendar import instant
from rota.cli import cli
from rota.database import UnitOfWork, reading
from rota.models import (
    Agency,
    Band,
    CoverRequirement,
    Forecast,
    ForecastModel,
    Scenario,
    Shift,
    ShiftType,
    Staff,
)
from rota.optimisation import home_data
from rota.optimisation.engine import solve
from rota.optimisation.evaluation import evaluate
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_data import load_home
from rota.optimisation.prices import Prices
from rota.optimisation.problem import OFF, Limits, Roster
from rota.optimisation.relaxations import relaxations
from tests import factories as make
from tests.factories import MONDAY, administrator
from tests.rota.optimisation.homes import Home, make_small_home

HALF_DAY = 12 * 60


@pytest.fixture
def home(sqlite_engine: Engine) -> Home:
    return make_small_home(sqlite_engine)


def built(home: Home, start: int = 0, days: int = 7, prices: Prices | None = None) -> HomeProblem:
    first = MONDAY + timedelta(days=start)
    with reading(home.engine) as session:
        data = load_home(session, home.home.id, first, first + timedelta(days=days - 1))
        return build_problem(data, prices)


def working(home: Home) -> UnitOfWork:
    return UnitOfWork(administrator(), engine=home.engine)


def nobody(problem: HomeProblem) -> Roster:
    return tuple((OFF,) * problem.problem.days for _ in problem.staff_ids)


def test_the_caps_of_a_week_are_one_limit_of_whole_shifts(home: Home) -> None:
    with working(home) as uow:
        uow.session.add(Agency(name="Second", weekly_cap_minutes=30 * 60))
        uow.commit()
    found = built(home, days=14).problem
    # 12 and 30 hours: one and two shifts of 12 hours, in each of the two weeks
    assert [supply.limit for supply in found.supplies] == [3 * HALF_DAY] * 2
    demands = {number for supply in found.supplies for number in supply.minutes}
    assert {found.demands[n].name.split("/")[-1] for n in demands} == {"minimum"}
    assert len(demands) == 14 * 2


def test_an_agency_without_a_cap_is_no_limit(home: Home) -> None:
    with working(home) as uow:
        uow.session.add(Agency(name="Second", weekly_cap_minutes=None))
        uow.commit()
    assert built(home).problem.supplies == ()


def test_agency_shifts_that_stand_have_used_their_cap(home: Home) -> None:
    with working(home) as uow:
        agency = uow.session.scalars(select(Agency)).one()
        shift = make.make_shift(uow.session, home.unit, None, MONDAY, "D", agency_id=agency.id)
        shift.paid_minutes = 11 * 60
        uow.commit()
    # from Tuesday on Monday's shift is past, and the week's cap is spent
    assert [supply.limit for supply in built(home, start=1, days=6).problem.supplies] == [0]


def test_beyond_the_cap_a_place_costs_as_much_as_a_gap(home: Home) -> None:
    prices = Prices()
    problem = built(home).problem
    cost = evaluate(problem, nobody(built(home))).short
    gaps = sum(d.required for d in problem.demands if d.name.endswith("/minimum"))
    ideal = sum(d.required * prices.below_ideal for d in problem.demands if "/ideal" in d.name)
    # one shift a week by the agency, every other at about the price of a gap
    assert gaps == 21
    assert cost - ideal == pytest.approx(20 * prices.unfilled + 47_000, rel=0.04)


def test_own_people_work_extra_where_the_agency_ends(home: Home) -> None:
    """Overtime dearer than the agency: used where the cap ends, not before."""
    with working(home) as uow:
        people = uow.session.scalars(select(Staff).order_by(Staff.id)).all()
        for person in people:
            person.is_active = person.role.code == "SCA"
            person.contracted_minutes = 0
        nights = delete(CoverRequirement).where(CoverRequirement.band == Band.NIGHT)
        uow.session.execute(nights)
        uow.commit()
    found = built(home)
    dear = tuple(replace(person, over_price=80) for person in found.problem.people)
    problem = replace(found.problem, people=dear)
    solution = solve(problem, Limits(seconds=10, threads=1, work=60))
    assert solution.roster is not None
    score = evaluate(problem, solution.roster)
    assert score.people_short == 2, "the agency's one place, short of minimum and of ideal"
    free = solve(replace(problem, supplies=()), Limits(seconds=10, threads=1, work=60))
    assert free.cost is not None and solution.cost is not None and free.cost < solution.cost


def test_a_higher_cap_is_worth_the_gap_that_it_closes(home: Home) -> None:
    found = built(home)
    (text,) = [each for each in relaxations(found, nobody(found)) if "agencies" in each.text]
    supply = found.problem.supplies[0]
    assert text.pence == -supply.beyond * max(supply.minutes.values())
    assert "in the week of" in text.text


def test_unlocking_frees_whoever_is_cheaper_elsewhere(home: Home) -> None:
    with working(home) as uow:
        people = uow.session.scalars(select(Staff).order_by(Staff.id)).all()
        ann = people[0]
        ann.contracted_minutes = 0  # paid overtime for what somebody else does in contract
        locked = make.make_shift(uow.session, home.unit, ann, MONDAY, "D", is_locked=True)
        make.make_shift(
            uow.session, home.unit, people[1], MONDAY + timedelta(1), "D", is_locked=True
        )
        uow.commit()
    found = built(home)
    roster = tuple(
        tuple(person.fixed.get(day, OFF) for day in range(found.problem.days))
        for person in found.problem.people
    )
    unlocked = [each for each in relaxations(found, roster) if "Unlock" in each.text]
    assert [(each.staff_id, each.day) for each in unlocked] == [(ann.id, MONDAY)]
    assert unlocked[0].pence < 0 and "instead" in unlocked[0].text
    with reading(home.engine) as session:
        assert session.get_one(Shift, locked.id).is_locked, "a question changes nothing"


def test_a_band_without_a_used_shift_type_is_offered_all_of_its_types(home: Home) -> None:
    with working(home) as uow:
        person = uow.session.scalars(select(Staff).order_by(Staff.id)).first()
        make.make_shift(uow.session, home.unit, person, MONDAY, "D")
        other = make.make_shift_type(uow.session, "D2")
        other.roles = []
        uow.commit()
    found = built(home)
    with reading(home.engine) as session:
        codes = {kind.id: kind.code for kind in session.scalars(select(ShiftType))}
    offered = {codes[place.shift_type_id] for place in found.places if place.unit_id is not None}
    assert offered == {"D", "N"}, "the day type in use, and nights although none stands yet"


def test_whoever_had_more_weekends_is_asked_last(home: Home) -> None:
    """The price of fairness moves a weekend from the one who had them to somebody else."""
    with working(home) as uow:
        people = uow.session.scalars(select(Staff).order_by(Staff.id)).all()
        tired = people[0]
        for week in range(1, 9):
            saturday = MONDAY - timedelta(weeks=week) + timedelta(days=5)
            make.make_shift(uow.session, home.unit, tired, saturday, "D")
            if week < 3:
                for other in people[1:6]:
                    make.make_shift(uow.session, home.unit, other, saturday, "D")
        uow.commit()

    def weekend_shifts(prices: Prices) -> int:
        found = built(home, prices=prices)
        solution = solve(found.problem, Limits(seconds=10, threads=1, work=60))
        assert solution.roster is not None
        row = solution.roster[found.staff_ids.index(tired.id)]
        assert all(
            request.wanted or found.day_of(request.day).weekday() >= 5
            for request in found.problem.requests
        )
        return sum(row[d] != OFF for d in range(found.problem.days - 2, found.problem.days))

    assert weekend_shifts(Prices(fairness=40_000)) == 0
    assert not [r for r in built(home, prices=Prices(fairness=0)).problem.requests if not r.wanted]


def test_a_change_costs_more_the_later_people_hear_of_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft shift, a published one in good time, and one that begins within a week."""
    with working(home) as uow:
        people = uow.session.scalars(select(Staff).order_by(Staff.id)).all()[:3]
        for person in people:
            make.make_shift(uow.session, home.unit, person, MONDAY, "D").is_published = True
        make.make_shift(uow.session, home.unit, people[0], MONDAY + timedelta(days=1), "D")
        uow.commit()
    starts = instant(MONDAY, time(8))

    def prices(read_at: datetime) -> set[tuple[bool, int]]:
        monkeypatch.setattr(home_data, "datetime", Mock(now=lambda _zone: read_at))
        found = built(home)
        return {
            (found.day_of(r.day) == MONDAY, r.weight) for r in found.problem.requests if r.wanted
        }

    kept = Prices()
    assert prices(starts - timedelta(days=8)) == {
        (True, kept.published_change),
        (False, kept.change),
    }
    late = {(True, kept.short_notice_change), (False, kept.change)}
    assert prices(starts - timedelta(days=6)) == late
    assert kept.change < kept.published_change < kept.short_notice_change


def test_the_command_line_takes_a_service_level(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with working(home) as uow:
        uow.session.add(
            ForecastModel(unit_id=home.unit.id, series="care_hours", band="day", model="test",
                          path="", fingerprint="x", metrics={"hours_per_person": 11.0})
        )  # fmt: skip
        for offset in range(7):
            uow.session.add(
                Forecast(unit_id=home.unit.id, series="care_hours", band="day", model="test",
                         date=MONDAY + timedelta(days=offset), yhat=22, yhat_lower=18,
                         yhat_upper=33, fingerprint="x", quantiles={"50": 22.0, "95": 33.0})
            )  # fmt: skip
        uow.commit()
    monkeypatch.setattr("rota.optimisation.home_commands.get_engine", lambda: home.engine)
    monkeypatch.setattr("rota.optimisation.home_commands.reading", lambda *_: reading(home.engine))
    words = ["optimise", "--home", home.home.name, "--start", f"{MONDAY}", "--days", "7",
             "--seconds", "3", "--json"]  # fmt: skip

    def run(*more: str) -> dict[str, object]:
        result = CliRunner().invoke(cli, [*words, *more])
        assert result.exit_code == 0, result.output
        answer: dict[str, object] = json.loads(result.stdout)
        return answer

    usual, raised = run(), run("--service-level", "95")
    with reading(home.engine) as session:
        shifts = [len(session.get_one(Scenario, s["scenario"]).shifts) for s in (usual, raised)]
    assert shifts == [21, 28], "a third person by day on 95 of 100 days"
    refused = CliRunner().invoke(cli, [*words, "--service-level", "40"])
    assert refused.exit_code != 0 and "50<=x<=99" in refused.output
