"""From the slots of a home to rows of the table of shifts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from rota.demo.history import ChangeHistory
from rota.demo.horizon import Horizon, at, stamp
from rota.demo.kinds import SPEC_OF
from rota.demo.names import person_name
from rota.demo.people import HomePlan
from rota.demo.pricing import Pricer, Spending
from rota.demo.reference import ROLE_IDS, SHIFT_TYPE_IDS
from rota.demo.rota import Slot
from rota.demo.writer import Value

SHIFT_COLUMNS = (
    "id", "home_id", "unit_id", "user_id", "agency_id", "agency_worker", "role_id", "date",
    "shift_type_id", "starts_at", "ends_at", "break_minutes", "paid_minutes", "is_vacant",
    "classification", "is_supernumerary", "is_locked", "is_published", "note", "vacancy_reason",
    "vacant_since", "cost_pence", "legacy", "version", "change_set_id",
)  # fmt: skip
_RECORDED = SHIFT_COLUMNS[:-1]
#: agency workers come from beyond the organisation's own list of names
_FIRST_AGENCY_NAME = 23_000
_AGENCY_WORKERS = 240


class ShiftRows:
    """Turns slots into rows, numbering them from ``first_id`` on."""

    def __init__(
        self, home: HomePlan, horizon: Horizon, pricer: Pricer, first_id: int,
        history: ChangeHistory,
        rng: random.Random,
    ) -> None:  # fmt: skip
        self.next_id = first_id
        self.spending = Spending(horizon)
        self._home = home
        self._horizon = horizon
        self._pricer = pricer
        self._history = history
        self._rng = rng
        names = (person_name(_FIRST_AGENCY_NAME + n) for n in range(_AGENCY_WORKERS))
        self._workers = [f"{first} {last}" for first, last in names]

    def rows(self, slots: list[Slot]) -> Iterator[tuple[Value, ...]]:
        """The rows of these slots, in order."""
        for slot in slots:
            row = self._row(slot)
            change = None
            if slot.fills_sickness and slot.day <= self._horizon.today_index:
                shift = dict(zip(_RECORDED, row, strict=True))
                change = self._history.note_fill(shift, self._label(slot))
            yield (*row, change)
            self.next_id += 1

    def _label(self, slot: Slot) -> str:
        """What the record of changes calls the filling of a gap."""
        who = "an agency worker"
        if slot.person is not None:
            who = " ".join(person_name(self._home.people[slot.person].number))
        day = self._horizon.days[slot.day]
        return f"{SPEC_OF[slot.kind].code} on {day.day} {day:%b} to {who} (sickness)"

    def _row(self, slot: Slot) -> tuple[Value, ...]:
        horizon, home = self._horizon, self._home
        clocked = horizon.clocked(slot.day, slot.kind)
        person = home.people[slot.person] if slot.person is not None else None
        is_vacant = person is None and slot.agency is None
        cost: int | None = 0
        if not is_vacant:
            role_id = person.role_id if person else ROLE_IDS[slot.role]
            cost = self._pricer.pence(slot, role_id, clocked)
            self.spending.note(slot, cost, clocked.paid_minutes)
        return (
            self.next_id,
            home.id,
            home.units[slot.unit].id,
            person.id if person else None,
            slot.agency,
            self._rng.choice(self._workers) if slot.agency else "",
            ROLE_IDS[slot.role] if slot.role else None,
            horizon.iso[slot.day],
            SHIFT_TYPE_IDS[slot.kind],
            clocked.starts_at,
            clocked.ends_at,
            SPEC_OF[slot.kind].break_minutes,
            clocked.paid_minutes,
            is_vacant,
            slot.source.value,
            slot.supernumerary,
            False,
            slot.day < horizon.published_until,
            "",
            slot.reason,
            self._vacant_since(slot) if is_vacant else None,
            cost,
            "{}",
            1,
        )

    def _vacant_since(self, slot: Slot) -> str:
        """Sickness leaves a gap a day or two before; leave and unfilled posts long before."""
        day = self._horizon.days[slot.day]
        days = self._rng.randrange(0, 3) if slot.reason == "sickness" else 14 + slot.day % 21
        return stamp(at(min(day, self._horizon.today) - timedelta(days=days), 9))
