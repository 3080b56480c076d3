"""What the rules say about the people of a home or unit."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.models import Shift, Staff
from rota.roster.rulebooks import load_rulebook
from rota.roster.timelines import load_timelines
from rota.rules import Verdict, check_home


def rule_findings(
    session: Session, home_id: int, unit_id: int | None, period: Period
) -> dict[int, list[Verdict]]:
    """What the rules say about a home's (or unit's) people over a period, by person.

    Findings about hours under contract are left out: they are the line's own bar.
    """
    ids = staff_ids_of(session, home_id, unit_id, period)
    return findings_of(session, ids, period)


def findings_of(
    session: Session, staff_ids: Collection[int], period: Period
) -> dict[int, list[Verdict]]:
    """What the rules say about some people over a period, by person."""
    rulebook = load_rulebook(session).without("contracted_hours")
    timelines = load_timelines(session, staff_ids, period)
    found = check_home(timelines.values(), period, rulebook)
    return {int(staff_id): verdicts for staff_id, verdicts in found.items()}


def staff_ids_of(session: Session, home_id: int, unit_id: int | None, period: Period) -> list[int]:
    """The people a grid shows: of the home or unit, or with a shift there."""
    at_work = select(Shift.user_id).where(
        Shift.user_id.is_not(None),
        Shift.date.between(period.start, period.end),
        Shift.home_id == home_id if unit_id is None else Shift.unit_id == unit_id,
    )
    belongs = Staff.home_id == home_id if unit_id is None else Staff.unit_id == unit_id
    return list(
        session.scalars(
            select(Staff.id)
            .where(or_(belongs & Staff.is_active, Staff.id.in_(at_work)))
            .order_by(Staff.id)
        )
    )
