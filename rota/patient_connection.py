"""A connection to PostgreSQL that does not wait for ever.

``statement_timeout`` is the server's own promise; a server that is paused, or behind a dead
network, keeps none. After a little more than that the connection is given up and whoever
asked is told that the database does not answer. For a moment after that nobody else is let
wait for it: requests that queue behind those that waited would wait once more.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import errors
from sqlalchemy import Engine, event

#: how long the question "are you still there?" before each use may take (seconds)
PING_SECONDS = 2.0
#: a connection that was answered on so lately is not asked (seconds)
FRESH_SECONDS = 1.0
#: beyond the statement's own limit, which the server should have kept (seconds)
GRACE_SECONDS = 1.0
#: for so long after a silence everybody is told at once (seconds)
SILENCE_SECONDS = 3.0


class Silence:
    """Whether the server of an engine said nothing a moment ago."""

    def __init__(self) -> None:
        self._until = 0.0

    def begin(self) -> None:
        """It did not answer."""
        self._until = time.monotonic() + SILENCE_SECONDS

    def end(self) -> None:
        """It answered."""
        self._until = 0.0

    @property
    def lasts(self) -> bool:
        """Whether it was a moment ago."""
        return time.monotonic() < self._until

    def check(self) -> None:
        """Raise ``OperationalError`` while it lasts."""
        if self.lasts:
            raise psycopg.OperationalError("the server did not answer a moment ago")


class PatientConnection(psycopg.Connection[Any]):
    """Gives up after ``patience`` seconds without an answer (null: never)."""

    patience: float | None = None
    answered = 0.0
    silence = Silence()

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's, within the patience. Raises ``OperationalError`` and closes.

        A request may hold a second connection when the first has waited in vain: rolling that
        back must not wait once more.
        """
        if self.silence.lasts:
            self.pgconn.finish()
            self.silence.check()
        limit = self.patience if timeout is None else timeout
        try:
            found = super().wait(gen, interval, limit)
        except errors._WaitTimeout as error:
            self.pgconn.finish()
            self.silence.begin()
            raise psycopg.OperationalError("the server did not answer in time") from error
        self.answered = time.monotonic()
        return found


def make_patient(engine: Engine, statement_seconds: float) -> None:
    """Let every connection of ``engine`` give up after ``statement_seconds`` and a little."""
    patience = statement_seconds + GRACE_SECONDS
    silence = Silence()

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> PatientConnection:
        silence.check()
        try:
            connection = PatientConnection.connect(*arguments, **parameters)
        except errors.ConnectionTimeout:
            silence.begin()
            raise
        connection.patience, connection.silence = patience, silence
        return connection

    ping = engine.dialect.do_ping

    def quick_ping(connection: Any) -> bool:
        silence.check()
        if time.monotonic() - connection.answered < FRESH_SECONDS:
            connection.patience = patience
            return True
        connection.patience = PING_SECONDS
        try:
            return ping(connection)
        finally:
            connection.patience = patience

    engine.dialect.do_ping = quick_ping  # type: ignore[method-assign,assignment]
