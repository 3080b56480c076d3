"""Running what is due: once for each schedule and time, whoever asks and however often."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError

from rota.access.actor import Actor, system_actor
from rota.access.service import actor_of, installation_actor
from rota.database import UnitOfWork, reading
from rota.errors import RotaError
from rota.mail.schedules import is_due, readers, words
from rota.mail.senders import SENDERS
from rota.mail.service import queue_template
from rota.models import MailSchedule, MailScheduleRun, User, utc_now

log = structlog.get_logger(__name__)

#: a run that has not ended by then belongs to a worker that died
DEAD = timedelta(minutes=15)


def run_due(engine: Engine, *, now: datetime | None = None) -> int:
    """Queue the messages of every schedule that is due; gives how many were queued.

    A time is claimed by its row (schedule and time are unique), so that two workers send it
    once; the messages and the end of the run are one transaction.
    """
    now = now or utc_now()
    with reading(engine) as session:
        due = [
            (row.id, at)
            for row in session.scalars(select(MailSchedule).where(MailSchedule.is_active))
            if (at := is_due(row, now)) is not None
        ]
    return sum(_run(engine, schedule_id, at, now) for schedule_id, at in due)


def _run(engine: Engine, schedule_id: int, due: datetime, now: datetime) -> int:
    run_id = _claim(engine, schedule_id, due, now)
    if run_id is None:
        return 0
    try:
        with reading(engine) as session:
            installation = installation_actor(session, "Scheduled mail")
        with UnitOfWork(installation, source="schedule", engine=engine) as uow:
            count, problem = _queue_all(uow, schedule_id, due)
            run = uow.session.get_one(MailScheduleRun, run_id)
            run.finished_at, run.messages, run.error = utc_now(), count, problem[:500]
            uow.commit()
            return count
    except Exception as error:
        # the next schedule must not suffer; the list shows what happened
        log.exception("schedule failed", schedule=schedule_id)
        text = str(error) if isinstance(error, RotaError) else type(error).__name__
        with engine.execution_options(rota_writes=True).begin() as connection:
            connection.execute(
                update(MailScheduleRun)
                .where(MailScheduleRun.id == run_id)
                .values(finished_at=utc_now(), error=text[:500])
            )
        return 0


def _claim(engine: Engine, schedule_id: int, due: datetime, now: datetime) -> int | None:
    """The id of the run that is now ours; null when somebody else has or had it."""
    with UnitOfWork(system_actor("Scheduled mail", frozenset()), engine=engine) as uow:
        known = uow.session.scalar(
            select(MailScheduleRun).where(
                MailScheduleRun.schedule_id == schedule_id, MailScheduleRun.due_at == due
            )
        )
        if known is None:
            run = MailScheduleRun(schedule_id=schedule_id, due_at=due, started_at=now)
            uow.session.add(run)
            try:
                uow.session.flush()
            except IntegrityError:
                return None
            run_id = run.id
        else:
            taken = uow.session.execute(
                update(MailScheduleRun)
                .where(
                    MailScheduleRun.id == known.id, MailScheduleRun.finished_at.is_(None),
                    MailScheduleRun.started_at < now - DEAD,
                )
                .values(started_at=now)
                .execution_options(synchronize_session=False)
            )  # fmt: skip
            if taken.rowcount != 1:  # type: ignore[attr-defined]
                return None
            run_id = known.id
        uow.commit()
        return run_id


def _queue_all(uow: UnitOfWork, schedule_id: int, due: datetime) -> tuple[int, str]:
    """Queue for every reader; a report is made once for readers with the same rights."""
    row = uow.session.get_one(MailSchedule, schedule_id)
    sender = SENDERS.get(row.what)
    if sender is None:
        return 0, f"There is no report called {row.what!r} any more."
    alike: defaultdict[tuple[object, ...], list[tuple[User, Actor]]] = defaultdict(list)
    refused = 0
    for user in readers(uow.session, row):
        actor = actor_of(uow.session, user)
        if not actor.may(sender.permission, row.home_id) or not actor.home_ids:
            refused += 1
            continue
        scope = row.home_id if row.home_id is not None else actor.home_ids
        alike[actor.role, scope].append((user, actor))
    count = 0
    for people in alike.values():
        made = sender.make(uow.session, people[0][1], row.home_id, due)
        for user, _actor in people:
            queue_template(
                uow, "report",
                {"name": user.name, "title": made.title, "homes": made.homes,
                 "period": made.period, "headlines": list(made.headlines), "link": made.link,
                 "schedule": f"{row.name} ({words(row)})"},
                to=user.email, attachments=made.attachments, about=f"schedule:{row.id}",
            )  # fmt: skip
            count += 1
    words_of = "1 reader was" if refused == 1 else f"{refused} readers were"
    return count, f"{words_of} left out: no permission or home." if refused else ""
