"""What a rota screen is about, and what the browser says was done on it.

Everything here came from outside: it is parsed strictly, and homes and units are looked up
among the actor's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from rota.access.scope import HomeChoice, choose_home, choose_unit, homes_of
from rota.calendar import Period, weeks_from
from rota.errors import InvalidInput
from rota.roster.cells import CellEdit
from rota.roster.edits import ShiftRef
from server.context import current_actor, reading

_ROW = re.compile(r"([pao])([0-9]{1,9})")
_TOKEN = re.compile(r"([0-9]{1,15}):([0-9]{1,9})")
_ACTIONS = frozenset({"select", "assign", "clear", "lock", "undo", "redo", "cells", "move"})
_HOWS = frozenset({"paint", "clear", "fill", "paste"})
#: what could come from one screen at all; the service says how many may be changed
_MOST_SENT = 200 * 28
_LONGEST_CODE = 40
_WEEKS = frozenset({1, 2, 4})
_MOST_UNDONE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """The home, unit (or all) and weeks of a screen, within what the actor may see."""

    home: HomeChoice
    unit_id: int | None
    period: Period

    @property
    def unit_name(self) -> str:
        """The unit's name, or nothing for the whole home."""
        return next((unit.name for unit in self.home.units if unit.id == self.unit_id), "")

    def stored(self) -> dict[str, Any]:
        """As the page keeps it in the browser."""
        return {
            "home": self.home.id,
            "unit": self.unit_id,
            "start": self.period.start.isoformat(),
            "weeks": self.period.days // 7,
        }


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing done with mouse or keyboard; ``shifts`` are those the cell showed.

    ``origin`` is the shift that is moved to the cell; ``cells`` are several cells at once,
    and ``how`` they are changed: painted, cleared, filled down or pasted.
    """

    action: str
    row: str = ""
    day: date | None = None
    code: str = ""
    shifts: tuple[ShiftRef, ...] = ()
    origin: tuple[ShiftRef, ...] = ()
    how: str = ""
    cells: tuple[CellEdit, ...] = ()

    @property
    def staff_id(self) -> int | None:
        """The person whose line it was, if it was a person's."""
        return int(self.row[1:]) if self.row.startswith("p") else None


def place_of(stored: object) -> Place:
    """The place a page kept, looked up again. Raises when it is not the actor's (any more)."""
    if not isinstance(stored, dict):
        raise InvalidInput("The screen has lost its place.", hint="Load the page again.")
    weeks = stored.get("weeks")
    if weeks not in _WEEKS:
        raise InvalidInput("A period is 1, 2 or 4 weeks.", hint="Load the page again.")
    with reading() as session:
        home = choose_home(homes_of(session, current_actor()), _number(stored.get("home")))
    unit = stored.get("unit")
    chosen = choose_unit(home, None if unit is None else _number(unit))
    period = weeks_from(_day(stored.get("start")), weeks)
    return Place(home, chosen.id if chosen else None, period)


def intent_of(data: object) -> Intent:
    """What the grid says was done. Raises :class:`InvalidInput` for anything it cannot say."""
    if not isinstance(data, dict) or data.get("action") not in _ACTIONS:
        raise InvalidInput("That could not be read.", hint="Load the page again.")
    action = data["action"]
    if action in ("undo", "redo"):
        return Intent(action)
    if action == "cells":
        return Intent(action, code=_code(data), how=_how(data), cells=_cells(data.get("cells")))
    row, day, code = data.get("row"), data.get("day"), data.get("code", "")
    if not isinstance(row, str) or not isinstance(code, str) or len(code) > _LONGEST_CODE:
        raise InvalidInput("That could not be read.", hint="Load the page again.")
    if not _ROW.fullmatch(row):
        return Intent("select")
    shifts, origin = _refs(data.get("seen", "")), _refs(data.get("from", ""))
    return Intent(action, row, _day(day) if day else None, code, shifts, origin)


def _code(data: dict[str, Any]) -> str:
    code = data.get("code", "")
    if not isinstance(code, str) or len(code) > _LONGEST_CODE:
        raise InvalidInput("That could not be read.", hint="Load the page again.")
    return code


def _how(data: dict[str, Any]) -> str:
    how = data.get("how")
    if how not in _HOWS:
        raise InvalidInput("That could not be read.", hint="Load the page again.")
    return str(how)


def _cells(entries: object) -> tuple[CellEdit, ...]:
    """``[row, day, token, code]`` of each cell; lines that are nobody's are left out."""
    if not isinstance(entries, list) or len(entries) > _MOST_SENT:
        raise InvalidInput("That could not be read.", hint="Load the page again.")
    found: dict[tuple[int, date], CellEdit] = {}
    for entry in entries:
        if not isinstance(entry, list) or len(entry) != 4:
            raise InvalidInput("That could not be read.", hint="Load the page again.")
        row, day, seen, code = entry
        match = _ROW.fullmatch(row) if isinstance(row, str) else None
        if match is None or not isinstance(code, str) or len(code) > _LONGEST_CODE:
            raise InvalidInput("That could not be read.", hint="Load the page again.")
        if match[1] == "p":
            cell = CellEdit(int(match[2]), _day(day), code, _refs(seen))
            found[cell.staff_id, cell.day] = cell
    return tuple(found.values())


def _refs(seen: object) -> tuple[ShiftRef, ...]:
    if not seen:
        return ()
    parts = seen.split(",") if isinstance(seen, str) else []
    found = [_TOKEN.fullmatch(part) for part in parts]
    if not found or len(found) > 10 or not all(found):
        raise InvalidInput("That could not be read.", hint="Load the page again.")
    return tuple(ShiftRef(int(match[1]), int(match[2])) for match in found if match)


def whole_number(value: object) -> int:
    """A whole number that went through the browser, as such or as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
        return value
    raise InvalidInput("That could not be read.", hint="Load the page again.")


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise InvalidInput("That could not be read.", hint="Load the page again.")
    return value


def _day(value: object) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> date:
    raise InvalidInput("That is not a day.", hint="Load the page again.")


@dataclass(frozen=True, slots=True)
class History:
    """The change sets made (and undone) since the page was opened, newest last."""

    undo: tuple[int, ...] = ()
    redo: tuple[int, ...] = ()

    @classmethod
    def of(cls, stored: object) -> History:
        """As the page kept it; what cannot be read is an empty history."""
        if not isinstance(stored, dict):
            return cls()
        lists = (stored.get("undo"), stored.get("redo"))
        undo, redo = (
            tuple(entry for entry in part if isinstance(entry, int))
            if isinstance(part, list)
            else ()
            for part in lists
        )
        return cls(undo, redo)

    def stored(self) -> dict[str, list[int]]:
        """As the page keeps it in the browser."""
        return {"undo": list(self.undo[-_MOST_UNDONE:]), "redo": list(self.redo[-_MOST_UNDONE:])}

    def done(self, change_set_id: int) -> History:
        """Something new was done: it can be undone, and nothing can be redone."""
        return History((*self.undo, change_set_id))

    def undone(self, change_set_id: int, undoing_id: int) -> History:
        """A change was undone by another, which can be undone in turn (redo)."""
        left = tuple(entry for entry in self.undo if entry != change_set_id)
        return History(left, (*self.redo, undoing_id))

    def redone(self, undoing_id: int, redoing_id: int) -> History:
        """An undoing was undone."""
        left = tuple(entry for entry in self.redo if entry != undoing_id)
        return History((*self.undo, redoing_id), left)
