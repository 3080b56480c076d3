"""The Alembic history of the database, and how to move along it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from rota.errors import Unavailable


def alembic_config(engine: Engine) -> Config:
    """Alembic's configuration for this engine; there is no ini file to keep in step."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to ``revision``."""
    command.upgrade(alembic_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to ``revision`` (``base`` empties it)."""
    command.downgrade(alembic_config(engine), revision)


def current_revision(engine: Engine) -> str | None:
    """The revision the database stands at; null before the first migration."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def history(engine: Engine) -> list[tuple[str, str, bool]]:
    """Every migration, oldest first: revision, what it does, whether it has been applied."""
    scripts = list(ScriptDirectory.from_config(alembic_config(engine)).walk_revisions())[::-1]
    current = current_revision(engine)
    rows: list[tuple[str, str, bool]] = []
    applied = current is not None
    for script in scripts:
        rows.append((script.revision, script.doc, applied))
        if script.revision == current:
            applied = False
    return rows


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest migration."""
    head = ScriptDirectory.from_config(alembic_config(engine)).get_current_head()
    return current_revision(engine) == head


def require_current(engine: Engine) -> None:
    """Raise :class:`~rota.errors.Unavailable` unless the database stands at the newest migration."""
    if not is_current(engine):
        raise Unavailable(
            f"The database stands at {current_revision(engine) or 'no migration'}, not at the "
            "newest.",
            hint="Run: python -m rota migrate",
        )
