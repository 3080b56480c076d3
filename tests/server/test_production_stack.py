"""The server as in production: gunicorn on PostgreSQL and Redis, Celery on Redis, for real."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from rota.access import service
from rota.database import UnitOfWork
from rota.jobs import service as jobs
from rota.models import JobState, UserRole
from tests import factories as make
from tests.conftest import free_port
from tests.factories import administrator

pytestmark = [pytest.mark.services, pytest.mark.postgres]
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Thistle-44117"


@dataclass
class Stack:
    """A running installation and the processes it is made of."""

    address: str
    engine: Engine
    environment: dict[str, str]
    redis: subprocess.Popen[bytes]
    web: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]
    redis_command: list[str]

    def health(self) -> tuple[int, dict[str, str]]:
        """Status code and body of the health page."""
        try:
            with urllib.request.urlopen(f"{self.address}/health/", timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture
def stack(postgres_engine: Engine, tmp_path: Path) -> Iterator[Stack]:
    """gunicorn, Redis and a Celery worker on a fresh PostgreSQL database."""
    redis_server = shutil.which("redis-server")
    if redis_server is None:
        pytest.fail("Redis is not installed: apt-get install redis-server")
    redis_port, web_port = free_port(), free_port()
    command = [
        redis_server, "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "",
        "--requirepass", "test-only",
    ]  # fmt: skip
    environment = {
        **os.environ,
        "DEBUG": "false",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_COOKIES": "false",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": postgres_engine.url.render_as_string(hide_password=False),
        "REDIS_URL": f"redis://:test-only@127.0.0.1:{redis_port}/0",
    }
    log = (tmp_path / "log").open("wb")
    redis = subprocess.Popen(command, stdout=log, stderr=log)
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{web_port}", "--workers", "1",
         "--worker-class", "gthread", "--threads", "4", "app:server"],
        cwd=ROOT, env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "rota.jobs.celery_app", "worker",
         "--concurrency", "1", "--loglevel", "INFO"],
        cwd=ROOT, env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    running = Stack(
        f"http://127.0.0.1:{web_port}", postgres_engine, environment, redis, web, worker, command
    )
    try:
        _wait(lambda: running.health()[0] == 200, "the web server never answered")
        yield running
    finally:
        for process in (running.web, running.worker, running.redis):
            process.terminate()
        for process in (running.web, running.worker, running.redis):
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
        log.close()


def _wait(holds: object, otherwise: str, seconds: float = 180) -> None:
    assert callable(holds)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(otherwise)


def _log_in(stack: Stack) -> urllib.request.OpenerDirector:
    with UnitOfWork(administrator(), engine=stack.engine) as uow:
        service.create_user(
            uow, sap_number="boss", name="Boss", role=UserRole.OPERATIONAL_MANAGER,
            password=PASSWORD, all_homes=True,
        )  # fmt: skip
        uow.commit()
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    page = opener.open(f"{stack.address}/accounts/login/").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"sap_number": "boss", "password": PASSWORD, "csrf_token": token[1]}
    opener.open(f"{stack.address}/accounts/login/", urllib.parse.urlencode(form).encode())
    return opener


def test_the_whole_stack_serves_works_and_survives_redis(stack: Stack) -> None:
    opener = _log_in(stack)
    assert opener.open(f"{stack.address}/dashboard/").status == 200
    _wait(lambda: stack.health()[1]["worker"] == "ok", "the worker never said that it lives")
    assert stack.health()[1] == {
        **stack.health()[1], "status": "ok", "database": "ok", "cache": "ok"
    }  # fmt: skip

    # a job asked for in one process is done in another, through Redis; this home has no
    # units, so the answer is the solver's own words about what is missing
    with UnitOfWork(administrator(), engine=stack.engine) as uow:
        home = make.make_home(uow.session)
        inputs = {"home_id": home.id, "start": "2026-06-01", "end": "2026-06-07", "seconds": 5}
        job = jobs.submit(uow, "optimise", inputs, key="stack", home_id=home.id)
        uow.commit()
    script = f"from rota.jobs.service import dispatch; dispatch({job.id})"
    subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=stack.environment, check=True, timeout=180
    )

    def finished() -> bool:
        with UnitOfWork(administrator(), engine=stack.engine) as uow:
            return jobs.view(uow.session, uow.actor, job.id).state is JobState.FAILED

    _wait(finished, "the job was never done", 90)
    with UnitOfWork(administrator(), engine=stack.engine) as uow:
        assert "no unit that needs cover" in jobs.view(uow.session, uow.actor, job.id).error

    # Redis dies: pages are slower, nothing fails, health says so
    stack.redis.send_signal(signal.SIGKILL)
    stack.redis.wait()
    begun = time.monotonic()
    assert opener.open(f"{stack.address}/dashboard/", timeout=60).status == 200
    assert time.monotonic() - begun < 10
    code, body = stack.health()
    assert (code, body["status"], body["cache"]) == (200, "degraded", "down")
    stack.redis = subprocess.Popen(
        stack.redis_command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _wait(lambda: stack.health()[1]["cache"] == "ok", "the cache never came back")


def test_the_server_refuses_to_start_with_a_weak_key(tmp_path: Path) -> None:
    environment = {
        **os.environ, "DEBUG": "false", "SECRET_KEY": "short", "ALLOWED_HOSTS": "127.0.0.1",
        "DATA_DIR": str(tmp_path),
    }  # fmt: skip
    answer = subprocess.run(
        [sys.executable, "-c", "import app"], cwd=ROOT, env=environment, capture_output=True,
        text=True, timeout=180,
    )  # fmt: skip
    assert answer.returncode != 0
    assert "SECRET_KEY" in answer.stderr
