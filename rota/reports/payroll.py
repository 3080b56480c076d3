"""The payroll extract: hours by pay element, person and period, in a layout that is data.

Pay is what the rates say before on-costs, for worked and planned shifts of own staff. A missing
rate leaves the amount empty: it is said, never taken as zero. Sickness is the hours of the
shifts that were missed; annual leave stands where it begins in its leave year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import bank_holiday
from rota.costs.rates import (
    RateBook,
    RateKind,
    ShiftCost,
    ShiftFacts,
    cost_of_shift,
    load_rate_book,
    round_pence,
)
from rota.leave.ledger import EntryKind
from rota.models import (
    Band,
    CareHome,
    Classification,
    LeaveEntry,
    LostShift,
    Role,
    Shift,
    ShiftType,
    Staff,
    Unit,
)
from rota.reports.document import Column, Document, Kind, Section, Value
from rota.reports.payroll_layout import ELEMENTS, FIELDS, PayrollLayout, payroll_layout
from rota.reports.request import ReportRequest

_NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PayLine:
    """One pay element of one person in the period. ``pence`` null: a rate is missing."""

    staff_id: int
    element: str
    minutes: int
    rate_pence: int | None
    pence: int | None
    #: rota days on which it arose
    days: int


def payroll_document(session: Session, actor: Actor, request: ReportRequest) -> Document:
    """Every pay element of every person of the homes, in the layout in force.

    Personal data: only for those who may see it. Six statements.
    """
    request.check(actor, Permission.VIEW_COSTS)
    request.check(actor, Permission.VIEW_CONTACTS)
    layout = payroll_layout(session, request.period.end)
    lines = pay_lines(session, request)
    people = _people(session, {line.staff_id for line in lines})
    lines.sort(key=lambda line: (people[line.staff_id]["name"], line.staff_id, line.element,
                                 line.rate_pence or 0))  # fmt: skip
    rows = [_row(line, people[line.staff_id], layout, request) for line in lines]
    missing = sum(line.pence is None for line in lines)
    note = f"{missing} lines have no amount because a rate is missing." if missing else ""
    columns = tuple(
        Column(one.title, FIELDS[one.field].kind, total=FIELDS[one.field].total,
               width=FIELDS[one.field].width)
        for one in layout.columns
    )  # fmt: skip
    return Document(
        title=f"Payroll extract, {request.place}",
        file_name=request.file_name("payroll"),
        facts=request.facts(actor, Layout=layout.name),
        sections=(
            Section("Payroll", columns, rows, note=note),
            _by_element(lines, layout),
        ),
        definitions=(
            ("Hours", "Paid hours of worked and planned shifts of own staff, unpaid breaks taken off."),
            ("Rate", "What the role is paid an hour on the shift's day, the overtime factor within it."),
            ("Amount", "Hours × rate before on-costs, rounded once for each line. Empty: a rate is missing."),
            ("Sickness", "Hours of shifts that were missed. Paid by the rules of sick pay: no amount."),
            ("Annual leave", "Hours taken from the entitlement, on the day the leave begins: no amount."),
        ),
    )  # fmt: skip


def pay_lines(session: Session, request: ReportRequest) -> list[PayLine]:
    """The lines of the extract in no order; a rate that changed within the period makes two."""
    book = load_rate_book(session)
    minutes: defaultdict[tuple[int, str, Decimal | None], int] = defaultdict(int)
    days: defaultdict[tuple[int, str, Decimal | None], set[date]] = defaultdict(set)
    priced = _Pricer(book)
    for staff_id, role_id, day, band, source, worked in _worked(session, request):
        cost = priced(role_id, day, band, source)
        rate = None if cost.missing else cost.rate_pence * cost.multiplier
        key = (staff_id, _element(cost.kind, source), rate)
        minutes[key] += int(worked)
        days[key].add(day)
    lines = [
        PayLine(
            staff_id, element, total,
            None if rate is None else round_pence(rate),
            None if rate is None else round_pence(rate * total / 60),
            len(days[staff_id, element, rate]),
        )
        for (staff_id, element, rate), total in minutes.items()
    ]  # fmt: skip
    return lines + list(_absent(session, request))


class _Pricer:
    """Prices an hour; shifts alike in role, day, band and source are priced once."""

    def __init__(self, book: RateBook) -> None:
        self._book = book
        self._known: dict[tuple[Any, ...], ShiftCost] = {}

    def __call__(self, role_id: int, day: date, band: Band, source: Classification) -> ShiftCost:
        key = (role_id, day, band, source)
        if key not in self._known:
            facts = ShiftFacts(
                role_id, day, _NOON, _NOON, 60, band, source,
                is_bank_holiday=bank_holiday(day) is not None,
            )  # fmt: skip
            self._known[key] = cost_of_shift(facts, self._book)
        return self._known[key]


def _element(kind: RateKind, source: Classification) -> str:
    return f"{'overtime' if source is Classification.OVERTIME else 'basic'}-{kind.value}"


def _worked(session: Session, request: ReportRequest) -> Any:
    conditions: list[ColumnElement[bool]] = [
        Shift.home_id.in_(request.home_ids),
        Shift.date.between(request.period.start, request.period.end),
        Shift.user_id.is_not(None),
    ]
    if request.unit_id is not None:
        conditions.append(Shift.unit_id == request.unit_id)
    return session.execute(
        select(
            Shift.user_id, Staff.role_id, Shift.date, ShiftType.band, Shift.classification,
            func.sum(Shift.paid_minutes),
        )
        .select_from(Shift)
        .join(Staff, Staff.id == Shift.user_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .where(*conditions)
        .group_by(Shift.user_id, Staff.role_id, Shift.date, ShiftType.band, Shift.classification)
    )  # fmt: skip


def _absent(session: Session, request: ReportRequest) -> Iterator[PayLine]:
    """Missed shifts and leave of the people of these homes and units, without an amount."""
    units = list(request.units)
    period = request.period
    lost = session.execute(
        select(
            LostShift.staff_id, func.sum(LostShift.minutes), func.count(LostShift.date.distinct())
        )
        .where(LostShift.unit_id.in_(units), LostShift.date.between(period.start, period.end))
        .group_by(LostShift.staff_id)
    )
    for staff_id, minutes, days in lost:
        yield PayLine(staff_id, "sickness", int(minutes), None, 0, days)
    taken = session.execute(
        select(
            LeaveEntry.staff_id,
            func.sum(-LeaveEntry.minutes),
            func.count(LeaveEntry.on_date.distinct()),
        )
        .join(Staff, Staff.id == LeaveEntry.staff_id)
        .where(
            LeaveEntry.kind.in_((EntryKind.TAKEN.value, EntryKind.RETURNED.value)),
            LeaveEntry.on_date.between(period.start, period.end),
            Staff.home_id.in_(request.home_ids),
            *([Staff.unit_id == request.unit_id] if request.unit_id is not None else []),
        )
        .group_by(LeaveEntry.staff_id)
    )
    for staff_id, minutes, days in taken:
        if minutes:
            yield PayLine(staff_id, "annual-leave", int(minutes), None, 0, days)


def _people(session: Session, ids: set[int]) -> dict[int, dict[str, str]]:
    rows = session.execute(
        select(
            Staff.id, Staff.sap_number, Staff.first_name, Staff.last_name, Role.code,
            CareHome.name.label("home"), Unit.name.label("unit"),
        )
        .join(Role, Role.id == Staff.role_id)
        .outerjoin(CareHome, CareHome.id == Staff.home_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(Staff.id.in_(sorted(ids)))
    )  # fmt: skip
    return {
        row.id: {
            "sap": row.sap_number, "name": f"{row.last_name}, {row.first_name}", "role": row.code,
            "home": row.home or "", "unit": row.unit or "",
        }
        for row in rows
    }  # fmt: skip


def _row(
    line: PayLine, person: dict[str, str], layout: PayrollLayout, request: ReportRequest
) -> Sequence[Value]:
    values: dict[str, Value] = {
        **person,
        "element": ELEMENTS[line.element],
        "code": layout.codes[line.element],
        "hours": line.minutes,
        "rate": line.rate_pence,
        "amount": line.pence if line.rate_pence is not None else None,
        "days": line.days,
        "from": request.period.start,
        "to": request.period.end,
    }
    return [values[one.field] for one in layout.columns]


def _by_element(lines: Sequence[PayLine], layout: PayrollLayout) -> Section:
    rows: list[Sequence[Value]] = []
    for element, name in ELEMENTS.items():
        of_it = [line for line in lines if line.element == element]
        if of_it:
            rows.append(
                [
                    name, layout.codes[element], len({line.staff_id for line in of_it}),
                    sum(line.minutes for line in of_it),
                    sum(line.pence or 0 for line in of_it),
                    sum(line.pence is None for line in of_it),
                ]
            )  # fmt: skip
    columns = (
        Column("Pay element", width=26), Column("Code", width=12), Column("People", Kind.NUMBER),
        Column("Hours", Kind.MINUTES, total=True), Column("Amount", Kind.PENCE, total=True),
        Column("Lines without a rate", Kind.NUMBER, total=True),
    )  # fmt: skip
    return Section("By pay element", columns, rows)
