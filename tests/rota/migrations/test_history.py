"""One line of migrations, up and down and up again, that ends at what the models say."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from rota import migrations
from rota.database import make_engine
from rota.demo.create import create_demo

FIRST = "0001"


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


def _quoted(name: str) -> str:
    return f'"{name}"'


def _rows(engine: Engine, columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """Every row of these tables, by these columns, in one order."""
    with engine.connect() as connection:
        return {
            table: sorted(
                repr(tuple(row))
                for row in connection.execute(
                    text(f"SELECT {', '.join(map(_quoted, names))} FROM {table}")
                )
            )
            for table, names in columns.items()
        }


def _columns(engine: Engine) -> dict[str, list[str]]:
    inspector = inspect(engine)
    return {
        table: [column["name"] for column in inspector.get_columns(table)]
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_down_and_up_again_with_an_organisation_in_it(database: Engine) -> None:
    create_demo(database, seed=3, homes=1, months=1, progress=False)
    newest = _columns(database)
    before = _rows(database, newest)
    assert sum(map(len, before.values())) > 1000
    migrations.downgrade(database, FIRST)
    first = _columns(database)
    kept = _rows(database, first)
    migrations.upgrade(database)
    assert _columns(database) == newest
    again = _rows(database, first)
    assert again == kept, "a row was lost or changed on the way up"
    for table, names in first.items():
        if set(names) == set(newest[table]):
            assert again[table] == before[table], f"{table} was changed on the way down"
        assert len(again[table]) == len(before[table]), table
    assert migrations.is_current(database)


def test_the_release_before_runs_on_each_new_schema(fresh: Engine) -> None:
    """During a rolling deploy old code writes into the new schema: nothing that it names may
    have gone, and what it does not name must fill itself."""
    revisions = [revision for revision, _, _ in migrations.history(fresh)]
    migrations.upgrade(fresh, revisions[0])
    for revision in revisions[1:]:
        old = _columns(fresh)
        migrations.upgrade(fresh, revision)
        inspector = inspect(fresh)
        for table, names in old.items():
            new = {column["name"]: column for column in inspector.get_columns(table)}
            assert set(names) <= set(new), f"{revision} takes columns of {table} away"
            unfilled = [
                name
                for name, column in new.items()
                if name not in names and not column["nullable"] and column["default"] is None
            ]
            assert unfilled == [], f"{revision}: the code before does not fill {table}"


def test_the_history_says_what_has_been_applied(fresh: Engine) -> None:
    assert {applied for _, _, applied in migrations.history(fresh)} == {False}
    migrations.upgrade(fresh, "0001")
    rows = migrations.history(fresh)
    assert [applied for _, _, applied in rows] == [True, *[False] * (len(rows) - 1)]
    assert not migrations.is_current(fresh)
