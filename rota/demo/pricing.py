"""What the shifts of the demo cost: the product's own pricing, remembered by what matters."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from rota.costs.rates import RateBook, ShiftFacts, cost_of_shift
from rota.demo.horizon import Clocked, Horizon
from rota.demo.kinds import SPEC_OF
from rota.demo.rota import Slot
from rota.models import Classification

_SATURDAY = 5


class Pricer:
    """Prices slots. Two shifts that differ only in the day, within one set of rates, cost
    the same: 360 000 shifts need a few thousand calculations."""

    def __init__(self, book: RateBook, horizon: Horizon) -> None:
        self._book = book
        self._horizon = horizon
        changes = {row.effective_from for row in book.on_costs.rows}
        for history in (*book.pay.values(), *book.agency.values()):
            changes |= {row.effective_from for row in history.rows}
        self._epoch = [sum(change <= day for change in changes) for day in horizon.days]
        self._known: dict[tuple[object, ...], int | None] = {}

    def pence(self, slot: Slot, role_id: int, clocked: Clocked) -> int | None:
        """The cost of a slot that somebody works; null when a rate is missing."""
        horizon, day = self._horizon, slot.day
        key = (
            role_id, self._epoch[day], horizon.weekday[day] >= _SATURDAY,
            horizon.is_holiday[day], SPEC_OF[slot.kind].band, slot.source, slot.agency,
            clocked.paid_minutes,
        )  # fmt: skip
        if key not in self._known:
            facts = ShiftFacts(
                role_id=role_id, date=horizon.days[day],
                starts_at=datetime.fromisoformat(clocked.starts_at + "+00:00"),
                ends_at=datetime.fromisoformat(clocked.ends_at + "+00:00"),
                paid_minutes=clocked.paid_minutes, band=SPEC_OF[slot.kind].band,
                classification=slot.source, agency_id=slot.agency,
                is_bank_holiday=horizon.is_holiday[day],
            )  # fmt: skip
            self._known[key] = cost_of_shift(facts, self._book).total_pence
        return self._known[key]


class Spending:
    """What a home spent, by month and source, and the hours of its bank staff."""

    def __init__(self, horizon: Horizon) -> None:
        self._months = [day.replace(day=1) for day in horizon.days]
        self.pence: defaultdict[tuple[date, Classification], int] = defaultdict(int)
        self.bank_minutes: defaultdict[tuple[int, date], int] = defaultdict(int)

    def note(self, slot: Slot, pence: int | None, minutes: int) -> None:
        """Count a shift that somebody works."""
        month = self._months[slot.day]
        self.pence[month, slot.source] += pence or 0
        if slot.source is Classification.BANK and slot.person is not None:
            self.bank_minutes[slot.person, month] += minutes
