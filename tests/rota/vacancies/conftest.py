"""A home with an open shift on :data:`tests.factories.MONDAY`, twelve days from now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from rota.access.actor import Actor
from rota.database import UnitOfWork
from rota.models import CareHome, OnCost, PayRate, Role, Shift, Unit, UserRole
from tests import factories as make

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)


@dataclass
class Open:
    """A home with a unit, a role at £10 an hour (overtime double), an open shift, a manager."""

    home: CareHome
    unit: Unit
    role: Role
    shift: Shift
    manager: Actor


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def gap(uow: UnitOfWork) -> Open:
    """The home with its gap, committed."""
    session = uow.session
    home = make.make_home(session, latitude=56.0, longitude=-4.0)
    unit = make.make_unit(session, home)
    role = make.make_role(session)
    session.add_all([
        PayRate(role_id=role.id, effective_from=datetime(2020, 1, 1).date(), day_pence=1000,
                night_pence=1000, weekend_pence=1000, holiday_pence=1000,
                overtime_multiplier=Decimal(2)),
        OnCost(effective_from=datetime(2020, 1, 1).date(),
               national_insurance_percent=Decimal(0),
               national_insurance_threshold_pence=0, pension_percent=Decimal(0)),
    ])  # fmt: skip
    make.make_requirement(session, unit, minimum=2, ideal=3)
    shift = make.make_shift(
        session, unit, role_id=role.id, vacancy_reason="leave", paid_minutes=660
    )
    uow.commit()
    return Open(home, unit, role, shift, make.actor(UserRole.OPERATIONAL_MANAGER, home))
