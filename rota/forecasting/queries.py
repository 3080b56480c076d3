"""What the forecasts read from the database. Loads nothing heavy: screens use it too."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from rota.calendar import LONDON
from rota.errors import NotFound
from rota.models import (
    Band,
    CareHome,
    Census,
    Classification,
    Forecast,
    ForecastModel,
    LostShift,
    ResidentBooking,
    Shift,
    ShiftType,
    Unit,
)

#: the series that are forecast: hours worked, hours that the residents need, hours lost to
#: absence, hours worked by agencies
CARE_HOURS = "care_hours"
NEED = "need"
ABSENCE = "absence"
AGENCY = "agency"
#: the band of a series that is not split by day and night, and of the sum of both
ALL_DAY = "all"
WORKED_BANDS = (Band.DAY, Band.NIGHT)


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """A unit with residents, and its home."""

    id: int
    name: str
    home_id: int
    home: str


@dataclass(frozen=True, slots=True)
class WorkedDay:
    """Hours and people on duty of a unit in one band of a rota day."""

    unit_id: int
    band: str
    day: date
    hours: float
    people: int


@dataclass(frozen=True, slots=True)
class NeedDay:
    """Residents of a unit on a day and the care hours their dependency asks for."""

    unit_id: int
    day: date
    residents: int
    hours: float


@dataclass(frozen=True, slots=True)
class Booked:
    """Residents more or fewer from a day on, and the day on which that was entered."""

    id: int
    unit_id: int
    day: date
    change: int
    recorded: date
    note: str


@dataclass(frozen=True, slots=True)
class ForecastDay:
    """A stored forecast of one day; ``quantiles`` by level in percent (``"90"``)."""

    day: date
    model: str
    expected: float
    lower: float
    upper: float
    quantiles: dict[str, float]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ModelCard:
    """How good a unit's model of one series was on the weeks it had not seen."""

    unit_id: int
    series: str
    band: str
    model: str
    path: str
    fallback: str
    fingerprint: str
    metrics: dict[str, Any]
    trained_at: datetime


def care_units(session: Session, unit_ids: Collection[int] | None = None) -> list[UnitPlace]:
    """Active units with residents, by home and name; all of them, or those asked for."""
    query = (
        select(Unit.id, Unit.name, CareHome.id, CareHome.name)
        .join(CareHome, CareHome.id == Unit.home_id)
        .where(Unit.is_active, CareHome.is_active, Unit.is_management.is_(False))
        .order_by(CareHome.name, Unit.name)
    )
    if unit_ids is not None:
        query = query.where(Unit.id.in_(sorted(set(unit_ids))))
    return [UnitPlace(*row) for row in session.execute(query)]


def care_unit(session: Session, unit_id: int) -> UnitPlace:
    """One unit. Raises :class:`NotFound` where it has no residents or does not exist."""
    found = care_units(session, [unit_id])
    if not found:
        raise NotFound("There is no such care unit.", hint="Office units have no forecast.")
    return found[0]


def worked_days(
    session: Session, unit_ids: Collection[int], start: date, end: date
) -> list[WorkedDay]:
    """Hours on duty by unit, band and day, both ends included. One statement.

    Only shifts with somebody on them that count to cover: what was worked when the days
    lie in the past, what is planned when they lie ahead. Vacancies are neither.
    """
    rows = session.execute(
        _worked(unit_ids, start, end)
        .with_only_columns(
            Shift.unit_id, ShiftType.band, Shift.date,
            func.sum(Shift.paid_minutes), func.count(),
        )
        .group_by(Shift.unit_id, ShiftType.band, Shift.date)
    )  # fmt: skip
    return [
        WorkedDay(unit, Band(band).value, day, int(minutes) / 60, int(people))
        for unit, band, day, minutes, people in rows
    ]


def _worked(unit_ids: Collection[int], start: date, end: date) -> Select[Any]:
    """The shifts that teach, with their types; columns and grouping are the caller's."""
    return (
        select(Shift.date)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(
            Shift.unit_id.in_(sorted(set(unit_ids))),
            Shift.date.between(start, end),
            Shift.is_vacant.is_(False),
            Shift.is_supernumerary.is_(False),
            ShiftType.counts_to_cover,
            ShiftType.band.in_(WORKED_BANDS),
        )
    )


def worked_totals(
    session: Session, unit_ids: Collection[int], band: str, start: date, end: date
) -> dict[date, float]:
    """Hours on duty by day of these units together, in one band or in all. One statement."""
    bands = [each for each in WORKED_BANDS if band in (ALL_DAY, each.value)]
    rows = session.execute(
        _worked(unit_ids, start, end)
        .with_only_columns(Shift.date, func.sum(Shift.paid_minutes))
        .where(ShiftType.band.in_(bands))
        .group_by(Shift.date)
    )
    return {day: int(minutes) / 60 for day, minutes in rows}


def need_days(session: Session, unit_ids: Collection[int], start: date, end: date) -> list[NeedDay]:
    """Residents × dependency by unit and day, both ends included. One statement."""
    rows = session.execute(
        select(Census.unit_id, Census.date, Census.residents, Census.care_hours).where(
            Census.unit_id.in_(sorted(set(unit_ids))), Census.date.between(start, end)
        )
    )
    return [NeedDay(unit, day, int(people), float(hours)) for unit, day, people, hours in rows]


def bookings(session: Session, unit_ids: Collection[int], start: date = date.min) -> list[Booked]:
    """Residents booked to come or to leave from ``start`` on, by unit and day. One statement."""
    rows = session.execute(
        select(
            ResidentBooking.id, ResidentBooking.unit_id, ResidentBooking.date,
            ResidentBooking.change, ResidentBooking.recorded_at, ResidentBooking.note,
        )
        .where(
            ResidentBooking.unit_id.in_(sorted(set(unit_ids))), ResidentBooking.date >= start
        )
        .order_by(ResidentBooking.unit_id, ResidentBooking.date, ResidentBooking.id)
    )  # fmt: skip
    return [
        Booked(row, unit, day, change, recorded.astimezone(LONDON).date(), note)
        for row, unit, day, change, recorded, note in rows
    ]


def absence_hours(
    session: Session, unit_ids: Collection[int], start: date, end: date
) -> dict[int, dict[date, float]]:
    """Hours by unit and day of shifts that somebody was rostered for and missed. One statement."""
    rows = session.execute(
        select(LostShift.unit_id, LostShift.date, func.sum(LostShift.minutes))
        .where(LostShift.unit_id.in_(sorted(set(unit_ids))), LostShift.date.between(start, end))
        .group_by(LostShift.unit_id, LostShift.date)
    )
    return _by_unit(rows)


def agency_hours(
    session: Session, unit_ids: Collection[int], start: date, end: date
) -> dict[int, dict[date, float]]:
    """Hours by unit and day that agencies' workers were on duty. One statement."""
    rows = session.execute(
        select(Shift.unit_id, Shift.date, func.sum(Shift.paid_minutes))
        .where(
            Shift.unit_id.in_(sorted(set(unit_ids))),
            Shift.date.between(start, end),
            Shift.is_vacant.is_(False),
            Shift.classification == Classification.AGENCY,
        )
        .group_by(Shift.unit_id, Shift.date)
    )
    return _by_unit(rows)


def pence_per_hour(
    session: Session, unit_ids: Collection[int], start: date, end: date
) -> dict[tuple[int, str], float]:
    """What an hour on duty cost by unit and band, in pence, end not included. One statement."""
    rows = session.execute(
        select(
            Shift.unit_id, ShiftType.band,
            func.sum(Shift.cost_pence), func.sum(Shift.paid_minutes),
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(
            Shift.unit_id.in_(sorted(set(unit_ids))), Shift.date >= start, Shift.date < end,
            Shift.is_vacant.is_(False), Shift.cost_pence.is_not(None),
            ShiftType.band.in_(WORKED_BANDS),
        )
        .group_by(Shift.unit_id, ShiftType.band)
    )  # fmt: skip
    return {
        (unit, Band(band).value): 60 * int(pence or 0) / int(minutes)
        for unit, band, pence, minutes in rows
        if minutes
    }


def _by_unit(rows: Iterable[Any]) -> dict[int, dict[date, float]]:
    found: dict[int, dict[date, float]] = {}
    for unit_id, day, minutes in rows:
        found.setdefault(unit_id, {})[day] = int(minutes) / 60
    return found


def stored_days(
    session: Session, unit_id: int, series: str, band: str, start: date, end: date
) -> list[ForecastDay]:
    """The stored forecast of a unit, by day. One statement."""
    found = stored_of_units(session, [unit_id], series, start, end, [band])
    return found.get((unit_id, band), [])


def stored_of_units(
    session: Session,
    unit_ids: Collection[int],
    series: str,
    start: date,
    end: date,
    bands: Collection[str],
) -> dict[tuple[int, str], list[ForecastDay]]:
    """Stored forecasts by unit and band, each by day. One statement."""
    rows = session.execute(
        select(
            Forecast.unit_id, Forecast.band,
            Forecast.date, Forecast.model, Forecast.yhat, Forecast.yhat_lower,
            Forecast.yhat_upper, Forecast.quantiles, Forecast.made_at,
        )
        .where(
            Forecast.unit_id.in_(sorted(set(unit_ids))), Forecast.series == series,
            Forecast.band.in_(sorted(set(bands))), Forecast.date.between(start, end),
        )
        .order_by(Forecast.date)
    )  # fmt: skip
    found: dict[tuple[int, str], list[ForecastDay]] = {}
    for row in rows:
        found.setdefault((row[0], row[1]), []).append(ForecastDay(*row[2:]))
    return found


def model_cards(
    session: Session, unit_ids: Collection[int], series: str | None = None
) -> list[ModelCard]:
    """The models of these units, by unit, series and band. One statement."""
    query = select(
        ForecastModel.unit_id, ForecastModel.series, ForecastModel.band, ForecastModel.model,
        ForecastModel.path, ForecastModel.fallback_reason, ForecastModel.fingerprint,
        ForecastModel.metrics, ForecastModel.trained_at,
    ).where(ForecastModel.unit_id.in_(sorted(set(unit_ids))))  # fmt: skip
    if series is not None:
        query = query.where(ForecastModel.series == series)
    order = (ForecastModel.unit_id, ForecastModel.series, ForecastModel.band)
    return [ModelCard(*row) for row in session.execute(query.order_by(*order))]
