"""The financial year: spent, planned and expected to its end, against budget.

A day that is over counts what its shifts cost. A day to come counts its rota: the shifts that
somebody works, and its vacancies at the mean price an hour that the home paid for cover (overtime,
bank, agency) in the last eight full weeks. A day whose rota holds less than half the hours of its
weekday in those weeks is not planned yet and counts the mean cost of that weekday (the run rate).
Rates are those of the shifts; a pay rise to come is not guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice
from rota.calendar import Period, leave_year, monday
from rota.costs.months import months_between
from rota.costs.queries import budgets
from rota.costs.values import CostScope
from rota.models import Classification, Shift
from rota.portable_sql import as_number

#: full weeks that a usual day is the mean of
RUN_WEEKS = 8
#: a rota with less of a usual day's hours is not planned yet
PLANNED_SHARE = Fraction(1, 2)


def financial_year(day: date) -> Period:
    """1 April to 31 March around a day."""
    return leave_year(day)


@dataclass(frozen=True, slots=True)
class HomeDay:
    """What a home's rota of one day holds: pence and minutes; cover is what is not contracted."""

    pence: int = 0
    minutes: int = 0
    vacant_minutes: int = 0
    cover_pence: int = 0
    cover_minutes: int = 0
    missing_rates: int = 0


@dataclass(frozen=True, slots=True)
class MonthOutlook:
    """A month of a home in pence: spent, planned (with vacancies at the price of cover) and run rate.

    ``budget_pence`` is null where none is set; ``compared_pence`` is the forecast of the months
    that have one, so that a sum compares like with like.
    """

    month: date
    spent_pence: int = 0
    planned_pence: int = 0
    run_rate_pence: int = 0
    budget_pence: int | None = None
    missing_rates: int = 0
    compared_pence: int = 0

    @property
    def forecast_pence(self) -> int:
        """What the month will have cost."""
        return self.spent_pence + self.planned_pence + self.run_rate_pence

    @property
    def variance_pence(self) -> int | None:
        """Forecast less budget of the months that have one; positive is over."""
        return None if self.budget_pence is None else self.compared_pence - self.budget_pence

    def __add__(self, other: MonthOutlook) -> MonthOutlook:
        budgets = [b for b in (self.budget_pence, other.budget_pence) if b is not None]
        return MonthOutlook(
            self.month, self.spent_pence + other.spent_pence,
            self.planned_pence + other.planned_pence, self.run_rate_pence + other.run_rate_pence,
            sum(budgets) if budgets else None, self.missing_rates + other.missing_rates,
            self.compared_pence + other.compared_pence,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outlook:
    """The financial year of some homes, month by month; the homes add up to ``months``."""

    year: Period
    today: date
    by_home: Mapping[int, tuple[MonthOutlook, ...]] = field(default_factory=dict)

    @property
    def months(self) -> tuple[MonthOutlook, ...]:
        """All homes together."""
        columns = zip(*self.by_home.values(), strict=True)
        return tuple(total(column) for column in columns)

    @property
    def whole(self) -> MonthOutlook:
        """The whole year of all homes."""
        return total(self.months)


def total(months: Iterable[MonthOutlook]) -> MonthOutlook:
    """Months added up, named by the first."""
    found = list(months)
    if not found:
        return MonthOutlook(date.min)
    return sum(found[1:], found[0])


def forecast_home(
    days: Mapping[date, HomeDay],
    year: Period,
    today: date,
    budget: Mapping[date, int] | None = None,
) -> tuple[MonthOutlook, ...]:
    """A home's year by month. ``days`` reach back to the first day of :func:`run_period`."""
    usual = _usual_days(days, run_period(today))
    cover_price = _cover_price(days, run_period(today))
    nothing = HomeDay()
    sums: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for day in year:
        held, place = days.get(day, nothing), sums[day.replace(day=1)]
        place[3] += held.missing_rates
        if day < today:
            place[0] += held.pence
            continue
        minutes, pence = usual[day.weekday()]
        if held.minutes + held.vacant_minutes >= minutes * PLANNED_SHARE:
            place[1] += held.pence + round(held.vacant_minutes * cover_price)
        else:
            place[2] += round(pence)
    planned = budget or {}
    return tuple(
        MonthOutlook(month, spent, rota, run_rate, planned.get(month), missing,
                     spent + rota + run_rate if month in planned else 0)
        for month in months_between(year.start, year.end)
        for spent, rota, run_rate, missing in [sums[month]]
    )  # fmt: skip


def run_period(today: date) -> Period:
    """The full weeks before this one that usual days are the mean of."""
    return Period(monday(today) - timedelta(weeks=RUN_WEEKS), monday(today) - timedelta(days=1))


def _usual_days(days: Mapping[date, HomeDay], run: Period) -> list[tuple[Fraction, Fraction]]:
    """Mean minutes (worked and vacant) and pence of each weekday, Monday first."""
    nothing = HomeDay()
    sums = [[0, 0] for _ in range(7)]
    for day in run:
        held = days.get(day, nothing)
        sums[day.weekday()][0] += held.minutes + held.vacant_minutes
        sums[day.weekday()][1] += held.pence
    return [(Fraction(m, RUN_WEEKS), Fraction(p, RUN_WEEKS)) for m, p in sums]


def _cover_price(days: Mapping[date, HomeDay], run: Period) -> Fraction:
    """Pence a minute of cover; of all work where there was no cover, nought without any work."""
    nothing = HomeDay()
    held = [days.get(day, nothing) for day in run]
    for pence, minutes in (
        (sum(d.cover_pence for d in held), sum(d.cover_minutes for d in held)),
        (sum(d.pence for d in held), sum(d.minutes for d in held)),
    ):
        if minutes > 0:
            return Fraction(pence, minutes)
    return Fraction(0)


def outlook(
    session: Session, actor: Actor, homes: Sequence[HomeChoice], year: Period, today: date
) -> Outlook:
    """The financial year of these homes. Two statements.

    Raises :class:`~rota.errors.NotAllowed` for a home the actor does not work with.
    """
    actor.require(Permission.VIEW_COSTS)
    for home in homes:
        actor.require(Permission.VIEW_COSTS, home.id)
    run = run_period(today)
    held = _home_days(session, homes, min(run.start, year.start), max(run.end, year.end))
    scope = CostScope(frozenset(home.id for home in homes), year.start, year.end)
    planned: defaultdict[int, defaultdict[date, int]] = defaultdict(lambda: defaultdict(int))
    for line in budgets(session, actor, scope) if homes else ():
        planned[line.home_id][line.month] += line.pence
    return Outlook(
        year, today,
        {
            home.id: forecast_home(held.get(home.id, {}), year, today, planned[home.id])
            for home in homes
        },
    )  # fmt: skip


def _home_days(
    session: Session, homes: Sequence[HomeChoice], start: date, end: date
) -> dict[int, dict[date, HomeDay]]:
    filled = as_number(Shift.is_vacant.is_(False))
    cover = filled * as_number(Shift.classification != Classification.REGULAR)
    priced = as_number(Shift.cost_pence.is_not(None))
    rows = session.execute(
        select(
            Shift.home_id, Shift.date,
            func.sum(filled * Shift.cost_pence),
            func.sum(filled * Shift.paid_minutes),
            func.sum((1 - filled) * Shift.paid_minutes),
            func.sum(cover * Shift.cost_pence),
            func.sum(cover * priced * Shift.paid_minutes),
            func.sum(filled * (1 - priced)),
        )
        .where(
            Shift.home_id.in_(sorted(home.id for home in homes)), Shift.date.between(start, end)
        )
        .group_by(Shift.home_id, Shift.date)
    )  # fmt: skip
    found: defaultdict[int, dict[date, HomeDay]] = defaultdict(dict)
    for home_id, day, *values in rows:
        found[home_id][day] = HomeDay(*(int(value or 0) for value in values))
    return dict(found)
