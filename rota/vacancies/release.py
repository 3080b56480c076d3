"""Tiered release: from which day a vacancy is open to the unit, the home, others, agencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from rota.models import Employment
from rota.vacancies.policy import FillPolicy


@dataclass(frozen=True, slots=True)
class Release:
    """A circle of people and the day from which a vacancy is open to them."""

    to: str
    opens_on: date
    is_open: bool


def releases(shift_day: date, policy: FillPolicy, today: date) -> tuple[Release, ...]:
    """The circles in the order in which they open, for a vacancy of a day."""
    steps = (
        ("the unit", None),
        ("the home", policy.release_home_days),
        ("other homes", policy.release_other_homes_days),
        ("bank staff", policy.release_bank_days),
        ("agencies", policy.release_agency_days),
    )
    found = []
    for circle, days in steps:
        opens = date.min if days is None else shift_day - timedelta(days=days)
        found.append(Release(circle, opens, opens <= today))
    return tuple(found)


def is_released_to(
    shift_day: date,
    policy: FillPolicy,
    today: date,
    *,
    same_unit: bool,
    same_home: bool,
    employment: Employment,
) -> bool:
    """Whether a vacancy of a day is open to somebody yet."""
    if same_unit and employment is Employment.PERMANENT:
        return True
    days = policy.release_home_days if same_home else policy.release_other_homes_days
    if employment is Employment.BANK:
        days = min(days, policy.release_bank_days)
    return shift_day - timedelta(days=days) <= today
