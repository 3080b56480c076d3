"""Run by Alembic: connects with the engine that the caller put into the configuration."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine

from rota.database import get_engine, unhurried
from rota.models import Base


def run() -> None:
    """Migrate over one connection, in one transaction."""
    engine: Engine = context.config.attributes.get("engine") or get_engine()
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=engine.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            unhurried(connection)
            context.run_migrations()
        connection.commit()


run()
