"""``python app.py``: everything on one machine with one command.

Prepares what is missing (secret key, database, demo organisation), prints how to log in, and
serves with gunicorn; a Celery worker on files in the data folder starts and stops with it.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 4
#: Linux: the child gets this signal when its parent dies, however it dies
_PR_SET_PDEATHSIG = 1


def run(arguments: list[str]) -> None:
    """Prepare and serve; ``PORT``, ``HOST`` and ``DATA_DIR`` come from the environment."""
    host = os.environ.get("HOST", "127.0.0.1")
    port = int(os.environ.get("PORT", "8050"))
    data = Path(os.environ.get("DATA_DIR", "data")).absolute()
    prepare_environment(data, host)
    prepare_database(demo="--no-demo" not in arguments)
    click.echo(f"\nStaff Rota is at http://{host}:{port}  (Ctrl+C stops it)", err=True)
    serve(host, port)


def prepare_environment(data: Path, host: str) -> None:
    """A data folder with a secret key of its own; settings that suit one machine."""
    data.mkdir(parents=True, exist_ok=True)
    os.environ["DATA_DIR"] = str(data)
    os.environ.setdefault("SECRET_KEY", _secret_key(data / "secret_key"))
    os.environ.setdefault("ALLOWED_HOSTS", f"127.0.0.1,localhost,{host}")
    # http on the loopback address: a cookie for TLS only would never come back
    os.environ.setdefault("SECURE_COOKIES", "false")


def _secret_key(path: Path) -> str:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(60))
    return path.read_text().strip()


def prepare_database(*, demo: bool) -> None:
    """Migrate, and create the demo organisation if there is nothing at all."""
    from sqlalchemy import func, select

    from rota import migrations
    from rota.database import get_engine, reading
    from rota.models import CareHome, User

    engine = get_engine()
    if not migrations.is_current(engine):
        click.echo("Migrating the database …", err=True)
        migrations.upgrade(engine)
    with reading(engine) as session:
        people = session.scalar(select(func.count(User.id)))
        homes = session.scalar(select(func.count(CareHome.id)))
    if demo and not people and not homes:
        from rota.demo.commands import create_and_show

        create_and_show(engine)


def worker_command(data: Path) -> list[str]:
    """The Celery worker with its own schedule."""
    return [
        sys.executable, "-m", "celery", "-A", "rota.jobs.celery_app", "worker", "--beat",
        "--schedule", str(data / "schedule"), "--concurrency", "1", "--loglevel", "WARNING",
        "--without-gossip", "--without-mingle", "-n", f"embedded-{os.getpid()}@%h",
    ]  # fmt: skip


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class EmbeddedWorker:
    """Keeps one Celery worker alive for as long as the server lives."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._command = command
        self._log = log
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and again whenever it dies."""
        threading.Thread(target=self._keep_alive, name="worker-keeper", daemon=True).start()

    def _keep_alive(self) -> None:
        while not self._stopping.is_set():
            begun = time.monotonic()
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command, cwd=ROOT, stdout=log, stderr=log, preexec_fn=_die_with_parent
                )
                self._process.wait()
            if time.monotonic() - begun < 10:
                self._stopping.wait(5)  # it dies at once: do not spin

    def stop(self) -> None:
        """Stop it; what it was doing is failed by the next one's sweep."""
        self._stopping.set()
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(timeout=8)
        except subprocess.TimeoutExpired:
            process.kill()


def _end(worker: EmbeddedWorker) -> None:
    worker.stop()
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def serve(host: str, port: int) -> None:
    """Serve until stopped."""
    from gunicorn.app.base import BaseApplication

    data = Path(os.environ["DATA_DIR"])
    # before anything imports the client: it decides then how processes add up
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="rota-metrics-"))
    worker = EmbeddedWorker(worker_command(data), data / "worker.log")
    options: Mapping[str, Any] = {
        "bind": f"{host}:{port}",
        "worker_class": "gthread",
        "workers": WORKERS,
        "threads": THREADS,
        "keepalive": 75,
        "timeout": 30,
        "graceful_timeout": 10,
        "loglevel": "warning",
        "when_ready": lambda _server: worker.start(),
        "on_exit": lambda _server: _end(worker),
        "child_exit": lambda _server, child: mark_process_dead(child.pid),
    }

    from prometheus_client.multiprocess import mark_process_dead

    class Embedded(BaseApplication):  # type: ignore[misc]
        """Gunicorn with options from here instead of the command line."""

        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            import app

            return app.server

    from rota.database import get_engine

    get_engine().dispose()  # the workers are forks: no connection may be shared
    Embedded().run()
