"""Per shift: who was required, planned and there, with the manager's judgement.

Health and Care (Staffing) (Scotland) Act 2019, section 7: suitably qualified people in numbers
appropriate to the residents' number and needs. There is no ratio in it, so a shortfall is not a
verdict: the judgement beside it is.

*Required* is the unit's minimum of that day. *Planned* is the rota as it was last published
before the day; where no published version was kept, today's rota with the shifts lost to absence
put back. *Actual* is the rota as it was worked, known from the day itself on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rota.calendar import Period, london_today
from rota.models import (
    Band,
    CoverJudgement,
    Grade,
    LostShift,
    Publication,
    Role,
    ShiftType,
    Staff,
    Unit,
    User,
)
from rota.roster.slots import CoverTable, Slot, cover_table

#: bands that are staffed for residents
BANDS = (Band.DAY, Band.NIGHT)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a manager wrote about a slot, and when."""

    note: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Staffing:
    """One unit, day and band. ``actual`` and ``actual_seniors`` are null ahead of the day."""

    slot: Slot
    unit: str
    required: int
    required_seniors: int
    planned: int
    planned_seniors: int
    actual: int | None
    actual_seniors: int | None
    as_published: bool
    judgement: Judgement | None

    @property
    def stands(self) -> tuple[int, int]:
        """People and seniors as known: actual, before the day planned."""
        if self.actual is None or self.actual_seniors is None:
            return self.planned, self.planned_seniors
        return self.actual, self.actual_seniors

    @property
    def short(self) -> int:
        """People missing to what was required."""
        return max(0, self.required - self.stands[0])

    @property
    def seniors_short(self) -> int:
        """Seniors missing to what was required."""
        return max(0, self.required_seniors - self.stands[1])

    @property
    def needs_judgement(self) -> bool:
        """Whether somebody should have said why this was safe, and nobody has."""
        return bool(self.short or self.seniors_short) and self.judgement is None


def staffing_evidence(
    session: Session, unit_ids: Collection[int], period: Period
) -> list[Staffing]:
    """Every slot of units over a period that needs or has anybody, by day, unit and band."""
    ids = sorted(set(unit_ids))
    units = {
        row.id: row.name
        for row in session.execute(
            select(Unit.id, Unit.name).where(Unit.id.in_(ids), Unit.is_management.is_(False))
        )
    }
    table = cover_table(session, ids, period)
    published = _published(session, ids, period)
    lost = _lost(session, ids, period)
    notes = judgements(session, ids, period)
    covered = {(slot.unit_id, slot.day) for slot in published}
    now = london_today()
    found = []
    for day in period:
        for unit_id, name in sorted(units.items(), key=lambda pair: pair[1]):
            for band in BANDS:
                slot = Slot(unit_id, day, band)
                row = _row(slot, name, table, published, covered, lost, notes.get(slot), now)
                if row.required or row.planned or row.actual:
                    found.append(row)
    return found


def _row(
    slot: Slot,
    unit: str,
    table: CoverTable,
    published: Mapping[Slot, tuple[int, int]],
    covered: Collection[tuple[int, date]],
    lost: Mapping[Slot, tuple[int, int]],
    note: Judgement | None,
    now: date,
) -> Staffing:
    cover = table.at(slot)
    as_published = (slot.unit_id, slot.day) in covered
    if as_published:
        planned, seniors = published.get(slot, (0, 0))
    else:
        missing, senior_missing = lost.get(slot, (0, 0))
        planned, seniors = cover.planned + missing, cover.senior + senior_missing
    begun = slot.day <= now
    return Staffing(
        slot, unit, cover.minimum, cover.senior_minimum, planned, seniors,
        cover.planned if begun else None, cover.senior if begun else None, as_published, note,
    )  # fmt: skip


def judgements(
    session: Session, unit_ids: Collection[int], period: Period
) -> dict[Slot, Judgement]:
    """The newest note on each slot of a period."""
    rows = session.execute(
        select(CoverJudgement, User.name)
        .outerjoin(User, User.id == CoverJudgement.recorded_by_id)
        .where(
            CoverJudgement.unit_id.in_(sorted(set(unit_ids))),
            CoverJudgement.date.between(period.start, period.end),
        )
        .order_by(CoverJudgement.id)
    )
    return {
        Slot(row.unit_id, row.date, row.band): Judgement(row.note, row.recorded_at, name or "")
        for row, name in rows
    }


def _lost(session: Session, unit_ids: list[int], period: Period) -> dict[Slot, tuple[int, int]]:
    """Shifts lost to absence, people and seniors among them."""
    rows = session.execute(
        select(LostShift.unit_id, LostShift.date, LostShift.band, Role.grade, func.count())
        .join(Staff, Staff.id == LostShift.staff_id)
        .join(Role, Role.id == Staff.role_id)
        .where(
            LostShift.unit_id.in_(unit_ids),
            LostShift.date.between(period.start, period.end),
            Role.counts_to_cover,
        )
        .group_by(LostShift.unit_id, LostShift.date, LostShift.band, Role.grade)
    )
    found: dict[Slot, tuple[int, int]] = {}
    for unit_id, day, band, grade, count in rows:
        slot = Slot(unit_id, day, Band(band))
        people, seniors = found.get(slot, (0, 0))
        found[slot] = people + count, seniors + (count if grade is Grade.SENIOR else 0)
    return found


def _published(
    session: Session, unit_ids: list[int], period: Period
) -> dict[Slot, tuple[int, int]]:
    """People and seniors of the newest version published before each day, from its snapshot."""
    home_ids = select(Unit.home_id).where(Unit.id.in_(unit_ids))
    rows = session.scalars(
        select(Publication)
        .where(
            Publication.home_id.in_(home_ids),
            or_(Publication.unit_id.is_(None), Publication.unit_id.in_(unit_ids)),
            Publication.withdrawn_at.is_(None),
            Publication.start_date <= period.end,
            Publication.end_date >= period.start,
        )
        .order_by(Publication.published_at, Publication.id)
    ).all()
    if not any(row.snapshot for row in rows):
        return {}
    kinds = {
        row.id: row
        for row in session.execute(
            select(ShiftType.id, ShiftType.band, ShiftType.counts_to_cover, ShiftType.is_senior)
        )
    }
    roles = {
        row.id: row for row in session.execute(select(Role.id, Role.grade, Role.counts_to_cover))
    }
    role_of = {row.id: row.role_id for row in session.execute(select(Staff.id, Staff.role_id))}
    wanted = set(unit_ids)
    newest: dict[tuple[int, date], dict[Slot, tuple[int, int]]] = {}
    for row in rows:
        by_day: dict[tuple[int, date], dict[Slot, tuple[int, int]]] = defaultdict(dict)
        for state in row.snapshot:
            day = date.fromisoformat(state["date"])
            if state["unit_id"] not in wanted or day not in period:
                continue
            if day < row.published_at.date():
                continue  # published after the day: that is no plan
            slot = Slot(state["unit_id"], day, kinds[state["shift_type_id"]].band)
            people, seniors = _counted(state, kinds, roles, role_of)
            was = by_day[slot.unit_id, day].get(slot, (0, 0))
            by_day[slot.unit_id, day][slot] = was[0] + people, was[1] + seniors
        newest |= by_day
    return {slot: value for slots in newest.values() for slot, value in slots.items()}


def _counted(
    state: Mapping[str, Any],
    kinds: Mapping[int, Any],
    roles: Mapping[int, Any],
    role_of: Mapping[int, int],
) -> tuple[int, int]:
    """Whether a published shift counts, as :mod:`rota.roster.cover` says, and as a senior."""
    kind = kinds[state["shift_type_id"]]
    role_id = role_of.get(state["user_id"] or 0, state["role_id"])
    role = roles.get(role_id or 0)
    counts = kind.counts_to_cover and not state["is_supernumerary"] and not state["is_vacant"]
    if not counts or (role is not None and not role.counts_to_cover):
        return 0, 0
    is_senior = role.grade is Grade.SENIOR if role is not None else kind.is_senior
    return 1, int(is_senior)
