"""Shift types as plain values, with the roles that may work them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.calendar import duration_minutes, shift_instants
from rota.errors import InvalidInput
from rota.models import Band, Role, ShiftType, shift_type_roles


@dataclass(frozen=True, slots=True)
class ShiftKind:
    """A shift type: local times, minutes of break, and what it counts as.

    ``roles`` are the codes of the roles that may work it; empty is anybody.
    """

    id: int
    code: str
    name: str
    start_time: time
    end_time: time
    break_minutes: int
    break_is_paid: bool
    band: Band
    category: str
    is_senior: bool
    is_sleep_in: bool
    counts_as_working_time: bool
    counts_to_cover: bool
    is_active: bool
    roles: frozenset[str]

    @property
    def is_night(self) -> bool:
        """Whether it belongs to the night."""
        return self.band is Band.NIGHT

    @property
    def hours_text(self) -> str:
        """``08:00–20:00``."""
        return f"{self.start_time:%H:%M}–{self.end_time:%H:%M}"

    def instants(self, day: date) -> tuple[datetime, datetime]:
        """When it starts and ends on a rota day, aware UTC."""
        return shift_instants(day, self.start_time, self.end_time)

    def paid_minutes(self, starts_at: datetime, ends_at: datetime) -> int:
        """Minutes paid between two instants: the break is taken off unless it is paid."""
        unpaid = 0 if self.break_is_paid else self.break_minutes
        return max(0, duration_minutes(starts_at, ends_at) - unpaid)


_COLUMNS = tuple(ShiftType.__table__.c[name] for name in ShiftKind.__slots__ if name != "roles")


def load_shift_kinds(session: Session) -> dict[int, ShiftKind]:
    """Every shift type by id, in order of the time it starts. Two statements."""
    roles: dict[int, set[str]] = {}
    pairs = select(shift_type_roles.c.shift_type_id, Role.code).join(
        Role, Role.id == shift_type_roles.c.role_id
    )
    for type_id, code in session.execute(pairs):
        roles.setdefault(type_id, set()).add(code)
    rows = session.execute(select(*_COLUMNS).order_by(ShiftType.start_time, ShiftType.code))
    return {
        row.id: ShiftKind(**row._mapping, roles=frozenset(roles.get(row.id, ()))) for row in rows
    }


def kind_by_code(kinds: dict[int, ShiftKind], code: str) -> ShiftKind:
    """The active shift type of a code. Raises :class:`InvalidInput` when there is none."""
    for kind in kinds.values():
        if kind.code == code and kind.is_active:
            return kind
    raise InvalidInput(f"There is no shift code “{code[:40]}”.", hint="Choose one of the palette.")
