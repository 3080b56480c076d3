"""Residents by unit, day and dependency group: the need that care answers.

Occupancy follows each home's own slow course; residents come, leave, and need more as they
age and in winter. The hours of care a day follow from the groups.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass

from rota.demo.horizon import Horizon, winter
from rota.demo.people import HomePlan

GROUPS = "ABCDEFGHI"
#: this organisation's own table: hours of care a resident of a group needs in 24 hours
HOURS_BY_GROUP: dict[str, float] = dict(
    zip(GROUPS, (3.0, 4.0, 5.0, 6.0, 7.2, 8.4, 9.6, 10.8, 12.5), strict=True)
)
_HOURS = tuple(HOURS_BY_GROUP[group] for group in GROUPS)
#: how many residents in a hundred come in each group
_ARRIVALS = (4, 7, 11, 16, 18, 17, 14, 8, 5)


@dataclass(frozen=True, slots=True)
class UnitCensus:
    """One unit: residents and care hours for each day up to today, and the groups."""

    residents: list[int]
    care_hours: list[float]
    by_group: list[str]

    def load(self, day: int) -> float:
        """Need of a day against the unit's usual: 1.0 is as always. After today, the last."""
        usual = sum(self.care_hours) / len(self.care_hours)
        return self.care_hours[min(day, len(self.care_hours) - 1)] / usual


def home_census(home: HomePlan, horizon: Horizon, seed: int) -> list[UnitCensus]:
    """The census of each care unit of a home."""
    course = _Course(home.number, random.Random(f"{seed}/course/{home.number}"))
    return [
        _unit_census(
            unit.beds, index, course, horizon, random.Random(f"{seed}/census/{home.number}/{index}")
        )
        for index, unit in enumerate(home.care_units)
    ]


class _Course:
    """How full a home is over the years: a level, a slow wave, and one event of its own."""

    def __init__(self, number: int, rng: random.Random) -> None:
        self._level = rng.uniform(0.93, 0.97)
        self._phase = rng.uniform(0, 2 * math.pi)
        self._swing = rng.uniform(0.01, 0.03)
        # homes with an odd number have had one unit refurbished, unit by unit
        self._event = rng.uniform(0.25, 0.75) if number % 2 else None

    def share(self, progress: float, unit: int) -> float:
        """Target share of beds taken, at ``progress`` 0 … 1 through the history."""
        share = self._level + self._swing * math.sin(self._phase + 2 * math.pi * progress * 1.3)
        if self._event is not None and unit == 0 and 0 < progress - self._event < 0.12:
            share *= 0.6
        return min(1.0, share)


def _unit_census(
    beds: int, unit: int, course: _Course, horizon: Horizon, rng: random.Random
) -> UnitCensus:
    days = horizon.today_index + 1
    heavier = 2 if unit % 4 == 1 else 0
    groups = [0] * len(GROUPS)
    for _ in range(round(beds * course.share(0.0, unit))):
        groups[_arrival(rng, heavier)] += 1
    census = UnitCensus([], [], [])
    for day in range(days):
        cold = winter(horizon.days[day])
        _move_on(groups, cold, rng)
        wanted = round(beds * course.share(day / days, unit))
        _come_and_go(groups, wanted, beds, heavier, cold, rng)
        census.residents.append(sum(groups))
        need = sum(count * hours for count, hours in zip(groups, _HOURS, strict=True))
        census.care_hours.append(round(need * (1 + 0.04 * (cold - 0.5)), 2))
        present = {group: n for group, n in zip(GROUPS, groups, strict=True) if n}
        census.by_group.append(json.dumps(present))
    return census


def _arrival(rng: random.Random, heavier: int) -> int:
    group = rng.choices(range(len(GROUPS)), _ARRIVALS)[0]
    return min(len(GROUPS) - 1, group + heavier)


def _move_on(groups: list[int], cold: float, rng: random.Random) -> None:
    """Some residents come to need more, a few less."""
    for group in range(len(GROUPS) - 1):
        if groups[group] and rng.random() < groups[group] * (0.0025 + 0.0015 * cold):
            groups[group] -= 1
            groups[group + 1] += 1
    for group in range(1, len(GROUPS)):
        if groups[group] and rng.random() < groups[group] * 0.0016:
            groups[group] -= 1
            groups[group - 1] += 1


def _come_and_go(
    groups: list[int], wanted: int, beds: int, heavier: int, cold: float, rng: random.Random
) -> None:
    total = sum(groups)
    if (total and rng.random() < total * (0.0011 + 0.0009 * cold)) or total > wanted + 1:
        leaving = rng.choices(range(len(GROUPS)), [n * (1 + g) for g, n in enumerate(groups)])[0]
        groups[leaving] -= 1
        total -= 1
    if total < min(wanted, beds) and rng.random() < 0.3:
        groups[_arrival(rng, heavier)] += 1
