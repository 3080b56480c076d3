"""Predicted against actual: what the nightly job writes down, and when it raises an alert.

A past day's stored row is the last forecast made before that day; once the day is over
it is copied beside the truth and beside "the same weekday of the last known week". The
figures of the accuracy screen come from these rows, not from backtests alone: a backtest
says how good the forecaster would have been, an outcome how good it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import local_day, london_today
from rota.database import UnitOfWork, reading
from rota.forecasting import queries
from rota.forecasting.queries import (
    ABSENCE,
    AGENCY,
    ALL_DAY,
    CARE_HOURS,
    NEED,
    ModelCard,
    UnitPlace,
)
from rota.forecasting.saving import upsert
from rota.models import Forecast, ForecastOutcome, utc_now

#: how far back the nightly job looks for days it has not written down yet
LOOK_BACK_DAYS = 35
#: an alert needs so many days, the last four weeks'
ALERT_DAYS = 28
_LEAST_DAYS = 14
#: the 80 % band held on fewer days than this, …
MIN_COVERAGE = 0.65
#: … the forecast was this share of the hours too high or too low, …
MAX_BIAS = 0.08
#: … or the error was this many times what the backtest promised
MAX_ERROR_RATIO = 1.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """One day of one series of a unit, in hours: what was forecast and what happened."""

    unit_id: int
    series: str
    band: str
    day: date
    days_ahead: int
    expected: float
    lower: float
    upper: float
    staffing_90: float | None
    last_week: float | None
    actual: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Errors over some days: shares of what happened; NaN-free, null where nothing is known.

    ``bias`` positive is too high; ``coverage`` of the 80 % band; ``enough`` the share of
    days on which the 90 % staffing level was; ``skill`` 1 - WAPE ÷ WAPE of last week.
    """

    days: int
    wape: float | None
    naive_wape: float | None
    bias: float | None
    coverage: float | None
    enough: float | None

    @property
    def skill(self) -> float | None:
        """How much of last week's error is gone."""
        if self.wape is None or not self.naive_wape:
            return None
        return 1 - self.wape / self.naive_wape


@dataclass(frozen=True, slots=True)
class Alert:
    """A unit whose forecast has drifted, and what was seen, in words."""

    unit_id: int
    unit: str
    home: str
    series: str
    band: str
    reason: str


def figures(outcomes: Iterable[Outcome]) -> Figures:
    """The errors of these days together."""
    rows = list(outcomes)
    total = sum(abs(row.actual) for row in rows)
    if not rows or total == 0:
        return Figures(len(rows), None, None, None, None, None)
    naive = [row for row in rows if row.last_week is not None]
    naive_total = sum(abs(row.actual) for row in naive)
    levels = [row for row in rows if row.staffing_90 is not None]
    return Figures(
        days=len(rows),
        wape=sum(abs(row.actual - row.expected) for row in rows) / total,
        naive_wape=sum(abs(row.actual - (row.last_week or 0.0)) for row in naive) / naive_total
        if naive_total
        else None,
        bias=sum(row.expected - row.actual for row in rows) / total,
        coverage=sum(row.lower <= row.actual <= row.upper for row in rows) / len(rows),
        enough=sum(row.actual <= (row.staffing_90 or 0.0) for row in levels) / len(levels)
        if levels
        else None,
    )


def outcomes(session: Session, unit_ids: Collection[int], start: date, end: date) -> list[Outcome]:
    """The recorded days of these units, by unit, series, band and day. One statement."""
    row = ForecastOutcome
    found = session.execute(
        select(
            row.unit_id, row.series, row.band, row.date, row.days_ahead, row.expected,
            row.lower, row.upper, row.staffing_90, row.last_week, row.actual,
        )
        .where(row.unit_id.in_(sorted(set(unit_ids))), row.date.between(start, end))
        .order_by(row.unit_id, row.series, row.band, row.date)
    )  # fmt: skip
    return [Outcome(*each) for each in found]


def record_outcomes(engine: Engine, actor: Actor, today: date | None = None) -> int:
    """Write down every forecast day that is over and not yet recorded; gives how many.

    Running it twice changes nothing. Raises :class:`NotAllowed` for a home of another.
    """
    today = today or london_today()
    start, end = today - timedelta(days=LOOK_BACK_DAYS), today - timedelta(days=1)
    with reading(engine) as session:
        places = queries.care_units(session)
        for home_id in {place.home_id for place in places}:
            actor.require(Permission.TRAIN_FORECAST, home_id)
        ids = [place.id for place in places]
        known = {(o.unit_id, o.series, o.band, o.day) for o in outcomes(session, ids, start, end)}
        actual = actual_hours(session, ids, start - timedelta(days=14), end)
        rows = session.execute(
            select(
                Forecast.unit_id, Forecast.series, Forecast.band, Forecast.date, Forecast.yhat,
                Forecast.yhat_lower, Forecast.yhat_upper, Forecast.quantiles, Forecast.made_at,
            ).where(Forecast.unit_id.in_(ids), Forecast.date.between(start, end))
        )  # fmt: skip
        values = [
            _outcome(row, actual)
            for row in rows
            if (row.unit_id, row.series, row.band, row.date) not in known
            and (row.unit_id, row.series, row.band, row.date) in actual
            and local_day(row.made_at) <= row.date
        ]
    with UnitOfWork(actor, source="accuracy", engine=engine) as uow:
        upsert(uow.session, ForecastOutcome, values, ("unit_id", "series", "band", "date"))
        uow.audit("record", "forecast_outcome", None, after={"days": len(values)})
        uow.commit()
    return len(values)


def _outcome(row: Any, actual: dict[tuple[int, str, str, date], float]) -> dict[str, Any]:
    made = local_day(row.made_at)
    # the last week that was over when the forecast was made
    weeks = max((row.date - made).days // 7 + 1, 1)
    before = (row.unit_id, row.series, row.band, row.date - timedelta(days=7 * weeks))
    return {
        "unit_id": row.unit_id,
        "series": row.series,
        "band": row.band,
        "date": row.date,
        "days_ahead": (row.date - made).days,
        "expected": row.yhat,
        "lower": row.yhat_lower,
        "upper": row.yhat_upper,
        "staffing_90": row.quantiles.get("90"),
        "last_week": actual.get(before),
        "actual": actual[row.unit_id, row.series, row.band, row.date],
        "recorded_at": utc_now(),
    }


def actual_hours(
    session: Session, unit_ids: Sequence[int], start: date, end: date
) -> dict[tuple[int, str, str, date], float]:
    """What happened, by unit, series, band and day. Four statements."""
    found: dict[tuple[int, str, str, date], float] = {}
    worked: set[tuple[int, date]] = set()
    for row in queries.worked_days(session, unit_ids, start, end):
        found[row.unit_id, CARE_HOURS, row.band, row.day] = row.hours
        whole = (row.unit_id, CARE_HOURS, ALL_DAY, row.day)
        found[whole] = found.get(whole, 0.0) + row.hours
        worked.add((row.unit_id, row.day))
    for need in queries.need_days(session, unit_ids, start, end):
        found[need.unit_id, NEED, ALL_DAY, need.day] = need.hours
    lost = queries.absence_hours(session, unit_ids, start, end)
    agency = queries.agency_hours(session, unit_ids, start, end)
    for unit_id, day in worked:
        found[unit_id, ABSENCE, ALL_DAY, day] = lost.get(unit_id, {}).get(day, 0.0)
        found[unit_id, AGENCY, ALL_DAY, day] = agency.get(unit_id, {}).get(day, 0.0)
    return found


def alerts(
    places: Sequence[UnitPlace], cards: Sequence[ModelCard], found: Sequence[Outcome], today: date
) -> list[Alert]:
    """The care-hours series whose last four weeks were not what the backtest promised."""
    by_place = {place.id: place for place in places}
    promised = {(card.unit_id, card.band): card for card in cards if card.series == CARE_HOURS}
    recent: dict[tuple[int, str], list[Outcome]] = {}
    for outcome in found:
        if outcome.series == CARE_HOURS and (today - outcome.day).days <= ALERT_DAYS:
            recent.setdefault((outcome.unit_id, outcome.band), []).append(outcome)
    raised = []
    for (unit_id, band), rows in recent.items():
        place, card = by_place.get(unit_id), promised.get((unit_id, band))
        reason = _drift(figures(rows), card)
        if place is not None and reason:
            raised.append(Alert(unit_id, place.name, place.home, CARE_HOURS, band, reason))
    return raised


def _drift(seen: Figures, card: ModelCard | None) -> str:
    if seen.days < _LEAST_DAYS or seen.wape is None or seen.bias is None or seen.coverage is None:
        return ""
    if seen.coverage < MIN_COVERAGE:
        return f"the 80 % band held on only {seen.coverage:.0%} of {seen.days} days"
    if abs(seen.bias) > MAX_BIAS:
        word = "high" if seen.bias > 0 else "low"
        return f"{abs(seen.bias):.0%} too {word} over {seen.days} days"
    promised = card.metrics.get("wape") if card else None
    if promised and seen.wape > MAX_ERROR_RATIO * promised:
        return f"error {seen.wape:.1%} where the backtest had {promised:.1%}"
    return ""
