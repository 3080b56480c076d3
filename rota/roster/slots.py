"""Cover slot by slot: planned against needed, for a unit or several units together.

What counts is said in :mod:`rota.roster.cover`, what is needed is resolved in
:mod:`rota.roster.requirements`; here the two meet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.models import Band, Shift, ShiftType
from rota.portable_sql import as_number
from rota.roster.cover import COUNTS, IS_SENIOR, with_worker
from rota.roster.requirements import Need, requirements

Needs = Mapping[tuple[int, date, Band], Need]
_NOTHING = Need(0, 0, 0)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One unit, rota day and band: where cover is counted."""

    unit_id: int
    day: date
    band: Band


@dataclass(frozen=True, slots=True)
class SlotCover:
    """People planned against people needed. ``senior`` is part of ``planned``."""

    planned: int = 0
    senior: int = 0
    minimum: int = 0
    ideal: int = 0
    senior_minimum: int = 0

    @property
    def short(self) -> int:
        """People missing to the minimum."""
        return max(0, self.minimum - self.planned)

    @property
    def seniors_short(self) -> int:
        """Seniors missing to their minimum."""
        return max(0, self.senior_minimum - self.senior)

    @property
    def spare(self) -> int:
        """People above the minimum."""
        return max(0, self.planned - self.minimum)

    @property
    def text(self) -> str:
        """``3/4``: planned of required."""
        return f"{self.planned}/{self.minimum}"

    def less(self, people: int = 1, seniors: int = 0) -> SlotCover:
        """The same slot with people taken away."""
        return replace(
            self,
            planned=max(0, self.planned - people),
            senior=max(0, self.senior - seniors),
        )


class CoverTable:
    """Cover of some units over a period: what is planned, and what each slot needs."""

    def __init__(self, planned: Mapping[Slot, tuple[int, int]], needs: Needs) -> None:
        """``planned`` is (people, seniors among them) by slot."""
        self._planned = planned
        self._needs = needs
        self._days = {(slot.unit_id, slot.day) for slot in planned}

    def at(self, slot: Slot) -> SlotCover:
        """Planned and needed in a slot."""
        planned, senior = self._planned.get(slot, (0, 0))
        need = self._needs.get((slot.unit_id, slot.day, slot.band), _NOTHING)
        return SlotCover(planned, senior, need.minimum, need.ideal, need.senior_minimum)

    def covered(self, unit_ids: Iterable[int], day: date, band: Band) -> SlotCover:
        """Several units taken together without letting one's surplus hide another's gap.

        ``planned`` is how many of the people required are there; for a single unit it is
        everybody who is.
        """
        slots = [self.at(Slot(unit_id, day, band)) for unit_id in unit_ids]
        if len(slots) == 1:
            return slots[0]
        return SlotCover(
            sum(min(slot.planned, slot.minimum) for slot in slots),
            sum(min(slot.senior, slot.senior_minimum) for slot in slots),
            sum(slot.minimum for slot in slots),
            sum(slot.ideal for slot in slots),
            sum(slot.senior_minimum for slot in slots),
        )

    def is_planned(self, unit_id: int, day: date) -> bool:
        """Whether anybody is rostered (or a vacancy open) in the unit on that day at all."""
        return (unit_id, day) in self._days


def cover_table(session: Session, unit_ids: Collection[int], period: Period) -> CoverTable:
    """The cover of units over a period, in two statements."""
    units = sorted(set(unit_ids))
    filled = Shift.is_vacant.is_(False)
    rows = session.execute(
        with_worker(
            select(
                Shift.unit_id,
                Shift.date,
                ShiftType.band,
                func.sum(as_number(filled)),
                func.sum(as_number(and_(filled, IS_SENIOR))),
            ).select_from(Shift)
        )
        .where(Shift.unit_id.in_(units), Shift.date.between(period.start, period.end), COUNTS)
        .group_by(Shift.unit_id, Shift.date, ShiftType.band)
    )
    planned = {Slot(unit, day, band): (int(n), int(s)) for unit, day, band, n, s in rows}
    return CoverTable(planned, requirements(session, units, period.start, period.end))
