"""Setting what a measure should be, on the record."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.costs.measures import BY_KEY
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.models import MeasureTarget, User, utc_now


@dataclass(frozen=True, slots=True)
class SetTarget:
    """A target and a limit of a measure, in its own unit (pence, share, days).

    For one home, or for all homes without their own (null). Both null: no target any more.
    """

    measure: str
    target: float | None
    limit: float | None
    home_id: int | None = None


def set_target(uow: UnitOfWork, command: SetTarget) -> None:
    """Set, change or take away a target.

    Raises :class:`~rota.errors.NotAllowed` without the permission or the home,
    :class:`NotFound` for an unknown measure, :class:`InvalidInput` when the limit lies on
    the wrong side of the target.
    """
    uow.actor.require(Permission.SET_TARGETS, command.home_id)
    _check(command)
    stored = uow.session.scalars(
        select(MeasureTarget).where(
            MeasureTarget.measure == command.measure,
            MeasureTarget.home_id.is_(None)
            if command.home_id is None
            else MeasureTarget.home_id == command.home_id,
        )
    ).one_or_none()
    before = {"target": stored.target, "limit": stored.limit} if stored else None
    after = None
    if command.target is None or command.limit is None:
        if stored is not None:
            uow.session.delete(stored)
    else:
        after = {"target": command.target, "limit": command.limit}
        if stored is None:
            stored = MeasureTarget(home_id=command.home_id, measure=command.measure)
            uow.session.add(stored)
        stored.target, stored.limit = command.target, command.limit
        stored.set_by_id, stored.set_at = uow.actor.user_id, utc_now()
    if before != after:
        uow.audit(
            "set target", "measure", command.measure, home_id=command.home_id,
            before=before, after=after,
        )  # fmt: skip
        # screens with traffic lights are remembered by the data versions of their homes
        uow.touch(command.home_id)


@dataclass(frozen=True, slots=True)
class StoredTarget:
    """A target on record, in the measure's own unit; ``home_id`` null: for all homes."""

    measure: str
    home_id: int | None
    target: float
    limit: float
    set_by: str
    set_at: datetime


def targets_of(session: Session, actor: Actor, home_id: int | None) -> dict[str, StoredTarget]:
    """The targets that hold for a home (its own before those of all), or for all homes.

    One statement. Raises :class:`~rota.errors.NotAllowed` for a home the actor does not work with.
    """
    actor.require(Permission.VIEW_COSTS, home_id)
    rows = session.execute(
        select(MeasureTarget, User.name)
        .outerjoin(User, User.id == MeasureTarget.set_by_id)
        .where(or_(MeasureTarget.home_id.is_(None), MeasureTarget.home_id == home_id))
    )
    found: dict[str, StoredTarget] = {}
    for row, name in rows:
        known = found.get(row.measure)
        if known is None or known.home_id is None:
            found[row.measure] = StoredTarget(
                row.measure, row.home_id, row.target, row.limit, name or "The installation",
                row.set_at,
            )  # fmt: skip
    return found


def _check(command: SetTarget) -> None:
    measure = BY_KEY.get(command.measure)
    if measure is None:
        raise NotFound("There is no such measure.", hint="Choose one from the list.")
    if (command.target is None) != (command.limit is None):
        raise InvalidInput("Give both the target and the limit, or neither.")
    if command.target is None or command.limit is None:
        return
    if not (math.isfinite(command.target) and math.isfinite(command.limit)):
        raise InvalidInput("A target is a number.", hint="Check what was typed.")
    sign = 1 if measure.less_is_better else -1
    if command.limit * sign < command.target * sign:
        side = "above" if measure.less_is_better else "below"
        raise InvalidInput(
            f"The limit of {measure.name.lower()} lies {side} its target.",
            hint="Between the two a value is amber, beyond the limit red.",
        )
