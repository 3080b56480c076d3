"""Writing down what was judged about the staffing of a shift."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.evidence.staffing import BANDS
from rota.models import Band, CoverJudgement, Unit

LONGEST_NOTE = 500
#: how long after a shift a judgement can still be written, and how far ahead
BACK_DAYS, AHEAD_DAYS = 92, 28


def judge(uow: UnitOfWork, unit_id: int, day: date, band: Band, note: str) -> CoverJudgement:
    """Record a judgement on a unit's staffing; an earlier one stays on record beneath it.

    The same words again change nothing. Raises :class:`InvalidInput` for no words or a day out
    of range, :class:`NotAllowed` for another home's unit.
    """
    unit = uow.session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("There is no such unit.")
    uow.actor.require(Permission.EDIT_ROTA, unit.home_id)
    text = note.strip()
    if not text:
        raise InvalidInput("Say how the shift was made safe, or why it was.")
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(f"A judgement has at most {LONGEST_NOTE} characters.")
    if band not in BANDS:
        raise InvalidInput("A judgement is about a day or a night.")
    now = london_today()
    if day < now - timedelta(days=BACK_DAYS):
        raise InvalidInput(f"That shift is more than {BACK_DAYS} days gone; its record is closed.")
    if day > now + timedelta(days=AHEAD_DAYS):
        raise InvalidInput(f"That is more than {AHEAD_DAYS} days ahead.")
    newest = uow.session.scalars(
        select(CoverJudgement)
        .where(
            CoverJudgement.unit_id == unit_id, CoverJudgement.date == day,
            CoverJudgement.band == band,
        )
        .order_by(CoverJudgement.id.desc())
        .limit(1)
    ).first()  # fmt: skip
    if newest is not None and newest.note == text:
        return newest
    row = CoverJudgement(
        unit_id=unit_id, date=day, band=band, note=text, recorded_by_id=uow.actor.user_id
    )
    uow.session.add(row)
    uow.session.flush()
    uow.audit(
        "judge staffing", "unit", unit_id, home_id=unit.home_id,
        before={"note": newest.note} if newest is not None else None,
        after={"day": day.isoformat(), "band": band.value, "note": text}, reason=text,
    )  # fmt: skip
    uow.touch(unit.home_id)
    return row
