"""How safe a rota is when people fall ill.

Each person's chance of missing a shift comes from the shifts they were rostered for and lost
in the last year, drawn towards the home's own rate where there is little history. Within one
unit, day and band people fall ill independently, so the chance of falling below the minimum
is an exact convolution and needs no drawing of lots.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.models import Band, LostShift, Scenario, Shift, Staff
from rota.optimisation.draft import is_standing
from rota.optimisation.home import HomeProblem
from rota.optimisation.problem import OFF, Roster

Cell = tuple[int, date, Band]
HISTORY_DAYS = 365
#: shifts of a person's history that weigh as much as the home's rate
_PRIOR_SHIFTS = 40
#: used where a home has no history at all: about the sector's sickness rate
_NO_HISTORY = 0.05


@dataclass(frozen=True, slots=True)
class CellRisk:
    """One unit, day and band: people planned, the minimum, the chance of falling below it."""

    unit_id: int
    day: date
    band: Band
    planned: int
    minimum: int
    chance: float
    missing: float


def absence_rates(session: Session, home_id: int, today: date) -> tuple[dict[int, float], float]:
    """The chance by person of missing a rostered shift, and the home's rate. Two statements."""
    first = today - timedelta(days=HISTORY_DAYS)
    lost: dict[int, int] = {
        staff_id: int(count)
        for staff_id, count in session.execute(
            select(LostShift.staff_id, func.count())
            .join(Staff, Staff.id == LostShift.staff_id)
            .where(Staff.home_id == home_id, LostShift.date.between(first, today))
            .group_by(LostShift.staff_id)
        )
    }
    worked: dict[int, int] = {
        staff_id or 0: int(count)
        for staff_id, count in session.execute(
            select(Shift.user_id, func.count())
            .join(Staff, Staff.id == Shift.user_id)
            .where(Staff.home_id == home_id, Shift.date >= first, Shift.date < today)
            .group_by(Shift.user_id)
        )
    }
    rostered = sum(worked.values()) + sum(lost.values())
    rate = sum(lost.values()) / rostered if rostered else _NO_HISTORY
    rates = {
        staff_id: (lost.get(staff_id, 0) + _PRIOR_SHIFTS * rate)
        / (lost.get(staff_id, 0) + worked.get(staff_id, 0) + _PRIOR_SHIFTS)
        for staff_id in set(lost) | set(worked)
    }
    return rates, rate


def agency_cells(home: HomeProblem, scenario: Scenario) -> dict[Cell, int]:
    """Agency workers of a scenario by unit, day and band."""
    found: dict[Cell, int] = defaultdict(int)
    for entry in scenario.shifts:
        if entry.agency_id is not None:
            band = home.data.shift_types[entry.shift_type_id].band
            found[entry.unit_id, entry.date, band] += 1
    return found


def chance_below(minimum: int, absences: Sequence[float]) -> float:
    """The chance that fewer than ``minimum`` of these people are there (exact)."""
    return min(1.0, sum(_presence(absences)[: max(0, minimum)]))


def expected_missing(minimum: int, absences: Sequence[float]) -> float:
    """How many people are expected to be missing to the minimum (exact)."""
    return sum(
        (minimum - count) * chance for count, chance in enumerate(_presence(absences)[:minimum])
    )


def _presence(absences: Sequence[float]) -> list[float]:
    """The chance that 0, 1, 2 … of these people are there."""
    spread = [1.0]
    for absent in absences:
        following = [0.0] * (len(spread) + 1)
        for count, chance in enumerate(spread):
            following[count] += chance * absent
            following[count + 1] += chance * (1 - absent)
        spread = following
    return spread


class Risk:
    """The people of every cell of a roster, and the chance of each to be below minimum."""

    def __init__(
        self,
        home: HomeProblem,
        roster: Roster,
        rates: Mapping[int, float],
        rate: float,
        agency: Mapping[Cell, int] | None = None,
    ) -> None:
        self.home, self.rates, self.rate = home, rates, rate
        self.fixed: dict[Cell, list[float]] = defaultdict(list)
        for shift in home.data.shifts:
            if is_standing(home.data, shift):
                band = home.data.shift_types[shift.shift_type_id].band
                self.fixed[shift.unit_id, shift.date, band].append(self.of(shift.user_id))
        for place, count in (agency or {}).items():
            self.fixed[place] += [rate] * count
        self.people: dict[Cell, list[int]] = defaultdict(list)
        for who, row in enumerate(roster):
            for number in range(home.problem.first_open_day, home.problem.days):
                cell = self.cell(number, row[number])
                if cell is not None:
                    self.people[cell].append(who)

    def of(self, staff_id: int | None) -> float:
        """A person's chance of being absent; agency counts as the home's rate."""
        return self.rates.get(staff_id or 0, self.rate)

    def cell(self, number: int, duty: int) -> Cell | None:
        """The cell a duty of a day counts for."""
        if duty == OFF or self.home.places[duty].unit_id is None:
            return None
        place = self.home.places[duty]
        band = self.home.data.shift_types[place.shift_type_id].band
        return place.unit_id or 0, self.home.day_of(number), band

    def missing(self, cell: Cell, add: Iterable[int] = (), less: Iterable[int] = ()) -> float:
        """People expected to be missing in the cell, with people added and taken away."""
        need = self.home.data.needs.get(cell)
        if need is None:
            return 0.0
        return expected_missing(need.minimum, self._absences(cell, add, less))

    def _absences(
        self, cell: Cell, add: Iterable[int] = (), less: Iterable[int] = ()
    ) -> list[float]:
        gone = set(less)
        there = [who for who in self.people[cell] if who not in gone] + list(add)
        return [self.of(self.home.staff_ids[who]) for who in there] + self.fixed[cell]

    def cells(self) -> list[CellRisk]:
        """Every cell with a minimum, by unit, day and band."""
        return [
            CellRisk(
                *cell, len(self.people[cell]) + len(self.fixed[cell]), need.minimum,
                chance_below(need.minimum, self._absences(cell)), self.missing(cell),
            )
            for cell, need in sorted(self.home.data.needs.items())
        ]  # fmt: skip

    @property
    def expected_below(self) -> float:
        """How many cells are expected to fall below their minimum."""
        return sum(each.chance for each in self.cells())

    @property
    def expected_missing(self) -> float:
        """How many people are expected to be missing to all minimums together."""
        return sum(each.missing for each in self.cells())
