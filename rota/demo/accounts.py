"""Accounts of the invented organisation and the temporary passwords of a few of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rota.access.passwords import generate_password, hash_password
from rota.demo.horizon import Horizon, at
from rota.demo.names import person_name
from rota.demo.people import HomePlan, Person
from rota.demo.writer import Writer
from rota.models import HomeGrant, User, UserRole

ADMINISTRATOR = "admin"
ANALYST = "400001"


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """An account to log in with; the password is temporary and shown this once."""

    role: UserRole
    sap_number: str
    name: str
    homes: str
    password: str = field(repr=False)


class Accounts:
    """Writes accounts home by home: managers of each, one of care staff, then the rest."""

    def __init__(self, writer: Writer, horizon: Horizon) -> None:
        self._writer = writer
        self._created_at: datetime = at(horizon.start, 12)
        self._next_id = 1
        self.logins: list[DemoLogin] = []

    def write_home(self, home: HomePlan) -> int:
        """Accounts of a home's managers; gives the id of one who decides leave."""
        decides = 0
        for person in home.people:
            code = person.role.code
            if code == "OM":
                user = self._write_person(person, UserRole.OPERATIONAL_MANAGER, home)
                self._grant(user, home.id)
                decides = decides or user
            elif code == "SM":
                # the first senior manager sees every home, the others theirs
                everywhere = UserRole.SENIOR_MANAGER not in self._roles()
                user = self._write_person(person, UserRole.SENIOR_MANAGER, home, everywhere)
                self._grant(user, home.id)
            elif code == "HOS":
                self._write_person(person, UserRole.SENIOR_MANAGER, home, True)
        return decides

    def write_rest(self, carer: tuple[Person, HomePlan]) -> None:
        """An account of care staff, the analyst and the administrator."""
        person, home = carer
        user = self._write_person(person, UserRole.CARE_STAFF, home)
        self._grant(user, home.id)
        self._write(UserRole.ANALYST, ANALYST, "Orla Weir", all_homes=True)
        self._write(UserRole.ADMINISTRATOR, ADMINISTRATOR, "Demo administrator", all_homes=True)

    def _roles(self) -> set[UserRole]:
        return {login.role for login in self.logins}

    def _write_person(
        self, person: Person, role: UserRole, home: HomePlan, everywhere: bool = False
    ) -> int:
        first, last = person_name(person.number)
        return self._write(
            role, person.sap_number, f"{first} {last}", staff_id=person.id,
            all_homes=everywhere, homes="all homes" if everywhere else home.name.name,
        )  # fmt: skip

    def _write(
        self, role: UserRole, sap_number: str, name: str, *, staff_id: int | None = None,
        all_homes: bool = False, homes: str = "all homes",
    ) -> int:  # fmt: skip
        """One account; the first of each role gets a temporary password, the others none."""
        user_id, self._next_id = self._next_id, self._next_id + 1
        row: dict[str, Any] = {
            "id": user_id, "sap_number": sap_number, "name": name,
            "email": f"sap{sap_number}@example.org", "role": role, "staff_id": staff_id,
            "all_homes": all_homes, "password_hash": "", "created_at": self._created_at,
        }  # fmt: skip
        if role not in self._roles():
            password = generate_password()
            row["password_hash"] = hash_password(password)
            self.logins.append(DemoLogin(role, sap_number, name, homes, password))
        self._writer.add(User, [row])
        return user_id

    def _grant(self, user_id: int, home_id: int) -> None:
        self._writer.add(HomeGrant, [{"user_id": user_id, "home_id": home_id}])
