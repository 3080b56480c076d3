"""The honesty panel: how good the forecasts of a home have been, unit by unit.

From stored figures only: what each training measured on past windows, and what the
nightly job wrote down afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.forecasting import queries
from rota.forecasting.outcomes import Alert, Figures, Outcome, alerts, figures, outcomes
from rota.forecasting.queries import CARE_HOURS, ModelCard, UnitPlace

FORECASTERS = ("ensemble", "prophet", "seasonal_naive")
WEEKS = 4
#: days whose outcomes are shown
OUTCOME_DAYS = 56


@dataclass(frozen=True, slots=True)
class UnitAccuracy:
    """One unit's care hours in one band: the backtest's figures and what happened since."""

    place: UnitPlace
    model: ModelCard
    since: Figures

    def by_week(self, forecaster: str) -> list[float | None]:
        """WAPE by week ahead in the backtest."""
        found = (self.model.metrics.get("by_week") or {}).get(forecaster) or []
        return [*found, *([None] * (WEEKS - len(found)))][:WEEKS]

    def figure(self, name: str) -> float | None:
        """A figure of the backtest by name, or nothing."""
        value = self.model.metrics.get(name)
        return float(value) if isinstance(value, int | float) else None

    @property
    def skill(self) -> float | None:
        """Share of last week's error that the forecast does not make."""
        wape, naive = self.figure("wape"), self.figure("naive_wape")
        return 1 - wape / naive if wape is not None and naive else None


@dataclass(frozen=True, slots=True)
class AccuracyScreen:
    """A home's forecasts judged. ``by_week`` and ``held`` are means over its units."""

    band: str
    units: tuple[UnitAccuracy, ...]
    untrained: tuple[UnitPlace, ...]
    by_week: dict[str, list[float | None]]
    held: dict[float, float]
    outcomes: tuple[Outcome, ...]
    since: Figures
    alerts: tuple[Alert, ...]

    @property
    def fallbacks(self) -> tuple[UnitAccuracy, ...]:
        """The units in which one simple forecaster stands in."""
        return tuple(unit for unit in self.units if unit.model.fallback)

    def mean(self, name: str) -> float | None:
        """The mean over units of a backtest's figure."""
        return _mean([unit.figure(name) for unit in self.units])


def accuracy_screen(
    session: Session, actor: Actor, home_id: int, band: str, today: date
) -> AccuracyScreen:
    """How good a home's forecasts of hours on duty are. Three statements.

    ``band`` is day, night or all. Raises :class:`NotAllowed` for another's home.
    """
    actor.require(Permission.VIEW_FORECAST, home_id)
    places = [place for place in queries.care_units(session) if place.home_id == home_id]
    ids = [place.id for place in places]
    cards = queries.model_cards(session, ids, CARE_HOURS)
    found = outcomes(session, ids, today - timedelta(days=OUTCOME_DAYS), today)
    shown = [o for o in found if o.series == CARE_HOURS and o.band == band]
    by_unit: dict[int, list[Outcome]] = {}
    for outcome in shown:
        by_unit.setdefault(outcome.unit_id, []).append(outcome)
    of_band = {card.unit_id: card for card in cards if card.band == band}
    units = tuple(
        UnitAccuracy(place, of_band[place.id], figures(by_unit.get(place.id, [])))
        for place in places
        if place.id in of_band
    )
    return AccuracyScreen(
        band=band,
        units=units,
        untrained=tuple(place for place in places if place.id not in of_band),
        by_week={
            name: [_mean([unit.by_week(name)[week] for unit in units]) for week in range(WEEKS)]
            for name in FORECASTERS
        },
        held=_held(units),
        outcomes=tuple(shown),
        since=figures(shown),
        alerts=tuple(alert for alert in alerts(places, cards, found, today) if alert.band == band),
    )


def _held(units: tuple[UnitAccuracy, ...]) -> dict[float, float]:
    """By staffing level as a share: how often it was enough, mean over units."""
    found: dict[float, list[float]] = {}
    for unit in units:
        for level, share in (unit.model.metrics.get("held") or {}).items():
            found.setdefault(float(level) / 100, []).append(float(share))
    return {level: fmean(shares) for level, shares in sorted(found.items())}


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
