"""The audit, the leave ledger and judgements: the database itself refuses to rewrite them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from rota.append_only import APPEND_ONLY, append_only_lifted
from rota.database import UnitOfWork
from rota.models import Band, CoverJudgement, LeaveEntry
from tests import factories as make


@pytest.fixture
def filled(uow: UnitOfWork, database: Engine) -> Engine:
    """One row in each of the tables."""
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    person = make.make_staff(uow.session, unit)
    day = date(2026, 6, 1)
    uow.session.add_all(
        [
            LeaveEntry(staff_id=person.id, leave_year=day, kind="toil", minutes=60, on_date=day),
            CoverJudgement(unit_id=unit.id, date=day, band=Band.DAY, note="Quiet"),
        ]
    )
    uow.audit("try", "test", 1, reason="to see")
    uow.commit()
    return database


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_delete(
    filled: Engine, table: str, statement: str
) -> None:
    with pytest.raises(DBAPIError, match=f"{table}_append_only"), filled.begin() as connection:
        connection.execute(text(statement.format(table)))
    assert rows(filled, table) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_truncating_is_refused_too(postgres_engine: Engine, table: str) -> None:
    with (
        pytest.raises(DBAPIError, match=f"{table}_append_only"),
        postgres_engine.begin() as connection,
    ):
        connection.execute(text(f"TRUNCATE {table}"))


def test_a_whole_installation_may_be_emptied_and_is_guarded_again(filled: Engine) -> None:
    with filled.begin() as connection, append_only_lifted(connection):
        for table in APPEND_ONLY:
            connection.execute(text(f"DELETE FROM {table}"))
    assert [rows(filled, table) for table in APPEND_ONLY] == [0, 0, 0]
    with filled.begin() as connection:
        connection.execute(
            text("INSERT INTO audit_events (at, actor, source, action, entity, entity_id, reason) "
                 "VALUES ('2026-06-01 10:00:00', 'a', '', 'b', 'c', '', '')")
        )  # fmt: skip
    with pytest.raises(DBAPIError), filled.begin() as connection:
        connection.execute(text("DELETE FROM audit_events"))


def rows(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
