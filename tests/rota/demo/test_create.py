"""Creating the demo: on both databases, the same twice, and only where nothing is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from rota.access.passwords import verify_password
from rota.cli import cli
from rota.database import OVERLAP_GUARD, make_engine, reading
from rota.demo.commands import create_and_show
from rota.demo.create import create_demo, is_empty
from rota.errors import Conflict, InvalidInput, RuleBreach
from rota.models import Base, CareHome, Shift, Staff, User, UserRole
from tests.factories import make_home
from tests.rota.demo.conftest import TODAY

TINY: dict[str, Any] = {"today": TODAY, "homes": 1, "months": 1, "progress": False}


def rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Everything stored but password hashes, table by table."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                tuple(str(value) for value in row)
                for row in connection.execute(
                    select(*(c for c in table.c if c.name != "password_hash"))
                )
            )
            for table in Base.metadata.sorted_tables
        }


def test_it_fills_both_databases_and_they_go_on_numbering(database: Engine) -> None:
    summary = create_demo(database, **TINY)

    with reading(database) as session:
        stored = session.scalar(select(func.count(Shift.id)))
        assert stored == summary.counts["shifts"] > 4000
        later = make_home(session, "Another home")
        assert later.id > 1


def test_the_same_seed_and_day_give_the_same_rows(
    sqlite_engine: Engine, migrated_sqlite: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.sqlite3"
    again.write_bytes(migrated_sqlite.read_bytes())
    other = make_engine(f"sqlite:///{again}")

    create_demo(sqlite_engine, seed=7, **TINY)
    create_demo(other, seed=7, **TINY)
    first = rows(sqlite_engine)
    assert first == rows(other)
    create_demo(other, seed=8, replace=True, **TINY)
    assert first["shifts"] != rows(other)["shifts"]
    other.dispose()


@pytest.mark.postgres
def test_both_databases_hold_the_same(sqlite_engine: Engine, postgres_engine: Engine) -> None:
    create_demo(sqlite_engine, **TINY)
    create_demo(postgres_engine, **TINY)

    ours, theirs = rows(sqlite_engine), rows(postgres_engine)
    assert ours["shifts"] == theirs["shifts"]
    assert ours["census"] == theirs["census"]
    assert ours["leave_entries"] == theirs["leave_entries"]


def test_it_refuses_a_database_that_is_not_empty(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(
            CareHome.__table__.insert(), [{"name": "Real home", "beds": 3, "legacy": {}}]
        )

    with pytest.raises(Conflict, match="not empty"):
        create_demo(database, **TINY)
    assert not is_empty(database)
    summary = create_demo(database, replace=True, **TINY)
    with reading(database) as session:
        # what is cached about the earlier home is not taken for the new one
        assert session.scalars(select(CareHome.data_version)).all() == [2]
        assert session.scalars(select(CareHome.name)).all() == ["Orchard Grove"]
        assert session.scalar(select(func.count(Staff.id))) == summary.counts["staff"]


def test_nothing_is_written_when_it_is_interrupted(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rota.demo.create._Build.rest", stop)
    with pytest.raises(KeyboardInterrupt):
        create_demo(sqlite_engine, **TINY)

    assert is_empty(sqlite_engine)


def test_sizes_out_of_bounds_are_refused(sqlite_engine: Engine) -> None:
    with pytest.raises(InvalidInput, match="homes"):
        create_demo(sqlite_engine, scale=1000, progress=False)


def test_one_login_per_role_opens_with_its_temporary_password(sqlite_engine: Engine) -> None:
    logins = create_demo(sqlite_engine, **TINY).logins

    assert {login.role for login in logins} == set(UserRole)
    with reading(sqlite_engine) as session:
        for login in logins:
            user = session.scalars(select(User).filter_by(sap_number=login.sap_number)).one()
            assert verify_password(user.password_hash, login.password)
            assert user.must_change_password
            assert login.password not in repr(login)
        others = session.scalars(select(User.password_hash).where(User.sap_number == "100002"))
        assert others.all() == [""]


def test_the_command_refuses_what_is_not_empty(sqlite_engine: Engine) -> None:
    create_demo(sqlite_engine, **TINY)

    with pytest.raises(Conflict, match="not empty"):
        create_and_show(sqlite_engine, today=date(2026, 11, 24), progress=False)


def test_an_unmigrated_database_is_named_as_such(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'nothing.sqlite3'}")

    with pytest.raises(Conflict, match="migration"):
        create_and_show(engine, progress=False)
    engine.dispose()


def test_the_command_shows_counts_and_logins_once(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rota.database.get_engine", lambda: sqlite_engine)

    result = CliRunner().invoke(cli, ["demo", "--homes", "1", "--months", "1", "--progress"])

    assert result.exit_code == 0, result.output
    assert "Created 1 homes" in result.output
    assert "Operational Manager  100001" in result.output
    assert "Creating the demo" in result.stderr


def test_help_does_not_touch_a_database() -> None:
    result = CliRunner().invoke(cli, ["demo", "--help"])

    assert result.exit_code == 0
    assert "--scale" in result.output


@pytest.mark.slow
def test_the_whole_organisation_has_the_numbers_of_the_specification(
    sqlite_engine: Engine,
) -> None:
    summary = create_demo(sqlite_engine, today=TODAY, progress=False)

    counts = summary.counts
    assert (counts["care_homes"], counts["units"], counts["staff"]) == (5, 42, 821)
    assert 330_000 <= counts["shifts"] <= 390_000
    with sqlite_engine.connect() as connection:
        overlapping = connection.scalar(
            text(
                "SELECT count(*) FROM shifts a JOIN shifts b ON b.user_id = a.user_id "
                "AND b.id > a.id AND b.date BETWEEN date(a.date, '-2 day') AND date(a.date, '+2 day') "
                "AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
            )
        )
    assert overlapping == 0


def test_indexes_and_the_overlap_guard_are_back_afterwards(database: Engine) -> None:
    before = {index["name"] for index in inspect(database).get_indexes("shifts")}

    create_demo(database, **TINY)

    assert {index["name"] for index in inspect(database).get_indexes("shifts")} == before
    with database.connect() as connection:
        row = connection.execute(select(Shift.__table__).where(Shift.user_id.is_not(None))).first()
        assert row is not None
        copy = {**row._mapping, "id": 9_999_999}
        with pytest.raises(IntegrityError, match=OVERLAP_GUARD):
            connection.execute(Shift.__table__.insert(), [copy])


def test_a_rota_with_overlapping_shifts_is_never_written(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # whoever may always work is soon given two shifts at once
    monkeypatch.setattr("rota.demo.desk.Desk.may_work", lambda *_: True)
    monkeypatch.setattr("rota.demo.desk.Desk.is_free", lambda *_: True)

    with pytest.raises(RuleBreach, match="overlapping"):
        create_demo(sqlite_engine, **TINY)
    assert is_empty(sqlite_engine)
