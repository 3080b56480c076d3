"""How much leave somebody has earned: pure arithmetic in whole minutes.

Two engines. Contracted staff are granted weeks of leave times contracted hours, for the part
of the leave year they are employed. Irregular-hours (bank) staff accrue a percentage of the
hours they work.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil, floor

from rota.calendar import Period, months_after

MONTHS_PER_YEAR = 12
_HUNDRED = 100
_BASIS_POINTS = 10_000


def contract_entitlement(
    contracted_minutes: int,
    weeks_hundredths: int,
    year: Period,
    *,
    started_on: date | None = None,
    left_on: date | None = None,
) -> int:
    """Minutes of leave for a leave year: weeks × contracted minutes, pro rata by days employed.

    Rounded up to a whole minute, because entitlement may not be rounded down. Source:
    Working Time Regulations 1998, regs 13, 13A and 13(5) (the year of starting).
    """
    served = employed_days(year, started_on, left_on)
    exact = Fraction(contracted_minutes * weeks_hundredths, _HUNDRED) * Fraction(served, year.days)
    return ceil(exact)


def bank_holiday_entitlement(contracted_minutes: int, holidays: int) -> int:
    """Minutes for bank holidays given on top of the weeks: a fifth of the contracted week each.

    A fifth whatever days somebody works, so that part-time staff who never work on Mondays are
    not worse off (Part-time Workers Regulations 2000, reg 5). Rounded up to a whole minute.
    """
    return ceil(Fraction(contracted_minutes * holidays, 5))


def employed_days(year: Period, started_on: date | None, left_on: date | None) -> int:
    """Days of a leave year on which somebody is employed; ``left_on`` is the last day."""
    start = max(year.start, started_on or year.start)
    end = min(year.end, left_on or year.end)
    return max(0, (end - start).days + 1)


def first_year_available(entitlement_minutes: int, started_on: date, on: date) -> int:
    """What of a first year's entitlement may be taken by a day: a twelfth for each month begun.

    ``entitlement_minutes`` is that of a whole year. Rounded up to a whole minute. Source:
    Working Time Regulations 1998, reg 15A (accrual on the first day of each month).
    """
    if on < started_on:
        return 0
    months = 0
    while months < MONTHS_PER_YEAR and months_after(started_on, months) <= on:
        months += 1
    return ceil(Fraction(entitlement_minutes * months, MONTHS_PER_YEAR))


def worked_accrual(worked_minutes: int, basis_points: int, rounding_minutes: int) -> int:
    """Leave earned by minutes worked, to the nearest ``rounding_minutes`` (halves go up).

    Source: Working Time Regulations 1998, reg 15B: 12.07 % of the hours worked in the pay
    period, a fraction of an hour under 30 minutes being treated as zero, else as an hour.
    """
    exact = Fraction(worked_minutes * basis_points, _BASIS_POINTS)
    step = max(1, rounding_minutes)
    return floor(exact / step + Fraction(1, 2)) * step


def carry_over(remaining_minutes: int, contracted_minutes: int, weeks_hundredths: int) -> int:
    """What of a year's unused leave goes into the next: at most so many weeks, never below zero."""
    most = contracted_minutes * weeks_hundredths // _HUNDRED
    return max(0, min(remaining_minutes, most))


def contract_change(
    before_minutes: int, after_minutes: int, weeks_hundredths: int, year: Period, on: date
) -> int:
    """Minutes to add (or take) when contracted hours change on a day of a leave year."""
    rest = employed_days(year, on, None)
    exact = Fraction((after_minutes - before_minutes) * weeks_hundredths, _HUNDRED) * Fraction(
        rest, year.days
    )
    return ceil(exact)
