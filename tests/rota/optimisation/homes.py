"""A small home to optimise, and the shortest way to optimise it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Engine

from rota.database import UnitOfWork
from rota.models import Agency, AgencyRate, Band, CareHome, OnCost, PayRate, Unit
from rota.optimisation import service
from rota.optimisation.requests import OptimisationRequest
from tests import factories as make
from tests.factories import MONDAY, administrator

END = MONDAY + timedelta(days=6)


@dataclass
class Home:
    """A home of one unit that needs two by day and one by night."""

    engine: Engine
    home: CareHome
    unit: Unit

    def work(self) -> UnitOfWork:
        """A unit of work of an administrator."""
        return UnitOfWork(administrator(), engine=self.engine)


def make_small_home(database: Engine) -> Home:
    """Ten people, a day and a night shift, rates, one agency with a cap."""
    with UnitOfWork(administrator(), engine=database) as uow:
        session = uow.session
        home = make.make_home(session, "Rowan House")
        unit = make.make_unit(session, home, "RH Ash")
        day_role, night_role = make.make_role(session, "SCA"), make.make_role(
            session, "SCAN", is_night=True
        )  # fmt: skip
        for role, code in ((day_role, "D"), (night_role, "N")):
            make.make_shift_type(session, code).roles = [role]
            session.add(
                PayRate(
                    role_id=role.id, effective_from=date(2020, 1, 1), day_pence=1352,
                    night_pence=1690, weekend_pence=1500, holiday_pence=2700,
                )
            )  # fmt: skip
        session.add(
            OnCost(
                effective_from=date(2020, 1, 1), national_insurance_percent=15,
                national_insurance_threshold_pence=500_000, pension_percent=3,
            )
        )  # fmt: skip
        agency = Agency(name="Silverburn", weekly_cap_minutes=12 * 60)
        session.add(agency)
        session.flush()
        for role in (day_role, night_role):
            session.add(
                AgencyRate(
                    agency_id=agency.id, role_id=role.id, effective_from=date(2020, 1, 1),
                    day_pence=4000, night_pence=4500, weekend_pence=4200, holiday_pence=6000,
                )
            )  # fmt: skip
        for number in range(10):
            role = day_role if number < 6 else night_role
            make.make_staff(session, unit, role, contracted_minutes=20 * 60)
        make.make_requirement(session, unit, Band.DAY, minimum=2, ideal=2)
        make.make_requirement(session, unit, Band.NIGHT, minimum=1, ideal=1)
        uow.commit()
        return Home(database, home, unit)


def optimise(home: Home, **more: object) -> service.OptimisationResult:
    request = OptimisationRequest(home.home.id, MONDAY, END, seconds=5, **more)  # type: ignore[arg-type]
    return service.run(administrator(), request, engine=home.engine)
