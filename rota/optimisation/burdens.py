"""Who had how much of a home's past weekends, nights and bank holidays, against what is fair."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from rota.calendar import bank_holiday
from rota.costs.people import BurdenKind
from rota.models import Band
from rota.optimisation.home_data import HomeData

_SATURDAY = 5


def is_burden(kind: BurdenKind, day: date, band: Band) -> bool:
    """Whether a shift of a rota day is unsocial in this way."""
    if kind is BurdenKind.WEEKEND:
        return day.weekday() >= _SATURDAY
    if kind is BurdenKind.NIGHT:
        return band == Band.NIGHT
    return bank_holiday(day) is not None


def burden_shares(data: HomeData, kind: BurdenKind) -> dict[int, float]:
    """Each person's part of the past minutes of a kind ÷ their contract's part; 1 is fair.

    Whoever has no contracted hours has no fair share and is left out; nights are shared among
    those who work by day as well, for a night carer's contract is nights. Without any such
    shift in the past there is nothing to share and the answer is empty.
    """
    contracts = {
        person.id: person.contracted_minutes
        for person in data.staff
        if person.contracted_minutes and not (kind is BurdenKind.NIGHT and person.role.is_night)
    }
    minutes: dict[int, int] = defaultdict(int)
    for shift in data.past:
        if shift.staff_id in contracts and is_burden(kind, shift.date, shift.band):
            minutes[shift.staff_id] += shift.minutes
    total = sum(minutes.values())
    if not total:
        return {}
    whole = sum(contracts.values())
    return {i: minutes[i] * whole / (total * contracts[i]) for i in contracts}
