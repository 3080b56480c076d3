"""A home of two units for the tests of scenarios: small enough to be solved in a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from rota.database import UnitOfWork
from rota.models import Agency, AgencyRate, Band, CareHome, OnCost, PayRate, Unit
from rota.optimisation import service
from rota.optimisation.engine import solve
from rota.optimisation.problem import Limits
from rota.optimisation.requests import OptimisationRequest
from tests import factories as make
from tests.factories import MONDAY, administrator
from tests.rota.optimisation.builders import random_problem
from tests.rota.optimisation.homes import Home, make_small_home

END = MONDAY + timedelta(days=6)
SECONDS = 10


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Load (on a fresh clone: compile) the search's inner loops once in a process.

    It takes seconds, which would be taken from the first test's limit.
    """
    for seed in (4, 11):
        solve(random_problem(seed, people=3, days=6), Limits(seconds=30, threads=1, work=3))


@dataclass
class Pair:
    """A home of two units, each two by day and one by night, and its people."""

    engine: Engine
    home: CareHome
    ash: Unit
    birch: Unit

    def request(self, **more: object) -> OptimisationRequest:
        """A week's request: solved to the end in about a second, sooner than its limit."""
        return OptimisationRequest(self.home.id, MONDAY, END, seconds=SECONDS, **more)  # type: ignore[arg-type]

    def optimise(self, **more: object) -> int:
        """Solve the week; gives the scenario's id."""
        result = service.run(administrator(), self.request(**more), engine=self.engine)
        return result.scenario_id

    def work(self) -> UnitOfWork:
        """A unit of work of an administrator."""
        return UnitOfWork(administrator(), engine=self.engine)


@pytest.fixture
def pair(database: Engine) -> Pair:
    """Two units, ten people each, rates, one agency with a weekly cap of two shifts."""
    with UnitOfWork(administrator(), engine=database) as uow:
        session = uow.session
        home = make.make_home(session, "Rowan House")
        roles = [make.make_role(session, "SCA"), make.make_role(session, "SCAN", is_night=True)]
        agency = Agency(name="Silverburn", weekly_cap_minutes=24 * 60)
        session.add(agency)
        session.flush()
        for role, code in zip(roles, ("D", "N"), strict=True):
            make.make_shift_type(session, code).roles = [role]
            session.add(
                PayRate(role_id=role.id, effective_from=date(2020, 1, 1), day_pence=1352,
                        night_pence=1690, weekend_pence=1500, holiday_pence=2700)
            )  # fmt: skip
            session.add(
                AgencyRate(agency_id=agency.id, role_id=role.id, effective_from=date(2020, 1, 1),
                           day_pence=4000, night_pence=4500, weekend_pence=4200,
                           holiday_pence=6000)
            )  # fmt: skip
        session.add(
            OnCost(effective_from=date(2020, 1, 1), national_insurance_percent=15,
                   national_insurance_threshold_pence=500_000, pension_percent=3)
        )  # fmt: skip
        units = [make.make_unit(session, home, name) for name in ("RH Ash", "RH Birch")]
        for unit in units:
            for number in range(10):
                role = roles[0] if number < 6 else roles[1]
                make.make_staff(session, unit, role, contracted_minutes=20 * 60)
            make.make_requirement(session, unit, Band.DAY, minimum=2, ideal=2)
            make.make_requirement(session, unit, Band.NIGHT, minimum=1, ideal=1)
        uow.commit()
        return Pair(database, home, *units)


@pytest.fixture
def small(database: Engine) -> Home:
    """A home of one unit that needs two by day and one by night."""
    return make_small_home(database)
