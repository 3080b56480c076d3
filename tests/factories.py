"""Small makers of what a test needs. Each flushes and returns the row."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.models import (
    Band,
    CareHome,
    CoverRequirement,
    Grade,
    LeaveRequest,
    LeaveType,
    Role,
    Shift,
    ShiftType,
    Staff,
    Unit,
    User,
    UserRole,
)

T = TypeVar("T")
_numbers = itertools.count(1)
LONDON = ZoneInfo("Europe/London")
#: a Monday without a clock change near it
MONDAY = date(2026, 6, 1)


class _Everywhere(frozenset[int]):
    """The scope of somebody who may work with every home, whatever ids a test makes."""

    def __contains__(self, item: object) -> bool:
        return True


def administrator() -> Actor:
    """An actor with every permission on every home."""
    return Actor(None, "Test administrator", UserRole.ADMINISTRATOR, _Everywhere())


def actor(role: UserRole, *homes: CareHome, user_id: int | None = None, **more: Any) -> Actor:
    """An actor of this role who works with these homes."""
    return Actor(user_id, f"Test {role.value}", role, frozenset(h.id for h in homes), **more)


def _add(session: Session, row: T) -> T:
    session.add(row)
    session.flush()
    return row


def make_home(session: Session, name: str | None = None, **fields: Any) -> CareHome:
    """A care home."""
    name = name or f"Home {next(_numbers)}"
    return _add(session, CareHome(name=name, beds=fields.pop("beds", 40), legacy={}, **fields))


def make_unit(session: Session, home: CareHome, name: str | None = None, **fields: Any) -> Unit:
    """A unit of a home."""
    name = name or f"Unit {next(_numbers)}"
    return _add(session, Unit(home_id=home.id, name=name, legacy={}, **fields))


def make_role(session: Session, code: str = "SCA", **fields: Any) -> Role:
    """A role; the same code gives the same role."""
    found = session.query(Role).filter_by(code=code).one_or_none()
    if found:
        return found
    fields.setdefault("grade", Grade.SENIOR if code.startswith("SS") else Grade.ASSISTANT)
    return _add(session, Role(code=code, name=fields.pop("name", code), legacy={}, **fields))


def make_staff(session: Session, unit: Unit, role: Role | None = None, **fields: Any) -> Staff:
    """A person of a unit, 35 hours a week."""
    number = next(_numbers)
    fields.setdefault("contracted_minutes", 35 * 60)
    fields.setdefault("first_name", "Ailsa")
    fields.setdefault("last_name", f"Innes{number}")
    fields.setdefault("started_on", date(2020, 1, 6))
    fields.setdefault("date_of_birth", date(1985, 5, 5))
    fields.setdefault("registration_number", f"R{number}")
    fields.setdefault("registration_expires", date(2035, 1, 1))
    return _add(
        session,
        Staff(
            sap_number=fields.pop("sap_number", f"{number:06d}"),
            role_id=(role or make_role(session)).id,
            home_id=unit.home_id,
            unit_id=unit.id,
            legacy={},
            **fields,
        ),
    )


def make_shift_type(session: Session, code: str = "D", **fields: Any) -> ShiftType:
    """A shift type: ``D`` 08–20, ``N`` 20–08, ``E`` 07–15 or what is given; once per code."""
    found = session.query(ShiftType).filter_by(code=code).one_or_none()
    if found:
        return found
    known = {
        "D": (time(8), time(20), Band.DAY, "day", 60),
        "N": (time(20), time(8), Band.NIGHT, "night", 60),
        "E": (time(7), time(15), Band.DAY, "early", 30),
        "L": (time(14), time(22), Band.DAY, "late", 30),
    }
    start, end, band, category, pause = known.get(code, known["D"])
    fields = {
        "name": code, "start_time": start, "end_time": end, "band": band,
        "category": category, "break_minutes": pause, **fields,
    }  # fmt: skip
    return _add(session, ShiftType(code=code, legacy={}, **fields))


def instants(day: date, start: time, end: time) -> tuple[datetime, datetime]:
    """Start and end of a shift in UTC; an end at or before the start is on the next day."""
    last = day if end > start else day + timedelta(days=1)
    return (
        datetime.combine(day, start, LONDON).astimezone(UTC),
        datetime.combine(last, end, LONDON).astimezone(UTC),
    )


def make_shift(
    session: Session,
    unit: Unit,
    staff: Staff | None = None,
    day: date = MONDAY,
    code: str = "D",
    **fields: Any,
) -> Shift:
    """A shift of a person, or a vacancy when nobody is given."""
    kind = make_shift_type(session, code)
    starts_at, ends_at = instants(day, kind.start_time, kind.end_time)
    fields.setdefault("is_vacant", staff is None and "agency_id" not in fields)
    paid = int((ends_at - starts_at).total_seconds()) // 60
    return _add(
        session,
        Shift(
            home_id=unit.home_id, unit_id=unit.id, user_id=staff.id if staff else None, date=day,
            shift_type_id=kind.id, starts_at=starts_at, ends_at=ends_at,
            break_minutes=kind.break_minutes, paid_minutes=fields.pop("paid_minutes", paid),
            legacy={}, **fields,
        ),
    )  # fmt: skip


def make_leave(
    session: Session, staff: Staff, start: date, end: date, **fields: Any
) -> LeaveRequest:
    """A leave request."""
    fields.setdefault("leave_type", LeaveType.ANNUAL)
    return _add(
        session,
        LeaveRequest(
            staff_id=staff.id, home_id=staff.home_id, start_date=start, end_date=end, legacy={},
            **fields,
        ),
    )  # fmt: skip


def make_requirement(session: Session, unit: Unit, band: Band = Band.DAY, **fields: Any) -> Any:
    """How many people a unit needs; 2 at least, 3 ideally."""
    fields = {"minimum": 2, "ideal": 3, "effective_from": date(2020, 1, 1), **fields}
    return _add(session, CoverRequirement(unit_id=unit.id, band=band, **fields))


def make_user(session: Session, role: UserRole, **fields: Any) -> User:
    """An account without a usable password."""
    number = next(_numbers)
    fields.setdefault("sap_number", f"U{number:05d}")
    return _add(session, User(name=fields.pop("name", f"User {number}"), role=role, **fields))
