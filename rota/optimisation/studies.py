"""Questions about a scenario that take a solver: asked here, answered by a background job.

The answer of a study is the result of its job; the rotas it finds are scenarios of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.jobs import service as jobs
from rota.jobs.service import JobView
from rota.models import Job
from rota.optimisation.service import scenario_of

#: what can be asked, and what it is called
STUDIES = {
    "worth": "What one more person is worth",
    "frontier": "Cost, fairness and continuity",
    "levels": "Service levels",
    "pooling": "Sharing people between units and homes",
    "robust": "The same hours, placed more safely",
    "repair": "Repair with the fewest changes",
}
#: a frontier solves the whole period nine times
LONGEST_FRONTIER_DAYS = 14


@dataclass(frozen=True, slots=True)
class Study:
    """A study of a scenario: the newest job that asked for it, or none yet."""

    kind: str
    title: str
    job: JobView | None

    @property
    def result(self) -> dict[str, Any]:
        """The answer; empty until there is one."""
        return self.job.result if self.job is not None else {}


def ask(uow: UnitOfWork, scenario_id: int, kind: str, *, seconds: float = 30.0) -> int:
    """Ask for a study; gives the job's id (the same one while it is active). Commit, then
    dispatch. Raises :class:`InvalidInput`, :class:`NotAllowed`."""
    if kind not in STUDIES:
        raise InvalidInput("There is no such study.")
    scenario = scenario_of(uow.session, uow.actor, scenario_id)
    days = (scenario.end_date - scenario.start_date).days + 1
    if kind == "frontier" and days > LONGEST_FRONTIER_DAYS:
        raise InvalidInput(
            f"A frontier is drawn for up to {LONGEST_FRONTIER_DAYS} days; this scenario has {days}.",
            hint="Solve a shorter period first.",
        )
    inputs = {
        "scenario_id": scenario.id,
        "study": kind,
        "seconds": seconds,
        "start": scenario.start_date.isoformat(),
        "end": scenario.end_date.isoformat(),
    }
    key = f"{kind}:{scenario.id}"
    return jobs.submit(uow, "study", inputs, key=key, home_id=scenario.home_id).id


def studies_of(session: Session, actor: Actor, scenario_id: int) -> dict[str, Study]:
    """The newest study of each kind of a scenario."""
    scenario = scenario_of(session, actor, scenario_id)
    actor.require(Permission.VIEW_SCENARIOS, scenario.home_id)
    newest: dict[str, int] = {}
    keys = {f"study:{kind}:{scenario.id}": kind for kind in STUDIES}
    rows = session.execute(
        select(Job.id, Job.key)
        .where(Job.kind == "study", Job.key.in_(sorted(keys)))
        .order_by(Job.id)
    )
    for job_id, key in rows:
        newest[keys[key]] = job_id
    return {
        kind: Study(
            kind, title, jobs.view(session, actor, newest[kind]) if kind in newest else None
        )
        for kind, title in STUDIES.items()
    }
