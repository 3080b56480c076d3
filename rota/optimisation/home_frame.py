"""What a home's problem is counted in: its days, its duties and the shifts it decides about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from rota.calendar import minute_of, shift_instants
from rota.models import Band, Shift, ShiftType
from rota.optimisation.home_data import HISTORY_DAYS, HomeData
from rota.optimisation.prices import Prices
from rota.optimisation.problem import Duty, Person
from rota.rules.parameters import Limits
from rota.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Place:
    """What a duty index means: a shift type on a unit (no unit: history or fixed work)."""

    shift_type_id: int
    unit_id: int | None


class Frame:
    """The meaning of every index of the problem; people, demands and wishes are put into it."""

    def __init__(self, data: HomeData, prices: Prices, rulebook: Rulebook) -> None:
        self.data, self.prices, self.rulebook = data, prices, rulebook
        self.kinds = [
            kind
            for kind in sorted(data.shift_types.values(), key=lambda kind: kind.id)
            if kind.is_active
        ]
        cover = [kind for kind in self.kinds if kind.counts_to_cover and kind.band != Band.OFFICE]
        # a home uses a few of the organisation's shift types: offering it the others would
        # multiply the search and propose shifts nobody there works
        used = {shift.shift_type_id for shift in data.shifts if shift.home_id == data.home_id}
        bands = {kind.band for kind in cover if kind.id in used}
        # where no type of a band has been used yet, any of them is better than an open day
        self.cover_kinds = [kind for kind in cover if kind.id in used or kind.band not in bands]
        self.places: list[Place] = [
            Place(kind.id, unit.id) for unit in data.units for kind in self.cover_kinds
        ]
        self.first_cover_free = len(self.places)
        self.places += [Place(kind.id, None) for kind in data.shift_types.values()]
        self.index = {place: number for number, place in enumerate(self.places)}
        self.minutes = {kind.id: _minutes(kind) for kind in data.shift_types.values()}
        self.by_person: dict[int, list[Shift]] = defaultdict(list)
        for shift in data.shifts:
            if shift.user_id is not None:
                self.by_person[shift.user_id].append(shift)
        self.unit_ids = {unit.id for unit in data.units}
        self.decided: dict[int, Shift] = {
            shift.id: shift for shift in data.shifts if self.is_ours(shift)
        }

    def is_ours(self, shift: Shift) -> bool:
        """Whether the optimiser decides about this shift."""
        kind = self.data.shift_types[shift.shift_type_id]
        return (
            shift.date >= self.data.start
            and shift.unit_id in self.unit_ids
            and kind in self.cover_kinds
            and not self.data.is_locked(shift)
            and not shift.is_supernumerary
        )

    def may_follow(self, first: ShiftType, second: ShiftType) -> bool:
        """Whether the rest between two types on consecutive days is enough (daily rest)."""
        day = self.data.start
        _, ends = shift_instants(day, first.start_time, first.end_time)
        starts, _ = shift_instants(day + timedelta(days=1), second.start_time, second.end_time)
        return minute_of(starts) - minute_of(ends) >= self.limits("").daily_rest

    def duty(self, number: int) -> Duty:
        """A place as the engine's duty."""
        place = self.places[number]
        kind = self.data.shift_types[place.shift_type_id]
        return Duty(
            code=kind.code,
            minutes=self.minutes[kind.id],
            not_next_day=frozenset(
                other
                for other, next_place in enumerate(self.places)
                if not self.may_follow(kind, self.data.shift_types[next_place.shift_type_id])
            ),
            unit=str(place.unit_id or ""),
        )

    def is_of_use(self, person: Person) -> bool:
        """Whether there is any cover that this person may work."""
        return any(duty < self.first_cover_free for duty in person.maximum)

    def limits(self, role: str) -> Limits:
        """The rulebook's parameters of a role at the beginning of the period."""
        return self.rulebook.parameters.at(self.data.start, role)

    def weekends(self, total: int) -> tuple[frozenset[int], ...]:
        """Day indices of each weekend, the history's too."""
        first = self.data.start - timedelta(days=HISTORY_DAYS)
        found: dict[date, set[int]] = defaultdict(set)
        for number in range(total):
            day = first + timedelta(days=number)
            if day.weekday() >= 5:
                found[day - timedelta(days=day.weekday())].add(number)
        return tuple(frozenset(days) for _, days in sorted(found.items()))

    def day_index(self, day: date) -> int:
        """A rota day as the problem counts it; the days before the period are history."""
        return (day - self.data.start).days + HISTORY_DAYS

    def kinds_of(self, band: Band) -> list[ShiftType]:
        """The shift types that can cover a band."""
        return [kind for kind in self.cover_kinds if kind.band == band]

    def longest_minutes(self, band: Band) -> int:
        """Paid minutes of the longest of them."""
        return max(self.minutes[kind.id] for kind in self.kinds_of(band))


def _minutes(kind: ShiftType) -> int:
    """Paid minutes of a shift type on a day without a clock change."""
    span = (
        (kind.end_time.hour * 60 + kind.end_time.minute)
        - (kind.start_time.hour * 60 + kind.start_time.minute)
    ) % (24 * 60) or 24 * 60
    return span if kind.break_is_paid else max(0, span - kind.break_minutes)
