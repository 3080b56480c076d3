"""Every rule by which records are judged, one test each: what it finds, where, how grave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from rota.errors import InvalidInput
from rota.exchange.findings import TITLES, Code, Level
from rota.models import CareHome, Shift, Staff
from tests.rota.exchange import build
from tests.rota.exchange.build import (
    Record,
    errors,
    found,
    home,
    leave,
    load,
    organisation,
    record,
    role,
    shift,
    shift_type,
    staff,
    unit,
    user,
)


def without(item: Record, field: str) -> Record:
    """The record with one field left out."""
    return {**item, "fields": {k: v for k, v in item["fields"].items() if k != field}}


ROLE, HOME, UNIT, TYPE, USER = organisation()

#: code of the finding, the records, the key and field it points at
CASES: list[tuple[Code, list[Record], str, str]] = [
    (Code.REQUIRED_MISSING, [home(2, "")], "2", "name"),
    (Code.REQUIRED_MISSING, [without(role(2), "name")], "2", "name"),
    (Code.REQUIRED_MISSING, [without(unit(11), "name")], "11", "name"),
    (Code.REQUIRED_MISSING, [without(shift_type(41, "X"), "start_time")], "41", "start_time"),
    (Code.REQUIRED_MISSING, [user("000002", first_name="", last_name=None)], "000002", "last_name"),
    (Code.REQUIRED_MISSING, [record("staff", 5, first_name="A", role="SCA")], "5", "sap_number"),
    (Code.REQUIRED_MISSING, [without(shift(), "date")], "900", "date"),
    (Code.REQUIRED_MISSING, [without(shift(), "shift_type")], "900", "shift_type"),
    (Code.REQUIRED_MISSING, [without(leave(), "start_date")], "70", "start_date"),
    (Code.REQUIRED_MISSING, [without(leave(), "user")], "70", "user"),
    (Code.WRONG_TYPE, [home(2, "B", bed_capacity="many")], "2", "bed_capacity"),
    (Code.WRONG_TYPE, [home(2, "B", is_active="perhaps")], "2", "is_active"),
    (Code.WRONG_TYPE, [home(2, ["B"])], "2", "name"),  # type: ignore[arg-type]
    (Code.WRONG_TYPE, [home(2, "B", bed_capacity=1.5)], "2", "bed_capacity"),
    (Code.WRONG_TYPE, [home(2, "B", budget_agency_monthly="9.999")], "2", "budget_agency_monthly"),
    (Code.WRONG_TYPE, [home(2, "B", bed_capacity=True)], "2", "bed_capacity"),
    (Code.BAD_DATE, [home(2, "B", opened_date="31/12/2020")], "2", "opened_date"),
    (Code.BAD_DATE, [shift(date="2026-02-30")], "900", "date"),
    (Code.BAD_DATE, [shift(date=20260601)], "900", "date"),
    (Code.BAD_TIME, [shift_type(41, "X", start_time="8 am")], "41", "start_time"),
    (Code.BAD_TIME, [shift_type(41, "X", end_time="25:00")], "41", "end_time"),
    (Code.OUT_OF_RANGE, [shift_type(41, "X", end_time="08:00:00")], "41", "end_time"),
    (Code.OUT_OF_RANGE, [home(2, "B", bed_capacity=-1)], "2", "bed_capacity"),
    (Code.OUT_OF_RANGE, [unit(11, "B", min_day_staff=10**30)], "11", "min_day_staff"),
    (Code.OUT_OF_RANGE, [user("000002", shifts_per_week_override=9)], "000002", "shifts_per_week_override"),
    (Code.OUT_OF_RANGE, [shift(date="1812-01-01")], "900", "date"),
    (Code.TOO_LONG, [home(2, "B" * 121)], "2", "name"),
    (Code.TOO_LONG, [user("000002", last_name="x" * 201)], "000002", "last_name"),
    (Code.TOO_LONG, [user("0" * 33)], "0" * 33, "sap_number"),
    (Code.TEXT_CUT, [leave(reason="x" * 501)], "70", "reason"),
    (Code.UNKNOWN_VALUE, [shift(classification="GIFT")], "900", "classification"),
    (Code.UNKNOWN_VALUE, [leave(status="MAYBE")], "70", "status"),
    (Code.DUPLICATE_SAP, [user("000001", last_name="Other")], "000001", "last_name"),
    (Code.DUPLICATE_SAP, [staff(1, "9"), staff(2, "9", first_name="Una")], "2", "first_name"),
    (Code.CONTRADICTION, [home(2, "Orchard Grove", bed_capacity=12)], "2", "bed_capacity"),
    (Code.CONTRADICTION, [unit(11, "og pear", min_day_staff=9)], "11", "min_day_staff"),
    (Code.KEY_TWICE, [home(1, "Another")], "1", "pk"),
    (Code.KEY_TWICE, [unit(10, "OG_PLUM")], "10", "pk"),
    (Code.KEY_TWICE, [shift(), shift(user=None, is_vacant=True)], "900", "pk"),
    (Code.UNIT_WITHOUT_HOME, [unit(11, "B", None)], "11", "care_home"),
    (Code.UNKNOWN_HOME, [unit(11, "B", 99)], "11", "care_home"),
    (Code.UNKNOWN_HOME, [unit(11, "B", "Nowhere House")], "11", "care_home"),
    (Code.UNKNOWN_UNIT, [user("000002", unit=99)], "000002", "unit"),
    (Code.UNKNOWN_UNIT, [shift(unit="Nowhere")], "900", "unit"),
    (Code.UNKNOWN_ROLE, [user("000002", role=99)], "000002", "role"),
    (Code.UNKNOWN_ROLE, [staff(1, "9", role="Wizard")], "1", "role"),
    (Code.UNKNOWN_ROLE, [shift_type(41, "X", applicable_roles="SCA,WIZARD")], "41", "applicable_roles"),
    (Code.UNKNOWN_SHIFT_TYPE, [shift(shift_type=99)], "900", "shift_type"),
    (Code.UNKNOWN_SHIFT_TYPE, [shift(shift_type="QQ")], "900", "shift_type"),
    (Code.UNKNOWN_PATTERN, [user("000002", shift_pattern=5)], "000002", "shift_pattern"),
    (Code.AMBIGUOUS_NAME, [home(2, "B"), unit(11, "OG_PEAR", 2), user("000002", unit="OG_PEAR")], "000002", "unit"),
    (Code.PATTERN_LENGTH, [record("shiftpattern", 1, name="A", cycle_length=21, pattern=["D"])], "1", "pattern"),
    (Code.SHIFT_UNKNOWN_PERSON, [shift(user="999999")], "900", "user"),
    (Code.SHIFT_UNKNOWN_PERSON, [shift(user=999999)], "900", "user"),
    (Code.SHIFT_WITHOUT_UNIT, [shift(unit=None, user=None, is_vacant=True)], "900", "unit"),
    (Code.OVERLAPPING_SHIFTS, [shift(), shift(901, start_time="19:00", end_time="23:00")], "901", "date"),
    (Code.OVERLAPPING_SHIFTS, [shift(), shift(901, classification="OVERTIME")], "901", "date"),
    (Code.VACANT_WITH_PERSON, [shift(is_vacant=True)], "900", "is_vacant"),
    (Code.LEAVE_UNKNOWN_PERSON, [leave(user="999999")], "70", "user"),
    (Code.LEAVE_ORDER, [leave(end_date="2026-07-01")], "70", "end_date"),
    (Code.PERSON_WITHOUT_UNIT, [user("000002", unit=None)], "000002", "unit"),
    (Code.PERSON_WITHOUT_ROLE, [user("000002", role=None)], "000002", "role"),
    (Code.PERSON_WITHOUT_ROLE, [without(user("000002"), "role")], "000002", "role"),
    (Code.NAME_PART, [user("000002", first_name="")], "000002", "first_name"),
    (Code.BAD_EMAIL, [user("000002", email="nobody at home")], "000002", "email"),
    (Code.SHARED_EMAIL, [user("000002", email="SAP000001@example.org")], "000002", "email"),
    (Code.SAP_NOT_TEXT, [staff(1, 77)], "1", "sap_number"),
    (Code.SAP_LOOK_ALIKE, [user("1")], "1", "sap_number"),
    (Code.REPEATED_RECORD, [user()], "000001", ""),
    (Code.REPEATED_RECORD, [shift(), shift()], "900", ""),
    (Code.REPEATED_RECORD, [shift(), shift(901)], "901", ""),
    (Code.REPEATED_RECORD, [leave(), leave(71)], "71", ""),
    (Code.MANAGEMENT_UNITS, [unit(11, "OG_MGMT"), unit(12, "ORCHARD_MGMT")], "12", "name"),
    (Code.MANAGEMENT_MINIMUM, [unit(11, "OG_MGMT", min_day_staff=0, min_weekend_staff=3)], "11", "min_weekend_staff"),
    (Code.IDEAL_BELOW_MINIMUM, [unit(11, "B", ideal_day_staff=1)], "11", "ideal_day_staff"),
    (Code.OCCUPANCY, [home(2, "B", current_occupancy=61)], "2", "current_occupancy"),
    (Code.HOURS_FROM_LEAVE, [user("000002", shifts_per_week_override=None, annual_leave_allowance=24)], "000002", "annual_leave_allowance"),
    (Code.HOURS_ASSUMED, [user("000002", shifts_per_week_override=None)], "000002", "shifts_per_week_override"),
    (Code.ROLE_ASSUMED, [staff(1, "9", role="Activity Coordinator")], "1", "role"),
    (Code.SHIFT_TYPE_ASSUMED, [shift(shift_type="N")], "900", "shift_type"),
    (Code.ROLES_ADDED, [role(2, "SCAN"), shift_type(41, "NIGHT", start_time="20:00", end_time="08:00", applicable_roles="SCA")], "41", "applicable_roles"),
    (Code.DURATION, [shift_type(41, "X", duration_hours="13.00")], "41", "duration_hours"),
    (Code.UNKNOWN_PREFERENCE, [user("000002", shift_preference="SOMETIMES")], "000002", "shift_preference"),
    (Code.UNSUITABLE_PREFERENCE, [role(2, "OM"), shift_type(41, "LATE", applicable_roles="SCA"), user("000002", role=2, shift_preference="LATE")], "000002", "shift_preference"),
    (Code.OPT_OUT_UNDATED, [staff(1, "9", working_time_opt_out=True)], "1", "working_time_opt_out"),
    (Code.EMPTY_NOT_VACANT, [shift(user=None)], "900", "is_vacant"),
    (Code.CANCELLED_SHIFT, [shift(status="CANCELLED")], "900", "status"),
    (Code.SHIFT_ON_LEAVE, [shift(date="2026-07-08"), leave(status="APPROVED")], "900", "date"),
    (Code.SHIFT_OF_LEAVER, [user("000002", is_active=False), shift(user="000002")], "900", "user"),
    (Code.SHIFT_UNIT_ASSUMED, [shift(unit=None)], "900", "unit"),
    (Code.LEAVE_OVERLAP, [leave(), leave(71, start_date="2026-07-12", end_date="2026-07-14")], "71", "start_date"),
    (Code.LEAVE_TYPE_OTHER, [leave(leave_type="MOON_LANDING")], "70", "leave_type"),
    (Code.ACCOUNT_ALONE, [record("auth.user", 1, username="999999")], "1", "username"),
    (Code.PASSWORD, [record("auth.user", 1, username="000001", password="pbkdf2_sha256$1$x$y")], "1", "password"),
    (Code.FRAMEWORK_RECORD, [record("contenttypes.contenttype", 1, app_label="x")], "1", "model"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "records", "pk", "field"), CASES, ids=[f"{c[0].value}-{c[3]}" for c in CASES]
)
def test_a_finding_names_record_and_field_and_an_error_stops(
    sqlite_engine: Engine, tmp_path: Path, code: Code, records: list[Record], pk: str, field: str
) -> None:
    report = load(sqlite_engine, tmp_path, [*organisation(), *records])
    assert (pk, field) in found(report, code)
    if TITLES[code][0] is Level.ERROR:
        assert not report.is_written
        with Session(sqlite_engine) as session:
            assert session.scalar(select(func.count()).select_from(CareHome)) == 0
    else:
        assert errors(report) == []
        assert report.is_written


def test_every_kind_of_finding_has_a_test() -> None:
    elsewhere = {Code.RECORD_SHAPE, Code.CHANGED_HERE}
    assert {case[0] for case in CASES} | elsewhere == set(Code) == set(TITLES)


def test_the_manual_lists_every_finding_with_its_level() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
    for code, (level, title) in TITLES.items():
        assert f"| `{code.value}` | {level.value.lower()} | {title} |" in manual


def test_a_clean_file_has_no_findings(sqlite_engine: Engine, tmp_path: Path) -> None:
    report = load(sqlite_engine, tmp_path, [*organisation(), shift(), leave()])
    assert report.findings.items == []
    assert report.is_written


def test_malformed_records_stop_the_import(sqlite_engine: Engine, tmp_path: Path) -> None:
    report = load(sqlite_engine, tmp_path, [*organisation(), {"model": "scheduling.unit"}])
    assert found(report, Code.RECORD_SHAPE) == [("none", "")]
    assert not report.is_written


def test_unknown_models_are_one_line_for_all_files(sqlite_engine: Engine, tmp_path: Path) -> None:
    one = build.write(tmp_path, [record("wizard", 1), record("wizard", 2)], "one.json")
    two = build.write(tmp_path, [record("other.thing", 1)], "two.json")
    with pytest.raises(InvalidInput) as caught:
        build.run(sqlite_engine, one, two)
    line = str(caught.value)
    assert '"scheduling.wizard" (2 in one.json)' in line
    assert '"other.thing" (1 in two.json)' in line
    assert "\n" not in line


def test_nights_that_touch_do_not_overlap(sqlite_engine: Engine, tmp_path: Path) -> None:
    night = shift_type(41, "NIGHT", start_time="20:00", end_time="08:00")
    records = [shift(), shift(901, shift_type=41), shift(902, date="2026-06-16")]
    report = load(sqlite_engine, tmp_path, [*organisation(), night, *records])
    assert errors(report) == []


def test_a_long_shift_overlaps_more_than_its_neighbour(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    records = [
        shift(900, start_time="06:00", end_time="23:00"),
        shift(901, start_time="07:00", end_time="08:00", unit=10, shift_type="E"),
        shift(902, start_time="20:00", end_time="22:00", shift_type="L"),
    ]
    report = load(sqlite_engine, tmp_path, [*organisation(), *records])
    assert found(report, Code.OVERLAPPING_SHIFTS) == [("901", "date"), ("902", "date")]


def test_a_shift_that_overlaps_a_stored_one_is_an_error(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, [*organisation(), shift()])
    late = shift(901, shift_type="L")
    report = load(sqlite_engine, tmp_path, [late])
    assert found(report, Code.OVERLAPPING_SHIFTS) == [("901", "date")]
    assert not report.is_written


def test_an_unusable_address_is_kept_for_the_export_and_not_used(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, [*organisation(), user("000002", email="nobody at home")])
    with Session(sqlite_engine) as session:
        assert session.scalars(select(Staff.email).filter_by(sap_number="000002")).one() == ""
    assert b'"email": "nobody at home"' in build.export(sqlite_engine, tmp_path)


def test_a_cancelled_shift_is_not_loaded(sqlite_engine: Engine, tmp_path: Path) -> None:
    load(sqlite_engine, tmp_path, [*organisation(), shift(status="CANCELLED"), shift(901)])
    with Session(sqlite_engine) as session:
        assert session.scalars(select(Shift.legacy_pk)).all() == ["901"]


@pytest.mark.parametrize(
    "address",
    ["a@b", "a b@example.org", "a@example..org", ".a@example.org", "a.@example.org", "a@-b.org",
     "@example.org", "a@example.org, b@example.org", "a@exa mple.org", "Ailsa <a@example.org>"],
)  # fmt: skip
def test_what_is_no_address(sqlite_engine: Engine, tmp_path: Path, address: str) -> None:
    report = load(sqlite_engine, tmp_path, [*organisation()[:-1], user(email=address)])
    assert found(report, Code.BAD_EMAIL) == [("000001", "email")]


@pytest.mark.parametrize(
    "values",
    [{"is_active": "true", "shifts_per_week_override": "3"}, {"is_active": 1},
     {"is_active": "True", "shifts_per_week_override": 3.0}],
)  # fmt: skip
def test_numbers_and_flags_may_be_written_as_text(
    sqlite_engine: Engine, tmp_path: Path, values: dict[str, Any]
) -> None:
    report = load(sqlite_engine, tmp_path, [*organisation()[:-1], user(**values)])
    assert errors(report) == []
    with Session(sqlite_engine) as session:
        person = session.scalars(select(Staff)).one()
        assert (person.is_active, person.contracted_minutes) == (True, 2100)
