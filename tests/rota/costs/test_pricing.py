"""Pricing stored shifts at the rates of the database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rota.costs.rates import load_rate_book, price_shift
from rota.database import UnitOfWork
from rota.models import Agency, AgencyRate, Classification, OnCost, PayRate
from tests.factories import make_home, make_role, make_shift, make_staff, make_unit


def with_rates(uow: UnitOfWork) -> Agency:
    role = make_role(uow.session)
    agency = Agency(name="Silverburn Care")
    uow.session.add(agency)
    uow.session.flush()
    since = date(2025, 4, 1)
    rates = {"day_pence": 1352, "night_pence": 1690, "weekend_pence": 1352, "holiday_pence": 2704}
    uow.session.add_all(
        [
            PayRate(role_id=role.id, effective_from=since, **rates),
            AgencyRate(agency_id=agency.id, role_id=role.id, effective_from=since, **rates),
            OnCost(
                effective_from=since, national_insurance_percent=Decimal(15),
                national_insurance_threshold_pence=500_000, pension_percent=Decimal(3),
            ),
        ]
    )  # fmt: skip
    uow.session.flush()
    return agency


def test_a_shift_is_priced_at_its_persons_role(uow: UnitOfWork) -> None:
    with_rates(uow)
    unit = make_unit(uow.session, make_home(uow.session))
    shift = make_shift(uow.session, unit, make_staff(uow.session, unit), paid_minutes=600)

    cost = price_shift(uow.session, shift)

    assert cost is not None
    assert shift.cost_pence == cost.total_pence == 15_542


def test_an_agency_shift_is_priced_at_the_role_it_fills(uow: UnitOfWork) -> None:
    agency = with_rates(uow)
    unit = make_unit(uow.session, make_home(uow.session))
    shift = make_shift(
        uow.session, unit, agency_id=agency.id, role_id=make_role(uow.session).id,
        classification=Classification.AGENCY, paid_minutes=600,
    )  # fmt: skip

    price_shift(load_rate_book(uow.session), shift)

    assert shift.cost_pence == 13_520


def test_a_vacancy_costs_nothing_and_a_missing_rate_is_null(uow: UnitOfWork) -> None:
    unit = make_unit(uow.session, make_home(uow.session))
    vacancy = make_shift(uow.session, unit)
    worked = make_shift(uow.session, unit, make_staff(uow.session, unit))

    assert price_shift(uow.session, vacancy) is None
    cost = price_shift(uow.session, worked)

    assert vacancy.cost_pence == 0
    assert worked.cost_pence is None
    assert cost is not None and cost.missing
