"""The rota of a home, day by day: patterns, who is away, moves between units, and how the
gaps were filled (or not).

Cover goes the first customer's way: first within the unit, then the home, then overtime and
bank, then agencies in their order.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rota.demo.census import UnitCensus
from rota.demo.desk import Away, Desk
from rota.demo.horizon import Horizon
from rota.demo.kinds import DAY_KINDS, NIGHT_KINDS, SPEC_OF, Kind
from rota.demo.offers import Offer, Offers, Pools
from rota.demo.people import HomePlan
from rota.demo.staffing import StaffingPlan
from rota.models import Band, Classification

_SATURDAY = 5
#: share of gaps offered to bank staff first
_BANK_SHARE = 0.16
_SENIOR_SHIFT = {Band.DAY: (Kind.SENIOR, "SSCW"), Band.NIGHT: (Kind.SENIOR_NIGHT, "SSCWN")}
#: one late followed by an early a month: lawful only with compensatory rest
_SHORT_REST_DAYS = 30


@dataclass(slots=True)
class Slot:
    """One shift to store. ``person`` is a position in the home's people; null with no
    agency: a vacancy."""

    day: int
    unit: int
    kind: int
    person: int | None = None
    source: Classification = Classification.REGULAR
    agency: int | None = None
    role: str = ""
    reason: str = ""
    supernumerary: bool = False
    fills_sickness: bool = False


@dataclass(frozen=True, slots=True)
class ShortRest:
    """A rest of nine hours between a late and an early: who and when."""

    person: int
    day: int


class HomeRota:
    """Builds a home's slots. After :meth:`days` ran to its end, ``short_rests`` holds the
    exceptions to daily rest and ``lost`` the shifts missed through sickness."""

    def __init__(
        self, home: HomePlan, horizon: Horizon, desk: Desk, census: list[UnitCensus],
        rng: random.Random,
    ) -> None:  # fmt: skip
        self.home = home
        self.horizon = horizon
        self.desk = desk
        self.rng = rng
        self.short_rests: list[ShortRest] = []
        #: person, day, kind
        self.lost: list[tuple[int, int, int]] = []
        self._agency_share = rng.uniform(0.0, 0.04)
        self._pools = Pools(home)
        self._plan = StaffingPlan(home, horizon, census, rng)
        self._away_by_pattern: list[list[tuple[int, int]]] = [[] for _ in horizon.days]
        self._present: list[list[int]] = [[] for _ in horizon.days]
        self._lay_patterns()

    def days(self) -> Iterator[list[Slot]]:
        """The slots of each day of the horizon, in order."""
        for day in range(len(self.horizon.days)):
            slots = self._regular(day)
            self._others(day, slots)
            for band in (Band.DAY, Band.NIGHT):
                self._cover(day, band, slots)
            yield slots

    def _lay_patterns(self) -> None:
        """Everybody's pattern for the whole horizon, less leave and sickness."""
        horizon, desk = self.horizon, self.desk
        for index, person in enumerate(self.home.people):
            anchor = person.anchor
            if not person.cycle or anchor is None:
                continue
            offset = (horizon.start - anchor).days
            away, cycle = desk.away[index], person.cycle
            office = person.band is Band.OFFICE
            for day in range(len(horizon.days)):
                kind = cycle[(day + offset) % len(cycle)]
                if not kind or (office and horizon.is_holiday[day]):
                    continue
                reason = away[day]
                if reason in (0, Away.ASKED_FOR_LEAVE):
                    desk.put(index, day, kind)
                    self._present[day].append(index)
                elif reason != Away.NOT_EMPLOYED:
                    self._away_by_pattern[day].append((index, reason))
                    if reason == Away.SICK and day <= horizon.today_index:
                        self.lost.append((index, day, kind))

    def _regular(self, day: int) -> list[Slot]:
        people = self.home.people
        return [
            Slot(day, people[index].unit, self.desk.kind(index, day), index)
            for index in self._present[day]
        ]

    def _cover(self, day: int, band: Band, slots: list[Slot]) -> None:
        """Even out between units, then fill each unit's gaps."""
        kinds = DAY_KINDS if band is Band.DAY else NIGHT_KINDS
        offers = self._pools.offers(self.desk, day, band, self.rng)
        mine = [slot for slot in slots if slot.kind in kinds]
        have = Counter(slot.unit for slot in mine)
        need = [self._plan.wanted(day, band, unit) for unit in range(self.home.management)]
        self._even_out(mine, have, need)
        led = {slot.unit for slot in mine if SPEC_OF[slot.kind].is_senior}
        for unit, plan in enumerate(self.home.care_units):
            gap = need[unit] - have[unit]
            senior = plan.day_senior if band is Band.DAY else plan.night_senior
            if senior and unit not in led:
                self._senior_gap(day, band, unit, offers, slots)
                gap -= 1
            why = self._reasons(day, band, unit)
            for _ in range(gap):
                reason = next(why)
                self._fill(day, band, unit, reason, offers, slots)
                slots[-1].fills_sickness = reason == "sickness" and not slots[-1].reason

    def _even_out(self, mine: list[Slot], have: Counter[int], need: list[int]) -> None:
        """Lend people from units with more than they need to units with fewer."""
        short = [unit for unit in range(len(need)) if have[unit] < need[unit]]
        for slot in mine if short else ():
            spare = have[slot.unit] - need[slot.unit] > 0
            if not spare or SPEC_OF[slot.kind].is_senior:
                continue
            have[slot.unit] -= 1
            slot.unit = short[0]
            have[slot.unit] += 1
            if have[slot.unit] >= need[slot.unit]:
                short.pop(0)
                if not short:
                    return

    def _reasons(self, day: int, band: Band, unit: int) -> Iterator[str]:
        """Why there are gaps: who is away first, then posts nobody holds."""
        people = self.home.people
        for index, reason in self._away_by_pattern[day]:
            if people[index].unit == unit and people[index].band is band:
                yield "leave" if reason == Away.LEAVE else "sickness"
        while True:
            yield "unfilled post"

    def _senior_gap(
        self, day: int, band: Band, unit: int, offers: Offers, slots: list[Slot]
    ) -> None:
        kind, role = _SENIOR_SHIFT[band]
        if self._plan.stays_open(day):
            slots.append(Slot(day, unit, kind, role=role, reason="unfilled post"))
            return
        offer = offers.senior() if self.rng.random() < 0.8 else None
        if offer is None:
            self._agency(day, unit, kind, role, slots)
        else:
            self._give(day, unit, offer, Classification.OVERTIME, slots)

    def _fill(
        self, day: int, band: Band, unit: int, why: str, offers: Offers, slots: list[Slot]
    ) -> None:
        """Fill one gap from a source, or leave it."""
        kind, role = self._wanted(band)
        if self._plan.stays_open(day):
            slots.append(Slot(day, unit, kind, role=role, reason=why))
            return
        if band is Band.DAY and self._short_rest(day, unit, offers, slots):
            return
        draw = self.rng.random()
        agency_share = self._agency_share * (1.12 - 0.24 * day / len(self.horizon.days))
        if draw < agency_share:
            self._agency(day, unit, kind, role, slots)
            return
        sources = (Classification.OVERTIME, Classification.BANK)
        for source in reversed(sources) if draw < agency_share + _BANK_SHARE else sources:
            offer = offers.take(source, unit, kind)
            if offer is not None:
                self._give(day, unit, offer, source, slots)
                return
        self._agency(day, unit, kind, role, slots)

    def _give(
        self, day: int, unit: int, offer: Offer, source: Classification, slots: list[Slot]
    ) -> None:
        self.desk.put_extra(offer.person, day, offer.kind)
        slots.append(Slot(day, unit, offer.kind, offer.person, source))

    def _wanted(self, band: Band) -> tuple[int, str]:
        if band is Band.NIGHT:
            return Kind.NIGHT, "SCWN" if self.rng.random() < 0.18 else "SCAN"
        role = "SCW" if self.rng.random() < 0.3 else "SCA"
        return self.rng.choices((Kind.LONG, Kind.EARLY, Kind.LATE), (5, 3, 4))[0], role

    def _agency(self, day: int, unit: int, kind: int, role: str, slots: list[Slot]) -> None:
        agency = self.rng.choices((1, 2, 3), (6, 3, 1))[0]
        slots.append(Slot(day, unit, kind, source=Classification.AGENCY, agency=agency, role=role))

    def _short_rest(self, day: int, unit: int, offers: Offers, slots: list[Slot]) -> bool:
        """Once a month somebody comes back early after a late; true when it was this gap."""
        last = self.short_rests[-1].day if self.short_rests else -_SHORT_REST_DAYS // 2
        ahead = day - self.horizon.today_index
        pause = 9 if 0 < ahead < 28 else _SHORT_REST_DAYS
        if day - last < pause:
            return False
        for index in self._pools.of_unit(unit):
            late = self.desk.kind(index, day - 1) == Kind.LATE
            if late and self.desk.is_free(index, day) and not self.desk.kind(index, day + 1):
                offers.withdraw(index)
                self._give(day, unit, Offer(index, Kind.EARLY), Classification.OVERTIME, slots)
                self.short_rests.append(ShortRest(index, day))
                return True
        return False

    def _others(self, day: int, slots: list[Slot]) -> None:
        """Sleep-ins and training days, outside the minimum."""
        for _ in range(2):
            if self._extra_duty(day, Kind.SLEEP_IN, self._pools.sleepers, slots):
                slots[-1].unit = self.home.management
        if self.horizon.weekday[day] < _SATURDAY and not self.horizon.is_holiday[day]:
            for _ in range(self.rng.choice((3, 4, 5))):
                self._extra_duty(day, Kind.TRAINING, self._pools.trainees, slots)

    def _extra_duty(self, day: int, kind: int, pool: list[int], slots: list[Slot]) -> bool:
        for _ in range(20):
            index = pool[self.rng.randrange(len(pool))]
            tomorrow = self.desk.kind(index, day + 1)
            if tomorrow or not self.desk.may_work(index, day, kind):
                continue
            self.desk.put_extra(index, day, kind)
            unit = self.home.people[index].unit
            slots.append(Slot(day, unit, kind, index, supernumerary=kind == Kind.TRAINING))
            return True
        return False
