"""Loading: all or nothing, once, on both databases; what hangs on the records."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.exchange import service
from rota.exchange.findings import Code
from rota.exchange.parsed import Kind
from rota.models import (
    AuditEvent,
    Base,
    CareHome,
    LeaveEntry,
    LeaveRequest,
    LeaveStatus,
    OnCost,
    PayRate,
    Role,
    Shift,
    ShiftType,
    Staff,
    Unit,
    User,
    UserRole,
)
from tests.factories import administrator
from tests.rota.exchange import build
from tests.rota.exchange.build import (
    SAMPLE,
    created,
    errors,
    found,
    leave,
    load,
    organisation,
    role,
    run,
    shift,
    shift_type,
    unit,
    user,
)


def rows(engine: Engine) -> dict[str, int]:
    """Number of rows of every table."""
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def test_the_sample_loads_and_a_second_run_changes_nothing(database: Engine) -> None:
    first = run(database, SAMPLE)
    assert errors(first) == []
    assert first.before[Kind.PERSON.value] == 0
    assert first.after[Kind.PERSON.value] == 24
    before = rows(database)
    second = run(database, SAMPLE)
    assert created(second) == {}
    assert all(tally.updated == 0 for tally in second.tallies.values())
    assert second.before == second.after == first.after
    after = rows(database)
    assert after == {**before, "audit_events": before["audit_events"] + 1}


def test_shifts_and_leave_are_not_loaded_twice(database: Engine, tmp_path: Path) -> None:
    vacancy = {"user": None, "is_vacant": True}
    records = [*organisation(), shift(), shift(901, **vacancy), shift(902, **vacancy),
               shift(903, user=None, classification="AGENCY"), leave()]  # fmt: skip
    assert created(load(database, tmp_path, records))[Kind.SHIFT] == 4
    assert created(load(database, tmp_path, records)) == {}
    one_more = load(database, tmp_path, [*records, shift(904, **vacancy)])
    assert created(one_more) == {Kind.SHIFT: 1}


def test_a_dry_run_reports_and_writes_nothing(database: Engine, tmp_path: Path) -> None:
    before = rows(database)
    report = load(database, tmp_path, [*organisation(), user("000002", unit=None)], dry_run=True)
    assert found(report, Code.PERSON_WITHOUT_UNIT) == [("000002", "unit")]
    assert not report.is_written
    assert rows(database) == before


@pytest.mark.parametrize("step", ["load_reference", "load_leave", "load_shifts", "_record"])
def test_a_failure_in_the_middle_leaves_nothing(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = rows(database)
    real = getattr(service, step)

    def fail_after(*arguments: Any) -> None:
        real(*arguments)
        raise RuntimeError("pulled the plug")

    monkeypatch.setattr(service, step, fail_after)
    with pytest.raises(RuntimeError):
        load(database, tmp_path, [*organisation(), shift(), leave()])
    assert rows(database) == before
    monkeypatch.undo()
    assert load(database, tmp_path, [*organisation(), shift(), leave()]).is_written


def test_an_import_bumps_homes_and_leaves_one_audit_line(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, organisation())
    load(sqlite_engine, tmp_path, [shift()])
    with Session(sqlite_engine) as session:
        assert session.scalars(select(CareHome.data_version)).one() == 3
        lines = session.scalars(select(AuditEvent).filter_by(action="import")).all()
    assert len(lines) == 2
    assert lines[1].after == {
        "files": ["export.json"],
        "records": 1,
        "done": {"shifts": {"created": 1, "updated": 0}},
    }


def test_a_second_run_touches_no_home(sqlite_engine: Engine) -> None:
    run(sqlite_engine, SAMPLE)
    run(sqlite_engine, SAMPLE)
    with Session(sqlite_engine) as session:
        assert set(session.scalars(select(CareHome.data_version))) == {2}


def test_only_an_administrator_imports(sqlite_engine: Engine) -> None:
    manager = Actor(1, "A manager", UserRole.OPERATIONAL_MANAGER, frozenset({1}))
    with pytest.raises(NotAllowed):
        run(sqlite_engine, SAMPLE, actor=manager)


def test_a_changed_record_updates_and_an_unchanged_one_respects_changes_here(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, organisation())
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        uow.session.execute(update(Staff).values(team="B", last_name="Innes-Yuill"))
        uow.commit()
    load(sqlite_engine, tmp_path, organisation())
    with Session(sqlite_engine) as session:
        assert session.scalars(select(Staff.last_name)).one() == "Innes-Yuill"
    report = load(sqlite_engine, tmp_path, [*organisation()[:-1], user(last_name="Married")])
    assert report.tallies[Kind.PERSON].updated == 1
    with Session(sqlite_engine) as session:
        assert session.scalars(select(Staff.last_name)).one() == "Married"


def test_a_home_renamed_here_is_not_imported_again(sqlite_engine: Engine, tmp_path: Path) -> None:
    load(sqlite_engine, tmp_path, organisation())
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        uow.session.scalars(select(CareHome)).one().name = "New Grove"
        uow.commit()
    report = load(sqlite_engine, tmp_path, organisation())
    assert created(report) == {}
    assert b'"name": "New Grove"' in build.export(sqlite_engine, tmp_path)


def test_a_shift_or_request_changed_here_stays(sqlite_engine: Engine, tmp_path: Path) -> None:
    records = [*organisation(), user("000002"), shift(), leave()]
    load(sqlite_engine, tmp_path, records)
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        other = uow.session.scalars(select(Staff).filter_by(sap_number="000002")).unique().one()
        uow.session.scalars(select(Shift)).one().user_id = other.id
        uow.session.scalars(select(LeaveRequest)).one().status = LeaveStatus.APPROVED
        uow.commit()
    report = load(sqlite_engine, tmp_path, records)
    assert found(report, Code.CHANGED_HERE) == [("900", ""), ("70", "status")]
    assert created(report) == {}
    with Session(sqlite_engine) as session:
        assert session.scalars(select(Shift.user_id)).one() == other.id


def test_the_same_key_of_another_export_is_another_shift(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, [*organisation(), shift()])
    report = load(sqlite_engine, tmp_path, [shift(date="2026-08-01")])
    assert created(report) == {Kind.SHIFT: 1}
    with Session(sqlite_engine) as session:
        assert set(session.scalars(select(Shift.legacy_pk))) == {"900", None}


def test_managers_and_superusers_get_accounts_without_a_password(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    people = [
        user("000002", role="OM"), user("000003", role="SM"), user("000004", role="HOS"),
        user("000005", is_superuser=True), user("000006", role="OM", is_active=False),
    ]  # fmt: skip
    load(sqlite_engine, tmp_path, [*organisation(), *people])
    with Session(sqlite_engine) as session:
        users = session.scalars(select(User).order_by(User.sap_number)).all()
        seen = [(u.sap_number, u.role, u.all_homes, len(u.grants), u.is_active) for u in users]
        assert {u.password_hash for u in users} == {""}
    assert seen == [
        ("000002", UserRole.OPERATIONAL_MANAGER, False, 1, True),
        ("000003", UserRole.SENIOR_MANAGER, False, 1, True),
        ("000004", UserRole.SENIOR_MANAGER, True, 1, True),
        ("000005", UserRole.ADMINISTRATOR, True, 1, True),
        ("000006", UserRole.OPERATIONAL_MANAGER, False, 1, False),
    ]


def test_an_account_that_exists_is_never_changed(sqlite_engine: Engine, tmp_path: Path) -> None:
    load(sqlite_engine, tmp_path, [*organisation(), user("000002", role="OM")])
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        account = uow.session.scalars(select(User)).one()
        account.password_hash, account.role = "argon2", UserRole.ANALYST
        uow.commit()
    again = build.record("auth.user", 9, username="000002", is_superuser=True)
    load(sqlite_engine, tmp_path, [*organisation(), user("000002", role="SM"), again])
    with Session(sqlite_engine) as session:
        account = session.scalars(select(User)).one()
        assert (account.password_hash, account.role) == ("argon2", UserRole.ANALYST)


def test_the_leave_year_is_opened_and_approved_leave_taken_from_it(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, [*organisation(), leave(status="APPROVED")])
    with Session(sqlite_engine) as session:
        lines = session.execute(
            select(LeaveEntry.kind, LeaveEntry.minutes).order_by(LeaveEntry.kind)
        ).all()
    kinds = {line.kind: line.minutes for line in lines}
    assert kinds["entitlement"] > 0
    assert kinds["taken"] < 0


def test_shifts_cost_what_the_rates_of_their_day_say(sqlite_engine: Engine, tmp_path: Path) -> None:
    load(sqlite_engine, tmp_path, [*organisation(), shift()])
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        role_id = uow.session.scalars(select(Role.id)).one()
        uow.session.add(
            PayRate(
                role_id=role_id, effective_from=date(2020, 1, 1), day_pence=1352,
                night_pence=1690, weekend_pence=1352, holiday_pence=2028,
            )
        )  # fmt: skip
        uow.session.add(
            OnCost(
                effective_from=date(2020, 1, 1), national_insurance_percent=0,
                national_insurance_threshold_pence=0, pension_percent=0,
            )
        )  # fmt: skip
        uow.commit()
    load(sqlite_engine, tmp_path, [shift(901, date="2026-06-16")])
    with Session(sqlite_engine) as session:
        costs = dict(session.execute(select(Shift.legacy_pk, Shift.cost_pence)).all())  # type: ignore[arg-type]
    assert costs == {"900": None, "901": 12 * 1352}


def test_night_roles_and_managers_can_work(sqlite_engine: Engine) -> None:
    run(sqlite_engine, SAMPLE)
    with Session(sqlite_engine) as session:
        types = {
            kind.code: {item.code for item in kind.roles}
            for kind in session.scalars(select(ShiftType))
        }
    assert types["NS"] == {"SSCW", "SCW", "SSCWN"}
    assert types["NA"] == {"SCA", "SCAN"}
    assert {"OM", "SM", "HOS"} <= types["ADM"]
    assert types["D"] == {"SSCW", "SCW", "SCA"}


def test_requirements_are_replaced_when_the_file_changes(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, organisation())
    load(sqlite_engine, tmp_path, [role(), build.home(), unit(min_day_staff=4, ideal_day_staff=5)])
    report = load(sqlite_engine, tmp_path, [shift_type(), user()])
    assert report.before["cover requirements"] == 4  # day, night and two weekend days
    with Session(sqlite_engine) as session:
        assert session.scalars(select(Unit.name)).all() == ["OG Pear"]


def test_another_spelling_of_a_name_is_the_same_thing(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, organisation())
    other = [
        build.home(7, "Orchard grove", bed_capacity=80),
        unit(70, "og pear", 7, min_day_staff=3),
        user("000002", unit=70, role="sca"),
    ]
    report = load(sqlite_engine, tmp_path, other)
    assert created(report) == {Kind.PERSON: 1}
    with Session(sqlite_engine) as session:
        assert session.execute(select(CareHome.name, CareHome.beds)).all() == [
            ("Orchard Grove", 80)
        ]
        assert session.scalars(select(Unit.name)).all() == ["OG Pear"]
