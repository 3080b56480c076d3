"""Who can be asked to work beyond their pattern, and who would on a day."""

from __future__ import annotations

import random
from dataclasses import dataclass

from rota.demo.desk import Desk
from rota.demo.kinds import SENIORS, Kind
from rota.demo.people import HomePlan
from rota.models import Band, Classification

#: what may be offered beyond the pattern, in order of preference where nothing is asked for
_EXTRA_KINDS = {
    Band.DAY: (Kind.LONG, Kind.LATE, Kind.EARLY),
    Band.NIGHT: (Kind.NIGHT,),
}
_SENIOR_KIND = {Band.DAY: Kind.SENIOR, Band.NIGHT: Kind.SENIOR_NIGHT}


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody (a position in the home's people) and the shift they would do."""

    person: int
    kind: int


class Offers:
    """Who would work an extra shift of a band on one day, shuffled; each is taken once."""

    def __init__(
        self, home: HomePlan, own: list[tuple[int, tuple[int, ...]]],
        bank: list[tuple[int, tuple[int, ...]]], seniors: list[Offer],
    ) -> None:  # fmt: skip
        self._home = home
        self._open = {Classification.OVERTIME: own, Classification.BANK: bank}
        self._seniors = seniors

    def senior(self) -> Offer | None:
        """A senior who would lead, or nobody."""
        return self._seniors.pop() if self._seniors else None

    def take(self, source: Classification, unit: int, kind: int) -> Offer | None:
        """Somebody of the unit, else of the home, for this kind of shift if they may do it,
        else for another they may do; nobody when all have been asked."""
        people = self._open[source]
        if not people:
            return None
        at = len(people) - 1
        for position, (index, _) in enumerate(people):
            if self._home.people[index].unit == unit:
                at = position
                break
        index, kinds = people.pop(at)
        return Offer(index, kind if kind in kinds else kinds[0])

    def withdraw(self, person: int) -> None:
        """Somebody has been given a shift some other way."""
        for people in self._open.values():
            people[:] = [entry for entry in people if entry[0] != person]


class Pools:
    """The people of a home by what they can be asked for, as positions in the home."""

    def __init__(self, home: HomePlan) -> None:
        self._home = home
        people = list(enumerate(home.people))
        seniors = [(index, person) for index, person in people if person.role.code in SENIORS]
        carers = [
            (index, person)
            for index, person in people
            if person.role.counts_to_cover and person.role.code not in SENIORS
        ]
        self._carers = {
            band: [index for index, person in carers if person.band is band]
            for band in (Band.DAY, Band.NIGHT)
        }
        self._seniors = {
            band: [index for index, person in seniors if person.band is band]
            for band in (Band.DAY, Band.NIGHT)
        }
        own = [index for index in self._carers[Band.DAY] if not home.people[index].is_bank]
        self._day_by_unit = [
            [index for index in own if home.people[index].unit == unit]
            for unit in range(home.management)
        ]
        workers = [index for index in own if home.people[index].role.code == "SCW"]
        #: who may sleep in, and who has training days
        self.sleepers = workers or own
        self.trainees = [index for index, person in people if not person.is_bank]

    def of_unit(self, unit: int) -> list[int]:
        """Day carers of a unit with a contract."""
        return self._day_by_unit[unit]

    def offers(self, desk: Desk, day: int, band: Band, rng: random.Random) -> Offers:
        """Everybody who would and may work an extra shift of this band on a day."""
        own: list[tuple[int, tuple[int, ...]]] = []
        bank: list[tuple[int, tuple[int, ...]]] = []
        for index in self._carers[band]:
            if desk.is_free(index, day) and desk.is_willing(index, day):
                kinds = tuple(k for k in _EXTRA_KINDS[band] if desk.may_work(index, day, k))
                if kinds:
                    (bank if self._home.people[index].is_bank else own).append((index, kinds))
        kind = _SENIOR_KIND[band]
        seniors = [
            Offer(index, kind)
            for index in self._seniors[band]
            if desk.is_willing(index, day) and desk.may_work(index, day, kind)
        ]
        for people in (own, bank, seniors):
            rng.shuffle(people)
        return Offers(self._home, own, bank, seniors)
