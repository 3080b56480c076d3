"""The small sums of a month in one statement: budget, residents, absence, people, changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from rota.calendar import month_of
from rota.costs.measures import KEPT
from rota.costs.values import SHORT_NOTICE
from rota.forecasting.queries import CARE_HOURS
from rota.models import (
    AbsenceSpell,
    Budget,
    Census,
    ChangeItem,
    ChangeSet,
    CompensatoryRest,
    ForecastOutcome,
    KeptFigure,
    LostShift,
    Publication,
    Shift,
    Staff,
    Unit,
)
from rota.portable_sql import as_number, is_json_null, minutes_between, month_start

Sums = defaultdict[tuple[int, date], dict[str, int]]

_WEEK_MINUTES = SHORT_NOTICE // timedelta(minutes=1)
_TWO_DAYS_MINUTES = 2 * 24 * 60


def small_facts(
    session: Session,
    sums: Sums,
    home_ids: Sequence[int],
    months: Sequence[date],
    kept_months: Sequence[date] = (),
) -> dict[tuple[int, date], dict[str, int]]:
    """Add to ``sums``, by home and month, what is small enough to be read together.

    Gives the kept sums of ``kept_months`` of shifts, of homes and months that have them all.
    """
    kept: defaultdict[tuple[int, date], dict[str, int]] = defaultdict(dict)
    parts = [
        _budgets(home_ids, months), _residents(home_ids, months), _lost(home_ids, months),
        _spells(home_ids, months), _staff(home_ids, months), _changes(home_ids, months),
        _publications(home_ids, months), _rests(home_ids, months), _forecasts(home_ids, months),
        _kept(home_ids, kept_months),
    ]  # fmt: skip
    for kind, home_id, first, last, one, two in session.execute(union_all(*parts)):
        a, b = int(one or 0), int(two or 0)
        if kind == "staff":
            _add_staff(sums, home_id, months, (first, last), a, b)
        elif kind == "publication":
            place = sums[home_id, first.replace(day=1)]
            place["publications"] += a
            place["lead_days"] += a * max(0, (first - last).days)
        elif kind in _FIELDS:
            place = sums[home_id, first]
            for name, value in zip(_FIELDS[kind], (a, b), strict=False):
                place[name] += value
        else:
            kept[home_id, first][kind] = a
    return {place: values for place, values in kept.items() if values.keys() == KEPT_NAMES}


KEPT_NAMES = frozenset(KEPT)
_FIELDS = {
    "budget": ("budget_pence",),
    "residents": ("resident_days",),
    "lost": ("lost_minutes",),
    "spells": ("spells",),
    "changes": ("changes_under_week", "changes_under_two_days"),
    "rests": ("rest_shortfalls",),
    "forecasts": ("forecast_error_thousandths", "forecast_actual_thousandths"),
}


def _part(
    kind: Any,
    home_id: Any,
    first: Any,
    one: Any,
    two: Any = None,
    last: Any = None,
) -> Select[Any]:
    """One branch of the union: kind, home, first and last day, two whole numbers."""
    return select(
        (literal(kind) if isinstance(kind, str) else kind).label("kind"),
        cast(home_id, Integer).label("home_id"),
        first.label("first"),
        (cast(null(), Date) if last is None else last).label("last"),
        one.label("one"),
        (literal(0) if two is None else two).label("two"),
    )


def _in(column: Any, months: Sequence[date]) -> ColumnElement[bool]:
    return or_(*(column.between(month, month_of(month).end) for month in months))


def _kept(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    return _part(KeptFigure.name, KeptFigure.home_id, KeptFigure.month, KeptFigure.value).where(
        KeptFigure.home_id.in_(home_ids), KeptFigure.month.in_(months)
    )


def _budgets(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    return (
        _part("budget", Budget.home_id, Budget.month, func.sum(Budget.pence))
        .where(Budget.home_id.in_(home_ids), Budget.month.in_(months))
        .group_by(Budget.home_id, Budget.month)
    )


def _residents(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    month = month_start(Census.date)
    return (
        _part("residents", Unit.home_id, month, func.sum(Census.residents))
        .select_from(Census)
        .join(Unit, Unit.id == Census.unit_id)
        .where(Unit.home_id.in_(home_ids), _in(Census.date, months))
        .group_by(Unit.home_id, month)
    )


def _lost(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    month = month_start(LostShift.date)
    return (
        _part("lost", Unit.home_id, month, func.sum(LostShift.minutes))
        .select_from(LostShift)
        .join(Unit, Unit.id == LostShift.unit_id)
        .where(Unit.home_id.in_(home_ids), _in(LostShift.date, months))
        .group_by(Unit.home_id, month)
    )


def _spells(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    month = month_start(AbsenceSpell.started_on)
    return (
        _part("spells", AbsenceSpell.home_id, month, func.count())
        .where(AbsenceSpell.home_id.in_(home_ids), _in(AbsenceSpell.started_on, months))
        .group_by(AbsenceSpell.home_id, month)
    )


def _rests(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    month = month_start(CompensatoryRest.arose_on)
    return (
        _part("rests", Staff.home_id, month, func.count())
        .select_from(CompensatoryRest)
        .join(Staff, Staff.id == CompensatoryRest.staff_id)
        .where(Staff.home_id.in_(home_ids), _in(CompensatoryRest.arose_on, months))
        .group_by(Staff.home_id, month)
    )


def _forecasts(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    """Care hours forecast and found on days that are over, in thousandths of an hour."""
    month = month_start(ForecastOutcome.date)
    off = func.abs(ForecastOutcome.actual - ForecastOutcome.expected)

    def thousandths(column: Any) -> Any:
        return cast(func.round(func.sum(column) * 1000), BigInteger)

    return (
        _part("forecasts", Unit.home_id, month, thousandths(off),
              thousandths(ForecastOutcome.actual))
        .select_from(ForecastOutcome)
        .join(Unit, Unit.id == ForecastOutcome.unit_id)
        .where(
            Unit.home_id.in_(home_ids), ForecastOutcome.series == CARE_HOURS,
            _in(ForecastOutcome.date, months),
        )
        .group_by(Unit.home_id, month)
    )  # fmt: skip


def _staff(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    """People with a contract by when they came and went, inside the months alone."""
    first, last = months[0], month_of(months[-1]).end
    began = case((Staff.started_on > first, Staff.started_on), else_=cast(null(), Date))
    ended = case((Staff.left_on < last, Staff.left_on), else_=cast(null(), Date))
    return (
        _part(
            "staff", Staff.home_id, began, func.sum(Staff.contracted_minutes), func.count(), ended
        )
        .where(
            Staff.home_id.in_(home_ids),
            or_(Staff.started_on.is_(None), Staff.started_on <= last),
            or_(Staff.left_on.is_(None), Staff.left_on >= first),
            # somebody inactive without a leaving day left at a time nobody wrote down
            or_(Staff.is_active, Staff.left_on.is_not(None)),
        )
        .group_by(Staff.home_id, began, ended)
    )


def _add_staff(
    sums: Sums,
    home_id: int,
    months: Sequence[date],
    employed: tuple[date | None, date | None],
    weekly_minutes: int,
    people: int,
) -> None:
    for month in months:
        whole = month_of(month)
        start = max(whole.start, employed[0] or whole.start)
        end = min(whole.end, employed[1] or whole.end)
        days = (end - start).days + 1
        if days > 0:
            place = sums[home_id, month]
            place["headcount"] += people
            place["contracted_staff_minutes"] += round(weekly_minutes * days / 7)


def _changes(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    """Changes of published shifts before they start; those undone did not happen."""
    month = month_start(Shift.date)
    notice = minutes_between(ChangeSet.created_at, Shift.starts_at)
    return (
        _part(
            "changes", Shift.home_id, month,
            func.sum(as_number(notice < _WEEK_MINUTES)),
            func.sum(as_number(notice < _TWO_DAYS_MINUTES)),
        )
        .select_from(ChangeItem)
        .join(ChangeSet, ChangeSet.id == ChangeItem.change_set_id)
        .join(Shift, Shift.id == ChangeItem.shift_id)
        .where(
            ChangeSet.home_id.in_(home_ids), ChangeSet.undone_at.is_(None),
            ~is_json_null(ChangeItem.before), Shift.is_published, _in(Shift.date, months),
            notice >= 0,
        )
        .group_by(Shift.home_id, month)
    )  # fmt: skip


def _publications(home_ids: Sequence[int], months: Sequence[date]) -> Select[Any]:
    """Rotas published for the first time, by their first day and the day of publishing.

    Versions are numbered through a home (:func:`rota.roster.publishing.publish`), so the first
    time is not number 1: it is the one whose first day nothing published before it covers.
    """
    earlier = aliased(Publication)
    covered = exists().where(
        earlier.home_id == Publication.home_id,
        or_(earlier.unit_id.is_(None), earlier.unit_id == Publication.unit_id),
        earlier.published_at < Publication.published_at,
        earlier.start_date <= Publication.start_date,
        earlier.end_date >= Publication.start_date,
    )
    # not a cast: SQLite would make the number 2026 of a date
    published_on = func.date(Publication.published_at, type_=Date)
    return (
        _part(
            "publication", Publication.home_id, Publication.start_date, func.count(),
            last=published_on,
        )
        .where(
            Publication.home_id.in_(home_ids), ~covered,
            Publication.withdrawn_at.is_(None), _in(Publication.start_date, months),
        )
        .group_by(Publication.home_id, Publication.start_date, published_on)
    )  # fmt: skip
