"""``migrate``, ``showmigrations``, ``check-data`` and ``create-superuser``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rota import database as rota_database
from rota.access.passwords import verify_password
from rota.cli import cli
from rota.database import UnitOfWork, make_engine
from rota.errors import InvalidInput, RotaError, Unavailable
from rota.models import User, UserRole
from tests import factories as make
from tests.factories import administrator


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The engine of the command line: a database without tables."""
    engine = make_engine(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    for module in ("rota.operations.commands", "rota.access.commands", "rota.database"):
        monkeypatch.setattr(f"{module}.get_engine", lambda: engine)
    yield engine
    engine.dispose()


@pytest.fixture
def migrated(empty: Engine) -> Engine:
    assert run("migrate").exit_code == 0
    return empty


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(arguments), input=typed)


def test_migrate_moves_to_the_newest_and_says_so(empty: Engine) -> None:
    assert "[ ] 0001" in run("showmigrations").output
    assert run("migrate", "0001").output.startswith("Migrated from an empty database to 0001")
    shown = run("showmigrations").output
    assert "[X] 0001" in shown
    assert "[ ] 0002" in shown
    assert run("migrate").output.startswith("Migrated from 0001 to ")
    assert "[ ]" not in run("showmigrations").output
    assert run("migrate").output.startswith("Nothing to do")


def test_an_unknown_revision_is_bad_input(empty: Engine) -> None:
    assert isinstance(run("migrate", "9999").exception, InvalidInput)


def test_check_data_needs_the_newest_schema(empty: Engine) -> None:
    assert isinstance(run("check-data").exception, Unavailable)


def test_check_data_passes_on_sound_data(migrated: Engine) -> None:
    done = run("check-data")
    assert done.exit_code == 0
    assert "checks found nothing" in done.output


def test_check_data_fails_on_errors_and_names_them(migrated: Engine) -> None:
    with UnitOfWork(administrator(), engine=migrated) as uow:
        home, other = make.make_home(uow.session), make.make_home(uow.session)
        shift = make.make_shift(uow.session, make.make_unit(uow.session, home))
        shift.home_id = other.id
        uow.commit()
    done = run("check-data")
    assert isinstance(done.exception, RotaError)
    assert "ERROR          1  shift-outside-home" in done.output
    found = {item["code"]: item["count"] for item in json.loads(run("check-data", "--json").output)}
    assert found["shift-outside-home"] == 1


def test_a_superuser_gets_a_generated_password_once(migrated: Engine) -> None:
    done = run("create-superuser", "--sap-number", "000001", "--name", "Ailsa Innes",
               "--email", "a@example.org")  # fmt: skip
    assert done.exit_code == 0, done.exception
    password = done.output.strip().rsplit(" ", 1)[-1]
    with Session(migrated) as session:
        user = session.scalars(select(User)).one()
    assert (user.role, user.all_homes) == (UserRole.ADMINISTRATOR, True)
    assert user.must_change_password
    assert verify_password(user.password_hash, password)


def test_a_superuser_may_choose_a_password(migrated: Engine) -> None:
    chosen = "Kelpie-Harbour-71"
    done = run("create-superuser", "--sap-number", "000009", "--name", "A B", "--ask",
               typed=f"{chosen}\n{chosen}\n")  # fmt: skip
    assert done.exit_code == 0, done.exception
    assert chosen not in done.output
    with Session(migrated) as session:
        user = session.scalars(select(User)).one()
    assert verify_password(user.password_hash, chosen)
    assert not user.must_change_password


def test_a_weak_password_a_bad_address_and_a_second_account_are_refused(migrated: Engine) -> None:
    given = ("create-superuser", "--sap-number", "1", "--name", "A B")
    assert isinstance(run(*given, "--ask", typed="password\npassword\n").exception, InvalidInput)
    assert isinstance(run(*given, "--email", "nowhere").exception, InvalidInput)
    assert run(*given).exit_code == 0
    assert isinstance(run(*given).exception, RotaError)
    assert rota_database.get_engine() is migrated
