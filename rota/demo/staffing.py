"""How many people a manager plans for a unit on a day, and which gaps stay open."""

from __future__ import annotations

import random

from rota.demo.census import UnitCensus
from rota.demo.horizon import Horizon, winter
from rota.demo.people import HomePlan
from rota.models import Band

_SATURDAY = 5
#: share of gaps filled in the coming weeks, this week first; later weeks like the last
_FILLED_AHEAD = (0.94, 0.91, 0.87, 0.83, 0.79, 0.67, 0.63, 0.59, 0.55)
_OPEN, _OPEN_WEEKEND, _OPEN_HOLIDAY = 0.045, 0.03, 0.06


class StaffingPlan:
    """The numbers a home plans: minimum, and more when its residents need more.

    This is what a forecast can learn: need by season and occupancy, the week's rhythm,
    bank holidays, and noise.
    """

    def __init__(
        self, home: HomePlan, horizon: Horizon, census: list[UnitCensus], rng: random.Random
    ) -> None:
        self._units = home.care_units
        self._horizon = horizon
        self._census = census
        self._rng = rng

    def wanted(self, day: int, band: Band, unit: int) -> int:
        """People planned for a unit: the minimum, and up to two more when need is high."""
        plan, weekday = self._units[unit], self._horizon.weekday[day]
        if band is Band.NIGHT:
            minimum, most = plan.night_minimum, 1
        else:
            minimum = plan.weekend_minimum if weekday >= _SATURDAY else plan.day_minimum
            most = 2
        pressure = 4.5 * (self._census[unit].load(day) - 1) + 0.3 * winter(self._horizon.days[day])
        if band is Band.DAY and weekday in (1, 3):
            pressure += 0.35  # the doctor's round, bath days
        if self._horizon.is_holiday[day]:
            pressure -= 0.3
        return minimum + int(max(0.0, min(most, pressure + self._rng.gauss(0.36, 0.45))))

    def stays_open(self, day: int) -> bool:
        """Whether nobody is found for a gap: seldom in the past, more often further ahead."""
        ahead = day - self._horizon.today_index
        if ahead > 0:
            share = 1 - _FILLED_AHEAD[min(len(_FILLED_AHEAD) - 1, ahead // 7)]
        else:
            share = _OPEN + _OPEN_HOLIDAY * self._horizon.is_holiday[day]
            share += _OPEN_WEEKEND * (self._horizon.weekday[day] >= _SATURDAY)
        return self._rng.random() < share
