"""The dated rates in force, ready to be asked often."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.models import AgencyRate, OnCost, PayFloor, PayRate

MINUTES_PER_HOUR = 60
_ONCE = Decimal(1)


class RateKind(StrEnum):
    """Which of a role's hourly rates a shift is paid at."""

    DAY = "day"
    NIGHT = "night"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class _Dated(Protocol):
    @property
    def effective_from(self) -> date: ...


R = TypeVar("R", bound=_Dated)


@dataclass(frozen=True, slots=True)
class HourlyRates:
    """Pence an hour from a day on. ``overtime_multiplier`` is 1 for an agency's rates."""

    effective_from: date
    day_pence: int
    night_pence: int
    weekend_pence: int
    holiday_pence: int
    overtime_multiplier: Decimal = _ONCE

    def at(self, kind: RateKind) -> int:
        """Pence an hour of this kind."""
        return {
            RateKind.DAY: self.day_pence,
            RateKind.NIGHT: self.night_pence,
            RateKind.WEEKEND: self.weekend_pence,
            RateKind.HOLIDAY: self.holiday_pence,
        }[kind]

    @property
    def lowest_pence(self) -> int:
        """The least anybody is paid an hour under these rates."""
        return min(self.day_pence, self.night_pence, self.weekend_pence, self.holiday_pence)


@dataclass(frozen=True, slots=True)
class OnCostRates:
    """Employer's on-costs from a day on; the threshold is pence a year for one person."""

    effective_from: date
    national_insurance_percent: Decimal
    national_insurance_threshold_pence: int
    pension_percent: Decimal


@dataclass(frozen=True, slots=True)
class Floor:
    """Pence an hour that nobody may be paid under, from a day on."""

    name: str
    effective_from: date
    pence: int


class History(Generic[R]):
    """Rows of one subject in order of their day; the latest not after a day is in force."""

    __slots__ = ("_days", "rows")

    def __init__(self, rows: Iterable[R]) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: row.effective_from))
        self._days = [row.effective_from for row in self.rows]

    def on(self, day: date) -> R | None:
        """The row in force on a day; nothing before the first."""
        index = bisect_right(self._days, day)
        return self.rows[index - 1] if index else None


@dataclass(frozen=True, slots=True)
class RateBook:
    """Every dated rate, ready to be asked often.

    ``pay`` is by role, ``agency`` by agency and role, ``floors`` by name.
    ``full_time_minutes`` a week is over how many hours the yearly National Insurance
    threshold of one person is spread.
    """

    pay: dict[int, History[HourlyRates]] = field(default_factory=dict)
    agency: dict[tuple[int, int], History[HourlyRates]] = field(default_factory=dict)
    on_costs: History[OnCostRates] = field(default_factory=lambda: History(()))
    floors: dict[str, History[Floor]] = field(default_factory=dict)
    full_time_minutes: int = 35 * MINUTES_PER_HOUR

    def pay_on(self, role_id: int, day: date) -> HourlyRates | None:
        """The rates of a role in force on a day, or nothing."""
        history = self.pay.get(role_id)
        return history.on(day) if history else None

    def agency_on(self, agency_id: int, role_id: int, day: date) -> HourlyRates | None:
        """What an agency invoices for a role on a day, or nothing."""
        history = self.agency.get((agency_id, role_id))
        return history.on(day) if history else None

    def frozen(self, day: date) -> RateBook:
        """The rates in force on a day, as if they had always held and always would.

        What has no rate on that day has none in the frozen book.
        """
        return RateBook(
            pay={role: _always(rows, day) for role, rows in self.pay.items()},
            agency={key: _always(rows, day) for key, rows in self.agency.items()},
            on_costs=_always(self.on_costs, day),
            floors={name: _always(rows, day) for name, rows in self.floors.items()},
            full_time_minutes=self.full_time_minutes,
        )


def _always(history: History[R], day: date) -> History[R]:
    row = history.on(day)
    return History([replace(row, effective_from=date.min)] if row is not None else ())  # type: ignore[type-var]


def build_rate_book(
    pay: Iterable[PayRate] = (),
    agency: Iterable[AgencyRate] = (),
    on_costs: Iterable[OnCost] = (),
    floors: Iterable[PayFloor] = (),
) -> RateBook:
    """A rate book of these rows; they need not be stored."""
    by_role: defaultdict[int, list[HourlyRates]] = defaultdict(list)
    for row in pay:
        by_role[row.role_id].append(_hourly(row, Decimal(row.overtime_multiplier)))
    by_agency: defaultdict[tuple[int, int], list[HourlyRates]] = defaultdict(list)
    for invoiced in agency:
        by_agency[invoiced.agency_id, invoiced.role_id].append(_hourly(invoiced, _ONCE))
    by_name: defaultdict[str, list[Floor]] = defaultdict(list)
    for floor in floors:
        by_name[floor.name].append(Floor(floor.name, floor.effective_from, floor.pence))
    return RateBook(
        pay={role: History(rows) for role, rows in by_role.items()},
        agency={key: History(rows) for key, rows in by_agency.items()},
        on_costs=History(
            OnCostRates(
                row.effective_from,
                Decimal(row.national_insurance_percent),
                row.national_insurance_threshold_pence,
                Decimal(row.pension_percent),
            )
            for row in on_costs
        ),
        floors={name: History(rows) for name, rows in by_name.items()},
    )


def _hourly(row: PayRate | AgencyRate, multiplier: Decimal) -> HourlyRates:
    return HourlyRates(
        row.effective_from, row.day_pence, row.night_pence, row.weekend_pence,
        row.holiday_pence, multiplier,
    )  # fmt: skip


def load_rate_book(session: Session) -> RateBook:
    """Read every dated rate in four statements. Load once, price many shifts."""
    return build_rate_book(
        pay=session.scalars(select(PayRate)),
        agency=session.scalars(select(AgencyRate)),
        on_costs=session.scalars(select(OnCost)),
        floors=session.scalars(select(PayFloor)),
    )
