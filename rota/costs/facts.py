"""The sums that measures are made of, for homes and months side by side.

One statement, however many homes and months: everything small in one union. For homes of which
not all months are kept (:mod:`rota.costs.kept_figures`) five more: work, rates,
cover cells, requirements and how weekends lay on people. Continuity is asked for apart (:mod:`rota.costs.people`): it looks back
from every single shift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, time
from itertools import chain
from typing import NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    String,
    and_,
    case,
    func,
    join,
    literal_column,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice
from rota.calendar import bank_holiday, instant, month_of
from rota.costs.book import RateBook, build_rate_book
from rota.costs.measures import Facts, cell_minutes
from rota.costs.months import month_table
from rota.costs.people import continuity, weekend_fairness
from rota.costs.rates import ShiftFacts, cost_of_shift
from rota.costs.small_facts import small_facts
from rota.models import Band, Classification, OnCost, PayRate, Shift, ShiftType
from rota.portable_sql import as_number
from rota.roster.cover import COUNTS, IS_SENIOR, WORKED_ROLE_ID, with_worker
from rota.roster.requirements import requirement_rows, resolve

Place = tuple[int, date]
Sums = defaultdict[Place, dict[str, int]]

_NAMES = {
    Classification.REGULAR: "contracted",
    Classification.OVERTIME: "overtime",
    Classification.BANK: "bank",
    Classification.AGENCY: "agency",
}
#: a shift's minutes where a unit worked none in that band all month: a long shift
_USUAL_MINUTES = 720.0
#: the rate of a shift follows its day, not its hour; a price per hour needs some instant
_NOON = time(12)


def facts_by_home_and_month(
    session: Session,
    actor: Actor,
    homes: Sequence[HomeChoice],
    months: Collection[date],
    *,
    work_only: Collection[date] = (),
) -> dict[Place, Facts]:
    """The facts of each home in each month (named by its first day), also where nothing was.

    Of the months in ``work_only`` only hours, costs and sources are read, for a trend: the
    fields that :func:`_add_work` fills. Raises :class:`~rota.errors.NotAllowed` for a home
    the actor does not work with.
    """
    actor.require(Permission.VIEW_COSTS)
    for home in homes:
        actor.require(Permission.VIEW_COSTS, home.id)
    firsts = sorted({month.replace(day=1) for month in months})
    worked = sorted({*firsts, *(month.replace(day=1) for month in work_only)})
    sums: Sums = defaultdict(lambda: defaultdict(int))
    if homes and firsts:
        kept = small_facts(session, sums, [home.id for home in homes], firsts, worked)
        others = [home for home in homes if any((home.id, m) not in kept for m in worked)]
        if others:
            read = sums_of_shifts(session, others, worked, firsts)
            kept = {**kept, **read}
        for place, values in kept.items():
            sums[place].update(values)
    return {
        (home.id, month): replace(Facts(), **sums[home.id, month])
        for home in homes
        for month in worked
    }


def with_continuity(
    session: Session, actor: Actor, facts: dict[Place, Facts]
) -> dict[Place, Facts]:
    """The same facts with continuity. A statement for each month that looks back from every
    shift: for a report and for files, not for a screen of many homes."""
    found = dict(facts)
    home_ids = {home_id for home_id, _ in facts}
    for month in sorted({first for _, first in facts}):
        known = continuity(session, actor, home_ids, month_of(month))
        for home_id, (by_known, whole) in known.items():
            found[home_id, month] = replace(
                found[home_id, month], continuity_minutes=by_known, own_minutes=whole
            )
    return found


def sums_of_shifts(
    session: Session,
    homes: Sequence[HomeChoice],
    worked: Sequence[date],
    priced: Sequence[date],
) -> Sums:
    """What shifts say of each home and month in ``worked``, by name of the fact.

    Cover, fairness and what agency hours would have cost by own staff only of the months in
    ``priced``.
    """
    sums: Sums = defaultdict(lambda: defaultdict(int))
    _add_work(session, sums, homes, worked, priced)
    _add_cells(session, sums, homes, priced)
    for place, even in weekend_fairness(session, [home.id for home in homes], priced).items():
        sums[place]["fairness_people"] += even.people
        sums[place]["fairness_millionths"] += round(even.gini * even.people * 1_000_000)
    return sums


def _of_homes(homes: Sequence[HomeChoice]) -> ColumnElement[bool]:
    return Shift.home_id.in_(sorted(home.id for home in homes))


def _within(months: CTE) -> FromClause:
    """Shifts of the months; the columns of a month are at hand."""
    return join(months, Shift, Shift.date.between(months.c.first, months.c.last))


def _add_work(
    session: Session,
    sums: Sums,
    homes: Sequence[HomeChoice],
    months: Sequence[date],
    priced: Collection[date],
) -> None:
    """Hours and costs by source; agency hours of ``priced`` months at own rates beside them.

    Agency hours come apart by day, role and band, which is what a rate depends on.
    """
    months_read = month_table(months)
    month = months_read.c.first
    is_agency = Shift.classification == literal_column("'agency'")
    in_detail = and_(is_agency, month.in_(sorted(priced)))
    details = [case((in_detail, column)) for column in (Shift.date, WORKED_ROLE_ID, ShiftType.band)]
    counts, senior = as_number(COUNTS), as_number(and_(COUNTS, IS_SENIOR))
    unpriced = as_number(Shift.cost_pence.is_(None))
    statement = (
        with_worker(
            select(
                Shift.home_id,
                month,
                Shift.classification,
                *details,
                func.count(),
                func.sum(Shift.paid_minutes),
                func.sum(Shift.cost_pence),
                func.sum(unpriced),
                func.sum(unpriced * Shift.paid_minutes),
                func.sum(counts * Shift.paid_minutes),
                func.sum(senior * Shift.paid_minutes),
                func.sum(as_number(Shift.is_published)),
            ).select_from(_within(months_read))
        )
        .where(_of_homes(homes), Shift.is_vacant.is_(False))
        .group_by(Shift.home_id, month, Shift.classification, *details)
    )
    agency: list[_AgencyWork] = []
    for home_id, first, source, day, role_id, band, *values in session.execute(statement):
        work = _Work(*(int(value or 0) for value in values))
        place, name = sums[home_id, first], _NAMES[source]
        place["shifts"] += work.shifts
        place["minutes"] += work.minutes
        place["cost_pence"] += work.pence
        place["missing_rates"] += work.missing
        place["care_minutes"] += work.care
        place["senior_minutes"] += work.seniors
        place["published_shifts"] += work.published
        place[f"{name}_pence"] += work.pence
        if source is not Classification.REGULAR:
            place[f"{name}_minutes"] += work.minutes
        if day is not None:
            agency.append(_AgencyWork(home_id, day, role_id, band, work))
    _add_own_price_of_agency(session, sums, agency)


class _Work(NamedTuple):
    shifts: int
    minutes: int
    pence: int
    missing: int
    missing_minutes: int
    care: int
    seniors: int
    published: int


class _AgencyWork(NamedTuple):
    home_id: int
    day: date
    role_id: int | None
    band: Band
    work: _Work


def _add_cells(
    session: Session, sums: Sums, homes: Sequence[HomeChoice], months: Sequence[date]
) -> None:
    """Required, unfilled and overfilled minutes, cell by cell (unit, day, band)."""
    filled = as_number(Shift.is_vacant.is_(False))
    by_source = [
        func.sum(filled * as_number(Shift.classification == source) * Shift.paid_minutes)
        for source in _NAMES
    ]
    statement = (
        with_worker(
            select(
                # a band as plain text is equal to the member and costs no conversion
                Shift.unit_id, Shift.date, type_coerce(ShiftType.band, String),
                func.count(),
                func.sum(Shift.paid_minutes),
                func.sum(filled),
                func.sum(filled * as_number(IS_SENIOR)),
                *by_source,
            ).select_from(_within(month_table(months)))
        )
        .where(_of_homes(homes), COUNTS)
        .group_by(Shift.unit_id, Shift.date, ShiftType.band)
    )  # fmt: skip
    # ten thousand rows and more: sums of whole numbers are taken as they come
    cells = {
        (unit_id, day, band): values for unit_id, day, band, *values in session.execute(statement)
    }
    home_of = {unit.id: home.id for home in homes for unit in home.units}
    rows = requirement_rows(session, list(home_of), months[0], month_of(months[-1]).end)
    usual = _usual_minutes(cells.items())
    nothing = (0,) * 8
    periods = [month_of(month) for month in months]
    for key, need in chain.from_iterable(resolve(rows, p.start, p.end).items() for p in periods):
        unit_id, day, band = key
        month = day.replace(day=1)
        count, minutes, people, seniors, *sources = cells.get(key, nothing)
        worked = sum(sources)
        worth = minutes / count if count else usual.get((unit_id, band, month), _USUAL_MINUTES)
        required, unfilled, overfill = cell_minutes(need.minimum, people, worked, worth)
        place = sums[home_of[unit_id], month]
        place["required_cells"] += 1
        place["required_minutes"] += required
        place["unfilled_minutes"] += unfilled
        place["overfill_minutes"] += overfill
        place["cells_short_of_seniors"] += seniors < need.senior_minimum
        for name, part in zip(_NAMES.values(), sources, strict=False):
            place[f"fill_{name}_minutes"] += part


def _usual_minutes(
    cells: Iterable[tuple[tuple[int, date, str], Sequence[int]]],
) -> dict[tuple[int, str, date], float]:
    """The mean length of a unit's shifts in a band and month, for days on which it has none.

    Of that month alone, so that a month's figures do not depend on which others are read.
    """
    sums: dict[tuple[int, str, date], tuple[int, int]] = {}
    for (unit_id, day, band), (count, minutes, *_rest) in cells:
        key = (unit_id, band, day.replace(day=1))
        shifts, total = sums.get(key, (0, 0))
        sums[key] = (shifts + count, total + minutes)
    return {key: total / shifts for key, (shifts, total) in sums.items() if shifts}


def _add_own_price_of_agency(session: Session, sums: Sums, agency: Sequence[_AgencyWork]) -> None:
    """What the agency hours would have cost by own staff; as invoiced where no rate is known."""
    if not agency:
        return
    # both small tables in one statement; without a rate of pay on-costs load nothing
    rates = session.execute(select(PayRate, OnCost).outerjoin(OnCost, true())).all()
    book = build_rate_book(
        pay={rate.id: rate for rate, _ in rates}.values(),
        on_costs={cost.id: cost for _, cost in rates if cost is not None}.values(),
    )
    for hours in agency:
        minutes = hours.work.minutes - hours.work.missing_minutes
        own = _own_price(book, hours.day, hours.role_id, hours.band, minutes)
        place = sums[hours.home_id, hours.day.replace(day=1)]
        place["agency_at_own_rate_pence"] += hours.work.pence if own is None else own


def _own_price(
    book: RateBook, day: date, role_id: int | None, band: Band, minutes: int
) -> int | None:
    noon = instant(day, _NOON)
    facts = ShiftFacts(
        role_id=role_id, date=day, starts_at=noon, ends_at=noon, paid_minutes=minutes, band=band,
        classification=Classification.REGULAR, is_bank_holiday=bank_holiday(day) is not None,
    )  # fmt: skip
    return cost_of_shift(facts, book).total_pence
