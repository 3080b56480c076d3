"""How much agencies may work in each week, for the problem and for the draft alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from rota.models import Band, Shift
from rota.optimisation.home_data import HISTORY_DAYS, HomeData
from rota.optimisation.problem import Demand, Supply

#: the source of a demand's step that an agency fills
AGENCY = "agency"


def week_of(day: date) -> date:
    """The Monday of a day's week: caps count by calendar weeks."""
    return day - timedelta(days=day.weekday())


class Caps:
    """Agency minutes that are left in each week beside the home's shifts that stand."""

    def __init__(self, data: HomeData) -> None:
        self._cap = {agency.id: agency.weekly_cap_minutes for agency in data.agencies}
        self._used: dict[tuple[int, date], int] = defaultdict(int)
        for shift in data.shifts:
            if shift.agency_id in self._cap and _stands(data, shift):
                self.use(shift.agency_id or 0, shift.date, shift.paid_minutes)

    def left(self, agency_id: int, day: date) -> int | None:
        """Minutes left in the week of ``day``; null: no cap."""
        cap = self._cap[agency_id]
        return None if cap is None else max(0, cap - self._used[agency_id, week_of(day)])

    def has_room(self, agency_id: int, day: date, minutes: int) -> bool:
        left = self.left(agency_id, day)
        return left is None or minutes <= left

    def use(self, agency_id: int, day: date, minutes: int) -> None:
        self._used[agency_id, week_of(day)] += minutes

    def whole_shifts(self, day: date, minutes: int) -> int | None:
        """Minutes that all agencies together can fill in the week of ``day`` with shifts of
        ``minutes``; null: as many as you like."""
        total = 0
        for agency_id in self._cap:
            left = self.left(agency_id, day)
            if left is None:
                return None
            total += left // minutes * minutes
        return total


def _stands(data: HomeData, shift: Shift) -> bool:
    """Whether the optimiser leaves this shift of the home as it is: before the period (in its
    first week), locked, or beside the cover."""
    kept = shift.date < data.start or data.is_locked(shift) or shift.is_supernumerary
    return shift.home_id == data.home_id and kept


def weekly_caps(
    data: HomeData, demands: Sequence[Demand], minutes: Mapping[Band, int]
) -> tuple[Supply, ...]:
    """The agencies' caps over the demands that they may fill, week by week.

    ``minutes`` is the longest shift of each band. What lies beyond a cap costs what makes it
    as dear as a gap, so that the optimiser neither counts on agency hours that nobody sells
    nor prefers them to its own people for being cheap.
    """
    caps = Caps(data)
    weeks: dict[date, dict[int, int]] = defaultdict(dict)
    for number, demand in enumerate(demands):
        if demand.shortage[0].source == AGENCY:
            band = Band(demand.name.split("/")[1])
            day = data.start + timedelta(days=demand.day - HISTORY_DAYS)
            weeks[week_of(day)][number] = minutes[band]
    found = []
    for week, places in sorted(weeks.items()):
        limit = caps.whole_shifts(week, min(places.values()))
        if limit is None:
            continue
        beyond = min(
            (demands[n].shortage[-1].price - demands[n].shortage[0].price) // each
            for n, each in places.items()
        )
        found.append(Supply(AGENCY, limit, beyond, dict(places)))
    return tuple(found)
