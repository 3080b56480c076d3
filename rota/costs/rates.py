"""The dated rates in force and what one shift costs at them.

Money is integer pence. Inside a calculation it is an exact :class:`~decimal.Decimal`, and
it is rounded once, at the very end, half to even: over many shifts the rounding neither
adds nor takes money, and the parts shown add up to the total within half a penny.

The rate of a shift follows its rota day (the day it starts), not the hours on each side of
midnight: a bank holiday pays the holiday rate; a night or a weekend its own rate, and a
weekend night the better of the two; anything else the day rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from sqlalchemy.orm import Session

from rota.calendar import bank_holiday
from rota.costs.book import (
    MINUTES_PER_HOUR,
    HourlyRates,
    OnCostRates,
    RateBook,
    RateKind,
    build_rate_book,
    load_rate_book,
)
from rota.models import Band, Classification, Shift

__all__ = [
    "FloorBreach", "RateBook", "RateKind", "ShiftCost", "ShiftFacts", "build_rate_book",
    "cost_of_shift", "facts_of", "floor_breaches", "load_rate_book", "price_shift",
    "rate_kind", "round_pence",
]  # fmt: skip

WEEKS_PER_YEAR = 52
_SATURDAY = 5
_PENNY = Decimal(1)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """What the cost of a shift depends on.

    ``role_id`` is the role that is paid: the person's own, or the role an agency worker
    fills. ``paid_minutes`` is what is paid, unpaid breaks already taken off. Instants are
    aware; they are carried for rules by the hour and do not change today's rate.
    """

    role_id: int | None
    date: date
    starts_at: datetime
    ends_at: datetime
    paid_minutes: int
    band: Band
    classification: Classification
    agency_id: int | None = None
    is_bank_holiday: bool = False

    @property
    def is_night(self) -> bool:
        """Whether it is a night shift."""
        return self.band is Band.NIGHT


@dataclass(frozen=True, slots=True)
class ShiftCost:
    """What a shift costs and how it is made up.

    The parts are exact pence; ``total_pence`` is their sum rounded half to even, and null
    when ``missing`` says which rate could not be found.
    """

    hours: Decimal
    kind: RateKind
    rate_pence: int
    multiplier: Decimal
    pay_pence: Decimal
    national_insurance_pence: Decimal
    pension_pence: Decimal
    total_pence: int | None
    missing: tuple[str, ...] = ()

    @property
    def on_cost_pence(self) -> Decimal:
        """National Insurance and pension together, exact pence."""
        return self.national_insurance_pence + self.pension_pence


@dataclass(frozen=True, slots=True)
class FloorBreach:
    """A role paid under a floor from a day on; amounts are pence an hour."""

    role_id: int
    floor: str
    since: date
    paid_pence: int
    floor_pence: int


def round_pence(amount: Decimal) -> int:
    """Whole pence, half to even: the one rounding rule of money in this product."""
    return int(amount.quantize(_PENNY, rounding=ROUND_HALF_EVEN))


def rate_kind(rates: HourlyRates, facts: ShiftFacts) -> RateKind:
    """Which rate a shift is paid at (see the top of this module)."""
    if facts.is_bank_holiday:
        return RateKind.HOLIDAY
    is_weekend = facts.date.weekday() >= _SATURDAY
    if is_weekend and facts.is_night:
        better = rates.weekend_pence > rates.night_pence
        return RateKind.WEEKEND if better else RateKind.NIGHT
    if is_weekend:
        return RateKind.WEEKEND
    return RateKind.NIGHT if facts.is_night else RateKind.DAY


def cost_of_shift(facts: ShiftFacts, book: RateBook) -> ShiftCost:
    """The loaded cost of a shift at the rates of its day.

    Own staff: hours × rate × overtime multiplier, plus pension on all pay and National
    Insurance on the pay above the threshold, whose yearly amount is spread over full-time
    hours; overtime comes on top of a contract that has used it up. Agency: hours × invoiced
    rate, nothing on top. A rate that is not there is named in ``missing``, never taken as
    zero.
    """
    if facts.classification is Classification.AGENCY:
        return _agency_cost(facts, book)
    return _own_cost(facts, book)


def floor_breaches(book: RateBook, start: date, end: date) -> list[FloorBreach]:
    """Roles whose lowest rate lies under a pay floor on some day of a period.

    One line for each role, floor and stretch of days, with the first day it is so, ordered
    by day, role and floor. Floors: National Minimum Wage Act 1998 and the organisation's own
    promise (Real Living Wage); both are rows an administrator edits.
    """
    found: list[FloorBreach] = []
    for role_id, history in book.pay.items():
        for name, floors in book.floors.items():
            days = {row.effective_from for row in history.rows}
            days |= {row.effective_from for row in floors.rows}
            for day in sorted({start} | {day for day in days if start < day <= end}):
                rates, floor = history.on(day), floors.on(day)
                if rates and floor and rates.lowest_pence < floor.pence:
                    found.append(FloorBreach(role_id, name, day, rates.lowest_pence, floor.pence))
    return sorted(found, key=lambda breach: (breach.since, breach.role_id, breach.floor))


def _agency_cost(facts: ShiftFacts, book: RateBook) -> ShiftCost:
    if facts.agency_id is None or facts.role_id is None:
        what = "the agency" if facts.agency_id is None else "the role"
        return _unknown(facts, f"{what} of the agency worker")
    rates = book.agency_on(facts.agency_id, facts.role_id, facts.date)
    if rates is None:
        return _unknown(facts, f"agency rate on {facts.date:%d/%m/%Y}")
    kind = rate_kind(rates, facts)
    pay = _hours(facts) * rates.at(kind)
    return ShiftCost(
        hours=_hours(facts), kind=kind, rate_pence=rates.at(kind), multiplier=_PENNY,
        pay_pence=pay, national_insurance_pence=_NOTHING, pension_pence=_NOTHING,
        total_pence=round_pence(pay),
    )  # fmt: skip


def _own_cost(facts: ShiftFacts, book: RateBook) -> ShiftCost:
    if facts.role_id is None:
        return _unknown(facts, "the role that is paid")
    rates = book.pay_on(facts.role_id, facts.date)
    on_costs = book.on_costs.on(facts.date)
    missing = tuple(
        f"{what} on {facts.date:%d/%m/%Y}"
        for what, row in (("pay rate", rates), ("on-costs", on_costs))
        if row is None
    )
    if rates is None or on_costs is None:
        return _unknown(facts, *missing)
    is_overtime = facts.classification is Classification.OVERTIME
    kind = rate_kind(rates, facts)
    multiplier = Decimal(rates.overtime_multiplier) if is_overtime else _PENNY
    hours = _hours(facts)
    pay = hours * rates.at(kind) * multiplier
    allowance = _NOTHING if is_overtime else hours * _allowance(on_costs, book)
    insured = max(_NOTHING, pay - allowance)
    insurance = insured * on_costs.national_insurance_percent / 100
    pension = pay * on_costs.pension_percent / 100
    return ShiftCost(
        hours=hours, kind=kind, rate_pence=rates.at(kind), multiplier=multiplier,
        pay_pence=pay, national_insurance_pence=insurance, pension_pence=pension,
        total_pence=round_pence(pay + insurance + pension),
    )  # fmt: skip


def _allowance(on_costs: OnCostRates, book: RateBook) -> Decimal:
    """Pence an hour free of National Insurance when a year's threshold is spread evenly."""
    hours_a_year = Decimal(book.full_time_minutes * WEEKS_PER_YEAR) / MINUTES_PER_HOUR
    return Decimal(on_costs.national_insurance_threshold_pence) / hours_a_year


def _hours(facts: ShiftFacts) -> Decimal:
    return Decimal(facts.paid_minutes) / MINUTES_PER_HOUR


def _unknown(facts: ShiftFacts, *missing: str) -> ShiftCost:
    return ShiftCost(
        hours=_hours(facts), kind=RateKind.DAY, rate_pence=0, multiplier=_PENNY,
        pay_pence=_NOTHING, national_insurance_pence=_NOTHING, pension_pence=_NOTHING,
        total_pence=None, missing=missing,
    )  # fmt: skip


def facts_of(shift: Shift) -> ShiftFacts:
    """What the cost of a stored shift depends on.

    A person is paid at their own role, an agency worker invoiced at the role they fill.
    Reads ``shift.user`` and ``shift.shift_type``: load them with the shifts when pricing
    many.
    """
    role_id = shift.user.role_id if shift.user is not None else shift.role_id
    return ShiftFacts(
        role_id=role_id,
        date=shift.date,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        paid_minutes=shift.paid_minutes,
        band=shift.shift_type.band,
        classification=shift.classification,
        agency_id=shift.agency_id,
        is_bank_holiday=bank_holiday(shift.date) is not None,
    )


def price_shift(rates: RateBook | Session, shift: Shift) -> ShiftCost | None:
    """Write the cost of a shift on it (``cost_pence``) and return how it is made up.

    A vacancy costs nothing until somebody works it: 0 pence, and nothing is returned. When
    a rate is missing ``cost_pence`` becomes null and the answer says which. Give a book
    rather than a session when pricing more than one shift.
    """
    if shift.is_vacant:
        shift.cost_pence = 0
        return None
    book = load_rate_book(rates) if isinstance(rates, Session) else rates
    cost = cost_of_shift(facts_of(shift), book)
    shift.cost_pence = cost.total_pence
    return cost
