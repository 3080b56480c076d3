"""Several descriptions of the same things: dialects beside each other and after each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rota.exchange.catalogue import known_role
from rota.exchange.findings import Code
from rota.exchange.parsed import Kind
from rota.models import CareHome, CoverRequirement, Shift, Staff, Unit, User
from tests.rota.exchange import build
from tests.rota.exchange.build import (
    SAMPLE,
    created,
    errors,
    found,
    home,
    leave,
    load,
    organisation,
    record,
    run,
    shift,
    staff,
    unit,
    user,
)


def one(engine: Engine, model: type[Any], **values: Any) -> Any:
    with Session(engine) as session:
        return session.scalars(select(model).filter_by(**values)).unique().one()


def test_what_a_later_file_leaves_out_stays(sqlite_engine: Engine, tmp_path: Path) -> None:
    load(
        sqlite_engine,
        tmp_path,
        [
            *organisation()[:-1],
            user(phone_number="01632 960001", team="B", shifts_per_week_override=2),
        ],
    )
    plan = [
        record("carehome", 1, name="Orchard Grove", beds=70, occupancy=50),
        record("staff", 800, sap_number="000001", first_name="Ailsa", last_name="Yuill",
               role="Social Care Assistant", unit=10, is_active=True),
    ]  # fmt: skip
    report = load(sqlite_engine, tmp_path, plan)
    assert errors(report) == []
    assert report.tallies[Kind.PERSON].updated == 1
    person = one(sqlite_engine, Staff)
    assert (person.last_name, person.phone, person.team) == ("Yuill", "01632 960001", "B")
    assert person.contracted_minutes == 1440
    assert one(sqlite_engine, CareHome).beds == 70


def test_both_keys_of_a_person_may_be_used_by_later_files(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, organisation())
    load(sqlite_engine, tmp_path, [staff(800, unit=10)])
    report = load(sqlite_engine, tmp_path, [shift(user=800), shift(901, user="000001",
                                                                  date="2026-06-17")])  # fmt: skip
    assert errors(report) == []
    assert created(report) == {Kind.SHIFT: 2}


def test_two_dialects_of_one_home_complete_each_other(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    full = home(opened_date="1999-05-01")
    plan = record("carehome", 1, name="Orchard Grove", beds=60, agency_budget="9000.00")
    report = load(sqlite_engine, tmp_path, [plan, full])
    assert found(report, Code.REPEATED_RECORD) == [("1", "")]
    row = one(sqlite_engine, CareHome)
    assert (row.beds, row.occupancy, str(row.opened_on)) == (60, 50, "1999-05-01")
    assert report.after["budgets"] == 12


def test_a_staff_record_is_completed_by_the_persons_user_record(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    plain = record("staff", 800, sap_number="000001", first_name="Ailsa", last_name="Innes",
                   role="SCA", unit=10)  # fmt: skip
    report = load(
        sqlite_engine, tmp_path, [*organisation()[:-1], plain, user(team="C", phone_number="1")]
    )
    assert errors(report) == []
    person = one(sqlite_engine, Staff)
    assert (person.team, person.phone, person.contracted_minutes) == ("C", "1", 2100)
    assert one(sqlite_engine, User).sap_number == "000001"
    content = build.export(sqlite_engine, tmp_path)
    assert created(run(sqlite_engine, tmp_path / "out.json")) == {}
    assert build.export(sqlite_engine, tmp_path) == content


def test_the_export_and_the_plans_files_load_together(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    extra = [
        record("shiftpattern", 1, name="Team A", cycle_length=3, pattern=["D", "D", "OFF"]),
        shift(1, user="000004", unit="GL Pine", shift_type="D", date="2026-06-01"),
        shift(2, user=None, unit="GL_FERN_SRD", shift_type="NIGHT_ASSISTANT", date="2026-06-01",
              is_vacant=True),
        leave(1, user="000004", start_date="2026-07-01", end_date="2026-07-02"),
    ]  # fmt: skip
    report = run(sqlite_engine, build.write(tmp_path, extra, "extra.json"), SAMPLE)
    assert errors(report) == []
    assert created(report)[Kind.SHIFT] == 2
    assert found(report, Code.SHIFT_TYPE_ASSUMED) == []


def test_what_refers_to_a_broken_record_is_not_reported_again(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    records = [*organisation(), unit(11, "OG_PLUM", None), user("000002", unit=11),
               shift(user="000002", unit=11), shift(901, unit="OG_PLUM", date="2026-06-20")]  # fmt: skip
    report = load(sqlite_engine, tmp_path, records)
    assert errors(report) == [Code.UNIT_WITHOUT_HOME]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("minimum_staff_day", "day"), ("min_staff_day", "day"), ("required_day_staff", "day"),
        ("night_staff_minimum", "night"), ("weekend_staff_min", "weekend"),
    ],
)  # fmt: skip
def test_similar_field_names_are_understood(
    sqlite_engine: Engine, tmp_path: Path, name: str, value: str
) -> None:
    plain = record("unit", 10, name="OG_PEAR", care_home=1, **{name: 7})
    load(sqlite_engine, tmp_path, [home(), plain])
    with Session(sqlite_engine) as session:
        needs = {
            "weekend" if row.weekday is not None else row.band.value: row.minimum
            for row in session.scalars(select(CoverRequirement))
        }
    assert needs[value] == 7
    content = build.export(sqlite_engine, tmp_path)
    assert f'"{name}": 7'.encode() in content
    assert b"min_day_staff" not in content


@pytest.mark.parametrize(
    ("fields", "attribute", "expected"),
    [
        ({"hours_contracted_weekly": "24"}, "contracted_minutes", 1440),
        ({"employment_date": "2020-01-06"}, "started_on", "2020-01-06"),
        ({"birth_day": "1990-02-03"}, "date_of_birth", "1990-02-03"),
        ({"team": "Team B"}, "team", "B"),
    ],
)
def test_similar_names_of_a_persons_fields(
    sqlite_engine: Engine, tmp_path: Path, fields: dict[str, Any], attribute: str, expected: Any
) -> None:
    plain = record("staff", 1, sap_number="000001", first_name="A", last_name="B", role=1, unit=10)
    plain["fields"].update(fields)
    load(sqlite_engine, tmp_path, [*organisation()[:-1], plain])
    value = getattr(one(sqlite_engine, Staff), attribute)
    assert (str(value) if isinstance(expected, str) else value) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Night SCA", "SCAN"), ("SCW (Nights)", "SCWN"), ("SSCW - Night", "SSCWN"),
        ("Social Care Assistant - Nights", "SCAN"), ("SCAN", "SCAN"), ("Day SCW", "SCW"),
        ("Senior Carer (Night)", "SSCWN"), ("Bank Care Assistant", "SCA"),
        ("operational_manager", "OM"), ("Night Manager", "NIGHT_MANAGER"), ("Wizard", None),
    ],
)  # fmt: skip
def test_titles_of_roles(text: str, code: str | None) -> None:
    found_role = known_role(text)
    assert (found_role.code if found_role else None) == code


def test_days_of_a_pattern_may_be_numbered_fields(sqlite_engine: Engine, tmp_path: Path) -> None:
    from rota.models import ShiftPattern

    numbered = record("shiftpattern", 1, name="A", cycle_length=3, day_1="D", day_3=None, day_2="N")
    assert errors(load(sqlite_engine, tmp_path, [numbered])) == []
    assert one(sqlite_engine, ShiftPattern).days == ["D", "N", ""]


def test_units_and_shifts_are_not_doubled_by_a_second_export(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, [*organisation(), shift()])
    renumbered = [home(7), unit(70, care_home=7), shift(unit=70)]
    report = load(sqlite_engine, tmp_path, renumbered)
    assert created(report) == {}
    assert one(sqlite_engine, Unit).legacy_pk == "10"
    assert one(sqlite_engine, Shift).legacy_pk == "900"
