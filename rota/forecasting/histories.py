"""What every unit can be trained on, up to yesterday: worked shifts, need, absence, agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from rota.calendar import london_today
from rota.forecasting import queries
from rota.forecasting.events import events
from rota.forecasting.queries import ABSENCE, AGENCY, ALL_DAY, CARE_HOURS, NEED, UnitPlace

if TYPE_CHECKING:
    from rota.forecasting.series import Series
    from rota.forecasting.unit_training import BandHistory, UnitHistory


#: events further ahead than this are in no forecast
_AHEAD = timedelta(days=400)


def read_histories(session: Session, places: Sequence[UnitPlace], days: int) -> list[UnitHistory]:
    """What every unit can be trained on, up to yesterday. Six statements in all."""
    from rota.forecasting.unit_training import UnitHistory

    yesterday = london_today() - timedelta(days=1)
    start = yesterday - timedelta(days=days - 1)
    ids = [place.id for place in places]
    if not ids:
        return []
    worked: dict[int, list[queries.WorkedDay]] = {}
    for day in queries.worked_days(session, ids, start, yesterday):
        worked.setdefault(day.unit_id, []).append(day)
    needed: dict[int, list[queries.NeedDay]] = {}
    for need in queries.need_days(session, ids, start, yesterday):
        needed.setdefault(need.unit_id, []).append(need)
    booked: dict[int, list[queries.Booked]] = {}
    for booking in queries.bookings(session, ids):
        booked.setdefault(booking.unit_id, []).append(booking)
    marked = events(session, start, yesterday + _AHEAD)
    coming_and_going = {
        ABSENCE: queries.absence_hours(session, ids, start, yesterday),
        AGENCY: queries.agency_hours(session, ids, start, yesterday),
    }
    return [
        UnitHistory(
            place,
            (
                *(
                    _with_residents(band, needed.get(place.id, []), booked.get(place.id, []))
                    for band in (
                        *_worked_bands(place, worked.get(place.id, [])),
                        *_need_band(place, needed.get(place.id, [])),
                    )
                ),
                *(
                    band
                    for kind, hours in coming_and_going.items()
                    for band in _event_band(
                        place, kind, hours.get(place.id, {}), worked.get(place.id, [])
                    )
                ),
            ),
            marked,
        )
        for place in places
    ]


def _with_residents(
    band: BandHistory, needed: list[queries.NeedDay], booked: list[queries.Booked]
) -> BandHistory:
    """The same with the residents counted, and those booked as they became known."""
    import numpy as np

    from rota.forecasting.occupancy import Booking, Occupancy

    if not needed:
        return band
    series: Series = band.series
    counted = np.full(len(series), np.nan)
    for day in needed:
        step = (day.day - series.start).days
        if 0 <= step < counted.size:
            counted[step] = day.residents
    bookings = tuple(
        Booking(
            at=(each.day - series.start).days,
            change=float(each.change),
            # a forecast of a past morning knew what was entered until the evening before;
            # that of today knows all there is
            known=min((each.recorded - series.start).days + 1, len(series)),
        )
        for each in booked
    )
    return replace(band, series=replace(series, occupancy=Occupancy(counted, bookings)))


def _worked_bands(place: UnitPlace, worked: list[queries.WorkedDay]) -> list[BandHistory]:
    from rota.forecasting.unit_training import BandHistory, regular

    found: list[BandHistory] = []
    if worked:
        first, last = min(day.day for day in worked), max(day.day for day in worked)
        for band in queries.WORKED_BANDS:
            days = [day for day in worked if day.band == band.value]
            hours = {day.day: day.hours for day in days}
            series = regular(f"{place.name} {band.value}", hours, first, last)
            if series is not None:
                people = sum(day.people for day in days)
                each = sum(hours.values()) / people if people else 0.0
                found.append(BandHistory(CARE_HOURS, band.value, series, each))
    return found


def _need_band(place: UnitPlace, needed: list[queries.NeedDay]) -> list[BandHistory]:
    from rota.forecasting.unit_training import BandHistory, regular

    hours = {day.day: day.hours for day in needed}
    series = regular(f"{place.name} need", hours, min(hours), max(hours)) if hours else None
    return [BandHistory(NEED, ALL_DAY, series, 0.0)] if series is not None else []


def _event_band(
    place: UnitPlace, kind: str, hours: dict[date, float], worked: list[queries.WorkedDay]
) -> list[BandHistory]:
    """Hours that come and go: a day on which the unit worked and nothing happened is a zero.

    Nothing for a unit where it never happened: a forecast of nothing tells nobody anything.
    """
    from rota.forecasting.unit_training import BandHistory, regular

    days = {day.day for day in worked}
    if not hours or not days:
        return []
    known = {day: hours.get(day, 0.0) for day in days | (set(hours) & _span(days))}
    series = regular(f"{place.name} {kind}", known, min(days), max(days))
    return [BandHistory(kind, ALL_DAY, series, 0.0)] if series is not None else []


def _span(days: set[date]) -> set[date]:
    first = min(days)
    return {first + timedelta(days=step) for step in range((max(days) - first).days + 1)}
