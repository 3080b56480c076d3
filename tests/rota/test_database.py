"""The unit of work, versions and the database's own guards, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from rota.database import UnitOfWork, make_engine, unhurried
from rota.errors import Conflict, RuleBreach
from rota.models import AuditEvent, CareHome, Shift
from tests import factories as make
from tests.factories import MONDAY, administrator

PLANNED_INDEXES = {
    "idx_shift_date", "idx_shift_user", "idx_shift_unit_date", "idx_shift_vacant",
    "idx_leave_status", "idx_user_sap", "idx_prophet_date", "idx_forecast_unit_date",
    "idx_shift_user_date", "idx_staff_unit",
}  # fmt: skip


def test_leaving_without_commit_rolls_back(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        make.make_home(uow.session, "Never")
    with UnitOfWork(administrator(), engine=database) as uow:
        assert uow.session.scalars(select(CareHome)).all() == []


def test_a_commit_bumps_the_version_of_touched_homes_and_writes_the_audit(
    database: Engine,
) -> None:
    with UnitOfWork(administrator(), engine=database, source="test") as uow:
        home = make.make_home(uow.session)
        other = make.make_home(uow.session)
        uow.commit()
        uow.touch(home.id)
        uow.audit("change", "home", home.id, home_id=home.id, after={"beds": 3})
        uow.commit()
    with UnitOfWork(administrator(), engine=database) as uow:
        versions = dict(uow.session.execute(select(CareHome.id, CareHome.data_version)).all())
        assert versions == {home.id: 2, other.id: 1}
        line = uow.session.scalars(select(AuditEvent)).one()
        assert (line.action, line.source, line.after) == ("change", "test", {"beds": 3})


def test_what_belongs_to_no_home_bumps_the_version_of_every_home(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        homes = [make.make_home(uow.session) for _ in range(2)]
        uow.commit()
        uow.touch(None)
        uow.commit()
        uow.audit("change", "home", homes[0].id)
        uow.commit()
    with UnitOfWork(administrator(), engine=database) as uow:
        versions = dict(uow.session.execute(select(CareHome.id, CareHome.data_version)).all())
        assert versions == {home.id: 2 for home in homes}


def test_a_stale_version_is_a_conflict(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as setup:
        unit = make.make_unit(setup.session, make.make_home(setup.session))
        shift = make.make_shift(setup.session, unit)
        setup.commit()
    with UnitOfWork(administrator(), engine=database) as slow:
        stale = slow.session.get_one(Shift, shift.id)
        slow.session.commit()
        with UnitOfWork(administrator(), engine=database) as quick:
            quick.session.get_one(Shift, shift.id).note = "first"
            quick.commit()
        stale.note = "second"
        with pytest.raises(Conflict):
            slow.commit()
    with UnitOfWork(administrator(), engine=database) as after:
        assert after.session.get_one(Shift, shift.id).note == "first"


def test_the_database_refuses_overlapping_shifts_of_one_person(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        unit = make.make_unit(uow.session, make.make_home(uow.session))
        person = make.make_staff(uow.session, unit)
        make.make_shift(uow.session, unit, person, MONDAY, "D")
        make.make_shift(uow.session, unit, person, MONDAY, "N")  # starts as the day ends: lawful
        uow.commit()
        uow.session.add(
            Shift(
                home_id=unit.home_id, unit_id=unit.id, user_id=person.id, date=MONDAY, legacy={},
                shift_type_id=make.make_shift_type(uow.session, "L").id, paid_minutes=480,
                starts_at=make.instants(MONDAY, make.time(14), make.time(22))[0],
                ends_at=make.instants(MONDAY, make.time(14), make.time(22))[1],
            )
        )  # fmt: skip
        with pytest.raises(RuleBreach, match="Double booking"):
            uow.commit()


def test_moving_a_shift_onto_another_is_refused_too(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        unit = make.make_unit(uow.session, make.make_home(uow.session))
        first, second = (make.make_staff(uow.session, unit) for _ in range(2))
        make.make_shift(uow.session, unit, first, MONDAY, "D")
        moved = make.make_shift(uow.session, unit, second, MONDAY, "D")
        uow.commit()
        moved.user_id = first.id
        with pytest.raises(RuleBreach):
            uow.commit()


def test_a_vacancy_is_a_shift_with_nobody_on_it(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        unit = make.make_unit(uow.session, make.make_home(uow.session))
        person = make.make_staff(uow.session, unit)
        with pytest.raises(IntegrityError):
            make.make_shift(uow.session, unit, person, is_vacant=True)
        uow.session.rollback()


def test_the_planned_indexes_exist_under_their_names(database: Engine) -> None:
    inspector = inspect(database)
    names = {i["name"] for t in inspector.get_table_names() for i in inspector.get_indexes(t)}
    assert names >= PLANNED_INDEXES
    vacant = next(i for i in inspector.get_indexes("shifts") if i["name"] == "idx_shift_vacant")
    assert vacant["column_names"] == ["date", "unit_id"]


@pytest.mark.postgres
def test_a_bulk_load_takes_its_time_and_the_next_page_does_not(postgres_engine: Engine) -> None:
    hurried = make_engine(
        postgres_engine.url.render_as_string(hide_password=False), statement_timeout_ms=200
    )
    slow = text("SELECT pg_sleep(1.4)")  # beyond the server's limit and the connection's patience
    with hurried.begin() as connection:
        unhurried(connection)
        connection.execute(slow)
    with pytest.raises(OperationalError), hurried.begin() as connection:
        connection.execute(slow)
    hurried.dispose()


def test_sqlite_has_no_hurry(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        unhurried(connection)
        assert connection.scalar(text("SELECT 1")) == 1
