"""What is started by the clock: which kind of job, when (Europe/London), with what inputs.

A room adds its own line here beside its kind in :mod:`rota.jobs.kinds`; beat starts every
line, and the job is a row like any other: seen, followed and cancelled on the same screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from rota.access.service import installation_actor
from rota.calendar import london_today
from rota.database import UnitOfWork, reading
from rota.jobs.kinds import KINDS
from rota.jobs.service import submit


@dataclass(frozen=True, slots=True)
class Schedule:
    """One line of the clock. ``hour`` and ``minute`` as the clock on the wall shows them."""

    kind: str
    hour: int
    minute: int = 0
    #: 0 is Sunday, as cron counts; null is every day
    weekday: int | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def words(self) -> str:
        """``Sunday 02:00``, for a screen."""
        days = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
        day = "every day" if self.weekday is None else days[self.weekday]
        return f"{day} {self.hour:02}:{self.minute:02}"


#: the nightly backup is not here: it needs root, so systemd's timer starts it (deploy/systemd)
SCHEDULES: dict[str, Schedule] = {
    "retrain": Schedule("train", 2, weekday=0, inputs={"days": 730}),
    "retention": Schedule("retention", 3, 30),
    # after the retraining of a Sunday, when yesterday is surely complete
    "accuracy": Schedule("accuracy", 4, 30),
}


def beat_entries() -> dict[str, dict[str, Any]]:
    """The lines as Celery beat wants them."""
    from celery.schedules import crontab

    return {
        name: {
            "task": "rota.start_scheduled",
            "args": [name],
            "schedule": crontab(
                minute=line.minute,
                hour=line.hour,
                day_of_week="*" if line.weekday is None else line.weekday,
            ),
            # a message that waited through an outage must not start a second night's work
            "options": {"expires": 6 * 3600},
        }
        for name, line in SCHEDULES.items()
    }


def start_scheduled(engine: Engine, name: str) -> int:
    """Write down the job of a line; gives its id, to be dispatched. Twice on one day (two
    beats, a repeated message) is one job while the first is active."""
    line = SCHEDULES[name]
    title = KINDS[line.kind].title
    with reading(engine) as session:
        actor = installation_actor(session, "Schedule")
    with UnitOfWork(actor, source="schedule", engine=engine) as uow:
        key = f"scheduled:{london_today()}"
        job = submit(uow, line.kind, {**line.inputs, "scheduled": title}, key=key)
        uow.commit()
        return job.id
