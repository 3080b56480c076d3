"""Writing many rows fast, in one transaction, on SQLite and PostgreSQL.

Small tables go through SQLAlchemy and get the models' defaults. The big ones are given as
plain tuples whose values both databases read from text (dates, UTC instants, JSON), and go
to SQLite as one prepared statement and to PostgreSQL through COPY.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from rota.database import unhurried
from rota.models import Base

Value = str | int | float | bool | None


class Writer:
    """Writes rows with ids given by the caller and counts them by table."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.counts: Counter[str] = Counter()
        self._is_postgresql = connection.dialect.name == "postgresql"
        unhurried(connection)  # one home's shifts are one COPY

    def add(self, model: type[Base] | Table, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows given by column name; what is left out gets the model's default."""
        if not rows:
            return
        table = model if isinstance(model, Table) else Base.metadata.tables[model.__tablename__]
        self.connection.execute(insert(table), list(rows))
        self.counts[table.name] += len(rows)

    def bulk(
        self, model: type[Base], columns: Sequence[str], rows: Sequence[tuple[Value, ...]]
    ) -> None:
        """Insert tuples in the order of ``columns``; nothing is converted or defaulted."""
        if not rows:
            return
        table = model.__tablename__
        names = ", ".join(columns)
        if self._is_postgresql:
            self._copy(f"COPY {table} ({names}) FROM STDIN", rows)
        else:
            marks = ", ".join("?" * len(columns))
            self.connection.exec_driver_sql(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - our own names
                list(rows),
            )
        self.counts[table] += len(rows)

    def _copy(self, statement: str, rows: Iterable[tuple[Value, ...]]) -> None:
        driver: Any = self.connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def finish(self) -> None:
        """Let the next row that the database numbers itself come after these."""
        if not self._is_postgresql:
            return
        for table in Base.metadata.sorted_tables:
            if "id" in table.c and self.counts[table.name]:
                highest = self.connection.scalar(select(func.max(table.c.id)))
                self.connection.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"),
                    {"name": table.name, "highest": highest},
                )
