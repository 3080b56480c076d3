"""How many people a service level asks for, from the quantiles of the forecast.

The forecast gives hours of care by unit, band and day with one-sided quantiles; a person
gives the hours that one person on duty gave in the past of that series. A service level of
90 percent asks for as many people as are enough on 90 of 100 such days.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.errors import InvalidInput
from rota.forecasting.queries import CARE_HOURS
from rota.forecasting.staffing import quantile_at
from rota.models import Band, Forecast, ForecastModel
from rota.roster.requirements import Need

#: unit, day and band
Cell = tuple[int, date, Band]
#: a fraction of a person this small is nobody's shift
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class ForecastCell:
    """The forecast of one unit, day and band: quantiles in people on duty, by level."""

    quantiles: Mapping[str, float]

    def people(self, level: float) -> int:
        """People who are enough at a level (percent)."""
        return max(0, math.ceil(quantile_at(dict(self.quantiles), level) - _TOLERANCE))

    def expected_short(self, planned: int) -> float:
        """Expected people missing when ``planned`` are on duty: ∫ max(0, q(u) − planned) du.

        The integral over the quantile function, straight between stored levels; below the
        lowest and above the highest level the outermost value holds.
        """
        points = sorted((float(name) / 100, value) for name, value in self.quantiles.items())
        if not points:
            return 0.0
        points = [(0.0, points[0][1]), *points, (1.0, points[-1][1])]
        return sum(
            (high - low) * _mean_excess(below - planned, above - planned)
            for (low, below), (high, above) in pairwise(points)
        )

    def chance_short(self, planned: int) -> float:
        """Probability that more than ``planned`` people are needed."""
        points = sorted((float(name) / 100, value) for name, value in self.quantiles.items())
        enough = 0.0
        for (low, below), (high, above) in pairwise([(0.0, -math.inf), *points]):
            if above <= planned:
                enough = high
            elif below <= planned < above and below > -math.inf:
                enough = low + (high - low) * (planned - below) / (above - below)
        return 1.0 - enough


def _mean_excess(first: float, last: float) -> float:
    """The mean of max(0, x) for x running straight from ``first`` to ``last``."""
    if first >= 0 and last >= 0:
        return (first + last) / 2
    if first <= 0 and last <= 0:
        return 0.0
    above = max(first, last)
    return above * above / (2 * abs(last - first))


def forecast_cells(
    session: Session, unit_ids: list[int], start: date, end: date
) -> dict[Cell, ForecastCell]:
    """The stored forecast of these units by band and day, in people. Two statements.

    Days without a stored forecast have no entry; units whose series has no people per hour
    (never trained) neither.
    """
    bands = (Band.DAY.value, Band.NIGHT.value)
    each = {
        (unit_id, band): float((metrics or {}).get("hours_per_person") or 0.0)
        for unit_id, band, metrics in session.execute(
            select(ForecastModel.unit_id, ForecastModel.band, ForecastModel.metrics).where(
                ForecastModel.unit_id.in_(sorted(unit_ids)),
                ForecastModel.series == CARE_HOURS,
                ForecastModel.band.in_(bands),
            )
        )
    }
    rows = session.execute(
        select(Forecast.unit_id, Forecast.band, Forecast.date, Forecast.quantiles).where(
            Forecast.unit_id.in_(sorted(unit_ids)),
            Forecast.series == CARE_HOURS,
            Forecast.band.in_(bands),
            Forecast.date.between(start, end),
        )
    )
    found: dict[Cell, ForecastCell] = {}
    for unit_id, band, day, quantiles in rows:
        hours = each.get((unit_id, band), 0.0)
        if hours > 0 and quantiles:
            found[unit_id, day, Band(band)] = ForecastCell(
                {level: value / hours for level, value in quantiles.items()}
            )
    return found


def needs_at(
    needs: Mapping[Cell, Need], cells: Mapping[Cell, ForecastCell], level: int
) -> dict[Cell, Need]:
    """The requirements with the people of a service level in place of the ideal.

    The stored minimum is never undercut (it is what the home has promised); where the
    forecast is silent the requirement stays. Raises :class:`InvalidInput` without forecast.
    """
    if not any(cell in cells for cell in needs):
        raise InvalidInput(
            "There is no forecast for these days, so no service level can be asked for.",
            hint="Open the forecast of the home's units first, or choose nearer days.",
        )
    raised = {}
    for cell, need in needs.items():
        forecast = cells.get(cell)
        if forecast is not None:
            people = max(need.minimum, forecast.people(level))
            need = replace(need, minimum=people, ideal=max(people, min(need.ideal, people)))
        raised[cell] = need
    return raised
