"""Why two periods cost differently, by cause, footing to the penny.

Every day of a unit is taken apart, in both periods, at the rates in force at the end of the
earlier one (the base):

1. **Rates**: what the day cost, less the same hours at the base's rates. A correction without
   hours is here too.
2. **Contracted hours**: own staff within contract.
3. What is left is cover: overtime, bank and agency. Its hours are explained one after the other,
   each cause by no more than is left: **sickness** by the hours that absent people missed on that
   unit and day; **leave clustering** by the leave beyond the unit's mean day of both periods (the
   even pace is what an establishment is made for); **dependency** by the care hours residents
   needed beyond the unit's mean day of both periods.
4. Cover that none of them explains is for posts nobody holds (**vacancy**). On days whose rota was
   published later than the lead time aimed at, its premium over own contracted pay is **late
   publishing**: in time, own people could have been asked (late approval goes with 37 % temporary
   use against 15 % four to six weeks ahead, Drake 2018).

The money of a day's cover is divided as its hours are, by running sums rounded once, so that the
causes of a day add up to what it cost and the causes of the change to the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction


class Cause(StrEnum):
    """What money was spent for; the order is that of the waterfall."""

    CONTRACTED = "contracted"
    VACANCY = "vacancy"
    SICKNESS = "sickness"
    LEAVE = "leave"
    DEPENDENCY = "dependency"
    LATE = "late"
    RATES = "rates"


CAUSE_NAMES = {
    Cause.CONTRACTED: "Contracted hours", Cause.VACANCY: "Vacancy", Cause.SICKNESS: "Sickness",
    Cause.LEAVE: "Leave clustering", Cause.DEPENDENCY: "Dependency",
    Cause.LATE: "Late publishing", Cause.RATES: "Rates",
}  # fmt: skip
CAUSE_MEANINGS = {
    Cause.CONTRACTED: "Own staff within contract, at the earlier period's rates.",
    Cause.VACANCY: "Cover that no absence, leave or dependency explains: posts nobody holds.",
    Cause.SICKNESS: "Cover of the hours that absent people missed on that unit and day.",
    Cause.LEAVE: "Cover of leave beyond the unit's mean day of both periods.",
    Cause.DEPENDENCY: "Cover of care hours beyond the unit's mean day of both periods.",
    Cause.LATE: "Premium over own contracted pay of cover for vacant posts on days whose rota was "
    "published later than the lead time aimed at.",
    Cause.RATES: "The same hours at today's rates less at the rates in force at the end of the "
    "earlier period; corrections without hours.",
}  # fmt: skip


#: days listed for a cause
DEAREST = 40


@dataclass(frozen=True, slots=True)
class UnitDay:
    """One unit on one day. Money is pence, hours are minutes.

    ``cost_pence`` is what it cost; the other amounts are at the base's rates. ``own_pence`` is
    what the cover would have cost as contracted hours of own staff. The three ``…_minutes`` after
    it may explain cover; ``is_late``: its rota was published late.
    """

    unit_id: int
    date: date
    cost_pence: int = 0
    contracted_pence: int = 0
    cover_pence: int = 0
    cover_minutes: int = 0
    own_pence: int = 0
    sick_minutes: int = 0
    leave_minutes: int = 0
    dependency_minutes: int = 0
    is_late: bool = False


def causes_of(day: UnitDay) -> dict[Cause, int]:
    """What a day cost, by cause, in pence; the parts add up to ``cost_pence``."""
    found = dict.fromkeys(Cause, 0)
    found[Cause.CONTRACTED] = day.contracted_pence
    found[Cause.RATES] = day.cost_pence - day.contracted_pence - day.cover_pence
    if day.cover_minutes <= 0:
        found[Cause.VACANCY] = day.cover_pence
        return found
    a_minute = Fraction(day.cover_pence, day.cover_minutes)
    explained = spent = 0
    for cause, minutes in (
        (Cause.SICKNESS, day.sick_minutes),
        (Cause.LEAVE, day.leave_minutes),
        (Cause.DEPENDENCY, day.dependency_minutes),
    ):
        explained += min(max(minutes, 0), day.cover_minutes - explained)
        upto = round(a_minute * explained)
        found[cause], spent = upto - spent, upto
    rest = day.cover_pence - spent
    if day.is_late:
        share = Fraction(day.cover_minutes - explained, day.cover_minutes)
        found[Cause.LATE] = round((day.cover_pence - day.own_pence) * share)
    found[Cause.VACANCY] = rest - found[Cause.LATE]
    return found


@dataclass(frozen=True, slots=True)
class CauseLine:
    """One cause (or one unit, or one day) in both periods, in pence."""

    base_pence: int
    actual_pence: int

    @property
    def change_pence(self) -> int:
        """Actual less base."""
        return self.actual_pence - self.base_pence

    def __add__(self, other: CauseLine) -> CauseLine:
        return CauseLine(self.base_pence + other.base_pence, self.actual_pence + other.actual_pence)


@dataclass(frozen=True, slots=True)
class DayShare:
    """What a unit's day in the later period cost for one cause, in pence."""

    unit_id: int
    date: date
    pence: int


@dataclass(frozen=True, slots=True)
class Why:
    """The change between two periods by cause; lines and units add up to it exactly.

    ``dearest`` are the days of the later period that cost most for a cause. ``missing_rates``
    shifts have no cost and are in no sum.
    """

    lines: Mapping[Cause, CauseLine]
    units: Mapping[int, Mapping[Cause, CauseLine]]
    dearest: Mapping[Cause, tuple[DayShare, ...]]
    missing_rates: int = 0

    @property
    def whole(self) -> CauseLine:
        """Everything in both periods."""
        return sum(self.lines.values(), CauseLine(0, 0))


def explain(base: Iterable[UnitDay], actual: Iterable[UnitDay], missing_rates: int = 0) -> Why:
    """Add the causes of every day of both periods up."""
    lines = dict.fromkeys(Cause, CauseLine(0, 0))
    units: dict[int, dict[Cause, CauseLine]] = {}
    shares: dict[Cause, list[DayShare]] = {cause: [] for cause in Cause}
    for is_actual, days in ((False, base), (True, actual)):
        for day in days:
            of_unit = units.setdefault(day.unit_id, dict.fromkeys(Cause, CauseLine(0, 0)))
            for cause, pence in causes_of(day).items():
                line = CauseLine(0, pence) if is_actual else CauseLine(pence, 0)
                lines[cause] += line
                of_unit[cause] += line
                if is_actual and pence:
                    shares[cause].append(DayShare(day.unit_id, day.date, pence))
    dearest = {
        cause: tuple(
            sorted(found, key=lambda share: (-abs(share.pence), share.date, share.unit_id))[
                :DEAREST
            ]
        )
        for cause, found in shares.items()
    }
    return Why(lines, dict(sorted(units.items())), dearest, missing_rates)
