"""A small home in the week before :data:`tests.factories.MONDAY`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import time_machine

from rota.access.actor import Actor
from rota.database import UnitOfWork
from rota.models import CareHome, Staff, Unit, UserRole
from tests import factories as make

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)


@dataclass
class Home:
    """A home with one unit, a carer, a colleague and their manager."""

    home: CareHome
    unit: Unit
    carer: Staff
    colleague: Staff
    manager: Actor

    def carer_actor(self) -> Actor:
        """The carer, logged in."""
        return make.actor(UserRole.CARE_STAFF, self.home, staff_id=self.carer.id)


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def home(uow: UnitOfWork) -> Home:
    """The small home, committed."""
    place = make.make_home(uow.session)
    unit = make.make_unit(uow.session, place)
    carer, colleague = (make.make_staff(uow.session, unit) for _ in range(2))
    uow.commit()
    manager = make.actor(UserRole.OPERATIONAL_MANAGER, place)
    return Home(place, unit, carer, colleague, manager)
