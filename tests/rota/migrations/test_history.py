"""One line of migrations, up and down and up again, that ends at what the models say."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from rota import migrations
from rota.database import make_engine


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """An empty SQLite database."""
    return make_engine(f"sqlite:///{tmp_path / 'fresh.sqlite3'}")


def test_the_history_has_one_head(fresh: Engine) -> None:
    scripts = ScriptDirectory.from_config(migrations.alembic_config(fresh))
    assert len(scripts.get_heads()) == 1


def test_the_models_and_the_migrations_agree(database: Engine) -> None:
    command.check(migrations.alembic_config(database))


def test_down_and_up_again(database: Engine) -> None:
    before = set(inspect(database).get_table_names())
    migrations.downgrade(database, "base")
    assert set(inspect(database).get_table_names()) == {"alembic_version"}
    migrations.upgrade(database)
    assert set(inspect(database).get_table_names()) == before


def test_the_history_says_what_has_been_applied(fresh: Engine) -> None:
    assert {applied for _, _, applied in migrations.history(fresh)} == {False}
    migrations.upgrade(fresh, "0001")
    rows = migrations.history(fresh)
    assert [applied for _, _, applied in rows] == [True, *[False] * (len(rows) - 1)]
    assert not migrations.is_current(fresh)
