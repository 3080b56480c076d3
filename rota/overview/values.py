"""What the overview shows, as plain values. Money is integer pence, hours are minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rota.access.scope import HomeChoice
from rota.models import Band


@dataclass(frozen=True, slots=True)
class CoverCell:
    """One unit, day and band: people planned against people required.

    ``minimum`` and ``ideal`` are null where no requirement is stored.
    """

    home_id: int
    unit_id: int
    date: date
    band: Band
    planned: int
    seniors: int
    vacant: int
    minimum: int | None = None
    ideal: int | None = None
    senior_minimum: int = 0

    @property
    def short(self) -> int:
        """People missing to the minimum; 0 where nothing is required."""
        return max(0, (self.minimum or 0) - self.planned)


@dataclass(frozen=True, slots=True)
class HomeToday:
    """Who is on duty at a home today, against what is required, day and night."""

    home: HomeChoice
    on_duty: int
    required: int
    short_day: int
    short_night: int
    cells: tuple[CoverCell, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingLeave:
    """Leave requests nobody has decided, and the first day asked for."""

    count: int = 0
    first_day: date | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """Working time that somebody should look at.

    ``short_rests`` are pairs of shifts of one person in the fortnight with less than
    ``rest_minutes`` between them (WTR 1998 reg 10); ``rests_owed`` is compensatory rest not
    yet taken, ``rests_overdue`` that whose day has passed (regs 21 and 24).
    """

    rest_minutes: int
    short_rests: int = 0
    rests_owed: int = 0
    rests_overdue: int = 0

    @property
    def total(self) -> int:
        """Everything that waits for somebody to look at it."""
        return self.short_rests + self.rests_owed


@dataclass(frozen=True, slots=True)
class MonthCost:
    """What a calendar month costs, worked and planned, against its budget.

    ``budget_pence`` is null where no budget is set. ``missing_rates`` shifts have no cost
    because a rate is missing; they are in none of the sums. ``weekly_pence`` are whole weeks,
    oldest first, the last one being the week of today.
    """

    month: date
    pence: int
    budget_pence: int | None
    last_month_pence: int
    missing_rates: int
    weekly_pence: tuple[int, ...] = ()

    @property
    def variance_pence(self) -> int | None:
        """Cost less budget; positive is over. Null without a budget."""
        return None if self.budget_pence is None else self.pence - self.budget_pence

    @property
    def change_pence(self) -> int:
        """This month less last month."""
        return self.pence - self.last_month_pence


@dataclass(frozen=True, slots=True)
class Overview:
    """The homes of an actor today: strips, card figures (all homes together) and the fortnight."""

    today: date
    homes: tuple[HomeChoice, ...]
    duty: tuple[HomeToday, ...]
    fortnight: tuple[CoverCell, ...]
    vacancies: int
    vacancies_soon: int
    vacancies_by_day: tuple[int, ...]
    leave: WaitingLeave
    attention: Attention
    cost: MonthCost
