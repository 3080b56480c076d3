"""The Celery application: on Redis in production, on files in the data folder embedded.

Started as ``celery -A rota.jobs.celery_app worker``. No result backend is needed: a
job's row holds its progress and its result.
"""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import structlog
from celery import Celery
from celery.exceptions import WorkerLostError
from celery.signals import (
    celeryd_init,
    heartbeat_sent,
    task_failure,
    worker_process_init,
    worker_ready,
    worker_shutting_down,
)
from sqlalchemy import Engine, insert, update

from rota.database import get_engine
from rota.jobs import leaving
from rota.jobs.runner import run_job
from rota.jobs.schedules import beat_entries, start_scheduled
from rota.jobs.service import dispatch, fail_lost, sweep
from rota.logs import configure_logging
from rota.models import WorkerHeartbeat, utc_now
from rota.optimisation.compiled import prepare_in_background
from rota.settings import Settings, get_settings

log = structlog.get_logger(__name__)

#: a worker says that it lives this often (seconds)
HEARTBEAT_EVERY = 10.0


def broker_settings(settings: Settings) -> dict[str, Any]:
    """Celery's broker configuration for these settings."""
    if settings.redis_url:
        return {
            "broker_url": settings.redis_url,
            "broker_transport_options": {"visibility_timeout": 3600, "socket_timeout": 5},
        }
    queue = settings.data_dir.absolute() / "queue"
    folders = {
        "data_folder_in": queue / "messages",
        "data_folder_out": queue / "messages",
        "processed_folder": queue / "done",
        "control_folder": queue / "control",
    }
    for folder in folders.values():
        Path(folder).mkdir(parents=True, exist_ok=True)
    options = {name: str(folder) for name, folder in folders.items()}
    return {
        "broker_url": "filesystem://",
        "broker_transport_options": {
            **options,
            "store_processed": False,
            "polling_interval": 0.2,
        },
    }


def make_celery(settings: Settings) -> Celery:
    """Build the application; JSON only, one task at a time for each process."""
    celery = Celery("rota")
    celery.conf.update(
        **broker_settings(settings),
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        # a job that was taken by a worker that died is failed by the sweep, not run twice
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=50,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        timezone="Europe/London",
        beat_schedule={
            "sweep": {"task": "rota.sweep", "schedule": 60.0},
            "send-mail": {"task": "rota.send_mail", "schedule": 60.0},
            **beat_entries(),
            "scheduled-mail": {"task": "rota.scheduled_mail", "schedule": 60.0},
            "check-site": {"task": "rota.check_site", "schedule": 60.0, "options": {"expires": 60}},
            "keep-figures": {"task": "rota.keep_figures", "schedule": 60.0},
        },
    )
    return celery


app = make_celery(get_settings())


@app.task(name="rota.run_job")  # type: ignore[untyped-decorator]
def run_job_task(job_id: int) -> None:
    """Do one job."""
    run_job(job_id, apart=True)


@app.task(name="rota.sweep")  # type: ignore[untyped-decorator]
def sweep_task() -> None:
    """Fail the jobs of dead workers and hand over the ones that got lost."""
    hand_over_waiting(get_engine())


@app.task(name="rota.start_scheduled")  # type: ignore[untyped-decorator]
def start_scheduled_task(name: str) -> None:
    """Start the job of a line of the clock."""
    dispatch(start_scheduled(get_engine(), name))


@app.task(name="rota.send_mail")  # type: ignore[untyped-decorator]
def send_mail_task() -> None:
    """Deliver the outbox; without a mail server it waits."""
    from rota.mail.delivery import deliver

    settings = get_settings()
    if settings.email_host:
        deliver(get_engine(), settings)


@app.task(name="rota.scheduled_mail")  # type: ignore[untyped-decorator]
def scheduled_mail_task() -> None:
    """Queue the reports that are due."""
    from rota.mail.sending import run_due

    run_due(get_engine())


@app.task(name="rota.check_site")  # type: ignore[untyped-decorator]
def check_site_task() -> None:
    """Write down whether the site answers."""
    from rota.operations.service_record import check_site

    check_site(get_engine(), get_settings())


@app.task(name="rota.keep_figures")  # type: ignore[untyped-decorator]
def keep_figures_task() -> None:
    """Sum what is missing of the past months of every home."""
    from rota.costs.kept_figures import keep_figures

    keep_figures(get_engine())


def hand_over_waiting(engine: Engine) -> None:
    """Run the sweep and dispatch what still waits."""
    from sqlalchemy.orm import Session

    with Session(engine.execution_options(rota_writes=True)) as session:
        waiting = sweep(session)
    for job_id in waiting:
        dispatch(job_id)


@task_failure.connect  # type: ignore[untyped-decorator]
def _on_failure(args: list[Any] | None = None, exception: object = None, **_: object) -> None:
    """A process of this worker was killed in the middle of a job: say so on its row at once.

    When the whole worker dies nobody is left to do it; the sweep of the next one does.
    """
    if isinstance(exception, WorkerLostError) and args:
        fail_lost(get_engine(), int(args[0]))


@celeryd_init.connect  # type: ignore[untyped-decorator]
def _log_as_the_web_does(**_: object) -> None:
    """Before the first event: JSON, and nothing private in it."""
    configure_logging(get_settings().log_level)


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _forget_inherited_connections(**_: object) -> None:
    """A connection must not be shared with the parent process."""
    get_engine().dispose(close=False)


@worker_ready.connect  # type: ignore[untyped-decorator]
def _on_ready(**_: object) -> None:
    beat(get_engine())
    sweep_task.delay()  # not here: it may have to look twice
    prepare_in_background()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _on_shutting_down(**_: object) -> None:
    leaving.tell()


_last_beat = 0.0


@heartbeat_sent.connect  # type: ignore[untyped-decorator]
def _on_heartbeat(**_: object) -> None:
    global _last_beat
    if time.monotonic() - _last_beat >= HEARTBEAT_EVERY:
        _last_beat = time.monotonic()
        beat(get_engine())


def beat(engine: Engine) -> None:
    """Write down that this worker lives, for the health page."""
    name = socket.gethostname()
    try:
        with engine.execution_options(rota_writes=True).begin() as connection:
            known = connection.execute(
                update(WorkerHeartbeat).where(WorkerHeartbeat.name == name).values(at=utc_now())
            )
            if not known.rowcount:
                connection.execute(insert(WorkerHeartbeat).values(name=name, at=utc_now()))
    except Exception:  # the database is away; the worker must not die of it
        log.warning("heartbeat not written")
