"""Homes, units and people: who works where, on which contract, team and pattern."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from rota.demo.horizon import CYCLE_SUNDAY, Horizon
from rota.demo.kinds import KIND_OF, PATTERN_OF, ROLE_SPECS, SENIORS, RoleSpec
from rota.demo.names import HomeName, home_name
from rota.models import Band

FULL_TIME_MINUTES = 35 * 60
PART_TIME_MINUTES = 24 * 60
HOMES = 5
BEDS = (120, 120, 120, 120, 70)
CARE_UNITS = (8, 8, 8, 8, 5)
#: the smallest home has 98 of 821 people
_WEIGHTS = (1.0, 1.0, 1.0, 1.0, 0.54)
_TEAMS = "ABC"
#: extra work stays within an average of 46.5 hours of the weeks worked, under the 48 of
#: the Regulations; leave and sickness are made up in that average, hence the room
_FULLEST_WEEK_MINUTES = 46 * 60 + 30
#: the part of that room somebody is willing to use, and how many people in a hundred are;
#: two in a hundred go too far
_WILLING = ((0.0, 0.4, 0.7, 1.0, 1.7), (8, 8, 18, 64, 2))
_BANK_MINUTES = 34 * 60


@dataclass(slots=True)
class UnitPlan:
    """A unit: how many people it needs, and whether seniors must lead its days or nights."""

    id: int
    name: str
    beds: int = 0
    is_management: bool = False
    day_minimum: int = 0
    weekend_minimum: int = 0
    night_minimum: int = 0
    day_senior: int = 0
    night_senior: int = 0


@dataclass(slots=True)
class Person:
    """A person with what their rota follows from. ``started`` and all days are indexes."""

    id: int
    number: int
    sap_number: str
    role: RoleSpec
    role_id: int
    unit: int
    contracted_minutes: int = 0
    team: str = ""
    pattern: str = ""
    started_on: date = date(2018, 1, 1)
    is_bank: bool = False
    opted_out: bool = False
    #: minutes a week beyond the contract that the person is willing to work
    extra_minutes: int = 0
    works_other_homes: bool = False
    cycle: tuple[int, ...] = field(default_factory=tuple)

    @property
    def band(self) -> Band:
        """The band somebody's shifts count in."""
        if self.role.is_night:
            return Band.NIGHT
        return Band.DAY if self.role.counts_to_cover else Band.OFFICE

    @property
    def anchor(self) -> date | None:
        """The day the person's 21-day cycle began."""
        return CYCLE_SUNDAY + timedelta(weeks=_TEAMS.index(self.team)) if self.team else None

    def kind_on(self, day: date) -> int:
        """What the pattern says for a day."""
        anchor = self.anchor
        return self.cycle[(day - anchor).days % len(self.cycle)] if anchor and self.cycle else 0


@dataclass(slots=True)
class HomePlan:
    """A home with its units (care units first, management last) and people."""

    id: int
    number: int
    name: HomeName
    beds: int
    units: list[UnitPlan]
    people: list[Person] = field(default_factory=list)

    @property
    def care_units(self) -> list[UnitPlan]:
        """Units with residents."""
        return self.units[:-1]

    @property
    def management(self) -> int:
        """Index of the management unit."""
        return len(self.units) - 1


def plan_homes(count: int, horizon: Horizon, seed: int) -> Iterator[HomePlan]:
    """Plan homes one after the other; each depends on the seed and its own number only."""
    unit_id = staff_id = 0
    for number in range(count):
        home = _plan_home(number, unit_id)
        _people(home, staff_id, horizon, random.Random(f"{seed}/people/{number}"))
        unit_id += len(home.units)
        staff_id += len(home.people)
        yield home


def _plan_home(number: int, last_unit_id: int) -> HomePlan:
    slot = number % HOMES
    name = home_name(number)
    care = CARE_UNITS[slot]
    units = []
    for index in range(care):
        heavy = index % 4 == 1  # residents with advanced dementia
        beds = BEDS[slot] // care
        small = slot == HOMES - 1
        day = 6 + heavy - small
        units.append(
            UnitPlan(
                id=last_unit_id + index + 1, name=f"{name.short} {name.units[index]}", beds=beds,
                day_minimum=day, weekend_minimum=day - (index % 4 == 3),
                night_minimum=5 - (index % (2 if small else 4) == 0),
                day_senior=int(index % 3 == 0), night_senior=int(index % 4 == 0),
            )
        )  # fmt: skip
    office = UnitPlan(last_unit_id + care + 1, f"{name.short} Management", is_management=True)
    return HomePlan(number + 1, number, name, BEDS[slot], [*units, office])


def headcounts(slot: int) -> dict[str, int]:
    """How many people of each role the home in this slot of five has; 821 in all five."""
    return {spec.code: _shares(spec.headcount, spec.code)[slot] for spec in ROLE_SPECS}


def _shares(total: int, code: str) -> list[int]:
    if code in ("HOS", "ADMIN"):
        return [1 if slot < total else 0 for slot in range(HOMES)]
    weights = _WEIGHTS if total > 2 * HOMES else (1.0,) * 4 + (0.9,)
    exact = [total * weight / sum(weights) for weight in weights]
    shares = [int(part) for part in exact]
    by_rest = sorted(range(HOMES), key=lambda slot: (shares[slot] - exact[slot], slot))
    for slot in by_rest[: total - sum(shares)]:
        shares[slot] += 1
    return shares


def _people(home: HomePlan, last_id: int, horizon: Horizon, rng: random.Random) -> None:
    for role_id, spec in enumerate(ROLE_SPECS, start=1):
        count = headcounts(home.number % HOMES)[spec.code]
        for index in range(count):
            number = last_id + len(home.people)
            person = Person(
                id=number + 1, number=number, sap_number=_sap_number(spec.code, home, index, number),
                role=spec, role_id=role_id, unit=_unit_for(home, spec, index),
                started_on=_start_date(horizon, rng),
            )  # fmt: skip
            _contract(person, index, len(home.care_units), rng)
            home.people.append(person)


def _sap_number(code: str, home: HomePlan, index: int, number: int) -> str:
    """Payroll numbers; leading zeros are part of them."""
    first = {"OM": 100_001, "SM": 200_001, "HOS": 300_001}.get(code)
    return f"{number + 1:06d}" if first is None else str(first + 2 * home.number + index)


def _unit_for(home: HomePlan, spec: RoleSpec, index: int) -> int:
    if not spec.counts_to_cover:
        return home.management
    care = home.care_units
    if spec.code in SENIORS:
        attribute = "night_senior" if spec.is_night else "day_senior"
        led = [unit for unit, plan in enumerate(care) if getattr(plan, attribute)]
        return led[index // 3 % len(led)]
    return index % len(care)


def _contract(person: Person, index: int, units: int, rng: random.Random) -> None:
    """Hours, team and pattern. Within a unit patterns and teams go round, so that every day
    of the week has about the same number of people."""
    turn = index // units
    spec = person.role
    person.works_other_homes = rng.random() < 0.12
    if spec.code in ("SCA", "SCAN", "SCW", "SCWN") and rng.random() < 0.08:
        person.is_bank = True
        person.extra_minutes = _BANK_MINUTES
        return
    person.opted_out = rng.random() < 0.09
    part_time = spec.counts_to_cover and spec.code not in SENIORS and rng.random() < 0.12
    person.contracted_minutes = PART_TIME_MINUTES if part_time else FULL_TIME_MINUTES
    room = _FULLEST_WEEK_MINUTES - person.contracted_minutes
    person.extra_minutes = int(room * rng.choices(*_WILLING)[0] * (1.5 if person.opted_out else 1))
    team = index if spec.code in SENIORS else turn // 3 + person.unit
    person.team = _TEAMS[team % len(_TEAMS)]
    family, variants = _family(spec, part_time, turn)
    person.pattern = f"{family}-{(turn + person.unit) % variants + 1}"
    person.cycle = tuple(KIND_OF[code] for code in PATTERN_OF[person.pattern].codes)


def _family(spec: RoleSpec, part_time: bool, turn: int) -> tuple[str, int]:
    if not spec.counts_to_cover:
        return "O35", 1
    if spec.code == "SSCW":
        return "SD35", 1
    if spec.code == "SSCWN":
        return "SN35", 1
    if part_time:
        return ("N24" if spec.is_night else "D24"), 3
    if spec.is_night:
        return "N35", 3
    short = spec.code == "SCA" or turn % 4 != 3
    return ("EL35", 2) if short else ("D35", 3)


def _start_date(horizon: Horizon, rng: random.Random) -> date:
    """Most people have been here for years; one in twelve began during the history."""
    if rng.random() < 0.08:
        return horizon.start + timedelta(days=rng.randrange(30, max(31, horizon.today_index - 10)))
    return horizon.start - timedelta(days=rng.randrange(30, 4200))
