"""Shifts that are priced again because a rate was changed."""

from __future__ import annotations

from datetime import date
from typing import cast

from sqlalchemy import Table, bindparam, or_, select, update

from rota.calendar import bank_holiday
from rota.costs.closing import first_open_day
from rota.costs.rates import ShiftFacts, cost_of_shift, load_rate_book
from rota.database import UnitOfWork
from rota.models import Shift, ShiftType, Staff

_SHIFTS = cast(Table, Shift.__table__)
_AT_ONCE = 5_000


def reprice(
    uow: UnitOfWork,
    start: date,
    *,
    role_id: int | None = None,
    agency_id: int | None = None,
    restates_closed: bool = False,
) -> int:
    """Price the filled shifts from a day on anew, of one role or one agency if given.

    Gives how many cost something else now, and touches their homes. The cost of a shift is
    always the one at the rates of its day; a correction of a rate of the past is therefore a
    correction of the past's cost, which is why such a change asks for a reason. Months that
    are closed (:mod:`rota.costs.closing`) keep what was reported unless ``restates_closed``.
    """
    session = uow.session
    session.flush()
    if not restates_closed:
        start = first_open_day(session, start)
    book = load_rate_book(session)
    query = (
        select(
            Shift.id, Shift.home_id, Shift.cost_pence, Shift.date, Shift.starts_at, Shift.ends_at,
            Shift.paid_minutes, Shift.classification, Shift.agency_id, Shift.role_id,
            Staff.role_id.label("own_role_id"), Staff.id.label("staff_id"), ShiftType.band,
        )
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .outerjoin(Staff, Staff.id == Shift.user_id)
        .where(Shift.date >= start, ~Shift.is_vacant)
    )  # fmt: skip
    if agency_id is not None:
        query = query.where(Shift.agency_id == agency_id)
    if role_id is not None:
        query = query.where(or_(Staff.role_id == role_id, Shift.role_id == role_id))
    changed: list[dict[str, int | None]] = []
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        facts = ShiftFacts(
            role_id=row.own_role_id if row.staff_id is not None else row.role_id,
            date=row.date, starts_at=row.starts_at, ends_at=row.ends_at,
            paid_minutes=row.paid_minutes, band=row.band, classification=row.classification,
            agency_id=row.agency_id, is_bank_holiday=bank_holiday(row.date) is not None,
        )  # fmt: skip
        total = cost_of_shift(facts, book).total_pence
        if total != row.cost_pence:
            changed.append({"of": row.id, "pence": total})
            uow.touch(row.home_id)
    if changed:
        session.execute(
            update(_SHIFTS)
            .where(_SHIFTS.c.id == bindparam("of"))
            .values(cost_pence=bindparam("pence")),
            changed,
        )
        uow.audit("reprice", "shifts", after={"from": start.isoformat(), "shifts": len(changed)})
    return len(changed)
