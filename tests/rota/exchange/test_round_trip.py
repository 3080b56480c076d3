"""Out and in again: the same bytes, whatever dialect, whatever was made here."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rota.database import UnitOfWork, make_engine
from rota.errors import InvalidInput
from rota.exchange.dumping import text_of, write_file
from rota.exchange.parsed import Kind
from rota.exchange.writing import ExportRecord
from rota.models import (
    Agency,
    Band,
    Base,
    Budget,
    CareHome,
    Classification,
    Employment,
    LeaveStatus,
    LeaveType,
    Shift,
    ShiftPattern,
    Staff,
    Unit,
    UserRole,
)
from tests import factories as make
from tests.factories import administrator
from tests.rota.exchange import build
from tests.rota.exchange.build import SAMPLE, export, load, organisation, run, shift, user
from tests.rota.exchange.test_dialects import the_plan

SHARED = os.environ.get("SHARED_DATA", "")


def empty_database() -> Engine:
    """A database in memory with every table and none of the triggers."""
    engine = make_engine("sqlite:///:memory:")
    Base.metadata.create_all(engine)
    return engine


def imported_again(content: bytes, folder: Path) -> bytes:
    """What an empty database exports after importing an export."""
    path = folder / "again.json"
    path.write_bytes(content)
    engine = empty_database()
    report = run(engine, path)
    assert build.errors(report) == []
    return export(engine, folder, "third.json")


def test_the_sample_comes_back_byte_for_byte(database: Engine, tmp_path: Path) -> None:
    run(database, SAMPLE)
    assert export(database, tmp_path) == SAMPLE.read_bytes()


@pytest.mark.skipif(not SHARED, reason="SHARED_DATA does not name the folder")
def test_a_whole_export_comes_back_byte_for_byte(database: Engine, tmp_path: Path) -> None:
    source = Path(SHARED) / "django_fixture" / "export.json"
    report = run(database, source)
    assert build.errors(report) == []
    assert export(database, tmp_path) == source.read_bytes()
    assert build.created(run(database, source)) == {}


def test_the_plans_records_come_back_field_by_field(sqlite_engine: Engine, tmp_path: Path) -> None:
    originals = [item for items in the_plan().values() for item in items]
    load(sqlite_engine, tmp_path, originals)
    content = export(sqlite_engine, tmp_path)
    exported = {(r["model"], r["pk"]): r["fields"] for r in json.loads(content)}
    for item in originals:
        fields = dict(item["fields"])
        if "password" in fields:
            fields["password"] = "!"
        assert exported[item["model"], item["pk"]] == fields
        assert list(exported[item["model"], item["pk"]]) == list(fields)
    assert imported_again(content, tmp_path) == content


def test_unknown_fields_and_odd_spellings_survive(sqlite_engine: Engine, tmp_path: Path) -> None:
    odd = user(
        favourite={"colour": ["blue", 1.0, None, True], "nested": {"a": {}}}, is_active="true",
        shifts_per_week_override="3", unit="OG_PEAR", role="sca",
    )  # fmt: skip
    records = [*organisation()[:-1], odd, shift(shift_type="d", unit="og pear", mood="Ärger 😀")]
    load(sqlite_engine, tmp_path, records)
    assert json.loads(export(sqlite_engine, tmp_path)) == records


def test_a_change_here_shows_and_the_rest_stays(sqlite_engine: Engine, tmp_path: Path) -> None:
    records = [*organisation()[:-1], user(unit="OG_PEAR", is_active="true", extra=7)]
    load(sqlite_engine, tmp_path, [*records, build.unit(11, "OG_PLUM")])
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        person = uow.session.scalars(select(Staff)).unique().one()
        plum = uow.session.scalars(select(Unit).filter_by(name="OG Plum")).one()
        person.unit_id, person.contracted_minutes, person.phone = plum.id, 1890, "01632 960001"
        uow.commit()
    content = export(sqlite_engine, tmp_path)
    fields = next(r["fields"] for r in json.loads(content) if r["model"] == "scheduling.user")
    assert fields["unit"] == 11
    assert fields["contract_hours"] == "31.5"
    assert fields["phone_number"] == "01632 960001"
    assert (fields["is_active"], fields["extra"]) == ("true", 7)
    assert imported_again(content, tmp_path) == content


def test_a_changed_shift_shows_its_new_person(sqlite_engine: Engine, tmp_path: Path) -> None:
    records = [*organisation(), user("000002"), shift(user=None, is_vacant=True, x=1)]
    load(sqlite_engine, tmp_path, records)
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        row = uow.session.scalars(select(Shift)).one()
        person = uow.session.scalars(select(Staff).filter_by(sap_number="000002")).unique().one()
        row.user_id, row.is_vacant = person.id, False
        uow.commit()
    content = export(sqlite_engine, tmp_path)
    fields = json.loads(content)[-1]["fields"]
    assert fields["user"] == "000002"
    assert fields["is_vacant"] is False
    assert fields["x"] == 1
    assert imported_again(content, tmp_path) == content


def made_here(session: Session) -> None:
    """An organisation that the old system never knew, with everything it cannot say."""
    home = make.make_home(session, "Glen Lodge", occupancy=38, opened_on=date(1999, 5, 1),
                          latitude=55.9, longitude=-3.2)  # fmt: skip
    session.add(Budget(home_id=home.id, month=date(2026, 6, 1), source="agency", pence=123_45))
    pine = make.make_unit(session, home, "Pine", beds=12)
    office = make.make_unit(session, home, "Managers", is_management=True)
    make.make_requirement(session, pine, Band.DAY, minimum=3, ideal=5)
    make.make_requirement(session, pine, Band.DAY, weekday=5, minimum=2, ideal=5)
    make.make_requirement(session, pine, Band.NIGHT, minimum=1, ideal=1)
    assistant = make.make_role(session, "SCA")
    senior = make.make_role(session, "SSCW", needs_registration=False)
    gardener = make.make_role(session, "Grdn", name="Gardener", counts_to_cover=False)
    day = make.make_shift_type(session, "D", name="Long day", break_is_paid=False)
    night = make.make_shift_type(session, "N")
    early = make.make_shift_type(session, "E", is_sleep_in=True, counts_as_working_time=False)
    day.roles, night.roles = [assistant, senior], [assistant]
    pattern = ShiftPattern(name="Rolling", cycle_days=3, days=["D", "N", ""], legacy={})
    session.add(pattern)
    session.flush()
    ailsa = make.make_staff(session, pine, assistant, sap_number="000017", team="A",
                            pattern_id=pattern.id, pattern_anchor=date(2026, 1, 5),
                            preferred_shift="N", works_other_homes=True)  # fmt: skip
    make.make_staff(session, pine, gardener, sap_number="000018", contracted_minutes=1111,
                    employment=Employment.BANK, left_on=date(2026, 1, 1), is_active=False)  # fmt: skip
    manager = make.make_staff(session, office, make.make_role(session, "OM"), sap_number="77")
    make.make_user(session, UserRole.ANALYST, sap_number="analyst", name="An Alyst",
                   email="a@example.org")  # fmt: skip
    make.make_user(session, UserRole.SENIOR_MANAGER, sap_number="77", staff_id=manager.id)
    make.make_user(session, UserRole.ADMINISTRATOR, sap_number="admin", all_homes=True)
    agency = Agency(name="Care Now", preference=1)
    session.add(agency)
    session.flush()
    make.make_shift(session, pine, ailsa, date(2026, 6, 1), note='says "hello"')
    make.make_shift(session, pine, ailsa, date(2026, 6, 2), "N", paid_minutes=600, is_locked=True,
                    classification=Classification.OVERTIME)  # fmt: skip
    for _ in range(2):
        make.make_shift(session, pine, None, date(2026, 6, 3), role_id=senior.id,
                        vacancy_reason="sickness", is_published=True)  # fmt: skip
    make.make_shift(session, pine, None, date(2026, 6, 3), "E", agency_id=agency.id,
                    agency_worker="J. Doe", classification=Classification.AGENCY)  # fmt: skip
    odd = make.make_shift(session, pine, ailsa, date(2026, 6, 9), is_supernumerary=True)
    odd.starts_at += timedelta(minutes=90)
    odd.ends_at -= timedelta(minutes=15)
    make.make_leave(session, ailsa, date(2026, 7, 1), date(2026, 7, 5), minutes=999,
                    status=LeaveStatus.WITHDRAWN, leave_type=LeaveType.TOIL,
                    decided_at=datetime(2026, 5, 1, 12, 30, 15, 250_000, tzinfo=UTC),
                    decision_reason="fine")  # fmt: skip
    assert early.id


def test_what_was_made_here_goes_out_and_in_again(database: Engine, tmp_path: Path) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        made_here(uow.session)
        uow.commit()
    content = export(database, tmp_path)
    assert export(database, tmp_path, "twice.json") == content
    assert imported_again(content, tmp_path) == content
    again = run(database, tmp_path / "out.json")
    assert build.errors(again) == []
    assert build.created(again) == {}
    assert export(database, tmp_path) == content


def test_an_imported_export_says_what_the_original_said(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        made_here(uow.session)
        uow.commit()
    export(sqlite_engine, tmp_path)
    other = empty_database()
    run(other, tmp_path / "out.json")
    names = ("date", "starts_at", "ends_at", "paid_minutes", "break_minutes", "is_vacant",
             "classification", "note", "is_locked", "is_supernumerary", "is_published",
             "agency_worker", "vacancy_reason")  # fmt: skip
    assert _values(sqlite_engine, Shift, names) == _values(other, Shift, names)
    names = ("sap_number", "contracted_minutes", "employment", "team", "preferred_shift",
             "works_other_homes", "left_on", "is_active", "registration_expires",
             "pattern_anchor")  # fmt: skip
    assert _values(sqlite_engine, Staff, names) == _values(other, Staff, names)
    names = ("name", "beds", "occupancy", "latitude", "longitude", "opened_on")
    assert _values(sqlite_engine, CareHome, names) == _values(other, CareHome, names)


def _values(engine: Engine, model: type[Any], names: tuple[str, ...]) -> list[Any]:
    columns = [getattr(model, name) for name in names]
    with Session(engine) as session:
        return sorted(map(str, session.execute(select(*columns))))


def test_an_empty_database_is_an_empty_list(sqlite_engine: Engine, tmp_path: Path) -> None:
    assert export(sqlite_engine, tmp_path) == b"[]"


def test_one_model_alone(sqlite_engine: Engine, tmp_path: Path) -> None:
    run(sqlite_engine, SAMPLE)
    units = json.loads(export(sqlite_engine, tmp_path, kinds=(Kind.UNIT,)))
    assert {r["model"] for r in units} == {"scheduling.unit"}
    assert len(units) == 6


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")

    def pieces() -> Any:
        yield "new"
        raise RuntimeError("pulled the plug")

    with pytest.raises(RuntimeError):
        write_file(path, pieces())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is a directory"):
        write_file(tmp_path, ["x"])
    with pytest.raises(InvalidInput, match="cannot be written: No such file"):
        write_file(tmp_path / "no" / "where.json", ["x"])


def test_an_export_is_for_its_owner_only(sqlite_engine: Engine, tmp_path: Path) -> None:
    export(sqlite_engine, tmp_path)
    assert (tmp_path / "out.json").stat().st_mode & 0o077 == 0


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(st.dictionaries(st.text(), JSON_VALUES, max_size=4), max_size=4))
def test_the_layout_is_the_one_of_json_dumps(fields: list[dict[str, Any]]) -> None:
    records = [ExportRecord("a.b", number, item) for number, item in enumerate(fields)]
    plain = [{"model": r.model, "pk": r.pk, "fields": r.fields} for r in records]
    assert "".join(text_of(records)) == json.dumps(plain, indent=1, ensure_ascii=False)


WORDS = st.text("abcdefghijklmnopqrstuvwxyzàéœß' -0123456789", min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and any(c.isalpha() for c in text)
)


@st.composite
def organisations(draw: st.DrawFn) -> dict[str, Any]:
    """What :func:`_build` makes an organisation from."""
    day = st.dates(date(2026, 3, 20), date(2026, 4, 5)) | st.dates(
        date(2026, 10, 18), date(2026, 11, 1)
    )
    clock = st.times(time(0), time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0))
    key = lambda text: build_key(text)  # noqa: E731
    return {
        "homes": draw(st.lists(WORDS, min_size=1, max_size=3, unique_by=key)),
        "units": draw(st.lists(WORDS, min_size=1, max_size=3, unique_by=key)),
        "roles": draw(st.lists(WORDS, min_size=1, max_size=3, unique_by=key)),
        "types": draw(
            st.lists(
                st.tuples(WORDS, clock, clock, st.integers(0, 60), st.booleans()).filter(
                    lambda item: item[1] != item[2]
                ),
                min_size=1, max_size=3, unique_by=lambda item: key(item[0]),
            )
        ),
        "people": draw(
            st.lists(
                st.tuples(WORDS, WORDS, st.integers(0, 10_080), st.booleans(), st.integers(0, 8)),
                min_size=1, max_size=4,
            )
        ),
        "shifts": draw(
            st.lists(
                st.tuples(day, st.integers(0, 8), st.integers(0, 8), st.integers(0, 8),
                          st.text(max_size=5).filter(lambda t: t == t.strip() and "\x00" not in t)),
                max_size=8,
            )
        ),
        "requirements": draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3)),
    }  # fmt: skip


def build_key(text: str) -> str:
    from rota.exchange.names import name_key

    return name_key(text)


def _build(session: Session, plan: dict[str, Any]) -> None:
    homes = [make.make_home(session, name) for name in plan["homes"]]
    units = [make.make_unit(session, home, name) for home in homes for name in plan["units"]]
    for number, (minimum, more) in enumerate(plan["requirements"]):
        make.make_requirement(
            session, units[number % len(units)], minimum=minimum, ideal=minimum + more
        )
    roles = [make.make_role(session, name) for name in plan["roles"]]
    types = [
        make.make_shift_type(session, f"{n}{name}"[:6].strip(), name=name, start_time=start,
                             end_time=end, break_minutes=pause, break_is_paid=paid)
        for n, (name, start, end, pause, paid) in enumerate(plan["types"])
    ]  # fmt: skip
    people = []
    for number, (first, last, minutes, active, place) in enumerate(plan["people"]):
        people.append(
            make.make_staff(
                session, units[place % len(units)], roles[place % len(roles)],
                sap_number=f"{number:05d}", first_name=first, last_name=last,
                contracted_minutes=minutes, is_active=active,
            )
        )  # fmt: skip
    busy: set[tuple[int, date]] = set()
    for day, place, who, what, note in plan["shifts"]:
        person = people[who] if who < len(people) else None
        nearby = {(who, day + timedelta(days=offset)) for offset in (-1, 0, 1)}
        if person is not None and nearby & busy:
            continue
        busy.add((who, day))
        kind = types[what % len(types)]
        make.make_shift(session, units[place % len(units)], person, day, kind.code, note=note)


@settings(max_examples=30, deadline=None,
          phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(plan=organisations())
def test_any_organisation_goes_out_and_in_and_out_the_same(
    plan: dict[str, Any], tmp_path: Path
) -> None:
    engine = empty_database()
    with UnitOfWork(administrator(), engine=engine) as uow:
        _build(uow.session, plan)
        uow.commit()
    content = export(engine, tmp_path)
    assert imported_again(content, tmp_path) == content
    engine.dispose()
