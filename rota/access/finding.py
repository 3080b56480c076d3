"""What somebody may find by typing: people, units and homes of their own, and days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, homes_of
from rota.calendar import date_text, weekday_text
from rota.models import Role, Staff

#: fewer letters find too much to be of use
LEAST_LETTERS = 2
MOST_LETTERS = 60
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ ./-]([a-z]{3,9}|\d{1,2})\.?(?:[ ./-](\d{4}))?")


class Kind(StrEnum):
    """What was found."""

    PERSON = "Person"
    UNIT = "Unit"
    HOME = "Home"
    DAY = "Day"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that matches; ids say where it is, ``day`` is set for a day."""

    kind: Kind
    name: str
    detail: str = ""
    home_id: int | None = None
    unit_id: int | None = None
    person_id: int | None = None
    day: date | None = None


def find(session: Session, actor: Actor, text: str, today: date, *, limit: int = 10) -> list[Found]:
    """Days, homes, units and active people of the actor's homes that match ``text``.

    Two statements. Raises :class:`~rota.errors.NotAllowed` without the permission to see a rota.
    People are found by parts of their name or the beginning of their SAP number.
    """
    actor.require(Permission.VIEW_ROTA)
    words = " ".join(text.split())[:MOST_LETTERS].lower()
    if len(words) < LEAST_LETTERS:
        return []
    found: list[Found] = []
    day = day_called(words, today)
    if day is not None:
        found.append(
            Found(Kind.DAY, f"{weekday_text(day)} {date_text(day)}", "Rota of that day", day=day)
        )
    homes = homes_of(session, actor)
    found += _places(homes, words)
    found += _people(session, homes, words, limit)
    return found[:limit]


def day_called(words: str, today: date) -> date | None:
    """The day that ``3 mar``, ``3/3``, ``2026-03-03``, ``today`` or ``tomorrow`` means.

    Without a year it is the nearest such day to today.
    """
    near = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if words in near:
        return today + timedelta(days=near[words])
    try:
        return date.fromisoformat(words)
    except ValueError:
        pass
    match = _DAY.fullmatch(words)
    if not match:
        return None
    day, name, year = match.groups()
    month = int(name) if name.isdigit() else _month(name)
    years = [int(year)] if year else [today.year - 1, today.year, today.year + 1]
    possible = [d for y in years if (d := _date(y, month, int(day))) is not None]
    return min(possible, key=lambda d: abs((d - today).days), default=None)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _places(homes: Sequence[HomeChoice], words: str) -> list[Found]:
    found = [Found(Kind.HOME, h.name, home_id=h.id) for h in homes if words in h.name.lower()]
    found += [
        Found(Kind.UNIT, unit.name, home.name, home.id, unit.id)
        for home in homes
        for unit in home.units
        if words in unit.name.lower()
    ]
    return found


def _people(session: Session, homes: Sequence[HomeChoice], words: str, limit: int) -> list[Found]:
    names = {home.id: home.name for home in homes}
    units = {unit.id: unit.name for home in homes for unit in home.units}
    full = func.lower(Staff.first_name + " " + Staff.last_name)
    rows = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name, Role.code, Staff.home_id, Staff.unit_id)
        .join(Role, Role.id == Staff.role_id)
        .where(
            Staff.home_id.in_(sorted(names)),
            Staff.is_active,
            or_(
                full.contains(words, autoescape=True),
                func.lower(Staff.sap_number).startswith(words, autoescape=True),
            ),
        )
        .order_by(Staff.last_name, Staff.first_name, Staff.id)
        .limit(limit)
    )
    found = []
    for staff_id, first, last, role, home_id, unit_id in rows:
        unit = units.get(unit_id, "") if unit_id is not None else ""
        home = names.get(home_id, "") if home_id is not None else ""
        detail = " · ".join(part for part in (role, unit, home) if part)
        place = unit_id if unit else None
        found.append(
            Found(Kind.PERSON, f"{first} {last}".strip(), detail, home_id, place, staff_id)
        )
    return found
