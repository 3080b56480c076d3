"""What the forecast screen shows of a whole home, or of all of them, from stored rows only.

The expected sum is added up from the units' rows at the moment of reading, so unit, home and
organisation always agree; its bands were learnt from the errors of the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, bank_holidays
from rota.errors import NotAllowed, NotFound
from rota.forecasting import queries, sum_queries
from rota.forecasting.events import events
from rota.forecasting.queries import ALL_DAY, CARE_HOURS, WORKED_BANDS, ForecastDay, UnitPlace
from rota.forecasting.screen import (
    AHEAD_DAYS,
    HISTORY_DAYS,
    VIEWS,
    ForecastScreen,
    Part,
    is_fresh,
    plans_of_units,
    screen_days,
    worked_and_planned,
)
from rota.forecasting.sum_queries import ORGANISATION, ExpectedDay, SumCard, home_scope

ALL_HOMES = "All homes"


def sum_screen(
    session: Session, actor: Actor, home_id: int | None, view: str, today: date
) -> ForecastScreen:
    """Twelve weeks of history and four weeks ahead of a home, or of all homes (null).

    A dozen statements at most, however many units. Raises :class:`NotAllowed` for another's
    home and, without a home, for whoever does not see them all; :class:`NotFound` where no
    unit has residents.
    """
    everywhere = queries.care_units(session)
    places = [place for place in everywhere if home_id in (None, place.home_id)]
    if home_id is not None:
        actor.require(Permission.VIEW_FORECAST, home_id)
    if not places:
        raise NotFound("There is no care unit here.", hint="Office units have no forecast.")
    if home_id is None and not may_see_all(actor, places):
        raise NotAllowed("You do not work with all homes.", hint="Choose one of your own homes.")
    ids = [place.id for place in places]
    series, band = VIEWS.get(view, VIEWS["all"])
    start, end = today - timedelta(days=HISTORY_DAYS), today + timedelta(days=AHEAD_DAYS - 1)
    rows = sum_queries.expected_of_units(session, ids, series, today, end, bands_of(series, band))
    scope = ORGANISATION if home_id is None else home_scope(home_id)
    card = sum_queries.sum_card(session, scope, series, band)
    ahead = summed(rows, card)
    worked, planned = worked_and_planned(session, ids, series, band, start, end, today)
    units = {row.unit_id for row in rows}
    whole = len(units) * AHEAD_DAYS == len(rows) and len(ahead) == AHEAD_DAYS
    name = ALL_HOMES if home_id is None else places[0].home
    plans = {}
    if home_id is not None and ahead:
        cards = queries.model_cards(session, ids, series)
        plans = plans_of_units(session, ids, cards, band, today, end)
    return ForecastScreen(
        UnitPlace(0, name, home_id or 0, name), view, today,
        screen_days(start, end, worked, ahead, planned), tuple(ahead),
        None if card is None else _as_model(card, series, band),
        complete=whole and bool(card) and is_fresh(ahead),
        plans=tuple(plan for place in places for plan in plans.get(place.id, ())),
        holidays=tuple(sorted(bank_holidays(Period(start, end)).items())),
        events=events(session, start, end),
        parts=_parts(places, rows, by_home=home_id is None),
    )  # fmt: skip


def may_see_all(actor: Actor, places: Sequence[UnitPlace]) -> bool:
    """Whether a sum over these units tells this person nothing of a home that is not theirs."""
    homes = {place.home_id for place in places}
    return all(actor.may(Permission.VIEW_FORECAST, home_id) for home_id in homes)


def bands_of(series: str, band: str) -> list[str]:
    """The stored bands that add up to a shown one: day and night for the whole day."""
    if series == CARE_HOURS and band == ALL_DAY:
        return [each.value for each in WORKED_BANDS]
    return [band]


def summed(rows: Sequence[ExpectedDay], card: SumCard | None) -> list[ForecastDay]:
    """Units' rows added up by day, with the bands of the sum.

    Without a trained sum there is no band: both its ends are the expected value. A day that
    lies further ahead than was learnt keeps the last distance; nothing is below zero.
    """
    total: dict[date, float] = {}
    made: dict[date, datetime] = {}
    for row in rows:
        total[row.day] = total.get(row.day, 0.0) + row.expected
        made[row.day] = min(made.get(row.day, row.made_at), row.made_at)
    found = []
    for day, expected in sorted(total.items()):
        plain = ForecastDay(day, "sum", expected, expected, expected, {}, made[day])
        found.append(_with_band(plain, card) if card else plain)
    return found


def _with_band(row: ForecastDay, card: SumCard) -> ForecastDay:
    def at(distances: Sequence[float]) -> float:
        step = min(max((row.day - card.last_day).days - 1, 0), len(distances) - 1)
        return max(row.expected + distances[step], 0.0)

    return replace(
        row,
        lower=at(card.distances["lower"]),
        upper=at(card.distances["upper"]),
        quantiles={level: at(each) for level, each in card.distances["quantiles"].items()},
    )


def _as_model(card: SumCard, series: str, band: str) -> queries.ModelCard:
    return queries.ModelCard(
        0, series, band, "sum", "", "", "", card.metrics, card.trained_at
    )  # fmt: skip


def _parts(
    places: Sequence[UnitPlace], rows: Sequence[ExpectedDay], *, by_home: bool
) -> tuple[Part, ...]:
    """What each unit, or each home, contributes: mean hours a day, in the order of the list."""
    days = len({row.day for row in rows})
    hours: dict[int, float] = {}
    for row in rows:
        hours[row.unit_id] = hours.get(row.unit_id, 0.0) + row.expected
    found: dict[int, Part] = {}
    for place in places:
        key = place.home_id if by_home else place.id
        before = found.get(key)
        has = place.id in hours
        found[key] = Part(
            name=place.home if by_home else place.name,
            home_id=place.home_id,
            unit_id=None if by_home else place.id,
            hours=(before.hours if before else 0.0) + hours.get(place.id, 0.0) / max(days, 1),
            units=(before.units if before else 0) + 1,
            forecast=(before.forecast if before else 0) + has,
        )
    return tuple(found.values())
