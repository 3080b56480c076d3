"""What if: the forecast under another number of residents, another dependency, an outbreak.

Nothing is written. A change of need moves the hours on duty in the same proportion, as
far as the unit's rota follows its residents (a share one can see and set); an outbreak
takes people away, so that more have to be found for the same need.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import fmean

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.errors import InvalidInput
from rota.forecasting import queries
from rota.forecasting.queries import ALL_DAY, CARE_HOURS, NEED, ForecastDay, UnitPlace
from rota.forecasting.screen import plans_of_units
from rota.forecasting.staffing import BandPlan, LevelPoint, at_level, needed

DAYS = 28
#: an outbreak: so long, so many of the unit's people away, so much more care for the ill
_OUTBREAK_DAYS = 7
_OUTBREAK_AWAY = 0.20
_OUTBREAK_NEED = 0.15


@dataclass(frozen=True, slots=True)
class Assumption:
    """One "what if". ``residents`` more or fewer in each unit, ``dependency`` the change of
    hours per resident as a share, ``closed`` the unit that is empty, ``outbreak`` the unit
    with a norovirus week from the first day on (0 for none)."""

    residents: int = 0
    dependency: float = 0.0
    closed: int = 0
    outbreak: int = 0

    def __post_init__(self) -> None:
        if not -60 <= self.residents <= 60:
            raise InvalidInput("Residents more or fewer: give a number from -60 to 60.")
        if not -0.5 <= self.dependency <= 1.0:
            raise InvalidInput("The dependency shift must be from -50 to 100 %.")

    @property
    def is_base(self) -> bool:
        """Whether it assumes nothing."""
        return self == Assumption()


@dataclass(frozen=True, slots=True)
class UnitCase:
    """One unit under an assumption, over all days: residents on average, hours, people-shifts,
    pence, expected short."""

    place: UnitPlace
    residents: float
    hours: float
    staff: LevelPoint


@dataclass(frozen=True, slots=True)
class Case:
    """A home under an assumption. ``by_day`` hours on duty and ``people`` of all units."""

    assumption: Assumption
    units: tuple[UnitCase, ...]
    by_day: tuple[tuple[date, float], ...]
    people: tuple[tuple[date, int], ...]

    @property
    def hours(self) -> float:
        """Hours on duty expected over all days."""
        return sum(unit.hours for unit in self.units)

    @property
    def shifts(self) -> int:
        """Shifts to staff at the service level."""
        return sum(unit.staff.shifts for unit in self.units)

    @property
    def pence(self) -> int:
        """What they cost."""
        return sum(unit.staff.pence for unit in self.units)

    @property
    def short(self) -> float:
        """Shifts expected short at that level."""
        return sum(unit.staff.short for unit in self.units)


@dataclass(frozen=True, slots=True)
class UnitBase:
    """What is known of a unit: its bands ahead, the residents counted last and booked since,
    and hours of need per resident."""

    place: UnitPlace
    plans: tuple[BandPlan, ...]
    residents: float
    need_hours: float
    booked: tuple[queries.Booked, ...] = ()

    def residents_on(self, day: date) -> float:
        """Residents of a day ahead, as far as they are booked; never fewer than none."""
        moved = sum(booking.change for booking in self.booked if booking.day <= day)
        return max(self.residents + moved, 0.0)


def read_base(session: Session, actor: Actor, home_id: int, today: date) -> list[UnitBase]:
    """The units of a home with a forecast, and their census. Raises :class:`NotAllowed`."""
    actor.require(Permission.VIEW_FORECAST, home_id)
    end = today + timedelta(days=DAYS - 1)
    places = [place for place in queries.care_units(session) if place.home_id == home_id]
    ids = [place.id for place in places]
    census: dict[int, queries.NeedDay] = {}
    for row in queries.need_days(session, ids, today - timedelta(days=28), today):
        if row.unit_id not in census or row.day > census[row.unit_id].day:
            census[row.unit_id] = row
    cards = queries.model_cards(session, ids, CARE_HOURS)
    by_unit = plans_of_units(session, ids, cards, ALL_DAY, today, end)
    needs = queries.stored_of_units(session, ids, NEED, today, end, [ALL_DAY])
    booked: dict[int, list[queries.Booked]] = defaultdict(list)
    for booking in queries.bookings(session, ids, today - timedelta(days=28)):
        counted = census.get(booking.unit_id)
        if counted is None or booking.day > counted.day:
            booked[booking.unit_id].append(booking)
    found = []
    for place in places:
        plans = by_unit.get(place.id, ())
        if not plans:
            continue
        need = needs.get((place.id, ALL_DAY), [])
        last = census.get(place.id)
        hours = sum(row.expected for row in need) / len(need) if need else 0.0
        found.append(
            UnitBase(place, plans, last.residents if last else 0.0,
                     hours or (last.hours if last else 0.0), tuple(booked[place.id]))
        )  # fmt: skip
    return found


def case(
    base: Sequence[UnitBase], assumption: Assumption, level: float, follows: float = 1.0
) -> Case:
    """The home under ``assumption``, staffed at ``level`` percent.

    ``follows`` (0 … 1) is how far hours on duty follow the need: 1 in proportion.
    """
    units: list[UnitCase] = []
    hours: dict[date, float] = {}
    people: dict[date, int] = {}
    for unit in base:
        plans = [_changed(plan, unit, assumption, follows) for plan in unit.plans]
        staffed = [needed(plan, level) for plan in plans]
        for plan, by_day in zip(plans, staffed, strict=True):
            for row in plan.days:
                hours[row.day] = hours.get(row.day, 0.0) + row.expected
                people[row.day] = people.get(row.day, 0) + by_day[row.day]
        units.append(
            UnitCase(
                place=unit.place,
                residents=fmean(
                    _residents(unit, assumption, row.day) for plan in plans for row in plan.days
                ),
                hours=sum(row.expected for plan in plans for row in plan.days),
                staff=at_level(plans, level),
            )
        )
    return Case(assumption, tuple(units), tuple(sorted(hours.items())),
                tuple(sorted(people.items())))  # fmt: skip


def _residents(unit: UnitBase, assumption: Assumption, day: date) -> float:
    if assumption.closed == unit.place.id:
        return 0.0
    return max(unit.residents_on(day) + assumption.residents, 0.0)


def _factor(unit: UnitBase, assumption: Assumption, follows: float, day: date) -> float:
    """By how much the unit's hours of a day change; 0 for a closed unit, whatever follows.

    The forecast follows the bookings already: what is assumed is measured against them.
    """
    if assumption.closed == unit.place.id:
        return 0.0
    expected = unit.residents_on(day)
    more = _residents(unit, assumption, day) / expected if expected else 1.0
    return float(1 + follows * (more * (1 + assumption.dependency) - 1))


def _changed(plan: BandPlan, unit: UnitBase, assumption: Assumption, follows: float) -> BandPlan:
    ill = assumption.outbreak == unit.place.id
    days = []
    for step, row in enumerate(plan.days):
        outbreak = ill and step < _OUTBREAK_DAYS
        # whoever is away has to be found again on top of what the residents need
        times = (1 + _OUTBREAK_NEED) / (1 - _OUTBREAK_AWAY) if outbreak else 1.0
        days.append(_scaled(row, times * _factor(unit, assumption, follows, row.day)))
    return replace(plan, days=tuple(days))


def _scaled(row: ForecastDay, times: float) -> ForecastDay:
    return replace(
        row, expected=row.expected * times, lower=row.lower * times, upper=row.upper * times,
        quantiles={level: value * times for level, value in row.quantiles.items()},
    )  # fmt: skip
