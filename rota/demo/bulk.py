"""Loading a big table without its indexes and guards, which are built again at the end.

Keeping seven indexes and the overlap guard up to date row by row costs more than half of
the creation. Everything happens in the caller's transaction: whoever fails half-way leaves
indexes and guards as they were. The guard's promise is checked before it is put back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from rota.database import OVERLAP_GUARD
from rota.errors import RuleBreach
from rota.models import Shift

_SQLITE_PARTS = text(
    "SELECT type, name, sql FROM sqlite_master "
    "WHERE tbl_name = :table AND type IN ('index', 'trigger') AND sql IS NOT NULL"
)
_POSTGRESQL_INDEXES = text(
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :table "
    "AND schemaname = current_schema() AND indexname NOT IN "
    "(SELECT conname FROM pg_constraint WHERE conrelid = CAST(:table AS regclass))"
)
_POSTGRESQL_GUARD = text(
    "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE conrelid = CAST(:table AS regclass) AND conname = :guard"
)
_OVERLAP = text(
    "SELECT user_id FROM (SELECT user_id, ends_at, lead(starts_at) OVER "
    "(PARTITION BY user_id ORDER BY starts_at) AS next_start FROM shifts "
    "WHERE user_id IS NOT NULL) AS pairs WHERE next_start < ends_at LIMIT 1"
)


@contextmanager
def shifts_without_indexes(connection: Connection) -> Iterator[None]:
    """Lift the indexes and guards of the table of shifts for the block.

    Raises :class:`RuleBreach` at its end when somebody has two overlapping shifts.
    """
    on_postgresql = connection.dialect.name == "postgresql"
    rebuild = _lift_postgresql(connection) if on_postgresql else _lift_sqlite(connection)
    yield
    if connection.scalar(_OVERLAP) is not None:
        raise RuleBreach("Somebody would have two overlapping shifts; nothing was written.")
    for statement in rebuild:
        connection.exec_driver_sql(statement)
    connection.execute(text("ANALYZE"))


def _lift_sqlite(connection: Connection) -> list[str]:
    parts = connection.execute(_SQLITE_PARTS, {"table": Shift.__tablename__}).all()
    for kind, name, _ in parts:
        connection.exec_driver_sql(f'DROP {kind} "{name}"')
    return [statement for _, _, statement in parts]


def _lift_postgresql(connection: Connection) -> list[str]:
    table = Shift.__tablename__
    guard = connection.scalar(_POSTGRESQL_GUARD, {"table": table, "guard": OVERLAP_GUARD})
    connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {OVERLAP_GUARD}")
    indexes = connection.execute(_POSTGRESQL_INDEXES, {"table": table}).all()
    for name, _ in indexes:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    put_back = f"ALTER TABLE {table} ADD CONSTRAINT {OVERLAP_GUARD} {guard}"
    return [*(statement for _, statement in indexes), put_back]
