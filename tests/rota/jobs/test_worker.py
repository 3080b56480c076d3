"""A real Celery worker on the embedded queue: files in the data folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from rota.operations.health import check


@pytest.fixture
def worker(sqlite_engine: Engine, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process on the test's database and its own queue."""
    environment = {
        **os.environ,
        "DEBUG": "true",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": str(sqlite_engine.url),
        "REDIS_URL": "",
    }
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "rota.jobs.celery_app", "worker",
             "--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        yield process
        process.terminate()
        process.wait(timeout=60)


@pytest.mark.services
def test_a_worker_says_that_it_lives(
    worker: subprocess.Popen[bytes], sqlite_engine: Engine
) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if check(cache_alive=lambda: True, engine=sqlite_engine).worker:
            return
        time.sleep(0.3)
    pytest.fail("the worker never wrote its heartbeat")
