"""A PostgreSQL that is there and says nothing: whoever asks is told, and soon."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from rota.database import make_engine, reading
from rota.errors import Unavailable

STATEMENT_SECONDS = 1.0


@pytest.fixture
def engine(postgres_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine whose statements have a second; silence lasts, however slow this machine."""
    monkeypatch.setattr("rota.patient_connection.SILENCE_SECONDS", 600)
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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that the server is asked something, or for a connection."""
    seen: list[str] = []
    wait, connect = psycopg.Connection.wait, psycopg.Connection.connect.__func__

    def waiting(self: Any, *given: Any, **more: Any) -> Any:
        seen.append("wait")
        return wait(self, *given, **more)

    def connecting(cls: Any, *given: Any, **more: Any) -> Any:
        seen.append("connect")
        return connect(cls, *given, **more)

    monkeypatch.setattr(psycopg.Connection, "wait", waiting)
    monkeypatch.setattr(psycopg.Connection, "connect", classmethod(connecting))
    return seen


@pytest.mark.postgres
def test_a_statement_on_its_way_is_given_up(engine: Engine, asked: list[str]) -> None:
    connection, other = engine.connect(), engine.connect()
    other.execute(text("SELECT 1"))  # a request that holds a second connection, in a transaction
    with paused(connection):
        begun = time.monotonic()
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT 1"))
        assert time.monotonic() - begun > STATEMENT_SECONDS
        asked.clear()
        connection.close()
        assert asked == [], "a connection that was given up is not asked to roll back"
        with pytest.raises(DBAPIError):
            other.execute(text("SELECT 1"))
        other.close()
        assert asked == [], "nor is another one of the same server, which would wait again"


@pytest.mark.postgres
def test_closing_a_session_on_a_silent_server_is_said_in_our_words(engine: Engine) -> None:
    with pytest.raises(Unavailable), reading(engine) as session:
        session.execute(text("SELECT 1"))
        session.connection().connection.driver_connection.silence.begin()


@pytest.mark.postgres
def test_who_comes_later_waits_for_one_ping_and_one_new_connection(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.setattr("rota.patient_connection.FRESH_SECONDS", 0)  # as if it had lain idle
    watcher = engine.connect()
    with engine.connect() as pooled:
        backend = pooled.scalar(text("SELECT pg_backend_pid()"))
    with paused(watcher):
        os.kill(backend, signal.SIGSTOP)  # the one that waits in the pool
        try:
            asked.clear()
            with pytest.raises(DBAPIError):
                engine.connect()
            assert len(asked) <= 2
            asked.clear()
            with pytest.raises(DBAPIError):
                engine.connect()
            assert asked == [], "nobody waits for what has just been waited for"
        finally:
            os.kill(backend, signal.SIGCONT)
    watcher.connection.driver_connection.silence.end()
    watcher.close()
    with engine.connect() as again:
        assert again.scalar(text("SELECT 1")) == 1
