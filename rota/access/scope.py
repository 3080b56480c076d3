"""What an actor can choose among: homes, and the units of a home."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.errors import NotAllowed
from rota.models import CareHome, Unit


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit by name."""

    id: int
    home_id: int
    name: str
    is_management: bool


@dataclass(frozen=True, slots=True)
class HomeChoice:
    """A home by name, with the version of its data (the key of what is cached about it)."""

    id: int
    name: str
    data_version: int
    units: tuple[UnitChoice, ...]


def homes_of(session: Session, actor: Actor) -> list[HomeChoice]:
    """The actor's active homes with their active units, by name. One statement."""
    rows = session.execute(
        select(
            CareHome.id, CareHome.name, CareHome.data_version,
            Unit.id.label("unit_id"), Unit.name.label("unit"), Unit.is_management,
        )
        .outerjoin(Unit, (Unit.home_id == CareHome.id) & Unit.is_active)
        .where(CareHome.id.in_(sorted(actor.home_ids)), CareHome.is_active)
        .order_by(CareHome.name, Unit.is_management, Unit.name)
    )  # fmt: skip
    units: dict[int, list[UnitChoice]] = {}
    heads: dict[int, tuple[str, int]] = {}
    for home_id, name, version, unit_id, unit, is_management in rows:
        heads[home_id] = (name, version)
        found = units.setdefault(home_id, [])
        if unit_id is not None:
            found.append(UnitChoice(unit_id, home_id, unit, is_management))
    return [HomeChoice(i, name, version, tuple(units[i])) for i, (name, version) in heads.items()]


def everywhere(session: Session) -> int:
    """A number that changes whenever the data of any home does: the key of what is cached
    about people of several homes."""
    return session.scalar(select(func.sum(CareHome.data_version))) or 0


def choose_home(homes: list[HomeChoice], home_id: int | None) -> HomeChoice:
    """The home that was asked for, or the first; :class:`NotAllowed` for anybody else's."""
    if not homes:
        raise NotAllowed(
            "No home has been given to you yet.", hint="Ask an administrator for your homes."
        )
    if home_id is None:
        return homes[0]
    for home in homes:
        if home.id == home_id:
            return home
    raise NotAllowed(
        "This belongs to a home you do not work with.", hint="Choose one of your own homes."
    )


def choose_unit(home: HomeChoice, unit_id: int | None) -> UnitChoice | None:
    """The unit of the home that was asked for; null for all of them."""
    if unit_id is None:
        return None
    for unit in home.units:
        if unit.id == unit_id:
            return unit
    raise NotAllowed("This unit is not part of the home.", hint="Choose a unit of this home.")
