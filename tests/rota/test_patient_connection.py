"""A PostgreSQL that is there and says nothing: whoever asks is told, and soon."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from rota.database import make_engine
from rota.patient_connection import GRACE_SECONDS, PING_SECONDS, SILENCE_SECONDS

STATEMENT_SECONDS = 1.0
CONNECT_SECONDS = 3.0


@pytest.fixture
def engine(postgres_engine: Engine) -> Iterator[Engine]:
    made = make_engine(
        postgres_engine.url.render_as_string(hide_password=False), int(STATEMENT_SECONDS * 1000)
    )
    yield made
    made.dispose()


@contextmanager
def paused(connection: Connection) -> Iterator[None]:
    """The connection's own process and the one that lets people in are stopped."""
    backend = connection.scalar(text("SELECT pg_backend_pid()"))
    parent = int(Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()[1])
    for process in (backend, parent):
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in (backend, parent):
            os.kill(process, signal.SIGCONT)


def seconds_until_refused(connection_of: object) -> float:
    assert callable(connection_of)
    begun = time.monotonic()
    with pytest.raises(DBAPIError):
        connection_of()
    return time.monotonic() - begun


@pytest.mark.postgres
def test_a_statement_on_its_way_is_given_up(engine: Engine) -> None:
    connection = engine.connect()
    with paused(connection):
        taken = seconds_until_refused(lambda: connection.execute(text("SELECT 1")))
        begun = time.monotonic()
        connection.close()
        closed = time.monotonic() - begun
    assert taken < STATEMENT_SECONDS + GRACE_SECONDS + 1
    assert closed < 1, "a connection that was given up is not asked to roll back"


@pytest.mark.postgres
def test_who_comes_later_waits_for_one_ping_and_one_new_connection(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rota.patient_connection.FRESH_SECONDS", 0)  # as if it had lain idle
    watcher = engine.connect()
    with engine.connect() as pooled:
        backend = pooled.scalar(text("SELECT pg_backend_pid()"))
    with paused(watcher):
        os.kill(backend, signal.SIGSTOP)  # the one that waits in the pool
        try:
            taken = seconds_until_refused(engine.connect)
            at_once = seconds_until_refused(engine.connect)
        finally:
            os.kill(backend, signal.SIGCONT)
    watcher.close()
    assert taken < PING_SECONDS + CONNECT_SECONDS + 1
    assert at_once < 0.5, "nobody waits for what has just been waited for"
    time.sleep(SILENCE_SECONDS)
    with engine.connect() as again:
        assert again.scalar(text("SELECT 1")) == 1
