"""Accepting a forecast as what a unit needs: the demand of the rota and of the optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.forecasting import queries
from rota.forecasting.queries import CARE_HOURS, WORKED_BANDS
from rota.forecasting.staffing import people_for, quantile_at
from rota.models import Band, CoverRequirement, User, utc_now
from rota.roster.requirements import Need, requirement_rows, resolve

FORECAST = "forecast"
_MAX_DAYS = 180


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was written: days, how many of them by day and night, and where the minimum stood."""

    days: int
    written: int
    raised: int
    kept_minimum: int


@dataclass(frozen=True, slots=True)
class AcceptedNote:
    """The last acceptance that still lies ahead: who, when, and for which days."""

    by: str
    at: datetime
    first: date
    last: date


def accept_requirement(
    uow: UnitOfWork, unit_id: int, level: int, start: date, end: date, bands: Sequence[str] = ()
) -> Accepted:
    """Write people per day and night at a service level as the unit's requirement.

    One row for each date and band, with who and when; earlier accepted rows of these days
    are replaced. Never fewer than the unit's standing minimum: a forecast of what was
    worked may not lower what is safe. Raises :class:`NotAllowed`, :class:`NotFound` for a
    unit without forecast and :class:`InvalidInput` for a level or period out of range.
    """
    place = queries.care_unit(uow.session, unit_id)
    uow.actor.require(Permission.SET_REQUIREMENT, place.home_id)
    if not 50 <= level <= 99:
        raise InvalidInput("The service level is a number from 50 to 99.")
    if end < start or (end - start).days > _MAX_DAYS:
        raise InvalidInput("The period must be 1 to 180 days.")
    chosen = [band for band in WORKED_BANDS if not bands or band.value in bands]
    standing = _standing(uow.session, unit_id, start, end)
    each = {
        card.band: float(card.metrics.get("hours_per_person") or 0.0)
        for card in queries.model_cards(uow.session, [unit_id], CARE_HOURS)
    }
    now = utc_now()
    found: list[CoverRequirement] = []
    raised = kept = 0
    for band in chosen:
        rows = queries.stored_days(uow.session, unit_id, CARE_HOURS, band.value, start, end)
        for row in rows if each.get(band.value, 0.0) > 0 else []:
            people = people_for(quantile_at(row.quantiles, level), each[band.value])
            before = standing.get((unit_id, row.day, band), Need(0, 0))
            raised += people > before.minimum
            kept += people < before.minimum
            minimum = max(people, before.minimum)
            found.append(
                CoverRequirement(
                    unit_id=unit_id, band=band, on_date=row.day, minimum=minimum,
                    ideal=max(minimum, before.ideal), senior_minimum=before.senior_minimum,
                    effective_from=row.day, effective_to=row.day, source=FORECAST,
                    set_by_id=uow.actor.user_id, set_at=now,
                )
            )  # fmt: skip
    if not found:
        raise NotFound(
            f"{place.name} has no forecast for these days.", hint="Make the forecast first."
        )
    days = {(row.band, row.on_date) for row in found}
    uow.session.execute(
        delete(CoverRequirement).where(
            CoverRequirement.unit_id == unit_id,
            CoverRequirement.source == FORECAST,
            CoverRequirement.on_date.in_(sorted({day for _, day in days if day})),
            CoverRequirement.band.in_(list(chosen)),
        )
    )
    uow.session.add_all(found)
    uow.audit(
        "accept", "requirement", unit_id, home_id=place.home_id,
        after={"service_level": level, "from": start.isoformat(), "to": end.isoformat(),
               "rows": len(found)},
    )  # fmt: skip
    uow.touch(place.home_id)
    return Accepted(len({day for _, day in days}), len(found), raised, kept)


def withdraw_requirement(uow: UnitOfWork, unit_id: int, start: date, end: date) -> int:
    """Take accepted rows back; the standing requirement holds again. Gives how many went."""
    place = queries.care_unit(uow.session, unit_id)
    uow.actor.require(Permission.SET_REQUIREMENT, place.home_id)
    gone = uow.session.scalars(
        select(CoverRequirement).where(
            CoverRequirement.unit_id == unit_id,
            CoverRequirement.source == FORECAST,
            CoverRequirement.on_date.between(start, end),
        )
    ).all()
    for row in gone:
        uow.session.delete(row)
    uow.audit(
        "withdraw", "requirement", unit_id, home_id=place.home_id,
        after={"from": start.isoformat(), "to": end.isoformat(), "rows": len(gone)},
    )  # fmt: skip
    uow.touch(place.home_id)
    return len(gone)


def accepted_note(session: Session, unit_id: int, today: date) -> AcceptedNote | None:
    """Who accepted a forecast for days from today on, and when. One statement."""
    rows = session.execute(
        select(User.name, CoverRequirement.set_at, CoverRequirement.on_date)
        .outerjoin(User, User.id == CoverRequirement.set_by_id)
        .where(
            CoverRequirement.unit_id == unit_id,
            CoverRequirement.source == FORECAST,
            CoverRequirement.on_date >= today,
        )
        .order_by(CoverRequirement.set_at.desc(), CoverRequirement.on_date)
    ).all()
    if not rows:
        return None
    newest = [row for row in rows if row.set_at == rows[0].set_at]
    return AcceptedNote(
        newest[0].name or "The installation", newest[0].set_at,
        min(row.on_date for row in newest), max(row.on_date for row in newest),
    )  # fmt: skip


def _standing(
    session: Session, unit_id: int, start: date, end: date
) -> dict[tuple[int, date, Band], Need]:
    """What would be required without any row accepted from a forecast."""
    kept = requirement_rows(session, [unit_id], start, end)
    accepted = set(
        session.scalars(
            select(CoverRequirement.id).where(
                CoverRequirement.unit_id == unit_id,
                CoverRequirement.source == FORECAST,
                CoverRequirement.on_date.between(start, end),
            )
        )
    )
    rows = [row for row in kept if row.id not in accepted]
    return resolve(rows, start, end) if rows else {}


def period_of(today: date, days: int) -> tuple[date, date]:
    """The first and last of the next ``days`` days."""
    return today, today + timedelta(days=days - 1)
