"""Who is acting: the value every service checks, on the object, every time."""

from __future__ import annotations

from dataclasses import dataclass

from rota.access.permissions import PERMISSIONS, ROLE_NAMES, Permission
from rota.errors import NotAllowed
from rota.models.access import UserRole


@dataclass(frozen=True, slots=True)
class Actor:
    """An account in action. ``home_ids`` is what it may work with (already resolved)."""

    user_id: int | None
    name: str
    role: UserRole
    home_ids: frozenset[int]
    staff_id: int | None = None

    @property
    def role_name(self) -> str:
        """The role in plain words."""
        return ROLE_NAMES[self.role]

    def may(self, permission: Permission, home_id: int | None = None) -> bool:
        """Whether the actor may do this, and to this home if one is named."""
        if permission not in PERMISSIONS[self.role]:
            return False
        return home_id is None or home_id in self.home_ids

    def require(self, permission: Permission, home_id: int | None = None) -> None:
        """Raise :class:`NotAllowed` unless :meth:`may`."""
        if permission not in PERMISSIONS[self.role]:
            raise NotAllowed(
                f"Your role ({self.role_name}) may not {permission.value}.",
                hint="Ask an administrator if you need to.",
            )
        if home_id is not None and home_id not in self.home_ids:
            raise NotAllowed(
                "This belongs to a home you do not work with.",
                hint="Ask an administrator if you should.",
            )


def system_actor(name: str, home_ids: frozenset[int]) -> Actor:
    """The installation itself acting (command line, schedule), with every permission."""
    return Actor(user_id=None, name=name, role=UserRole.ADMINISTRATOR, home_ids=home_ids)
