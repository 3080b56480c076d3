"""What untaken leave is worth: the liability at a day, person by person.

Earned is the year's entitlement in proportion to the days gone (carry-over and accrual are
earned when given). What is earned and not taken is owed, at the loaded day rate of the person's
role on that day; somebody who took more than was earned owes it back (negative).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, monday
from rota.costs.rates import RateBook, ShiftFacts, cost_of_shift, load_rate_book
from rota.leave.ledger import Balance, balances
from rota.leave.policy import policy_for
from rota.models import Band, CareHome, Classification, Role, Staff, Unit
from rota.reports.document import Chart, Column, Document, Kind, Section, Value
from rota.reports.request import ReportRequest

_NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Owed:
    """Leave owed to one person at a day; ``pence`` null: the role has no rate."""

    balance: Balance
    earned: int
    pence: int | None

    @property
    def untaken(self) -> int:
        """Minutes earned and not taken; negative when more was taken."""
        return self.earned - self.balance.taken


def owed_leave(balance: Balance, on: date, pence_per_hour: int | None) -> Owed:
    """The liability of one person at the end of a day."""
    gone = (min(on, balance.year.end) - balance.year.start).days + 1
    share = Fraction(max(0, gone), balance.year.days)
    earned = (
        round(balance.granted * share) + balance.carried + balance.accrued + balance.corrections
    )
    untaken = earned - balance.taken
    pence = None if pence_per_hour is None else round(Fraction(untaken * pence_per_hour, 60))
    return Owed(balance, earned, pence)


def leave_liability_document(session: Session, actor: Actor, request: ReportRequest) -> Document:
    """Leave owed to the people of the homes at the last day of the period."""
    request.check(actor, Permission.VIEW_COSTS)
    request.check(actor, Permission.VIEW_LEAVE)
    on = request.period.end
    people = _people(session, request, on)
    owed = _owed(session, people, on)
    rows: list[Sequence[Value]] = []
    by_home: defaultdict[str, list[Owed]] = defaultdict(list)
    for person in people:
        one = owed[person.id]
        by_home[person.home].append(one)
        rows.append(
            [
                f"{person.last_name}, {person.first_name}",
                person.home, person.unit or "", person.code, one.balance.entitlement, one.earned,
                one.balance.taken, one.balance.booked, one.untaken, one.pence,
            ]
        )  # fmt: skip
    missing = sum(one.pence is None for one in owed.values())
    note = f"{missing} people have no amount because their role has no rate." if missing else ""
    hours = [
        Column(title, Kind.MINUTES, total=True)
        for title in ("Entitlement", "Earned", "Taken", "Booked", "Owed hours")
    ]
    totals: list[Sequence[Value]] = [
        [home, sum(o.pence or 0 for o in found), sum(o.untaken for o in found), len(found),
         sum(o.pence is None for o in found)]
        for home, found in by_home.items()
    ]  # fmt: skip
    return Document(
        title=f"Leave liability, {request.place}, {on:%d/%m/%Y}",
        file_name=request.file_name("leave-liability"),
        facts=request.facts(actor),
        sections=(
            Section(
                "By home",
                (Column("Home", width=24), Column("Owed", Kind.PENCE, total=True),
                 Column("Owed hours", Kind.MINUTES, total=True),
                 Column("People", Kind.NUMBER, total=True),
                 Column("Without a rate", Kind.NUMBER, total=True)),
                totals,
                chart=Chart.BARS,
            ),
            Section(
                "By person",
                (Column("Person", width=26), Column("Home"), Column("Unit"),
                 Column("Role", width=10), *hours, Column("Owed", Kind.PENCE, total=True)),
                rows,
                note=note,
            ),
        ),
        definitions=(
            ("Earned", "The year's grant in proportion to the days gone, with carry-over, "
             "accrual and corrections."),
            ("Owed", "Earned less taken, at the loaded day rate of the person's role on the day. "
             "Negative: more was taken than earned."),
            ("Booked", "Approved leave after the day; it is still owed."),
        ),
    )  # fmt: skip


def _people(session: Session, request: ReportRequest, on: date) -> Sequence[Any]:
    return session.execute(
        select(
            Staff.id, Staff.first_name, Staff.last_name, Staff.role_id, Staff.home_id, Role.code,
            CareHome.name.label("home"), Unit.name.label("unit"),
        )
        .join(Role, Role.id == Staff.role_id)
        .join(CareHome, CareHome.id == Staff.home_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(
            Staff.home_id.in_(request.home_ids),
            *([Staff.unit_id == request.unit_id] if request.unit_id is not None else []),
            or_(Staff.started_on.is_(None), Staff.started_on <= on),
            or_(Staff.left_on.is_(None), Staff.left_on >= on),
            or_(Staff.is_active, Staff.left_on.is_not(None)),
        )
        .order_by(CareHome.name, Staff.last_name, Staff.first_name, Staff.id)
    ).all()  # fmt: skip


def _owed(session: Session, people: Sequence[Any], on: date) -> dict[int, Owed]:
    book = load_rate_book(session)
    years: dict[tuple[int, int], Period] = {}
    by_year: defaultdict[Period, list[int]] = defaultdict(list)
    roles: dict[int, int] = {}
    for person in people:
        key = (person.home_id, person.role_id)
        if key not in years:
            years[key] = policy_for(session, on, *key).year_of(on)
        by_year[years[key]].append(person.id)
        roles[person.id] = person.role_id
    prices = {role_id: hour_price(book, role_id, on) for role_id in set(roles.values())}
    return {
        staff_id: owed_leave(balance, on, prices[roles[staff_id]])
        for year, ids in by_year.items()
        for staff_id, balance in balances(session, ids, year, on).items()
    }


def hour_price(book: RateBook, role_id: int, on: date) -> int | None:
    """The loaded price of an hour by day on a weekday: a Sunday would price leave as a Sunday."""
    weekday = min(on, monday(on) + timedelta(days=4))
    facts = ShiftFacts(role_id, weekday, _NOON, _NOON, 60, Band.DAY, Classification.REGULAR)
    return cost_of_shift(facts, book).total_pence
