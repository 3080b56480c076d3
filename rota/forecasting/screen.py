"""What the forecast screen shows of one unit, read from stored rows only.

The web process computes no forecast: where rows are missing or old it asks for a job.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, bank_holidays
from rota.forecasting import queries
from rota.forecasting.events import Event, events
from rota.forecasting.queries import (
    ABSENCE,
    AGENCY,
    ALL_DAY,
    CARE_HOURS,
    NEED,
    WORKED_BANDS,
    ForecastDay,
    ModelCard,
    UnitPlace,
)
from rota.forecasting.requirement import AcceptedNote, accepted_note
from rota.forecasting.staffing import BandPlan, quantile_at
from rota.models import utc_now
from rota.roster.requirements import requirements

#: what can be shown: key in the address -> (series, band)
VIEWS: dict[str, tuple[str, str]] = {
    "all": (CARE_HOURS, ALL_DAY),
    "day": (CARE_HOURS, "day"),
    "night": (CARE_HOURS, "night"),
    "need": (NEED, ALL_DAY),
    "absence": (ABSENCE, ALL_DAY),
    "agency": (AGENCY, ALL_DAY),
}
AHEAD_DAYS = 28
HISTORY_DAYS = 84
#: rows older than this are still shown, with the advice to compute them anew
STALE_AFTER = timedelta(days=8)
#: an hour costs what it has cost in so many days
COST_DAYS = 56


@dataclass(frozen=True, slots=True)
class ScreenDay:
    """One day: hours worked, expected with the band, planned; hours, any may be missing."""

    day: date
    worked: float | None = None
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    planned: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a unit, or a home of ``units`` units, adds to a sum: expected ``hours`` a day.

    ``forecast`` is how many of the units have one.
    """

    name: str
    home_id: int
    unit_id: int | None
    hours: float
    units: int
    forecast: int


@dataclass(frozen=True, slots=True)
class ForecastScreen:
    """The history and forecast of a unit, or of a sum. ``complete``: all stored and fresh.

    ``plans`` are the day and the night as far as the view shows hours on duty: what turns a
    service level into people. ``parts`` are what a sum is made of; none for a unit.
    ``booked`` are the residents who are to come or to leave from today on.
    """

    place: UnitPlace
    view: str
    today: date
    days: tuple[ScreenDay, ...]
    ahead: tuple[ForecastDay, ...]
    model: ModelCard | None
    complete: bool
    plans: tuple[BandPlan, ...] = ()
    holidays: tuple[tuple[date, str], ...] = ()
    accepted: AcceptedNote | None = None
    events: tuple[Event, ...] = ()
    parts: tuple[Part, ...] = ()
    booked: tuple[queries.Booked, ...] = ()

    @property
    def hours_per_person(self) -> float:
        """Hours of one person on duty; 0 where the series has no people."""
        return float((self.model.metrics.get("hours_per_person") if self.model else 0.0) or 0.0)

    def staffing(self, level: float) -> list[tuple[date, float]]:
        """Hours by day that are enough in ``level`` percent of days."""
        return [(row.day, quantile_at(row.quantiles, level)) for row in self.ahead if row.quantiles]


def forecast_screen(
    session: Session, actor: Actor, unit_id: int, view: str, today: date
) -> ForecastScreen:
    """Twelve weeks of history and four weeks ahead of one unit.

    Eleven statements at most. Raises :class:`NotAllowed` for another's home and
    :class:`NotFound` for a unit without residents.
    """
    place = queries.care_unit(session, unit_id)
    actor.require(Permission.VIEW_FORECAST, place.home_id)
    series, band = VIEWS.get(view, VIEWS["all"])
    start, end = today - timedelta(days=HISTORY_DAYS), today + timedelta(days=AHEAD_DAYS - 1)
    cards = queries.model_cards(session, [unit_id], series)
    model = next((card for card in cards if card.band == band), None)
    ahead = queries.stored_days(session, unit_id, series, band, today, end)
    worked, planned = worked_and_planned(session, [unit_id], series, band, start, end, today)
    return ForecastScreen(
        place, view, today, screen_days(start, end, worked, ahead, planned), tuple(ahead), model,
        complete=is_fresh(ahead) and len(ahead) == AHEAD_DAYS,
        plans=(
            plans_of_units(session, [unit_id], cards, band, today, end).get(unit_id, ())
            if ahead else ()
        ),
        holidays=tuple(sorted(bank_holidays(Period(start, end)).items())),
        accepted=accepted_note(session, unit_id, today),
        events=events(session, start, end),
        booked=tuple(queries.bookings(session, [unit_id], today)),
    )  # fmt: skip


def is_fresh(ahead: Sequence[ForecastDay]) -> bool:
    """Whether the rows are young enough not to be computed anew."""
    return bool(ahead) and utc_now() - min(row.made_at for row in ahead) <= STALE_AFTER


def worked_and_planned(
    session: Session,
    unit_ids: Collection[int],
    series: str,
    band: str,
    start: date,
    end: date,
    today: date,
) -> tuple[dict[date, float], dict[date, float]]:
    """Hours by day of these units together: what happened, and what is planned from today on."""
    if series == NEED:
        needed: dict[date, float] = {}
        for row in queries.need_days(session, unit_ids, start, today):
            needed[row.day] = needed.get(row.day, 0.0) + row.hours
        return needed, {}
    if series in (ABSENCE, AGENCY):
        read = queries.absence_hours if series == ABSENCE else queries.agency_hours
        found: dict[date, float] = {}
        for by_day in read(session, unit_ids, start, end).values():
            for day, hours in by_day.items():
                found[day] = found.get(day, 0.0) + hours
        past = (start + timedelta(days=step) for step in range((today - start).days))
        worked = {day: found.get(day, 0.0) for day in past}
        ahead = {day: hours for day, hours in found.items() if day >= today}
        return worked, ahead if series == AGENCY else {}
    total = queries.worked_totals(session, unit_ids, band, start, end)
    return (
        {day: value for day, value in total.items() if day < today},
        {day: value for day, value in total.items() if day >= today},
    )


def screen_days(
    start: date,
    end: date,
    worked: dict[date, float],
    ahead: Sequence[ForecastDay],
    planned: dict[date, float],
) -> tuple[ScreenDay, ...]:
    """Every day from ``start`` to ``end`` with what is known of it."""
    by_day = {row.day: row for row in ahead}
    days = []
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        row = by_day.get(day)
        days.append(
            ScreenDay(
                day=day,
                worked=worked.get(day),
                expected=row.expected if row else None,
                lower=row.lower if row else None,
                upper=row.upper if row else None,
                planned=planned.get(day),
            )
        )
    return tuple(days)


def plans_of_units(
    session: Session,
    unit_ids: Collection[int],
    cards: Sequence[ModelCard],
    band: str,
    start: date,
    end: date,
) -> dict[int, tuple[BandPlan, ...]]:
    """Day and night of the days ahead by unit, each with what is planned and required.

    Nothing for need, absence and agency hours: nobody is rostered by them. Five statements,
    however many units.
    """
    if not cards or cards[0].series != CARE_HOURS:
        return {}
    wanted = [each.value for each in WORKED_BANDS if band in (ALL_DAY, each.value)]
    hours = {(card.unit_id, card.band): card.metrics.get("hours_per_person") for card in cards}
    planned: dict[tuple[int, str], dict[date, int]] = {}
    for row in queries.worked_days(session, unit_ids, start, end):
        planned.setdefault((row.unit_id, row.band), {})[row.day] = row.people
    required: dict[tuple[int, str], dict[date, int]] = {}
    for (unit, day, of), need in requirements(session, list(unit_ids), start, end).items():
        required.setdefault((unit, of.value), {})[day] = need.minimum
    rates = queries.pence_per_hour(session, unit_ids, start - timedelta(days=COST_DAYS), start)
    stored = queries.stored_of_units(session, unit_ids, CARE_HOURS, start, end, wanted)
    found: dict[int, tuple[BandPlan, ...]] = {}
    for unit in unit_ids:
        found[unit] = tuple(
            BandPlan(
                band=each,
                hours_per_person=float(hours.get((unit, each)) or 0.0),
                pence_per_hour=rates.get((unit, each), 0.0),
                days=tuple(stored[unit, each]),
                planned=planned.get((unit, each), {}),
                required=required.get((unit, each), {}),
            )
            for each in wanted
            if (unit, each) in stored
        )
    return found
