"""What leave costs: hours taken, what they are paid, cover beyond the usual day, pace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.boards.values import (
    Board,
    BoardFigure,
    BoardQuestion,
    BoardTable,
    Leads,
    Place,
    share,
)
from rota.calendar import Period, month_of, months_after
from rota.costs.cause_facts import why_it_changed
from rota.costs.causes import Cause
from rota.costs.months import months_between
from rota.costs.rates import load_rate_book
from rota.leave.checks import target_percent
from rota.leave.ledger import balances
from rota.leave.policy import policy_for
from rota.models import LeaveRequest, LeaveStatus, LeaveType, Staff
from rota.reports.document import Chart, Column, Kind, Section, Value
from rota.reports.leave_liability import hour_price

_TYPES = {
    LeaveType.ANNUAL: "Annual", LeaveType.TRAINING: "Training", LeaveType.UNPAID: "Unpaid",
    LeaveType.PARENTAL: "Parental", LeaveType.COMPASSIONATE: "Compassionate",
    LeaveType.TOIL: "Time off in lieu", LeaveType.OTHER: "Other",
}  # fmt: skip
DEFINITIONS = (
    ("Leave", "Agreed leave, each request spread evenly over its days; sickness is not leave."),
    ("Paid", "Those hours at the loaded weekday rate of the person's role at the end of the "
     "period; unpaid leave costs nothing. People without a rate are in no sum."),
    ("Cover of clustering", "Cover of leave beyond a unit's mean day of this period and the one "
     "before: see Why costs changed."),
    ("Pace", "Annual leave taken and booked ÷ entitlement of the leave year, against the target "
     "of the leave policy on the last day of the period."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Part:
    """One request's share of a month."""

    home_id: int
    unit_id: int | None
    month: date
    kind: LeaveType
    minutes: int
    pence: int | None


def leave_board(session: Session, actor: Actor, question: BoardQuestion) -> Board:
    """Leave by month, kind, home and unit, what it is paid, and the pace of each home."""
    question.check(actor, Permission.VIEW_COSTS)
    parts = _parts(session, question)
    months = months_between(question.period.start, question.period.end)
    before = Period(
        months_after(question.period.start, -len(months)),
        date.fromordinal(question.period.start.toordinal() - 1),
    )
    why = why_it_changed(session, actor, question.homes, before, question.period)
    cover = {unit: lines[Cause.LEAVE].actual_pence for unit, lines in why.units.items()}
    pace = _pace(session, question)
    minutes, pence = sum(p.minutes for p in parts), sum(p.pence or 0 for p in parts)
    missing = sum(p.pence is None for p in parts)
    used, given = (sum(one[i] for one in pace.values()) for i in (0, 1))
    target = max((one[2] for one in pace.values()), default=0.0) / 100
    whole = share(used, given)
    figures = [
        BoardFigure("Leave", minutes, Kind.MINUTES, "agreed, in the period"),
        BoardFigure("Paid for it", pence, Kind.PENCE,
                    f"{missing} requests without a rate" if missing else "at loaded weekday rates"),
        BoardFigure("Cover of clustering", sum(cover.values()), Kind.PENCE,
                    "beyond the usual day's leave"),
        BoardFigure("Pace", whole, Kind.SHARE, f"of the year's entitlement; target {target:.0%}",
                    None if whole is None else abs(whole - target) <= 0.1),
    ]  # fmt: skip
    return Board(
        _finding(parts, months),
        tuple(figures),
        (
            _by_month(parts, months), _by_home(question, parts, cover, pace),
            _by_kind(parts), _by_unit(question, parts, cover),
        ),
        DEFINITIONS,
    )  # fmt: skip


def _parts(session: Session, question: BoardQuestion) -> list[_Part]:
    period = question.period
    rows = session.execute(
        select(
            Staff.home_id, Staff.unit_id, Staff.role_id, LeaveRequest.start_date,
            LeaveRequest.end_date, LeaveRequest.leave_type, LeaveRequest.minutes,
        )
        .join(Staff, Staff.id == LeaveRequest.staff_id)
        .where(
            Staff.home_id.in_(question.home_ids), LeaveRequest.status == LeaveStatus.APPROVED,
            LeaveRequest.leave_type != LeaveType.SICK, LeaveRequest.start_date <= period.end,
            LeaveRequest.end_date >= period.start,
        )
    ).all()  # fmt: skip
    book = load_rate_book(session)
    prices = {role: hour_price(book, role, period.end) for role in {row.role_id for row in rows}}
    found = []
    for row in rows:
        whole = Period(row.start_date, row.end_date)
        price = 0 if row.leave_type is LeaveType.UNPAID else prices[row.role_id]
        gone = Fraction(0)
        for month in months_between(max(whole.start, period.start), min(whole.end, period.end)):
            inside = whole.overlap(month_of(month))
            upto = gone + Fraction(row.minutes * (inside.days if inside else 0), whole.days)
            # running sums rounded once: months, homes and kinds add up to the same penny
            pence = None if price is None else _pence(upto, price) - _pence(gone, price)
            found.append(
                _Part(row.home_id, row.unit_id, month, row.leave_type, round(upto) - round(gone),
                      pence)
            )  # fmt: skip
            gone = upto
    return found


def _pence(minutes: Fraction, pence_per_hour: int) -> int:
    return round(minutes * pence_per_hour / 60)


def _pace(session: Session, question: BoardQuestion) -> dict[int, tuple[int, int, float]]:
    """Used and given minutes of each home's leave year, and the target in per cent."""
    on = question.period.end
    policies = {home.id: policy_for(session, on, home.id) for home in question.homes}
    people = session.execute(
        select(Staff.id, Staff.home_id).where(Staff.home_id.in_(question.home_ids), Staff.is_active)
    ).all()
    # homes with the same leave year, which is nearly always all of them, are read together
    by_year: defaultdict[Period, dict[int, int]] = defaultdict(dict)
    for staff_id, home_id in people:
        assert home_id is not None  # the condition above
        by_year[policies[home_id].year_of(on)][staff_id] = home_id
    used: defaultdict[int, int] = defaultdict(int)
    given: defaultdict[int, int] = defaultdict(int)
    for year, home_of in by_year.items():
        for staff_id, one in balances(session, list(home_of), year, on).items():
            used[home_of[staff_id]] += one.used
            given[home_of[staff_id]] += one.entitlement
    return {
        home_id: (used[home_id], given[home_id], float(target_percent(policy, on)))
        for home_id, policy in policies.items()
    }


_SUMS = (Column("Leave", Kind.MINUTES, total=True), Column("Paid", Kind.PENCE, total=True))


def _sums(parts: Sequence[_Part]) -> list[Value]:
    return [sum(p.minutes for p in parts), sum(p.pence or 0 for p in parts)]


def _by_month(parts: Sequence[_Part], months: Sequence[date]) -> BoardTable:
    rows: list[Sequence[Value]] = [
        [month, *_sums([p for p in parts if p.month == month])] for month in months
    ]
    section = Section(
        "By month", (Column("Month", Kind.MONTH), *_SUMS), rows if parts else [],
        chart=Chart.BARS, drawn=2,
    )  # fmt: skip
    places = tuple(Place(Leads.MONTH, start=month) for month in months) if parts else ()
    return BoardTable(section, places)


def _by_kind(parts: Sequence[_Part]) -> BoardTable:
    rows: list[Sequence[Value]] = [
        [_TYPES.get(kind, kind.value.capitalize()), *_sums([p for p in parts if p.kind is kind])]
        for kind in LeaveType
        if any(p.kind is kind for p in parts)
    ]
    return BoardTable(Section("By kind", (Column("Kind", width=20), *_SUMS), rows))


def _by_home(
    question: BoardQuestion,
    parts: Sequence[_Part],
    cover: dict[int, int],
    pace: dict[int, tuple[int, int, float]],
) -> BoardTable:
    units = question.unit_names
    by_home: defaultdict[int, int] = defaultdict(int)
    for unit, pence in cover.items():
        if unit in units:
            by_home[units[unit][0]] += pence
    rows: list[Sequence[Value]] = [
        [home.name, *_sums([p for p in parts if p.home_id == home.id]), by_home[home.id],
         share(pace[home.id][0], pace[home.id][1]), pace[home.id][2] / 100]
        for home in question.homes
    ]  # fmt: skip
    columns = (
        Column("Home", width=24), *_SUMS, Column("Cover of clustering", Kind.PENCE, total=True),
        Column("Pace", Kind.SHARE), Column("Target", Kind.SHARE),
    )  # fmt: skip
    places = tuple(question.place(Leads.LEAVE, home_id=home.id) for home in question.homes)
    return BoardTable(Section("By home", columns, rows, chart=Chart.BARS, drawn=4), places)


def _by_unit(question: BoardQuestion, parts: Sequence[_Part], cover: dict[int, int]) -> BoardTable:
    several = len(question.homes) > 1
    rows: list[Sequence[Value]] = []
    places = []
    for unit, (home_id, name) in question.unit_names.items():
        mine = [p for p in parts if p.unit_id == unit]
        if not mine and not cover.get(unit):
            continue
        home = [question.home_names[home_id]] if several else []
        rows.append([name, *home, *_sums(mine), cover.get(unit, 0)])
        places.append(question.place(Leads.SHIFTS, unit))
    columns = (
        Column("Unit", width=22), *([Column("Home")] if several else []), *_SUMS,
        Column("Cover of clustering", Kind.PENCE, total=True),
    )  # fmt: skip
    return BoardTable(Section("By unit", columns, rows), tuple(places))


def _finding(parts: Sequence[_Part], months: Sequence[date]) -> str:
    if not parts:
        return "No leave was agreed in this period"
    sums = {m: sum(p.minutes for p in parts if p.month == m) for m in months}
    busiest = max(sums, key=lambda month: sums[month])
    hours = round(sum(sums.values()) / 60)
    if len(months) == 1:
        return f"{hours:,} hours of leave were agreed"
    return f"{hours:,} hours of leave were agreed, most in {busiest:%B}"
