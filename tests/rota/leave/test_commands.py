"""``python -m rota leave-year``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from rota.cli import COMMANDS
from rota.database import UnitOfWork, use_engine
from rota.errors import NotFound
from rota.leave.commands import leave_year_command
from rota.leave.ledger import balance
from tests.factories import MONDAY
from tests.rota.leave.conftest import Home


@pytest.fixture
def in_use(database: Engine) -> Iterator[None]:
    """The database of this process."""
    use_engine(database)
    yield
    use_engine(None)


def test_the_year_is_granted_once_and_says_so(in_use: None, uow: UnitOfWork, home: Home) -> None:
    assert "leave-year" in COMMANDS
    name = home.home.name
    uow.session.rollback()
    first = CliRunner().invoke(leave_year_command, ["--on", "2026-06-01"], catch_exceptions=False)
    again = CliRunner().invoke(
        leave_year_command, ["--home", name.upper(), "--on", "2026-06-01", "--carry-over"],
        catch_exceptions=False,
    )  # fmt: skip
    assert f"{name}: 2 people granted 392 h" in first.output
    assert "0 people granted 0 h" in again.output and "carried over" in again.output
    assert balance(uow.session, home.carer, MONDAY).granted == 196 * 60


def test_an_unknown_home_is_an_error(in_use: None, uow: UnitOfWork) -> None:
    with pytest.raises(NotFound, match="no home called"):
        CliRunner().invoke(leave_year_command, ["--home", "Nowhere"], catch_exceptions=False)
