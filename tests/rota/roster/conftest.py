"""A home with one unit, and a Monday that may be planned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from rota.calendar import monday
from rota.database import UnitOfWork
from rota.models import CareHome, Role, Shift, Staff, Unit, User, UserRole
from rota.roster.edits import AssignShift, ShiftRef
from tests import factories as make
from tests.clock import TODAY

#: a Monday a few weeks ahead of whenever the tests run
SOON = monday(TODAY) + timedelta(weeks=4)


@pytest.fixture(scope="module", autouse=True)
def _at_noon(noon: None) -> None:
    """Notice is counted from today."""


def later(days: int) -> date:
    """A day after that Monday."""
    return SOON + timedelta(days=days)


@dataclass
class Place:
    """One home with a unit, and short ways to fill it."""

    uow: UnitOfWork
    home: CareHome
    unit: Unit
    manager: User
    roles: dict[str, Role] = field(default_factory=dict)

    def person(self, role: str = "SCA", **fields: object) -> Staff:
        return make.make_staff(
            self.uow.session, self.unit, make.make_role(self.uow.session, role), **fields
        )

    def shift(
        self, person: Staff | None = None, day: int = 0, code: str = "D", **fields: object
    ) -> Shift:
        return make.make_shift(self.uow.session, self.unit, person, later(day), code, **fields)

    def assign(self, person: Staff, day: int = 0, code: str = "D", **fields: object) -> AssignShift:
        make.make_shift_type(self.uow.session, code)
        return AssignShift(self.home.id, person.id, later(day), code, **fields)

    def stored(self, shift_id: int) -> Shift:
        self.uow.session.flush()
        self.uow.session.expire_all()
        return self.uow.session.get_one(Shift, shift_id)


def ref(shift: Shift) -> ShiftRef:
    """The shift as it is now."""
    return ShiftRef(shift.id, shift.version)


@pytest.fixture
def place(uow: UnitOfWork) -> Iterator[Place]:
    """A home in which an operational manager is at work."""
    home = make.make_home(uow.session, "Orchard Grove")
    unit = make.make_unit(uow.session, home, "OG Mulberry")
    manager = make.make_user(uow.session, UserRole.OPERATIONAL_MANAGER, name="Moira Sutherland")
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, home, user_id=manager.id)
    uow.commit()
    yield Place(uow, home, unit, manager)
