"""What records mean, in both dialects, in any order, from several files."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rota.exchange.names import display_name, initials, name_key
from rota.models import (
    Agency,
    Band,
    Budget,
    CareHome,
    Classification,
    CoverRequirement,
    Grade,
    LeaveRequest,
    LeaveStatus,
    LeaveType,
    Role,
    Shift,
    ShiftPattern,
    ShiftType,
    Staff,
    Unit,
    User,
    UserRole,
    WorkingTimeOptOut,
)
from tests.rota.exchange import build
from tests.rota.exchange.build import (
    Record,
    errors,
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


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("ORCHARD_GROVE", "Orchard Grove"),
        ("BRAESIDE", "Braeside"),
        ("OG_PEAR", "OG Pear"),
        ("OG_MGMT", "OG Management"),
        ("VICTORIA_MGMT", "Victoria Management"),
        ("BS_POPPY_SRD", "BS Poppy SRD"),
        ("ST_BRIDES", "St Brides"),
        ("HOUSE_OF_THE_PINES", "House of the Pines"),
        ("Orchard Grove", "Orchard Grove"),
        ("  Glen   Lodge ", "Glen Lodge"),
        ("WING_2", "Wing 2"),
        ("E", "E"),
        ("Àird", "Àird"),
    ],
)
def test_codes_are_shown_as_names(code: str, shown: str) -> None:
    assert display_name(code) == shown


def test_spellings_of_one_name_have_one_key() -> None:
    assert name_key("ORCHARD_GROVE") == name_key("Orchard grove") == name_key("orchard-grove ")
    assert name_key("***") == "***"
    assert initials("DAY_SENIOR") == "DS"


def the_plan() -> dict[str, list[Record]]:
    """The plan's files, by name."""
    return {
        "carehomes.json": [
            record("carehome", 1, name="Orchard Grove", beds=60, occupancy=50,
                   monthly_agency_budget=9000, monthly_overtime_budget="5000.50"),
        ],
        "units.json": [
            record("unit", 10, name="OG Pear", care_home="Orchard Grove", day_minimum=2,
                   night_minimum=1, weekend_minimum=3, ideal_day=3, ideal_night=2),
        ],
        "staff.json": [
            staff(500, "000001", role="Operational Manager", unit="OG Pear", contract_hours="35"),
            staff(501, "000002", role="Social Care Assistant", unit=10, contract_hours=24.5,
                  start_date="2020-01-06", date_of_birth="1990-02-03",
                  working_time_opt_out=True, opt_out_date="2021-05-01", last_name="Yuill"),
        ],
        "shift_patterns.json": [
            record("shiftpattern", 1, name="Team A", cycle_length=7, pattern="D,D,D,,,,"),
            record("shiftpattern", 2, name="Team B", cycle_days=4,
                   days=["N", "OFF", {"shift": "D"}, None]),
            record("shiftpattern", 3, name="Team C", days={"1": "D", "10": "N", "2": ""}),
        ],
        "historical_shifts.json": [
            shift(900, user=501, unit="OG Pear", shift_type="D", date="2026-05-04"),
            shift(901, user="000002", shift_type="N", date="2026-05-06",
                  classification="OVERTIME", status="DRAFT"),
            shift(902, user=None, shift_type="D", date="2026-05-07", is_vacant=True),
            shift(903, user=None, shift_type="D", date="2026-05-07", is_vacant=False,
                  classification="AGENCY"),
        ],
        "leave.json": [leave(70, user=501, status="DENIED"), leave(71, user="000001", hours=35)],
        "users.json": [
            record("auth.user", 1, username="000001", email="a@example.org", is_active=True,
                   is_superuser=False, password="pbkdf2_sha256$600000$abc$def"),
            record("user", 2, username="000002", email="b@example.org", is_active=False,
                   is_superuser=False, password="pbkdf2_sha256$600000$abc$def"),
        ],
    }  # fmt: skip


@pytest.fixture
def plan_loaded(sqlite_engine: Engine, tmp_path: Path) -> Engine:
    """A database with the plan's files loaded, last file first."""
    paths = [build.write(tmp_path, records, name) for name, records in the_plan().items()]
    report = build.run(sqlite_engine, *reversed(paths))
    assert errors(report) == []
    return sqlite_engine


def one(engine: Engine, model: type[Any], **values: Any) -> Any:
    with Session(engine) as session:
        return session.scalars(select(model).filter_by(**values)).unique().one()


def test_the_plans_homes_and_units(plan_loaded: Engine) -> None:
    home_row = one(plan_loaded, CareHome)
    assert (home_row.name, home_row.beds, home_row.occupancy) == ("Orchard Grove", 60, 50)
    with Session(plan_loaded) as session:
        needs = {
            (row.band, row.weekday): (row.minimum, row.ideal)
            for row in session.scalars(select(CoverRequirement))
        }
        budgets = session.execute(select(Budget.month, Budget.source, Budget.pence)).all()
    assert needs == {
        (Band.DAY, None): (2, 3),
        (Band.NIGHT, None): (1, 2),
        (Band.DAY, 5): (3, 3),
        (Band.DAY, 6): (3, 3),
    }
    assert len(budgets) == 24
    assert (date(2026, 6, 1), "agency", 900_000) in budgets
    assert (date(2027, 5, 1), "overtime", 500_050) in budgets


def test_the_plans_people(plan_loaded: Engine) -> None:
    person = one(plan_loaded, Staff, sap_number="000002")
    assert person.role.code == "SCA"
    assert person.role.grade is Grade.ASSISTANT
    assert person.contracted_minutes == 24.5 * 60
    assert (person.started_on, person.date_of_birth) == (date(2020, 1, 6), date(1990, 2, 3))
    assert person.legacy_pk == "501"
    assert one(plan_loaded, WorkingTimeOptOut).signed_on == date(2021, 5, 1)
    manager = one(plan_loaded, Staff, sap_number="000001")
    assert (manager.role.code, manager.role.name) == ("OM", "Operational Manager")


def test_the_plans_accounts_have_no_password(plan_loaded: Engine) -> None:
    manager = one(plan_loaded, User, sap_number="000001")
    assert (manager.role, manager.password_hash) == (UserRole.OPERATIONAL_MANAGER, "")
    assert manager.must_change_password
    with Session(plan_loaded) as session:
        assert [g.home_id for g in session.get_one(User, manager.id).grants] == [1]
    carer = one(plan_loaded, User, sap_number="000002")
    assert (carer.role, carer.is_active) == (UserRole.CARE_STAFF, False)


def test_no_password_hash_is_kept_anywhere(plan_loaded: Engine, tmp_path: Path) -> None:
    assert b"pbkdf2" not in build.export(plan_loaded, tmp_path)
    database = Path(str(plan_loaded.url.database))
    for file in database.parent.glob(database.name + "*"):
        assert b"pbkdf2" not in file.read_bytes()


def test_the_plans_patterns(plan_loaded: Engine) -> None:
    assert one(plan_loaded, ShiftPattern, name="Team A").days == ["D", "D", "D", "", "", "", ""]
    assert one(plan_loaded, ShiftPattern, name="Team B").days == ["N", "", "D", ""]
    assert one(plan_loaded, ShiftPattern, name="Team C").days == ["D", "", "N"]


def test_the_plans_shifts(plan_loaded: Engine) -> None:
    worked = one(plan_loaded, Shift, legacy_pk="900")
    assert worked.starts_at == datetime(2026, 5, 4, 7, tzinfo=UTC)
    assert worked.ends_at == datetime(2026, 5, 4, 19, tzinfo=UTC)
    assert (worked.paid_minutes, worked.is_published, worked.is_vacant) == (720, True, False)
    overtime = one(plan_loaded, Shift, legacy_pk="901")
    assert overtime.classification is Classification.OVERTIME
    assert not overtime.is_published
    vacancy = one(plan_loaded, Shift, legacy_pk="902")
    assert vacancy.is_vacant and vacancy.user_id is None and vacancy.cost_pence == 0
    agency = one(plan_loaded, Shift, legacy_pk="903")
    assert not agency.is_vacant
    assert one(plan_loaded, Agency, id=agency.agency_id).name == "Agency (not named)"


def test_the_plans_leave(plan_loaded: Engine) -> None:
    refused = one(plan_loaded, LeaveRequest, legacy_pk="70")
    assert (refused.status, refused.leave_type) == (LeaveStatus.REJECTED, LeaveType.ANNUAL)
    assert refused.minutes == round(24.5 * 60)  # a week of the contract
    assert one(plan_loaded, LeaveRequest, legacy_pk="71").minutes == 35 * 60


def test_the_order_of_records_and_files_does_not_matter(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    records = [item for items in the_plan().values() for item in items]
    random.Random(3).shuffle(records)
    halves = records[: len(records) // 2], records[len(records) // 2 :]
    paths = [build.write(tmp_path, half, f"{n}.json") for n, half in enumerate(halves)]
    report = build.run(sqlite_engine, *paths)
    assert errors(report) == []
    shuffled = build.export(sqlite_engine, tmp_path, "shuffled.json")
    reloaded = [build.write(tmp_path, recs, name) for name, recs in the_plan().items()]
    assert build.run(sqlite_engine, *reloaded).tallies[build.Kind.SHIFT].created == 0
    assert build.export(sqlite_engine, tmp_path, "again.json") == shuffled


@pytest.mark.parametrize(
    "reference", [10, "10", "OG_PEAR", "OG Pear", "og pear", ["OG_PEAR"],
                  ["ORCHARD_GROVE", "OG_PEAR"], ["OG_PEAR", "ORCHARD_GROVE"]],
)  # fmt: skip
def test_a_unit_may_be_named_in_many_ways(
    sqlite_engine: Engine, tmp_path: Path, reference: Any
) -> None:
    report = load(sqlite_engine, tmp_path, [*organisation()[:-1], user(unit=reference)])
    assert errors(report) == []
    assert one(sqlite_engine, Staff).unit_id is not None


@pytest.mark.parametrize(
    "reference",
    [1, "1", "SCA", "sca", ["SCA"], "Social Care Assistant", "social_care_assistant",
     "Care Assistant"],
)  # fmt: skip
def test_a_role_may_be_named_in_many_ways(
    sqlite_engine: Engine, tmp_path: Path, reference: Any
) -> None:
    report = load(sqlite_engine, tmp_path, [*organisation()[:-1], user(role=reference)])
    assert errors(report) == []
    assert one(sqlite_engine, Staff).role.code == "SCA"


@pytest.mark.parametrize("reference", [40, "40", "DAY", "Day", "D", "d", ["DAY"]])
def test_a_shift_type_may_be_named_in_many_ways(
    sqlite_engine: Engine, tmp_path: Path, reference: Any
) -> None:
    report = load(sqlite_engine, tmp_path, [*organisation(), shift(shift_type=reference)])
    assert report.findings.items == []
    assert one(sqlite_engine, ShiftType).code == "D"


@pytest.mark.parametrize("reference", ["000001", ["000001"], 500, "500"])
def test_a_person_may_be_named_in_many_ways(
    sqlite_engine: Engine, tmp_path: Path, reference: Any
) -> None:
    records = [*organisation()[:-1], staff(), shift(user=reference)]
    report = load(sqlite_engine, tmp_path, records)
    assert errors(report) == []
    assert one(sqlite_engine, Shift).user_id == one(sqlite_engine, Staff).id


def test_a_unit_name_of_two_homes_is_settled_by_the_persons_home(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    records = [
        *organisation()[:-1],
        home(2, "B"),
        unit(11, "OG_PEAR", 2),
        user(unit="OG_PEAR", care_home=2),
        shift(unit="OG_PEAR"),
    ]
    assert errors(load(sqlite_engine, tmp_path, records)) == []
    assert one(sqlite_engine, Staff).unit_id == one(sqlite_engine, Unit, legacy_pk="11").id
    assert one(sqlite_engine, Shift).unit_id == one(sqlite_engine, Unit, legacy_pk="11").id


def test_records_without_a_primary_key_refer_by_name(sqlite_engine: Engine, tmp_path: Path) -> None:
    named = [
        {"model": "scheduling.carehome", "fields": {"name": "ORCHARD_GROVE"}},
        {"model": "scheduling.unit", "fields": {"name": "OG_PEAR", "care_home": ["ORCHARD_GROVE"]}},
        staff(None, "000001", unit=["OG_PEAR"]),  # type: ignore[arg-type]
        shift(None, user=["000001"], unit=["OG_PEAR"], shift_type="D"),  # type: ignore[arg-type]
    ]
    assert errors(load(sqlite_engine, tmp_path, named)) == []
    assert one(sqlite_engine, Shift).user_id is not None


def test_a_staff_record_beside_a_user_record_is_one_person_and_an_account(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    records = [
        *organisation()[:-1],
        user(email="login@example.org", is_superuser=True),
        staff(first_name="Una"),
    ]
    assert errors(load(sqlite_engine, tmp_path, records)) == []
    assert one(sqlite_engine, Staff).first_name == "Una"
    account = one(sqlite_engine, User)
    assert (account.email, account.role) == ("login@example.org", UserRole.ADMINISTRATOR)


def test_later_files_may_refer_to_what_was_imported_before(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    load(sqlite_engine, tmp_path, organisation())
    assert errors(load(sqlite_engine, tmp_path, [shift(), shift(901, unit="OG Pear", user=None,
                                                               is_vacant=True)])) == []  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({"shifts_per_week_override": 3}, 2100),
        ({"shifts_per_week_override": 2}, 1440),
        ({"shifts_per_week_override": 5}, 2100),
        ({"shifts_per_week_override": 4}, 2800),
        ({"shifts_per_week_override": 3, "contract_hours": "30.50"}, 1830),
        ({"shifts_per_week_override": None, "annual_leave_allowance": 24}, 1440),
        ({"shifts_per_week_override": None, "employment_type": "BANK"}, 0),
        ({"shifts_per_week_override": None}, 2100),
    ],
)
def test_contracted_minutes(
    sqlite_engine: Engine, tmp_path: Path, fields: dict[str, Any], minutes: int
) -> None:
    load(sqlite_engine, tmp_path, [*organisation()[:-1], user(**fields)])
    assert one(sqlite_engine, Staff).contracted_minutes == minutes


@pytest.mark.parametrize(
    ("name", "grade", "is_night", "counts"),
    [
        ("SSCW", Grade.SENIOR, False, True),
        ("SSCWN", Grade.SENIOR, True, True),
        ("SCW", Grade.WORKER, False, True),
        ("SCAN", Grade.ASSISTANT, True, True),
        ("OM", Grade.MANAGER, False, False),
        ("HOS", Grade.MANAGER, False, False),
        ("ADMIN", Grade.OTHER, False, False),
        ("ACT_COORD", Grade.OTHER, False, False),
        ("Deputy Manager", Grade.MANAGER, False, False),
        ("Senior Night Care Worker", Grade.SENIOR, True, True),
        ("Support Worker Nights", Grade.WORKER, True, True),
        ("Gardener", Grade.OTHER, False, False),
    ],
)
def test_grades_of_roles(
    sqlite_engine: Engine, tmp_path: Path, name: str, grade: Grade, is_night: bool, counts: bool
) -> None:
    assert errors(load(sqlite_engine, tmp_path, [role(1, name)])) == []
    row = one(sqlite_engine, Role)
    assert (row.grade, row.is_night, row.counts_to_cover) == (grade, is_night, counts)


@pytest.mark.parametrize(
    ("fields", "code", "band", "category", "unpaid"),
    [
        ({"name": "DAY_SENIOR", "start_time": "07:45:00", "end_time": "20:15:00",
          "duration_hours": "12.50"}, "DS", Band.DAY, "senior_day", 0),
        ({"name": "NIGHT_ASSISTANT", "start_time": "20:00", "end_time": "08:00"},
         "NA", Band.NIGHT, "night", 0),
        ({"name": "NIGHT_SENIOR", "start_time": "19:45", "end_time": "08:15",
          "duration_hours": 11.5}, "NS", Band.NIGHT, "senior_night", 60),
        ({"name": "ADMIN", "start_time": "09:00", "end_time": "17:00", "duration_hours": 8},
         "ADM", Band.OFFICE, "office", 0),
        ({"name": "Early", "start_time": "07:00", "end_time": "15:00", "duration_hours": "7.5"},
         "E", Band.DAY, "early", 30),
        ({"name": "Late", "start_time": "14:00", "end_time": "22:00", "duration_hours": "8"},
         "L", Band.DAY, "late", 0),
        ({"name": "Sleep in", "start_time": "22:00", "end_time": "07:00", "duration_hours": 9},
         "SI", Band.NIGHT, "sleep_in", 0),
    ],
)  # fmt: skip
def test_shift_types(
    sqlite_engine: Engine, tmp_path: Path, fields: dict[str, Any], code: str, band: Band,
    category: str, unpaid: int,
) -> None:  # fmt: skip
    assert errors(load(sqlite_engine, tmp_path, [shift_type(1, **fields)])) == []
    row = one(sqlite_engine, ShiftType)
    assert (row.code, row.band, row.category) == (code, band, category)
    assert (0 if row.break_is_paid else row.break_minutes) == unpaid


def test_shift_types_get_different_codes(sqlite_engine: Engine, tmp_path: Path) -> None:
    load(sqlite_engine, tmp_path, [shift_type(1, "DAY_SENIOR"), shift_type(2, "DAY_SUPPORT")])
    with Session(sqlite_engine) as session:
        assert sorted(session.scalars(select(ShiftType.code))) == ["DS", "DS2"]


def test_a_preference_without_a_shift_type_of_that_name_finds_the_fitting_one(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    nights = {"start_time": "20:00:00", "end_time": "08:00:00"}
    load(
        sqlite_engine,
        tmp_path,
        [
            role(1, "SCAN"), role(2, "SSCW"), home(), unit(),
            shift_type(1, "NIGHT_SENIOR", applicable_roles="SSCW", **nights),
            shift_type(2, "NIGHT_ASSISTANT", applicable_roles="SCAN", **nights),
            user(shift_preference="NIGHT"),
        ],
    )  # fmt: skip
    assert one(sqlite_engine, Staff).preferred_shift == "NA"


@pytest.mark.parametrize(
    ("day", "start", "end", "paid"),
    [
        ("2026-03-28", "2026-03-28T20:00Z", "2026-03-29T07:00Z", 660),  # clocks go forward
        ("2026-10-24", "2026-10-24T19:00Z", "2026-10-25T08:00Z", 780),  # clocks go back
        ("2026-01-10", "2026-01-10T20:00Z", "2026-01-11T08:00Z", 720),
        ("2026-07-10", "2026-07-10T19:00Z", "2026-07-11T07:00Z", 720),
    ],
)
def test_nights_are_as_long_as_the_clocks_make_them(
    sqlite_engine: Engine, tmp_path: Path, day: str, start: str, end: str, paid: int
) -> None:
    night = shift_type(41, "NIGHT", start_time="20:00:00", end_time="08:00:00")
    load(sqlite_engine, tmp_path, [*organisation(), night, shift(date=day, shift_type=41)])
    row = one(sqlite_engine, Shift)
    assert row.starts_at == datetime.fromisoformat(start)
    assert row.ends_at == datetime.fromisoformat(end)
    assert row.paid_minutes == paid


def test_custom_times_and_a_named_agency(sqlite_engine: Engine, tmp_path: Path) -> None:
    custom = shift(custom_start_time="10:00:00", custom_end_time="16:00:00")
    agency = shift(901, user=None, classification="AGENCY", agency_company="Care Now",
                   agency_staff_name="J. Doe")  # fmt: skip
    assert errors(load(sqlite_engine, tmp_path, [*organisation(), custom, agency])) == []
    row = one(sqlite_engine, Shift, legacy_pk="900")
    assert (row.starts_at.hour, row.paid_minutes) == (9, 360)
    assert one(sqlite_engine, Shift, legacy_pk="901").agency_worker == "J. Doe"
    assert one(sqlite_engine, Agency).name == "Care Now"


def test_a_type_that_is_described_wins_over_the_usual_one(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    own = shift_type(1, "N", start_time="21:00", end_time="07:00", duration_hours=10)
    load(sqlite_engine, tmp_path, [*organisation(), own, shift(shift_type="N")])
    assert one(sqlite_engine, ShiftType, code="N").start_time == time(21)
