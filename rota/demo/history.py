"""The record of changes: gaps that sickness tore open at short notice and somebody filled.

Each is one change set that says what the shift was before (a vacancy) and after, as if it
had been assigned on screen; it can be undone there, and short-notice changes are counted
from it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from rota.demo.horizon import stamp
from rota.demo.writer import Value
from rota.models import Classification

CHANGE_SET_COLUMNS = ("id", "home_id", "user_id", "kind", "label", "created_at")
CHANGE_ITEM_COLUMNS = ("change_set_id", "shift_id", "before", "after")
_INSTANTS = ("starts_at", "ends_at", "vacant_since")
_OF_THE_ROW = ("id", "version")


class ChangeHistory:
    """Collects change sets of a home, numbered from ``first_id`` on, until they are written."""

    def __init__(self, home_id: int, manager: int, first_id: int, rng: random.Random) -> None:
        self.next_id = first_id
        self.sets: list[tuple[Value, ...]] = []
        self.items: list[tuple[Value, ...]] = []
        self._home_id = home_id
        self._manager = manager
        self._rng = rng

    def note_fill(self, shift: Mapping[str, Value], label: str) -> int:
        """Note that this shift (a row by column) was a gap before; gives the change set's id.

        Most gaps are filled within two days of the shift, the others within four.
        """
        starts_at = datetime.fromisoformat(f"{shift['starts_at']}+00:00")
        hours = self._rng.choice((3, 5, 9, 14, 20, 28, 40, 60, 96))
        noticed = starts_at - timedelta(hours=hours + self._rng.random())
        after = _state(shift)
        before = after | {
            "user_id": None, "agency_id": None, "agency_worker": "", "is_vacant": True,
            "classification": Classification.REGULAR.value, "vacancy_reason": "sickness",
            "vacant_since": (noticed - timedelta(hours=1)).isoformat(), "cost_pence": 0,
        }  # fmt: skip
        change = self.next_id
        self.next_id += 1
        self.sets.append((change, self._home_id, self._manager, "assign", label, stamp(noticed)))
        self.items.append((change, shift["id"], json.dumps(before), json.dumps(after)))
        return change

    def take(self) -> tuple[list[tuple[Value, ...]], list[tuple[Value, ...]]]:
        """What was collected since the last time, to be written."""
        taken = self.sets, self.items
        self.sets, self.items = [], []
        return taken


def _state(shift: Mapping[str, Value]) -> dict[str, object]:
    """A shift as the record of changes keeps it: instants in ISO form, JSON as such."""
    state: dict[str, object] = {
        name: value for name, value in shift.items() if name not in _OF_THE_ROW
    }
    for name in _INSTANTS:
        if state[name] is not None:
            state[name] = datetime.fromisoformat(f"{state[name]}+00:00").isoformat()
    return state | {"legacy": {}, "legacy_pk": None}
