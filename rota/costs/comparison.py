"""Homes side by side: every measure with its change, trend, rank and target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.scope import HomeChoice
from rota.calendar import months_after
from rota.costs.facts import facts_by_home_and_month
from rota.costs.measures import MEASURES, Facts, Measure
from rota.models import MeasureTarget

#: months of a trend, the month itself being the last
TREND_MONTHS = 6
#: continuity looks back from every single shift: it is read for one home, not for all
COMPARED = tuple(measure for measure in MEASURES if measure.key != "continuity")
#: measures of hours and money alone, of which a trend is cheap
WITH_TREND = ("cost_per_care_hour", "cost", "agency_share", "overtime_share", "skill_mix")


class Light(StrEnum):
    """Where a value stands to its target."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Target:
    """A target and the limit beyond which a value is red, in the measure's own unit."""

    target: float
    limit: float
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure of one home in a month; null where there is nothing to divide by.

    ``rank`` is 1 for the best home of those that have a value. ``series`` are the values of
    :data:`TREND_MONTHS` months, of the measures whose trend is cheap.
    """

    value: float | None
    last_month: float | None
    last_year: float | None
    series: tuple[float | None, ...] = ()
    rank: int | None = None
    target: Target | None = None
    light: Light = Light.NONE

    @property
    def trend(self) -> tuple[float, ...]:
        """The series without the months that have no value."""
        return tuple(value for value in self.series if value is not None)

    @property
    def change(self) -> float | None:
        """This month less last month."""
        if self.value is None or self.last_month is None:
            return None
        return self.value - self.last_month

    @property
    def change_on_year(self) -> float | None:
        """This month less the same month last year."""
        if self.value is None or self.last_year is None:
            return None
        return self.value - self.last_year


@dataclass(frozen=True, slots=True)
class Comparison:
    """The readings of each home and of all together, by the measure's key."""

    month: date
    homes: tuple[HomeChoice, ...]
    readings: Mapping[int, Mapping[str, Reading]]
    together: Mapping[str, Reading]


def compare_homes(
    session: Session, actor: Actor, homes: Sequence[HomeChoice], month: date
) -> Comparison:
    """Every measure of these homes in a month, beside last month and last year.

    Two statements where every month is kept, else at most seven. Raises :class:`~rota.errors.NotAllowed` for a home the actor does not
    work with.
    """
    month = month.replace(day=1)
    trend = [months_after(month, -back) for back in range(TREND_MONTHS - 1, -1, -1)]
    facts = facts_by_home_and_month(
        session, actor, homes, [month, trend[-2], months_after(month, -12)], work_only=trend
    )
    targets = _targets(session, [home.id for home in homes])
    by_home = {
        home.id: {m: facts[home.id, m] for m in {*trend, months_after(month, -12)}}
        for home in homes
    }
    readings: dict[int, dict[str, Reading]] = {home.id: {} for home in homes}
    for measure in COMPARED:
        values = {h: measure.of(by_month[month]) for h, by_month in by_home.items()}
        ranks = _ranks(measure, values)
        for home_id, by_month in by_home.items():
            target = targets.get((home_id, measure.key)) or targets.get((None, measure.key))
            readings[home_id][measure.key] = _reading(
                measure, by_month, month, trend, ranks.get(home_id), target
            )
    everything = {
        m: sum((by_month[m] for by_month in by_home.values()), Facts())
        for m in {*trend, months_after(month, -12)}
    }
    together = {
        measure.key: _reading(
            measure, everything, month, trend, None, targets.get((None, measure.key))
        )
        for measure in COMPARED
    }
    return Comparison(month, tuple(homes), readings, together)


def _reading(
    measure: Measure,
    by_month: Mapping[date, Facts],
    month: date,
    trend: Sequence[date],
    rank: int | None,
    target: Target | None,
) -> Reading:
    value = measure.of(by_month[month])
    series: tuple[float | None, ...] = ()
    if measure.key in WITH_TREND:
        series = tuple(measure.of(by_month[m]) for m in trend)
    return Reading(
        value=value,
        last_month=measure.of(by_month[trend[-2]]),
        last_year=measure.of(by_month[months_after(month, -12)]),
        series=series,
        rank=rank,
        target=target,
        light=light_of(measure, value, target),
    )


def light_of(measure: Measure, value: float | None, target: Target | None) -> Light:
    """Green to the target, amber to the limit, red beyond; none without value or target."""
    if value is None or target is None:
        return Light.NONE
    sign = 1 if measure.less_is_better else -1
    if value * sign <= target.target * sign:
        return Light.GREEN
    return Light.AMBER if value * sign <= target.limit * sign else Light.RED


def _ranks(measure: Measure, values: Mapping[int, float | None]) -> dict[int, int]:
    """The place of each home among those with a value; equal values share a place."""
    sign = 1 if measure.less_is_better else -1
    known = {home_id: value * sign for home_id, value in values.items() if value is not None}
    return {
        home_id: 1 + sum(other < value for other in known.values())
        for home_id, value in known.items()
    }


def _targets(session: Session, home_ids: Sequence[int]) -> dict[tuple[int | None, str], Target]:
    rows = session.execute(
        select(
            MeasureTarget.home_id, MeasureTarget.measure, MeasureTarget.target, MeasureTarget.limit
        ).where(or_(MeasureTarget.home_id.is_(None), MeasureTarget.home_id.in_(home_ids)))
    )  # fmt: skip
    return {
        (home_id, key): Target(target, limit, is_own=home_id is not None)
        for home_id, key, target, limit in rows
    }
