"""Replay of a month that is over: what better forecasts and better assignment would have been worth.

Three rotas of the same month, people, agreed leave and requirements:

* **actual**: the rota as it was worked;
* **assigned**: the engine's rota made without knowing who would be ill. Afterwards the absences
  happen to it: every shift of an absent person is covered at the mean price an hour that the home
  really paid for cover in that month;
* **foreseen**: the engine's rota made with every absence known beforehand, as a perfect forecast
  would have.

Hours missing to the requirement are priced like cover in all three, so that a rota does not win by
leaving gaps. Better assignment is actual less assigned, better forecasts assigned less foreseen;
both add up to what the month could have saved. The engine stops after the time given: a better
rota may exist, so the worth of assignment is a lower bound, that of forecasts an estimate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, month_of
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.jobs import service as jobs
from rota.models import Job
from rota.optimisation.draft import DraftShift

#: seconds that each of the two rotas is searched for
SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class Rota:
    """What a rota cost: shifts in pence, and the minutes missing to the requirement."""

    cost_pence: int
    unfilled_minutes: int

    def priced(self, cover_pence_per_hour: Fraction) -> int:
        """Cost with the missing hours at the price of cover."""
        return self.cost_pence + round(cover_pence_per_hour * self.unfilled_minutes / 60)


@dataclass(frozen=True, slots=True)
class Replay:
    """A month's three rotas, gaps priced, in pence; the parts add up to ``saving_pence``."""

    actual_pence: int
    assigned_pence: int
    foreseen_pence: int
    actual_unfilled_minutes: int
    assigned_unfilled_minutes: int
    foreseen_unfilled_minutes: int
    absent_shifts: int
    cover_pence_per_hour: float

    @property
    def assignment_pence(self) -> int:
        """What better assignment would have saved; negative: nothing better was found."""
        return self.actual_pence - self.assigned_pence

    @property
    def forecast_pence(self) -> int:
        """What knowing the absences beforehand would have saved on top."""
        return self.assigned_pence - self.foreseen_pence

    @property
    def saving_pence(self) -> int:
        """Both together."""
        return self.actual_pence - self.foreseen_pence

    def as_result(self) -> dict[str, Any]:
        """As a job's row keeps it."""
        return asdict(self)


def replayed(
    actual: Rota, assigned: Rota, foreseen: Rota, absent_shifts: int, cover: Fraction
) -> Replay:
    """The three rotas side by side, their gaps at the price of cover (pence an hour)."""
    return Replay(
        actual.priced(cover), assigned.priced(cover), foreseen.priced(cover),
        actual.unfilled_minutes, assigned.unfilled_minutes, foreseen.unfilled_minutes,
        absent_shifts, float(cover),
    )  # fmt: skip


def with_absences(
    shifts: Iterable[DraftShift], absent: frozenset[tuple[int, date]], cover: Fraction
) -> tuple[int, int]:
    """What a planned rota costs (pence) when these people fail to come, and how many shifts."""
    pence = count = 0
    for shift in shifts:
        if shift.staff_id is not None and (shift.staff_id, shift.date) in absent:
            count += 1
            pence += round(cover * shift.paid_minutes / 60)
        else:
            pence += shift.cost_pence or 0
    return pence, count


def ask_replay(uow: UnitOfWork, home_id: int, month: date, today: date) -> int:
    """Ask for the replay of a month; gives the job's id (the same one while it is active).

    Commit, then dispatch. Raises :class:`InvalidInput` for a month that is not over,
    :class:`~rota.errors.NotAllowed`.
    """
    uow.actor.require(Permission.RUN_OPTIMISATION, home_id)
    period = month_of(month)
    if period.end >= today:
        raise InvalidInput("Only a month that is over can be replayed.")
    inputs = {
        "home_id": home_id, "start": period.start.isoformat(), "end": period.end.isoformat(),
        "seconds": SECONDS,
    }  # fmt: skip
    return jobs.submit(uow, "replay", inputs, key=_key(home_id, period), home_id=home_id).id


def _key(home_id: int, period: Period) -> str:
    return f"{home_id}:{period.start}"


def newest_replay(
    session: Session, actor: Actor, home_id: int, month: date
) -> tuple[jobs.JobView | None, Replay | None]:
    """The newest job that replayed a month of a home, and its answer when it has one.

    Raises :class:`~rota.errors.NotAllowed` for a home the actor does not work with.
    """
    actor.require(Permission.VIEW_COSTS, home_id)
    job_id = session.scalar(
        select(Job.id)
        .where(Job.kind == "replay", Job.key == f"replay:{_key(home_id, month_of(month))}")
        .order_by(Job.id.desc())
        .limit(1)
    )
    if job_id is None:
        return None, None
    view = jobs.view(session, actor, job_id)
    return view, Replay(**view.result) if view.result else None
