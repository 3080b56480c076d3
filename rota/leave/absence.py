"""How long somebody is away who reported sick: the one definition, for every reader.

A spell with a last day lasts to that day. An open one is taken to last for as many days from
today as the policy of the person's home and role says (``open_spell_days``): the same days
whose shifts its report turned into vacancies. Leave guard, rules of work, grid, calendar,
candidates and optimiser all read it here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.calendar import Period, london_today
from rota.leave.policy import DEFAULT_ROWS
from rota.models import AbsenceSpell, PolicySetting, Staff
from rota.policies import SettingRow, in_force

_LIMIT = "open_spell_days"


@dataclass(frozen=True, slots=True)
class Away:
    """A spell as the days it keeps somebody away; ``is_open`` when its end is an assumption."""

    staff_id: int
    period: Period
    kind: str
    is_open: bool


class OpenSpells:
    """Until when open spells last, by home and role. One statement."""

    def __init__(self, session: Session) -> None:
        """Read the organisation's own rows of the limit."""
        stored = session.scalars(
            select(PolicySetting).where(PolicySetting.name == _LIMIT).order_by(PolicySetting.id)
        )
        self._rows = [row for row in DEFAULT_ROWS if row.name == _LIMIT] + [
            SettingRow(r.name, r.value, r.effective_from, r.reason, r.home_id, r.role_id)
            for r in stored
        ]

    def until(self, started_on: date, home_id: int | None, role_id: int | None) -> date:
        """The last day an open spell keeps somebody of a home and role away."""
        rows = [
            row
            for row in self._rows
            if row.home_id in (None, home_id) and row.role_id in (None, role_id)
        ]
        days = int(in_force(rows, started_on).value)
        return max(london_today(), started_on) + timedelta(days=days - 1)


def spells_away(
    session: Session, staff_ids: Iterable[int] | None, period: Period, *, home_id: int | None = None
) -> list[Away]:
    """The spells of people (or of everybody of a home) that keep them away in a period.

    Periods are whole, not cut to the one asked about. One statement, two when one is open.
    """
    statement = (
        select(
            AbsenceSpell.staff_id, AbsenceSpell.started_on, AbsenceSpell.ended_on,
            AbsenceSpell.kind, Staff.home_id, Staff.role_id,
        )
        .join(Staff, Staff.id == AbsenceSpell.staff_id)
        .where(
            AbsenceSpell.started_on <= period.end,
            or_(AbsenceSpell.ended_on.is_(None), AbsenceSpell.ended_on >= period.start),
        )
        .order_by(AbsenceSpell.started_on, AbsenceSpell.id)
    )  # fmt: skip
    if staff_ids is not None:
        statement = statement.where(AbsenceSpell.staff_id.in_(sorted(set(staff_ids))))
    if home_id is not None:
        statement = statement.where(Staff.home_id == home_id)
    rows = session.execute(statement).all()
    open_spells = OpenSpells(session) if any(row.ended_on is None for row in rows) else None
    found = []
    for row in rows:
        last = row.ended_on
        if last is None:
            assert open_spells is not None
            last = open_spells.until(row.started_on, row.home_id, row.role_id)
        if last >= period.start:
            # an import may close a spell before it began
            days = Period(row.started_on, max(row.started_on, last))
            found.append(Away(row.staff_id, days, row.kind, row.ended_on is None))
    return found
