"""From quantiles to people: what a service level asks for, costs, and leaves short.

Pure functions on stored rows. A day and a night are staffed apart, each with whole
people; the chance that a band is short is read off the same quantiles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from rota.forecasting.queries import ForecastDay

#: service levels of the curve, in percent
CURVE_LEVELS = (50, 55, 60, 65, 70, 75, 80, 85, 90, 93, 95, 97, 99)


@dataclass(frozen=True, slots=True)
class BandPlan:
    """One band of a unit for some days ahead.

    ``planned`` people by day as the rota stands; ``required`` people by day as the
    requirements stand; ``pence_per_hour`` what an hour on duty has cost lately.
    """

    band: str
    hours_per_person: float
    pence_per_hour: float
    days: tuple[ForecastDay, ...]
    planned: dict[date, int]
    required: dict[date, int]


@dataclass(frozen=True, slots=True)
class LevelPoint:
    """What staffing at a level comes to over the days: shifts, pence, shifts expected short."""

    level: float | None
    shifts: int
    pence: int
    short: float


def quantile_at(quantiles: dict[str, float], level: float) -> float:
    """The quantile of ``level`` percent, between stored levels in a straight line."""
    points = sorted((float(name), value) for name, value in quantiles.items())
    if not points:
        return 0.0
    if level <= points[0][0]:
        return points[0][1]
    for (low, below), (high, above) in pairwise(points):
        if level <= high:
            return below + (above - below) * (level - low) / (high - low)
    return points[-1][1]


def people_for(hours: float, hours_per_person: float) -> int:
    """The least whole number of people whose hours are enough; 0 where a person's are unknown."""
    if hours_per_person <= 0:
        return 0
    return max(math.ceil(hours / hours_per_person - 1e-9), 0)


def needed(plan: BandPlan, level: float) -> dict[date, int]:
    """People by day that are enough on ``level`` percent of days."""
    return {
        row.day: people_for(quantile_at(row.quantiles, level), plan.hours_per_person)
        for row in plan.days
    }


def chance_short(row: ForecastDay, hours: float) -> float:
    """The probability that more than ``hours`` are needed.

    Between stored quantiles in a straight line; below the median mirrored about it, beyond
    the last level the rest of the probability, halved for each band's width further out.
    """
    return _chance(_ladder(row), hours)


#: (probability that no more is needed, hours), from low to high
_Ladder = list[tuple[float, float]]


def _ladder(row: ForecastDay) -> _Ladder:
    points = sorted((float(name) / 100, value) for name, value in row.quantiles.items())
    if not points:
        return []
    middle = points[0][1]
    low = [(1 - level, 2 * middle - value) for level, value in reversed(points)]
    return [*low, *(point for point in points if point[0] > 1 - points[0][0])]


def _chance(ladder: _Ladder, hours: float) -> float:
    if not ladder:
        return 0.0
    if hours >= ladder[-1][1]:
        # the ladder is mirrored about the median, its middle rung
        middle = (ladder[0][1] + ladder[-1][1]) / 2
        width = max(ladder[-1][1] - middle, 1e-9)
        return float((1 - ladder[-1][0]) * 0.5 ** ((hours - ladder[-1][1]) / (0.25 * width)))
    if hours <= ladder[0][1]:
        return float(1 - ladder[0][0])
    for (below, left), (above, right) in pairwise(ladder):
        if hours <= right:
            share = (hours - left) / (right - left) if right > left else 1.0
            return float(1 - (below + (above - below) * share))
    return 0.0


def at_level(plans: Sequence[BandPlan], level: float) -> LevelPoint:
    """Shifts, cost and shifts expected short when staffed at ``level`` percent."""
    return _point(plans, [needed(plan, level) for plan in plans], level, _ladders(plans))


def as_planned(plans: Sequence[BandPlan]) -> LevelPoint:
    """The same for the rota as it stands."""
    return _point(plans, [plan.planned for plan in plans], None, _ladders(plans))


def curve(plans: Sequence[BandPlan]) -> list[LevelPoint]:
    """The whole trade: from half of the days to nearly all."""
    ladders = _ladders(plans)
    return [
        _point(plans, [needed(plan, level) for plan in plans], level, ladders)
        for level in CURVE_LEVELS
    ]


def _ladders(plans: Sequence[BandPlan]) -> list[list[_Ladder]]:
    """Each plan's days as ladders: sorted once, asked for every level."""
    return [[_ladder(row) for row in plan.days] for plan in plans]


def _point(
    plans: Sequence[BandPlan],
    people: Sequence[dict[date, int]],
    level: float | None,
    ladders: Sequence[Sequence[_Ladder]],
) -> LevelPoint:
    shifts, pence, short = 0, 0.0, 0.0
    for plan, by_day, of_days in zip(plans, people, ladders, strict=True):
        for row, ladder in zip(plan.days, of_days, strict=True):
            count = by_day.get(row.day, 0)
            hours = count * plan.hours_per_person
            shifts += count
            pence += hours * plan.pence_per_hour
            short += _chance(ladder, hours + 1e-9)
    return LevelPoint(level, shifts, round(pence), short)
