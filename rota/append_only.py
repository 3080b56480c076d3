"""Records that are added and never changed: the database itself refuses it.

Triggers of migration 0016 guard the audit, the leave ledger and the judgements on staffing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

#: tables whose rows nobody may change or delete
APPEND_ONLY = ("audit_events", "leave_entries", "cover_judgements")


@contextmanager
def append_only_lifted(connection: Connection) -> Iterator[None]:
    """Let rows be deleted within this block: only for emptying a whole installation.

    Part of the connection's transaction: when that is rolled back the guard has never moved.
    """
    if connection.dialect.name == "postgresql":
        for table in APPEND_ONLY:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield
        for table in APPEND_ONLY:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        return
    guards = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE :like"),
        {"like": "%append_only%"},
    ).all()
    for name, _ in guards:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, sql in guards:
        connection.exec_driver_sql(sql)
